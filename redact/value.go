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
	known      bool // the name is from our own source code or the configuration, not from the token
	name, json span
	source     func() string
}

// NewValue returns the member of source's object whose name (decoded, without quotes) and JSON
// text stand at the given spans.
func NewValue(place Place, name, json Span, source func() string) Value {
	return Value{place: place, name: name.held(), json: json.held(), source: source}
}

// NamedValue returns a value under a name that our own code or the operator's configuration gave,
// such as the path with dots by which it was found.
func NamedValue(place Place, name, json string) Value {
	return Value{
		place: place, known: true,
		name: Span{0, len(name)}.held(), json: Span{len(name), len(name) + len(json)}.held(),
		source: func() string { return name + json },
	}
}

// IsZero reports whether v holds nothing.
func (v Value) IsZero() bool { return v.source == nil }

// Size is the length of the value's JSON text in bytes.
func (v Value) Size() int { return int(v.json.to - v.json.from) }

func (v Value) rawName() string {
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
