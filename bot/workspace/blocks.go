package workspace

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxProblems bounds what one answer explains.
const maxProblems = 20

// problem is one thing wrong with blocks or a view, in Slack's wording, and where (RFC 6901).
type problem struct{ what, at string }

func (p problem) String() string { return p.what + " [json-pointer:" + p.at + "]" }

// checker collects problems on one way through blocks or a view.
type checker struct {
	kit      *kit
	problems []problem
	blockIDs map[string]bool
	focused  int
}

// rule judges one JSON value.
type rule func(c *checker, at string, v any)

// field is a member of an object.
type field struct {
	must bool
	rule rule
}

// object is everything that a block, element or other object may hold, besides its type.
type object map[string]field

func need(r rule) field { return field{must: true, rule: r} }

func may(r rule) field { return field{rule: r} }

func (c *checker) fail(at, format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, problem{fmt.Sprintf(format, args...), at})
	}
}

// checkBlocks judges the blocks of a message.
func checkBlocks(blocks []any) []problem {
	c := &checker{kit: &blockKit, blockIDs: map[string]bool{}}
	list(1, 50, (*checker).block)(c, "/blocks", blocks)
	return c.problems
}

// checkView judges a view for a modal or a home tab.
func checkView(v any, at, kind string) []problem {
	c := &checker{kit: &blockKit, blockIDs: map[string]bool{}}
	m, ok := v.(map[string]any)
	switch {
	case !ok:
		c.fail(at, "must provide an object")
	case m["type"] != kind:
		c.fail(at+"/type", "unsupported type: %v", m["type"])
	default:
		c.object(at, m, blockKit.views[kind])
		if c.hasInput(m) && m["submit"] == nil {
			c.fail(at+"/submit", "missing required field: submit: the view has an input block")
		}
		if c.focused > 1 {
			c.fail(at+"/blocks", "only one element may have focus_on_load")
		}
	}
	return c.problems
}

func (c *checker) hasInput(view map[string]any) bool {
	blocks, _ := view["blocks"].([]any)
	return slices.ContainsFunc(blocks, func(b any) bool {
		m, _ := b.(map[string]any)
		return m["type"] == "input"
	})
}

// object checks required, known and well-formed members. Names come out in order, so that answers do not vary.
func (c *checker) object(at string, m map[string]any, o object) {
	for _, name := range sortedKeys(o) {
		if _, given := m[name]; o[name].must && !given {
			c.fail(at, "missing required field: %s", name)
		}
	}
	for _, name := range sortedKeys(m) {
		f, known := o[name]
		switch {
		case name == "type":
		case !known:
			c.fail(at, "invalid additional property: %s", short(name))
		default:
			f.rule(c, at+"/"+name, m[name])
		}
	}
}

// block checks one block against the table, and what concerns several of its fields.
func (c *checker) block(at string, v any) {
	m, o := c.typed(at, v, c.kit.blocks)
	if m == nil {
		return
	}
	before := len(c.problems)
	c.object(at, m, o)
	if id, ok := m["block_id"].(string); ok {
		if c.blockIDs[id] {
			c.fail(at+"/block_id", "`block_id` must be unique")
		}
		c.blockIDs[id] = true
	}
	if m["type"] == "section" && m["text"] == nil && m["fields"] == nil {
		c.fail(at, "missing required field: text or fields")
	}
	if m["type"] == "image" && (m["image_url"] == nil) == (m["slack_file"] == nil) {
		c.fail(at, "must provide one of image_url and slack_file")
	}
	if len(c.problems) > before {
		return // what follows needs sound elements
	}
	ids := map[string]bool{}
	for _, e := range elementsOf(m) {
		if id, ok := e["action_id"].(string); ok {
			if ids[id] {
				c.fail(at, "`action_id` must be unique within a block")
			}
			ids[id] = true
		}
		if e["focus_on_load"] == true {
			c.focused++
		}
	}
}

// typed looks the object's type up in a table.
func (c *checker) typed(at string, v any, table map[string]object, allowed ...string) (map[string]any, object) {
	m, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "must provide an object")
		return nil, nil
	}
	kind, ok := m["type"].(string)
	if !ok {
		c.fail(at, "missing required field: type")
		return nil, nil
	}
	o, known := table[kind]
	if !known || len(allowed) > 0 && !slices.Contains(allowed, kind) {
		c.fail(at+"/type", "unsupported type: %s", short(kind))
		return nil, nil
	}
	return m, o
}

// chars is text of least to most characters.
func chars(least, most int) rule {
	return func(c *checker, at string, v any) {
		s, ok := v.(string)
		switch n := utf8.RuneCountInString(s); {
		case !ok:
			c.fail(at, "must provide a string")
		case n < least:
			c.fail(at, "must be more than %d characters", least-1)
		case n > most:
			c.fail(at, "must be less than %d characters", most+1)
		}
	}
}

// whole is an integer from least to most.
func whole(least, most int64) rule {
	return func(c *checker, at string, v any) {
		n, ok := v.(json.Number)
		i, err := n.Int64()
		if !ok || err != nil || i < least || i > most {
			c.fail(at, "must be an integer from %d to %d", least, most)
		}
	}
}

func boolean(c *checker, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.fail(at, "must be a boolean")
	}
}

// oneOf is one of a few words.
func oneOf(words ...string) rule {
	return func(c *checker, at string, v any) {
		if s, ok := v.(string); !ok || !slices.Contains(words, s) {
			c.fail(at, "must be one of: %s", strings.Join(words, ", "))
		}
	}
}

// list holds least to most items.
func list(least, most int, item rule) rule {
	return func(c *checker, at string, v any) {
		items, ok := v.([]any)
		switch {
		case !ok:
			c.fail(at, "must be an array")
			return
		case len(items) < least:
			c.fail(at, "no fewer than %d items allowed", least)
		case len(items) > most:
			c.fail(at, "no more than %d items allowed", most)
			return
		}
		for i, v := range items {
			item(c, fmt.Sprintf("%s/%d", at, i), v)
		}
	}
}

// exactly is an object without a type of its own.
func exactly(o object) rule {
	return func(c *checker, at string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must provide an object")
			return
		}
		if _, given := m["type"]; given {
			c.fail(at, "invalid additional property: type")
		}
		c.object(at, m, o)
	}
}

// text is a text object of one of the kinds, 1 to most characters. emoji is for plain_text, verbatim for mrkdwn.
func text(most int, kinds ...string) rule {
	if len(kinds) == 0 {
		kinds = []string{"plain_text", "mrkdwn"}
	}
	return func(c *checker, at string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must provide an object")
			return
		}
		kind, _ := m["type"].(string)
		if !slices.Contains(kinds, kind) {
			c.fail(at+"/type", "must be one of: %s", strings.Join(kinds, ", "))
			return
		}
		o := object{"text": need(chars(1, most))}
		if kind == "plain_text" {
			o["emoji"] = may(boolean)
		} else {
			o["verbatim"] = may(boolean)
		}
		c.object(at, m, o)
	}
}

func plain(most int) rule { return text(most, "plain_text") }

// address is an http or https URL.
func address(c *checker, at string, v any) {
	s, ok := v.(string)
	u, err := url.Parse(s)
	switch {
	case !ok || err != nil || u.Host == "" && u.Scheme != "mailto" || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme):
		c.fail(at, "must be a valid URL")
	case utf8.RuneCountInString(s) > 3000:
		c.fail(at, "must be less than 3001 characters")
	}
}

// element is an interactive or other element of one of the kinds.
func element(kinds ...string) rule {
	return func(c *checker, at string, v any) {
		m, o := c.typed(at, v, c.kit.elements, kinds...)
		if m == nil {
			return
		}
		before := len(c.problems)
		c.object(at, m, o)
		if len(c.problems) == before {
			c.choices(at, m)
		}
	}
}

// choices checks what the fields of a choosing element say of each other.
func (c *checker) choices(at string, m map[string]any) {
	kind := m["type"].(string)
	if strings.HasSuffix(kind, "static_select") && (m["options"] == nil) == (m["option_groups"] == nil) {
		c.fail(at, "must provide one of options and option_groups")
	}
	if kind == "plain_text_input" {
		least, _ := m["min_length"].(json.Number)
		most, given := m["max_length"].(json.Number)
		a, _ := least.Int64()
		b, _ := most.Int64()
		if given && a > b {
			c.fail(at+"/min_length", "must be no more than max_length")
		}
	}
	if kind == "image" && (m["image_url"] == nil) == (m["slack_file"] == nil) {
		c.fail(at, "must provide one of image_url and slack_file")
	}
	offered := options(m)
	initial, _ := m["initial_options"].([]any)
	if o, ok := m["initial_option"]; ok {
		initial = []any{o}
	}
	for _, o := range initial {
		if len(offered) > 0 && !slices.ContainsFunc(offered, func(x map[string]any) bool { return sameOption(x, o) }) {
			c.fail(at, "initial option is not one of the options")
		}
	}
}

// sameOption: Slack compares text and value.
func sameOption(a map[string]any, v any) bool {
	b, _ := v.(map[string]any)
	ta, _ := a["text"].(map[string]any)
	tb, _ := b["text"].(map[string]any)
	return a["value"] == b["value"] && ta["text"] == tb["text"] && ta["type"] == tb["type"]
}

// options lists an element's options, groups included.
func options(e map[string]any) (all []map[string]any) {
	list, _ := e["options"].([]any)
	groups, _ := e["option_groups"].([]any)
	for _, g := range groups {
		in, _ := g.(map[string]any)["options"].([]any)
		list = append(list[:len(list):len(list)], in...)
	}
	for _, o := range list {
		if m, ok := o.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

// rich is a part of a rich_text block of one of the kinds.
func rich(kinds ...string) rule {
	return func(c *checker, at string, v any) {
		if m, o := c.typed(at, v, c.kit.rich, kinds...); m != nil {
			c.object(at, m, o)
		}
	}
}

func short(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
