package workspace

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// slot is where an input stands. Slack keeps what was entered for as long as both IDs stay.
type slot struct{ block, action string }

// entry is what a person entered: text, or what they chose.
type entry struct {
	text   string
	chosen []string
}

// place is an element of a view that holds a value.
type place struct {
	slot
	block, element map[string]any
	input          bool // in an input block, the only ones that a person fills here
}

func (p place) kind() string { return p.element["type"].(string) }

// placesIn lists the elements of a view that hold values.
func placesIn(body map[string]any) (all []place) {
	for _, b := range body["blocks"].([]any) {
		block := b.(map[string]any)
		for _, e := range elementsOf(block) {
			if slices.Contains(inInput, e["type"].(string)) {
				all = append(all, place{
					slot:  slot{block["block_id"].(string), e["action_id"].(string)},
					block: block, element: e, input: block["type"] == "input",
				})
			}
		}
	}
	return all
}

// values is state.values: every element in the shape that Slack has for it.
func (v *view) values() map[string]any {
	values := map[string]any{}
	for _, p := range placesIn(v.body) {
		inBlock, _ := values[p.slot.block].(map[string]any)
		if inBlock == nil {
			inBlock = map[string]any{}
			values[p.slot.block] = inBlock
		}
		inBlock[p.action] = p.value(v.entry(p))
	}
	return values
}

// entry is what the person entered, or else the element's initial value.
func (v *view) entry(p place) entry {
	if e, ok := v.entries[p.slot]; ok {
		return e
	}
	initial := func(name string) string {
		switch x := p.element[name].(type) {
		case string:
			return x
		case json.Number:
			return x.String()
		case map[string]any:
			s, _ := x["value"].(string)
			return s
		}
		return ""
	}
	names := []string{"initial_value", "initial_option", "initial_date", "initial_time", "initial_date_time",
		"initial_user", "initial_conversation", "initial_channel"}
	for _, name := range names {
		if s := initial(name); s != "" {
			return entry{text: s}
		}
	}
	for _, name := range []string{"initial_options", "initial_users", "initial_conversations", "initial_channels"} {
		list, _ := p.element[name].([]any)
		var e entry
		for _, x := range list {
			switch x := x.(type) {
			case string:
				e.chosen = append(e.chosen, x)
			case map[string]any:
				e.chosen = append(e.chosen, x["value"].(string))
			}
		}
		if len(e.chosen) > 0 {
			return e
		}
	}
	return entry{}
}

// String is the value so far as one text, several comma separated.
func (e entry) String() string { return cmp.Or(e.text, strings.Join(e.chosen, ",")) }

func (e entry) empty() bool { return e.text == "" && len(e.chosen) == 0 }

// single and plural: which field of state.values a kind of element answers in.
var (
	single = map[string]string{
		"plain_text_input": "value", "email_text_input": "value", "url_text_input": "value", "number_input": "value",
		"static_select": "selected_option", "external_select": "selected_option", "radio_buttons": "selected_option",
		"users_select": "selected_user", "conversations_select": "selected_conversation", "channels_select": "selected_channel",
		"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
	}
	plural = map[string]string{
		"checkboxes": "selected_options", "multi_static_select": "selected_options", "multi_external_select": "selected_options",
		"multi_users_select": "selected_users", "multi_conversations_select": "selected_conversations", "multi_channels_select": "selected_channels",
	}
)

func (p place) value(e entry) map[string]any {
	out := map[string]any{"type": p.kind()}
	if name, ok := plural[p.kind()]; ok {
		list := []any{}
		for _, value := range e.chosen {
			if strings.HasSuffix(name, "options") {
				list = append(list, p.option(value))
			} else {
				list = append(list, value)
			}
		}
		out[name] = list
		return out
	}
	name := single[p.kind()]
	switch {
	case e.text == "":
		out[name] = nil
	case name == "selected_option":
		out[name] = p.option(e.text)
	case name == "selected_date_time":
		out[name] = json.Number(e.text)
	default:
		out[name] = e.text
	}
	return out
}

func (p place) option(value string) map[string]any {
	for _, o := range options(p.element) {
		if o["value"] == value {
			return o
		}
	}
	return nil
}

var shapes = map[string]*regexp.Regexp{
	"datetimepicker": regexp.MustCompile(`^\d{10}$`),
	"datepicker":     regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`),
	"timepicker":     regexp.MustCompile(`^\d{2}:\d{2}$`),
}

// enter makes an entry of what a person typed or picked; the error is what a client would not let them do.
func (p place) enter(value string) (entry, error) {
	kind := p.kind()
	if value == "" {
		return entry{}, nil
	}
	if _, ok := plural[kind]; ok {
		var e entry
		for _, v := range strings.Split(value, ",") {
			v = strings.TrimSpace(v)
			if err := p.offers(v); err != nil {
				return entry{}, err
			}
			if !slices.Contains(e.chosen, v) {
				e.chosen = append(e.chosen, v)
			}
		}
		return e, nil
	}
	if shape := shapes[kind]; shape != nil && !shape.MatchString(value) {
		return entry{}, fmt.Errorf("%s: not a value of a %s", p.slot.block, kind)
	}
	if strings.HasPrefix(single[kind], "selected_option") {
		return entry{text: value}, p.offers(value)
	}
	if most, ok := p.element["max_length"].(json.Number); ok {
		if n, _ := most.Int64(); int64(utf8.RuneCountInString(value)) > n {
			return entry{}, fmt.Errorf("%s: the field takes no more than %d characters", p.slot.block, n)
		}
	}
	return entry{text: value}, nil
}

func (p place) offers(value string) error {
	if strings.Contains(p.kind(), "external") {
		return errors.New(p.slot.block + ": this workspace has no menus with an external source")
	}
	if strings.HasSuffix(p.kind(), "static_select") || slices.Contains(groups, p.kind()) {
		if p.option(value) == nil {
			return fmt.Errorf("%s: no option has that value", p.slot.block)
		}
	}
	return nil
}

// incomplete is what the client itself says before anything is sent.
func (v *view) incomplete() map[string]string {
	errs := map[string]string{}
	for _, p := range placesIn(v.body) {
		if !p.input {
			continue
		}
		e := v.entry(p)
		if e.empty() {
			if p.block["optional"] != true {
				errs[p.slot.block] = "Please complete this required field."
			}
			continue
		}
		if least, ok := p.element["min_length"].(json.Number); ok {
			if n, _ := least.Int64(); int64(utf8.RuneCountInString(e.text)) < n {
				errs[p.slot.block] = "This value must contain at least " + strconv.FormatInt(n, 10) + " characters."
			}
		}
	}
	return errs
}

// fill enters a value into an input block of the view.
func (v *view) fill(blockID, value string) error {
	for _, p := range placesIn(v.body) {
		if p.slot.block == blockID && p.input {
			e, err := p.enter(value)
			if err == nil {
				v.entries[p.slot] = e
			}
			return err
		}
	}
	return fmt.Errorf("the open view has no input block %q", blockID)
}
