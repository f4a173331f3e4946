package slack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	slackgo "github.com/slack-go/slack"
)

// What carries blocks is sent from here, as the JSON that it is already: slack-go would encode it
// anew, twice over, and wrap it in a form. What fails becomes slack-go's errors, so that they are the
// same however a method is called.

// answered is what we want to know of the answers to what is sent.
type answered struct {
	ok         bool
	code       string // why not
	needed     string // the scope that is missing
	messages   []string
	ts, thread string // of the message that was posted: its own, and its thread's
	view, hash string
	posted     string // the message's own timestamp, in the message itself
	channel    Channel
}

var errNoAnswer = errors.New("slack: an answer that is not one of the Web API")

// read takes what it wants from an answer, most of which repeats what was sent.
func (a *answered) read(b []byte) error {
	var d decoder
	d.start(b)
	wrong := false
	d.object(func(name []byte) {
		switch string(name) {
		case `"ok"`:
			a.ok = d.boolean()
		case `"error"`:
			a.code = d.id()
		case `"needed"`:
			a.needed = d.id()
		case `"ts"`:
			a.ts = d.id()
		case `"message"`:
			wrong = wrong || d.peek() != jsontext.KindBeginObject
			d.object(func(name []byte) {
				switch string(name) {
				case `"ts"`:
					a.posted = d.id()
				case `"thread_ts"`:
					a.thread = d.id()
				default:
					d.skip()
				}
			})
		case `"view"`:
			wrong = wrong || d.peek() != jsontext.KindBeginObject
			d.object(func(name []byte) {
				switch string(name) {
				case `"id"`:
					a.view = d.id()
				case `"hash"`:
					a.hash = d.id()
				default:
					d.skip()
				}
			})
		case `"channel"`:
			if d.peek() == jsontext.KindString { // of a message
				d.skip()
				return
			}
			wrong = wrong || d.peek() != jsontext.KindBeginObject
			d.channel(&a.channel)
		case `"response_metadata"`:
			d.object(func(name []byte) {
				if string(name) != `"messages"` {
					d.skip()
					return
				}
				d.array(func(int) { a.messages = append(a.messages, d.text(maxChosen)) })
			})
		default:
			d.skip()
		}
	})
	if d.failed || wrong {
		return errNoAnswer
	}
	return nil
}

// channel reads a conversation. What decides who may see what is true or false, or nothing is known.
func (d *decoder) channel(c *Channel) {
	flag := func(to *bool) {
		switch d.peek() {
		case jsontext.KindTrue, jsontext.KindFalse:
			*to = d.boolean()
		default:
			d.failed = true
		}
	}
	d.object(func(name []byte) {
		switch string(name) {
		case `"id"`:
			c.ID = d.id()
		case `"name"`:
			c.Name = d.id()
		case `"is_ext_shared"`:
			flag(&c.ExtShared)
		case `"is_pending_ext_shared"`:
			flag(&c.PendingExtShared)
		case `"is_org_shared"`:
			flag(&c.OrgShared)
		case `"is_private"`:
			flag(&c.Private)
		case `"is_archived"`:
			flag(&c.Archived)
		case `"is_member"`:
			flag(&c.Member)
		case `"is_im"`:
			flag(&c.Direct)
		case `"is_mpim"`:
			flag(&c.GroupDirect)
		case `"is_read_only"`:
			flag(&c.ReadOnly)
		default:
			d.skip()
		}
	})
}

// send calls a method of the Web API with a JSON object.
func (c *Client) send(ctx context.Context, method string, body []byte) (answered, error) {
	return c.ask(ctx, method, "application/json; charset=utf-8", body)
}

// lookUp calls a method that takes a form alone.
func (c *Client) lookUp(ctx context.Context, method string, form url.Values) (answered, error) {
	return c.ask(ctx, method, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

func (c *Client) ask(ctx context.Context, method, kind string, body []byte) (a answered, err error) {
	to := *c.apiURL
	to.Path += method
	answer, err := c.exchange(ctx, &to, "Bearer "+c.config.BotToken.Expose(), kind, body)
	if err == nil {
		err = a.read(answer)
	}
	switch {
	case err != nil:
		return answered{}, err
	case !a.ok:
		return answered{}, a.refusal()
	}
	return a, nil
}

// refusal is the error of an answer that is not ok.
func (a *answered) refusal() error {
	return slackgo.SlackErrorResponse{Err: a.code, Needed: a.needed, ResponseMetadata: slackgo.ResponseMetadata{Messages: a.messages}}
}

// exchange posts a body of a kind and returns what comes back, if it is an answer at all. It goes through the
// transport itself: what net/http's client adds are redirects, which nobody here follows.
func (c *Client) exchange(ctx context.Context, to *url.URL, authorization, kind string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	request := (&http.Request{
		Method: http.MethodPost, URL: to, Host: to.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {kind}},
		Body:   io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), // of a type that net/http sends together with the header
		GetBody: func() (io.ReadCloser, error) { return outgoing{bytes.NewReader(body), body}, nil },
	}).WithContext(ctx)
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := c.http.Transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer bytes.Buffer
	if n := response.ContentLength; n > 0 && n < maxAnswer {
		answer.Grow(int(n) + bytes.MinRead)
	}
	// Also where nothing of it is wanted: only then can the connection be used again.
	if _, err := answer.ReadFrom(response.Body); err != nil && response.StatusCode == http.StatusOK {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return answer.Bytes(), nil
	}
	return nil, statusError(response)
}

// statusError is slack-go's error for an answer that is a refusal by its status.
func statusError(response *http.Response) error {
	if response.StatusCode == http.StatusTooManyRequests {
		seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 31)
		if err == nil {
			return &slackgo.RateLimitedError{RetryAfter: time.Duration(seconds) * time.Second}
		}
	}
	return slackgo.StatusCodeError{Code: response.StatusCode, Status: response.Status}
}

// outgoing is a body that the guard can scan where it lies.
type outgoing struct {
	*bytes.Reader
	whole []byte
}

func (outgoing) Close() error { return nil }
