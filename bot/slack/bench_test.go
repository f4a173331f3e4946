package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"jwt-check-bot/redact"
)

// BenchmarkEnvelopeToAck is what lies between a frame of 2.5 KB with a token in it and the bytes of
// its acknowledgement, here and in slack-go's own client (receiveMessagesInto, parseEvent and
// SendCtx of its socketmode, without their channels). "paired" alternates the two in one run, which
// is the only ratio that holds on a noisy machine.
func BenchmarkEnvelopeToAck(b *testing.B) {
	text := submissionFrame("57d6a792-4d35-4d0b-b6aa-3361493e1caf", token())
	ours, theirs := benchOurs(b, text), benchTheirs(b, text)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			ours()
		}
	})
	b.Run("slack-go", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			theirs()
		}
	})
	b.Run("paired", func(b *testing.B) {
		var ratios []float64
		for b.Loop() {
			var a, z time.Duration
			if len(ratios)%2 == 0 {
				a, z = slice(ours), slice(theirs)
			} else {
				z, a = slice(theirs), slice(ours)
			}
			ratios = append(ratios, float64(a)/float64(z))
		}
		slices.Sort(ratios)
		b.ReportMetric(ratios[len(ratios)/2], "x-slack-go")
		b.ReportMetric(0, "ns/op")
	})
}

// slice is the time that f takes, measured over a few milliseconds.
func slice(f func()) time.Duration {
	const least = 3 * time.Millisecond
	start := time.Now()
	for n := 1; ; n++ {
		f()
		if d := time.Since(start); d >= least {
			return d / time.Duration(n)
		}
	}
}

func benchOurs(b *testing.B, text string) func() {
	c, err := New(Config{AppToken: redact.NewSecret("a"), BotToken: redact.NewSecret("b")})
	if err != nil {
		b.Fatal(err)
	}
	h := &deaf{}
	s := &session{client: c, handler: h}
	var d decoder
	var received frame
	source := strings.NewReader(text)
	return func() {
		source.Reset(text)
		frame, err := received.fill(source)
		if err != nil {
			b.Fatal(err)
		}
		var e envelope
		if !d.decode(frame, &e) {
			b.Fatal("not decoded")
		}
		ack, _ := s.ask(&e)
		if len(c.encode(e.id, ack, e.accepts)) == 0 || h.last.Len() == 0 {
			b.Fatal("nothing")
		}
		received.wipe()
	}
}

func benchTheirs(b *testing.B, text string) func() {
	source := strings.NewReader(text)
	return func() {
		source.Reset(text)
		var raw json.RawMessage
		if err := json.NewDecoder(source).Decode(&raw); err != nil {
			b.Fatal(err)
		}
		var request socketmode.Request
		if err := json.Unmarshal(raw, &request); err != nil {
			b.Fatal(err)
		}
		var callback slackgo.InteractionCallback
		if err := json.Unmarshal(request.Payload, &callback); err != nil {
			b.Fatal(err)
		}
		ack, err := json.Marshal(socketmode.Response{EnvelopeID: request.EnvelopeID})
		if err != nil || len(ack) == 0 || callback.View.State.Values["token"]["token"].Value == "" {
			b.Fatal("nothing")
		}
	}
}

// deaf is a handler that keeps what was typed and does nothing.
type deaf struct{ last redact.Secret }

func (h *deaf) Command(Command) (Ack, Work)   { return Ack{}, nil }
func (h *deaf) Shortcut(Shortcut) (Ack, Work) { return Ack{}, nil }
func (h *deaf) Action(Action) (Ack, Work)     { return Ack{}, nil }
func (h *deaf) Event(Event) (Ack, Work)       { return Ack{}, nil }
func (h *deaf) Submission(v Submission) (Ack, Work) {
	h.last = v.Fields.Text("token")
	return Ack{}, nil
}
