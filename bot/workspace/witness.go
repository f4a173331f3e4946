package workspace

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Bounds of the witness's memory: past them the oldest half goes.
const (
	maxRecords = 10_000
	maxHeld    = 64 << 20 // bytes of bodies and frames
)

// Call is one Web API or response URL call. Code is "ok" or the error; Body is without a token parameter.
type Call struct {
	Method string
	At     time.Time
	Code   string
	Body   []byte
}

// Envelope is what happened to one delivery to the app.
type Envelope struct {
	ID          string
	Type        string        // slash_commands, interactive or events_api
	Kind        string        // the payload's own type: view_submission, app_mention ...
	Delivered   time.Time     // last; zero while no connection was there to take it
	AckedAfter  time.Duration // of the first acknowledgement
	Acks        int
	Bytes       int             // size of the last acknowledgement's frame
	Payload     json.RawMessage // of the last acknowledgement that had one
	Redelivered int
}

// Refusals lists every request and frame that was refused, or that Slack would have refused: what and why.
func (w *Workspace) Refusals() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.refusals)
}

// Envelopes lists all deliveries, oldest first.
func (w *Workspace) Envelopes() []Envelope {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Envelope, 0, len(w.envelopes))
	for _, e := range w.envelopes {
		all = append(all, e.Envelope)
	}
	return all
}

// Calls lists all Web API and response URL calls, oldest first.
func (w *Workspace) Calls() []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// Received lists every byte sequence that the app sent, bodies and frames, for searches; no Authorization headers.
func (w *Workspace) Received() [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.received)
}

// Connections counts the sockets that are open.
func (w *Workspace) Connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.links)
}

// Forget lets go of what is over, so that the witness's memory does not count where the app's is measured: calls, what
// was received, settled envelopes, and all messages except the seed's. Refusals stay.
func (w *Workspace) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.received, w.sizes = nil, nil, 0
	clear(w.triggers)
	clear(w.replies)
	var open []*envelope
	for _, e := range w.envelopes {
		if e.settled {
			delete(w.byID, e.ID)
		} else {
			open = append(open, e)
		}
	}
	w.envelopes = open
	for _, c := range w.channels {
		kept := 0
		if c.ID == Incidents {
			kept = min(seeded, len(c.messages))
		}
		c.messages = slices.Clone(c.messages[:kept])
	}
	w.change()
}

// refuse keeps a refusal: in words, which may name fields and quote no values, and its code for the record. The lock is
// held.
func (w *Workspace) refuse(what, code, format string, args ...any) {
	w.complain(what, fmt.Sprintf(format, args...))
	w.note(Entry{Kind: Refused, What: what, Code: code})
}

func (w *Workspace) complain(what, why string) {
	w.opt.Log.Warn("refused", "what", what, "why", why)
	w.refusals = append(trim(w.refusals), what+": "+why)
	w.change()
}

// receive keeps a copy of what the app sent. The lock is held.
func (w *Workspace) receive(b []byte) {
	w.sizes += len(b)
	if w.sizes > maxHeld {
		w.received = slices.Clone(w.received[len(w.received)/2:])
		w.calls = slices.Clone(w.calls[len(w.calls)/2:])
		w.sizes = 0
		for _, r := range w.received {
			w.sizes += len(r)
		}
	}
	w.received = append(trim(w.received), b)
	w.change()
}

// record keeps a call. The lock is held.
func (w *Workspace) record(method, code string, body []byte) {
	w.opt.Log.Info("call", "method", method, "code", code, "bytes", len(body))
	w.calls = append(trim(w.calls), Call{Method: method, At: w.opt.Now(), Code: code, Body: body})
	w.change()
}

func trim[T any](s []T) []T {
	if len(s) < maxRecords {
		return s
	}
	return slices.Clone(s[len(s)/2:])
}
