package workspace

import (
	"strings"
	"testing"
)

const askView = `{"type": "modal", "callback_id": "jwt_check", "title": {"type": "plain_text", "text": "Check a JWT"},
 "submit": {"type": "plain_text", "text": "Check"}, "close": {"type": "plain_text", "text": "Cancel"}, "private_metadata": "C0INC",
 "blocks": [
  {"type": "input", "block_id": "profile", "label": {"type": "plain_text", "text": "Environment"}, "element": {"type": "static_select",
    "action_id": "profile", "options": [
     {"text": {"type": "plain_text", "text": "Production"}, "value": "production"},
     {"text": {"type": "plain_text", "text": "Staging"}, "value": "staging"}],
    "initial_option": {"text": {"type": "plain_text", "text": "Production"}, "value": "production"}}},
  {"type": "input", "block_id": "token", "label": {"type": "plain_text", "text": "Token"}, "hint": {"type": "plain_text", "text": "Paste it whole."},
    "element": {"type": "plain_text_input", "action_id": "token", "multiline": true}},
  {"type": "input", "block_id": "when", "optional": true, "label": {"type": "plain_text", "text": "When"},
    "element": {"type": "datetimepicker", "action_id": "when"}},
  {"type": "input", "block_id": "options", "optional": true, "label": {"type": "plain_text", "text": "Options"},
    "element": {"type": "checkboxes", "action_id": "options", "options": [{"text": {"type": "mrkdwn", "text": "Replay it"}, "value": "replay"}]}},
  {"type": "input", "block_id": "share", "label": {"type": "plain_text", "text": "Share with"}, "element": {"type": "radio_buttons",
    "action_id": "share", "options": [
     {"text": {"type": "plain_text", "text": "The thread"}, "value": "thread"},
     {"text": {"type": "plain_text", "text": "Only me"}, "value": "me"}]}}
 ]}`

func plainView(title, text string) map[string]any {
	return map[string]any{"type": "modal", "title": map[string]any{"type": "plain_text", "text": title},
		"blocks": []any{map[string]any{"type": "section", "text": map[string]any{"type": "plain_text", "text": text}}}}
}

// TestConversation is the whole way: command, modal, an error on it, its submission, the view updated, the post.
func TestConversation(t *testing.T) {
	w := start(t, Options{})
	ctx := within(t)
	var values any
	submissions := 0
	connect(t, w, func(in incoming) {
		switch in.Type + " " + in.str("type") {
		case "slash_commands ":
			in.ack()
			if out := w.call(t, "views.open", map[string]any{"trigger_id": in.str("trigger_id"), "view": tree(t, askView)}); out["ok"] != true {
				t.Errorf("views.open: %v", out)
			}
		case "interactive view_submission":
			if submissions++; submissions == 1 {
				in.ack(map[string]any{"response_action": "errors", "errors": map[string]any{"token": "That is no token."}})
				return
			}
			view := in.Payload["view"].(map[string]any)
			values = view["state"].(map[string]any)["values"]
			in.ack(map[string]any{"response_action": "update", "view": plainView("Check a JWT", "Checking…")})
			out := w.call(t, "views.update", map[string]any{"view_id": view["id"], "view": plainView("Check a JWT", "Expired 42 s ago")})
			if out["ok"] != true {
				t.Errorf("views.update: %v", out)
			}
			root := w.State(Ana).Channels[0].Messages[0].TS
			out = form(t, w, "chat.postMessage", map[string]string{"channel": Incidents, "thread_ts": root, "text": "Expired",
				"unfurl_links": "false", "unfurl_media": "false",
				"blocks": `[{"type":"header","text":{"type":"plain_text","text":"Expired 42 s ago"}}]`})
			if out["ok"] != true {
				t.Errorf("chat.postMessage: %v", out)
			}
		}
	})
	ana := w.Person(Ana)
	if _, err := ana.Say(ctx, Incidents, "", "/jwt-check"); err != nil {
		t.Fatal(err)
	}
	view, err := ana.AwaitView(ctx, func(v View) bool { return v.CallbackID == "jwt_check" })
	if err != nil {
		t.Fatal(err)
	}
	if view.PrivateMetadata != "C0INC" || view.State["profile"] != "production" {
		t.Errorf("view: %+v", view)
	}
	if errs, err := ana.Submit(ctx); err != nil || errs["token"] != "Please complete this required field." {
		t.Fatalf("empty submission: %v, %v", errs, err)
	}
	for block, value := range map[string]string{"token": "to.ke.n", "when": "1795427640", "options": "replay", "share": "thread"} {
		if err := ana.Fill(block, value); err != nil {
			t.Fatal(err)
		}
	}
	errs, err := ana.Submit(ctx)
	if err != nil || errs["token"] != "That is no token." {
		t.Fatalf("first submission: %v, %v", errs, err)
	}
	want := `┌ Check a JWT
│ Environment: ‹Staging› ▾
│ Token: ‹to.ke.n›
│   Paste it whole.
│   ! That is no token.
│ When (optional): ‹1795427640›
│ Options (optional):
│   [x] Replay it
│ Share with:
│   (•) The thread
│   ( ) Only me
└ [ Cancel ] [ Check ]
`
	if err := ana.Fill("profile", "staging"); err != nil {
		t.Fatal(err)
	}
	if got := w.ViewText(Ana); got != want {
		t.Errorf("view:\n%s\nwant:\n%s", got, want)
	}
	if errs, err := ana.Submit(ctx); err != nil || len(errs) > 0 {
		t.Fatalf("second submission: %v, %v", errs, err)
	}
	if _, err := ana.AwaitView(ctx, func(v View) bool { return strings.Contains(v.Reads, "Expired 42 s ago") }); err != nil {
		t.Fatal(err)
	}
	if err := w.Await(ctx, func(s *State) bool { return len(s.Channels[0].Messages) == 4 }); err != nil {
		t.Fatal(err)
	}
	m := w.State(Ben).Channels[0].Messages[3]
	if m.UnfurlLinks || m.UnfurlMedia || !m.Bot || m.ThreadTS == "" || m.Reads != "Expired 42 s ago" {
		t.Errorf("message: %+v", m)
	}
	wantJSON(t, values, `{
	 "profile": {"profile": {"type": "static_select", "selected_option": {"text": {"type": "plain_text", "text": "Staging"}, "value": "staging"}}},
	 "token": {"token": {"type": "plain_text_input", "value": "to.ke.n"}},
	 "when": {"when": {"type": "datetimepicker", "selected_date_time": 1795427640}},
	 "options": {"options": {"type": "checkboxes", "selected_options": [{"text": {"type": "mrkdwn", "text": "Replay it"}, "value": "replay"}]}},
	 "share": {"share": {"type": "radio_buttons", "selected_option": {"text": {"type": "plain_text", "text": "The thread"}, "value": "thread"}}}}`)
	wantRefusals(t, w)
	for _, e := range w.Envelopes() {
		if e.Acks != 1 || e.AckedAfter <= 0 || e.Bytes == 0 || e.Redelivered != 0 {
			t.Errorf("envelope: %+v", e)
		}
	}
	ana.CloseView()
	if got := w.ViewText(Ana); got != "" {
		t.Errorf("a view is still open: %s", got)
	}
}
