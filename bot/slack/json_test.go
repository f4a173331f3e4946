package slack

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	slackgo "github.com/slack-go/slack"

	"jwt-check-bot/redact"
)

// tree is what JSON holds, whatever the order of members and the spelling of strings.
func tree(t testing.TB, b []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// silent takes out of slack-go's lists the members that say nothing, one of which Slack does not know.
func silent(v any) any {
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			silent(inner)
		}
	case map[string]any:
		for name, inner := range v {
			if n, ok := inner.(json.Number); ok && v["type"] == "rich_text_list" && n == "0" {
				delete(v, name)
			}
			silent(inner)
		}
	}
	return v
}

// TestEncodedAsSlackGoDoes holds every kind of block to what slack-go makes of its own types.
func TestEncodedAsSlackGoDoes(t *testing.T) {
	const odd = "é “quoted\" \\ back\\slash ‹x› 🙂 \u2028" // and what JSON escapes
	text := redact.Policy{}.Text(redact.Msg("{}", redact.Public(odd)))
	s := text.String()
	plain := func(s string) *slackgo.TextBlockObject {
		return slackgo.NewTextBlockObject(slackgo.PlainTextType, s, false, false)
	}
	markup := func(s string) *slackgo.TextBlockObject {
		return slackgo.NewTextBlockObject(slackgo.MarkdownType, s, false, true)
	}
	style := func(bold, code bool) *slackgo.RichTextSectionTextStyle {
		return &slackgo.RichTextSectionTextStyle{Bold: bold, Code: code}
	}
	section := func() *slackgo.RichTextSection {
		fallback, none := s, "2026-11-23 12:00:00 UTC"
		return slackgo.NewRichTextSection(
			slackgo.NewRichTextSectionTextElement(s, nil), slackgo.NewRichTextSectionTextElement(s, style(true, false)),
			slackgo.NewRichTextSectionTextElement(s, style(false, true)), slackgo.NewRichTextSectionUserElement("U1", nil),
			slackgo.NewRichTextSectionDateElement(noon.Unix(), "{ago}", nil, &fallback),
			slackgo.NewRichTextSectionDateElement(noon.Unix(), "{time_secs}", nil, &none),
			slackgo.NewRichTextSectionTextElement(s, nil),
		)
	}
	spans := []Span{
		Plain(text), Bold(text), Code(text), User("U1"), Date(noon, Ago, text), Date(noon, TimeOfDay, redact.Text{}), Date(time.Time{}, Ago, text),
	}
	option := func(value, text, description string) *slackgo.OptionBlockObject {
		o := slackgo.NewOptionBlockObject(value, plain(text), nil)
		if description != "" {
			o.Description = plain(description)
		}
		return o
	}
	options := []Option{{Value: "a", Text: text, Description: text}, {Value: "b", Text: text}}
	all := []*slackgo.OptionBlockObject{option("a", s, s), option("b", s, "")}
	input := func(block string, hint *slackgo.TextBlockObject, optional bool, e slackgo.BlockElement) slackgo.Block {
		return slackgo.NewInputBlock(block, plain(s), hint, e).WithOptional(optional)
	}
	typed := func(action string, change func(*slackgo.PlainTextInputBlockElement)) slackgo.BlockElement {
		e := slackgo.NewPlainTextInputBlockElement(plain(s), action)
		change(e)
		return e
	}
	chosen := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, nil, "s", all...)
	chosen.InitialOption = all[1]
	radios := slackgo.NewRadioButtonsBlockElement("r", all...)
	radios.InitialOption = all[0]
	boxes := slackgo.NewCheckboxGroupsBlockElement("c", all...)
	boxes.InitialOptions = all
	date := slackgo.NewDateTimePickerBlockElement("d")
	date.InitialDateTime = noon.Unix()
	button := slackgo.NewButtonBlockElement("go", "v", plain(s))
	button.Style = slackgo.StylePrimary
	red := slackgo.NewButtonBlockElement("no", "", plain(s))
	red.Style = slackgo.StyleDanger

	for name, c := range map[string]struct {
		ours   Block
		theirs slackgo.Block
	}{
		"header":    {Header(text), slackgo.NewHeaderBlock(plain(s))},
		"paragraph": {Paragraph(spans...), slackgo.NewRichTextBlock("", section())},
		"list":      {List(spans, nil, spans), slackgo.NewRichTextBlock("", slackgo.NewRichTextList(slackgo.RTEListBullet, 0, section(), section()))},
		"preformatted": {Preformatted(text, text), slackgo.NewRichTextBlock("", &slackgo.RichTextPreformatted{
			Type: slackgo.RTEPreformatted, Elements: []slackgo.RichTextSectionElement{slackgo.NewRichTextSectionTextElement(s+"\n"+s, nil)},
		})},
		"context": {Context(Plain(text), User("U1"), Date(noon, Ago, text)), slackgo.NewContextBlock("",
			plain(strings.TrimSpace(s)), markup("<@U1>"), markup("<!date^1795435200^{ago}|"+s+">"))},
		"divider": {Divider(), slackgo.NewDividerBlock()},
		"buttons": {Buttons("b", Button{Action: "go", Value: "v", Text: text, Style: Primary}, Button{Action: "no", Text: text, Style: Danger}),
			slackgo.NewActionBlock("b", button, red)},
		"text": {Input("t", text, text, true, Text(true, text, text)), input("t", plain(s), true, typed("t", func(e *slackgo.PlainTextInputBlockElement) {
			e.Multiline, e.InitialValue = true, s
		}))},
		"one line": {Input("t", text, redact.Text{}, false, Text(false, text, redact.Text{})), input("t", nil, false, typed("t", func(*slackgo.PlainTextInputBlockElement) {}))},
		"token": {Input("t", text, text, false, TokenText(text, true)), input("t", plain(s), false, typed("token", func(e *slackgo.PlainTextInputBlockElement) {
			e.Multiline, e.FocusOnLoad = true, true
		}))},
		"select":     {Input("s", text, redact.Text{}, false, Select(options, "b")), input("s", nil, false, chosen)},
		"radios":     {Input("r", text, redact.Text{}, false, Radios(options, "a")), input("r", nil, false, radios)},
		"checkboxes": {Input("c", text, redact.Text{}, false, Checkboxes(options, "b", "a")), input("c", nil, false, boxes)},
		"date":       {Input("d", text, redact.Text{}, false, DateTime(noon)), input("d", nil, false, date)},
		"no date":    {Input("d", text, redact.Text{}, false, DateTime(time.Time{})), input("d", nil, false, slackgo.NewDateTimePickerBlockElement("d"))},
	} {
		t.Run(name, func(t *testing.T) {
			var read slackgo.Blocks
			if err := json.Unmarshal(appendBlocks(nil, []Block{c.ours}), &read); err != nil || len(read.BlockSet) != 1 {
				t.Fatal(err)
			}
			ours := tree(t, c.ours.write(nil))
			if diff := cmp.Diff(silent(tree(t, encoded(t, c.theirs))), ours); diff != "" {
				t.Errorf("slack-go encodes otherwise:\n%s", diff)
			}
			if diff := cmp.Diff(silent(tree(t, encoded(t, read.BlockSet[0]))), ours); diff != "" {
				t.Errorf("slack-go reads something else:\n%s", diff)
			}
		})
	}
	m := Modal{Callback: "c", Metadata: odd, Title: redact.Const("t"), Close: redact.Const("c"), NotifyOnClose: true, Blocks: []Block{Input("d", text, redact.Text{}, false, DateTime(noon))}}
	theirs := slackgo.NewUpdateViewSubmissionResponse(&slackgo.ModalViewRequest{
		Type: slackgo.VTModal, Title: plain("t"), Submit: plain("Submit"), Close: plain("c"), CallbackID: "c", PrivateMetadata: odd, NotifyOnClose: true,
		Blocks: slackgo.Blocks{BlockSet: []slackgo.Block{input("d", nil, false, date)}},
	})
	if diff := cmp.Diff(tree(t, encoded(t, theirs)), tree(t, AckUpdate(m).payload)); diff != "" {
		t.Errorf("a modal:\n%s", diff)
	}
	errors := slackgo.NewErrorsViewSubmissionResponse(map[string]string{"a": s, "b": s})
	if diff := cmp.Diff(tree(t, encoded(t, errors)), tree(t, AckErrors(map[string]redact.Text{"b": text, "a": text}).payload)); diff != "" {
		t.Errorf("errors:\n%s", diff)
	}
}

// FuzzEncode: whatever a text or an identifier holds, what is sent is valid JSON in which it stands
// as it was.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "<!channel> & é 🙂 \u2028\u2029\ufffd", "\xff\xc3(", strings.Repeat("a\"", 4000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.ToValidUTF8(s, "\ufffd")
		var got string
		if b := appendString(nil, s); json.Unmarshal(b, &got) != nil || got != want && utf8.ValidString(s) {
			t.Fatalf("%q is written as %s and read as %q", s, b, got)
		}
		text := redact.Policy{}.Text(redact.Msg("{}", redact.Public(s)))
		m := Modal{Title: redact.Const("t"), Metadata: s, Callback: s, Blocks: []Block{
			Header(text), Paragraph(Plain(text), User(s), Bold(text), Code(text), Date(noon, DateFormat(s), text)), List([]Span{Plain(text)}, []Span{User(s)}),
			Preformatted(text, text), Context(Plain(text), User(s), Date(noon, Ago, text)), Buttons(s, Button{Action: "a", Value: s, Text: text}),
			Buttons("b", Button{Action: s, Value: s, Text: text}), Buttons("v", Button{Action: "a", Value: s, Text: redact.Const("t")}),
			Input(s, text, text, true, Text(true, text, text)), Input("i", redact.Const("l"), text, true, Select([]Option{{Value: s, Text: text}, {Value: "v", Text: text, Description: text}}, s)),
		}}
		b, err := m.appendTo(nil)
		if err != nil {
			return
		}
		var view slackgo.ModalViewRequest
		if err := json.Unmarshal(b, &view); err != nil || !json.Valid(b) {
			t.Fatalf("%v: %s", err, b)
		}
		if view.PrivateMetadata != want && utf8.ValidString(s) {
			t.Errorf("metadata %q is read as %q", s, view.PrivateMetadata)
		}
		if h, ok := view.Blocks.BlockSet[0].(*slackgo.HeaderBlock); !text.IsZero() && (!ok || h.Text.Text != text.Cut(maxHeader).String()) {
			t.Errorf("header %q is read as %+v", text, h)
		}
	})
}
