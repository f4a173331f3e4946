package bot_test

import (
	"strings"
	"testing"

	"jwt-check-bot/bot/workspace"
)

// TestParentDeletedMeanwhile: Slack posts to the channel, without a word, what was meant for a thread
// whose first message is gone. It stands there once, in the form for a channel, and says why; so it does
// where "Checking…" was posted before the message went, or after.
func TestParentDeletedMeanwhile(t *testing.T) {
	for name, deleted := range map[string]int{"before anything was posted": 0, "before the progress": 1, "before the result": 2} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, hasty)
			ts, err := s.workspace.Announce(workspace.Incidents, "", "checkout is red")
			s.must(err)
			ana := s.workspace.Person(workspace.Ana)
			s.must(ana.Shortcut(s.context(), "jwt_check_message", workspace.Incidents, ts))
			release := s.hold()
			if deleted == 0 {
				release()
			}
			if deleted < 2 {
				s.workspace.DeleteMessage(workspace.Incidents, ts)
			}
			s.form(ana, expired)
			if deleted > 0 {
				s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
					return strings.Contains(s.workspace.Transcript(workspace.Ana, workspace.Incidents, ts)+s.workspace.Transcript(workspace.Ana, workspace.Incidents, ""), "Checking a token…")
				}))
			}
			if deleted == 2 {
				s.workspace.DeleteMessage(workspace.Incidents, ts)
			}
			release()
			want := "The message under which you asked was deleted, so the verdict stands in the channel"
			if deleted == 2 {
				want = "Posted to the thread." // what is in a thread already stays there
			}
			s.reads("view", workspace.Ana, want)
			s.stop()
			channel := s.workspace.Transcript(workspace.Ben, workspace.Incidents, "")
			if deleted < 2 && (strings.Count(channel, "✗ Rejected · expired") != 1 || !strings.Contains(channel, "This stands in the channel because the message that it answers was deleted.") ||
				strings.Contains(channel, "Claims, redacted") || strings.Contains(channel, "Checking a token…")) {
				t.Errorf("channel:\n%s", channel)
			}
			if all := s.workspace.Transcript(workspace.Ben, workspace.Incidents, ts); deleted == 2 && strings.Count(all, "✗ Rejected · expired") != 1 {
				t.Errorf("thread:\n%s", all)
			}
			s.finish()
		})
	}
}
