package redact

import (
	"strconv"
	"strings"
	"time"
)

// Visibility says how much of a value may be shown.
type Visibility uint8

const (
	Hidden Visibility = iota // type and size only
	Masked                   // the first and last two characters
	Shown                    // as it is, cleaned and cut
)

func (v Visibility) String() string {
	return [...]string{"hidden", "masked", "full"}[v]
}

// Policy says which members' values may be shown. The zero Policy is the table of rules.go alone:
// everything that does not stand there is hidden.
type Policy struct {
	extra map[string]bool
}

// With returns p widened by claims whose values may be shown too, still past every guard.
func (p Policy) With(claims ...string) Policy {
	extra := make(map[string]bool, len(claims)+len(p.extra))
	for name := range p.extra {
		extra[name] = true
	}
	for _, name := range claims {
		extra[name] = true
	}
	return Policy{extra}
}

// Text opens m's holes under the policy. A text in which the scan finds what looks like a
// credential is withheld whole.
func (p Policy) Text(m Message) Text {
	if m.IsZero() {
		return Text{}
	}
	const inHoles = 48 // bytes that fill the holes of most sentences, so that one allocation is enough
	var b strings.Builder
	b.Grow(len(m.first.format) + inHoles)
	p.write(&b, m.first, 0)
	s := b.String()
	if Leaks(s) {
		return Text{withheld}
	}
	return Text{s}
}

// OperatorText is a text that is nothing but an Operator's word.
func OperatorText(s string) Text {
	if s = operator(s); Leaks(s) {
		return Text{withheld}
	}
	return Text{s}
}

func operator(s string) string { return cut(shorten(clean(s)), maxOperator) }

const withheld = "[withheld: this sentence would have shown something that looks like a credential]"

// Value returns v's name and value as they may be shown, and how much of the value that is. Both are
// copies: a text is kept for longer than a token, all of whose claims a part of it would hold in memory.
func (p Policy) Value(v Value) (name, value Text, shown Visibility) {
	s, shown := p.show(v)
	if Leaks(s) {
		s, shown = describe(v.rawJSON()), Hidden
	}
	n := displayName(v)
	both := strings.Join([]string{n, s}, "")
	return Text{both[:len(n)]}, Text{both[len(n):]}, shown
}

// write writes the message whose first hole this is.
func (p Policy) write(b *strings.Builder, hole *Hole, depth int) {
	if hole == nil {
		return
	}
	for format := string(hole.format); ; {
		before, after, found := strings.Cut(format, "{}")
		b.WriteString(before)
		if !found {
			return
		}
		if hole != nil {
			p.fill(b, hole, depth)
			hole = hole.next
		}
		format = after
	}
}

// Sizes in characters of what fills a hole.
const (
	maxOperator = 200
	maxPublic   = 120
	maxItems    = 20
	maxDepth    = 8
)

func (p Policy) fill(b *strings.Builder, h *Hole, depth int) {
	switch h.kind {
	case holeWord:
		b.WriteString(string(h.text))
	case holeCount:
		var room [20]byte
		b.Write(strconv.AppendInt(room[:0], h.n, 10))
	case holeAge:
		b.WriteString(age(time.Duration(h.n)))
	case holeAgo:
		if h.n < 0 {
			b.WriteString("in " + age(time.Duration(h.n)))
		} else {
			b.WriteString(age(time.Duration(h.n)) + " ago")
		}
	case holeTime:
		var room [32]byte
		b.Write(appendInstant(room[:0], time.Unix(h.n, 0)))
	case holeOperator:
		b.WriteString(operator(h.value.source()))
	case holePublic:
		b.WriteString(public(h.value.source()))
	case holeValue:
		// What is said of a hidden value would read as the sentence's own words.
		s, shown := p.show(h.value)
		if shown == Hidden && s != absent && s != "null" {
			s = "(hidden: " + s + ")"
		}
		b.WriteString(s)
	case holeName:
		b.WriteString(displayName(h.value))
	case holeMessage:
		if depth < maxDepth {
			p.write(b, h.inner, depth+1)
		}
	case holeItems:
		n := 0
		for item := h.inner; item != nil; item = item.next {
			if n < maxItems {
				if n > 0 {
					b.WriteString(", ")
				}
				p.fill(b, item, depth)
			}
			n++
		}
		if n > maxItems {
			b.WriteString(", … " + strconv.Itoa(n-maxItems) + " more")
		}
	}
}
