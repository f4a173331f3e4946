package slack

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"jwt-check-bot/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what a test waits for; nothing waits that long unless it fails.
const patience = 10 * time.Second

// fake is Slack: a Web API whose answers a test may set, and sockets that a test speaks through.
type fake struct {
	t       *testing.T
	server  *httptest.Server
	sockets chan *socket

	mu      sync.Mutex
	answers map[string][]answer // by method, one for each call; then {"ok":true}
	calls   []request
}

type answer struct {
	status     int
	retryAfter string
	body       string
}

type request struct {
	method, auth, kind string
	body               []byte
}

func newFake(t *testing.T) *fake {
	f := &fake{t: t, sockets: make(chan *socket, 64), answers: map[string][]answer{}}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func (f *fake) answer(method string, answers ...answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[method] = append(f.answers[method], answers...)
}

func (f *fake) requests(method string) []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []request
	for _, r := range f.calls {
		if r.method == method {
			found = append(found, r)
		}
	}
	return found
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/socket" {
		f.accept(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	if r.Method == http.MethodGet {
		body = []byte(r.URL.RawQuery)
	}
	f.mu.Lock()
	f.calls = append(f.calls, request{method, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), body})
	a := answer{}
	if rest := f.answers[method]; len(rest) > 0 {
		a, f.answers[method] = rest[0], rest[1:]
	}
	f.mu.Unlock()
	if a.body == "" {
		a.body = `{"ok":true}`
		if method == "apps.connections.open" {
			a.body = fmt.Sprintf(`{"ok":true,"url":%q}`, "ws"+strings.TrimPrefix(f.server.URL, "http")+"/socket?ticket=1")
		}
	}
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-OAuth-Scopes", "commands, chat:write")
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_, _ = io.WriteString(w, a.body)
}

// socket is Slack's end of a connection.
type socket struct {
	t      *testing.T
	ws     *websocket.Conn
	frames chan []byte   // what the client sent
	closed chan struct{} // when reading has ended
	code   int           // of the client's close frame
}

func (f *fake) accept(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	s := &socket{t: f.t, ws: ws, frames: make(chan []byte, 4096), closed: make(chan struct{})}
	f.sockets <- s
	defer close(s.closed)
	defer ws.Close()
	for {
		_, b, err := ws.ReadMessage()
		if err != nil {
			if e, ok := err.(*websocket.CloseError); ok {
				s.code = e.Code
			}
			return
		}
		s.frames <- b
	}
}

// next is the next connection, greeted.
func (f *fake) next() *socket {
	f.t.Helper()
	s := f.silent()
	s.send(`{"type":"hello","num_connections":1}`)
	return s
}

// silent is the next connection, not greeted.
func (f *fake) silent() *socket {
	f.t.Helper()
	return await(f.t, f.sockets, "a connection")
}

func (s *socket) send(frame string) {
	s.t.Helper()
	if err := s.ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		s.t.Errorf("sending: %v", err)
	}
}

// ack is the next frame of the client's.
func (s *socket) ack() string {
	s.t.Helper()
	return string(await(s.t, s.frames, "an acknowledgement"))
}

func await[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// timers collects what the client wants to happen later; a test makes it happen.
type timers struct {
	mu   sync.Mutex
	all  []*manual
	more chan struct{}
}

type manual struct {
	d       time.Duration
	f       func()
	mu      sync.Mutex
	stopped bool
	resets  int
}

func newTimers() *timers { return &timers{more: make(chan struct{}, 1024)} }

func (ts *timers) after(d time.Duration, f func()) timer {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	m := &manual{d: d, f: f}
	ts.all = append(ts.all, m)
	ts.more <- struct{}{}
	return m
}

func (m *manual) Reset(time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resets++
	return true
}

func (m *manual) Stop() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
	return true
}

func (m *manual) restarts() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.resets
}

// first is the first timer of that length.
func (ts *timers) first(d time.Duration) *manual {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, m := range ts.all {
		if m.d == d {
			return m
		}
	}
	return &manual{}
}

// fire runs the first timer of that length that still waits, once there is one.
func (ts *timers) fire(t *testing.T, d time.Duration) {
	t.Helper()
	for {
		ts.mu.Lock()
		for i, m := range ts.all {
			if m.d == d {
				ts.all = append(ts.all[:i], ts.all[i+1:]...)
				ts.mu.Unlock()
				m.f()
				return
			}
		}
		ts.mu.Unlock()
		await(t, ts.more, "a timer of "+d.String())
	}
}

// handler answers with what a test gives it, plainly otherwise, and remembers what it got.
type handler struct {
	got        chan any
	respond    func(any) (Ack, Work)
	panics     chan string
	unanswered chan string
}

func newHandler() *handler {
	return &handler{got: make(chan any, 4096), panics: make(chan string, 64), unanswered: make(chan string, 4096)}
}

func (h *handler) any(v any) (Ack, Work) {
	h.got <- v
	if h.respond == nil {
		return Ack{}, nil
	}
	return h.respond(v)
}

func (h *handler) Command(v Command) (Ack, Work)       { return h.any(v) }
func (h *handler) Submission(v Submission) (Ack, Work) { return h.any(v) }
func (h *handler) Shortcut(v Shortcut) (Ack, Work)     { return h.any(v) }
func (h *handler) Action(v Action) (Ack, Work)         { return h.any(v) }
func (h *handler) Event(v Event) (Ack, Work)           { return h.any(v) }
func (h *handler) Panicked(_, place string)            { h.panics <- place }
func (h *handler) Unacknowledged(id string)            { h.unanswered <- id }

// rig is a client connected to a fake, running until the test ends.
type rig struct {
	*fake
	client *Client
	h      *handler
	log    *syncBuffer
	stop   func() error // ends Run and returns what it returned
}

func minted(prefix string) string {
	b := make([]byte, 30)
	_, _ = rand.Read(b)
	return prefix + "-" + base64.RawURLEncoding.EncodeToString(b)
}

func newClient(t *testing.T, f *fake, change func(*Config)) (*Client, *syncBuffer) {
	t.Helper()
	log := &syncBuffer{}
	config := Config{
		AppToken: redact.NewSecret(minted("xapp")), BotToken: redact.NewSecret(minted("xoxb")),
		APIURL: f.server.URL + "/api/", Connections: 1,
		Log:   slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if change != nil {
		change(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, log
}

func run(t *testing.T, f *fake, h *handler, change func(*Config), then func(*Client)) *rig {
	t.Helper()
	c, log := newClient(t, f, change)
	if then != nil {
		then(c)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, h) }()
	var once sync.Once
	var err error
	stop := func() error {
		once.Do(func() {
			cancel()
			err = await(t, ended, "the end of Run")
		})
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return &rig{fake: f, client: c, h: h, log: log, stop: stop}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// quote is s as JSON.
func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// token is a string of a token's shape that is nobody's.
func token() string {
	part := func(n int) string {
		b := make([]byte, n)
		_, _ = rand.Read(b)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"k1"}`))
	return header + "." + part(120) + "." + part(256)
}

func command(id string) string {
	return `{"envelope_id":` + quote(id) + `,"payload":{"command":"/jwt-check","user_id":"U1","channel_id":"C1"},"type":"slash_commands","accepts_response_payload":true}`
}
