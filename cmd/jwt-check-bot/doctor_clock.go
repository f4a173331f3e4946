package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/outbound"
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

// skew is how far this machine's clock is ahead of the server's, and how far off that may be.
func (d *doctor) skew(ctx context.Context, address string) (ahead, bar time.Duration, ok bool) {
	a, _ := outbound.New(d.patience, "jwt-check-bot", d.now).Do(ctx, outbound.Request{URL: address, Limit: 1 << 10, Cut: true})
	if a == nil {
		return 0, 0, false
	}
	c := checks.ReadClock(a.Times())
	return -c.Ahead(), c.Bar(), !c.IsZero()
}
