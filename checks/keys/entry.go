package keys

import (
	"crypto/x509"
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// entry is one element of a key set, its members as they stand: nil where absent or null, since
// some serializers write null for what they do not have.
type entry struct {
	object                       bool
	null                         bool
	kty, kid, use, ops, alg, crv jsontext.Value
	n, e, x, y, x5c, x5t, x5t256 jsontext.Value
	private                      bool // a member that is never public is there; its value is not kept
	twice                        bool // a member stands twice
	nulls                        bool // a member is null that some libraries then fail on
	certified                    any  // the public key in its certificate, if it has one
}

func readEntry(r *reader) (e entry) {
	if !r.enter('{') {
		e.null = r.value().Kind() == 'n'
		return e
	}
	e.object = true
	for r.more('}') {
		name := r.name()
		value := r.value()
		if value.Kind() == 'n' {
			value = nil
			e.nulls = e.nulls || string(name) == "alg" || string(name) == "d" || string(name) == "x5c"
		}
		if member := e.member(name); member != nil {
			e.twice = e.twice || *member != nil
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
	case "x5t":
		return &e.x5t
	case "x5t#S256":
		return &e.x5t256
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
	d := e.describe(&k)
	if k.Type == "oct" {
		k.Private = true
	}
	if d.none() {
		d = e.contradiction(&k)
	}
	if d.none() {
		k.Public, d = e.public(&k)
	}
	if k.Public == nil {
		k.Unusable, k.Weak, k.Bits, k.Loses = d.says, d.weak, d.bits, d.loses
		return k
	}
	if d.none() {
		d = e.blemish(&k)
	}
	k.Flaw, k.Loses = d.says, d.loses
	if k.Alg != "" && !registered(k.Alg) {
		k.Unusable = unregistered(&k) // for any algorithm there is; what it signed can be told all the same
	}
	return k
}

// describe copies the members that describe the key, and says which has a wrong type.
func (e *entry) describe(k *checks.Key) (d defect) {
	if !e.object {
		d = broken(redact.Msg("its entry in the key set is not a JSON object"))
		if e.null {
			d.loses = jwxAndJose | checks.GoOIDC
		}
		return d
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
		if !ok && d.none() {
			d = broken(m.says)
		}
		*m.to = s
	}
	ops, ok := texts(e.ops)
	k.Ops = ops
	if !ok && d.none() {
		d = costly(redact.Msg("its key_ops are not an array of strings"), checks.JWX|checks.JWKSet)
	}
	return d
}

// contradiction says what else than its numbers makes the entry no key to verify with.
func (e *entry) contradiction(k *checks.Key) defect {
	switch k.Type {
	case "":
		return costly(redact.Msg("it has no type (kty)"), jwxAndJose|checks.GoOIDC)
	case "RSA", "EC", "OKP":
	case "oct":
		return harmless(redact.Msg("it is a shared secret, published in a key set: it proves nothing, and has to be replaced"))
	default:
		return costly(redact.Msg("its type {} is not one that the bot can verify with", redact.Public(k.Type)), jwxAndJose)
	}
	if e.x5c != nil && !e.readCertificate(k) {
		return broken(redact.Msg("its certificate chain (x5c) cannot be read"))
	}
	return defect{}
}

// readCertificate notes when the key's certificate is valid, and reports whether x5c is what RFC 7517
// §4.7 says: libraries that read it lose the key where it is not.
func (e *entry) readCertificate(k *checks.Key) bool {
	chain, ok := texts(e.x5c)
	if !ok {
		return false
	}
	for i, c := range chain {
		der, err := base64.StdEncoding.DecodeString(c)
		if err != nil {
			return false
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return false
		}
		if i == 0 {
			e.certified = certificate.PublicKey
			k.From, k.To = certificate.NotBefore, certificate.NotAfter
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
