package bot_test

import (
	"strings"
	"testing"

	"jwt-check-bot/bot/workspace"
)

// TestEachErrorOfPostingIsTold: whatever Slack says to the post, who asked reads the summary, why it was
// not posted and what to do, and nobody else reads anything.
func TestEachErrorOfPostingIsTold(t *testing.T) {
	s := newStage(t, patient)
	for _, c := range []struct{ code, want string }{
		{"not_in_channel", "type /invite @jwt-check there"},
		{"channel_not_found", "type /invite @jwt-check there"},
		{"is_archived", "archived"},
		{"restricted_action", "does not let me post"},
		{"restricted_action_read_only_channel", "does not let me post"},
		{"restricted_action_thread_only_channel", "does not let me post"},
		{"restricted_action_non_threadable_channel", "does not let me post"},
		{"restricted_action_thread_locked", "does not let me post"},
		{"no_permission", "does not let me post"},
		{"ekm_access_denied", "does not let me post"},
		{"cannot_reply_to_message", "is gone or cannot be replied to"},
		{"msg_blocks_too_long", "fault of mine"},
		{"invalid_blocks", "fault of mine"},
		{"team_access_not_granted", "ask an administrator"},
		{"missing_scope", "I am missing"},
		{"some_error_of_next_year", "the log has the code"},
	} {
		s.workspace.FailNext("chat.postMessage", 1, workspace.Fault{Code: c.code})
		ana := s.submit(workspace.Ana, expired)
		s.result(ana)
		view := s.workspace.ViewText(workspace.Ana)
		for _, want := range []string{"Not posted: ", c.want, "Rejected · expired", "Claims, redacted", "[ Post it ]"} {
			if !strings.Contains(view, want) {
				t.Errorf("%s: the view lacks %q:\n%s", c.code, want, view)
			}
		}
		if !strings.Contains(s.log.String(), c.code) {
			t.Errorf("%s is not in the log", c.code)
		}
		ana.CloseView()
	}
	if n := len(s.answers()); n != 0 {
		t.Errorf("%d answers in the thread", n)
	}
	s.finish()
}

// TestForgedPlace: a form that says that it was opened elsewhere, or by somebody else, than it was is
// not worked on.
func TestForgedPlace(t *testing.T) {
	s := newStage(t, patient)
	root, _ := s.incident()
	ana := s.workspace.Person(workspace.Ana)
	for _, forged := range [][2]string{{workspace.Incidents, workspace.Partners}, {workspace.Ana, workspace.Ben}, {" ", ""}, {root, "1.000001"}} {
		s.must(ana.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root))
		_, err := ana.AwaitView(s.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
		s.must(err)
		s.must(ana.Fill("token", s.mint(expired)))
		s.workspace.SetMetadata(workspace.Ana, func(m string) string { return strings.ReplaceAll(m, forged[0], forged[1]) })
		errs, err := ana.Submit(s.context())
		s.must(err)
		if !strings.Contains(errs["token"], "lost its channel") {
			t.Errorf("%q: %v", forged, errs)
		}
		ana.CloseView()
	}
	s.finish()
	if n := len(s.answers()); n != 0 {
		t.Errorf("%d answers", n)
	}
}

// TestMessagesSayAllInTheirText: a screen reader reads nothing else of a message with blocks.
func TestMessagesSayAllInTheirText(t *testing.T) {
	s := newStage(t, patient)
	s.planned = []string{"not_found"}
	ana := s.workspace.Person(workspace.Ana)
	release := s.hold()
	root, _ := s.incident()
	s.workspace.SetChannel(workspace.Incidents, func(c *workspace.Channel) { c.IsExtShared = true })
	s.must(ana.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, root))
	s.form(ana, expired)
	ana.CloseView()
	release()
	var text string
	s.must(s.workspace.Await(s.context(), func(st *workspace.State) bool {
		for _, c := range st.Channels {
			for _, m := range c.Messages {
				if m.Ephemeral && m.To == workspace.Ana && strings.Contains(m.Text, "Rejected") {
					text = m.Text
				}
			}
		}
		return text != ""
	}))
	for _, want := range []string{"Another organisation reads this channel.", "Only you see this.", "Rejected · expired.", "Next: client"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q: %s", want, text)
		}
	}
	s.finish()
}
