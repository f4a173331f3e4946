package bot_test

import (
	"context"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
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

// Conversations in which something breaks: nothing may be lost, and nothing be done twice.

// hasty has the bot wait moments where it would wait seconds, as nap does for the client.
func hasty(o *bot.Options) {
	o.After = func(d time.Duration) <-chan time.Time { return time.After(min(d, 20*time.Millisecond)) }
}

// patient has the bot never say on the way how far it has come.
func patient(o *bot.Options) {
	o.After = func(time.Duration) <-chan time.Time { return nil }
}

// hurried is a stage on which a call to Slack and a fetch may take moments, and the work after the end.
func hurried(t *testing.T, call, fetch, grace time.Duration, options ...option) *stage {
	return newStageWith(t, bot.Manifest, func(_ *workspace.Options, c *slack.Config, k *keys.Options) {
		c.Timeout, k.Timeout, c.Grace = call, fetch, grace
	}, options...)
}

// hold has the issuer wait until release is called.
func (s *stage) hold() (release func()) {
	held := make(chan struct{})
	s.issuer.failWith(func(http.ResponseWriter) bool { <-held; return false })
	release = sync.OnceFunc(func() { close(held) })
	s.held = append(s.held, release)
	return release
}

// submit has somebody check a token for the thread of Ben's message.
func (s *stage) submit(who, recipe string) *workspace.Person {
	s.t.Helper()
	p := s.workspace.Person(who)
	root, _ := s.incident()
	s.must(p.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root))
	s.form(p, recipe)
	return p
}

// reads waits until somebody reads text in the thread of Ben's message, or in their view.
func (s *stage) reads(where, who, text string) {
	s.t.Helper()
	root, _ := s.incident()
	read := func() string {
		if where == "view" {
			return s.workspace.ViewText(who)
		}
		return s.workspace.Transcript(who, workspace.Incidents, root)
	}
	if err := s.workspace.Await(s.context(), func(*workspace.State) bool { return strings.Contains(read(), text) }); err != nil {
		s.t.Fatalf("%s does not read %q in the %s: %v\n%s\n%s", who, text, where, err, read(), s.log)
	}
}

// answers are the bot's messages in the thread of Ben's message.
func (s *stage) answers() []workspace.Message {
	root, _ := s.incident()
	var list []workspace.Message
	for _, c := range s.workspace.State(workspace.Ana).Channels {
		for _, m := range c.Messages {
			if c.ID == workspace.Incidents && m.Bot && m.ThreadTS == root {
				list = append(list, m)
			}
		}
	}
	return list
}

// once checks that the thread has one answer, the result of a token that has expired.
func (s *stage) once() {
	s.t.Helper()
	s.stop()
	answers := s.answers()
	if len(answers) != 1 || !strings.Contains(answers[0].Reads, "Rejected · expired") {
		s.t.Errorf("%d answers in the thread, not the one", len(answers))
		for _, a := range answers {
			s.t.Log(a.Reads)
		}
	}
}

const expired = `{"exp":"now-1h"}`

// submission is the one that was delivered.
func (s *stage) submission() workspace.Envelope {
	s.t.Helper()
	for _, e := range s.workspace.Envelopes() {
		if e.Kind == "view_submission" {
			return e
		}
	}
	s.t.Fatal("no submission was delivered")
	panic("unreachable")
}

func TestASlowIssuerIsSeenAndTheMessageIsEdited(t *testing.T) {
	s := newStage(t, hasty)
	release := s.hold()
	s.submit(workspace.Ana, expired)
	s.reads("thread", workspace.Ana, "Checking a token… still asking the key set of production")
	s.reads("thread", workspace.Ana, "✗ Fails so far: Expiry (exp)")
	s.reads("view", workspace.Ana, "still asking the key set of production")
	first := s.answers()[0].TS
	release()
	s.result(s.workspace.Person(workspace.Ana))
	s.reads("view", workspace.Ana, "Posted to the thread.")
	s.once()
	if a := s.answers()[0]; a.TS != first || !a.Edited {
		t.Error("the result does not stand where the progress stood")
	}
	s.finish()
}

func TestASlowIssuerInAChannel(t *testing.T) {
	s := newStage(t, hasty)
	release := s.hold()
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Command(s.context(), workspace.Incidents, "/jwt-check", ""))
	s.form(ana, expired)
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
		return strings.Contains(s.workspace.Transcript(workspace.Ana, workspace.Incidents, ""), "Checking a token…")
	}))
	release()
	s.result(ana)
	s.stop()
	channel := s.workspace.Transcript(workspace.Ana, workspace.Incidents, "")
	if strings.Contains(channel, "Checking a token") || strings.Count(channel, "✗ Rejected · expired") != 1 || strings.Count(channel, "(1 reply)") != 1 {
		t.Errorf("the channel:\n%s", channel)
	}
	s.finish()
}

func TestForTheRequesterAloneTheThreadShowsNoProgress(t *testing.T) {
	s := newStage(t, hasty)
	release := s.hold()
	ana := s.workspace.Person(workspace.Ana)
	root, _ := s.incident()
	s.must(ana.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root))
	_, err := ana.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	s.must(ana.Fill("share", "me"))
	s.form(ana, expired)
	s.reads("view", workspace.Ana, "still asking the key set of production")
	release()
	s.result(ana)
	s.stop()
	if n := len(s.answers()); n != 0 {
		t.Errorf("%d messages in the thread", n)
	}
	s.finish()
}

// TestAMessageThatCannotBeEdited: the result is posted anew.
func TestAMessageThatCannotBeEdited(t *testing.T) {
	for name, spoil := range map[string]func(*stage, string){
		"deleted": func(s *stage, ts string) { s.workspace.DeleteMessage(workspace.Incidents, ts) },
		"too late": func(s *stage, _ string) {
			s.workspace.FailNext("chat.update", 1, workspace.Fault{Code: "edit_window_closed"})
		},
		"Slack is broken": func(s *stage, _ string) { s.workspace.FailNext("chat.update", 2, workspace.Fault{Status: 500}) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, hasty)
			s.planned = []string{"message_not_found"}
			release := s.hold()
			s.submit(workspace.Ana, expired)
			s.reads("thread", workspace.Ana, "Checking a token…")
			spoil(s, s.answers()[0].TS)
			release()
			s.reads("view", workspace.Ana, "Posted to the thread.")
			s.stop()
			results := 0
			for _, a := range s.answers() {
				results += strings.Count(a.Reads, "Rejected · expired")
			}
			if results != 1 {
				t.Errorf("%d results", results)
			}
			s.finish()
		})
	}
}

// TestAMessageThatSlackWillNotEdit: nobody reads "Checking…" for ever, and whoever asked has the result.
func TestAMessageThatSlackWillNotEdit(t *testing.T) {
	s := newStage(t, hasty)
	release := s.hold()
	ana := s.submit(workspace.Ana, expired)
	s.reads("thread", workspace.Ana, "Checking a token…")
	s.workspace.FailNext("chat.update", 4, workspace.Fault{Status: 500})
	release()
	s.reads("view", workspace.Ana, "Perhaps not posted:")
	s.reads("thread", workspace.Ana, "The check has ended, but its result could not be posted here: whoever asked has it.")
	s.must(ana.ClickView(s.context(), "post"))
	s.reads("view", workspace.Ana, "Posted to the thread.")
	s.stop()
	if n := strings.Count(s.answers()[1].Reads, "Rejected · expired"); n != 1 || len(s.answers()) != 2 {
		t.Errorf("%d results in %d messages", n, len(s.answers()))
	}
	s.finish()
}

// TestABadIssuerCostsItsOwnLines: whatever it does, who asked is told in time what is known.
func TestABadIssuerCostsItsOwnLines(t *testing.T) {
	for name, act := range map[string]func(http.ResponseWriter, <-chan struct{}){
		"hangs": func(_ http.ResponseWriter, end <-chan struct{}) { <-end },
		"streams for ever": func(w http.ResponseWriter, end <-chan struct{}) {
			_, _ = io.WriteString(w, `{"keys":[`)
			for {
				select {
				case <-end:
					return
				case <-time.After(5 * time.Millisecond):
				}
				if _, err := io.WriteString(w, " "); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
		},
		"sends 50 MB": func(w http.ResponseWriter, _ <-chan struct{}) {
			_, _ = io.WriteString(w, `{"keys":[`)
			blank := strings.Repeat(" ", 1<<20)
			for range 50 {
				if _, err := io.WriteString(w, blank); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := hurried(t, 0, 100*time.Millisecond, 0, patient)
			end := make(chan struct{})
			s.held = append(s.held, func() { close(end) })
			s.issuer.failWith(func(w http.ResponseWriter) bool { act(w, end); return true })
			s.submit(workspace.Ana, `{}`)
			s.reads("thread", workspace.Ana, "Undecided · cause: unknown")
			s.reads("thread", workspace.Ana, "Expiry (exp): expires in 1 h")
			s.stop()
			if n := len(s.answers()); n != 1 {
				t.Errorf("%d answers", n)
			}
			s.finish()
		})
	}
}

// TestACutSocket: before the acknowledgement can be written, and after it was.
func TestACutSocket(t *testing.T) {
	t.Run("before", func(t *testing.T) {
		var s *stage
		var armed atomic.Bool
		cut := func(o *bot.Options) {
			o.Now = func() time.Time {
				if armed.CompareAndSwap(true, false) {
					s.workspace.Cut()
				}
				return at
			}
		}
		s = newStage(t, cut, patient)
		ana := s.workspace.Person(workspace.Ana)
		root, _ := s.incident()
		s.must(ana.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root))
		_, err := ana.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
		s.must(err)
		armed.Store(true)
		s.form(ana, expired)
		s.reads("thread", workspace.Ana, "Rejected · expired")
		if e := s.submission(); e.Redelivered == 0 {
			t.Error("nothing was cut")
		}
		s.once()
		s.finish()
	})
	t.Run("after", func(t *testing.T) {
		s := newStage(t, patient)
		release := s.hold()
		s.submit(workspace.Ana, expired)
		s.workspace.Cut()
		release()
		s.reads("thread", workspace.Ana, "Rejected · expired")
		s.once()
		s.finish()
	})
}

// TestADisconnectInTheMiddle: whatever the reason that Slack gives, the check that is under way is
// answered, and the next one is taken.
func TestADisconnectInTheMiddle(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled", "too_many_websockets"} {
		t.Run(reason, func(t *testing.T) {
			s := newStage(t, patient)
			release := s.hold()
			s.submit(workspace.Ana, expired)
			s.must(s.workspace.Await(s.context(), func(*workspace.State) bool { return s.workspace.Connections() == 2 }))
			before := len(s.workspace.Calls())
			s.workspace.Disconnect(reason)
			s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
				opened := 0
				for _, c := range s.workspace.Calls()[before:] {
					if c.Method == "apps.connections.open" {
						opened++
					}
				}
				return opened >= 2 && s.workspace.Connections() >= 2
			}))
			ben := s.submit(workspace.Ben, `{"aud":"api://else"}`)
			release()
			s.reads("thread", workspace.Ana, "Rejected · expired")
			s.reads("thread", workspace.Ben, "Rejected · audience-mismatch")
			s.result(ben)
			s.stop()
			if n := len(s.answers()); n != 2 {
				t.Errorf("%d answers to 2 submissions", n)
			}
			s.finish()
		})
	}
}

// TestRedeliveredToTheOtherSocket: while the check is under way, and after it.
func TestRedeliveredToTheOtherSocket(t *testing.T) {
	s := newStage(t, patient)
	release := s.hold()
	ana := s.submit(workspace.Ana, expired)
	again := func(acks int) {
		s.must(s.workspace.Redeliver(s.submission().ID))
		s.must(s.workspace.Await(s.context(), func(*workspace.State) bool { return s.submission().Acks == acks }))
	}
	again(2)
	release()
	s.result(ana)
	again(3)
	s.once()
	if view := s.workspace.ViewText(workspace.Ana); !strings.Contains(view, "Rejected · expired") {
		t.Errorf("the result is gone from the view:\n%s", view)
	}
	s.finish()
}

// TestSlackAsksForPatience: a burst in one channel is told to slow down once, and loses nothing.
func TestSlackAsksForPatience(t *testing.T) {
	s := newStage(t, patient)
	release := s.hold()
	people := []string{workspace.Ana, workspace.Ben}
	for _, who := range people {
		s.submit(who, expired)
	}
	s.workspace.FailNext("chat.postMessage", 1, workspace.Fault{RetryAfter: 30})
	release()
	for _, who := range people {
		s.reads("view", who, "Posted to the thread.")
	}
	s.stop()
	if n := len(s.answers()); n != len(people) {
		t.Errorf("%d answers to %d submissions", n, len(people))
	}
	limited := 0
	for _, c := range s.workspace.Calls() {
		if c.Code == "ratelimited" {
			limited++
		}
	}
	if limited != 1 {
		t.Errorf("told to slow down %d times", limited)
	}
	s.finish()
}

// TestWhatWaitsToBePostedIsSeen: the result does not wait for the thread to be read in the view.
func TestWhatWaitsToBePostedIsSeen(t *testing.T) {
	s := newStage(t, hasty)
	s.workspace.FailNext("chat.postMessage", 1, workspace.Fault{Hang: 500 * time.Millisecond})
	s.submit(workspace.Ana, expired)
	s.reads("view", workspace.Ana, "Waits to be posted")
	s.reads("view", workspace.Ana, "Posted to the thread.")
	s.once()
	s.finish()
}

// TestSlackDoesNotSayWhetherItPosted: the summary is not posted twice; who asked sees it, and may.
func TestSlackDoesNotSayWhetherItPosted(t *testing.T) {
	for name, fault := range map[string]workspace.Fault{"500": {Status: 500}, "hangs": {Hang: time.Minute}, "internal_error": {Code: "internal_error"}} {
		t.Run(name, func(t *testing.T) {
			s := hurried(t, 300*time.Millisecond, 0, 0, patient)
			s.workspace.FailNext("chat.postMessage", 1, fault)
			ana := s.submit(workspace.Ana, expired)
			s.reads("view", workspace.Ana, "Perhaps not posted: Slack did not say.")
			s.reads("view", workspace.Ana, "Claims, redacted")
			s.must(ana.ClickView(s.context(), "post"))
			s.reads("view", workspace.Ana, "Posted to the thread.")
			s.once()
			s.finish()
		})
	}
}

// TestInvitedAfterwards: where the bot is no member, who asked has the summary and the mend, and the
// button posts it then.
func TestInvitedAfterwards(t *testing.T) {
	s := newStage(t, patient)
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Command(s.context(), workspace.General, "/jwt-check", ""))
	s.form(ana, expired)
	s.reads("view", workspace.Ana, "Only you see the result. I am not in this channel: type /invite @jwt-check in it.")
	s.must(ana.ClickView(s.context(), "post"))
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool { return strings.Count(s.log.String(), "a draft was not posted") == 1 }))
	s.workspace.SetChannel(workspace.General, func(c *workspace.Channel) { c.Add(workspace.BotUser) })
	s.must(ana.ClickView(s.context(), "post"))
	s.reads("view", workspace.Ana, "Posted to the channel")
	s.stop()
	if n := strings.Count(s.workspace.Transcript(workspace.Ana, workspace.General, ""), "✗ Rejected · expired"); n != 1 {
		t.Errorf("%d summaries in the channel", n)
	}
	s.finish()
}

// TestNoOtherWay: the view is closed, the channel does not let the bot in: a direct message is left.
func TestNoOtherWay(t *testing.T) {
	s := newStage(t, hasty)
	s.planned = []string{"not_in_channel", "not_found"}
	release := s.hold()
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Command(s.context(), workspace.General, "/jwt-check", ""))
	s.form(ana, expired)
	ana.CloseView()
	release()
	s.must(s.workspace.Await(s.context(), func(st *workspace.State) bool {
		for _, c := range st.Channels {
			for _, m := range c.Messages {
				if c.ID != workspace.General && m.Bot && strings.Contains(m.Reads, "I am not in this channel") && strings.Contains(m.Reads, "Rejected · expired") {
					return true
				}
			}
		}
		return false
	}))
	s.finish()
}

// TestThePlaceInTheQueueIsSeen: one check at a time, and one of each requester in a thread.
func TestThePlaceInTheQueueIsSeen(t *testing.T) {
	s := newStage(t, hasty, func(o *bot.Options) { o.Concurrency, o.Queue = 1, 2 })
	release := s.hold()
	s.submit(workspace.Ana, expired)
	s.submit(workspace.Ben, expired)
	s.reads("view", workspace.Ben, "yours is next in line")
	again := func(who string) *workspace.Person {
		p := s.workspace.Person(who)
		p.CloseView()
		s.must(p.Command(s.context(), workspace.Incidents, "/jwt-check", ""))
		return p
	}
	s.form(again(workspace.Ana), expired)
	s.reads("view", workspace.Ana, "yours is second in line")
	ben := again(workspace.Ben)
	_, err := ben.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	s.must(ben.Fill("token", s.mint(expired)))
	if errs, err := ben.Submit(s.context()); err != nil || !strings.HasPrefix(errs["token"], "Too many checks are under way.") {
		t.Errorf("with a full queue: %v %v", errs, err)
	}
	release()
	s.reads("view", workspace.Ana, "Posted to the channel")
	s.stop()
	if n := len(s.answers()); n != 2 {
		t.Errorf("%d answers in the thread", n)
	}
	if n := strings.Count(s.workspace.Transcript(workspace.Ana, workspace.Incidents, ""), "✗ Rejected · expired"); n != 1 {
		t.Errorf("%d answers in the channel", n)
	}
	s.planned = []string{"not_found"}
	s.finish()
}

func TestThePlaceInTheQueueIsUpdated(t *testing.T) {
	s := newStage(t, hasty, func(o *bot.Options) { o.Concurrency = 1 })
	first, second := s.app.Occupy("one"), s.app.Occupy("two")
	s.submit(workspace.Ana, expired)
	s.reads("view", workspace.Ana, "yours is second in line")
	first()
	s.reads("view", workspace.Ana, "yours is next in line")
	second()
	s.reads("view", workspace.Ana, "Posted to the thread.")
	s.once()
	s.finish()
}

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
		view := s.workspace.ViewText(workspace.Ana)
		for _, want := range []string{"Perhaps not posted:", "Rejected · expired", "Claims, redacted"} {
			if !strings.Contains(view, want) {
				t.Errorf("the view lacks %q:\n%s", want, view)
			}
		}
		s.finish()
	})
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
	view := s.workspace.ViewText(workspace.Ana)
	for _, want := range []string{"Not posted: I was restarted before Slack took it.", "Rejected · expired", "Claims, redacted"} {
		if !strings.Contains(view, want) {
			t.Errorf("the view lacks %q:\n%s", want, view)
		}
	}
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
