package workspace

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Transcript renders a thread, or a channel where threadTS is "", as the person reads it:
//
//	09:52 ben        a message
//	09:53 jwt-check  (only visible to you) the first line of another
//	                 • and the rest of it
//
// Clock times are UTC; dates inside messages are in the person's own zone.
func (w *Workspace) Transcript(userID, channel, threadTS string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, u := w.channel(channel), w.user(userID)
	if c == nil || u != nil && !c.sees(u) {
		return ""
	}
	r := w.reader(userID)
	var out strings.Builder
	for _, m := range c.visible(userID) {
		in := m.threadTS == threadTS || threadTS != "" && m.ts == threadTS
		if !in {
			continue
		}
		body := r.reads(m)
		if n := len(c.replies(m.ts)); threadTS == "" && n > 0 {
			body += "\n(" + counted(n, "reply", "replies") + ")"
		}
		out.WriteString(r.headed(m, body))
	}
	return out.String()
}

// ViewText renders the person's open view; empty when none is open.
func (w *Workspace) ViewText(userID string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.top(userID)
	if v == nil {
		return ""
	}
	return w.reader(userID).view(v)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// headed puts time and name before a body, and its further lines below the first.
func (r reader) headed(m *message, body string) string {
	wide := 0
	for _, u := range r.w.users {
		wide = max(wide, utf8.RuneCountInString(u.Name))
	}
	name := r.w.user(m.user).Name
	head := instant(m.ts).UTC().Format("15:04 ") + name + strings.Repeat(" ", wide-utf8.RuneCountInString(name)+2)
	margin := strings.Repeat(" ", 6+wide+2)
	var out strings.Builder
	for i, line := range strings.Split(body, "\n") {
		lead := margin
		if i == 0 {
			lead = head
		}
		out.WriteString(strings.TrimRight(lead+line, " ") + "\n")
	}
	return out.String()
}

// reads is a message's body with its marks.
func (r reader) reads(m *message) string {
	var body string
	if len(m.blocks) > 0 {
		body = strings.Join(r.blocks(m.blocks), "\n")
	} else {
		body = r.mrkdwn(m.text)
	}
	if m.to != "" {
		body = "(only visible to you) " + body
	}
	if m.edited {
		first, rest, more := strings.Cut(body, "\n")
		body = first + " (edited)"
		if more {
			body += "\n" + rest
		}
	}
	return body
}

// blocks renders blocks to lines.
func (r reader) blocks(blocks []any) (lines []string) {
	for _, b := range blocks {
		lines = append(lines, r.block(b.(map[string]any))...)
	}
	return lines
}

func (r reader) block(b map[string]any) (lines []string) {
	add := func(text string) { lines = append(lines, strings.Split(text, "\n")...) }
	switch b["type"] {
	case "header":
		add(r.text(b["text"]))
	case "divider":
		add("────")
	case "section":
		if b["text"] != nil {
			add(r.text(b["text"]))
		}
		fields, _ := b["fields"].([]any)
		for _, f := range fields {
			add(r.text(f))
		}
		if e, ok := b["accessory"].(map[string]any); ok {
			add(r.element(e))
		}
	case "context":
		var parts []string
		for _, e := range b["elements"].([]any) {
			if m := e.(map[string]any); m["type"] == "image" {
				parts = append(parts, r.element(m))
			} else {
				parts = append(parts, r.text(m))
			}
		}
		add("(" + strings.Join(parts, " · ") + ")")
	case "actions":
		var parts []string
		for _, e := range b["elements"].([]any) {
			parts = append(parts, r.element(e.(map[string]any)))
		}
		add(strings.Join(parts, " "))
	case "image":
		add("[image: " + fmt.Sprint(b["alt_text"]) + "]")
	case "rich_text":
		for _, e := range b["elements"].([]any) {
			lines = append(lines, r.rich(e.(map[string]any))...)
		}
	case "input": // see reader.input
	default: // newer than this client
		add("[" + fmt.Sprint(b["type"]) + "]")
	}
	return lines
}

// text renders a text object. Control forms are active in mrkdwn alone.
func (r reader) text(v any) string {
	m, _ := v.(map[string]any)
	s, _ := m["text"].(string)
	if m["type"] == "mrkdwn" {
		return r.mrkdwn(s)
	}
	return s
}

func (r reader) element(e map[string]any) string {
	switch e["type"] {
	case "button":
		return "[ " + r.text(e["text"]) + " ]"
	case "image":
		return "[image: " + fmt.Sprint(e["alt_text"]) + "]"
	case "overflow":
		return "[ … ]"
	}
	label := r.text(e["placeholder"])
	if label == "" {
		label = fmt.Sprint(e["type"])
	}
	return "[ " + label + " ▾ ]"
}

// rich renders a part of a rich_text block.
func (r reader) rich(e map[string]any) []string {
	elements, _ := e["elements"].([]any)
	switch e["type"] {
	case "rich_text_list":
		indent, _ := e["indent"].(json.Number)
		depth, _ := strconv.Atoi(indent.String())
		offset, _ := e["offset"].(json.Number)
		first, _ := strconv.Atoi(offset.String())
		var lines []string
		for i, item := range elements {
			mark := "• "
			if e["style"] == "ordered" {
				mark = strconv.Itoa(first+i+1) + ". "
			}
			section, _ := item.(map[string]any)["elements"].([]any)
			lead := strings.Repeat("  ", depth)
			text := strings.ReplaceAll(r.inline(section), "\n", "\n"+lead+strings.Repeat(" ", utf8.RuneCountInString(mark)))
			lines = append(lines, strings.Split(lead+mark+text, "\n")...)
		}
		return lines
	case "rich_text_quote":
		return strings.Split("> "+strings.ReplaceAll(r.inline(elements), "\n", "\n> "), "\n")
	case "rich_text_preformatted":
		return strings.Split("    "+strings.ReplaceAll(r.inline(elements), "\n", "\n    "), "\n")
	}
	return strings.Split(strings.TrimSuffix(r.inline(elements), "\n"), "\n")
}

// inline renders what stands inside a line of rich text; its text is always literal.
func (r reader) inline(elements []any) string {
	var out strings.Builder
	for _, x := range elements {
		e := x.(map[string]any)
		str := func(name string) string {
			s, _ := e[name].(string)
			return s
		}
		switch e["type"] {
		case "text":
			out.WriteString(str("text"))
		case "link":
			out.WriteString(hyperlink(str("url"), str("text")))
		case "user":
			out.WriteString(r.person(str("user_id"), ""))
		case "channel":
			out.WriteString(r.place(str("channel_id"), ""))
		case "usergroup":
			out.WriteString("@" + str("usergroup_id"))
		case "broadcast":
			out.WriteString("@" + str("range"))
		case "emoji":
			out.WriteString(emoji(str("name"), str("unicode")))
		case "color":
			out.WriteString(str("value"))
		case "date":
			n, _ := e["timestamp"].(json.Number)
			at, _ := n.Int64()
			out.WriteString(r.date(time.Unix(at, 0), str("format")))
		}
	}
	return out.String()
}

// emoji is the character where the app gave its code points, otherwise the name.
func emoji(name, unicode string) string {
	var out strings.Builder
	for _, code := range strings.Split(unicode, "-") {
		n, err := strconv.ParseUint(code, 16, 21)
		if err != nil {
			return ":" + name + ":"
		}
		out.WriteRune(rune(n))
	}
	return out.String()
}
