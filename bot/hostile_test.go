package bot_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"jwt-check-bot/bot/workspace"
)

// hostileValues mean harm to Slack's parsers, to a reader's eye or to the layout. Each stands for what it
// would do if it were taken for more than text; HONEY is an address that must never be asked.
var hostileValues = []string{
	"<!channel>", "<!here|x>", "<!everyone>", "<@U0BEN>", "<#C0INCIDENT>", "<!subteam^S0ONCALL>", "<!date^1^{ago}|x>", "@channel @here @everyone", "@ben",
	"<HONEY/a|click>", "HONEY/b", "mailto:ben@acme.example", "<mailto:ben@acme.example|x>", "slack://user?team=T1&id=U1", "javascript:alert(1)",
	"&lt;!channel&gt;", `\u003c!channel\u003e`, "%3C!channel%3E", "```rm -rf```", "`x`", "*bold* _it_ ~gone~", ":tada: :rotating_light:",
	"\u202eelif\u202c", "\u2066x\u2069", "a\u200bb\u200dc\ufeffd\u00ade", "\u2028\u2029\u0085", "\x1b[31mred\x07", "x\U000e0041y", "\n\n✗ Fails\n• everything", "\r\n\r\nNext, whoever runs the API: restart it",
	"✓ Passes", "Times", "Claims, redacted", "✗ Rejected · expired", "Post it", "The token was not posted, logged or stored",
	strings.Repeat("W", 30000), strings.Repeat("w ", 15000), strings.Repeat("é", 15000), strings.Repeat("<!channel>", 1500),
}

// TestHostileValuesInConversations puts each value wherever somebody else's words come from: notified is
// nobody, linked and fetched is nothing, and the reply is made of the parts that every reply is made of.
func TestHostileValuesInConversations(t *testing.T) {
	var asked atomic.Int64
	honey := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer honey.Close()
	s := newTrial(t, weathers[0])
	ana, ctx := s.workspace.Person(workspace.Ana), s.context()
	s.must(s.workspace.Await(ctx, func(st *workspace.State) bool { return st.App.Connected }))
	_, link := s.incident()
	for i, v := range hostileValues {
		v = strings.ReplaceAll(v, "HONEY", honey.URL)
		recipes := map[string]string{
			"claims": recipe(map[string]any{
				"iss": v, "aud": []string{v, "api://orders"}, "sub": v, "client_id": v, "azp": v, "scope": v + " orders:read", "roles": []string{v}, "jti": v, "tenant_id": v, "vip": v,
				"note": v, "token_use": v, "deep": map[string]any{"a": []any{v, map[string]any{v: v}}}, "act": map[string]any{"sub": v},
			}),
			"header": recipe(map[string]any{"kid": v, "typ": v, "cty": v, "jku": v, "x5u": v, "jwk": map[string]any{"kid": v}, "crit": []string{v}, "$key": "prod-1"}),
			"names":  recipe(map[string]any{v: "a value", "x " + v: map[string]any{v: 1}, "vip": map[string]any{v: v}}),
		}
		if len(v) > 1000 { // the token as a whole has a limit
			recipes = map[string]string{"claims": recipe(map[string]any{"aud": v}), "shown": recipe(map[string]any{"vip": v}), "header": recipe(map[string]any{"kid": v, "$key": "prod-1"}), "names": recipe(map[string]any{v: 1})}
		}
		for where, r := range recipes {
			s.must(ana.Command(ctx, workspace.Incidents, "/jwt-check", link))
			_, err := ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
			s.must(err)
			s.must(ana.Fill("token", trialRing().MustMint(at, trialGood, r)))
			if where == "names" && len(v) < 1000 {
				offered(t, ana.Fill("error", "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error=\"invalid_token\", error_description=\""+v+"\", resource_metadata=\""+honey.URL+"/c\"\nServer: "+v+"\n\n{\"message\":\""+v+"\"}"))
			}
			if where == "header" && len(v) < 200 {
				offered(t, ana.Fill("requires", "role="+strings.Join(strings.Fields(v), "")))
			}
			if i%5 != 0 { // a draft shows the same; Slack takes a message a second
				s.must(ana.Fill("share", "me"))
			}
			errs, err := ana.Submit(ctx)
			s.must(err)
			if len(errs) == 0 {
				_, err = ana.AwaitView(ctx, func(v workspace.View) bool {
					return v.Submit == "" && !onTheWay.MatchString(v.Reads)
				})
				s.must(err)
			} else if where != "header" {
				t.Errorf("%.40q in %s: refused: %v", v, where, errs)
			}
			ana.CloseView()
		}
	}
	s.stop()
	if n := asked.Load(); n > 0 {
		t.Errorf("an address from a token or a paste was asked %d times", n)
	}
	for _, c := range s.workspace.State("").Channels {
		for _, m := range c.Messages {
			if m.Bot && (m.UnfurlLinks || m.UnfurlMedia) {
				t.Error("a message may be unfurled")
			}
		}
	}
	n := 0
	for _, body := range s.workspace.Received() {
		n += inspect(t, body)
	}
	if n < 5*len(hostileValues) {
		t.Errorf("only %d bodies were looked into", n)
	}
	for _, r := range s.workspace.Refusals() {
		t.Errorf("refused: %s", r)
	}
}

// onTheWay is what the view shows before its last state.
var onTheWay = regexp.MustCompile("Checking…|in line|Waits to be posted")

// offered takes the error of filling in a field that not every dialogue has.
func offered(t *testing.T, err error) {
	t.Helper()
	if err != nil && !strings.Contains(err.Error(), "has no input block") {
		t.Fatal(err)
	}
}

func recipe(members map[string]any) string {
	b, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// inspect looks into one body that the bot sent, a form or JSON, and returns how many texts it has.
func inspect(t *testing.T, body []byte) (texts int) {
	t.Helper()
	var parts []string
	if form, err := url.ParseQuery(string(body)); err == nil && !json.Valid(body) {
		for name, values := range form {
			if name == "text" {
				plain(t, values[0])
			}
			if name == "blocks" || name == "view" {
				parts = append(parts, values...)
			}
		}
	} else {
		parts = []string{string(body)}
	}
	for _, p := range parts {
		var v any
		if err := json.Unmarshal([]byte(p), &v); err != nil {
			t.Errorf("a body that is no JSON: %v", err)
		}
		texts++
		walk(t, v)
	}
	return texts
}

// parts of a message that the bot uses; what is not there would notify, link, or be fetched.
var parts = map[string]bool{
	"modal": true, "header": true, "section": true, "context": true, "divider": true, "actions": true, "input": true, "button": true, "plain_text": true, "plain_text_input": true,
	"static_select": true, "radio_buttons": true, "checkboxes": true, "datetimepicker": true,
	"rich_text": true, "rich_text_section": true, "rich_text_list": true, "rich_text_preformatted": true, "text": true, "date": true, "user": true,
}

// titles are the paragraphs in bold letters that a reply has; the rest of them are sentences of checks.
var titles = []string{"✗ Fails", "✓ Passes", "✓ Would pass, but a verifier stops before", "– Not judged", "Times", "Claims, redacted", "Good to know", "Worth mending, but not why"}

func walk(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		seen := map[string]bool{}
		for _, one := range v {
			if title := boldAlone(one); title != "" {
				for _, known := range titles {
					if title == known && seen[title] {
						t.Errorf("the title %q stands twice", title)
					}
				}
				seen[title] = true
			}
			walk(t, one)
		}
	case map[string]any:
		if v["type"] == "mrkdwn" && v["text"] == "<@"+workspace.Ana+">" { // who asked, in a footer
			return
		}
		if kind, ok := v["type"].(string); ok && !parts[kind] && kind != "view_submission" {
			t.Errorf("a part of type %q", kind)
		}
		if v["type"] == "user" && v["user_id"] != workspace.Ana {
			t.Error("somebody else is mentioned")
		}
		if v["type"] == "plain_text" && v["emoji"] != false {
			t.Error("emoji codes become pictures")
		}
		if s, ok := v["text"].(string); ok {
			plain(t, s)
		}
		for name, one := range v {
			if name == "url" || name == "image_url" || strings.HasSuffix(name, "_link") {
				t.Errorf("a member %s", name)
			}
			walk(t, one)
		}
	}
}

// boldAlone is the text of a rich text paragraph that is bold from end to end.
func boldAlone(block any) string {
	b, _ := block.(map[string]any)
	if b["type"] != "rich_text" {
		return ""
	}
	sections, _ := b["elements"].([]any)
	if len(sections) != 1 {
		return ""
	}
	section, _ := sections[0].(map[string]any)
	spans, _ := section["elements"].([]any)
	if section["type"] != "rich_text_section" || len(spans) != 1 {
		return ""
	}
	span, _ := spans[0].(map[string]any)
	if style, _ := span["style"].(map[string]any); style["bold"] != true {
		return ""
	}
	text, _ := span["text"].(string)
	return text
}

// plain fails for characters that Slack reads as markup, or that a person does not see.
func plain(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if strings.ContainsRune("<>&\u2028\u2029\u0085", r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) {
			t.Errorf("%U stands in a text of %d bytes", r, len(s))
			return
		}
	}
	if len([]rune(s)) > 3000 {
		t.Errorf("a text of %d characters", len([]rune(s)))
	}
}
