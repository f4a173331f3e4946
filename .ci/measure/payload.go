package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"jwt-check-bot/checks/mint"
)

const (
	audience = "api://orders"
	issuer   = "https://login.acme.example/prod"
	keyID    = "prod-1"
	size     = 2500 // bytes of an envelope
	firstTS  = "1700000000.000000"
)

// recipe is a token of some 900 bytes that is in order.
const recipe = `{"alg":"RS256","typ":"at+jwt","kid":"` + keyID + `","iss":"` + issuer + `","aud":"` + audience + `","sub":"auth0|5f7c8ec7c33c6c004bbafe9f",
"client_id":"web-shop","scope":"orders:read orders:list profile","tenant_id":"acme-europe","jti":"7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44",
"iat":"now-5m","nbf":"now-5m","exp":"now+55m","email":"ana.ruiz@acme.example","groups":["orders-team","on-call","payments"]}`

// material is what all submissions are made of: a ring of keys, and a token minted for this run.
type material struct {
	ring  *mint.Keys
	token string
}

func newMaterial() (*material, error) {
	m := &material{ring: mint.NewKeys()}
	if err := m.ring.Key(keyID, "RS256"); err != nil {
		return nil, err
	}
	m.token = m.ring.MustMint(time.Now(), recipe, `{}`)
	return m, nil
}

// timestamp is the thread of a submission, and its number in another form.
func timestamp(n int) string { return fmt.Sprintf("%s%06d", firstTS[:len(firstTS)-6], n) }

// number reads the number at the end of a timestamp or an envelope's ID; -1 where there is none.
func number(s string) int {
	if len(s) < 6 {
		return -1
	}
	n, err := strconv.Atoi(s[len(s)-6:])
	if err != nil {
		return -1
	}
	return n
}

// envelope is a submission of the form, with everything that Slack sends along, filled up to a steady size. Its metadata
// is what the app itself put into the form for that thread, where it makes one.
func (m *material) envelope(n int, metadata string) []byte {
	type object = map[string]any
	plain := func(s string) object { return object{"type": "plain_text", "text": s, "emoji": false} }
	production := object{"text": plain("production"), "value": "production"}
	user := userOf(n)
	view := object{
		"id": fmt.Sprintf("V%09d", n), "team_id": "T0ACME", "type": "modal", "callback_id": "jwt_check", "private_metadata": metadata,
		"hash": fmt.Sprintf("17000%05d.abc", n), "title": plain("Check a JWT"), "submit": plain("Check"), "close": plain("Cancel"),
		"clear_on_close": false, "notify_on_close": false, "previous_view_id": nil, "root_view_id": fmt.Sprintf("V%09d", n),
		"app_id": "A0APP", "external_id": "", "app_installed_team_id": "T0ACME", "bot_id": "B0BOT",
		"blocks": []any{
			object{"type": "input", "block_id": "profile", "label": plain("Environment"), "optional": false,
				"element": object{"type": "static_select", "action_id": "profile", "options": []any{production}, "initial_option": production}},
			object{"type": "input", "block_id": "token", "label": plain("Token"), "optional": true,
				"element": object{"type": "plain_text_input", "action_id": "token", "multiline": true}},
		},
		"state": object{"values": object{
			"profile": object{"profile": object{"type": "static_select", "selected_option": production}},
			"token":   object{"token": object{"type": "plain_text_input", "value": m.token}},
			"share": object{"share": object{"type": "radio_buttons",
				"selected_option": object{"text": plain("Post to the thread"), "value": "thread"}}},
		}},
	}
	e := object{
		"envelope_id": fmt.Sprintf("5d3f1b2c-8a4e-4f6b-9c0d-000000%06d", n), "type": "interactive", "accepts_response_payload": true,
		"payload": object{
			"type": "view_submission", "token": "verification", "api_app_id": "A0APP", "trigger_id": fmt.Sprintf("%d.1.abc", n),
			"team": object{"id": "T0ACME", "domain": "acme"}, "enterprise": nil, "is_enterprise_install": false, "response_urls": []any{},
			"user": object{"id": user, "username": "ana", "name": "ana", "team_id": "T0ACME"}, "view": view,
		},
	}
	b, _ := json.Marshal(e) // made of JSON values alone
	if missing := size - len(b) - len(`,"hint":`) - len(`{"type":"plain_text","text":"","emoji":false}`); missing > 0 {
		view["blocks"].([]any)[1].(object)["hint"] = plain(strings.Repeat("x", missing))
		b, _ = json.Marshal(e)
	}
	return b
}

// Each has a channel of its own, since a bot that knows Slack posts about one message a second in one.
func channelOf(n int) string { return fmt.Sprintf("C0%05d", n) }

func userOf(n int) string { return fmt.Sprintf("U0USER%03d", n%256) }

// command is a slash command: with the link to a thread it has the app open its form.
func command(id, text string, n int) []byte {
	b, _ := json.Marshal(map[string]any{
		"envelope_id": id, "type": "slash_commands", "accepts_response_payload": true,
		"payload": map[string]any{
			"token": "verification", "team_id": "T0ACME", "team_domain": "acme", "api_app_id": "A0APP", "channel_id": channelOf(n),
			"channel_name": "incidents", "user_id": userOf(n), "user_name": "ana", "command": "/jwt-check", "text": text,
			"is_enterprise_install": "false", "response_url": "", "trigger_id": "1.2." + id,
		},
	})
	return b
}

func link(n int) string {
	return "https://acme.slack.com/archives/" + channelOf(n) + "/p" + strings.Replace(timestamp(n), ".", "", 1)
}
