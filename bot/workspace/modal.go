package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxErrorText: the length of an error on an input is undocumented; a hint's limit is the nearest.
const maxErrorText = 2000

var errNoView = errors.New("no view is open")

// topView returns the person's top view, and that it is the one meant. The lock is held.
func (p *Person) topView(viewID string) (*view, error) {
	v := p.w.top(p.id)
	if v == nil || viewID != "" && v.id != viewID {
		return nil, errNoView
	}
	return v, nil
}

// shown is topView, or the home tab where that is the one meant. The lock is held.
func (p *Person) shown(viewID string) (*view, error) {
	if home := p.w.homes[p.id]; home != nil && home.id == viewID {
		return home, nil
	}
	return p.topView(viewID)
}

// AwaitView waits until the person's top view matches; nil matches any. Only what changes in a view of theirs wakes them,
// since a crowd that looks up at every change of anything is slow.
func (p *Person) AwaitView(ctx context.Context, match func(View) bool) (View, error) {
	for {
		found, changed, err := p.look()
		if err != nil || found.ID != "" && (match == nil || match(found)) {
			return found, err
		}
		select {
		case <-changed:
		case <-p.w.ctx.Done():
		case <-ctx.Done():
			return found, fmt.Errorf("waiting for a view: %w", ctx.Err())
		}
	}
}

// look returns the person's top view, and what is closed once anything in their views has changed.
func (p *Person) look() (found View, changed <-chan struct{}, err error) {
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return found, nil, errors.New("the workspace is closed")
	}
	if w.viewed[p.id] == nil {
		w.viewed[p.id] = make(chan struct{})
	}
	if v := w.top(p.id); v != nil {
		found = w.viewState(v)
	}
	return found, w.viewed[p.id], nil
}

// Fill enters a value into an input of the open view: text, an option's value, several comma separated, Unix seconds.
func (p *Person) Fill(blockID, value string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	v, err := p.topView("")
	if err != nil {
		return err
	}
	if err := v.fill(blockID, value); err != nil {
		return err
	}
	p.w.viewChange(p.id)
	return nil
}

// Submit submits the top view with what was filled in. errs: block ID to the error that the modal shows there.
func (p *Person) Submit(ctx context.Context) (errs map[string]string, err error) {
	return p.submit(ctx, "", nil)
}

func (p *Person) submit(ctx context.Context, viewID string, values map[string]string) (map[string]string, error) {
	w := p.w
	w.mu.Lock()
	v, e, err := p.prepare(viewID, values)
	if e == nil {
		var errs map[string]string
		if v != nil {
			errs = v.errors
		}
		w.mu.Unlock()
		return errs, err
	}
	w.mu.Unlock()

	err = w.dispatch(ctx, e)
	w.mu.Lock()
	defer w.mu.Unlock()
	v.pending = false
	w.viewChange(v.user)
	if errors.Is(err, errTimeout) || errors.Is(err, errNoSocket) {
		err = errTrouble
	}
	return v.errors, err
}

// prepare launches a submission; no envelope means that the client stopped it. The lock is held.
func (p *Person) prepare(viewID string, values map[string]string) (*view, *envelope, error) {
	w := p.w
	v, err := p.topView(viewID)
	if err != nil {
		return nil, nil, err
	}
	if v.body["submit"] == nil || v.body["submit_disabled"] == true {
		return nil, nil, errors.New("the open view has nothing to submit")
	}
	if v.pending {
		return nil, nil, errors.New("the view is being submitted already")
	}
	for _, block := range sortedKeys(values) {
		if err := v.fill(block, values[block]); err != nil {
			return nil, nil, err
		}
	}
	v.errors = nil
	defer w.viewChange(v.user)
	if errs := v.incomplete(); len(errs) > 0 {
		v.errors = errs
		return v, nil, nil
	}
	if !w.manifest.Settings.Interactivity.Enabled {
		return nil, nil, errTrouble
	}
	v.pending = true
	return v, w.launch("view_submission", w.submissionPayload(w.user(p.id), v), func(ack json.RawMessage) error {
		v.pending = false
		if err := w.settleSubmission(v, ack); err != nil {
			w.refuse("ack", "invalid payload", "view_submission: %s", err)
			return errTrouble
		}
		return nil
	}), nil
}

// settleSubmission does what the acknowledgement of a submission says; an error is what makes Slack give up on it.
// The lock is held.
func (w *Workspace) settleSubmission(v *view, payload json.RawMessage) error {
	if !w.open(v) {
		return nil // the person closed it meanwhile
	}
	if payload == nil {
		w.drop(v, false)
		return nil
	}
	args, ok := decodeObject(payload)
	if !ok {
		return errors.New("a payload that is no object")
	}
	for _, k := range sortedKeys(args) {
		if !slices.Contains([]string{"response_action", "view", "errors"}, k) {
			return fmt.Errorf("unknown field %s", short(k))
		}
	}
	switch action, _ := args["response_action"].(string); action {
	case "errors":
		errs, err := v.inputErrors(args["errors"])
		if err != nil {
			return err
		}
		v.errors = errs
		w.viewChange(v.user)
	case "clear":
		w.drop(v, true)
	case "update", "push":
		replaced := v
		if action == "push" {
			replaced = nil
		}
		body, err := w.validView(args["view"], "modal", "/view", replaced)
		if err != nil {
			return explain(err)
		}
		if action == "update" {
			w.replace(v, body)
			return nil
		}
		if len(w.stacks[v.user]) >= maxStack {
			return errors.New("push_limit_reached")
		}
		w.push(v.user, body)
	default:
		return fmt.Errorf("unknown response_action %s", short(action))
	}
	return nil
}

// explain lists what is wrong with a view.
func explain(err error) error {
	var refused apiError
	if !errors.As(err, &refused) || len(refused.problems) == 0 {
		return err
	}
	var all []string
	for _, p := range refused.problems {
		all = append(all, p.String())
	}
	return fmt.Errorf("invalid view: %s", strings.Join(all, "; "))
}

// inputErrors checks the errors of an acknowledgement: keyed by input blocks of this view, each with a text.
func (v *view) inputErrors(given any) (map[string]string, error) {
	m, _ := given.(map[string]any)
	if len(m) == 0 {
		return nil, errors.New("response_action errors without errors")
	}
	inputs := map[string]bool{}
	for _, p := range placesIn(v.body) {
		inputs[p.slot.block] = inputs[p.slot.block] || p.input
	}
	errs := map[string]string{}
	for _, block := range sortedKeys(m) {
		text, ok := m[block].(string)
		switch {
		case !inputs[block]:
			return nil, fmt.Errorf("an error on %s, which is no input block", short(block))
		case !ok || text == "" || utf8.RuneCountInString(text) > maxErrorText:
			return nil, fmt.Errorf("the error on %s is no text of 1 to %d characters", short(block), maxErrorText)
		}
		errs[block] = text
	}
	return errs, nil
}

// CloseView closes the top view as its Cancel button does; the app hears of it if the view has notify_on_close.
func (p *Person) CloseView() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	_ = p.closeView("") // nothing was open
}

func (p *Person) closeView(viewID string) error {
	w := p.w
	v, err := p.topView(viewID)
	if err != nil {
		return err
	}
	all := v.body["clear_on_close"] == true
	if v.body["notify_on_close"] == true {
		w.launch("view_closed", w.closedPayload(w.user(p.id), v, all), func(json.RawMessage) error { return nil })
	}
	w.drop(v, all)
	return nil
}

// OpenHome opens the app's home tab, which people of the team can.
func (p *Person) OpenHome() error {
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.user(p.id)
	if u == nil || u.IsBot || u.IsStranger || !w.manifest.Features.Home.Enabled {
		return sentence("This app has no home tab for you.")
	}
	if !w.manifest.listens("app_home_opened") {
		return nil
	}
	event := map[string]any{"type": "app_home_opened", "user": u.ID, "channel": w.direct(u.ID).ID, "tab": "home",
		"event_ts": w.stamp(w.opt.Now())}
	if home := w.homes[u.ID]; home != nil {
		event["view"] = w.viewJSON(home)
	}
	w.emit(w.eventPayload(nil, event))
	return nil
}
