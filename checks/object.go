package checks

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"jwt-check-bot/redact"
)

// member is one member of a JSON object, as spans into the object's text. Nothing is decoded but
// what a check asks for.
type member struct {
	name     string // decoded
	at, json redact.Span
	kind     byte  // of the value: 'n' 'f' 't' '"' '0' '{' '['
	before   uint8 // see codes
}

// object is a JSON object scanned once: the JOSE header or the claims set.
type object struct {
	text       string
	members    []member
	few        codes
	many       index // where there are too many for few
	duplicated bool  // some object in it, at whatever depth, has a member twice (RFC 7519 §4)
}

var (
	errNotObject = errors.New("not a JSON object")
	errTrailing  = errors.New("text after the JSON object")
)

// scanObject reads one JSON object (RFC 8259) from the whole of text. Names that stand twice are
// allowed and noted, since verifiers disagree about them. Invalid UTF-8 is an error.
func scanObject(text string) (object, error) {
	s := scanner{object: object{text: text}}
	if s.next() != '{' {
		return s.object, errNotObject
	}
	// There are no more members than colons, and hardly more than this in a paste that is not all colons.
	const most = 4096
	s.members = make([]member, 0, min(strings.Count(text, ":"), most))
	if !s.braces(0) {
		return s.object, errNotObject
	}
	if s.next(); s.pos < len(text) {
		return s.object, errTrailing
	}
	return s.object, nil
}

// find returns the last member called name: of those that stand twice, most verifiers read the last.
func (o *object) find(name string) (member, bool) {
	if o.many != nil {
		if i := o.many[o.many.slot(o.members, name)]; i > 0 {
			return o.members[i-1], true
		}
		return member{}, false
	}
	if i := o.few.find(o.members, name); i > 0 {
		return o.members[i-1], true
	}
	return member{}, false
}

func (o *object) raw(m member) string { return o.text[m.json.From:m.json.To] }

// str returns the member's string, or false where it is absent or something else.
func (o *object) str(name string) (string, bool) {
	m, ok := o.find(name)
	if !ok || m.kind != '"' {
		return "", false
	}
	return unquote(o.raw(m)), true
}

// unquote decodes a JSON string that was read before, and so is valid.
func unquote(raw string) string {
	if !strings.Contains(raw, `\`) {
		return raw[1 : len(raw)-1]
	}
	b, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return ""
	}
	return string(b)
}

// elements returns the strings of a JSON array that was read before, and whether it holds nothing
// else; false where raw is no array.
func elements(raw string) (list []string, ok bool) {
	if raw[0] != '[' {
		return nil, false
	}
	ok = true
	for _, element := range rawElements(raw) {
		if element[0] == '"' {
			list = append(list, unquote(element))
		} else {
			ok = false
		}
	}
	return list, ok
}

// rawElements returns the elements of a JSON array that was read before, as they are written.
func rawElements(raw string) []string {
	s := scanner{object: object{text: raw}}
	var spans []redact.Span
	s.brackets(0, &spans)
	list := make([]string, len(spans))
	for i, at := range spans {
		list[i] = raw[at.From:at.To]
	}
	return list
}

// isNumber reports whether s is one JSON number.
func isNumber(s string) bool {
	scan := scanner{object: object{text: s}}
	return scan.number() && scan.pos == len(s)
}

// at follows a path with dots into nested objects. A member whose whole name is the path wins:
// names with dots are common in private claims.
func (o *object) at(path string) (raw string, kind byte, ok bool) {
	if m, ok := o.find(path); ok {
		return o.raw(m), m.kind, true
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		m, ok := o.find(path[:i])
		if !ok || m.kind != '{' {
			continue
		}
		inner, err := scanObject(o.raw(m))
		if err != nil {
			continue
		}
		if raw, kind, ok := inner.at(path[i+1:]); ok {
			return raw, kind, true
		}
	}
	return "", 0, false
}
