package workspace

import (
	"strings"
	"testing"
)

// TestInvite: Slack's own commands, which change who is in a channel and reach no app.
func TestInvite(t *testing.T) {
	w := start(t, Options{})
	got := echo(t, w)
	post := func() any {
		return w.call(t, "chat.postMessage", map[string]any{"channel": General, "text": "x"})["error"]
	}
	for _, c := range []struct {
		who, channel, text, want string
		posted                   any // what the app is told of #general afterwards
	}{
		{Ana, General, "/invite", "Write /invite and a name, such as /invite @jwt-check.", "not_in_channel"},
		{Ana, General, "/invite @nobody", "Write /invite and a name, such as /invite @jwt-check.", "not_in_channel"},
		{Gus, General, "/invite @jwt-check", "That channel does not exist, or you cannot see it.", "not_in_channel"},
		{Gus, Incidents, "/remove @jwt-check", "You may not remove anybody here.", "not_in_channel"},
		{Olu, Partners, "/invite @gus", "You may not invite anybody here.", "not_in_channel"},
		{Ana, General, "/invite @jwt-check", "", nil},
		{Ana, General, "/invite jwt-check", "", nil},
		{Ben, General, "/remove @ben", "You cannot remove yourself.", nil},
		{Ben, General, "/remove @jwt-check", "", "not_in_channel"},
	} {
		if _, err := w.Person(c.who).Say(within(t), c.channel, "", c.text); err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%s by %s: %v", c.text, c.who, err)
		}
		if got := post(); got != c.posted {
			t.Errorf("after %s by %s the app is told %v", c.text, c.who, got)
		}
	}
	if got := w.Transcript(Ana, General, ""); strings.Count(got, "jwt-check is in #general now.") != 2 || strings.Contains(got, "any more") {
		t.Errorf("Ana reads:\n%s", got)
	}
	select {
	case in := <-got:
		t.Errorf("the app was told: %v", in.Payload)
	default:
	}
}
