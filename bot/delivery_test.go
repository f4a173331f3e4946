package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"jwt-check-bot/bot/workspace"
)

// TestDeliveredTwice: a submission is worked once, however often Slack delivers it, and a late second
// delivery does not take the result away.
func TestDeliveredTwice(t *testing.T) {
	s := newStage(t)
	root, link := s.incident()
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Command(s.context(), workspace.Incidents, "/jwt-check", link))
	s.form(ana, `{"exp":"now-1h"}`)
	s.result(ana)
	for _, e := range s.workspace.Envelopes() {
		if e.Kind == "view_submission" {
			s.must(s.workspace.Redeliver(e.ID))
		}
	}
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
		for _, e := range s.workspace.Envelopes() {
			if e.Kind == "view_submission" {
				return e.Redelivered == 1 && e.Acks == 2
			}
		}
		return false
	}))
	s.stop()
	if n := strings.Count(s.workspace.Transcript(workspace.Ana, workspace.Incidents, root), "✗ Rejected"); n != 1 {
		t.Errorf("%d summaries of one submission", n)
	}
	if view := s.workspace.ViewText(workspace.Ana); !strings.Contains(view, "Rejected · expired") {
		t.Errorf("the result is gone from the view:\n%s", view)
	}
}

// TestTheResultOvertakesTheAcknowledgement: the two travel apart, and where Slack takes the acknowledgement last,
// its small view does not stay on top of a result that only its requester sees.
func TestTheResultOvertakesTheAcknowledgement(t *testing.T) {
	s := newStage(t)
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Command(s.context(), workspace.Incidents, "/jwt-check", ""))
	_, err := ana.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	s.must(ana.Fill("token", s.mint(expired)))
	s.must(ana.Fill("share", "me"))
	release := s.workspace.HoldAcknowledgements()
	submitted := make(chan error, 1)
	go func() {
		_, err := ana.Submit(s.context())
		submitted <- err
	}()
	s.result(ana)
	release()
	s.must(<-submitted)
	s.result(ana)
	s.stop()
	if view := s.workspace.ViewText(workspace.Ana); !strings.Contains(view, "Rejected · expired") || !strings.Contains(view, "[ Post it ]") {
		t.Errorf("the acknowledgement has covered the result:\n%s", view)
	}
	s.finish()
}

// TestNoNetworkBeforeTheAcknowledgement: with Slack's Web API and the issuer both out of order, the
// submission is acknowledged all the same.
func TestNoNetworkBeforeTheAcknowledgement(t *testing.T) {
	s := newStage(t)
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Command(s.context(), workspace.Incidents, "/jwt-check", ""))
	before := len(s.workspace.Calls())
	var early atomic.Bool
	acknowledged := func(*workspace.State) bool {
		return !slices.ContainsFunc(s.workspace.Envelopes(), func(e workspace.Envelope) bool { return e.Kind == "view_submission" && e.Acks == 0 })
	}
	s.issuer.failWith(func(w http.ResponseWriter) bool {
		// The first thing that is asked of the world comes after the acknowledgement was written: it arrives
		// although the world does not answer.
		if s.workspace.Await(s.context(), acknowledged) != nil {
			early.Store(true)
		}
		http.Error(w, "down", http.StatusServiceUnavailable)
		return true
	})
	s.form(ana, `{}`)
	s.result(ana)
	s.finish()
	if early.Load() {
		t.Error("the issuer was asked before the acknowledgement was written")
	}
	if before == 0 {
		t.Error("the witness saw no call at all")
	}
	if view := s.workspace.ViewText(workspace.Ana); !strings.Contains(view, "Undecided · cause: unknown") {
		t.Errorf("view:\n%s", view)
	}
}

// TestNotPosted: where posting fails, the requester gets the summary in the view, with the mend.
func TestNotPosted(t *testing.T) {
	s := newStage(t)
	ana := s.workspace.Person(workspace.Ana)
	s.workspace.FailNext("chat.postMessage", 10, workspace.Fault{Code: "restricted_action"})
	s.must(ana.Command(s.context(), workspace.Incidents, "/jwt-check", ""))
	s.form(ana, `{"exp":"now-1h"}`)
	s.result(ana)
	view := s.workspace.ViewText(workspace.Ana)
	for _, want := range []string{"Not posted:", "does not let me post", "Rejected · expired", "Claims, redacted"} {
		if !strings.Contains(view, want) {
			t.Errorf("the view lacks %q:\n%s", want, view)
		}
	}
	s.stop()
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v\n%s", err, s.log)
	}
}

// form waits for the modal, fills in a token and submits it.
func (s *stage) form(p *workspace.Person, recipe string) {
	s.t.Helper()
	_, err := p.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	s.must(p.Fill("token", s.mint(recipe)))
	errs, err := p.Submit(s.context())
	s.must(err)
	if len(errs) > 0 {
		s.t.Fatalf("errors on the form: %v", errs)
	}
}

// shared has Ana send a token that has expired from the incident's message, with the result for whom share says.
func (s *stage) shared(share string) *workspace.Person {
	s.t.Helper()
	ana := s.workspace.Person(workspace.Ana)
	root, _ := s.incident()
	s.must(ana.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root))
	_, err := ana.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	s.must(ana.Fill("share", share))
	s.form(ana, expired)
	return ana
}

// result waits until the view shows one.
func (s *stage) result(p *workspace.Person) {
	s.t.Helper()
	_, err := p.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check_result" && len(v.Blocks) > 1 })
	s.must(err)
}
