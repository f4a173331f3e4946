package bot_test

import (
	"net/http"
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

// patient has the bot never say on the way how far it has come. It still makes sure that its result is to be seen.
func patient(o *bot.Options) {
	o.After = func(d time.Duration) <-chan time.Time {
		if d <= 3*bot.RepeatAfter && d%bot.RepeatAfter == 0 {
			return time.After(d / 10)
		}
		return nil
	}
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

// TestTheLastViewIsWorthWaitingFor: where Slack asks for patience with views, a result for its requester
// alone is still shown in the view, with its button, and not told otherwise.
func TestTheLastViewIsWorthWaitingFor(t *testing.T) {
	s := newStage(t, patient)
	release := s.hold()
	ana := s.shared("me")
	s.workspace.FailNext("views.update", 1, workspace.Fault{RetryAfter: 30})
	release()
	s.result(ana)
	s.stop()
	if view := s.workspace.ViewText(workspace.Ana); !strings.Contains(view, "[ Post it ]") {
		t.Errorf("not in the view:\n%s", view)
	}
	for _, c := range s.workspace.Calls() {
		if c.Method == "chat.postEphemeral" {
			t.Error("told otherwise")
		}
	}
	s.finish()
}

// TestTheViewIsTriedOnceMore: where Slack was down for a moment, "Checking…" does not stay in the view.
func TestTheViewIsTriedOnceMore(t *testing.T) {
	for _, share := range []string{"thread", "me"} {
		t.Run(share, func(t *testing.T) {
			s := newStage(t, patient)
			release := s.hold()
			ana := s.shared(share)
			s.workspace.FailNext("views.update", 5, workspace.Fault{Status: 500}) // one with the hash, and four tries without
			release()
			s.result(ana)
			s.finish()
		})
	}
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

// TestSlackIsDownForAWhile: while no call of the Web API works nobody can be told; once one does, who asked reads the
// result all the same.
func TestSlackIsDownForAWhile(t *testing.T) {
	var s *stage
	s = newStage(t, func(o *bot.Options) {
		o.After = func(d time.Duration) <-chan time.Time {
			if d == 8*time.Second { // the third of the pauses before it is tried again
				s.workspace.FailFor(0, workspace.Fault{})
			}
			return time.After(min(d, 20*time.Millisecond))
		}
	})
	root, _ := s.incident()
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root))
	_, err := ana.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	s.workspace.FailFor(time.Hour, workspace.Fault{Status: 500})
	s.form(ana, expired)
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
		return strings.Contains(s.workspace.Transcript(workspace.Ana, workspace.Incidents, ""), "Rejected · expired")
	}))
	s.stop()
	for _, who := range []string{workspace.Ana, workspace.Ben} {
		told := strings.Count(s.workspace.Transcript(who, workspace.Incidents, ""), "Rejected · expired")
		if want := map[string]int{workspace.Ana: 1}[who]; told != want {
			t.Errorf("%s was told %d times, want %d", who, told, want)
		}
	}
	s.finish()
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

// TestSlackDoesNotSayWhoReads: what Slack does not say at the moment of the press keeps the draft private, and its
// button for the next one.
func TestSlackDoesNotSayWhoReads(t *testing.T) {
	s := newStage(t, patient)
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Command(s.context(), workspace.Incidents, "/jwt-check", ""))
	_, err := ana.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	s.must(ana.Fill("share", "me"))
	s.form(ana, expired)
	s.reads("view", workspace.Ana, "[ Post it ]")
	s.workspace.FailNext("conversations.info", 4, workspace.Fault{Status: 500})
	s.must(ana.ClickView(s.context(), "post"))
	s.reads("view", workspace.Ana, "Slack did not tell me whether another organisation reads this channel.")
	s.must(ana.ClickView(s.context(), "post"))
	s.reads("view", workspace.Ana, "Posted to the channel")
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
