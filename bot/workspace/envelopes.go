package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// maxFrame is the largest frame that Slack takes from an app.
const maxFrame = 20_480

// errTrouble is what a modal says when the app did not answer, or not as Slack wants.
var errTrouble = sentence("We had some trouble connecting. Try again?")

// envelope is a delivery to the app, with what happens when it is acknowledged.
type envelope struct {
	Envelope
	payload    map[string]any
	deliveries []*delivery
	retry      int // retry_attempt of an event

	// settle applies the first timely acknowledgement; its error is what the person sees.
	settle  func(payload json.RawMessage) error
	settled bool
	outcome error
	done    chan struct{} // closed when settled
}

// delivery is an envelope on its way over one connection.
type delivery struct {
	link    *link
	at      time.Time
	acked   bool
	overdue bool
	lost    bool // the connection ended first
	limit   *time.Timer
}

func (e *envelope) event() bool { return e.Type == "events_api" }

// newEnvelope registers a payload for delivery. The lock is held.
func (w *Workspace) newEnvelope(kind string, payload map[string]any) *envelope {
	types := map[string]string{"slash_commands": "slash_commands", "event_callback": "events_api"}
	e := &envelope{payload: payload, done: make(chan struct{})}
	e.ID, e.Kind, e.Type = uuid(), kind, types[kind]
	if e.Type == "" {
		e.Type = "interactive"
	}
	if inner, ok := payload["event"].(map[string]any); ok {
		e.Kind, _ = inner["type"].(string)
	}
	if len(w.envelopes) >= maxRecords {
		for _, old := range w.envelopes[:maxRecords/2] {
			delete(w.byID, old.ID)
		}
	}
	w.envelopes = append(trim(w.envelopes), e)
	w.byID[e.ID] = e
	return e
}

// frame is the envelope as it goes over the socket.
func (e *envelope) frame() []byte {
	f := map[string]any{"envelope_id": e.ID, "type": e.Type, "payload": e.payload, "accepts_response_payload": !e.event()}
	if e.event() {
		f["retry_attempt"], f["retry_reason"] = e.retry, ""
		if e.retry > 0 {
			f["retry_reason"] = "timeout"
		}
	}
	b, _ := json.Marshal(f) // made of JSON values alone
	return b
}

// deliver sends the envelope over the next connection in turn; false when there is none. The lock is held.
func (w *Workspace) deliver(e *envelope) bool {
	l := w.nextLink()
	if l == nil {
		return false
	}
	d := &delivery{link: l, at: time.Now()}
	if len(e.deliveries) > 0 {
		e.Redelivered++
		w.note(Entry{Kind: Redelivered, What: e.Kind})
	}
	e.deliveries = append(e.deliveries, d)
	e.Delivered = d.at
	l.send(e.frame())
	d.limit = w.after(w.opt.AckTimeout, func() { w.expire(e, d) })
	w.change()
	return true
}

// expire ends a delivery's time. The lock is held.
func (w *Workspace) expire(e *envelope, d *delivery) {
	if d.acked {
		return
	}
	d.overdue = true
	if !d.lost {
		w.refuse("ack", "none in time", "%s (%s): none within %s", e.Type, e.Kind, w.opt.AckTimeout)
	}
	if e.event() {
		if e.deliveries[len(e.deliveries)-1] == d { // a later one has its own time
			w.retryEvent(e)
		}
		return
	}
	w.finish(e, errTimeout)
}

// errTimeout is Slack's word for an app that did not acknowledge.
var errTimeout = errors.New("operation_timeout")

// errNoSocket is Slack's word for an app that is not there at all.
var errNoSocket = errors.New("dispatch_failed")

// finish settles an envelope without an acknowledgement. The lock is held.
func (w *Workspace) finish(e *envelope, outcome error) {
	if e.settled {
		return
	}
	e.settled, e.outcome = true, outcome
	close(e.done)
	w.change()
}

// retryEvent redelivers an event nobody acknowledged: at once, after a minute, after five. The lock is held.
func (w *Workspace) retryEvent(e *envelope) {
	if e.settled || e.retry >= len(w.retryDelays) {
		return
	}
	delay := w.retryDelays[e.retry]
	e.retry++
	w.change()
	w.after(delay, func() {
		if !e.settled && !w.deliver(e) {
			w.retryEvent(e)
		}
	})
}

// emit delivers an event; with no connection open, its retries are the only delivery. The lock is held.
func (w *Workspace) emit(payload map[string]any) {
	e := w.newEnvelope("event_callback", payload)
	e.settle = func(json.RawMessage) error { return nil }
	if !w.deliver(e) {
		w.retryEvent(e)
	}
}

// dispatch delivers an interaction and waits until it is acknowledged, out of time, or ctx ends.
func (w *Workspace) dispatch(ctx context.Context, e *envelope) error {
	select {
	case <-e.done:
		w.mu.Lock()
		defer w.mu.Unlock()
		return e.outcome
	case <-ctx.Done():
		return ctx.Err()
	case <-w.ctx.Done():
		return errors.New("the workspace is closed")
	}
}

// launch registers and delivers an interaction. The lock is held.
func (w *Workspace) launch(kind string, payload map[string]any, settle func(json.RawMessage) error) *envelope {
	e := w.newEnvelope(kind, payload)
	e.settle = settle
	if !w.deliver(e) {
		w.finish(e, errNoSocket)
	}
	return e
}

// acknowledge judges a frame from the app. The lock is held.
func (w *Workspace) acknowledge(l *link, frame []byte) {
	var ack struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(frame, &ack); err != nil || ack.ID == "" {
		w.refuse("ack", "invalid frame", "a frame that is not JSON with an envelope_id")
		return
	}
	e := w.byID[ack.ID]
	if e == nil {
		w.refuse("ack", "unknown envelope", "of an unknown envelope")
		return
	}
	e.Acks++
	e.Bytes = len(frame)
	var d *delivery
	here := 0
	for _, x := range e.deliveries {
		if x.link == l {
			here++
			if !x.acked && (d == nil || d.overdue) {
				d = x // one in time, if there is any: all have the same envelope ID
			}
		}
	}
	what := fmt.Sprintf("%s (%s)", e.Type, e.Kind)
	switch {
	case here == 0:
		// Whether Slack takes it is unknown; the stricter holds.
		w.refuse("ack", "another connection", "%s: on another connection than the one that delivered it", what)
		return
	case d == nil:
		w.refuse("ack", "twice", "%s: acknowledged twice", what)
		return
	}
	d.acked = true
	w.callOff(d.limit)
	after := time.Since(d.at)
	if e.AckedAfter == 0 {
		e.AckedAfter = after
	}
	if d.overdue {
		w.refuse("ack", "late", "%s: late, after %s", what, after.Round(time.Millisecond))
		return
	}
	payload := given(ack.Payload)
	if payload != nil {
		e.Payload = payload
	}
	switch {
	case payload == nil:
	case e.event():
		w.refuse("ack", "unwanted payload", "%s: has a payload, and the envelope accepts none", what)
		payload = nil
	case e.Kind != "slash_commands" && e.Kind != "view_submission":
		w.refuse("ack", "unwanted payload", "%s: has a payload, which Slack ignores here", what)
		payload = nil
	}
	switch {
	case !e.settled:
		w.finish(e, e.settle(payload))
	case e.Kind == "view_submission":
		_ = e.settle(payload) // of a second delivery: whether Slack applies it is unknown; the stricter holds
	}
	w.change()
}

// given returns nil for a payload that says nothing.
func given(payload json.RawMessage) json.RawMessage {
	switch string(payload) {
	case "", "null", "{}", `""`:
		return nil
	}
	return payload
}

// requeue sends what a dead connection left unacknowledged over another one. The lock is held.
func (w *Workspace) requeue(l *link) {
	for _, e := range w.envelopes {
		for _, d := range e.deliveries {
			if d.link == l && !d.acked && !d.overdue && !d.lost {
				d.lost = true
				if !e.settled {
					w.deliver(e)
				}
				break
			}
		}
	}
}

// waiting delivers, over a connection that just opened, what was lost and still has time. The lock is held.
func (w *Workspace) waiting() {
	for _, e := range w.envelopes {
		if n := len(e.deliveries); n > 0 && !e.settled && e.deliveries[n-1].lost && !e.deliveries[n-1].overdue {
			w.deliver(e)
		}
	}
}

// Redeliver sends an envelope again, as Slack sometimes does: same envelope ID, whatever became of it before.
func (w *Workspace) Redeliver(envelopeID string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.byID[envelopeID]
	switch {
	case e == nil:
		return errors.New("no such envelope")
	case !w.deliver(e):
		return errors.New("no connection to deliver over")
	}
	return nil
}
