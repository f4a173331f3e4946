package workspace

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Bounds of modals.
const (
	maxViewBytes = 250 << 10
	maxStack     = 3
)

// view is a modal that a person has open, or the app's home tab for them. Its body is replaced as a whole, never changed in place.
type view struct {
	id, hash, root, previous string
	user                     string
	body                     map[string]any // as validated, with IDs
	entries                  map[slot]entry // what the person entered
	errors                   map[string]string
	pending                  bool // submitted, not yet acknowledged
}

// trigger is the right to open a view for someone who just did something.
type trigger struct {
	user   string
	at     time.Time
	used   bool
	inView bool // made inside a modal: can push onto it
}

// newTrigger mints a trigger ID. The lock is held.
func (w *Workspace) newTrigger(user string, inView bool) string {
	if len(w.triggers) > maxRecords {
		clear(w.triggers)
	}
	id := randomDigits() + "." + randomDigits() + "." + randomText(32)
	w.triggers[id] = &trigger{user: user, at: time.Now(), inView: inView}
	return id
}

// spend uses a trigger up: once, and in time.
func (w *Workspace) spend(id string) (*trigger, error) {
	t := w.triggers[id]
	switch {
	case t == nil:
		return nil, refusal("invalid_trigger_id")
	case t.used:
		return nil, refusal("exchanged_trigger_id")
	case time.Since(t.at) > w.opt.TriggerTTL:
		return nil, refusal("expired_trigger_id")
	}
	return t, nil
}

// modalOf validates the view argument; replaces is the view that it takes the place of, if any.
func (w *Workspace) modalOf(c *call, kind string, replaces *view) (map[string]any, error) {
	v, given, err := c.structured("view")
	if err != nil || !given {
		return nil, apiError{code: "invalid_arguments", problems: []problem{{"missing required field: view", "/view"}}}
	}
	return w.validView(v, kind, "/view", replaces)
}

func (w *Workspace) validView(v any, kind, at string, replaces *view) (map[string]any, error) {
	if b, err := json.Marshal(v); err != nil || len(b) > maxViewBytes {
		return nil, refusal("view_too_large")
	}
	if problems := checkView(v, at, kind); len(problems) > 0 {
		return nil, apiError{code: "invalid_arguments", problems: problems}
	}
	body := v.(map[string]any)
	withIDs(body["blocks"].([]any))
	if external, _ := body["external_id"].(string); external != "" {
		if other := w.viewBy("", external); other != nil && other != replaces {
			return nil, refusal("duplicate_external_id")
		}
	}
	return body, nil
}

// viewBy finds an open modal by its own or its external ID.
func (w *Workspace) viewBy(id, external string) *view {
	for _, stack := range w.stacks {
		for _, v := range stack {
			if id != "" && v.id == id || id == "" && external != "" && v.body["external_id"] == external {
				return v
			}
		}
	}
	return nil
}

func (w *Workspace) viewsOpen(c *call) (answer, error) {
	t, err := w.spend(c.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	body, err := w.modalOf(c, "modal", nil)
	if err != nil {
		return nil, err
	}
	t.used = true
	w.stacks[t.user] = nil // a person has one stack: a new modal takes the old one's place
	return answer{"view": w.viewJSON(w.push(t.user, body))}, nil
}

func (w *Workspace) viewsPush(c *call) (answer, error) {
	t, err := w.spend(c.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	body, err := w.modalOf(c, "modal", nil)
	if err != nil {
		return nil, err
	}
	switch {
	case !t.inView || len(w.stacks[t.user]) == 0:
		return nil, refusal("not_found")
	case len(w.stacks[t.user]) >= maxStack:
		return nil, refusal("push_limit_reached")
	}
	t.used = true
	return answer{"view": w.viewJSON(w.push(t.user, body))}, nil
}

func (w *Workspace) viewsUpdate(c *call) (answer, error) {
	v := w.viewBy(c.str("view_id"), c.str("external_id"))
	if v == nil {
		return nil, refusal("not_found")
	}
	body, err := w.modalOf(c, "modal", v)
	if err != nil {
		return nil, err
	}
	if hash := c.str("hash"); hash != "" && hash != v.hash {
		return nil, refusal("hash_conflict")
	}
	w.replace(v, body)
	return answer{"view": w.viewJSON(v)}, nil
}

func (w *Workspace) viewsPublish(c *call) (answer, error) {
	u := w.user(c.str("user_id"))
	switch {
	case u == nil:
		return nil, refusal("user_not_found")
	case !w.manifest.Features.Home.Enabled:
		return nil, refusal("not_enabled")
	}
	v := w.homes[u.ID]
	if hash := c.str("hash"); hash != "" && (v == nil || hash != v.hash) {
		return nil, refusal("hash_conflict")
	}
	body, err := w.modalOf(c, "home", nil)
	if err != nil {
		return nil, err
	}
	if v == nil {
		v = &view{id: randomID("V"), user: u.ID, body: body}
		v.root = v.id
		w.homes[u.ID] = v
	}
	w.replace(v, body)
	return answer{"view": w.viewJSON(v)}, nil
}

// HomeText renders the app's home tab as the person reads it; empty when none is published.
func (w *Workspace) HomeText(userID string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.homes[userID]
	if v == nil {
		return ""
	}
	return strings.Join(w.reader(userID).blocks(v.body["blocks"].([]any)), "\n") + "\n"
}

// push puts a new modal on top of the person's stack.
func (w *Workspace) push(user string, body map[string]any) *view {
	v := &view{id: randomID("V"), hash: w.newHash(), user: user, body: body, entries: map[slot]entry{}}
	v.root = v.id
	if stack := w.stacks[user]; len(stack) > 0 {
		v.root, v.previous = stack[0].id, stack[len(stack)-1].id
	}
	w.stacks[user] = append(w.stacks[user], v)
	w.viewChange(user)
	return v
}

// replace gives a modal a new body. What was entered stays where block_id and action_id and the kind of input stay.
func (w *Workspace) replace(v *view, body map[string]any) {
	kept := map[slot]entry{}
	was := map[slot]string{}
	for _, p := range placesIn(v.body) {
		was[p.slot] = p.kind()
	}
	for _, p := range placesIn(body) {
		if e, ok := v.entries[p.slot]; ok && was[p.slot] == p.kind() {
			kept[p.slot] = e
		}
	}
	v.body, v.entries, v.errors, v.hash = body, kept, nil, w.newHash()
	w.viewChange(v.user)
}

// drop closes a modal; all closes its whole stack.
func (w *Workspace) drop(v *view, all bool) {
	stack := slices.DeleteFunc(slices.Clone(w.stacks[v.user]), func(x *view) bool { return all || x == v })
	if len(stack) == 0 {
		delete(w.stacks, v.user)
	} else {
		w.stacks[v.user] = stack
	}
	w.viewChange(v.user)
}

// open says whether the modal is still on its person's stack.
func (w *Workspace) open(v *view) bool { return slices.Contains(w.stacks[v.user], v) }

func (w *Workspace) top(user string) *view {
	stack := w.stacks[user]
	if len(stack) == 0 {
		return nil
	}
	return stack[len(stack)-1]
}

func (w *Workspace) newHash() string { return randomDigits() + "." + randomText(8) }

// viewJSON is the view object of answers and payloads.
func (w *Workspace) viewJSON(v *view) map[string]any {
	out := map[string]any{
		"id": v.id, "team_id": TeamID, "app_id": AppID, "bot_id": BotID, "app_installed_team_id": TeamID,
		"hash": v.hash, "root_view_id": v.root, "previous_view_id": nil, "state": map[string]any{"values": v.values()},
		"private_metadata": "", "callback_id": "", "external_id": "",
		"clear_on_close": false, "notify_on_close": false, "close": nil, "submit": nil,
	}
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	for k, x := range v.body {
		out[k] = x
	}
	return out
}

// closedJSON is the view of a view_closed payload, which leaves all inputs out.
func (w *Workspace) closedJSON(v *view) map[string]any {
	out := w.viewJSON(v)
	blocks := []any{}
	for _, b := range v.body["blocks"].([]any) {
		if b.(map[string]any)["type"] != "input" {
			blocks = append(blocks, b)
		}
	}
	out["blocks"], out["state"] = blocks, map[string]any{"values": map[string]any{}}
	return out
}
