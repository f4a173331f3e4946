package slack

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"jwt-check-bot/redact"
)

// decoder walks a frame once, from left to right, and keeps only what has a place in an envelope.
// It is lenient where Slack's own senders are (a surrogate cut in half, a member twice, of which
// the last one counts), since most of an envelope is other people's text that is skipped anyway.
//
// After an error every further read does nothing; the error is never shown, since it quotes the
// frame. jsontext itself refuses more than 10,000 levels.
type decoder struct {
	source bytes.Buffer
	json   jsontext.Decoder
	failed bool
}

// start makes the decoder read b, in place. b must not change before the decoder is done.
func (d *decoder) start(b []byte) {
	d.source = *bytes.NewBuffer(b)
	d.json.Reset(&d.source, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	d.failed = false
}

func (d *decoder) peek() jsontext.Kind {
	if d.failed {
		return jsontext.KindInvalid
	}
	return d.json.PeekKind()
}

// value returns the next value or member name as it stands, valid until the next read.
func (d *decoder) value() []byte {
	if d.failed {
		return nil
	}
	v, err := d.json.ReadValue()
	if err != nil {
		d.failed = true
		return nil
	}
	return v
}

func (d *decoder) skip() { d.value() }

func (d *decoder) token() {
	if d.failed {
		return
	}
	if _, err := d.json.ReadToken(); err != nil {
		d.failed = true
	}
}

// object calls member with the quoted name of each member of the next value, whose value it must
// read or skip. A value of another type has no members: what is not there is not an error.
func (d *decoder) object(member func(name []byte)) {
	if d.peek() != jsontext.KindBeginObject {
		d.skip()
		return
	}
	d.token()
	for !d.failed && d.peek() != jsontext.KindEndObject {
		if name := d.value(); !d.failed {
			member(name)
		}
	}
	d.token()
}

// array calls element before each element of the next value, which it must read or skip.
func (d *decoder) array(element func(i int)) {
	if d.peek() != jsontext.KindBeginArray {
		d.skip()
		return
	}
	d.token()
	for i := 0; !d.failed && d.peek() != jsontext.KindEndArray; i++ {
		element(i)
	}
	d.token()
}

// Sizes in bytes of what is kept, beyond which it is not Slack's and is dropped.
const (
	maxID     = 512
	maxChosen = 8 << 10 // a button's value, a modal's metadata
	maxFields = 100     // blocks of a modal
)

// text is the next string, empty if it is none or longer than most bytes.
func (d *decoder) text(most int) string {
	if d.peek() != jsontext.KindString {
		d.skip()
		return ""
	}
	raw := d.value()
	if len(raw) > most+2 {
		return ""
	}
	return unquote(raw)
}

func (d *decoder) id() string { return d.text(maxID) }

// secret is the next string, copied once, from the frame to where it is held.
func (d *decoder) secret() redact.Secret {
	if d.peek() != jsontext.KindString {
		d.skip()
		return redact.Secret{}
	}
	if raw := d.value(); len(raw) > 2 {
		return redact.NewSecret(unquote(raw))
	}
	return redact.Secret{}
}

// number is the next whole number, 0 if it is none.
func (d *decoder) number() int64 {
	n, err := strconv.ParseInt(string(d.value()), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (d *decoder) boolean() bool { return string(d.value()) == "true" }

// unquote decodes a string that the decoder has accepted.
func unquote(raw []byte) string {
	if len(raw) < 2 {
		return ""
	}
	if plain := raw[1 : len(raw)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain)
	}
	b, _ := jsontext.AppendUnquote(nil, raw) // an error says only that some of it was not UTF-8
	s := string(b)
	clear(b)
	return s
}

// findID looks for the ID in a frame that could not be decoded. Inside a string its quotation marks
// would be escaped, so it cannot be mistaken for something that a person typed.
func findID(frame []byte) string {
	_, rest, found := bytes.Cut(frame, []byte(`"envelope_id"`))
	if !found {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n:")
	if len(rest) == 0 || rest[0] != '"' {
		return ""
	}
	id, _, closed := bytes.Cut(rest[1:min(len(rest), maxID)], []byte(`"`))
	if !closed || !isOpaque(string(id)) {
		return ""
	}
	return string(id)
}
