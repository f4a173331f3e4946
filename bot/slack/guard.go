package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"jwt-check-bot/redact"
)

// ErrWithheld is the error of a call that was not made, because its body held what looks like a
// part of a token.
var ErrWithheld = errors.New("slack: withheld, since it looks as if it held a credential")

// guard is the last door: it scans every body before it leaves. A run of 40 or more base64url
// characters stops the request, however it got there.
type guard struct {
	next   http.RoundTripper
	client *Client
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	held, err := g.withholds(r)
	if err != nil || held {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		if held {
			g.client.withheld(r.Context(), "request")
			return nil, ErrWithheld
		}
		return nil, err
	}
	answer, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &bounded{answer.Body, maxAnswer}
	return answer, nil
}

var errUnreadable = errors.New("slack: a body that cannot be scanned")

func (g *guard) withholds(r *http.Request) (bool, error) {
	passes, _ := r.Context().Value(passKey{}).([]string)
	if q := r.URL.RawQuery; q != "" && leaks([]byte(q), passes) {
		return true, nil
	}
	if r.Body == nil || r.Body == http.NoBody {
		return false, nil
	}
	if r.GetBody == nil {
		return false, errUnreadable
	}
	body, err := r.GetBody()
	if err != nil {
		return false, errUnreadable
	}
	var b bytes.Buffer
	if n := r.ContentLength; n > 0 && n < maxAnswer {
		b.Grow(int(n) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(body); err != nil {
		return false, errUnreadable
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return formLeaks(b.Bytes(), g.client.config.BotToken.Expose()), nil
	}
	return leaks(b.Bytes(), passes), nil
}

// formLeaks scans a form. slack-go puts the bot token into each one, which is let through in its
// own field only. No base64url character is ever escaped in a form, so one that is clean as it
// stands is clean; one that is not is scanned again without its escapes, whose digits lengthen
// the words that follow them.
func formLeaks(b []byte, token string) bool {
	if !leaks(b, []string{"token=" + url.QueryEscape(token)}) {
		return false
	}
	form, err := url.ParseQuery(string(b))
	if err != nil {
		return true
	}
	for name, values := range form {
		for _, v := range values {
			if own := name == "token" && v == token; redact.Leaks(name) || !own && redact.Leaks(v) {
				return true
			}
		}
	}
	return false
}

// leaks scans b. What stands in passes is let through where it is a whole value: what touches it
// on either side must not be able to belong to a token.
func leaks(b []byte, passes []string) bool {
	if !redact.Leaks(b) {
		return false
	}
	for i, pass := range passes {
		if at := bytes.Index(b, []byte(pass)); at >= 0 && pass != "" {
			before, after := b[:at], b[at+len(pass):]
			if endsInRun(before) || startsInRun(after) {
				continue
			}
			return leaks(before, passes[i+1:]) || leaks(after, passes[i:])
		}
	}
	return true
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
		if redact.Leaks(h) && isOpaque(h) {
			quoted, err := json.Marshal(h)
			if err == nil {
				passes = append(passes, string(quoted))
			}
		}
	}
	if passes == nil {
		return ctx
	}
	return context.WithValue(ctx, passKey{}, passes)
}

// withheld counts and says that something was not sent; never what.
func (c *Client) withheld(ctx context.Context, what string) {
	c.stats.withheld.Add(1)
	c.log.ErrorContext(ctx, "not sent: it looked as if it held a credential; this is a fault in the bot", "what", what)
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
