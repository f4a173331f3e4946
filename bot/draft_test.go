package bot_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks/keys"
)

// ears hear each answer of Slack's before the bot goes on with it, and may hold it there.
type ears struct {
	heard atomic.Pointer[func(method string)]
}

// on has a client's log heard.
func (e *ears) on(log *slog.Logger) *slog.Logger { return slog.New(listening{log.Handler(), e}) }

type listening struct {
	slog.Handler
	ears *ears
}

func (l listening) Handle(ctx context.Context, r slog.Record) error {
	if heard := l.ears.heard.Load(); heard != nil && r.Message == "Slack was asked" {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "method" {
				(*heard)(a.Value.String())
			}
			return true
		})
	}
	return l.Handler.Handle(ctx, r)
}

// holdNext holds the next answer to a method: held waits until it is there, release lets it go.
func (s *stage) holdNext(e *ears, method string) (held, release func()) {
	arrived, free := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	hear := func(m string) {
		if m == method && once.CompareAndSwap(false, true) {
			close(arrived)
			<-free
		}
	}
	e.heard.Store(&hear)
	release = sync.OnceFunc(func() { close(free) })
	s.held = append(s.held, release)
	return func() {
		s.t.Helper()
		select {
		case <-arrived:
		case <-s.context().Done():
			s.t.Fatalf("%s is not called\n%s", method, s.log)
		}
	}, release
}

// panicAfter has the bot panic at the next answer to a method.
func (e *ears) panicAfter(method string) {
	var once sync.Once
	hear := func(m string) {
		if m == method {
			once.Do(func() { panic("what it says may quote anything") })
		}
	}
	e.heard.Store(&hear)
}

// listened is a stage with ears.
func listened(t *testing.T, e *ears, options ...option) *stage {
	return newStageWith(t, bot.Manifest, func(_ *workspace.Options, c *slack.Config, _ *keys.Options) { c.Log = e.on(c.Log) }, options...)
}

// draft has Ana check a token for herself, and returns her once she sees the draft.
func (s *stage) draft() *workspace.Person {
	s.t.Helper()
	ana := s.shared("me")
	s.reads("view", workspace.Ana, "[ Post it ]")
	return ana
}

// press presses the button of a draft, and waits until the bot has an answer to a method, which it holds.
func (s *stage) press(e *ears, method string) (release func()) {
	s.t.Helper()
	held, release := s.holdNext(e, method)
	s.must(s.workspace.Person(workspace.Ana).ClickView(s.context(), "post"))
	held()
	return release
}

// TestADraftIsPostedOnce: a press that was made before another one posted the draft, or may have, posts nothing,
// however late it is worked on.
func TestADraftIsPostedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		fault   workspace.Fault
		through string
		posted  int
	}{
		"posted":         {workspace.Fault{}, "Posted to the thread.", 1},
		"perhaps posted": {workspace.Fault{Status: 500}, "Perhaps not posted: Slack did not say.", 0},
	} {
		t.Run(name, func(t *testing.T) {
			run := func(s *stage, twice func()) {
				s.draft()
				if c.posted == 0 {
					s.workspace.FailNext("chat.postMessage", 1, c.fault)
				}
				twice()
				s.settled()
				if n := len(s.answers()); n != c.posted {
					s.t.Errorf("%d answers in the thread, not %d", n, c.posted)
				}
			}
			t.Run("by one replica", func(t *testing.T) {
				e := &ears{}
				s := listened(t, e, patient)
				run(s, func() {
					first := s.press(e, "chat.postMessage")
					second := s.press(e, "conversations.info") // it has read the draft
					first()
					s.reads("view", workspace.Ana, c.through)
					second()
				})
				s.finish()
			})
			t.Run("by two", func(t *testing.T) {
				f := newFleet(t)
				run(f.stage, func() {
					late := f.press(&f.ears, "conversations.info")
					f.must(f.workspace.Person(workspace.Ana).ClickView(f.context(), "post"))
					f.reads("view", workspace.Ana, c.through)
					late()
				})
				f.finishAll()
			})
		})
	}
}

// TestAPanicWhileADraftIsPosted: whoever pressed reads that it may stand there, and has the draft still.
func TestAPanicWhileADraftIsPosted(t *testing.T) {
	e := &ears{}
	s := listened(t, e, patient)
	ana := s.draft()
	e.panicAfter("chat.postMessage")
	s.must(ana.ClickView(s.context(), "post"))
	s.reads("view", workspace.Ana, "Perhaps not posted: I failed by a fault of mine while I did.")
	s.must(ana.ClickView(s.context(), "post"))
	s.reads("view", workspace.Ana, "Posted to the thread.")
	s.finish()
}

// TestTheDetailsAreNotPosted: where the verdict stands in the channel and Slack does not take its details, whoever asked
// has them all the same, and the button that posts them.
func TestTheDetailsAreNotPosted(t *testing.T) {
	for name, c := range map[string]struct {
		fault workspace.Fault
		want  string
	}{
		"refused": {workspace.Fault{Code: "restricted_action"}, "The verdict is posted, its details are not: That channel does not let me post"},
		"unclear": {workspace.Fault{Status: 500}, "The verdict is posted, its details perhaps not: Slack did not say."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, patient)
			ana := s.workspace.Person(workspace.Ana)
			s.must(ana.Command(s.context(), workspace.Incidents, "/jwt-check", ""))
			s.workspace.FailNext("chat.postMessage", 1, workspace.Fault{Hang: time.Nanosecond}) // the verdict comes through
			s.workspace.FailNext("chat.postMessage", 1, c.fault)
			s.form(ana, expired)
			for _, want := range []string{c.want, "Rejected · expired", "Claims, redacted", "Only you see the details."} {
				s.reads("view", workspace.Ana, want)
			}
			s.must(ana.ClickView(s.context(), "post"))
			s.reads("view", workspace.Ana, "Posted to the channel, with the details in its thread.")
			s.stop()
			channel := s.workspace.Transcript(workspace.Ana, workspace.Incidents, "")
			if strings.Count(channel, "✗ Rejected · expired") != 1 || strings.Count(channel, "(1 reply)") != 1 {
				t.Errorf("the channel:\n%s", channel)
			}
			s.finish()
		})
	}
}
