package workspace

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// long is JSON text of n characters, each of more than one byte.
func long(n int) string { return `"` + strings.Repeat("é", n) + `"` }

func plainText(n int) string { return `{"type":"plain_text","text":` + long(n) + `}` }

func repeated(n int, each string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.ReplaceAll(each, "#", fmt.Sprint(i))
	}
	return "[" + strings.Join(all, ",") + "]"
}

const anOption = `{"text":{"type":"plain_text","text":"o#"},"value":"v#"}`

func input(element string) string {
	return `{"type":"input","label":{"type":"plain_text","text":"l"},"element":` + element + `}`
}

func actionsOf(elements string) string { return `{"type":"actions","elements":` + elements + `}` }

func button(rest string) string {
	return `{"type":"button","text":{"type":"plain_text","text":"b"}` + rest + `}`
}

func section(rest string) string {
	return `{"type":"section","text":{"type":"mrkdwn","text":"t"}` + rest + `}`
}

func richText(elements string) string { return `{"type":"rich_text","elements":[` + elements + `]}` }

func line(elements string) string {
	return richText(`{"type":"rich_text_section","elements":[` + elements + `]}`)
}

// TestBlockLimits: for each limit, what is just inside it and, after want, what is just outside.
func TestBlockLimits(t *testing.T) {
	for _, c := range []struct{ name, good, bad, want string }{
		{"unknown block", `{"type":"divider"}`, `{"type":"dividers"}`, "unsupported type: dividers [json-pointer:/blocks/0/type]"},
		{"block without type", `{"type":"divider"}`, `{"block_id":"x"}`, "missing required field: type [json-pointer:/blocks/0]"},
		{"block that is no object", `{"type":"divider"}`, `"divider"`, "must provide an object [json-pointer:/blocks/0]"},
		{"unknown field", `{"type":"divider"}`, `{"type":"divider","colour":"red"}`, "invalid additional property: colour [json-pointer:/blocks/0]"},
		{"block_id", `{"type":"divider","block_id":` + long(255) + `}`, `{"type":"divider","block_id":` + long(256) + `}`, "must be less than 256 characters [json-pointer:/blocks/0/block_id]"},
		{"header text", `{"type":"header","text":` + plainText(150) + `}`, `{"type":"header","text":` + plainText(151) + `}`, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
		{"header without text", `{"type":"header","text":` + plainText(1) + `}`, `{"type":"header"}`, "missing required field: text [json-pointer:/blocks/0]"},
		{"empty text", `{"type":"header","text":` + plainText(1) + `}`, `{"type":"header","text":` + plainText(0) + `}`, "must be more than 0 characters"},
		{"header of mrkdwn", `{"type":"header","text":` + plainText(1) + `}`, `{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "must be one of: plain_text"},
		{"section text", `{"type":"section","text":` + plainText(3000) + `}`, `{"type":"section","text":` + plainText(3001) + `}`, "must be less than 3001 characters"},
		{"section of nothing", section(``), `{"type":"section"}`, "missing required field: text or fields"},
		{"section fields", section(`,"fields":` + repeated(10, `{"type":"mrkdwn","text":"f"}`)), section(`,"fields":` + repeated(11, `{"type":"mrkdwn","text":"f"}`)), "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		{"section field", section(`,"fields":[` + plainText(2000) + `]`), section(`,"fields":[` + plainText(2001) + `]`), "must be less than 2001 characters"},
		{"emoji in mrkdwn", section(``), `{"type":"section","text":{"type":"mrkdwn","text":"t","emoji":true}}`, "invalid additional property: emoji"},
		{"verbatim in plain_text", `{"type":"section","text":{"type":"plain_text","text":"t","emoji":false}}`, `{"type":"section","text":{"type":"plain_text","text":"t","verbatim":true}}`, "invalid additional property: verbatim"},
		{"text object type", section(``), `{"type":"section","text":{"type":"markdown","text":"t"}}`, "must be one of: plain_text, mrkdwn"},
		{"accessory", section(`,"accessory":` + button(``)), section(`,"accessory":{"type":"plain_text_input","action_id":"a"}`), "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]"},
		{"context elements", `{"type":"context","elements":` + repeated(10, `{"type":"mrkdwn","text":"c"}`) + `}`, `{"type":"context","elements":` + repeated(11, `{"type":"mrkdwn","text":"c"}`) + `}`, "no more than 10 items allowed"},
		{"empty context", `{"type":"context","elements":[{"type":"mrkdwn","text":"c"}]}`, `{"type":"context","elements":[]}`, "no fewer than 1 items allowed"},
		{"context image", `{"type":"context","elements":[{"type":"image","image_url":"https://a.example/b.png","alt_text":"a"}]}`, `{"type":"context","elements":[{"type":"image","image_url":"https://a.example/b.png"}]}`, "missing required field: alt_text"},
		{"actions", actionsOf(repeated(25, button(`,"action_id":"a#"`))), actionsOf(repeated(26, button(`,"action_id":"a#"`))), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"},
		{"actions with an input", actionsOf(`[` + button(``) + `]`), actionsOf(`[{"type":"plain_text_input"}]`), "unsupported type: plain_text_input"},
		{"same action_id twice", actionsOf(repeated(2, button(`,"action_id":"a#"`))), actionsOf(repeated(2, button(`,"action_id":"a"`))), "`action_id` must be unique"},
		{"action_id", actionsOf(`[` + button(`,"action_id":`+long(255)) + `]`), actionsOf(`[` + button(`,"action_id":`+long(256)) + `]`), "must be less than 256 characters"},
		{"button text", actionsOf(`[{"type":"button","text":` + plainText(75) + `}]`), actionsOf(`[{"type":"button","text":` + plainText(76) + `}]`), "must be less than 76 characters"},
		{"button value", actionsOf(`[` + button(`,"value":`+long(2000)) + `]`), actionsOf(`[` + button(`,"value":`+long(2001)) + `]`), "must be less than 2001 characters"},
		{"button style", actionsOf(`[` + button(`,"style":"danger"`) + `]`), actionsOf(`[` + button(`,"style":"default"`) + `]`), "must be one of: primary, danger"},
		{"button url", actionsOf(`[` + button(`,"url":"https://a.example/"`) + `]`), actionsOf(`[` + button(`,"url":"javascript:alert(1)"`) + `]`), "must be a valid URL"},
		{"select options", input(`{"type":"static_select","options":` + repeated(100, anOption) + `}`), input(`{"type":"static_select","options":` + repeated(101, anOption) + `}`), "no more than 100 items allowed"},
		{"select without options", input(`{"type":"static_select","options":` + repeated(1, anOption) + `}`), input(`{"type":"static_select"}`), "must provide one of options and option_groups"},
		{"select initial option", input(`{"type":"static_select","options":[` + anOption + `],"initial_option":` + anOption + `}`), input(`{"type":"static_select","options":[` + anOption + `],"initial_option":{"text":{"type":"plain_text","text":"o#"},"value":"other"}}`), "initial option is not one of the options"},
		{"option text", input(`{"type":"static_select","options":[{"text":` + plainText(75) + `,"value":"v"}]}`), input(`{"type":"static_select","options":[{"text":` + plainText(76) + `,"value":"v"}]}`), "must be less than 76 characters"},
		{"option value", input(`{"type":"static_select","options":[{"text":` + plainText(1) + `,"value":` + long(75) + `}]}`), input(`{"type":"static_select","options":[{"text":` + plainText(1) + `,"value":` + long(76) + `}]}`), "must be less than 76 characters"},
		{"option of mrkdwn", input(`{"type":"radio_buttons","options":[{"text":{"type":"mrkdwn","text":"x"},"value":"v"}]}`), input(`{"type":"static_select","options":[{"text":{"type":"mrkdwn","text":"x"},"value":"v"}]}`), "must be one of: plain_text"},
		{"checkboxes", input(`{"type":"checkboxes","options":` + repeated(10, anOption) + `}`), input(`{"type":"checkboxes","options":` + repeated(11, anOption) + `}`), "no more than 10 items allowed"},
		{"radio buttons", input(`{"type":"radio_buttons","options":` + repeated(10, anOption) + `}`), input(`{"type":"radio_buttons","options":` + repeated(11, anOption) + `}`), "no more than 10 items allowed"},
		{"overflow", section(`,"accessory":{"type":"overflow","options":` + repeated(5, anOption) + `}`), section(`,"accessory":{"type":"overflow","options":` + repeated(6, anOption) + `}`), "no more than 5 items allowed"},
		{"input label", `{"type":"input","label":` + plainText(2000) + `,"element":{"type":"plain_text_input"}}`, `{"type":"input","label":` + plainText(2001) + `,"element":{"type":"plain_text_input"}}`, "must be less than 2001 characters"},
		{"input without element", input(`{"type":"plain_text_input"}`), `{"type":"input","label":` + plainText(1) + `}`, "missing required field: element"},
		{"button as input", input(`{"type":"plain_text_input"}`), input(button(``)), "unsupported type: button"},
		{"placeholder", input(`{"type":"plain_text_input","placeholder":` + plainText(150) + `}`), input(`{"type":"plain_text_input","placeholder":` + plainText(151) + `}`), "must be less than 151 characters"},
		{"max_length", input(`{"type":"plain_text_input","max_length":3000}`), input(`{"type":"plain_text_input","max_length":3001}`), "must be an integer from 1 to 3000"},
		{"min above max", input(`{"type":"plain_text_input","min_length":5,"max_length":5}`), input(`{"type":"plain_text_input","min_length":6,"max_length":5}`), "must be no more than max_length"},
		{"initial value", input(`{"type":"plain_text_input","initial_value":` + long(3000) + `}`), input(`{"type":"plain_text_input","initial_value":` + long(3001) + `}`), "must be less than 3001 characters"},
		{"datetimepicker placeholder", input(`{"type":"datetimepicker","initial_date_time":1795427640}`), input(`{"type":"datetimepicker","placeholder":` + plainText(1) + `}`), "invalid additional property: placeholder"},
		{"datetimepicker in milliseconds", input(`{"type":"datetimepicker","initial_date_time":1795427640}`), input(`{"type":"datetimepicker","initial_date_time":1795427640000}`), "must be an integer"},
		{"boolean", input(`{"type":"plain_text_input","multiline":true}`), input(`{"type":"plain_text_input","multiline":"true"}`), "must be a boolean"},
		{"confirm", actionsOf(`[` + button(`,"confirm":{"title":`+plainText(100)+`,"text":`+plainText(300)+`,"confirm":`+plainText(30)+`,"deny":`+plainText(30)+`}`) + `]`), actionsOf(`[` + button(`,"confirm":{"title":`+plainText(101)+`,"text":`+plainText(300)+`,"confirm":`+plainText(30)+`,"deny":`+plainText(30)+`}`) + `]`), "must be less than 101 characters"},
		{"rich text part", line(`{"type":"text","text":"x"}`), richText(`{"type":"rich_text_table","elements":[]}`), "unsupported type: rich_text_table"},
		{"rich text element", line(`{"type":"date","timestamp":1795427640,"format":"{time}"}`), line(`{"type":"mention","id":"x"}`), "unsupported type: mention"},
		{"rich text style", line(`{"type":"text","text":"x","style":{"bold":true}}`), line(`{"type":"text","text":"x","style":{"big":true}}`), "invalid additional property: big"},
		{"rich text date", line(`{"type":"date","timestamp":1795427640,"format":"{time}"}`), line(`{"type":"date","timestamp":"1795427640","format":"{time}"}`), "must be an integer"},
		{"rich text broadcast", line(`{"type":"broadcast","range":"here"}`), line(`{"type":"broadcast","range":"all"}`), "must be one of: here"},
		{"empty rich text run", line(`{"type":"text","text":"x"}`), line(`{"type":"text","text":""}`), "must be more than 0 characters"},
		{"preformatted", richText(`{"type":"rich_text_preformatted","elements":[{"type":"text","text":"x"}]}`), richText(`{"type":"rich_text_preformatted","elements":[{"type":"user","user_id":"U0ANA"}]}`), "unsupported type: user"},
		{"list style", richText(`{"type":"rich_text_list","style":"bullet","indent":0,"offset":0,"border":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}`), richText(`{"type":"rich_text_list","style":"dash","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}`), "must be one of: bullet, ordered"},
		{"too few blocks", `{"type":"divider"}`, ``, "no fewer than 1 items allowed [json-pointer:/blocks]"},
		{"too many blocks", strings.Repeat(`{"type":"divider"},`, 49) + `{"type":"divider"}`, strings.Repeat(`{"type":"divider"},`, 50) + `{"type":"divider"}`, "no more than 50 items allowed [json-pointer:/blocks]"},
		{"same block_id twice", `{"type":"divider","block_id":"a"},{"type":"divider","block_id":"b"}`, `{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`, "`block_id` must be unique [json-pointer:/blocks/1/block_id]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := checkBlocks(tree(t, "["+c.good+"]").([]any)); len(got) > 0 {
				t.Errorf("good blocks: %v", got)
			}
			wantProblem(t, checkBlocks(tree(t, "["+c.bad+"]").([]any)), c.want)
		})
	}
}

func wantProblem(t *testing.T, got []problem, want string) {
	t.Helper()
	for _, p := range got {
		if strings.Contains(p.String(), want) {
			return
		}
	}
	t.Errorf("problems %v, want one with %q", got, want)
}

// TestViewLimits changes one thing of a good view at a time.
func TestViewLimits(t *testing.T) {
	for _, c := range []struct {
		name, field, value, want string
	}{
		{"title", "title", plainText(25), "must be less than 25 characters [json-pointer:/view/title/text]"},
		{"no title", "title", ``, "missing required field: title"},
		{"submit", "submit", plainText(25), "must be less than 25 characters"},
		{"close", "close", plainText(25), "must be less than 25 characters"},
		{"submit of an input view", "submit", ``, "missing required field: submit"},
		{"private_metadata", "private_metadata", long(3001), "must be less than 3001 characters"},
		{"callback_id", "callback_id", long(256), "must be less than 256 characters"},
		{"external_id", "external_id", long(256), "must be less than 256 characters"},
		{"no blocks", "blocks", `null`, "must be an array"},
		{"blocks", "blocks", "[" + strings.Repeat(`{"type":"divider"},`, 100) + `{"type":"divider"}]`, "no more than 100 items allowed"},
		{"type", "type", `"dialog"`, "unsupported type: dialog"},
		{"unknown field", "hash", `"x"`, "invalid additional property: hash"},
		{"two in focus", "blocks", `[` + input(`{"type":"plain_text_input","focus_on_load":true}`) + `,` + input(`{"type":"plain_text_input","focus_on_load":true}`) + `]`, "only one element may have focus_on_load"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := tree(t, askView).(map[string]any)
			if got := checkView(v, "/view", "modal"); len(got) > 0 {
				t.Fatalf("good view: %v", got)
			}
			if c.value == "" {
				delete(v, c.field)
			} else {
				v[c.field] = tree(t, c.value)
			}
			wantProblem(t, checkView(v, "/view", "modal"), c.want)
		})
	}
}

// FuzzBlocks: whatever is posted, judging it ends, and what is accepted can be rendered.
func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{`{"type":"divider"}`, section(`,"accessory":` + button(``)), line(`{"type":"emoji","name":"x","unicode":"1f525"}`),
		actionsOf(`[` + button(``) + `]`), `{"type":"context","elements":[{"type":"mrkdwn","text":"<!date^1^{ago}|x>"}]}`, input(`{"type":"static_select","options":[` + anOption + `]}`)} {
		f.Add("[" + seed + "]")
	}
	w, err := New(Options{Manifest: []byte(quiet), Now: morning})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { w.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		v, err := decodeJSON([]byte(text))
		blocks, ok := v.([]any)
		if err != nil || !ok || len(checkBlocks(blocks)) > 0 {
			return
		}
		blocks = withIDs(blocks)
		w.reader(Ana).blocks(blocks)
		view := &view{body: map[string]any{"blocks": blocks}, entries: map[slot]entry{}}
		if _, err := json.Marshal(view.values()); err != nil {
			t.Error(err)
		}
		w.reader(Ana).view(view)
	})
}
