package redact

import "time"

// literal is a string that only a constant in source code can become: the type has no name outside
// this package, so a variable cannot be converted to it.
type literal string

// Message is a sentence with typed holes. Nothing in it is public until a Policy opens it, so it
// prints as every held type does; the zero Message too. It is one word, since checks make and copy
// many more of them than anybody reads.
type Message struct {
	Veil
	first *Hole // which has the format
}

// Msg returns a message; each `{}` in format is a hole, filled in order.
func Msg(format literal, holes ...Hole) Message {
	first := link(holes)
	if first == nil {
		first = &Hole{}
	}
	first.format = format
	return Message{first: first}
}

// link chains holes and returns the first.
func link(holes []Hole) *Hole {
	if len(holes) == 0 {
		return nil
	}
	for i := range holes[1:] {
		holes[i].next = &holes[i+1]
	}
	return &holes[0]
}

// IsZero reports whether m says nothing.
func (m Message) IsZero() bool { return m.first == nil || m.first.format == "" }

type holeKind uint8

const (
	holeWord holeKind = iota
	holeCount
	holeAge
	holeAgo
	holeTime
	holeOperator
	holePublic
	holeValue
	holeName
	holeMessage
	holeItems
)

// Hole is one typed hole of a Message. Words that are not our own source code's are reached
// through the value's closure alone.
type Hole struct {
	Veil
	kind   holeKind
	n      int64
	text   literal
	value  Value
	inner  *Hole   // the first hole of a message, or the first of several messages
	next   *Hole   // of the same message
	format literal // of the message whose first hole this is
}

// Word is a constant of our own source code.
func Word(w literal) Hole { return Hole{kind: holeWord, text: w} }

// Count is a number of our own making: a size, an index, a total.
func Count(n int) Hole { return Hole{kind: holeCount, n: int64(n)} }

// Age is a span of time, shown by its two largest units.
func Age(d time.Duration) Hole { return Hole{kind: holeAge, n: int64(d)} }

// Ago is how long ago something was, "42 s ago"; or, below zero, when it will be, "in 42 s".
func Ago(d time.Duration) Hole { return Hole{kind: holeAgo, n: int64(d)} }

// Time is an instant, shown in UTC to the second.
func Time(t time.Time) Hole { return Hole{kind: holeTime, n: t.Unix()} }

// Operator is a word of the operator's own, from configuration (a profile's name, its issuer), or one
// that our own code computed (a cause, a fingerprint).
func Operator(s string) Hole { return Hole{kind: holeOperator, value: foreign(s)} }

// Public is a word that somebody published: a key ID of a key set, a status line. It is cleaned
// and cut like a claim's value, and hidden if it looks like a secret or a person.
func Public(s string) Hole { return Hole{kind: holePublic, value: foreign(s)} }

// foreign holds s where no printer reads it.
func foreign(s string) Value { return Value{source: func() string { return s }} }

// Show is the value of a member, shown as the policy says.
func Show(v Value) Hole { return Hole{kind: holeValue, value: v} }

// Name is the name of a member, shown as the policy says.
func Name(v Value) Hole { return Hole{kind: holeName, value: v} }

// Part is a message inside a message.
func Part(m Message) Hole { return Hole{kind: holeMessage, inner: m.first} }

// Items are messages one after the other, separated by commas.
func Items(ms []Message) Hole {
	items := make([]Hole, len(ms))
	for i, m := range ms {
		items[i] = Part(m)
	}
	return Hole{kind: holeItems, inner: link(items)}
}
