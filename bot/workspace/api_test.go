package workspace

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRefusedCalls: each call, and the error by Slack's name.
func TestRefusedCalls(t *testing.T) {
	w := start(t, Options{Rate: Rate{Every: -1}}) // more messages than it takes in the time
	root := w.State(Ana).Channels[0].Messages[0].TS
	reply := w.State(Ana).Channels[0].Messages[1].TS
	blocks := func(text string) any { return tree(t, text) }
	w.SetChannel(Partners, func(c *Channel) { c.Restricted = "restricted_action_read_only_channel" })
	for _, c := range []struct {
		name, method string
		args         map[string]any
		want         string
	}{
		{"unknown method", "chat.scheduleMessage", nil, "unknown_method"},
		{"unknown channel", "chat.postMessage", map[string]any{"channel": "C0NONE", "text": "x"}, "channel_not_found"},
		{"a channel by its name", "chat.postMessage", map[string]any{"channel": "#incidents", "text": "x"}, "channel_not_found"},
		{"not a member", "chat.postMessage", map[string]any{"channel": General, "text": "x"}, "not_in_channel"},
		{"private and not a member", "chat.postMessage", map[string]any{"channel": Security, "text": "x"}, "channel_not_found"},
		{"nothing to post", "chat.postMessage", map[string]any{"channel": Incidents}, "no_text"},
		{"blocks without text", "chat.postMessage", map[string]any{"channel": Incidents, "blocks": blocks(`[{"type":"divider"}]`)}, "no_text"},
		{"too long", "chat.postMessage", map[string]any{"channel": Incidents, "text": strings.Repeat("é", 40_001)}, "msg_too_long"},
		{"blocks that are no list", "chat.postMessage", map[string]any{"channel": Incidents, "text": "x", "blocks": `{"type":"divider"}`}, "invalid_blocks_format"},
		{"blocks that are no JSON", "chat.postMessage", map[string]any{"channel": Incidents, "text": "x", "blocks": `[{"type"`}, "invalid_blocks_format"},
		{"invalid blocks", "chat.postMessage", map[string]any{"channel": Incidents, "text": "x", "blocks": blocks(`[{"type":"header"}]`)}, "invalid_blocks"},
		{"too much text in blocks", "chat.postMessage", map[string]any{"channel": Incidents, "text": "x", "blocks": blocks("[" + strings.Repeat(section(`,"fields":[`+plainText(1999)+`]`)+",", 5) + section(``) + `]`)}, "msg_blocks_too_long"},
		{"attachments", "chat.postMessage", map[string]any{"channel": Incidents, "text": "x", "attachments": blocks(`[{"text":"x"}]`)}, "invalid_attachments"},
		{"markdown_text beside text", "chat.postMessage", map[string]any{"channel": Incidents, "text": "x", "markdown_text": "y"}, "markdown_text_conflict"},
		{"a reply to a reply", "chat.postMessage", map[string]any{"channel": Incidents, "text": "x", "thread_ts": reply}, "cannot_reply_to_message"},
		{"a thread that is no ts", "chat.postMessage", map[string]any{"channel": Incidents, "text": "x", "thread_ts": "p1"}, "invalid_thread_ts"},
		{"ephemeral to nobody", "chat.postEphemeral", map[string]any{"channel": Incidents, "user": "U0NONE", "text": "x"}, "user_not_found"},
		{"ephemeral to somebody elsewhere", "chat.postEphemeral", map[string]any{"channel": Incidents, "user": Olu, "text": "x"}, "user_not_in_channel"},
		{"another's message", "chat.update", map[string]any{"channel": Incidents, "ts": root, "text": "x"}, "cant_update_message"},
		{"no such message", "chat.update", map[string]any{"channel": Incidents, "ts": "1.000001", "text": "x"}, "message_not_found"},
		{"deleting another's message", "chat.delete", map[string]any{"channel": Incidents, "ts": root}, "cant_delete_message"},
		{"a link to nothing", "chat.getPermalink", map[string]any{"channel": Incidents, "message_ts": "1.000001"}, "message_not_found"},
		{"a private channel", "conversations.info", map[string]any{"channel": Security}, "channel_not_found"},
		{"an unknown user", "users.info", map[string]any{"user": "U0NONE"}, "user_not_found"},
		{"an unknown bot", "bots.info", map[string]any{"bot": "B0NONE"}, "bot_not_found"},
		{"a trigger from nowhere", "views.open", map[string]any{"trigger_id": "1.2.x", "view": tree(t, askView)}, "invalid_trigger_id"},
		{"no such view", "views.update", map[string]any{"view_id": "V0NONE", "view": tree(t, askView)}, "not_found"},
		{"a home tab for nobody", "views.publish", map[string]any{"user_id": "U0NONE", "view": map[string]any{}}, "user_not_found"},
		{"a channel where few may post", "chat.postMessage", map[string]any{"channel": Partners, "text": "x"}, "restricted_action_read_only_channel"},
		{"an invalid home tab", "views.publish", map[string]any{"user_id": Ana, "view": map[string]any{"type": "home"}}, "invalid_arguments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(w.Refusals())
			out := w.call(t, c.method, c.args)
			if out["ok"] != false || out["error"] != c.want {
				t.Errorf("answer: %v", out)
			}
			calls := w.Calls()
			if last := calls[len(calls)-1]; last.Method != c.method || last.Code != c.want {
				t.Errorf("recorded: %s %s", last.Method, last.Code)
			}
			if got := w.Refusals()[before:]; len(got) != 1 || !strings.HasPrefix(got[0], c.method+": "+c.want) {
				t.Errorf("refusals: %q", got)
			}
		})
	}
}

func TestProblemsAreExplained(t *testing.T) {
	w := start(t, Options{})
	out := form(t, w, "chat.postMessage", map[string]string{"channel": Incidents, "text": "x", "blocks": `[{"type":"header","text":` + plainText(151) + `}]`})
	want := "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
	wantJSON(t, out, `{"ok": false, "error": "invalid_blocks", "errors": ["`+want+`"], "response_metadata": {"messages": ["[ERROR] `+want+`"]}}`)
	wantRefusals(t, w, "chat.postMessage: invalid_blocks: "+want)
}

func TestAuthorization(t *testing.T) {
	w := start(t, Options{})
	bot, app := w.BotToken(), w.AppToken()
	if !strings.HasPrefix(bot, "xoxb-") || !strings.HasPrefix(app, "xapp-") || bot == app {
		t.Fatal("the tokens are not of their kinds")
	}
	const kind = "application/x-www-form-urlencoded"
	for _, c := range []struct{ name, method, header, body, want string }{
		{"none", "auth.test", "", "", "not_authed"},
		{"unknown", "auth.test", bot + "x", "", "invalid_auth"},
		{"in the form", "auth.test", "", "token=" + bot, ""},
		{"app token for a bot method", "users.info", app, "user=" + Ana, "not_allowed_token_type"},
		{"bot token for a socket", "apps.connections.open", bot, "", "not_allowed_token_type"},
		{"app token in the form", "apps.connections.open", "", "token=" + app, "not_authed"},
		{"in the query", "auth.test?token=" + bot, "", "", "not_authed"},
		{"app token", "auth.test", app, "", ""},
	} {
		res, out := send(t, w.APIURL()+c.method, c.header, kind, []byte(c.body))
		if got, _ := out["error"].(string); got != c.want {
			t.Errorf("%s: %v", c.name, out)
		}
		if c.want == "" && !strings.Contains(res.Header.Get("X-OAuth-Scopes"), "chat:write") {
			t.Errorf("%s: X-OAuth-Scopes is %q", c.name, res.Header.Get("X-OAuth-Scopes"))
		}
	}
	for _, b := range w.Received() {
		if strings.Contains(string(b), bot) {
			t.Errorf("the token parameter is kept: %s", b)
		}
	}
}

func TestScopes(t *testing.T) {
	w := start(t, Options{Manifest: []byte(strings.NewReplacer(`"channels:read", `, ``, `"chat:write", `, ``).Replace(quiet))})
	out := w.call(t, "conversations.info", map[string]any{"channel": Incidents})
	if out["error"] != "missing_scope" || out["needed"] != "channels:read" || !strings.HasPrefix(out["provided"].(string), "commands,groups:read") {
		t.Errorf("answer: %v", out)
	}
	if out := w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "text": "x"}); out["needed"] != "chat:write" {
		t.Errorf("answer: %v", out)
	}
}

func TestBodies(t *testing.T) {
	w := start(t, Options{})
	for _, c := range []struct {
		name, kind, body, want string
		status                 int
	}{
		{"too large", "application/json", `{"x":"` + strings.Repeat("a", maxBody) + `"}`, "request_too_large", http.StatusRequestEntityTooLarge},
		{"not JSON", "application/json", `{"x":`, "invalid_json", 200},
		{"two JSON values", "application/json", `{}{}`, "invalid_json", 200},
		{"no object", "application/json", `[]`, "json_not_object", 200},
		{"not a form", "application/x-www-form-urlencoded", `a=%zz`, "invalid_form_data", 200},
		{"another kind", "text/plain", `x`, "invalid_post_type", 200},
	} {
		res, out := send(t, w.APIURL()+"auth.test", w.BotToken(), c.kind, []byte(c.body))
		if out["error"] != c.want || res.StatusCode != c.status {
			t.Errorf("%s: %s %v", c.name, res.Status, out)
		}
	}
}

func TestLookups(t *testing.T) {
	w := start(t, Options{})
	root := w.State(Ana).Channels[0].Messages[0].TS
	reply := w.State(Ana).Channels[0].Messages[1].TS
	digits := func(ts string) string { return "p" + strings.Replace(ts, ".", "", 1) }
	for _, c := range []struct {
		method string
		args   map[string]any
		path   []string
		want   any
	}{
		{"auth.test", nil, []string{"user_id"}, BotUser},
		{"auth.test", nil, []string{"url"}, "https://acme.slack.com/"},
		{"conversations.info", map[string]any{"channel": Incidents}, []string{"channel", "is_member"}, true},
		{"conversations.info", map[string]any{"channel": General}, []string{"channel", "is_member"}, false},
		{"conversations.info", map[string]any{"channel": Partners}, []string{"channel", "is_ext_shared"}, true},
		{"conversations.members", map[string]any{"channel": General}, []string{"members"}, []any{Ana, Ben}},
		{"conversations.open", map[string]any{"users": Ana}, []string{"channel", "id"}, "D0ANA"},
		{"users.info", map[string]any{"user": Gus}, []string{"user", "is_restricted"}, true},
		{"users.info", map[string]any{"user": Olu}, []string{"user", "is_stranger"}, true},
		{"users.info", map[string]any{"user": Ana}, []string{"user", "is_stranger"}, nil},
		{"users.info", map[string]any{"user": Ana}, []string{"user", "tz_offset"}, 3600.0},
		{"bots.info", map[string]any{"bot": BotID}, []string{"bot", "user_id"}, BotUser},
		{"chat.getPermalink", map[string]any{"channel": Incidents, "message_ts": root}, []string{"permalink"}, "https://acme.slack.com/archives/C0INC/" + digits(root)},
		{"chat.getPermalink", map[string]any{"channel": Incidents, "message_ts": reply}, []string{"permalink"}, "https://acme.slack.com/archives/C0INC/" + digits(reply) + "?cid=C0INC&thread_ts=" + root},
		{"views.publish", map[string]any{"user_id": Ana, "view": tree(t, `{"type":"home","blocks":[{"type":"divider"}]}`)}, []string{"view", "type"}, "home"},
	} {
		var got any = w.call(t, c.method, c.args)
		for _, p := range c.path {
			m, _ := got.(map[string]any)
			got = m[p]
		}
		g, _ := json.Marshal(got)
		want, _ := json.Marshal(c.want)
		if string(g) != string(want) {
			t.Errorf("%s %v: %v is %s, want %s", c.method, c.args, c.path, g, want)
		}
	}
	if got := w.HomeText(Ana); got != "────\n" || w.HomeText(Ben) != "" {
		t.Errorf("home: %q", got)
	}
	wantRefusals(t, w)
}

func TestMessagesOfTheApp(t *testing.T) {
	w := start(t, Options{})
	root := w.State(Ana).Channels[0].Messages[0].TS
	posted := w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "thread_ts": root, "text": "one"})
	message := posted["message"].(map[string]any)
	if message["thread_ts"] != root || message["bot_id"] != BotID {
		t.Errorf("message: %v", message)
	}
	ts := posted["ts"]
	if out := w.call(t, "chat.update", map[string]any{"channel": Incidents, "ts": ts, "text": "two"}); out["text"] != "two" {
		t.Errorf("update: %v", out)
	}
	if got := w.Transcript(Ana, Incidents, root); !strings.HasSuffix(got, "09:54 jwt-check  two (edited)\n") {
		t.Errorf("transcript:\n%s", got)
	}
	if out := w.call(t, "chat.delete", map[string]any{"channel": Incidents, "ts": ts}); out["ok"] != true {
		t.Errorf("delete: %v", out)
	}
	if n := len(w.State(Ana).Channels[0].Messages); n != 3 {
		t.Errorf("%d messages are left", n)
	}
	if out := w.call(t, "chat.postMessage", map[string]any{"channel": Ana, "text": "hello"}); out["channel"] != "D0ANA" {
		t.Errorf("direct message: %v", out)
	}
	w.DeleteMessage(Incidents, root)
	if out := w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "thread_ts": root, "text": "late"}); out["message"].(map[string]any)["thread_ts"] != nil {
		t.Errorf("a reply to a deleted root stays in the thread: %v", out)
	}
	w.SetChannel(Incidents, func(c *Channel) { c.IsArchived = true })
	if out := w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "text": "x"}); out["error"] != "is_archived" {
		t.Errorf("archived: %v", out)
	}
	wantRefusals(t, w, "is_archived")
}

func TestEphemeral(t *testing.T) {
	w := start(t, Options{})
	root := w.State(Ana).Channels[0].Messages[0].TS
	quietRoot, err := w.Person(Ben).Say(within(t), Incidents, "", "nobody answers me")
	if err != nil {
		t.Fatal(err)
	}
	out := w.call(t, "chat.postEphemeral", map[string]any{"channel": Incidents, "user": Ana, "thread_ts": root, "text": "psst"})
	if out["message_ts"] == nil {
		t.Fatalf("answer: %v", out)
	}
	if got := w.Transcript(Ana, Incidents, root); !strings.Contains(got, "(only visible to you) psst") {
		t.Errorf("Ana reads:\n%s", got)
	}
	if got := w.Transcript(Ben, Incidents, root); strings.Contains(got, "psst") {
		t.Errorf("Ben reads:\n%s", got)
	}
	if out := w.call(t, "chat.update", map[string]any{"channel": Incidents, "ts": out["message_ts"], "text": "x"}); out["error"] != "message_not_found" {
		t.Errorf("update of an ephemeral message: %v", out)
	}
	w.call(t, "chat.postEphemeral", map[string]any{"channel": Incidents, "user": Ana, "thread_ts": quietRoot, "text": "lost"})
	if got := w.Transcript(Ana, Incidents, quietRoot); strings.Contains(got, "lost") {
		t.Errorf("shown in a thread without replies:\n%s", got)
	}
	wantRefusals(t, w, "message_not_found", "not shown")
}

func TestFaults(t *testing.T) {
	w := start(t, Options{})
	w.FailNext("auth.test", 1, Fault{Status: 503, Code: "service_unavailable"})
	w.FailNext("auth.test", 1, Fault{RetryAfter: 7})
	w.FailNext("users.info", 1, Fault{Hang: time.Millisecond})
	w.FailNext("*", 1, Fault{Code: "fatal_error"})
	for _, want := range []struct {
		method, code, after string
		status              int
	}{
		{"auth.test", "service_unavailable", "", 503},
		{"auth.test", "ratelimited", "7", 429},
		{"auth.test", "fatal_error", "", 200},
		{"auth.test", "ok", "", 200},
		{"users.info", "user_not_found", "", 200},
	} {
		res, _ := send(t, w.APIURL()+want.method, w.BotToken(), "application/json", nil)
		calls := w.Calls()
		if code := calls[len(calls)-1].Code; code != want.code || res.StatusCode != want.status || res.Header.Get("Retry-After") != want.after {
			t.Errorf("%s, %s, Retry-After %q; want %+v", code, res.Status, res.Header.Get("Retry-After"), want)
		}
	}
	wantRefusals(t, w, "user_not_found") // a fault is no refusal
}

// TestHangEndsWithTheWorkspace: Close does not wait for a fault.
func TestHangEndsWithTheWorkspace(t *testing.T) {
	w := start(t, Options{})
	w.FailNext("auth.test", 1, Fault{Hang: time.Hour, Status: 500})
	done := make(chan error, 1)
	go func() {
		req, _ := http.NewRequest(http.MethodPost, w.APIURL()+"auth.test", nil)
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
		}
		done <- err
	}()
	if err := w.until(within(t), func() bool { return len(w.Received()) > 0 }); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	<-done
	if _, err := w.Start("127.0.0.1:0"); err == nil {
		t.Error("a closed workspace starts")
	}
}
