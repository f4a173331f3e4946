package slack

import (
	"context"
	"maps"
	"slices"

	"jwt-check-bot/redact"
)

// maxFrame is the longest frame that Slack takes; a longer one closes the connection or is dropped
// without a word.
const maxFrame = 20480

// Ack is an acknowledgement. The zero Ack is a plain one: it closes a modal.
type Ack struct {
	payload []byte // JSON; nil is none
	failed  string // why there is a plain one instead of what was wanted
	canary  redact.Canary
}

// Under returns a with a submission that it must not hold anything of.
func (a Ack) Under(c redact.Canary) Ack {
	a.canary = c
	return a
}

// AckErrors keeps a modal open with an error on each of these input blocks.
func AckErrors(errors map[string]redact.Text) Ack {
	b := []byte(`{"response_action":"errors","errors":{`)
	start := len(b)
	for _, block := range slices.Sorted(maps.Keys(errors)) {
		t := errors[block]
		if !isName(block, maxName) || t.IsZero() {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(appendString(b, block), ':')
		b = appendString(b, t.Cut(maxText).String())
	}
	if len(b) == start {
		return Ack{failed: "no error to show"}
	}
	return Ack{payload: append(b, "}}"...)}
}

// AckUpdate replaces the modal. A view that Slack would not take is replaced by a plain
// acknowledgement and a line in the log; so keep it small, and use UpdateView for the rest.
func AckUpdate(m Modal) Ack {
	b, err := m.appendTo([]byte(`{"response_action":"update","view":`))
	if err != nil {
		return Ack{failed: "not a modal"}
	}
	return Ack{payload: append(b, '}')}
}

// AckClear closes every modal of the stack.
func AckClear() Ack { return Ack{payload: []byte(`{"response_action":"clear"}`)} }

// encode returns the frame that acknowledges an envelope: with ack's payload if Slack takes one
// here, if it fits into a frame and if nothing in it looks like a token; plainly otherwise, since
// an acknowledgement too few is an error that the person sees.
func (c *Client) encode(id string, ack Ack, accepts bool) []byte {
	const overhead = len(`{"envelope_id":"","payload":}`)
	b := make([]byte, 0, overhead+len(id)+len(ack.payload))
	b = append(b, `{"envelope_id":`...)
	b = appendString(b, id)
	plain := len(b)
	if ack.failed != "" {
		c.log.Error("acknowledged plainly: what was wanted instead cannot be sent", "why", ack.failed)
	}
	if ack.payload == nil || !accepts {
		return append(b, '}')
	}
	b = append(b, `,"payload":`...)
	b = append(b, ack.payload...)
	b = append(b, '}')
	found := nets{canaries: []redact.Canary{ack.canary}}.scan(b[plain:])
	switch {
	case len(b) >= maxFrame:
		c.log.Error("acknowledged plainly: the view is too large for a frame", "bytes", len(b))
	case found != redact.Nothing:
		c.withheld(context.Background(), "acknowledgement", found)
	default:
		return b
	}
	return append(b[:plain], '}')
}
