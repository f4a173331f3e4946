// Package redistest starts a real redis-server for a test, behind a door that the test can shut.
package redistest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a redis-server on a Unix socket, and a TCP address that leads to it. The address stays
// when the server is killed and started again.
type Server struct {
	t      testing.TB
	dir    string
	args   []string
	listen net.Listener
	serve  sync.WaitGroup

	mu    sync.Mutex
	cmd   *exec.Cmd
	hangs bool
	open  map[net.Conn]bool
}

// Start returns a running server with further arguments of redis-server's. Without redis-server the
// test is skipped, unless JWTCHECK_TEST_REQUIRE (a comma separated list) has "redis": where everything
// has to run, nothing is skipped in silence.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		const none = "no redis-server found: install redis-server to test the shared store"
		if slices.Contains(strings.Split(os.Getenv("JWTCHECK_TEST_REQUIRE"), ","), "redis") {
			t.Fatal(none)
		}
		t.Skip(none)
	}
	dir, err := os.MkdirTemp("", "redis") // a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, dir: dir, args: args, open: map[net.Conn]bool{}}
	if s.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.serve.Go(s.accept)
	t.Cleanup(func() {
		_ = s.listen.Close()
		s.Kill()
		s.serve.Wait()
		_ = os.RemoveAll(dir)
	})
	s.Launch()
	return s
}

// Addr is where it is: host and port.
func (s *Server) Addr() string { return s.listen.Addr().String() }

// URL is the address as JWT_CHECK_STORE_URL takes it.
func (s *Server) URL() string { return "redis://" + s.Addr() }

func (s *Server) socket() string { return filepath.Join(s.dir, "s") }

// Client is a stranger's way to the server.
func (s *Server) Client() *redis.Client {
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket(), Protocol: 2, DisableIdentity: true})
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// Launch starts the server, or starts it again with what it had saved: nothing.
func (s *Server) Launch() {
	s.t.Helper()
	cmd := exec.Command("redis-server", append([]string{"--port", "0", "--unixsocket", s.socket(), "--save", "", "--appendonly", "no", "--dir", s.dir}, s.args...)...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal("redis-server: ", err)
	}
	s.mu.Lock()
	s.cmd, s.hangs = cmd, false
	s.mu.Unlock()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("unix", s.socket())
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("redis-server does not listen")
		}
	}
}

// Kill ends the server at once; what it held is lost.
func (s *Server) Kill() {
	s.mu.Lock()
	cmd := s.cmd
	s.cmd = nil
	s.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	_ = os.Remove(s.socket())
	s.hangUp()
}

// Hang lets nothing through any more, in either direction, without closing anything.
func (s *Server) Hang() { s.setHanging(true) }

// Unhang lets everything through again, on new connections.
func (s *Server) Unhang() {
	s.setHanging(false)
	s.hangUp()
}

func (s *Server) setHanging(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangs = yes
}

func (s *Server) hanging() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hangs
}

func (s *Server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		_ = c.Close()
	}
}

func (s *Server) accept() {
	for {
		conn, err := s.listen.Accept()
		if err != nil {
			return
		}
		s.serve.Go(func() { s.lead(conn) })
	}
}

// lead copies between a client and the server until one of them ends.
func (s *Server) lead(client net.Conn) {
	defer s.track(client)()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "unix", s.socket())
	if err != nil {
		return
	}
	defer s.track(server)()
	var both sync.WaitGroup
	pass := func(to, from net.Conn) {
		b := make([]byte, 32<<10)
		for {
			n, err := from.Read(b)
			if n > 0 && !s.hanging() {
				if _, err := to.Write(b[:n]); err != nil {
					break
				}
			}
			if err != nil {
				break
			}
		}
		_, _ = to.Close(), from.Close()
	}
	both.Go(func() { pass(server, client) })
	both.Go(func() { pass(client, server) })
	both.Wait()
}

// track remembers a connection until what it returns is called, which closes it.
func (s *Server) track(conn net.Conn) func() {
	s.mu.Lock()
	s.open[conn] = true
	s.mu.Unlock()
	return func() {
		_ = conn.Close()
		s.mu.Lock()
		delete(s.open, conn)
		s.mu.Unlock()
	}
}
