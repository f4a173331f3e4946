package slack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jwt-check-bot/redact"
)

// line is a network whose connections are pipes, so that a bubble's clock goes on while all wait for it.
type line struct {
	accepted chan net.Conn
	closed   chan struct{}
	dialled  atomic.Int32
	last     *swallower
}

// swallower is a connection that the way between has forgotten: what is written to it arrives nowhere, and nobody says so.
type swallower struct {
	net.Conn
	dead atomic.Bool
}

func (s *swallower) Write(p []byte) (int, error) {
	if s.dead.Load() {
		return len(p), nil
	}
	return s.Conn.Write(p)
}

func (l *line) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	l.dialled.Add(1)
	l.last = &swallower{Conn: here}
	l.accepted <- there
	return l.last, nil
}

func (l *line) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepted:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *line) Close() error   { close(l.closed); return nil }
func (l *line) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

// overLine is a client whose Web API is h, in HTTP/2 over l. Call it in a bubble.
func overLine(t *testing.T, h http.HandlerFunc) (*Client, *line) {
	l := &line{accepted: make(chan net.Conn), closed: make(chan struct{})}
	cert := certificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	server := &http.Server{Handler: h, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.ServeTLS(l, "", "")
	}()
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	c, err := New(Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret("xoxb-1"), APIURL: "https://127.0.0.1/api/", RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport.(*guard).next.(*http.Transport).DialContext = l.dial
	t.Cleanup(func() {
		c.Close()
		_ = server.Close()
		<-served
	})
	return c, l
}

// TestAForgottenConnectionIsGivenUp: a connection on which nothing comes back stops no more than the call that finds out.
func TestAForgottenConnectionIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, l := overLine(t, func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != 2 {
				t.Errorf("spoken in %s", r.Proto)
			}
			_, _ = io.WriteString(w, `{"ok":true,"channel":{"id":"C1"}}`)
		})
		if _, err := c.Channel(t.Context(), "C1"); err != nil {
			t.Fatal(err)
		}
		l.last.dead.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // as the bot's calls have
		defer cancel()
		began := time.Now()
		_, err := c.Channel(ctx, "C1")
		if took := time.Since(began); err != nil || took > 7*time.Second || l.dialled.Load() != 2 {
			t.Errorf("after %v, over %d connections: %v", took, l.dialled.Load(), err)
		}
	})
}

// TestAHungCallIsRepeated: within the time that the bot's calls have, if that harms nothing; a slow answer is waited for.
func TestAHungCallIsRepeated(t *testing.T) {
	look := func(c *Client, ctx context.Context) error { _, err := c.Channel(ctx, "C1"); return err }
	post := func(c *Client, ctx context.Context) error { _, err := c.Post(ctx, "C1", "", summary()); return err }
	const forEver = time.Hour
	for name, c := range map[string]struct {
		call     func(*Client, context.Context) error
		within   time.Duration
		after    []time.Duration // the answers to the requests come
		requests int
		took     time.Duration // at most
		fails    bool
	}{
		"hung once, in 10 s":    {look, 10 * time.Second, []time.Duration{forEver, 0}, 2, 4 * time.Second, false},
		"hung once, in 5 s":     {look, 5 * time.Second, []time.Duration{forEver, 0}, 2, 4 * time.Second, false},
		"slow":                  {look, 10 * time.Second, []time.Duration{5 * time.Second, 5 * time.Second}, 2, 9 * time.Second, false},
		"slow, and time enough": {look, time.Minute, []time.Duration{8 * time.Second, 8 * time.Second, 8 * time.Second}, 3, 20 * time.Second, false},
		"hung for ever":         {look, 10 * time.Second, []time.Duration{forEver, forEver, forEver}, 2, 10 * time.Second, true},
		"no time for another":   {look, 4 * time.Second, []time.Duration{3900 * time.Millisecond}, 1, 4 * time.Second, false},
		"a post":                {post, time.Minute, []time.Duration{forEver, 0}, 1, 11 * time.Second, true},
		"a post that is slow":   {post, time.Minute, []time.Duration{8 * time.Second}, 1, 9 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var requests atomic.Int32
				client, _ := overLine(t, func(w http.ResponseWriter, r *http.Request) {
					n := int(requests.Add(1))
					select {
					case <-time.After(c.after[min(n, len(c.after))-1]):
					case <-r.Context().Done():
						return
					}
					_, _ = io.WriteString(w, `{"ok":true,"channel":{"id":"C1"},"ts":"1.2"}`)
				})
				ctx, cancel := context.WithTimeout(t.Context(), c.within)
				defer cancel()
				began := time.Now()
				err := c.call(client, ctx)
				if took := time.Since(began); (err != nil) != c.fails || took > c.took || int(requests.Load()) != c.requests {
					t.Errorf("%d requests in %v: %v", requests.Load(), took, err)
				}
				if n := client.Stats().Outcomes["timeout"]; c.fails && n != int64(c.requests) || !c.fails && n != int64(c.requests-1) {
					t.Errorf("%d counted as timed out", n)
				}
			})
		})
	}
}
