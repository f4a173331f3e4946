package redact

// Place says where in a token a Value stands: the policy for `alg` in the header is not the one
// for a claim that calls itself `alg`.
type Place uint8

const (
	Claim Place = iota
	HeaderParameter
)

// Span is a half-open range of bytes.
type Span struct{ From, To int }

// span is a Span as it is held: a Value is copied more often than it is read.
type span struct{ from, to uint32 }

func (s Span) held() span { return span{uint32(s.From), uint32(s.To)} }

// Value is one member of a token's header or claims set: its name and its JSON text, both private.
// It is a pair of spans into a text that only a closure can reach, so that making one costs nothing.
type Value struct {
	Veil
	place      Place
	name, json span
	known      string // a name from our own source code, for members that were found by path
	source     func() string
}

// NewValue returns the member of source's object whose name (decoded, without quotes) and JSON
// text stand at the given spans.
func NewValue(place Place, name, json Span, source func() string) Value {
	return Value{place: place, name: name.held(), json: json.held(), source: source}
}

// Named returns v under a name that our own code or the operator's configuration gave,
// such as a path with dots.
func (v Value) Named(name string) Value {
	v.known = name
	return v
}

// IsZero reports whether v holds nothing.
func (v Value) IsZero() bool { return v.source == nil }

// Size is the length of the value's JSON text in bytes.
func (v Value) Size() int { return int(v.json.to - v.json.from) }

func (v Value) rawName() string {
	if v.known != "" {
		return v.known
	}
	if v.source == nil {
		return ""
	}
	return v.source()[v.name.from:v.name.to]
}

func (v Value) rawJSON() string {
	if v.source == nil {
		return ""
	}
	return v.source()[v.json.from:v.json.to]
}
