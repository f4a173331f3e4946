package slack

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"jwt-check-bot/redact"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func summary() Message {
	return Message{
		Text: redact.Const("Expired 42 s ago"),
		Blocks: []Block{
			Header(redact.Const("Expired 42 s ago")),
			Paragraph(Plain(redact.Const("asked by ")), User("U0ANA"), Plain(redact.Const(" at ")), Date(noon, TimeOfDay, redact.Const("12:00:00 UTC"))),
			List(
				[]Span{Bold(redact.Const("exp")), Plain(redact.Const(" is past: ")), Code(redact.Const("1700000000"))},
				[]Span{Plain(redact.Const("aud fits"))},
			),
			Preformatted(redact.Const("alg  RS256"), redact.Const("kid  k1")),
			Divider(),
			Context(Plain(redact.Const("checked by ")), User("U0ANA"), Plain(redact.Const(", ")), Date(noon, DateAndTime, redact.Const("12:00"))),
			Buttons("actions", Button{Action: "again", Value: "v", Text: redact.Const("Check another token"), Style: Primary},
				Button{Action: "revoke", Text: redact.Const("Revoke"), Style: Danger}, Button{Action: "plain", Text: redact.Const("Why")}),
		},
	}
}

func dialogue() Modal {
	profiles := []Option{{Value: "production", Text: redact.Const("production")}, {Value: "staging", Text: redact.Const("staging"), Description: redact.Const("for tests")}}
	return Modal{
		Callback: "jwt_check", Metadata: `{"c":"C0INC"}`, Title: redact.Const("Check a JWT"), Submit: redact.Const("Check"), Close: redact.Const("Cancel"),
		Blocks: []Block{
			Input("profile", redact.Const("Environment"), redact.Text{}, false, Select(profiles, "production")),
			Input("token", redact.Const("Token"), redact.Const("It is not stored."), true, TokenText(redact.Const("Paste it here"), false)),
			Input("error", redact.Const("What the server said"), redact.Text{}, true, Text(true, redact.Text{}, redact.Const("HTTP/1.1 401"))),
			Input("when", redact.Const("When"), redact.Text{}, true, DateTime(noon)),
			Input("options", redact.Const("Options"), redact.Text{}, true, Checkboxes([]Option{{Value: "replay", Text: redact.Const("Replay it")}}, "replay")),
			Input("share", redact.Const("Show"), redact.Text{}, false, Radios([]Option{{Value: "thread", Text: redact.Const("In the thread")}, {Value: "me", Text: redact.Const("To me")}}, "me")),
		},
	}
}

// sent is the JSON that a message's blocks or a modal are sent as.
func sent(t testing.TB, v interface{ appendTo([]byte) ([]byte, error) }) []byte {
	t.Helper()
	var b []byte
	var err error
	if m, ok := v.(Message); ok {
		b, err = m.appendTo([]byte(`{"ok":true`))
		b = append(b, '}')
		var parts struct{ Blocks json.RawMessage }
		if err == nil {
			err = json.Unmarshal(b, &parts)
		}
		b = parts.Blocks
	} else {
		b, err = v.appendTo(nil)
	}
	if err != nil || !json.Valid(b) {
		t.Fatalf("%v: %s", err, b)
	}
	return b
}

// list is what the JSON of an array holds.
func list(t testing.TB, b []byte) []any {
	t.Helper()
	var all []any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func golden(t *testing.T, name string, b []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	got := append(indented.Bytes(), '\n')
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; rewrite it with -update if that is meant:\n%s", name, got)
	}
}

func TestGoldenMessage(t *testing.T) {
	golden(t, "message.json", sent(t, summary()))
}

func TestGoldenModal(t *testing.T) {
	golden(t, "modal.json", sent(t, dialogue()))
}

// hostile is what a token might hold, as the policy lets it out.
func hostile() redact.Text {
	return redact.Policy{}.Text(redact.Msg("{}", redact.Public("<!channel> <@U1> <https://evil.example|x> :tada: *b* `c` @here #general & \u202e\u200b")))
}

func TestHostileTextIsNotParsed(t *testing.T) {
	h := hostile()
	m := Message{Text: h, Blocks: []Block{
		Header(h), Paragraph(Plain(h), Bold(h), Code(h), Date(noon, "{time}|<!here>", h)), List([]Span{Plain(h)}), Preformatted(h),
		Context(Plain(h), User("U1><!channel"), Date(noon, Ago, h)), Buttons("b", Button{Action: "a", Text: h}),
	}}
	out := strings.ReplaceAll(string(sent(t, m)), `<!date^1795435200^{ago}|`, "") // the one control sequence that is ours
	if strings.Count(out, `<`) != 0 || strings.Count(out, `>`) != 1 || strings.Contains(out, `&`) || strings.Contains(out, `\u00`) {
		t.Errorf("control characters: %s", out)
	}
	if strings.Contains(out, `"emoji":true`) || strings.Count(out, "mrkdwn") != strings.Count(out, `"verbatim":true`) || strings.Contains(out, `"link"`) {
		t.Errorf("parsed: %s", out)
	}
}

func TestWrongIdentifiersRenderNothing(t *testing.T) {
	label := redact.Const("label")
	for name, b := range map[string]Block{
		"empty header":      Header(redact.Text{}),
		"empty paragraph":   Paragraph(Plain(redact.Text{}), User("not a user"), User("<@U1>"), User("u1")),
		"empty list":        List(nil, []Span{}),
		"empty lines":       Preformatted(redact.Text{}, redact.Text{}),
		"empty context":     Context(User("C1")),
		"no buttons":        Buttons("b", Button{Action: "a"}, Button{Text: label}, Button{Action: "with space", Text: label}),
		"no block ID":       Buttons("", Button{Action: "a", Text: label}),
		"no label":          Input("b", redact.Text{}, redact.Text{}, false, DateTime(time.Time{})),
		"no element":        Input("b", label, redact.Text{}, false, Element{}),
		"no options":        Input("b", label, redact.Text{}, false, Select([]Option{{Value: "no text"}}, "")),
		"input's block ID":  Input("b c", label, redact.Text{}, false, DateTime(time.Time{})),
		"value with a line": Input("b", label, redact.Text{}, false, Radios([]Option{{Value: "a\nb", Text: label}}, "")),
	} {
		if b.write != nil {
			t.Errorf("%s renders something", name)
		}
	}
}

func TestLimitsOfBlockKit(t *testing.T) {
	long := redact.Const("word word ")
	for range 10 {
		long = redact.Join(" ", long, long)
	}
	many := func(n int) (out []Option) {
		for i := range n {
			out = append(out, Option{Value: "v" + strings.Repeat("x", i%70), Text: long, Description: long})
		}
		return out
	}
	var buttons []Button
	for range 40 {
		buttons = append(buttons, Button{Action: "a", Text: long})
	}
	blocks := []Block{
		Header(long), Paragraph(Plain(long), Bold(long)), Preformatted(long), Context(Plain(long)), Buttons("b", buttons...),
		Input("s", long, long, true, Select(many(200), "")), Input("r", long, long, true, Radios(many(20), "")),
		Input("c", long, long, true, Checkboxes(many(20))), Input("t", long, long, true, Text(true, long, long)),
	}
	for range 200 {
		blocks = append(blocks, Divider())
	}
	m := Modal{Title: long, Submit: long, Close: long, Blocks: blocks}
	b := sent(t, m)
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	if n := len(tree["blocks"].([]any)); n != maxInModal {
		t.Fatalf("%d blocks", n)
	}
	if posted := list(t, sent(t, Message{Text: long, Blocks: blocks[5:]})); len(posted) != maxBlocks {
		t.Errorf("%d blocks", len(posted))
	}
	if b := sent(t, Message{Text: long, Blocks: blocks[:5]}); len(list(t, b)) == 0 || len(b) > 11000 {
		t.Errorf("%d bytes", len(b))
	}
	limits := map[string]int{"title": 24, "submit": 24, "close": 24, "label": 2000, "hint": 2000, "placeholder": 150, "description": 75}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if s, ok := v["text"].(string); ok && limits[name] > 0 && utf8.RuneCountInString(s) > limits[name] {
				t.Errorf("%s of %d characters", name, utf8.RuneCountInString(s))
			}
			for k, inner := range v {
				if s, ok := inner.(string); ok && utf8.RuneCountInString(s) > 3000 {
					t.Errorf("%s.%s of %d characters", name, k, utf8.RuneCountInString(s))
				}
				walk(k, inner)
			}
		case []any:
			if name == "options" && len(v) > 100 || name == "elements" && len(v) > 25 {
				t.Errorf("%d %s", len(v), name)
			}
			for _, inner := range v {
				walk(name+"[]", inner)
			}
		}
	}
	walk("", tree)
	if n := strings.Count(string(b), `"max_length"`) + strings.Count(string(b), "dispatch_action"); n != 0 {
		t.Error("a field with a limit or an action")
	}
}

func TestModalsThatSlackWouldRefuse(t *testing.T) {
	ok := dialogue()
	for name, m := range map[string]Modal{
		"no title": {Callback: "c"},
		"metadata": {Title: ok.Title, Metadata: strings.Repeat("m ", 2000)},
		"callback": {Title: ok.Title, Callback: "with space"},
		"twice":    {Title: ok.Title, Blocks: append(ok.Blocks, ok.Blocks[0])},
	} {
		if _, err := m.appendTo(nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if AckUpdate(m).failed == "" {
			t.Errorf("%s: acknowledged with it", name)
		}
	}
	if b := sent(t, Modal{Title: ok.Title}); !strings.Contains(string(b), `"blocks":[]`) {
		t.Errorf("%s", b)
	}
	ok.Submit = redact.Text{}
	if b := sent(t, ok); !strings.Contains(string(b), `"submit":{"type":"plain_text","text":"Submit"`) {
		t.Error("inputs that nothing submits")
	}
	if _, err := (Message{Blocks: summary().Blocks}).appendTo(nil); err == nil {
		t.Error("a message without text")
	}
	if len(list(t, sent(t, Message{Text: hostile()}))) != 1 {
		t.Error("a message without blocks shows no rich text")
	}
}

func TestTheTokensElementIsNamedToken(t *testing.T) {
	b := sent(t, Message{Text: redact.Const("t"), Blocks: []Block{
		Input("compare", redact.Const("l"), redact.Text{}, true, TokenText(redact.Text{}, false)),
		Input("error", redact.Const("l"), redact.Text{}, true, Text(false, redact.Text{}, redact.Text{})),
	}})
	if s := string(b); !strings.Contains(s, `"action_id":"token"`) || !strings.Contains(s, `"action_id":"error"`) || strings.Contains(s, `"action_id":"compare"`) {
		t.Errorf("%s", s)
	}
}
