package keys

import (
	"crypto/x509"
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/lestrrat-go/jwx/v3/jwa"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// entry is one element of a key set, its members as they stand: nil where absent or null, since
// some serializers write null for what they do not have.
type entry struct {
	object                       bool
	kty, kid, use, ops, alg, crv jsontext.Value
	n, e, x, y, x5c              jsontext.Value
	private                      bool // a member that is never public is there; its value is not kept
}

func readEntry(r *reader) (e entry) {
	if !r.enter('{') {
		r.value()
		return e
	}
	e.object = true
	for r.more('}') {
		name := r.name()
		value := r.value()
		if value.Kind() == 'n' {
			value = nil
		}
		if member := e.member(name); member != nil {
			*member = value
		} else if value != nil && neverPublic(name) {
			e.private = true
		}
	}
	r.leave()
	return e
}

// member is where the value of that name belongs; nil for what does not matter.
func (e *entry) member(name []byte) *jsontext.Value {
	switch string(name) {
	case "kty":
		return &e.kty
	case "kid":
		return &e.kid
	case "use":
		return &e.use
	case "key_ops":
		return &e.ops
	case "alg":
		return &e.alg
	case "crv":
		return &e.crv
	case "n":
		return &e.n
	case "e":
		return &e.e
	case "x":
		return &e.x
	case "y":
		return &e.y
	case "x5c":
		return &e.x5c
	}
	return nil
}

// neverPublic reports whether a member holds private or shared material (RFC 7518 §6).
func neverPublic(name []byte) bool {
	switch string(name) {
	case "d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv":
		return true
	}
	return false
}

// key is the entry as the checks see it.
func (e *entry) key() checks.Key {
	k := checks.Key{Private: e.private}
	k.Unusable = e.describe(&k)
	if k.Type == "oct" {
		k.Private = true
	}
	if k.Unusable.IsZero() {
		k.Unusable = e.contradiction(&k)
	}
	if k.Unusable.IsZero() {
		k.Public, k.Unusable = e.public(&k)
	}
	return k
}

// describe copies the members that describe the key, and says which has a wrong type.
func (e *entry) describe(k *checks.Key) (why redact.Message) {
	if !e.object {
		return redact.Msg("its entry in the key set is not a JSON object")
	}
	for _, m := range []struct {
		value jsontext.Value
		to    *string
		says  redact.Message
	}{
		{e.kid, &k.ID, redact.Msg("its kid is not a string")},
		{e.kty, &k.Type, redact.Msg("its type (kty) is not a string")},
		{e.crv, &k.Curve, redact.Msg("its curve (crv) is not a string")},
		{e.use, &k.Use, redact.Msg("its use is not a string")},
		{e.alg, &k.Alg, redact.Msg("its alg is not a string")},
	} {
		if m.value == nil {
			continue
		}
		s, ok := text(m.value)
		if !ok && why.IsZero() {
			why = m.says
		}
		*m.to = s
	}
	ops, ok := texts(e.ops)
	k.Ops = ops
	if !ok && why.IsZero() {
		why = redact.Msg("its key_ops are not an array of strings")
	}
	return why
}

// contradiction says what else than its numbers makes the entry no key to verify with.
func (e *entry) contradiction(k *checks.Key) redact.Message {
	switch k.Type {
	case "":
		return redact.Msg("it has no type (kty)")
	case "RSA", "EC", "OKP":
	case "oct":
		return redact.Msg("it is a shared secret, published in a key set: it proves nothing, and has to be replaced")
	default:
		return redact.Msg("its type {} is not one that the bot can verify with", redact.Public(k.Type))
	}
	if k.Alg != "" {
		if _, err := jwa.KeyAlgorithmFrom(k.Alg); err != nil {
			return redact.Msg("its alg {} is not a registered one", redact.Public(k.Alg))
		}
	}
	if e.x5c != nil && !readableChain(e.x5c) {
		return redact.Msg("its certificate chain (x5c) cannot be read")
	}
	return redact.Message{}
}

// readableChain reports whether x5c is what RFC 7517 §4.7 says: libraries that read it lose the key
// where it is not.
func readableChain(v jsontext.Value) bool {
	chain, ok := texts(v)
	if !ok || len(chain) == 0 {
		return false
	}
	for _, c := range chain {
		der, err := base64.StdEncoding.DecodeString(c)
		if err != nil {
			return false
		}
		if _, err := x509.ParseCertificate(der); err != nil {
			return false
		}
	}
	return true
}

// texts is an array of strings; nothing where there is no value.
func texts(v jsontext.Value) (list []string, ok bool) {
	if v == nil {
		return nil, true
	}
	r := newReader(v)
	if !r.enter('[') {
		return nil, false
	}
	for r.more(']') {
		s, ok := text(r.value())
		if !ok {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}
