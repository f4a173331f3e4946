package bot_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
)

// Conversations in which somebody is slow: what is known is seen, and the rest when it comes.

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
	ana := s.shared("me")
	s.reads("view", workspace.Ana, "still asking the key set of production")
	release()
	s.result(ana)
	s.stop()
	if n := len(s.answers()); n != 0 {
		t.Errorf("%d messages in the thread", n)
	}
	s.finish()
}

// TestAMessageThatMayStandThere: where Slack does not say whether it took the message that says how far the check is,
// there is no second one, and whoever asked is told of it with the result.
func TestAMessageThatMayStandThere(t *testing.T) {
	s := newStage(t, hasty)
	release := s.hold()
	s.workspace.FailNext("chat.postMessage", 1, workspace.Fault{Status: 500})
	s.submit(workspace.Ana, expired)
	s.reads("view", workspace.Ana, "still asking the key set of production")
	release()
	s.reads("view", workspace.Ana, "Posted to the thread. A message that says “Checking a token…” may stand there too")
	s.once()
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
