package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testManifest subscribes to everything, with every scope.
const testManifest = `{
  "display_information": {"name": "JWT Check"},
  "features": {
    "bot_user": {"display_name": "jwt-check"},
    "app_home": {"home_tab_enabled": true, "messages_tab_enabled": true},
    "slash_commands": [{"command": "/jwt-check", "description": "Checks a token", "usage_hint": "(no token here)"}],
    "shortcuts": [
      {"name": "Check a JWT", "type": "message", "callback_id": "jwt_check_message", "description": "For this thread"},
      {"name": "Check", "type": "global", "callback_id": "jwt_check_global", "description": "Anywhere"}]
  },
  "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "channels:read", "groups:read", "users:read", "im:write", "im:read",
    "app_mentions:read", "channels:history", "groups:history"]}},
  "settings": {
    "interactivity": {"is_enabled": true},
    "event_subscriptions": {"bot_events": ["app_mention", "message.channels", "message.groups", "app_home_opened"]},
    "socket_mode_enabled": true
  }
}`

// quiet is the manifest without events of messages, for tests in which every message would otherwise be one.
var quiet = strings.Replace(testManifest, `"app_mention", "message.channels", "message.groups", `, ``, 1)

// morning is a fixed clock.
func morning() time.Time { return time.Date(2026, 11, 23, 9, 54, 0, 0, time.UTC) }

func start(t *testing.T, opt Options) *Workspace {
	t.Helper()
	if opt.Manifest == nil {
		opt.Manifest = []byte(quiet)
	}
	if opt.Now == nil {
		opt.Now = morning
	}
	w, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// within is the time that a test may take; nothing waits for it to pass.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// incoming is an envelope as an app reads it.
type incoming struct {
	ID      string         `json:"envelope_id"`
	Type    string         `json:"type"`
	Reason  string         `json:"reason"`
	Accepts bool           `json:"accepts_response_payload"`
	Retry   int            `json:"retry_attempt"`
	Payload map[string]any `json:"payload"`

	app *fakeApp
}

// fakeApp is an app with one connection; handle gets every envelope, one at a time.
type fakeApp struct {
	t      *testing.T
	w      *Workspace
	conn   *websocket.Conn
	hello  map[string]any
	handle func(incoming)
	done   chan struct{} // closed when the connection has ended

	mu     sync.Mutex
	frames []incoming
	status websocket.StatusCode // of the close frame
}

func connect(t *testing.T, w *Workspace, handle func(incoming)) *fakeApp {
	t.Helper()
	a := &fakeApp{t: t, w: w, handle: handle, done: make(chan struct{})}
	conn, _, err := websocket.Dial(within(t), socketURL(t, w), nil)
	if err != nil {
		t.Fatal(err)
	}
	a.conn = conn
	conn.SetReadLimit(1 << 20)
	_, b, err := conn.Read(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &a.hello); err != nil {
		t.Fatal(err)
	}
	go a.run()
	t.Cleanup(func() { conn.CloseNow(); <-a.done })
	return a
}

func socketURL(t *testing.T, w *Workspace) string {
	t.Helper()
	answer := post(t, w, "apps.connections.open", w.AppToken(), nil)
	u, _ := answer["url"].(string)
	if u == "" {
		t.Fatalf("apps.connections.open: %v", answer)
	}
	return u
}

func (a *fakeApp) run() {
	defer close(a.done)
	for {
		_, b, err := a.conn.Read(context.Background())
		if err != nil {
			a.mu.Lock()
			a.status = websocket.CloseStatus(err)
			a.mu.Unlock()
			return
		}
		in := incoming{app: a}
		if err := json.Unmarshal(b, &in); err != nil {
			a.t.Errorf("frame: %v", err)
			return
		}
		a.mu.Lock()
		a.frames = append(a.frames, in)
		a.mu.Unlock()
		if a.handle != nil && in.ID != "" {
			a.handle(in)
		}
	}
}

// ack acknowledges; a payload is optional.
func (in incoming) ack(payload ...any) {
	frame := map[string]any{"envelope_id": in.ID}
	if len(payload) > 0 {
		frame["payload"] = payload[0]
	}
	in.app.write(frame)
}

func (a *fakeApp) write(v any) {
	b, _ := json.Marshal(v)
	if err := a.conn.Write(context.Background(), websocket.MessageText, b); err != nil {
		a.t.Logf("write: %v", err)
	}
}

func (in incoming) str(path ...string) string {
	var v any = in.Payload
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	s, _ := v.(string)
	return s
}

// post calls a method with a JSON body.
func post(t *testing.T, w *Workspace, method, token string, args any) map[string]any {
	t.Helper()
	body, _ := json.Marshal(args)
	if string(body) == "null" {
		body = nil
	}
	_, out := send(t, w.APIURL()+method, token, "application/json; charset=utf-8", body)
	return out
}

// call is post with the bot token.
func (w *Workspace) call(t *testing.T, method string, args any) map[string]any {
	t.Helper()
	return post(t, w, method, w.BotToken(), args)
}

// form calls a method as slack-go does, token in the form.
func form(t *testing.T, w *Workspace, method string, args map[string]string) map[string]any {
	t.Helper()
	values := url.Values{"token": {w.BotToken()}}
	for k, v := range args {
		values.Set(k, v)
	}
	_, out := send(t, w.APIURL()+method, "", "application/x-www-form-urlencoded", []byte(values.Encode()))
	return out
}

func send(t *testing.T, address, token, kind string, body []byte) (*http.Response, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%s: %s: %q", address, res.Status, b)
	}
	return res, out
}

// client keeps no connection, so that no goroutine of its own stays behind.
var client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// tree reads JSON written in a test.
func tree(t *testing.T, text string) any {
	t.Helper()
	v, err := decodeJSON([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func wantRefusals(t *testing.T, w *Workspace, want ...string) {
	t.Helper()
	got := w.Refusals()
	if len(got) != len(want) {
		t.Fatalf("refusals: %q, want %d like %q", got, len(want), want)
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("refusal %q, want one with %q", got[i], want[i])
		}
	}
}

// wantJSON compares by value, whatever the order and the spelling of numbers.
func wantJSON(t *testing.T, got any, want string) {
	t.Helper()
	g, _ := json.Marshal(got)
	var a, b any
	if json.Unmarshal(g, &a) != nil || json.Unmarshal([]byte(want), &b) != nil {
		t.Fatalf("not JSON: %s", want)
	}
	a2, _ := json.Marshal(a)
	b2, _ := json.Marshal(b)
	if !bytes.Equal(a2, b2) {
		t.Errorf("got  %s\nwant %s", a2, b2)
	}
}

// expireAll lets every delivery that waits for its acknowledgement run out of time.
func expireAll(w *Workspace) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.envelopes {
		for _, d := range e.deliveries {
			if !d.overdue {
				w.expire(e, d)
			}
		}
	}
}
