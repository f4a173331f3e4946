package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// fake plays Slack for one app: as little of it as a measurement needs, so that what is measured is the app.
type fake struct {
	server *http.Server
	url    string // of the Web API

	mu           sync.Mutex
	sockets      []*socket
	hello        chan struct{} // closed and replaced when another connection is greeted
	parted       time.Time     // when the last open connection went
	gaps         []time.Duration
	metadata     map[int]string // of the forms that the app opens, by the number of the thread
	sent         []submission
	acked        int       // the first acknowledgements of submissions
	posted       int       // results
	started      time.Time // the first acknowledgement of anything else
	strays       int       // acknowledgements that came over another connection, twice, or of nothing
	refused      int       // acknowledgements with an error on the form
	calls        int       // of the Web API, without the ones that connect
	busy         bool      // messages are answered with 429
	pings, pongs int
	progress     chan struct{}
}

// submission is an envelope and what became of it. Its place in fake.sent is its number.
type submission struct {
	over          *socket
	born          time.Time // when a person would have sent it
	acked, posted time.Duration
}

// socket is one connection of the app's. Writes are the sender's alone, except pings, for which gorilla allows it.
type socket struct {
	ws      *websocket.Conn
	leaving bool
}

func (s *socket) write(frame []byte) error { return s.ws.WriteMessage(websocket.TextMessage, frame) }

func newFake() (*fake, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &fake{url: "http://" + l.Addr().String() + "/api/", hello: make(chan struct{}), metadata: map[int]string{}, progress: make(chan struct{}, 1)}
	f.server = &http.Server{Handler: f}
	go func() { _ = f.server.Serve(l) }()
	return f, nil
}

func (f *fake) close() { _ = f.server.Close() }

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/socket" {
		f.serve(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	f.mu.Lock()
	busy := f.busy && strings.HasPrefix(method, "chat.")
	f.mu.Unlock()
	if busy {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"ok":false,"error":"ratelimited"}`)
		return
	}
	_, _ = io.WriteString(w, f.answer(method, body))
}

// answer does a method's work, which is little.
func (f *fake) answer(method string, body []byte) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch method {
	case "apps.connections.open":
		return `{"ok":true,"url":"ws` + strings.TrimSuffix(strings.TrimPrefix(f.url, "http"), "api/") + `socket"}`
	case "auth.test":
		return `{"ok":true,"url":"https://acme.slack.com/","team":"Acme","team_id":"T0ACME","user":"bot","user_id":"U0BOT","bot_id":"B0BOT"}`
	}
	f.calls++
	switch method {
	case "conversations.info":
		return `{"ok":true,"channel":{"id":"` + argument(body, "channel") + `","name":"incidents","is_channel":true,"is_member":true,"is_private":false,"is_ext_shared":false,"is_archived":false}}`
	case "users.info":
		return `{"ok":true,"user":{"id":"` + argument(body, "user") + `","team_id":"T0ACME","name":"ana","tz":"Europe/Madrid","is_restricted":false}}`
	case "views.open":
		metadata := formMetadata(body)
		if _, after, found := strings.Cut(metadata, firstTS[:len(firstTS)-6]); found && len(after) >= 6 {
			f.metadata[number(after[:6])] = metadata
		}
		f.moved()
		return `{"ok":true,"view":{"id":"V0FORM","type":"modal"}}`
	case "chat.postMessage", "chat.update":
		thread := argument(body, "thread_ts")
		ts := "18" + strings.TrimPrefix(thread, "17")
		if method == "chat.update" {
			ts = argument(body, "ts")
			thread = "17" + strings.TrimPrefix(ts, "18")
		}
		if bytes.Contains(body, []byte("ccepted")) || bytes.Contains(body, []byte("ndecided")) { // without the issuer's keys
			f.arrived(number(thread))
		}
		return fmt.Sprintf(`{"ok":true,"channel":%q,"ts":%q,"message":{"type":"message","text":"x","ts":%q,"thread_ts":%q}}`, argument(body, "channel"), ts, ts, thread)
	}
	return `{"ok":true}`
}

// formMetadata is what the app keeps in a form that it opens, with JSON or with JSON in a form.
func formMetadata(body []byte) string {
	var call struct{ View json.RawMessage }
	if json.Unmarshal(body, &call) != nil {
		form, _ := url.ParseQuery(string(body))
		call.View = json.RawMessage(form.Get("view"))
	}
	var view struct {
		Metadata string `json:"private_metadata"`
	}
	_ = json.Unmarshal(call.View, &view)
	return view.Metadata
}

// argument finds a value in a form or in JSON, also in JSON within a form, without decoding more than that.
func argument(body []byte, name string) string {
	for _, form := range []struct{ before, after string }{{name + "=", "&"}, {`"` + name + `":"`, `"`}, {"%22" + name + "%22%3A%22", "%22"}} {
		i := 0
		for {
			j := bytes.Index(body[i:], []byte(form.before))
			if j < 0 {
				break
			}
			i += j
			if i > 0 && form.after == "&" && body[i-1] != '&' { // the end of another name
				i++
				continue
			}
			rest := body[i+len(form.before):]
			if end := bytes.Index(rest, []byte(form.after)); end >= 0 {
				rest = rest[:end]
			}
			return string(rest)
		}
	}
	return ""
}

// arrived notes that a submission's result is posted. The lock is held.
func (f *fake) arrived(n int) {
	if n >= 0 && n < len(f.sent) && f.sent[n].posted == 0 {
		f.sent[n].posted = time.Since(f.sent[n].born)
		f.posted++
		f.moved()
	}
}

// moved wakes the sender. The lock is held.
func (f *fake) moved() {
	select {
	case f.progress <- struct{}{}:
	default:
	}
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // slack-go names Slack's own

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	s := &socket{ws: ws}
	if ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","num_connections":1,"connection_info":{"app_id":"A0APP"},"debug_info":{"approximate_connection_time":18060}}`)) != nil {
		return
	}
	f.mu.Lock()
	if len(f.sockets) == 0 && !f.parted.IsZero() {
		f.gaps = append(f.gaps, time.Since(f.parted))
	}
	f.sockets = append(f.sockets, s)
	close(f.hello)
	f.hello = make(chan struct{})
	f.moved()
	f.mu.Unlock()
	ws.SetPongHandler(func(string) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.pongs++
		f.moved()
		return nil
	})
	stop := make(chan struct{})
	go f.ping(ws, stop)
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			break
		}
		f.acknowledged(s, frame)
	}
	close(stop)
	_ = ws.Close()
	f.mu.Lock()
	f.sockets = slices.DeleteFunc(f.sockets, func(x *socket) bool { return x == s })
	if len(f.sockets) == 0 {
		f.parted = time.Now()
	}
	f.mu.Unlock()
}

// ping asks twice a second whether the app is there.
func (f *fake) ping(ws *websocket.Conn, stop <-chan struct{}) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			f.mu.Lock()
			f.pings++
			f.mu.Unlock()
			_ = ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		case <-stop:
			return
		}
	}
}

func (f *fake) acknowledged(s *socket, frame []byte) {
	n := number(argument(frame, "envelope_id"))
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case n < 0 || n >= len(f.sent):
		if f.started.IsZero() {
			f.started = time.Now()
			f.moved()
		}
	case f.sent[n].over != s || f.sent[n].acked != 0:
		f.strays++
	default:
		f.sent[n].acked = time.Since(f.sent[n].born)
		f.acked++
		if bytes.Contains(frame, []byte(`"response_action":"errors"`)) {
			f.refused++
		}
		f.moved()
	}
}

// next is a connection to send over, in turn; one that is to go only if there is no other. The lock is held.
func (f *fake) next() *socket {
	for range f.sockets {
		s := f.sockets[0]
		f.sockets = append(f.sockets[1:], s)
		if !s.leaving {
			return s
		}
	}
	if len(f.sockets) == 0 {
		return nil
	}
	return f.sockets[0]
}

// disconnect renews every connection: it is announced, and the old one closed a second later.
func (f *fake) disconnect() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.sockets {
		if s.leaving {
			continue
		}
		s.leaving = true
		_ = s.write([]byte(`{"type":"disconnect","reason":"refresh_requested","debug_info":{}}`))
		time.AfterFunc(time.Second, func() { _ = s.ws.Close() })
	}
}
