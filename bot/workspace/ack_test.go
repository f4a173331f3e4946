package workspace

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestAcks: each wrong way to acknowledge a command, what the person sees and what the witness records.
func TestAcks(t *testing.T) {
	late := make(chan incoming, 1)
	for _, c := range []struct {
		name   string
		handle func(incoming)
		sees   string
		want   []string
	}{
		{"none", func(in incoming) {}, `/jwt-check failed with the error "operation_timeout"`, []string{"ack: slash_commands (slash_commands): none within"}},
		{"twice", func(in incoming) { in.ack(); in.ack() }, "", []string{"acknowledged twice"}},
		{"unknown", func(in incoming) { in.ack(); in.ID = "x"; in.ack() }, "", []string{"unknown envelope"}},
		{"no JSON", func(in incoming) { in.ack(); in.app.write("hello") }, "", []string{"not JSON with an envelope_id"}},
		{"late", func(in incoming) { late <- in }, `/jwt-check failed with the error "operation_timeout"`, []string{"none within", "late, after"}},
		{"a message", func(in incoming) { in.ack(map[string]any{"text": "help"}) }, "", nil},
		{"an invalid message", func(in incoming) { in.ack(map[string]any{"text": "x", "blocks": []any{map[string]any{}}}) }, `/jwt-check failed with the error "invalid_blocks"`, []string{"ack: slash_commands: invalid_blocks"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			timeout := 20 * time.Second
			if c.name == "none" || c.name == "late" {
				timeout = 20 * time.Millisecond
			}
			w := start(t, Options{AckTimeout: timeout})
			connect(t, w, c.handle)
			err := w.Person(Ana).Command(within(t), Incidents, "/jwt-check", "help")
			if got := fmt.Sprint(err); c.sees == "" && err != nil || c.sees != "" && got != c.sees {
				t.Errorf("the person sees %q", got)
			}
			if c.name == "late" {
				(<-late).ack()
			}
			if err := w.until(within(t), func() bool { return len(w.Refusals()) == len(c.want) }); err != nil {
				t.Error(err)
			}
			wantRefusals(t, w, c.want...)
			shown := w.Transcript(Ana, Incidents, "")
			if c.sees != "" && !strings.Contains(shown, "slackbot   (only visible to you) "+c.sees) {
				t.Errorf("transcript:\n%s", shown)
			}
			if c.name == "a message" && !strings.Contains(shown, "(only visible to you) help") {
				t.Errorf("transcript:\n%s", shown)
			}
		})
	}
}

// TestSubmissionAcks: what an acknowledgement of a submission may not hold.
func TestSubmissionAcks(t *testing.T) {
	valid := plainView("Title", "text")
	for _, c := range []struct {
		name    string
		payload any
		want    string
	}{
		{"an invalid view", map[string]any{"response_action": "update", "view": plainView("A title of more than 24 characters", "x")}, "invalid view: must be less than 25 characters [json-pointer:/view/title/text]"},
		{"no view", map[string]any{"response_action": "update"}, "must provide an object"},
		{"an error on no input", map[string]any{"response_action": "errors", "errors": map[string]any{"nothing": "x"}}, "an error on nothing, which is no input block"},
		{"no errors", map[string]any{"response_action": "errors"}, "without errors"},
		{"an empty error", map[string]any{"response_action": "errors", "errors": map[string]any{"token": ""}}, "no text of 1"},
		{"an unknown action", map[string]any{"response_action": "close"}, "unknown response_action close"},
		{"an unknown field", map[string]any{"response_action": "clear", "clear": true}, "unknown field clear"},
		{"a text", "clear", "a payload that is no object"},
		{"push, update and clear", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, ana := withView(t, func(in incoming) {
				in.ack(c.payload)
			})
			_, err := ana.Submit(within(t))
			if c.want == "" {
				if err != nil || len(w.State(Ana).Views) != 0 {
					t.Errorf("an empty acknowledgement: %v, %v", err, w.State(Ana).Views)
				}
				wantRefusals(t, w)
				return
			}
			if err != errTrouble || len(w.State(Ana).Views) != 1 || w.State(Ana).Views[0].Pending {
				t.Errorf("the person sees %v", err)
			}
			wantRefusals(t, w, c.want)
		})
	}
	t.Run("the stack", func(t *testing.T) {
		acks := []any{
			map[string]any{"response_action": "push", "view": tree(t, askView)},
			map[string]any{"response_action": "push", "view": tree(t, askView)},
			map[string]any{"response_action": "push", "view": valid},
			map[string]any{"response_action": "clear"},
		}
		w, ana := withView(t, func(in incoming) {
			ack := acks[0]
			acks = acks[1:]
			in.ack(ack)
		})
		for _, open := range []int{2, 3, 3, 0} {
			fillToken(t, ana)
			_, err := ana.Submit(within(t))
			if got := len(w.State(Ana).Views); got != open {
				t.Fatalf("%d views are open, want %d: %v", got, open, err)
			}
		}
		wantRefusals(t, w, "push_limit_reached")
	})
}

func fillToken(t *testing.T, p *Person) {
	t.Helper()
	for block, value := range map[string]string{"token": "x", "share": "me"} {
		if err := p.Fill(block, value); err != nil {
			t.Fatal(err)
		}
	}
}

// withView is a workspace in which Ana has the modal open and filled; handle gets what follows.
func withView(t *testing.T, handle func(incoming)) (*Workspace, *Person) {
	t.Helper()
	w := start(t, Options{})
	connect(t, w, func(in incoming) {
		if in.Type != "slash_commands" {
			handle(in)
			return
		}
		in.ack()
		w.call(t, "views.open", map[string]any{"trigger_id": in.str("trigger_id"), "view": tree(t, askView)})
	})
	ana := w.Person(Ana)
	if err := ana.Command(within(t), Incidents, "/jwt-check", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := ana.AwaitView(within(t), nil); err != nil {
		t.Fatal(err)
	}
	fillToken(t, ana)
	return w, ana
}
