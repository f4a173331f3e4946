package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds every request.
const maxBody = 1 << 20

// method is one entry of the Web API.
type method struct {
	run   func(*Workspace, *call) (answer, error)
	token string // "app", "bot" or "any"
	scope string // that it always needs
}

// methods is the whole Web API of this workspace; every other name is unknown_method.
var methods = map[string]method{
	"apps.connections.open": {run: (*Workspace).connectionsOpen, token: "app"},
	"auth.test":             {run: (*Workspace).authTest, token: "any"},
	"bots.info":             {run: (*Workspace).botsInfo, scope: "users:read"},
	"chat.delete":           {run: (*Workspace).chatDelete, scope: "chat:write"},
	"chat.getPermalink":     {run: (*Workspace).chatGetPermalink},
	"chat.postEphemeral":    {run: (*Workspace).chatPostEphemeral, scope: "chat:write"},
	"chat.postMessage":      {run: (*Workspace).chatPostMessage, scope: "chat:write"},
	"chat.update":           {run: (*Workspace).chatUpdate, scope: "chat:write"},
	"conversations.info":    {run: (*Workspace).conversationsInfo},
	"conversations.members": {run: (*Workspace).conversationsMembers},
	"conversations.open":    {run: (*Workspace).conversationsOpen, scope: "im:write"},
	"users.info":            {run: (*Workspace).usersInfo, scope: "users:read"},
	"views.open":            {run: (*Workspace).viewsOpen},
	"views.publish":         {run: (*Workspace).viewsPublish},
	"views.push":            {run: (*Workspace).viewsPush},
	"views.update":          {run: (*Workspace).viewsUpdate},
}

// Scopes are what a method may need, for channels of either kind; known is false for one that is not here.
func Scopes(method string) (scopes []string, known bool) {
	m, known := methods[method]
	switch {
	case method == "conversations.info" || method == "conversations.members":
		scopes = []string{"channels:read", "groups:read"}
	case m.scope != "":
		scopes = []string{m.scope}
	}
	return scopes, known
}

// answer is a method's JSON, ok aside.
type answer map[string]any

// apiError is a refusal by Slack's name.
type apiError struct {
	code     string
	problems []problem
	extra    answer
}

func (e apiError) Error() string { return e.code }

func refusal(code string) error { return apiError{code: code} }

// call is one request, its arguments decoded from whichever form they came in.
type call struct {
	args map[string]any
	host string
	app  bool // made with the app token
}

// str returns an argument as text; numbers and booleans as forms would carry them.
func (c *call) str(name string) string {
	switch v := c.args[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// flag returns a boolean argument in any of Slack's spellings.
func (c *call) flag(name string, otherwise bool) bool {
	switch c.str(name) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	return otherwise
}

// structured returns an argument that is JSON, or text that holds JSON.
func (c *call) structured(name string) (v any, given bool, err error) {
	v, given = c.args[name]
	if s, ok := v.(string); ok {
		if s == "" {
			return nil, false, nil
		}
		v, err = decodeJSON([]byte(s))
	}
	return v, given && v != nil, err
}

// decodeJSON reads exactly one JSON value; numbers stay as they were written.
func decodeJSON(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errors.New("not JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

func (w *Workspace) serveAPI(rw http.ResponseWriter, r *http.Request, name string) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	kept := withoutToken(body)
	if len(kept) == 0 {
		kept = withoutToken([]byte(r.URL.RawQuery))
	}
	w.mu.Lock()
	w.receive(kept)
	fault := w.nextFault(name)
	w.mu.Unlock()
	if err != nil {
		w.answer(rw, name, kept, http.StatusRequestEntityTooLarge, nil, refusal("request_too_large"))
		return
	}
	if fault != nil && w.inject(rw, r, name, kept, fault) {
		return
	}
	m, known := methods[name]
	if !known {
		w.answer(rw, name, kept, http.StatusOK, nil, refusal("unknown_method"))
		return
	}
	c, err := readCall(r, body)
	if err == nil {
		err = w.authorize(r, c, m)
	}
	var result answer
	if err == nil {
		w.settleFirst(r.Context(), name, c)
		w.mu.Lock()
		result, err = m.run(w, c)
		w.mu.Unlock()
	}
	if wait, ok := errors.AsType[tooFast](err); ok {
		w.inject(rw, r, name, kept, &Fault{RetryAfter: int(wait)})
		return
	}
	w.answer(rw, name, kept, http.StatusOK, result, err)
}

// readCall decodes a form, JSON or query. A token in a query is never accepted, as for every newer app.
func readCall(r *http.Request, body []byte) (*call, error) {
	c := &call{args: map[string]any{}, host: r.Host}
	for k, v := range r.URL.Query() {
		if k != "token" {
			c.args[k] = v[0]
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return nil, refusal("invalid_post_type")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return c, nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		v, err := decodeJSON(body)
		if err != nil {
			return nil, refusal("invalid_json")
		}
		args, ok := v.(map[string]any)
		if !ok {
			return nil, refusal("json_not_object")
		}
		c.args = args
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, refusal("invalid_form_data")
		}
		for k, v := range form {
			c.args[k] = v[0]
		}
	default:
		return nil, refusal("invalid_post_type")
	}
	return c, nil
}

// authorize checks the token, its type and the method's scope.
func (w *Workspace) authorize(r *http.Request, c *call, m method) error {
	token, inHeader := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !inHeader && m.token != "app" { // an app-level token counts in the header alone
		token = c.str("token")
	}
	delete(c.args, "token")
	switch {
	case token == "":
		return refusal("not_authed")
	case token != w.opt.AppToken && token != w.opt.BotToken:
		return refusal("invalid_auth")
	}
	c.app = token == w.opt.AppToken
	if m.token == "app" && !c.app || m.token == "" && c.app {
		return refusal("not_allowed_token_type")
	}
	return w.needScope(m.scope)
}

func (w *Workspace) needScope(scope string) error {
	if scope == "" || w.manifest.granted(scope) {
		return nil
	}
	return apiError{code: "missing_scope", extra: answer{"needed": scope, "provided": w.scopes()}}
}

func (w *Workspace) scopes() string { return strings.Join(w.manifest.OAuth.Scopes.Bot, ",") }

// named is what the record calls a method: a name that is none of Slack's is the app's own word.
func named(method string) string {
	if _, known := methods[method]; known || method == responseMethod {
		return method
	}
	return "unknown method"
}

// answer writes what the app gets and records the call; a refusal that no fault made is also a refusal of the witness.
func (w *Workspace) answer(rw http.ResponseWriter, name string, body []byte, status int, result answer, err error) {
	out := answer{"ok": true}
	code := "ok"
	var refused apiError
	if errors.As(err, &refused) {
		code = refused.code
		out = answer{"ok": false, "error": code}
		maps.Copy(out, refused.extra)
		if len(refused.problems) > 0 {
			var messages, plain []string
			for _, p := range refused.problems {
				messages, plain = append(messages, "[ERROR] "+p.String()), append(plain, p.String())
			}
			out["response_metadata"] = map[string]any{"messages": messages}
			out["errors"] = plain
		}
	}
	maps.Copy(out, result)
	w.mu.Lock()
	if err != nil && code != "hash_conflict" { // who sends a hash asks for that answer
		why := code
		for i, p := range refused.problems {
			why += map[bool]string{true: ": ", false: "; "}[i == 0] + p.String()
		}
		w.complain(name, why)
		w.note(Entry{Kind: Refused, What: named(name), Code: code})
	}
	w.record(name, code, body)
	w.mu.Unlock()
	writeJSON(rw, status, out, http.Header{"X-Oauth-Scopes": {w.scopes()}, "X-Accepted-Oauth-Scopes": {methods[name].scope}})
}

func writeJSON(rw http.ResponseWriter, status int, v any, header http.Header) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(rw, "cannot encode the answer", http.StatusInternalServerError)
		return
	}
	for k, values := range header {
		rw.Header()[k] = values
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.WriteHeader(status)
	_, _ = rw.Write(b) // the client may be gone
}

// withoutToken drops the token parameter of a form: slack-go puts the bot token there, and it is no leak.
func withoutToken(body []byte) []byte {
	pairs := strings.Split(string(body), "&")
	kept := slices.DeleteFunc(slices.Clone(pairs), func(p string) bool { return strings.HasPrefix(p, "token=") })
	return []byte(strings.Join(kept, "&"))
}

// settleGrace: how long a view method lets the acknowledgement of the same view go first. An app writes its
// acknowledgement and then calls the API on another connection, and on one machine the call can overtake it.
const settleGrace = 250 * time.Millisecond

func (w *Workspace) settleFirst(ctx context.Context, name string, c *call) {
	if name != "views.update" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleGrace)
	defer cancel()
	_ = w.until(ctx, func() bool { // past the grace the call simply goes first
		w.mu.Lock()
		defer w.mu.Unlock()
		v := w.viewBy(c.str("view_id"), c.str("external_id"))
		return v == nil || !v.pending
	})
}

// until waits for a condition, evaluated without the lock after every change.
func (w *Workspace) until(ctx context.Context, cond func() bool) error {
	for {
		w.mu.Lock()
		changed, closed := w.changed, w.closed
		w.mu.Unlock()
		if cond() {
			return nil
		}
		if closed {
			return errors.New("the workspace is closed")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the workspace: %w", ctx.Err())
		}
	}
}
