package redact

// Place says where in a token a Value stands: the policy for `alg` in the header is not the one
// for a claim that calls itself `alg`.
type Place uint8

const (
	Claim Place = iota
	HeaderParameter
)

// Span is a half-open range of bytes, in a text that is much shorter than 4 GiB.
type Span struct{ From, To uint32 }

// Range is the Span from one byte to another.
func Range(from, to int) Span { return Span{uint32(from), uint32(to)} }

// Value is one member of a token's header or claims set: its name and its JSON text, both private.
// It is a pair of spans into a text that only a closure can reach, so that making one costs nothing.
type Value struct {
	Veil
	place      Place
	known      bool // the name is from our own source code or the configuration, not from the token
	name, json Span
	source     func() string
}

// NewValue returns the member of source's object whose name (decoded, without quotes) and JSON
// text stand at the given spans.
func NewValue(place Place, name, json Span, source func() string) Value {
	return Value{place: place, name: name, json: json, source: source}
}

// NamedValue returns a value under a name that our own code or the operator's configuration gave,
// such as the path with dots by which it was found.
func NamedValue(place Place, name, json string) Value {
	return Value{
		place: place, known: true,
		name: Range(0, len(name)), json: Range(len(name), len(name)+len(json)),
		source: func() string { return name + json },
	}
}

// IsZero reports whether v holds nothing.
func (v Value) IsZero() bool { return v.source == nil }

// Size is the length of the value's JSON text in bytes.
func (v Value) Size() int { return int(v.json.To - v.json.From) }

func (v Value) rawName() string {
	if v.source == nil {
		return ""
	}
	return v.source()[v.name.From:v.name.To]
}

func (v Value) rawJSON() string {
	if v.source == nil {
		return ""
	}
	return v.source()[v.json.From:v.json.To]
}
