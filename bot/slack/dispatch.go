package slack

import (
	"context"
	"log/slog"

	"jwt-check-bot/redact"
)

// receive deals with one frame and reports whether to go on reading. It does not keep b.
func (n *conn) receive(d *decoder, b []byte) bool {
	c := n.session.client
	var e envelope
	read := false
	if n.session.guarded("", func() { read = d.decode(b, &e) }) {
		*d = decoder{} // whatever state the panic left
	}
	if !read {
		c.stats.undecodable.Add(1)
		id := first(e.id, findID(b))
		c.log.Warn("a frame that could not be decoded", "bytes", len(b), "acknowledged", id != "")
		n.answer(&e, id, Ack{}, nil)
		return true
	}
	switch e.kind {
	case "hello":
		n.greet(e.connections)
		return true
	case "disconnect":
		return n.leave(e.reason)
	}
	c.stats.envelopes.Add(1)
	if e.id == "" {
		c.stats.undecodable.Add(1)
		return true
	}
	c.debug(n.session.ctx, "an envelope came", slog.String("delivery", e.id), slog.String("kind", e.sort()))
	ack, work := n.session.ask(&e)
	n.answer(&e, e.id, ack, work)
	return true
}

// greet takes a hello, and how many connections of the app Slack counts, those of all replicas.
func (n *conn) greet(counted int64) {
	c := n.session.client
	if n.greeted {
		return
	}
	n.greeted = true
	c.connected.Add(1)
	c.stats.connections.Add(1)
	c.stats.counted.Store(counted)
	c.debug(n.session.ctx, "a connection to Slack has said hello", slog.Int("connections", c.Connected()), slog.Int64("counted", counted))
	if most := int64(mostReplicas * usualConnections); counted > most && c.crowded.CompareAndSwap(false, true) {
		c.log.Warn("Slack counts more connections of this app than its replicas should hold: unless one is just being renewed, somebody else connects with this app token, or Slack still counts some that are gone; what it delivers to those is lost",
			"counted", counted, "replicas_at_most", mostReplicas, "theirs", most)
	}
	close(n.hello)
}

// leave is Slack's announcement that it will close this connection. Where it is about to be
// renewed, it is served on until the next one lives.
func (n *conn) leave(reason string) bool {
	if !isCode(reason) {
		reason = "unknown"
	}
	n.because(reason)
	if reason == "link_disabled" || reason == "too_many_websockets" {
		n.stop()
		return false
	}
	select {
	case <-n.leaving:
	default:
		close(n.leaving)
	}
	return true
}

// debug says what an operator wants to know when nothing works: what came, went and failed, by words
// and IDs that are no content.
func (c *Client) debug(ctx context.Context, what string, attrs ...slog.Attr) {
	c.log.LogAttrs(ctx, slog.LevelDebug, what, attrs...)
}

// sort is the envelope's kind in one of Slack's words that are known here.
func (e *envelope) sort() string {
	for _, known := range []string{"slash_commands", "events_api", "view_submission", "message_action", "shortcut", "block_actions"} {
		if e.kind == known || e.kind == "interactive" && e.what == known {
			return known
		}
	}
	return "unknown"
}

// ask lets the handler answer. A panic in it costs nobody else anything: it is answered plainly, and
// whoever sent a form is told, since a plain answer would close the form without a word.
func (s *session) ask(e *envelope) (ack Ack, work Work) {
	at := s.client.clock.now()
	panicked := s.guarded(e.id, func() {
		switch {
		case e.kind == "slash_commands":
			ack, work = s.handler.Command(e.asCommand(at))
		case e.kind == "events_api":
			ack, work = s.handler.Event(e.asEvent(at))
		case e.kind != "interactive":
			s.client.stats.unknown.Add(1)
		case e.what == "view_submission":
			ack, work = s.handler.Submission(e.asSubmission(at))
		case e.what == "message_action", e.what == "shortcut":
			ack, work = s.handler.Shortcut(e.asShortcut(at))
		case e.what == "block_actions":
			ack, work = s.handler.Action(e.asAction(at))
		default:
			s.client.stats.unknown.Add(1)
		}
	})
	if panicked && e.what == "view_submission" {
		return AckUpdate(fault), nil
	}
	return ack, work
}

// fault stands in place of a form whose answer panicked.
var fault = Modal{
	Callback: "fault", Title: redact.Const("Not done"), Close: redact.Const("Close"),
	Blocks: []Block{Paragraph(Plain(redact.Const("I failed by a fault of mine, and nothing was posted. Please tell whoever runs this bot; try again in the meantime.")))},
}

// answer queues the acknowledgement. It waits only if the writing is stuck, which ends with the
// write's deadline.
func (n *conn) answer(e *envelope, id string, ack Ack, work Work) {
	if id == "" {
		return
	}
	n.due <- due{frame: n.session.client.encode(id, ack, e.accepts), id: id, work: work}
}

// begin starts the work of an acknowledgement that has been written.
func (s *session) begin(d due) {
	if d.work == nil {
		return
	}
	s.client.work.add()
	go func() {
		defer s.client.work.done()
		s.guarded(d.id, func() { d.work(s.working) })
	}()
}

// lost tells of an acknowledgement that could not be written.
func (s *session) lost(d due) {
	s.client.stats.unacknowledged.Add(1)
	if h, ok := s.handler.(Unacknowledged); ok {
		s.guarded(d.id, func() { h.Unacknowledged(d.id) })
	}
}

// guarded runs f, survives its panic and reports whether there was one. It tells the type and the
// place alone: the value may quote a token.
func (s *session) guarded(id string, f func()) (panicked bool) {
	defer func() {
		thrown := recover()
		if thrown == nil {
			return
		}
		panicked = true
		kind, at := redact.Fault(thrown)
		s.client.stats.panics.Add(1)
		s.client.log.Error("a panic in the bot", "type", kind, "place", at)
		if h, ok := s.handler.(Panicked); ok {
			defer func() { _ = recover() }() // whoever hears of panics may panic too
			h.Panicked(id, at)
		}
	}()
	f()
	return false
}
