package workspace

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const homeView = `{"type":"home","callback_id":"home","blocks":[
	{"type":"section","text":{"type":"plain_text","text":"What I do"}},
	{"type":"actions","block_id":"go","elements":[{"type":"button","action_id":"open","value":"x","text":{"type":"plain_text","text":"Check"}}]}]}`

// TestHome: published for one person, with a button whose trigger opens a modal and pushes none.
func TestHome(t *testing.T) {
	w := start(t, Options{})
	got := echo(t, w)
	if err := w.Person(Ana).ClickHome(within(t), "open"); !errors.Is(err, errNoView) {
		t.Errorf("a click before there is a home tab: %v", err)
	}
	if err := w.Person(Ana).OpenHome(); err != nil {
		t.Fatal(err)
	}
	if in := <-got; in.str("event", "type") != "app_home_opened" || in.str("event", "tab") != "home" || in.str("event", "view", "id") != "" {
		t.Errorf("event: %v", in.Payload)
	}
	first := w.call(t, "views.publish", map[string]any{"user_id": Ana, "view": tree(t, homeView)})["view"].(map[string]any)
	if w.State(Ben).Home != nil || w.State(Ana).Home == nil || w.HomeText(Ana) != "What I do\n[ Check ]\n" {
		t.Errorf("home: %q", w.HomeText(Ana))
	}
	stale := w.call(t, "views.publish", map[string]any{"user_id": Ana, "view": tree(t, homeView), "hash": "1.stale"})
	again := w.call(t, "views.publish", map[string]any{"user_id": Ana, "view": tree(t, homeView), "hash": first["hash"]})["view"].(map[string]any)
	if stale["error"] != "hash_conflict" || again["id"] != first["id"] || again["hash"] == first["hash"] {
		t.Errorf("published again: %v, %v", stale, again)
	}
	if err := w.Person(Ana).OpenHome(); err != nil {
		t.Fatal(err)
	}
	if in := <-got; in.str("event", "view", "id") != first["id"] {
		t.Errorf("the second event does not hold the view: %v", in.Payload)
	}
	if err := w.Person(Ana).ClickHome(within(t), "open"); err != nil {
		t.Fatal(err)
	}
	in := <-got
	if in.str("type") != "block_actions" || in.str("view", "type") != "home" || in.str("container", "type") != "view" || in.Payload["channel"] != nil || in.Payload["response_url"] != nil {
		t.Errorf("payload: %v", in.Payload)
	}
	push := w.call(t, "views.push", map[string]any{"trigger_id": in.str("trigger_id"), "view": tree(t, askView)})
	open := w.call(t, "views.open", map[string]any{"trigger_id": in.str("trigger_id"), "view": tree(t, askView)})
	if push["error"] != "not_found" || open["ok"] != true {
		t.Errorf("push %v, open %v", push, open)
	}
	if err := w.Person(Olu).OpenHome(); err == nil {
		t.Error("somebody of another organisation opened the home tab")
	}
	wantRefusals(t, w, "not_found")
}

// TestPeopleAndSharing: what an app is told of guests, strangers and channels shared with them.
func TestPeopleAndSharing(t *testing.T) {
	w := start(t, Options{Manifest: []byte(testManifest)})
	got := echo(t, w)
	field := func(method string, args map[string]any, object, name string) any {
		o, _ := w.call(t, method, args)[object].(map[string]any)
		return o[name]
	}
	w.SetUser(Gus, func(u *User) { u.IsRestricted, u.IsUltraRestricted = false, true })
	w.SetChannel(Incidents, func(c *Channel) { c.IsPendingExtShared = true })
	w.SetChannel(Partners, func(c *Channel) { c.Restricted = "restricted_action_read_only_channel" })
	for _, c := range []struct {
		got  any
		want string
	}{
		{field("users.info", map[string]any{"user": Gus}, "user", "is_ultra_restricted"), "true"},
		{field("users.info", map[string]any{"user": Gus}, "user", "is_restricted"), "true"},
		{field("users.info", map[string]any{"user": Olu, "include_locale": true}, "user", "locale"), "<nil>"},
		{field("users.info", map[string]any{"user": Ana, "include_locale": true}, "user", "locale"), "es-ES"},
		{field("users.info", map[string]any{"user": Ana}, "user", "locale"), "<nil>"},
		{field("conversations.info", map[string]any{"channel": Incidents}, "channel", "is_pending_ext_shared"), "true"},
		{field("conversations.info", map[string]any{"channel": Incidents}, "channel", "is_ext_shared"), "false"},
		{field("conversations.info", map[string]any{"channel": Partners}, "channel", "is_read_only"), "true"},
	} {
		if fmt.Sprint(c.got) != c.want {
			t.Errorf("%v, want %s", c.got, c.want)
		}
	}
	if _, err := w.Person(Olu).Say(within(t), Partners, "", "hello"); err != nil {
		t.Fatal(err)
	}
	if in := <-got; in.str("event", "user_team") != otherTeamID || in.Payload["is_ext_shared_channel"] != true {
		t.Errorf("event: %v", in.Payload)
	}
	state := w.State(Ana)
	if !state.Channels[0].IsPendingExtShared || !state.Channels[3].IsReadOnly || !state.Users[2].IsUltraRestricted || !state.Users[3].IsStranger {
		t.Errorf("state: %+v", state)
	}
}

// TestUncheckedBlocks: another app's message travels along with a shortcut as it is, and people read what they can of it.
func TestUncheckedBlocks(t *testing.T) {
	w := start(t, Options{})
	got := echo(t, w)
	ts, err := w.AnnounceBlocks(Incidents, "", "graph", []byte(`[{"type":"hologram","depth":3},{"type":"context","elements":[{"type":"sparkline","points":[1,2]}]}]`))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Person(Ana).Shortcut(within(t), "jwt_check_message", Incidents, ts); err != nil {
		t.Fatal(err)
	}
	message, _ := (<-got).Payload["message"].(map[string]any)
	if blocks, _ := message["blocks"].([]any); len(blocks) != 2 || blocks[0].(map[string]any)["depth"] == nil {
		t.Errorf("message: %v", message)
	}
	if text := w.Transcript(Ana, Incidents, ""); !strings.Contains(text, "[hologram]") {
		t.Errorf("transcript:\n%s", text)
	}
	if _, err := w.AnnounceBlocks(Incidents, "", "graph", []byte(`["x"]`)); err == nil {
		t.Error("blocks that are no objects")
	}
}
