package workspace

import (
	"slices"
	"strings"
)

// view renders a modal:
//
//	┌ Check a JWT
//	│ Environment: ‹Production› ▾
//	│ Token: ‹›
//	│   Paste it whole.
//	│   ! Please complete this required field.
//	└ [ Cancel ] [ Check ]
func (r reader) view(v *view) string {
	lines := []string{"┌ " + r.text(v.body["title"])}
	for _, b := range v.body["blocks"].([]any) {
		block := b.(map[string]any)
		rendered := r.block(block)
		if block["type"] == "input" {
			rendered = r.input(v, block)
		}
		for _, line := range rendered {
			lines = append(lines, strings.TrimRight("│ "+line, " "))
		}
	}
	var buttons []string
	for _, name := range []string{"close", "submit"} {
		if label := r.text(v.body[name]); label != "" {
			buttons = append(buttons, "[ "+label+" ]")
		}
	}
	if v.pending {
		buttons = append(buttons, "…")
	}
	return strings.Join(append(lines, strings.TrimRight("└ "+strings.Join(buttons, " "), " ")), "\n") + "\n"
}

// input renders an input block with the value so far, its hint and its error.
func (r reader) input(v *view, block map[string]any) (lines []string) {
	label := r.text(block["label"])
	if block["optional"] == true {
		label += " (optional)"
	}
	for _, p := range placesIn(map[string]any{"blocks": []any{block}}) {
		e := v.entry(p)
		switch kind := p.kind(); {
		case slices.Contains(groups, kind):
			lines = append(lines, label+":")
			for _, o := range options(p.element) {
				lines = append(lines, "  "+tick(kind, e, o["value"].(string))+" "+r.text(o["text"]))
				if o["description"] != nil {
					lines = append(lines, "      "+r.text(o["description"]))
				}
			}
		case strings.HasSuffix(kind, "static_select"):
			var chosen []string
			for _, o := range options(p.element) {
				if value := o["value"].(string); value == e.text || slices.Contains(e.chosen, value) {
					chosen = append(chosen, r.text(o["text"]))
				}
			}
			lines = append(lines, label+": ‹"+strings.Join(chosen, ", ")+"› ▾")
		default:
			lines = append(lines, strings.Split(label+": ‹"+e.String()+"›", "\n")...)
		}
	}
	if block["hint"] != nil {
		lines = append(lines, "  "+r.text(block["hint"]))
	}
	if text := v.errors[block["block_id"].(string)]; text != "" {
		lines = append(lines, "  ! "+text)
	}
	return lines
}

func tick(kind string, e entry, value string) string {
	on := value == e.text || slices.Contains(e.chosen, value)
	marks := map[bool]string{true: "(•)", false: "( )"}
	if kind == "checkboxes" {
		marks = map[bool]string{true: "[x]", false: "[ ]"}
	}
	return marks[on]
}
