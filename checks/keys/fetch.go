package keys

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"jwt-check-bot/redact"
)

const (
	maxDocument  = 1 << 20 // bytes after decompression; sets of 50 KiB and more exist
	maxRedirects = 3
)

// request is one document to get.
type request struct {
	url    string
	accept string
	guard  *guard
}

// answer is a document that came with status 200.
type answer struct {
	body []byte
	keep time.Duration // how long it says that it may be kept; negative where it does not say
}

// get does one exchange, redirects included. Each has a transport of its own: connections that were
// dialled under one guard are then never used under another, and nothing outlives the exchange.
func (s *Source) get(ctx context.Context, r request) (*answer, *fault) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return nil, &fault{kind: "url", says: redact.Msg("its URL cannot be read"), from: typeOf(err)}
	}
	if f := checkURL(req.URL); f != nil {
		return nil, f
	}
	if f := r.guard.literal(req.URL.Hostname()); f != nil {
		return nil, f
	}
	r.guard.plain = req.URL.Scheme == "http"
	req.Header.Set("Accept", r.accept)
	req.Header.Set("User-Agent", s.options.UserAgent)

	transport := &http.Transport{
		Proxy:                  s.proxyFor(r.guard),
		OnProxyConnectResponse: connected,
		DialContext:            r.guard.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.world.roots},
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      true,
	}
	client := &http.Client{Transport: transport, CheckRedirect: r.redirect}
	resp, err := client.Do(req)
	if err != nil {
		return nil, classify(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, refuse(kindStatus, redact.Msg("it answered with status {}", redact.Count(resp.StatusCode)))
	}
	body, f := readAll(resp.Body)
	if f != nil {
		return nil, f
	}
	if isHTML(body) {
		return nil, refuse(kindHTML, redact.Msg("it answered with an HTML page instead of JSON, as a login or error page would be"))
	}
	return &answer{body: body, keep: maxAge(resp.Header)}, nil
}

// readAll reads a document up to the limit; a compressed one is counted as it comes out.
func readAll(r io.Reader) ([]byte, *fault) {
	body, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	switch {
	case err != nil:
		return nil, classify(err)
	case len(body) > maxDocument:
		return nil, refuse("too-large", redact.Msg("the document is larger than 1 MiB"))
	}
	return body, nil
}

// proxyFor uses the operator's proxy for https, and tells the guard.
func (s *Source) proxyFor(g *guard) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != "https" {
			return nil, nil
		}
		proxy, err := s.world.proxy(r)
		g.through(proxy != nil)
		return proxy, err
	}
}

// connected is an http.Transport's OnProxyConnectResponse.
func connected(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return refuse("proxy", redact.Msg("the proxy answered with status {}", redact.Count(resp.StatusCode)))
	}
	return nil
}

// redirect is an http.Client's CheckRedirect.
func (r request) redirect(req *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return refuse(kindRedirect, redact.Msg("it redirects more than {} times", redact.Count(maxRedirects)))
	case req.URL.Scheme != via[0].URL.Scheme:
		return refuse(kindRedirect, redact.Msg("it redirects to another scheme"))
	}
	if f := checkURL(req.URL); f != nil {
		return f
	}
	if f := r.guard.literal(req.URL.Hostname()); f != nil {
		return f
	}
	return nil
}

// checkURL allows https, and http for a host that names itself this machine.
func checkURL(u *url.URL) *fault {
	switch {
	case u.Host == "" || u.Opaque != "":
		return refuse("url", redact.Msg("its URL names no host"))
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return refuse("url", redact.Msg("its URL is plain http, which is for loopback hosts only"))
	}
	return refuse("url", redact.Msg("its URL is not an https one"))
}

// isHTML goes by the content: there are servers that call their JSON text/html.
func isHTML(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return bytes.HasPrefix(body, []byte("<")) && !bytes.HasPrefix(body, []byte("<?xml"))
}

// maxAge reads Cache-Control (RFC 9111 §5.2.2). An answer that is not to be stored has the age 0.
func maxAge(h http.Header) time.Duration {
	keep := time.Duration(-1)
	for directive := range strings.SplitSeq(strings.ToLower(strings.Join(h.Values("Cache-Control"), ",")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache":
			return 0
		case "max-age":
			seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31)
			if err == nil {
				keep = time.Duration(seconds) * time.Second
			}
		}
	}
	return keep
}

// address is a configured URL as it may be shown: no user, password or query.
func address(configured string) redact.Hole {
	u, err := url.Parse(configured)
	switch {
	case err == nil && u.Host != "":
		return redact.Operator((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
	case !strings.ContainsAny(configured, "@?"): // a word, such as kubernetes/serviceaccount
		return redact.Operator(configured)
	}
	return redact.Word("an unreadable URL")
}
