package keys

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"jwt-check-bot/redact"
)

// reader walks a JSON text. What it returns are slices of that text. After an error it returns
// nothing more, so that only the end has to be asked about.
type reader struct {
	text   []byte
	dec    *jsontext.Decoder
	broken bool
}

// newReader is lenient where verifiers are: the last of two members with one name counts, and
// invalid UTF-8 passes.
func newReader(b []byte) *reader {
	return &reader{text: b, dec: jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

// at reports whether what comes next is of that kind: { [ " 0 t f n.
func (r *reader) at(kind jsontext.Kind) bool { return !r.broken && r.dec.PeekKind() == kind }

// enter goes into an object or an array.
func (r *reader) enter(kind jsontext.Kind) bool { return r.at(kind) && r.token() }

// more reports whether another member or element comes before the closing bracket.
func (r *reader) more(closing jsontext.Kind) bool {
	if r.broken {
		return false
	}
	kind := r.dec.PeekKind()
	return kind != closing && kind != 0
}

// leave goes past the closing bracket.
func (r *reader) leave() bool { return r.token() }

func (r *reader) token() bool {
	if r.broken {
		return false
	}
	_, err := r.dec.ReadToken()
	r.broken = err != nil
	return !r.broken
}

// name is a member's name, decoded.
func (r *reader) name() []byte { return unquoted(r.value()) }

// value is the next value as it stands; nil after an error.
func (r *reader) value() jsontext.Value {
	if r.broken {
		return nil
	}
	v, err := r.dec.ReadValue()
	if err != nil {
		r.broken = true
		return nil
	}
	end := r.dec.InputOffset()
	return r.text[end-int64(len(v)) : end]
}

// end reports whether nothing follows.
func (r *reader) end() bool {
	if r.broken {
		return false
	}
	_, err := r.dec.ReadToken()
	r.broken = err != io.EOF
	return !r.broken
}

// fault says why the document is not what was expected.
func (r *reader) fault() *fault {
	switch {
	case len(bytes.TrimSpace(r.text)) == 0:
		return refuse(kindNotJSON, redact.Msg("the document is empty"))
	case r.broken || !jsontext.Value(r.text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)):
		return refuse(kindNotJSON, redact.Msg("the document is not JSON"))
	}
	return refuse("not-object", redact.Msg("the document is not a JSON object"))
}

// text is a string's value.
func text(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	return string(unquoted(v)), true
}

// unquoted is the content of a JSON string: a part of it, unless it holds escapes.
func unquoted(v jsontext.Value) []byte {
	if len(v) < 2 {
		return nil
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil && len(b) == 0 {
		return nil
	}
	return b
}
