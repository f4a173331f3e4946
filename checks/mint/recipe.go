package mint

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// recipe is what all recipes of one token come to.
type recipe struct {
	header, claims members
	key, alg       string
	sign, jwe      bool
	rawHeader      []byte // nil: encode header
	rawPayload     []byte // nil: encode claims
	mangle         []string
	paste          *string // nil: the token alone
}

// read merges recipes: the first place of a member is its place in the token, its
// last value is its value, and null in any but the first recipe deletes it.
func read(now time.Time, recipes []string) (recipe, error) {
	if len(recipes) == 0 {
		return recipe{}, errors.New("no recipe")
	}
	r := recipe{sign: true}
	var orders members
	for i, text := range recipes {
		list, err := object([]byte(text))
		if err != nil {
			return recipe{}, fmt.Errorf("recipe %d: %w", i+1, err)
		}
		for _, m := range list {
			switch {
			case m.name == "$header", m.name == "$claims":
				if err := r.force(m); err != nil {
					return recipe{}, err
				}
			case strings.HasPrefix(m.name, "$"):
				if err := new(recipe).obey(m); err != nil { // here too, because a later null hides it
					return recipe{}, err
				}
				orders.merge(m, true)
			default:
				part, as := r.route(m.name)
				part.merge(member{as, m.value}, i > 0)
			}
		}
	}
	for i, m := range r.claims {
		value, err := instant(now, m)
		if err != nil {
			return recipe{}, err
		}
		r.claims[i].value = value
	}
	for _, m := range orders {
		if err := r.obey(m); err != nil {
			return recipe{}, err
		}
	}
	return r, nil
}

// route says where a member goes, and under which name.
func (r *recipe) route(name string) (*members, string) {
	switch name {
	case "alg", "typ", "kid", "cty", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256",
		"zip", "enc", "epk", "apu", "apv", "p2c", "p2s":
		return &r.header, name
	case "nonce-in-header": // Microsoft Graph has one there; nonce itself is an ID token's claim
		return &r.header, "nonce"
	default:
		return &r.claims, name
	}
}

// force puts the members of $header and $claims where they say, null included.
func (r *recipe) force(m member) error {
	list, err := object(m.value)
	if err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	part := &r.claims
	if m.name == "$header" {
		part = &r.header
	}
	for _, inner := range list {
		part.merge(inner, false)
	}
	return nil
}

// obey reads one order, a member whose name starts with $.
func (r *recipe) obey(m member) error {
	switch m.name {
	case "$key":
		return m.read(&r.key, "a string")
	case "$alg":
		return m.read(&r.alg, "a string")
	case "$sign":
		return m.read(&r.sign, "true or false")
	case "$jwe":
		return m.read(&r.jwe, "true or false")
	case "$paste":
		return m.read(&r.paste, "a string")
	case "$raw_header", "$raw_header_hex":
		return m.readBytes(&r.rawHeader)
	case "$raw_payload", "$raw_payload_hex":
		return m.readBytes(&r.rawPayload)
	case "$mangle":
		var one string
		if json.Unmarshal(m.value, &one) == nil {
			r.mangle = []string{one}
			return nil
		}
		return m.read(&r.mangle, "a string or a list of strings")
	default:
		return fmt.Errorf("%s: no such order", m.name)
	}
}

// member is one member of a JSON object; value is compact JSON in its own spelling.
type member struct {
	name  string
	value json.RawMessage
}

// read decodes the value of an order; want says what it should have been.
func (m member) read(into any, want string) error {
	if json.Unmarshal(m.value, into) != nil {
		return fmt.Errorf("%s: not %s", m.name, want)
	}
	return nil
}

// readBytes decodes the value of a $raw order, given as text or as hex digits.
func (m member) readBytes(into *[]byte) error {
	if *into != nil {
		return fmt.Errorf("%s: the bytes of this part are given already", m.name)
	}
	var text string
	if err := m.read(&text, "a string"); err != nil {
		return err
	}
	*into = []byte(text)
	if m.name == "$raw_header_hex" || m.name == "$raw_payload_hex" {
		b, err := hex.DecodeString(text)
		if err != nil {
			return fmt.Errorf("%s: not hex digits", m.name)
		}
		*into = b
	}
	return nil
}

// members is a JSON object that keeps its order, which no Go map does.
type members []member

// merge replaces a member in its place or appends it; null deletes it, if deletes is set.
func (ms *members) merge(m member, deletes bool) {
	at := slices.IndexFunc(*ms, func(have member) bool { return have.name == m.name })
	null := string(m.value) == "null"
	switch {
	case null && deletes && at >= 0:
		*ms = slices.Delete(*ms, at, at+1)
	case null && deletes:
	case at >= 0:
		(*ms)[at].value = m.value
	default:
		*ms = append(*ms, m)
	}
}

// text returns the string of that name, "" when it is absent or no string.
func (ms members) text(name string) string {
	var s string
	for _, m := range ms {
		if m.name == name && json.Unmarshal(m.value, &s) != nil {
			return ""
		}
	}
	return s
}

// encode returns the object as compact JSON.
func (ms members) encode() []byte {
	var out bytes.Buffer
	name := json.NewEncoder(&out)
	name.SetEscapeHTML(false)
	out.WriteByte('{')
	for i, m := range ms {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := name.Encode(m.name); err != nil {
			panic(err) // a string: cannot happen
		}
		out.Truncate(out.Len() - 1) // the encoder's line break
		out.WriteByte(':')
		out.Write(m.value)
	}
	out.WriteByte('}')
	return out.Bytes()
}

// object reads one JSON object in order. A member said twice is an error: a token
// with duplicates is made with $raw_header or $raw_payload.
func object(text []byte) (members, error) {
	bad := errors.New("not one JSON object")
	decoder := json.NewDecoder(bytes.NewReader(text))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, bad
	}
	var list members
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, bad
		}
		m := member{name: name.(string)} // inside an object the decoder gives nothing else here
		var value json.RawMessage
		var compact bytes.Buffer
		if decoder.Decode(&value) != nil || json.Compact(&compact, value) != nil {
			return nil, fmt.Errorf("%s: not JSON", m.name)
		}
		m.value = compact.Bytes()
		if slices.ContainsFunc(list, func(have member) bool { return have.name == m.name }) {
			return nil, fmt.Errorf("%s: said twice", m.name)
		}
		list = append(list, m)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, bad
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, bad
	}
	return list, nil
}
