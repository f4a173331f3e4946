package workspace

import (
	"cmp"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Fault is what happens to a call: with a Status, Code or RetryAfter in place of its work, with Hang alone before it.
type Fault struct {
	Status     int           // of the answer; default 200, or 429 with RetryAfter
	Code       string        // Slack's error; default internal_error, or ratelimited with RetryAfter
	RetryAfter int           // seconds
	Hang       time.Duration // before anything else

	over chan struct{} // closed where the hang ends earlier; nil: it does not
}

// FailNext makes the next n calls of a method fail; method is a Web API name, response_url, or * for any.
func (w *Workspace) FailNext(method string, n int, f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range min(n, maxRecords) {
		w.faults[method] = append(w.faults[method], f)
	}
}

// nextFault takes the fault that is due. The lock is held.
func (w *Workspace) nextFault(name string) *Fault {
	for _, key := range []string{name, "*"} {
		if list := w.faults[key]; len(list) > 0 {
			w.faults[key] = list[1:]
			return &list[0]
		}
	}
	if name == responseMethod {
		return nil
	}
	return w.outage.current()
}

// outage is a fault that every call of the Web API meets for a while.
type outage struct {
	fault Fault
	until time.Time
	timer *time.Timer
}

// FailFor has every call of the Web API meet the fault until d has passed, those of FailNext first; 0 ends it. What
// hangs then goes on.
func (w *Workspace) FailFor(d time.Duration, f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.callOff(w.outage.timer)
	if w.outage.fault.over != nil {
		close(w.outage.fault.over)
	}
	f.over = make(chan struct{})
	w.outage = outage{fault: f, until: time.Now().Add(d), timer: w.after(d, w.change)}
	w.change()
}

// current returns what a call meets now; nil: nothing.
func (o *outage) current() *Fault {
	left := time.Until(o.until)
	if left <= 0 {
		return nil
	}
	f := o.fault
	f.Hang = min(f.Hang, left)
	return &f
}

// inject plays a fault; false means that the call goes on.
func (w *Workspace) inject(rw http.ResponseWriter, r *http.Request, name string, body []byte, f *Fault) bool {
	if f.Hang > 0 {
		w.mu.Lock()
		w.note(Entry{Kind: Hung, What: named(name), Seconds: int(math.Ceil(f.Hang.Seconds()))})
		w.mu.Unlock()
		timer := time.NewTimer(f.Hang)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-f.over:
		case <-r.Context().Done():
		case <-w.ctx.Done():
		}
	}
	if f.Status == 0 && f.Code == "" && f.RetryAfter == 0 {
		if r.Context().Err() == nil {
			return false
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.record(name, "canceled", body)
		return true
	}
	status := f.Status
	code := f.Code
	if f.RetryAfter > 0 {
		status, code = cmp.Or(status, http.StatusTooManyRequests), cmp.Or(code, "ratelimited")
	}
	status, code = cmp.Or(status, http.StatusOK), cmp.Or(code, "internal_error")
	header := http.Header{}
	if f.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	kind := Failed
	if f.RetryAfter > 0 {
		kind = Limited
	}
	w.mu.Lock()
	w.note(Entry{Kind: kind, What: named(name), Status: status, Code: code, Seconds: f.RetryAfter})
	w.record(name, code, body)
	w.mu.Unlock()
	writeJSON(rw, status, answer{"ok": false, "error": code}, header)
	return true
}

// HoldAcknowledgements has Slack take none until release is called: what the app says by the Web API overtakes them.
func (w *Workspace) HoldAcknowledgements() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	held := make(chan struct{})
	w.held = held
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.held = nil
		close(held)
	}
}

// DeleteMessage deletes a message, as its author or an administrator would.
func (w *Workspace) DeleteMessage(channel, ts string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil {
		return
	}
	if m := c.find(ts, ""); m != nil {
		w.announce(c, m, "message_deleted", w.messageJSON(c, m))
		w.remove(c, m)
	}
}

// SetUser changes a person: makes them a guest, gives them another name or zone. change must not call the workspace.
func (w *Workspace) SetUser(user string, change func(*User)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if u := w.user(user); u != nil {
		change(u)
		w.change()
	}
}

// SetMetadata changes what travels with the person's open modal, as a client that was tampered with might.
func (w *Workspace) SetMetadata(user string, change func(string) string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.top(user)
	if v == nil {
		return
	}
	body := maps.Clone(v.body)
	old, _ := body["private_metadata"].(string)
	body["private_metadata"] = change(old)
	v.body = body
	w.change()
}

// SetChannel changes a channel: archives it, shares it, removes the app. change must not call the workspace.
func (w *Workspace) SetChannel(channel string, change func(*Channel)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.channel(channel); c != nil {
		change(&c.Channel)
		w.change()
	}
}
