package keys

import (
	"bytes"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

const maxKeys = 1000

// Parse reads a JWK Set (RFC 7517 §5). It keeps every entry: one that cannot be used says why, and
// does not cost the others. Its errors quote nothing of the document.
func Parse(b []byte) (*checks.KeySet, error) {
	set, f := parse(b)
	if f != nil {
		return nil, f
	}
	return set, nil
}

func parse(b []byte) (*checks.KeySet, *fault) {
	r := newReader(b)
	if !r.enter('{') {
		return nil, r.fault()
	}
	var found bool
	var keys []checks.Key
	var other shape
	for r.more('}') {
		name := r.name()
		if string(name) != "keys" {
			other.note(name, r.value())
			continue
		}
		var f *fault
		if keys, f = parseKeys(r); f != nil {
			return nil, f
		}
		found = true
	}
	if !r.leave() || !r.end() {
		return nil, r.fault()
	}
	if !found {
		return nil, other.fault()
	}
	return checks.NewKeySet(keys), nil
}

func parseKeys(r *reader) ([]checks.Key, *fault) {
	if !r.enter('[') {
		if r.value() == nil {
			return nil, r.fault()
		}
		return nil, refuse("keys-not-array", redact.Msg("the document's keys member is not an array"))
	}
	keys := make([]checks.Key, 0, 16)
	for r.more(']') {
		if len(keys) == maxKeys {
			return nil, refuse("too-many-keys", redact.Msg("the key set holds more than {} keys", redact.Count(maxKeys)))
		}
		e := readEntry(r)
		keys = append(keys, e.key())
	}
	if !r.leave() {
		return nil, r.fault()
	}
	return keys, nil
}

// shape is what an object without keys looks like instead: people configure the wrong URL.
type shape struct{ jwk, metadata, certificates bool }

func (s *shape) note(name, value []byte) {
	switch string(name) {
	case "kty":
		s.jwk = true
	case "jwks_uri":
		s.metadata = true
	}
	if bytes.HasPrefix(value, []byte(`"-----BEGIN CERTIFICATE`)) {
		s.certificates = true
	}
}

func (s *shape) fault() *fault {
	switch {
	case s.jwk:
		return refuse(kindBareKey, redact.Msg("the document is a single key (a JWK), not a key set with a keys array"))
	case s.metadata:
		return refuse(kindMetadataAsKeys, redact.Msg("the document is the issuer's metadata, not a key set: its jwks_uri names that"))
	case s.certificates:
		return refuse(kindCertificates, redact.Msg("the document is a map of X.509 certificates, not a JWK Set"))
	}
	return refuse(kindNoKeys, redact.Msg("the document has no keys array, so it is not a JWK Set"))
}
