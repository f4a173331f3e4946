package slack

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"
)

const (
	callTimeout = 15 * time.Second        // of one request, its answer included, unless Config says otherwise
	openTimeout = 2500 * time.Millisecond // a trigger lives for 3 s
	maxAnswer   = 4 << 20
)

func newHTTPClient(t http.RoundTripper, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport: t,
		Timeout:   timeout,
		// Slack's API does not redirect; whoever does would be sent what was meant for Slack.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// trusting is TLS as it is spoken to Slack, over sockets as over HTTP.
func trusting(roots *x509.CertPool) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
}

func newTransport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       trusting(roots),
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 10 * time.Second,
		ForceAttemptHTTP2:     true,
		// All calls share one connection. Where a NAT or a load balancer has forgotten it, each would time out on it in turn.
		HTTP2:               &http.HTTP2Config{SendPingTimeout: 3 * time.Second, PingTimeout: 2 * time.Second},
		MaxConnsPerHost:     64, // posting comes in bursts
		MaxIdleConnsPerHost: 64,
		WriteBufferSize:     16 << 10, // a summary and its header in one piece
		IdleConnTimeout:     90 * time.Second,
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
