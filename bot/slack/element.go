package slack

import (
	"slices"
	"time"

	"jwt-check-bot/redact"
)

// Element is what a person fills in. None of them dispatches actions, since such a payload would
// carry what was typed so far, a token included, before the person has submitted anything.
type Element struct {
	build func(action string) []byte // its JSON; nil where there is nothing to fill in
}

// tokenAction is the action ID of every element that takes a token: slack-go masks what stands
// under a member of this name, should its debug log ever be switched on.
const tokenAction = "token"

// Input is a labelled field. The element's action ID is the block ID, except for TokenText.
func Input(block string, label, hint redact.Text, optional bool, e Element) Block {
	if !isName(block, maxName) || label.IsZero() || e.build == nil {
		return Block{}
	}
	element := e.build(block)
	if element == nil {
		return Block{}
	}
	b := appendMember([]byte(`{"type":"input"`), "block_id", block)
	b = appendText(b, "label", label, maxLabel)
	b = append(appendName(b, "element"), element...)
	b = appendText(b, "hint", hint, maxLabel)
	b = appendTrue(b, "optional", optional)
	field := written(append(b, '}'), 0)
	field.input = block
	return field
}

// Text is a field for typing.
func Text(multiline bool, placeholder, initial redact.Text) Element {
	return Element{func(action string) []byte {
		b := appendMember([]byte(`{"type":"plain_text_input"`), "action_id", action)
		b = appendText(b, "placeholder", placeholder, maxHint)
		b = appendMember(b, "initial_value", initial.Cut(maxText).String())
		b = appendTrue(b, "multiline", multiline)
		return append(b, '}')
	}}
}

// TokenText is a field for a token: several lines, no maximum length, never prefilled. With focus the
// cursor stands in it when the dialogue opens.
func TokenText(placeholder redact.Text, focus bool) Element {
	return Element{func(string) []byte {
		b := appendMember([]byte(`{"type":"plain_text_input"`), "action_id", tokenAction)
		b = appendText(b, "placeholder", placeholder, maxHint)
		b = appendTrue(b, "multiline", true)
		b = appendTrue(b, "focus_on_load", focus)
		return append(b, '}')
	}}
}

// Option is one choice. Value is a word of ours or the operator's and comes back when chosen.
type Option struct {
	Value             string
	Text, Description redact.Text
}

// Select is a menu of at most 100 options; initial is the value chosen from the start, if any.
func Select(options []Option, initial string) Element {
	return choice(`{"type":"static_select"`, maxOptions, options, initial)
}

// Radios is at most ten options of which one is chosen.
func Radios(options []Option, initial string) Element {
	return choice(`{"type":"radio_buttons"`, maxBoxes, options, initial)
}

// choice is at most n options of which one is chosen.
func choice(object string, n int, options []Option, initial string) Element {
	return Element{func(action string) []byte {
		all, chosen := choices(options, n, initial)
		if len(all) == 0 {
			return nil
		}
		b := appendMember([]byte(object), "action_id", action)
		b = appendList(appendName(b, "options"), all)
		if len(chosen) > 0 {
			b = append(appendName(b, "initial_option"), chosen[0]...)
		}
		return append(b, '}')
	}}
}

// Checkboxes is at most ten options of which any number is chosen.
func Checkboxes(options []Option, initial ...string) Element {
	return Element{func(action string) []byte {
		all, chosen := choices(options, maxBoxes, initial...)
		if len(all) == 0 {
			return nil
		}
		b := appendMember([]byte(`{"type":"checkboxes"`), "action_id", action)
		b = appendList(appendName(b, "options"), all)
		if len(chosen) > 0 {
			b = appendList(appendName(b, "initial_options"), chosen)
		}
		return append(b, '}')
	}}
}

// DateTime is an instant, picked in the person's own zone; a zero initial leaves it empty.
func DateTime(initial time.Time) Element {
	return Element{func(action string) []byte {
		b := appendMember([]byte(`{"type":"datetimepicker"`), "action_id", action)
		// Slack takes ten digits here: 2001 to 2286.
		if s := initial.Unix(); s >= 1e9 && s < 1e10 {
			b = appendNumber(b, "initial_date_time", s)
		}
		return append(b, '}')
	}}
}

// choices renders at most n options, and those of them that are chosen from the start.
func choices(options []Option, n int, initial ...string) (all, chosen [][]byte) {
	for _, o := range options {
		if !isName(o.Value, maxOption) || o.Text.IsZero() || len(all) == n {
			continue
		}
		b := appendPlain([]byte(`{"text":`), o.Text.Cut(maxOption).String())
		b = appendMember(b, "value", o.Value)
		b = append(appendText(b, "description", o.Description, maxOption), '}')
		all = append(all, b)
		if slices.Contains(initial, o.Value) {
			chosen = append(chosen, b)
		}
	}
	return all, chosen
}
