package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/websocket"
)

const openMethod = "apps.connections.open"

const (
	dialTimeout  = 10 * time.Second
	helloTimeout = 10 * time.Second
	maxReceived  = 4 << 20
)

// ungreeted is the error of a connection that ended, or that Slack announced to end, before it said hello: so it
// refuses one too many, and all of them while Socket Mode is off.
type ungreeted struct{ reason string }

func (u *ungreeted) Error() string { return "slack: connected, but not greeted: " + u.reason }

// connect opens a connection and returns it once Slack has said hello.
func (s *session) connect() (*conn, error) {
	c := s.client
	ctx, cancel := context.WithTimeout(s.ctx, callTimeout+dialTimeout+helloTimeout)
	defer cancel()
	address, err := c.address(ctx)
	if err != nil {
		return nil, err
	}
	dialer := websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		HandshakeTimeout: dialTimeout,
		NetDialContext:   dialWiped,
		TLSClientConfig:  trusting(c.config.RootCAs),
		// An acknowledgement must leave in one frame: Slack drops those that are continued.
		WriteBufferSize: 32 << 10,
		// What is larger is read into our own buffer, which is overwritten, and not through gorilla's,
		// which keeps what it read last.
		ReadBufferSize: leastBuffer,
	}
	ws, answer, err := dialer.DialContext(ctx, address, nil)
	if answer != nil && answer.Body != nil {
		_ = answer.Body.Close()
	}
	if errors.Is(err, websocket.ErrBadHandshake) && answer != nil {
		err = statusError(answer)
	}
	if err != nil {
		return nil, c.translate(ctx, "socket", err)
	}
	ws.SetReadLimit(maxReceived)
	n := s.start(ws)
	late := c.clock.after(helloTimeout, func() {
		n.because("no_hello")
		n.stop()
	})
	defer late.Stop()
	select {
	case <-n.hello:
	case <-n.leaving:
	case <-n.done:
	case <-s.ctx.Done():
	}
	select {
	case <-n.hello: // whatever came after it
		return n, nil
	default:
	}
	n.stop()
	return nil, &ungreeted{n.reason()}
}

// address asks Slack for the address of a new connection. It holds a ticket: whoever has it can
// connect as the app.
func (c *Client) address(ctx context.Context) (string, error) {
	c.stats.opens.Add(1)
	address := ""
	err := c.call(ctx, openMethod, never, func(ctx context.Context) error {
		_, u, err := c.api.StartSocketModeContext(ctx)
		address = u
		return err
	})
	if err == nil && !c.mayDial(address) {
		err = &Error{Method: openMethod, Code: CodeBadAnswer}
	}
	return address, err
}

// MayConnect asks Slack for a connection, once, and does not dial it: whether the app token is good.
// Its error is a *Fatal, as Run's would be, where no retry mends it, and else an *Error.
func (c *Client) MayConnect(ctx context.Context) error {
	_, err := c.address(ctx)
	if refused, ok := fatal(err); ok {
		return refused
	}
	return err
}

// mayDial keeps tickets off the open network: only a loopback Slack may be without TLS.
func (c *Client) mayDial(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	return u.Scheme == "wss" || u.Scheme == "ws" && c.apiURL.Scheme == "http" && isLoopback(u.Hostname())
}
