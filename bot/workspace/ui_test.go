package workspace

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// browse makes a request as a page would; header pairs follow.
func browse(t *testing.T, w *Workspace, method, path, body string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t), method, w.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func readAll(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// act is a POST of the page.
func act(t *testing.T, w *Workspace, path, body string) outcome {
	t.Helper()
	var out outcome
	res := browse(t, w, http.MethodPost, path, body, "X-Workspace", "1", "Origin", w.URL(), "Sec-Fetch-Site", "same-origin")
	if err := json.Unmarshal([]byte(readAll(t, res)), &out); err != nil {
		t.Fatal(res.Status, err)
	}
	return out
}

func TestPageIsServed(t *testing.T) {
	w := start(t, Options{})
	res := browse(t, w, http.MethodGet, "/", "")
	if csp := res.Header.Get("Content-Security-Policy"); res.StatusCode != 200 || !strings.HasPrefix(csp, "default-src 'self'") {
		t.Errorf("%s, %q", res.Status, csp)
	}
	page := readAll(t, res)
	for _, inline := range []string{"<style", " style=", " onclick=", "<script>"} {
		if strings.Contains(page, inline) {
			t.Errorf("the page has %s, which its policy forbids", inline)
		}
	}
}

var imported = regexp.MustCompile(`(?m)^import .* from "\./(\w+\.js)";$`)

// TestPageFiles: each file is served as what it is, which a browser insists on for modules; each module is imported, and in
// no circle, so that none runs before what it needs.
func TestPageFiles(t *testing.T) {
	w := start(t, Options{})
	kinds := map[string]string{".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
	files, err := page.ReadDir("page")
	if err != nil {
		t.Fatal(err)
	}
	needs, needed := map[string][]string{}, map[string]bool{"app.js": true}
	for _, f := range files {
		name := f.Name()
		res := browse(t, w, http.MethodGet, "/"+strings.TrimPrefix(name, "index.html"), "")
		kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
		if want := kinds[path.Ext(name)]; err != nil || res.StatusCode != http.StatusOK || kind != want {
			t.Errorf("%s: %s, %q, %v; want %q", name, res.Status, kind, err, want)
		}
		if text := readAll(t, res); path.Ext(name) == ".js" {
			needs[name] = nil
			for _, m := range imported.FindAllStringSubmatch(text, -1) {
				needs[name] = append(needs[name], m[1])
				needed[m[1]] = true
			}
			if n := strings.Count(text, "\nimport "); n != len(needs[name]) {
				t.Errorf("%s has %d imports, of which %d are of a module beside it", name, n, len(needs[name]))
			}
		}
	}
	if have, want := slices.Sorted(maps.Keys(needs)), slices.Sorted(maps.Keys(needed)); !slices.Equal(have, want) {
		t.Errorf("there are %v, imported are %v", have, want)
	}
	for again := true; again; {
		again = false
		for name, list := range needs {
			open := func(n string) bool { _, ok := needs[n]; return ok }
			if !slices.ContainsFunc(list, open) {
				delete(needs, name)
				again = true
			}
		}
	}
	if len(needs) > 0 {
		t.Errorf("these import each other in a circle: %v", slices.Sorted(maps.Keys(needs)))
	}
}

// TestForeignRequests: neither another site's page nor a name rebound to this address gets an answer.
func TestForeignRequests(t *testing.T) {
	w := start(t, Options{})
	host := strings.TrimPrefix(w.URL(), "http://")
	say := `{"user":"U0ANA","channel":"C0INC","text":"hello"}`
	for _, c := range []struct {
		name, method, path string
		want               int
		header             []string
	}{
		{"a foreign origin", "POST", "/ui/say", 403, []string{"X-Workspace", "1", "Origin", "https://evil.example"}},
		{"another port", "POST", "/ui/say", 403, []string{"X-Workspace", "1", "Origin", "http://127.0.0.1:1"}},
		{"no origin at all", "POST", "/ui/say", 403, []string{"X-Workspace", "1", "Origin", "null"}},
		{"without the header", "POST", "/ui/say", 403, nil},
		{"a rebound name", "POST", "/ui/say", 403, []string{"X-Workspace", "1", "Host", "evil.example"}},
		{"a rebound name that reads", "GET", "/ui/state?user=U0ANA", 403, []string{"Host", "evil.example:80"}},
		{"another site's fetch", "GET", "/ui/state?user=U0ANA", 403, []string{"Sec-Fetch-Site", "cross-site"}},
		{"another site's link", "GET", "/", 200, []string{"Sec-Fetch-Site", "cross-site"}},
		{"localhost", "GET", "/ui/state?user=U0ANA", 200, []string{"Host", "localhost:80"}},
		{"itself", "POST", "/ui/say", 200, []string{"X-Workspace", "1", "Origin", "http://" + host}},
		{"nobody", "GET", "/ui/state?user=U0NONE", 404, nil},
		{"another method", "DELETE", "/ui/state", 405, nil},
		{"an unknown action", "POST", "/ui/dance", 404, []string{"X-Workspace", "1"}},
	} {
		if res := browse(t, w, c.method, c.path, say, c.header...); res.StatusCode != c.want {
			t.Errorf("%s: %s, want %d", c.name, res.Status, c.want)
		}
	}
	if n := len(w.State(Ana).Channels[0].Messages); n != 4 {
		t.Errorf("%d messages: only one was to be said", n)
	}
}

// TestPageActions is a conversation through the page alone.
func TestPageActions(t *testing.T) {
	w := start(t, Options{})
	connect(t, w, func(in incoming) {
		switch {
		case in.str("type") == "view_submission":
			value := in.str("view", "state", "values", "token", "token", "value")
			if value == "bad" {
				in.ack(map[string]any{"response_action": "errors", "errors": map[string]any{"token": "No."}})
				return
			}
			in.ack()
		default:
			in.ack()
			w.call(t, "views.open", map[string]any{"trigger_id": in.str("trigger_id"), "view": tree(t, askView)})
		}
	})
	root := w.State(Ana).Channels[0].Messages[0].TS
	if out := act(t, w, "/ui/shortcut", `{"user":"U0ANA","callback_id":"jwt_check_message","channel":"C0INC","ts":"`+root+`"}`); !out.OK {
		t.Fatal(out)
	}
	if _, err := w.Person(Ana).AwaitView(within(t), nil); err != nil {
		t.Fatal(err)
	}
	id := w.State(Ana).Views[0].ID
	values := func(token string) string {
		return `{"user":"U0ANA","view_id":"` + id + `","values":{"profile":"staging","token":"` + token + `","when":"","options":["replay"],"share":"me"}}`
	}
	for body, want := range map[string]string{values("bad"): "No.", values(""): "Please complete this required field."} {
		if out := act(t, w, "/ui/submit", body); out.OK || out.Errors["token"] != want {
			t.Errorf("%s: %+v", body, out)
		}
	}
	if out := act(t, w, "/ui/submit", `{"user":"U0ANA","view_id":"V0NONE"}`); out.OK || out.Error != "no view is open" {
		t.Error(out)
	}
	if out := act(t, w, "/ui/submit", `{"user":"U0ANA","view_id":"`+id+`","values":{"token":1}}`); out.OK || out.Error == "" {
		t.Error(out)
	}
	if out := act(t, w, "/ui/submit", values("good")); !out.OK {
		t.Error(out)
	}
	if out := act(t, w, "/ui/close", `{"user":"U0ANA","view_id":"`+id+`"}`); out.OK {
		t.Error("a closed view is closed again")
	}
	if out := act(t, w, "/ui/click", `{"user":"U0ANA","channel":"C0INC","ts":"`+root+`","action_id":"x","block_id":"y"}`); out.OK {
		t.Error(out)
	}
	if out := act(t, w, "/ui/click-view", `{"user":"U0ANA","view_id":"`+id+`","action_id":"x"}`); out.OK {
		t.Error(out)
	}
	if out := act(t, w, "/ui/say", `{"user":"U0ANA","channel":"C0INC","thread_ts":"`+root+`","text":"/jwt-check"}`); out.Error != "/jwt-check is not supported in threads. Sorry!" {
		t.Error(out)
	}
	if out := act(t, w, "/ui/say", `[]`); out.OK || out.Error == "" {
		t.Error(out)
	}
	if out := act(t, w, "/ui/say", `{"text":"`+strings.Repeat("x", maxBody)+`"}`); out.Error != "That is too much text." {
		t.Error(out.Error)
	}
	wantRefusals(t, w)
}

func TestSamples(t *testing.T) {
	asked := 0
	w := start(t, Options{Samples: func() []Sample {
		asked++
		return []Sample{{ID: "expired", Title: "Expired", Hint: "42 s ago", Values: map[string]string{"profile": "production"}}}
	}})
	want := `[{"id":"expired","title":"Expired","hint":"42 s ago","values":{"profile":"production"}}]`
	for range 2 {
		if got := readAll(t, browse(t, w, http.MethodGet, "/ui/samples", "")); got != want {
			t.Errorf("samples: %s", got)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	if got := readAll(t, browse(t, start(t, Options{}), http.MethodGet, "/ui/samples", "")); got != "[]" {
		t.Errorf("no drawer: %s", got)
	}
}

// TestEvents: the state at once, and again when something changed that this person sees.
func TestEvents(t *testing.T) {
	w := start(t, Options{})
	res := browse(t, w, http.MethodGet, "/ui/events?user="+Ana, "")
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatal(kind)
	}
	lines := bufio.NewReader(res.Body)
	next := func() (s State) {
		t.Helper()
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				if err := json.Unmarshal([]byte(data), &s); err != nil {
					t.Fatal(err)
				}
				return s
			}
		}
	}
	first := next()
	if first.Me.ID != Ana || first.Me.TZ != "Europe/Madrid" || first.App.Connected || len(first.Channels) != 4 || first.Channels[0].Messages[0].ReplyCount != 2 {
		t.Errorf("state: %+v", first)
	}
	w.call(t, "chat.postEphemeral", map[string]any{"channel": Incidents, "user": Ben, "text": "for Ben"})
	w.call(t, "chat.postEphemeral", map[string]any{"channel": Incidents, "user": Ana, "text": "for Ana"})
	for s := next(); ; s = next() {
		messages := s.Channels[0].Messages
		if last := messages[len(messages)-1]; last.Text == "for Ana" && last.Ephemeral && len(messages) == 4 {
			break
		}
	}
	for range maxStreams - 1 {
		browse(t, w, http.MethodGet, "/ui/events?user="+Ana, "")
	}
	if res := browse(t, w, http.MethodGet, "/ui/events?user="+Ana, ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one page too many: %s", res.Status)
	}
}

// TestStateIsTheirs: who sees which channel.
func TestStateIsTheirs(t *testing.T) {
	w := start(t, Options{})
	for user, want := range map[string]string{Ana: "incidents general sec partners", Gus: "incidents", Olu: "partners", "": "incidents general sec partners"} {
		var names []string
		for _, c := range w.State(user).Channels {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q sees %s, want %s", user, got, want)
		}
	}
	b, err := json.Marshal(w.State(Gus))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"views":[]`, `"blocks":[]`, `"usage_hint":"(no token here)"`, `"callback_id":"jwt_check_message"`, `"real_name":"Gus Guest"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the state lacks %s: %s", want, b)
		}
	}
}
