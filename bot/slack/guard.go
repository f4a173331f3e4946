package slack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"jwt-check-bot/redact"
)

// ErrWithheld is the error of a call that was not made, because its body held what looks like a
// part of a token.
var ErrWithheld = errors.New("slack: withheld, since it looks as if it held a credential")

// guard is the last door: it scans every body before it leaves, for whatever looks like a
// credential (redact.Scan) and for the submissions that the call's context is about
// (redact.WithCanary). A hit stops the request, however it got there.
type guard struct {
	next   http.RoundTripper
	client *Client
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	found, err := g.scan(r)
	if err != nil || found != redact.Nothing {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		if err != nil {
			return nil, err
		}
		g.client.withheld(r.Context(), "request", found)
		return nil, ErrWithheld
	}
	sent := g.client.clock.now()
	answer, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	g.client.note(sent, answer.Header)
	answer.Body = &bounded{answer.Body, maxAnswer}
	return answer, nil
}

var errUnreadable = errors.New("slack: a body that cannot be scanned")

func (g *guard) scan(r *http.Request) (redact.Find, error) {
	n := netsOf(r.Context())
	if f := n.form([]byte(r.URL.RawQuery), ""); f != redact.Nothing {
		return f, nil
	}
	if r.Body == nil || r.Body == http.NoBody {
		return redact.Nothing, nil
	}
	body, err := whole(r)
	if err != nil {
		return redact.Nothing, err
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return n.form(bytes.Clone(body), g.client.config.BotToken.Expose()), nil
	}
	return n.scan(body), nil
}

// whole is a request's body, which is not to be changed.
func whole(r *http.Request) ([]byte, error) {
	if r.GetBody == nil {
		return nil, errUnreadable
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, errUnreadable
	}
	if ours, ok := body.(outgoing); ok {
		return ours.whole, nil
	}
	b, err := io.ReadAll(io.LimitReader(body, maxAnswer))
	if err != nil || len(b) == maxAnswer {
		return nil, errUnreadable
	}
	return b, nil
}

// nets are what one call is scanned by.
type nets struct {
	passes   []string
	canaries []redact.Canary
}

func netsOf(ctx context.Context) nets {
	passes, _ := ctx.Value(passKey{}).([]string)
	return nets{passes, redact.Canaries(ctx)}
}

// scan says what is wrong with b.
func (n nets) scan(b []byte) redact.Find {
	for _, c := range n.canaries {
		if f := c.In(b); f != redact.Nothing {
			return f
		}
	}
	return passing(b, n.passes)
}

// form scans a form, name by name and value by value, without its escapes; it decodes b in place.
// slack-go puts the bot token into each form, which is let through in its own field only.
func (n nets) form(b []byte, own string) redact.Find {
	for len(b) > 0 {
		var pair []byte
		pair, b, _ = bytes.Cut(b, []byte("&"))
		name, value, _ := bytes.Cut(pair, []byte("="))
		name, value = unescapeForm(name), unescapeForm(value)
		if own != "" && string(name) == "token" && string(value) == own {
			continue
		}
		for _, part := range [...][]byte{name, value} {
			if f := n.scan(part); f != redact.Nothing {
				return f
			}
		}
	}
	return redact.Nothing
}

// unescapeForm decodes b in place. What is no escape stays as it is.
func unescapeForm(b []byte) []byte {
	to := bytes.IndexAny(b, "%+")
	if to < 0 {
		return b
	}
	for from := to; from < len(b); from++ {
		c := b[from]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && from+2 < len(b):
			if v, err := strconv.ParseUint(string(b[from+1:from+3]), 16, 8); err == nil {
				c = byte(v)
				from += 2
			}
		}
		b[to] = c
		to++
	}
	return b[:to]
}

// passing scans b. What stands in passes is let through where it is a whole value: what touches it
// on either side must not be able to belong to a token.
func passing(b []byte, passes []string) redact.Find {
	found := redact.Scan(b)
	if found == redact.Nothing {
		return found
	}
	for i, pass := range passes {
		if at := bytes.Index(b, []byte(pass)); at >= 0 && pass != "" {
			before, after := b[:at], b[at+len(pass):]
			if endsInRun(before) || startsInRun(after) {
				continue
			}
			if f := passing(before, passes[i+1:]); f != redact.Nothing {
				return f
			}
			return passing(after, passes[i:])
		}
	}
	return found
}

func endsInRun(b []byte) bool   { return len(b) > 0 && isRunByte(b[len(b)-1]) }
func startsInRun(b []byte) bool { return len(b) > 0 && isRunByte(b[0]) }

func isRunByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_'
}

type passKey struct{}

// pass lets handles that Slack gave out go back to it in JSON, however long they are. Only one that
// the scan would stop is exempt, by its exact value.
func pass(ctx context.Context, handles ...string) context.Context {
	var passes []string
	for _, h := range handles {
		if isOpaque(h) && redact.Scan(h) != redact.Nothing {
			passes = append(passes, string(appendString(nil, h)))
		}
	}
	if passes == nil {
		return ctx
	}
	return context.WithValue(ctx, passKey{}, passes)
}

// withheld counts and says that something was not sent, and what kind of thing it seemed to hold;
// never what.
func (c *Client) withheld(ctx context.Context, what string, found redact.Find) {
	c.stats.withheld.Add(1)
	c.log.ErrorContext(ctx, "not sent: it looked as if it held a credential; this is a fault in the bot", "what", what, "found", found.String())
}

// bounded ends an answer after n bytes, whatever the server says.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

var errTooLong = errors.New("slack: an answer of more than 4 MiB")
