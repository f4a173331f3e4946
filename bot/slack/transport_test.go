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
