package workspace

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// echo acknowledges everything and hands it on.
func echo(t *testing.T, w *Workspace) chan incoming {
	got := make(chan incoming, 20)
	connect(t, w, func(in incoming) { in.ack(); got <- in })
	return got
}

func TestWhatPeopleCannotDo(t *testing.T) {
	w := start(t, Options{})
	echo(t, w)
	ctx := within(t)
	root := w.State(Ana).Channels[0].Messages[0].TS
	w.SetChannel(General, func(c *Channel) { c.IsArchived = true })
	psst := w.call(t, "chat.postEphemeral", map[string]any{"channel": Incidents, "user": Ana, "text": "psst"})["message_ts"].(string)
	say := func(p, channel, thread, text string) error {
		_, err := w.Person(p).Say(ctx, channel, thread, text)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a command in a thread":         {say(Ana, Incidents, root, "/jwt-check help"), "/jwt-check is not supported in threads. Sorry!"},
		"an unknown command":            {say(Ana, Incidents, "", "/deploy"), "/deploy is not a valid command."},
		"a stranger's command":          {say(Olu, Partners, "", "/jwt-check"), "/jwt-check is not a valid command."},
		"a channel out of sight":        {say(Gus, Security, "", "hello"), "you cannot see it"},
		"a channel of others":           {say(Olu, Incidents, "", "hello"), "you cannot see it"},
		"an archived channel":           {say(Ana, General, "", "hello"), "#general is archived."},
		"nothing to say":                {say(Ana, Incidents, "", " "), "Write a message first."},
		"a thread that is not there":    {say(Ana, Incidents, "1.000001", "hello"), "That thread does not exist."},
		"nobody":                        {say("U0NONE", Incidents, "", "hello"), "nobody here is"},
		"a shortcut nobody has":         {w.Person(Ana).Shortcut(ctx, "other", Incidents, root), "No such shortcut"},
		"a shortcut on nothing":         {w.Person(Ana).Shortcut(ctx, "jwt_check_message", Incidents, "1.000001"), "no shortcuts"},
		"a shortcut on an ephemeral":    {w.Person(Ana).Shortcut(ctx, "jwt_check_message", Incidents, psst), "no shortcuts"},
		"a message shortcut at large":   {w.Person(Ana).Shortcut(ctx, "jwt_check_message", Incidents, ""), "No such shortcut"},
		"a button that is not there":    {w.Person(Ana).Click(ctx, Incidents, root, "again"), `no button "again"`},
		"a button without a view":       {w.Person(Ana).ClickView(ctx, "post"), "no view is open"},
		"a field without a view":        {w.Person(Ana).Fill("token", "x"), "no view is open"},
		"another's ephemeral message":   {w.Person(Ben).Click(ctx, Incidents, psst, "x"), `no button "x"`},
		"a submission without anything": {func() error { _, err := w.Person(Ana).Submit(ctx); return err }(), "no view is open"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, c.err, c.want)
		}
	}
	wantRefusals(t, w)
}

func TestWithoutInteractivity(t *testing.T) {
	w := start(t, Options{Manifest: []byte(strings.Replace(quiet, `"interactivity": {"is_enabled": true}`, `"interactivity": {"is_enabled": false}`, 1))})
	echo(t, w)
	root := w.State(Ana).Channels[0].Messages[0].TS
	err := w.Person(Ana).Shortcut(within(t), "jwt_check_message", Incidents, root)
	if err == nil || !strings.Contains(err.Error(), "not configured to handle interactive responses") {
		t.Error(err)
	}
}

// TestTyping: what the composer makes of a person's text, and what others read.
func TestTyping(t *testing.T) {
	w := start(t, Options{})
	const text = "@ben see #general (https://a.example/?a=1&b=2), not <!here> & <@U0NONE>"
	if _, err := w.Person(Ana).Say(within(t), Partners, "", text); err != nil {
		t.Fatal(err)
	}
	m := w.State(Ben).Channels[3].Messages[0]
	if want := "<@U0BEN> see <#C0GEN> (<https://a.example/?a=1&amp;b=2>), not &lt;!here&gt; &amp; &lt;@U0NONE&gt;"; m.Text != want {
		t.Errorf("text %q", m.Text)
	}
	if m.Reads != text {
		t.Errorf("reads %q", m.Reads)
	}
	if got := w.Transcript(Gus, Partners, ""); got != "" {
		t.Errorf("Gus, who is not there, reads:\n%s", got)
	}
}

func TestFill(t *testing.T) {
	w, ana := withView(t, nil)
	for _, c := range []struct{ block, value, want string }{
		{"profile", "staging", ""},
		{"profile", "development", "no option has that value"},
		{"share", "everyone", "no option has that value"},
		{"options", "replay, replay", ""},
		{"options", "replay,other", "no option has that value"},
		{"when", "yesterday", "not a value of a datetimepicker"},
		{"when", "1795427640", ""},
		{"nothing", "x", "no input block"},
		{"token", "", ""},
	} {
		err := ana.Fill(c.block, c.value)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%q: %v, want %q", c.block, c.value, err, c.want)
		}
	}
	v := w.State(Ana).Views[0]
	wantJSON(t, v.State, `{"profile": "staging", "share": "me", "options": "replay", "when": "1795427640", "token": ""}`)
}

// TestMessageShortcut: the payload that the modal of a thread comes from.
func TestMessageShortcut(t *testing.T) {
	w := start(t, Options{})
	got := echo(t, w)
	reply := w.State(Ana).Channels[0].Messages[1]
	if err := w.Person(Ana).Shortcut(within(t), "jwt_check_message", Incidents, reply.TS); err != nil {
		t.Fatal(err)
	}
	in := <-got
	if in.Type != "interactive" || !in.Accepts || in.str("type") != "message_action" || in.str("message_ts") != reply.TS ||
		in.str("message", "thread_ts") != reply.ThreadTS || in.str("message", "parent_user_id") != Ben || in.str("channel", "id") != Incidents ||
		in.str("user", "id") != Ana || in.str("team", "id") != TeamID || in.str("callback_id") != "jwt_check_message" {
		t.Errorf("payload: %v", in.Payload)
	}
	for _, field := range []string{"trigger_id", "response_url", "token", "action_ts"} {
		if in.str(field) == "" {
			t.Errorf("the payload has no %s", field)
		}
	}
	if err := w.Person(Ana).Shortcut(within(t), "jwt_check_global", "", ""); err != nil {
		t.Fatal(err)
	}
	if in := <-got; in.str("type") != "shortcut" || in.Payload["channel"] != nil || in.Payload["response_url"] != nil {
		t.Errorf("payload: %v", in.Payload)
	}
}

// TestMention: an event for who is mentioned, where the app is a member.
func TestMention(t *testing.T) {
	w := start(t, Options{Manifest: []byte(testManifest)})
	got := echo(t, w)
	for _, text := range []string{"@jwt-check look", "<@U0BOT> look", "no mention of jwt-check"} {
		if _, err := w.Person(Ana).Say(within(t), Partners, "", text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Person(Ana).Say(within(t), General, "", "@jwt-check are you here?"); err != nil {
		t.Fatal(err)
	}
	w.call(t, "chat.postMessage", map[string]any{"channel": Partners, "text": "mine <@U0BOT>"})
	if err := w.Person(Ana).OpenHome(); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for range 7 {
		in := <-got
		kind := in.str("event", "type")
		if in.str("event", "bot_id") != "" {
			kind += " of the app"
		}
		kinds = append(kinds, kind)
		if kind == "app_mention" && (in.str("event", "text") != "<@U0BOT> look" || in.Payload["is_ext_shared_channel"] != true) {
			t.Errorf("event: %v", in.Payload)
		}
	}
	want := "[message app_mention message app_mention message message of the app app_home_opened]"
	if fmt.Sprint(kinds) != want {
		t.Errorf("events %v, want %s", kinds, want)
	}
}

// TestButtons: in a message, in an ephemeral one and in a view.
func TestButtons(t *testing.T) {
	w := start(t, Options{})
	got := echo(t, w)
	root := w.State(Ana).Channels[0].Messages[0].TS
	blocks := tree(t, `[{"type":"actions","block_id":"more","elements":[{"type":"button","action_id":"again","value":"x","text":{"type":"plain_text","text":"Check another token"}}]}]`)
	message := map[string]any{"channel": Incidents, "thread_ts": root, "text": "x", "blocks": blocks, "user": Ana}
	ts := w.call(t, "chat.postMessage", message)["ts"].(string)
	psst := w.call(t, "chat.postEphemeral", message)["message_ts"].(string)
	for _, ts := range []string{ts, psst} {
		if err := w.Person(Ana).Click(within(t), Incidents, ts, "again"); err != nil {
			t.Fatal(err)
		}
		in := <-got
		container := in.Payload["container"].(map[string]any)
		hasMessage := in.Payload["message"] != nil
		if in.str("type") != "block_actions" || container["message_ts"] != ts || container["thread_ts"] != root ||
			container["is_ephemeral"] != (ts == psst) || hasMessage == (ts == psst) {
			t.Errorf("payload: %v", in.Payload)
		}
		action := in.Payload["actions"].([]any)[0].(map[string]any)
		if action["action_id"] != "again" || action["block_id"] != "more" || action["value"] != "x" || action["type"] != "button" {
			t.Errorf("action: %v", action)
		}
		_, out := send(t, in.str("response_url"), "", "application/json", []byte(`{"delete_original": true}`))
		if out["ok"] != true {
			t.Errorf("delete_original: %v", out)
		}
	}
	if n := len(w.State("").Channels[0].Messages); n != 3 {
		t.Errorf("%d messages are left", n)
	}
	trigger := func() string {
		if err := w.Person(Ana).Command(within(t), Incidents, "/jwt-check", ""); err != nil {
			t.Fatal(err)
		}
		in := <-got
		return in.str("trigger_id")
	}
	view := plainView("Result", "fine")
	view["blocks"] = append(view["blocks"].([]any), blocks.([]any)...)
	w.call(t, "views.open", map[string]any{"trigger_id": trigger(), "view": view})
	if err := w.Person(Ana).ClickView(within(t), "again"); err != nil {
		t.Fatal(err)
	}
	in := <-got
	if in.str("container", "type") != "view" || in.str("container", "view_id") != in.str("view", "id") || in.Payload["response_url"] != nil {
		t.Errorf("payload: %v", in.Payload)
	}
	if out := w.call(t, "views.push", map[string]any{"trigger_id": in.str("trigger_id"), "view": view}); out["ok"] != true {
		t.Errorf("views.push: %v", out)
	}
	wantRefusals(t, w)
}

func TestTriggers(t *testing.T) {
	w := start(t, Options{})
	got := echo(t, w)
	ana := w.Person(Ana)
	command := func() incoming {
		if err := ana.Command(within(t), Incidents, "/jwt-check", ""); err != nil {
			t.Fatal(err)
		}
		return <-got
	}
	in := command()
	view := map[string]any{"trigger_id": in.str("trigger_id"), "view": tree(t, askView)}
	if out := w.call(t, "views.open", view); out["ok"] != true {
		t.Fatal(out)
	}
	if out := w.call(t, "views.open", view); out["error"] != "exchanged_trigger_id" {
		t.Errorf("used twice: %v", out)
	}
	view["trigger_id"] = command().str("trigger_id")
	if out := w.call(t, "views.push", view); out["error"] != "not_found" {
		t.Errorf("pushed from outside a view: %v", out)
	}
	w.mu.Lock()
	w.opt.TriggerTTL = time.Nanosecond
	w.mu.Unlock()
	if out := w.call(t, "views.open", view); out["error"] != "expired_trigger_id" {
		t.Errorf("too late: %v", out)
	}
}

// TestViewUpdates: hashes, external IDs, what stays of what was entered, and closing.
func TestViewUpdates(t *testing.T) {
	closed := make(chan incoming, 1)
	w, ana := withView(t, func(in incoming) { in.ack(); closed <- in })
	v := w.State(Ana).Views[0]
	body := tree(t, askView).(map[string]any)
	blocks := body["blocks"].([]any)
	blocks[1].(map[string]any)["element"].(map[string]any)["initial_value"] = "from the app"
	blocks[4].(map[string]any)["block_id"] = "share_again"
	body["external_id"], body["notify_on_close"] = "mine", true
	update := map[string]any{"view_id": v.ID, "hash": "old", "view": body}
	if out := w.call(t, "views.update", update); out["error"] != "hash_conflict" {
		t.Errorf("an old hash: %v", out)
	}
	update["hash"] = v.Hash
	if out := w.call(t, "views.update", update); out["ok"] != true {
		t.Errorf("views.update: %v", out)
	}
	after := w.State(Ana).Views[0]
	if after.Hash == v.Hash || after.State["token"] != "x" || after.State["share_again"] != "" {
		t.Errorf("after the update: %+v", after)
	}
	if out := w.call(t, "views.update", map[string]any{"external_id": "mine", "view": body}); out["ok"] != true {
		t.Errorf("by external_id: %v", out)
	}
	ana.CloseView()
	in := <-closed
	blocks, listed := in.Payload["view"].(map[string]any)["blocks"].([]any)
	if in.str("type") != "view_closed" || in.Payload["is_cleared"] != false || !listed || len(blocks) != 0 {
		t.Errorf("payload: %v", in.Payload)
	}
	if out := w.call(t, "views.update", map[string]any{"view_id": v.ID, "view": body}); out["error"] != "not_found" {
		t.Errorf("closed: %v", out)
	}
}

// TestOvertaking: an update that overtakes the acknowledgement of the same view waits for it.
func TestOvertaking(t *testing.T) {
	updated := make(chan map[string]any, 1)
	w, ana := withView(t, func(in incoming) {
		go func() {
			updated <- in.app.w.call(t, "views.update", map[string]any{"view_id": in.str("view", "id"), "view": plainView("Result", "done")})
		}()
		in.ack(map[string]any{"response_action": "update", "view": plainView("Check", "Checking…")})
	})
	if _, err := ana.Submit(within(t)); err != nil {
		t.Fatal(err)
	}
	if out := <-updated; out["ok"] != true {
		t.Errorf("views.update: %v", out)
	}
	if v := w.State(Ana).Views[0]; v.Title != "Result" {
		t.Errorf("the view is %s", v.Reads)
	}
}

func TestResponseURL(t *testing.T) {
	now := morning()
	w := start(t, Options{Now: func() time.Time { return now }})
	got := echo(t, w)
	if err := w.Person(Ana).Command(within(t), General, "/jwt-check", "some text"); err != nil {
		t.Fatal(err)
	}
	in := <-got
	for _, c := range []struct{ body, want string }{
		{`{"text": "one", "replace_original": false, "delete_original": false, "metadata": {"event_type": ""}, "blocks": null}`, ""},
		{`{"text": "two", "response_type": "in_channel"}`, ""},
		{`{"text": "three", "response_type": "loud"}`, "invalid_response_type"},
		{`{}`, "no_text"},
		{`{"text": "five", "blocks": [{}]}`, "invalid_blocks"},
		{`{"text": "six"}`, "used_url"},
		{`[]`, "invalid_payload"},
	} {
		_, out := send(t, in.str("response_url"), "", "application/json", []byte(c.body))
		if got, _ := out["error"].(string); got != c.want {
			t.Errorf("%s: %v", c.body, out)
		}
	}
	if got := w.Transcript(Ben, General, ""); got != "09:54 ana        /jwt-check some text\n09:54 jwt-check  two\n" {
		t.Errorf("Ben reads:\n%s", got)
	}
	if got := w.Transcript(Ana, General, ""); !strings.HasPrefix(got, "09:54 jwt-check  (only visible to you) one\n") {
		t.Errorf("Ana reads:\n%s", got)
	}
	if err := w.Person(Ana).Command(within(t), General, "/jwt-check", ""); err != nil {
		t.Fatal(err)
	}
	in = <-got
	now = now.Add(31 * time.Minute)
	if _, out := send(t, in.str("response_url"), "", "application/json", []byte(`{"text": "late"}`)); out["error"] != "expired_url" {
		t.Errorf("after half an hour: %v", out)
	}
}

func TestPayloadOfACommand(t *testing.T) {
	w := start(t, Options{})
	got := echo(t, w)
	if err := w.Person(Ana).Command(within(t), Security, "/jwt-check", "a <b> & @ben"); err != nil {
		t.Fatal(err)
	}
	p := (<-got).Payload
	for _, k := range []string{"token", "response_url", "trigger_id"} {
		if s, _ := p[k].(string); s == "" {
			t.Errorf("no %s", k)
		}
		delete(p, k)
	}
	wantJSON(t, p, `{"team_id": "T0ACME", "team_domain": "acme", "api_app_id": "A0APP", "channel_id": "G0SEC", "channel_name": "privategroup",
	 "user_id": "U0ANA", "user_name": "ana", "command": "/jwt-check", "text": "a <b> & @ben", "is_enterprise_install": "false"}`)
}

func TestAwaitEnds(t *testing.T) {
	w := start(t, Options{})
	ctx := within(t)
	never := make(chan error, 2)
	go func() { never <- w.Await(ctx, func(*State) bool { return false }) }()
	go func() { _, err := w.Person(Ana).AwaitView(ctx, nil); never <- err }()
	w.Close()
	for range 2 {
		if <-never == nil {
			t.Error("Await holds after Close")
		}
	}
}
