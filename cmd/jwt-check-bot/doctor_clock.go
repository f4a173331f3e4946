package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"jwt-check-bot/checks/keys"
	"jwt-check-bot/redact"
)

// keyURL is the URL that a profile's operator configured, if its keys come over HTTP.
func keyURL(o keys.Origin) string {
	switch {
	case o.JWKSFile != "":
		return ""
	case o.JWKSURL != "":
		return o.JWKSURL
	}
	return o.Issuer
}

func keyHost(o keys.Origin) string {
	u, err := url.Parse(keyURL(o))
	if err != nil {
		return ""
	}
	return u.Host
}

// tolerated is the skew that is not warned about: what a leeway of a minute absorbs with ease.
const tolerated = 5 * time.Second

// clock compares this machine's clock with that of the server at address. It says nothing where the
// answer does not tell: whether the server can be reached is said elsewhere.
func (d *doctor) clock(ctx context.Context, address string) []finding {
	ahead, bar, ok := d.skew(ctx, address)
	if !ok {
		return nil
	}
	u, _ := url.Parse(address)
	return []finding{clockFinding(ahead, bar, redact.Policy{}.Text(redact.Msg("{}", redact.Operator(u.Host))))}
}

func clockFinding(ahead, bar time.Duration, host redact.Text) finding {
	side, size := "ahead of", ahead
	if ahead < 0 {
		side, size = "behind", -ahead
	}
	switch {
	case size > tolerated:
		return warn("clock: this machine's is %s %s that of %s (± %s), so times are judged wrongly. Synchronise this machine's clock (NTP), or tell whoever runs that server", seconds(size), side, host, seconds(bar))
	case size > bar:
		return fine("clock: this machine's is %s %s that of %s (± %s)", seconds(size), side, host, seconds(bar))
	}
	return fine("clock: this machine's agrees with that of %s (± %s)", host, seconds(bar))
}

func seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// skew is how far this machine's clock is ahead of the server's, and how far off that may be. The
// Date of an answer (RFC 9110 §6.6.1) is cut to the second, and was written at some time between
// the request's last byte and the answer's first. Nothing but the request line is sent, no redirect
// is followed and no body read.
func (d *doctor) skew(ctx context.Context, address string) (ahead, bar time.Duration, ok bool) {
	if !secureURL(address) {
		return 0, 0, false
	}
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	var sent, came atomic.Pointer[time.Time]
	note := func(p *atomic.Pointer[time.Time]) { t := d.now(); p.Store(&t) }
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest:         func(httptrace.WroteRequestInfo) { note(&sent) },
		GotFirstResponseByte: func() { note(&came) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return 0, 0, false
	}
	req.Header.Set("User-Agent", "jwt-check-bot")
	req.Header.Set("Cache-Control", "no-cache")
	client := &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, 0, false
	}
	_ = resp.Body.Close()
	from, to := sent.Load(), came.Load()
	said, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || from == nil || to == nil || resp.Header.Get("Age") != "" { // a cache's Date is of another time
		return 0, 0, false
	}
	return between(*from, *to, said)
}

func between(from, to, said time.Time) (ahead, bar time.Duration, ok bool) {
	half := max(0, to.Sub(from)) / 2
	return from.Add(half).Sub(said.Add(time.Second / 2)), half + time.Second/2, true
}
