package workspace

import (
	"slices"
	"strings"
	"testing"
)

// TestMessageEvents: what an app that subscribes to messages hears of a message, its change, and of
// another app's bot; and nothing of channels that it is not in.
func TestMessageEvents(t *testing.T) {
	w := start(t, Options{Manifest: []byte(testManifest)})
	got := echo(t, w)
	ctx := within(t)
	ana := w.Person(Ana)
	root := w.State(Ana).Channels[0].Messages[0].TS
	if _, err := ana.Say(ctx, General, "", "not for the app"); err != nil {
		t.Fatal(err)
	}
	ts, err := ana.Say(ctx, Incidents, root, "first")
	if err != nil {
		t.Fatal(err)
	}
	in := <-got
	if in.str("event", "type") != "message" || in.str("event", "text") != "first" || in.str("event", "thread_ts") != root ||
		in.str("event", "channel_type") != "channel" || in.str("event", "user") != Ana || in.str("event", "bot_id") != "" {
		t.Errorf("message: %v", in.Payload)
	}
	if err := ana.Edit(Incidents, ts, "second & last"); err != nil {
		t.Fatal(err)
	}
	in = <-got
	if in.str("event", "subtype") != "message_changed" || in.str("event", "channel") != Incidents || in.str("event", "message", "text") != "second &amp; last" ||
		in.str("event", "message", "ts") != ts || in.str("event", "message", "thread_ts") != root || in.str("event", "message", "edited", "user") != Ana ||
		in.str("event", "previous_message", "text") != "first" || in.str("event", "ts") == ts {
		t.Errorf("message_changed: %v", in.Payload)
	}
	if _, err := w.Announce(Incidents, "", "build <42>"); err != nil {
		t.Fatal(err)
	}
	in = <-got
	if in.str("event", "bot_id") != otherBotID || in.str("event", "user") != CI || in.str("event", "text") != "build &lt;42&gt;" {
		t.Errorf("another bot's: %v", in.Payload)
	}
	w.SetChannel(Security, func(c *Channel) { c.Add(BotUser) })
	if _, err := ana.Say(ctx, Security, "", "in private"); err != nil {
		t.Fatal(err)
	}
	if in = <-got; in.str("event", "channel_type") != "group" {
		t.Errorf("private: %v", in.Payload)
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"another's message":      {w.Person(Ben).Edit(Incidents, ts, "x"), "your own"},
		"nothing left":           {ana.Edit(Incidents, ts, " "), "Write a message first"},
		"a channel out of sight": {w.Person(Gus).Edit(Security, ts, "x"), "cannot see it"},
		"a bot in no channel":    {func() error { _, err := w.Announce("C0NONE", "", "x"); return err }(), "does not exist"},
		"a bot in a gone thread": {func() error { _, err := w.Announce(Incidents, "1.000001", "x"); return err }(), "does not exist"},
		"a message that is gone": {ana.Edit(Incidents, "1.000001", "x"), "your own"},
		"a person who is nobody": {w.Person("U0NONE").Edit(Incidents, ts, "x"), "nobody here is"},
		"a bot in a client":      {w.Person(CI).Edit(Incidents, ts, "x"), "nobody here is"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, c.err, c.want)
		}
	}
	if i := slices.IndexFunc(w.State(Ben).Channels[0].Messages, func(m Message) bool { return m.TS == ts }); i < 0 || !w.State(Ben).Channels[0].Messages[i].Edited {
		t.Error("the change is not seen")
	}
	wantRefusals(t, w)
}
