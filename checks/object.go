package checks

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"jwt-check-bot/redact"
)

// member is one member of a JSON object, as spans into the object's text. Nothing is decoded but
// what a check asks for.
type member struct {
	name     string // decoded
	at, json redact.Span
	kind     jsontext.Kind // of the value: 'n' 'f' 't' '"' '0' '{' '['
}

// object is a JSON object scanned once: the JOSE header or the claims set.
type object struct {
	text       string
	members    []member
	duplicated bool // some object in it, at whatever depth, has a member twice (RFC 7519 §4)
}

var (
	errNotObject = errors.New("not a JSON object")
	errTrailing  = errors.New("text after the JSON object")
)

// scanObject reads one JSON object (RFC 8259) from the whole of b. Names that stand twice are
// allowed and noted, since verifiers disagree about them. Invalid UTF-8 is an error.
func scanObject(b []byte) (object, error) {
	o, err := scanMembers(b, false)
	if errors.Is(err, jsontext.ErrDuplicateName) {
		o, err = scanMembers(b, true)
		o.duplicated = true
	}
	return o, err
}

func scanMembers(b []byte, duplicates bool) (object, error) {
	o := object{text: string(b)}
	dec := jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowDuplicateNames(duplicates))
	if dec.PeekKind() != '{' {
		return o, errNotObject
	}
	if _, err := dec.ReadToken(); err != nil {
		return o, err
	}
	o.members = make([]member, 0, 16)
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			return o, err
		}
		end := int(dec.InputOffset())
		m := member{at: redact.Span{From: end - len(name) + 1, To: end - 1}}
		m.name = o.text[m.at.From:m.at.To]
		if strings.Contains(m.name, `\`) {
			m.name = unquote(`"` + m.name + `"`)
		}
		value, err := dec.ReadValue()
		if err != nil {
			return o, err
		}
		end = int(dec.InputOffset())
		m.json, m.kind = redact.Span{From: end - len(value), To: end}, value.Kind()
		o.members = append(o.members, m)
	}
	if _, err := dec.ReadToken(); err != nil {
		return o, err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return o, errTrailing
	}
	return o, nil
}

// find returns the last member called name: of those that stand twice, most verifiers read the last.
func (o *object) find(name string) (member, bool) {
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.members[i].name == name {
			return o.members[i], true
		}
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

// elements returns the strings of a JSON array, and whether it holds nothing else.
func elements(raw string) (list []string, ok bool) {
	dec := jsontext.NewDecoder(strings.NewReader(raw), jsontext.AllowDuplicateNames(true))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '[' {
		return nil, false
	}
	ok = true
	for dec.PeekKind() != ']' {
		v, err := dec.ReadValue()
		if err != nil {
			return list, false
		}
		if v.Kind() != '"' {
			ok = false
			continue
		}
		list = append(list, unquote(string(v)))
	}
	return list, ok
}

// at follows a path with dots into nested objects. A member whose whole name is the path wins:
// names with dots are common in private claims.
func (o *object) at(path string) (raw string, kind jsontext.Kind, ok bool) {
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
		inner, err := scanObject([]byte(o.raw(m)))
		if err != nil {
			continue
		}
		if raw, kind, ok := inner.at(path[i+1:]); ok {
			return raw, kind, true
		}
	}
	return "", 0, false
}
