package slack

import (
	"time"

	slackgo "github.com/slack-go/slack"

	"jwt-check-bot/redact"
)

// Element is what a person fills in. None of them dispatches actions, since such a payload would
// carry what was typed so far, a token included, before the person has submitted anything.
type Element struct {
	build func(action string) slackgo.BlockElement
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
	return Block{b: slackgo.NewInputBlock(block, plain(label, maxLabel), plain(hint, maxLabel), element).WithOptional(optional)}
}

// Text is a field for typing.
func Text(multiline bool, placeholder, initial redact.Text) Element {
	return Element{func(action string) slackgo.BlockElement {
		e := slackgo.NewPlainTextInputBlockElement(plain(placeholder, maxHint), action)
		e.Multiline = multiline
		e.InitialValue = initial.Cut(maxText).String()
		return e
	}}
}

// TokenText is a field for a token: several lines, no maximum length, never prefilled. With focus the
// cursor stands in it when the dialogue opens.
func TokenText(placeholder redact.Text, focus bool) Element {
	return Element{func(string) slackgo.BlockElement {
		e := slackgo.NewPlainTextInputBlockElement(plain(placeholder, maxHint), tokenAction)
		e.Multiline = true
		e.FocusOnLoad = focus
		return e
	}}
}

// Option is one choice. Value is a word of ours or the operator's and comes back when chosen.
type Option struct {
	Value             string
	Text, Description redact.Text
}

// Select is a menu of at most 100 options; initial is the value chosen from the start, if any.
func Select(options []Option, initial string) Element {
	return Element{func(action string) slackgo.BlockElement {
		all, chosen := choices(options, maxOptions, initial)
		if len(all) == 0 {
			return nil
		}
		e := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, nil, action, all...)
		if len(chosen) > 0 {
			e.InitialOption = chosen[0]
		}
		return e
	}}
}

// Radios is at most ten options of which one is chosen.
func Radios(options []Option, initial string) Element {
	return Element{func(action string) slackgo.BlockElement {
		all, chosen := choices(options, maxBoxes, initial)
		if len(all) == 0 {
			return nil
		}
		e := slackgo.NewRadioButtonsBlockElement(action, all...)
		if len(chosen) > 0 {
			e.InitialOption = chosen[0]
		}
		return e
	}}
}

// Checkboxes is at most ten options of which any number is chosen.
func Checkboxes(options []Option, initial ...string) Element {
	return Element{func(action string) slackgo.BlockElement {
		all, chosen := choices(options, maxBoxes, initial...)
		if len(all) == 0 {
			return nil
		}
		e := slackgo.NewCheckboxGroupsBlockElement(action, all...)
		e.InitialOptions = chosen
		return e
	}}
}

// DateTime is an instant, picked in the person's own zone; a zero initial leaves it empty.
func DateTime(initial time.Time) Element {
	return Element{func(action string) slackgo.BlockElement {
		e := slackgo.NewDateTimePickerBlockElement(action)
		// Slack takes ten digits here: 2001 to 2286.
		if s := initial.Unix(); s >= 1e9 && s < 1e10 {
			e.InitialDateTime = s
		}
		return e
	}}
}

// choices renders at most n options, and those of them that are chosen from the start.
func choices(options []Option, n int, initial ...string) (all, chosen []*slackgo.OptionBlockObject) {
	for _, o := range options {
		if !isName(o.Value, maxOption) || o.Text.IsZero() || len(all) == n {
			continue
		}
		rendered := slackgo.NewOptionBlockObject(o.Value, plain(o.Text, maxOption), plain(o.Description, maxOption))
		all = append(all, rendered)
		for _, value := range initial {
			if value == o.Value {
				chosen = append(chosen, rendered)
				break
			}
		}
	}
	return all, chosen
}
