package workspace

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// page is the client in the browser.
//
//go:embed page
var page embed.FS

const (
	maxStreams = 32
	coalesce   = 20 * time.Millisecond // between two states sent to one page
)

// action is what a POST of the page may hold.
type action struct {
	User       string                     `json:"user"`
	Channel    string                     `json:"channel"`
	ThreadTS   string                     `json:"thread_ts"`
	TS         string                     `json:"ts"`
	Text       string                     `json:"text"`
	CallbackID string                     `json:"callback_id"`
	ViewID     string                     `json:"view_id"`
	BlockID    string                     `json:"block_id"`
	ActionID   string                     `json:"action_id"`
	Reason     string                     `json:"reason"`
	Fault      string                     `json:"fault"`
	Seconds    int                        `json:"seconds"`
	On         bool                       `json:"on"`
	Values     map[string]json.RawMessage `json:"values"`
}

// outcome is what every POST of the page answers.
type outcome struct {
	OK     bool              `json:"ok"`
	Error  string            `json:"error,omitempty"`
	Errors map[string]string `json:"errors,omitempty"`
}

// actions of the page, by the last part of their path.
var actions = map[string]func(context.Context, *Person, action) (map[string]string, error){
	"say": func(ctx context.Context, p *Person, a action) (map[string]string, error) {
		_, err := p.Say(ctx, a.Channel, a.ThreadTS, a.Text)
		return nil, err
	},
	"shortcut": func(ctx context.Context, p *Person, a action) (map[string]string, error) {
		return nil, p.Shortcut(ctx, a.CallbackID, a.Channel, a.TS)
	},
	"click": func(ctx context.Context, p *Person, a action) (map[string]string, error) {
		return nil, p.click(ctx, a.Channel, a.TS, a.BlockID, a.ActionID)
	},
	"click-view": func(ctx context.Context, p *Person, a action) (map[string]string, error) {
		return nil, p.clickView(ctx, a.ViewID, a.BlockID, a.ActionID)
	},
	"home": func(_ context.Context, p *Person, _ action) (map[string]string, error) { return nil, p.OpenHome() },
	"submit": func(ctx context.Context, p *Person, a action) (map[string]string, error) {
		values, err := a.values()
		if err != nil {
			return nil, err
		}
		return p.submit(ctx, a.ViewID, values)
	},
	"close": func(_ context.Context, p *Person, a action) (map[string]string, error) {
		p.w.mu.Lock()
		defer p.w.mu.Unlock()
		return nil, p.closeView(a.ViewID)
	},
}

// values reads what was entered: text, or a list of chosen options.
func (a action) values() (map[string]string, error) {
	out := map[string]string{}
	for block, raw := range a.Values {
		var one string
		var several []string
		switch {
		case json.Unmarshal(raw, &one) == nil:
			out[block] = one
		case json.Unmarshal(raw, &several) == nil:
			out[block] = strings.Join(several, ",")
		default:
			return nil, errors.New("values must be text or lists of text")
		}
	}
	return out, nil
}

// serveUI serves the page and what it calls, to itself alone.
func (w *Workspace) serveUI(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if !ownHost(r.Host) || !ownOrigin(r) {
		http.Error(rw, "this page answers only to itself", http.StatusForbidden)
		return
	}
	name, isUI := strings.CutPrefix(r.URL.Path, "/ui/")
	switch {
	case r.Method == http.MethodPost && isUI:
		w.serveAction(rw, r, name)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(rw, "method not allowed", http.StatusMethodNotAllowed)
	case r.URL.Path == "/favicon.ico":
		rw.WriteHeader(http.StatusNoContent) // browsers ask for it unasked; a 404 would stand in their console
	case name == "state" && isUI:
		if user, ok := w.viewer(rw, r); ok {
			writeJSON(rw, http.StatusOK, w.State(user), nil)
		}
	case name == "events" && isUI && r.Method == http.MethodGet:
		w.serveEvents(rw, r)
	case name == "samples" && isUI:
		samples := []Sample{}
		if w.opt.Samples != nil {
			samples = append(samples, w.opt.Samples()...)
		}
		writeJSON(rw, http.StatusOK, samples, nil)
	default:
		w.serveFile(rw, r)
	}
}

func (w *Workspace) serveFile(rw http.ResponseWriter, r *http.Request) {
	files, err := fs.Sub(page, "page")
	if err != nil {
		http.Error(rw, "no page", http.StatusInternalServerError)
		return
	}
	http.FileServerFS(files).ServeHTTP(rw, r)
}

// ownHost refuses names: a page of another site can point its own name at this address, but not localhost or an address.
func ownHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	return strings.EqualFold(name, "localhost") || net.ParseIP(name) != nil
}

// ownOrigin refuses what another site asks for.
func ownOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" && r.URL.Path != "/" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// viewer reads the user parameter.
func (w *Workspace) viewer(rw http.ResponseWriter, r *http.Request) (string, bool) {
	id := r.URL.Query().Get("user")
	w.mu.Lock()
	u := w.user(id)
	w.mu.Unlock()
	if u == nil {
		http.Error(rw, "no such user", http.StatusNotFound)
		return "", false
	}
	return id, true
}

func (w *Workspace) serveAction(rw http.ResponseWriter, r *http.Request, name string) {
	run, known := actions[name]
	control, controlled := controls[name]
	switch {
	case !known && !controlled:
		http.NotFound(rw, r)
		return
	case r.Header.Get("X-Workspace") != "1": // a form of another site cannot send it
		http.Error(rw, "X-Workspace is missing", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	if err != nil {
		writeJSON(rw, http.StatusRequestEntityTooLarge, outcome{Error: "That is too much text."}, nil)
		return
	}
	var a action
	if err := json.Unmarshal(body, &a); err != nil {
		writeJSON(rw, http.StatusBadRequest, outcome{Error: "not a JSON object of the right shape"}, nil)
		return
	}
	var errs map[string]string
	if known {
		errs, err = run(r.Context(), w.Person(a.User), a)
	} else {
		err = control(w, a)
	}
	out := outcome{OK: err == nil && len(errs) == 0, Errors: errs}
	if err != nil {
		out.Error = err.Error()
	}
	writeJSON(rw, http.StatusOK, out, nil)
}

// serveEvents streams the state: at once, and after every change, with a pause between that joins changes.
func (w *Workspace) serveEvents(rw http.ResponseWriter, r *http.Request) {
	user, ok := w.viewer(rw, r)
	if !ok {
		return
	}
	w.mu.Lock()
	full := w.streams >= maxStreams
	if !full {
		w.streams++
	}
	w.mu.Unlock()
	if full {
		http.Error(rw, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	defer func() {
		w.mu.Lock()
		w.streams--
		w.mu.Unlock()
	}()
	rw.Header().Set("Content-Type", "text/event-stream")
	rw.Header().Set("X-Accel-Buffering", "no")
	flush := http.NewResponseController(rw)
	for last := []byte(nil); ; {
		w.mu.Lock()
		state, changed := w.state(user), w.changed
		w.mu.Unlock()
		b, err := json.Marshal(state)
		if err != nil {
			return
		}
		if !bytes.Equal(b, last) {
			last = b
			if _, err := rw.Write([]byte("event: state\ndata: " + string(b) + "\n\n")); err != nil || flush.Flush() != nil {
				return
			}
		}
		if !ready(w, r, changed) || !ready(w, r, time.After(coalesce)) {
			return
		}
	}
}

// ready waits for c; false when the page or the workspace is gone first.
func ready[T any](w *Workspace, r *http.Request, c <-chan T) bool {
	select {
	case <-c:
		return true
	case <-r.Context().Done():
	case <-w.ctx.Done():
	}
	return false
}
