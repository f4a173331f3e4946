package slack

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jwt-check-bot/redact"
)

// certificate signs itself, for an address or a name.
func certificate(t *testing.T, host string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true}
	if ip := net.ParseIP(host); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// serveTLS counts the requests that got through.
func serveTLS(t *testing.T, config *tls.Config, h http.HandlerFunc) (host string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		h(w, r)
	}))
	s.TLS, s.Config.ErrorLog = config, log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "https://"), requests
}

// TestTLSIsVerified: neither a ticket nor a bot token goes to a server whose certificate is not good
// for it, nor over a version of TLS that is not.
func TestTLSIsVerified(t *testing.T) {
	soon := time.Now().Add(time.Hour)
	good, other, name, old := certificate(t, "127.0.0.1", soon), certificate(t, "127.0.0.1", soon), certificate(t, "slack.example", soon), certificate(t, "127.0.0.1", time.Now().Add(-time.Hour))
	roots := x509.NewCertPool()
	for _, c := range []tls.Certificate{good, name, old} {
		roots.AddCert(c.Leaf)
	}
	greet := func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","num_connections":1}`))
		_, _, _ = ws.ReadMessage()
	}
	for what, c := range map[string]struct {
		config *tls.Config
		good   bool
	}{
		"good":              {&tls.Config{Certificates: []tls.Certificate{good}}, true},
		"TLS 1.2":           {&tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12}, true},
		"unknown authority": {&tls.Config{Certificates: []tls.Certificate{other}}, false},
		"another's name":    {&tls.Config{Certificates: []tls.Certificate{name}}, false},
		"expired":           {&tls.Config{Certificates: []tls.Certificate{old}}, false},
		"TLS 1.1":           {&tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
	} {
		t.Run(what, func(t *testing.T) {
			socket, dialled := serveTLS(t, c.config, greet)
			open, _ := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{good}}, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `{"ok":true,"url":"wss://%s/link/?ticket=a-secret"}`, socket)
			})
			called, calls := serveTLS(t, c.config, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"ok":true,"user_id":"U1"}`)
			})
			client := func(host string) *Client {
				c, err := New(Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret("xoxb-1"), APIURL: "https://" + host + "/api/", RootCAs: roots})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(c.Close)
				return c
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()

			_, err := client(called).Identify(ctx)
			if (err == nil) != c.good || (calls.Load() > 0) != c.good {
				t.Errorf("the Web API: %v after %d requests", err, calls.Load())
			}
			s := &session{client: client(open), handler: &deaf{}, ctx: ctx, working: ctx}
			n, err := s.connect()
			if (err == nil) != c.good || (dialled.Load() > 0) != c.good {
				t.Errorf("the socket: %v after %d requests", err, dialled.Load())
			}
			if err != nil && strings.Contains(err.Error(), "a-secret") {
				t.Error("the error holds the ticket")
			}
			if n != nil {
				n.stop()
			}
			cancel()
			s.conns.Wait()
		})
	}
}

// spy sees into which memory its reader reads.
type spy struct {
	net.Conn
	secret []byte
	seen   *atomic.Bool
}

func (s spy) Read(p []byte) (int, error) {
	if bytes.Contains(p, s.secret) {
		s.seen.Store(true)
	}
	return s.Conn.Read(p)
}

// TestReadBuffersAreWiped: what TLS decrypted is overwritten as soon as it waits for more.
func TestReadBuffersAreWiped(t *testing.T) {
	server := tls.Config{Certificates: []tls.Certificate{certificate(t, "127.0.0.1", time.Now().Add(time.Hour))}}
	for _, wipe := range []bool{false, true} {
		here, there := net.Pipe()
		s := spy{here, []byte("what was pasted into the dialogue"), new(atomic.Bool)}
		var below net.Conn = s
		if wipe {
			below = wiped{s}
		}
		ours, theirs := tls.Client(below, &tls.Config{InsecureSkipVerify: true}), tls.Server(there, &server)
		go func() {
			_, _ = theirs.Write(append(bytes.Repeat([]byte("x"), 2000), s.secret...))
			_, _ = theirs.Write([]byte("ping"))
			_ = theirs.Close()
		}()
		if _, err := io.ReadAll(ours); err != nil {
			t.Fatal(err)
		}
		_ = ours.Close()
		if s.seen.Load() == wipe {
			t.Errorf("with the buffer wiped: %v; it was seen: %v", wipe, s.seen.Load())
		}
	}
}
