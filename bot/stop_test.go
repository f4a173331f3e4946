package bot_test

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks/keys"
)

// Conversations in which the bot is told to stop, or its own code fails.

// stopping tells the bot to stop, waits until it takes no more, and returns the wait for its end.
func (s *stage) stopping() (ended func()) {
	s.t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); s.quit() }()
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool { return s.workspace.Connections() == 0 }))
	return func() { <-done }
}

func TestStoppedInTheMiddle(t *testing.T) {
	t.Run("before it is connected", func(t *testing.T) {
		s := newStage(t, patient)
		s.quit()
		s.workspace.FailNext("auth.test", 1, workspace.Fault{Hang: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.app.Run(ctx) }()
		cancel()
		s.must(<-ended)
		s.finish()
	})
	t.Run("the check ends within the grace", func(t *testing.T) {
		s := newStage(t, patient)
		release := s.hold()
		s.submit(workspace.Ana, expired)
		ended := s.stopping()
		release()
		ended()
		s.once()
		if view := s.workspace.ViewText(workspace.Ana); !strings.Contains(view, "Posted to the thread.") {
			t.Errorf("view:\n%s", view)
		}
		s.finish()
	})
	t.Run("the check is cut off", func(t *testing.T) {
		s := hurried(t, 0, 0, 50*time.Millisecond, hasty)
		s.hold()
		s.submit(workspace.Ana, expired)
		s.reads("thread", workspace.Ana, "Checking a token…")
		s.stopping()()
		const want = "I was restarted before your check ended. There is no result; check again."
		if view := s.workspace.ViewText(workspace.Ana); !strings.Contains(view, want) {
			t.Errorf("view:\n%s", view)
		}
		if a := s.answers(); len(a) != 1 || a[0].Text != want {
			t.Errorf("thread: %+v", a)
		}
		s.finish()
	})
	t.Run("queued", func(t *testing.T) {
		s := hurried(t, 0, 0, 50*time.Millisecond, patient, func(o *bot.Options) { o.Concurrency = 1 })
		s.hold()
		s.submit(workspace.Ana, expired)
		s.submit(workspace.Ben, expired)
		s.stopping()()
		if view := s.workspace.ViewText(workspace.Ben); !strings.Contains(view, "I was restarted before your check began.") {
			t.Errorf("view:\n%s", view)
		}
		s.finish()
	})
	t.Run("while it is posted", func(t *testing.T) {
		s := hurried(t, 0, 0, 50*time.Millisecond, patient)
		s.workspace.FailNext("chat.postMessage", 1, workspace.Fault{Hang: time.Minute})
		s.submit(workspace.Ana, expired)
		s.must(s.workspace.Await(s.context(), func(*workspace.State) bool { return strings.Contains(s.log.String(), "msg=checked") }))
		s.stopping()()
		s.viewHas("Perhaps not posted:", "Rejected · expired", "Claims, redacted")
		s.finish()
	})
}

// viewHas checks what Ana's view shows once the bot has ended.
func (s *stage) viewHas(wants ...string) {
	s.t.Helper()
	view := s.workspace.ViewText(workspace.Ana)
	for _, want := range wants {
		if !strings.Contains(view, want) {
			s.t.Errorf("the view lacks %q:\n%s", want, view)
		}
	}
}

func TestStoppedWhileSlackAsksForPatience(t *testing.T) {
	s := newStageWith(t, bot.Manifest, func(_ *workspace.Options, c *slack.Config, _ *keys.Options) {
		c.Sleep, c.Grace = nil, 50*time.Millisecond
	}, patient)
	s.workspace.FailNext("chat.postMessage", 1, workspace.Fault{RetryAfter: 30})
	s.submit(workspace.Ana, expired)
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
		return slices.ContainsFunc(s.workspace.Calls(), func(c workspace.Call) bool { return c.Code == "ratelimited" })
	}))
	s.stopping()()
	s.viewHas("Not posted: I was restarted before Slack took it.", "Rejected · expired", "Claims, redacted")
	s.finish()
}

// TestTheBotTokenIsRevoked: the bot ends, and whoever had asked is told what can still be told.
func TestTheBotTokenIsRevoked(t *testing.T) {
	s := newStage(t, patient)
	s.quit()
	ended := make(chan error)
	go func() { ended <- s.app.Run(t.Context()) }()
	s.must(s.workspace.Await(s.context(), func(st *workspace.State) bool { return st.App.Connected }))
	s.workspace.FailNext("chat.postMessage", 1, workspace.Fault{Code: "token_revoked"})
	s.submit(workspace.Ana, expired)
	if e, ok := errors.AsType[*slack.Error](<-ended); !ok || e.Code != "token_revoked" || e.Method != "chat.postMessage" {
		t.Errorf("it ended with %v", e)
	}
	s.viewHas("Not posted: Slack does not accept my bot token any more", "Rejected · expired", "Claims, redacted")
	s.finish()
}

// TestAPanicInTheMiddle: of the work, once it is acknowledged.
func TestAPanicInTheMiddle(t *testing.T) {
	var armed atomic.Bool
	s := newStage(t, patient, func(o *bot.Options) {
		o.Now = func() time.Time {
			if armed.Load() && strings.Contains(string(debug.Stack()), ".(*App).check(") && armed.Swap(false) {
				panic("what it says may quote a token")
			}
			return at
		}
	})
	armed.Store(true)
	ana := s.submit(workspace.Ana, expired)
	s.reads("view", workspace.Ana, "The check failed by a fault of mine.")
	ana.CloseView()
	s.submit(workspace.Ana, expired)
	s.reads("thread", workspace.Ana, "Rejected · expired")
	s.once()
	s.finish()
}

// TestAPanicBeforeTheAcknowledgement: what a panic kept from being accepted is worked when it is delivered again.
func TestAPanicBeforeTheAcknowledgement(t *testing.T) {
	var armed atomic.Int32
	s := newStage(t, patient, func(o *bot.Options) {
		o.Now = func() time.Time {
			// The first time that it asks for the time is before it remembers the view, the second after that.
			if stack := string(debug.Stack()); armed.Load() > 0 && strings.Contains(stack, ".(*App).Submission(") && !strings.Contains(stack, ".(*Recent[") && armed.Add(-1) == 0 {
				panic("what it says may quote a token")
			}
			return at
		}
	})
	ana := s.workspace.Person(workspace.Ana)
	root, _ := s.incident()
	s.must(ana.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root))
	_, err := ana.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	armed.Store(2)
	s.form(ana, expired)
	s.reads("view", workspace.Ana, "I failed by a fault of mine, and nothing was posted.")
	s.must(s.workspace.Redeliver(s.submission().ID))
	s.reads("thread", workspace.Ana, "Rejected · expired")
	s.once()
	s.finish()
}

// TestAPanicOnTheWayIn: whoever typed, chose or pressed something, or mentioned the bot, is told.
func TestAPanicOnTheWayIn(t *testing.T) {
	for name, c := range map[string]struct {
		method string // what it panics after
		ask    func(*stage, *workspace.Person, string) error
	}{
		"a command": {"views.open", func(s *stage, p *workspace.Person, _ string) error {
			return p.Command(s.context(), workspace.Incidents, "/jwt-check", "")
		}},
		"a shortcut": {"views.open", func(s *stage, p *workspace.Person, root string) error {
			return p.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root)
		}},
		"a mention": {"chat.postEphemeral", func(s *stage, p *workspace.Person, root string) error {
			_, err := p.Say(s.context(), workspace.Incidents, root, "<@"+s.workspace.State(workspace.Ana).App.UserID+"> please")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			e := &ears{}
			s := listened(t, e, patient)
			e.panicAfter(c.method)
			root, _ := s.incident()
			s.must(c.ask(s, s.workspace.Person(workspace.Ana), root))
			s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
				read := s.workspace.Transcript(workspace.Ana, workspace.Incidents, "") + s.workspace.Transcript(workspace.Ana, workspace.Incidents, root)
				return strings.Contains(read, "I failed by a fault of mine.")
			}))
			s.finish()
		})
	}
}
