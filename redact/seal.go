package redact

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"reflect"
)

// Sealer closes values so that only the same secret opens them: what leaves the process, for a store,
// comes back as it was or not at all. Only texts that this package made can come back as texts.
type Sealer struct {
	Veil
	size int // of the key, in bits
	open func() cipher.AEAD
}

// NewSealer returns the sealer of a secret (HKDF, RFC 5869; AES-256-GCM). Secret must not be guessable.
func NewSealer(secret Secret) Sealer {
	const bits = 256
	key, err := hkdf.Key(sha256.New, []byte(secret.Expose()), nil, "jwt-check-bot: what it stores, 1", bits/8)
	if err != nil {
		panic("redact: a key of this length can be derived")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("redact: AES-256 takes this key")
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("redact: GCM takes this cipher")
	}
	return Sealer{size: bits, open: func() cipher.AEAD { return aead }}
}

// Limits in bytes: of what is opened, and of what it may unfold to.
const (
	MaxSealed   = 96 << 10
	maxUnfolded = 4 << 20
)

var (
	errUnsealable = errors.New("redact: only pointers to structs without maps and interfaces can be sealed")
	errNotSealed  = errors.New("redact: not something that was sealed here for this use")
	errTooLarge   = errors.New("redact: too large to be sealed")
	errScreened   = errors.New("redact: not sealed, since it looks as if it held a credential")
)

// sealed is what stands under the seal: the value as JSON, in which a Text is empty, and its texts
// beside the names of the fields that hold them.
type sealed struct {
	Rest  json.RawMessage
	Texts []namedText
}

type namedText struct{ Field, Text string }

// Seal closes v, a pointer to a struct, so that it opens under the same about alone. What it closes
// passes the net (Screen), since nothing that is sealed can be screened any more.
func (s Sealer) Seal(ctx context.Context, about string, v any) ([]byte, error) {
	fields, err := textsOf(v)
	if err != nil {
		return nil, err
	}
	named := make([]namedText, len(fields))
	for i, f := range fields {
		named[i] = namedText{f.name, f.text.s}
	}
	rest, err := json.Marshal(v)
	if err != nil {
		return nil, errUnsealable
	}
	texts, err := json.Marshal(named)
	if err != nil {
		return nil, errUnsealable
	}
	plain := seal(rest, texts)
	if len(plain) > maxUnfolded {
		return nil, errTooLarge
	}
	if Screen(ctx, plain) != Nothing {
		return nil, errScreened
	}
	closed := s.open().Seal(nil, nil, fold(plain), []byte(about))
	if len(closed) > MaxSealed {
		return nil, errTooLarge
	}
	return closed, nil
}

// seal is sealed as JSON; encoding/json would read rest once more.
func seal(rest, texts []byte) []byte {
	const before, between, after = `{"Rest":`, `,"Texts":`, `}`
	b := make([]byte, 0, len(before)+len(rest)+len(between)+len(texts)+len(after))
	b = append(append(b, before...), rest...)
	return append(append(append(b, between...), texts...), after...)
}

// Open fills v, a pointer to a struct of the type that was sealed. Its error says nothing of closed.
func (s Sealer) Open(about string, closed []byte, v any) error {
	if len(closed) > MaxSealed {
		return errNotSealed
	}
	folded, err := s.open().Open(nil, nil, closed, []byte(about))
	if err != nil {
		return errNotSealed
	}
	plain, err := unfold(folded)
	if err != nil {
		return errNotSealed
	}
	var content sealed
	if json.Unmarshal(plain, &content) != nil || json.Unmarshal(content.Rest, v) != nil {
		return errNotSealed
	}
	fields, err := textsOf(v)
	if err != nil || len(fields) != len(content.Texts) {
		return errNotSealed
	}
	for i, f := range fields { // another version of the bot may have named them otherwise
		if f.name != content.Texts[i].Field {
			return errNotSealed
		}
	}
	for i, f := range fields {
		*f.text = Text{content.Texts[i].Text}
	}
	return nil
}

// What is sealed is folded where it is long: a compressor costs more than a short sentence is worth.
const (
	asItIs   = 0
	deflated = 1

	worthFolding = 16 << 10 // bytes
)

func fold(plain []byte) []byte {
	if len(plain) < worthFolding {
		return append([]byte{asItIs}, plain...)
	}
	folded := bytes.NewBuffer([]byte{deflated})
	w, _ := flate.NewWriter(folded, flate.BestSpeed) // fails for an unknown level alone
	_, _ = w.Write(plain)                            // a buffer takes everything
	_ = w.Close()
	return folded.Bytes()
}

func unfold(folded []byte) ([]byte, error) {
	if len(folded) == 0 {
		return nil, errNotSealed
	}
	if folded[0] == asItIs {
		return folded[1:], nil
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(folded[1:])), maxUnfolded+1))
	if err != nil || len(plain) > maxUnfolded {
		return nil, errNotSealed
	}
	return plain, nil
}

// textField is a Text inside a value.
type textField struct {
	name string
	text *Text
}

func textsOf(v any) ([]textField, error) {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Struct {
		return nil, errUnsealable
	}
	return appendTexts(nil, field{}, p.Elem())
}

// field is where a value stands: its name is looked up for a text alone, since reflect allocates it.
type field struct {
	of reflect.Type
	i  int
}

func (f field) name() string {
	if f.of == nil {
		return ""
	}
	return f.of.Field(f.i).Name
}

var typeOfText = reflect.TypeFor[Text]()

// appendTexts walks v in the order of its fields. What could hold a text that JSON drops is refused.
func appendTexts(list []textField, at field, v reflect.Value) ([]textField, error) {
	var err error
	switch v.Kind() {
	case reflect.Map, reflect.Interface, reflect.Chan, reflect.Func:
		return nil, errUnsealable
	case reflect.Pointer:
		if !v.IsNil() {
			return appendTexts(list, at, v.Elem())
		}
	case reflect.Slice, reflect.Array:
		if k := v.Type().Elem().Kind(); k >= reflect.Bool && k <= reflect.Complex128 || k == reflect.String {
			return list, nil
		}
		for i := 0; i < v.Len() && err == nil; i++ {
			list, err = appendTexts(list, at, v.Index(i))
		}
	case reflect.Struct:
		of := v.Type()
		if of == typeOfText {
			return append(list, textField{at.name(), v.Addr().Interface().(*Text)}), nil
		}
		for i := 0; i < v.NumField() && err == nil; i++ {
			if inner := v.Field(i); inner.CanInterface() { // its field is exported
				list, err = appendTexts(list, field{of, i}, inner)
			}
		}
	}
	return list, err
}
