// Package outbound is the one way out to the addresses that the operator configured, and to those
// that an issuer's metadata names: one HTTP exchange, guarded, bounded in time and size, with
// nothing kept between two of them.
//
// No URL is taken from a token. What went wrong is told in words of our own, never in those of
// net/http.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"jwt-check-bot/redact"
)

// Client does exchanges. It keeps no connection, cookie or credential from one to the next.
type Client struct {
	Timeout   time.Duration // of one whole exchange
	UserAgent string
	Now       func() time.Time
	World     World
}

// World is what lies outside the process, for tests to replace.
type World struct {
	ZoneOf func(netip.Addr) Zone
	Roots  *x509.CertPool // nil: the system's
	Proxy  func(*http.Request) (*url.URL, error)
}

// New returns a client of the real world.
func New(timeout time.Duration, userAgent string, now func() time.Time) *Client {
	return &Client{Timeout: timeout, UserAgent: userAgent, Now: now, World: World{ZoneOf: ZoneOf, Proxy: http.ProxyFromEnvironment}}
}

// Request is one question: a GET, or a POST where it has a form.
type Request struct {
	URL       string
	Accept    string
	Bearer    redact.Secret // the token of an Authorization field (RFC 6750 §2.1); empty: none is sent
	Basic     *Login        // instead of a token
	Form      []Field       // the body of a POST
	Within    *Zone         // the limit for where it may lie; nil for a URL that the operator configured
	Redirects int           // how many are followed; 0: a redirect is an answer like another
	Limit     int           // of the body, in bytes after decompression
	Cut       bool          // a longer body is cut at the limit; otherwise it is a fault
}

// Login is a client's ID and secret.
type Login struct {
	ID     string
	Secret redact.Secret
}

// Field is one field of a form.
type Field struct {
	Name  string
	Value redact.Secret
}

// Answer is what came back.
type Answer struct {
	Status     int
	Header     http.Header
	Body       []byte
	Sent, Came time.Time // the request's last byte, and the answer's first
	Reach      Zone      // how far inside the host lies that answered
}

// Do does one exchange, redirects included. Each has a transport of its own: connections that were
// dialled under one guard are then never used under another, and nothing outlives the exchange.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, *Fault) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	var sent, came atomic.Pointer[time.Time]
	note := func(p *atomic.Pointer[time.Time]) { t := c.Now(); p.Store(&t) }
	req, err := r.build(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest:         func(httptrace.WroteRequestInfo) { note(&sent) },
		GotFirstResponseByte: func() { note(&came) },
	}))
	if err != nil {
		return nil, &Fault{Kind: "url", Says: redact.Msg("its URL cannot be read"), From: TypeOf(err)}
	}
	g := &guard{zoneOf: c.World.ZoneOf, plain: req.URL.Scheme == "http"}
	if r.Within != nil {
		g.limit, g.settled = *r.Within, true
	}
	if f := checkURL(req.URL); f != nil {
		return nil, f
	}
	if f := g.literal(req.URL.Hostname()); f != nil {
		return nil, f
	}
	req.Header.Set("User-Agent", c.UserAgent)
	client := &http.Client{
		Transport: &http.Transport{
			Proxy:                  c.proxyFor(g),
			OnProxyConnectResponse: connected,
			DialContext:            g.dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.World.Roots},
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true,
		},
		CheckRedirect: g.redirects(r.Redirects),
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, Classify(err)
	}
	defer resp.Body.Close()
	a := &Answer{Status: resp.StatusCode, Header: resp.Header, Reach: g.reach()}
	if from, to := sent.Load(), came.Load(); from != nil && to != nil {
		a.Sent, a.Came = *from, *to
	}
	var f *Fault
	if a.Body, f = Read(resp.Body, r.Limit); f != nil && r.Cut && f.Kind == kindTooLarge {
		f = nil
	}
	return a, f
}

// build makes the request of net/http. What is secret in it is exposed here and nowhere else.
func (r Request) build(ctx context.Context) (*http.Request, error) {
	method, body := http.MethodGet, io.Reader(nil)
	if len(r.Form) > 0 {
		var form strings.Builder
		for i, f := range r.Form {
			if i > 0 {
				form.WriteByte('&')
			}
			form.WriteString(url.QueryEscape(f.Name) + "=" + url.QueryEscape(f.Value.Expose()))
		}
		method, body = http.MethodPost, strings.NewReader(form.String())
	}
	req, err := http.NewRequestWithContext(ctx, method, r.URL, body)
	if err != nil {
		return nil, err
	}
	if r.Accept != "" {
		req.Header.Set("Accept", r.Accept)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if r.Bearer.Len() > 0 {
		req.Header.Set("Authorization", "Bearer "+r.Bearer.Expose())
	}
	if r.Basic != nil { // each part is form-encoded first (RFC 6749 §2.3.1)
		req.SetBasicAuth(url.QueryEscape(r.Basic.ID), url.QueryEscape(r.Basic.Secret.Expose()))
	}
	return req, nil
}

const kindTooLarge = "too-large"

// Read reads up to limit bytes, and says so where there is more; a compressed document is counted as
// it comes out.
func Read(r io.Reader, limit int) ([]byte, *Fault) {
	body, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil:
		return nil, Classify(err)
	case len(body) > limit:
		return body[:limit], Refuse(kindTooLarge, redact.Msg("the document is larger than {}", size(limit)))
	}
	return body, nil
}

func size(bytes int) redact.Hole {
	if bytes >= 1<<20 {
		return redact.Part(redact.Msg("{} MiB", redact.Count(bytes>>20)))
	}
	return redact.Part(redact.Msg("{} KiB", redact.Count(bytes>>10)))
}

// proxyFor uses the operator's proxy for https, and tells the guard.
func (c *Client) proxyFor(g *guard) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != "https" {
			return nil, nil
		}
		proxy, err := c.World.Proxy(r)
		g.through(proxy != nil)
		return proxy, err
	}
}

// connected is an http.Transport's OnProxyConnectResponse.
func connected(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return Refuse("proxy", redact.Msg("the proxy answered with status {}", redact.Count(resp.StatusCode)))
	}
	return nil
}

// redirects makes an http.Client's CheckRedirect that follows at most so many.
func (g *guard) redirects(most int) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		switch {
		case most == 0:
			return http.ErrUseLastResponse
		case len(via) > most:
			return Refuse(KindRedirect, redact.Msg("it redirects more than {} times", redact.Count(most)))
		case req.URL.Scheme != via[0].URL.Scheme:
			return Refuse(KindRedirect, redact.Msg("it redirects to another scheme"))
		}
		if f := checkURL(req.URL); f != nil {
			return f
		}
		if f := g.literal(req.URL.Hostname()); f != nil {
			return f
		}
		return nil
	}
}

// checkURL allows https, and http for a host that names itself this machine.
func checkURL(u *url.URL) *Fault {
	switch {
	case u.Host == "" || u.Opaque != "":
		return Refuse("url", redact.Msg("its URL names no host"))
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return Refuse("url", redact.Msg("its URL is plain http, which is for loopback hosts only"))
	}
	return Refuse("url", redact.Msg("its URL is not an https one"))
}

// Address is a configured URL as it may be shown: no user, password or query.
func Address(configured string) redact.Hole {
	u, err := url.Parse(configured)
	switch {
	case err == nil && u.Host != "":
		return redact.Operator((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
	case !strings.ContainsAny(configured, "@?"): // a word, such as kubernetes/serviceaccount
		return redact.Operator(configured)
	}
	return redact.Word("an unreadable URL")
}

// Times are what a clock can be read from: when the request was written and the answer began, by our
// clock, and when that was by the server's. The last is zero where it does not say, or where a cache
// answered, whose Date is of another time (RFC 9111 §5.1).
func (a *Answer) Times() (sent, came, date time.Time) {
	cached := a.Header.Get("Age") != "" || strings.Contains(strings.ToUpper(strings.Join(a.Header.Values("X-Cache"), " ")+a.Header.Get("Cf-Cache-Status")), "HIT")
	if cached || a.Sent.IsZero() {
		return a.Sent, a.Came, time.Time{}
	}
	date, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil {
		date = time.Time{}
	}
	return a.Sent, a.Came, date
}
