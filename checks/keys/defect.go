package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/lestrrat-go/jwx/v3/jwa"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// defect is what is wrong with an entry, and which libraries lose every key of the set to it: a good
// key beside one such entry, read with jwx v3.3.0 as it is set by default, jwkset v0.11.4 (over HTTP,
// as keyfunc v3.9.1 does), go-jose v4.1.8 and go-oidc v3.21.0.
//
//	                                        jwx    jwkset  go-jose  go-oidc
//	unknown type; unknown curve with alg    lost   –       lost     –
//	no type; unknown curve without alg      lost   –       lost     lost
//	Ed448, X25519, X448                     –      –       lost     –
//	wrong JSON type, missing or unreadable
//	number, point off its curve, bad x5c    lost   lost    lost     lost
//	coordinate without its leading zeros    lost   –       lost     lost
//	numbers padded with =                   –      –       lost     lost
//	numbers in standard base64              –      lost    lost     lost
//	x5c of another key                      –      lost    lost     lost
//	x5t no thumbprint, a member twice       –      –       lost     lost
//	alg not registered; alg, d or x5c null  lost   –       –        –
//	use or key_ops not registered           –      lost    –        –
//	RSA below 2,048 bits, even exponent     lost   –       –        –
//	RSA exponent over 31 bits               –      lost    –        –
//	RSA over 8,192 bits                     –      –       lost     lost
type defect struct {
	says     redact.Message
	loses    checks.Libraries
	weak     bool // the private key can be computed
	bits     int  // of an RSA modulus that is too short
	spelling bool // nothing is wrong but how its numbers are written
}

const (
	jwxAndJose   = checks.JWX | checks.GoJose
	everyLibrary = checks.JWX | checks.JWKSet | checks.GoJose | checks.GoOIDC
)

func (d defect) none() bool { return d.says.IsZero() }

// harmless is a defect that costs no other key.
func harmless(says redact.Message) defect { return defect{says: says} }

// costly is one that costs these libraries all of them.
func costly(says redact.Message, loses checks.Libraries) defect {
	return defect{says: says, loses: loses}
}

// broken is one that every library fails on.
func broken(says redact.Message) defect { return costly(says, everyLibrary) }

// misread is broken, unless a lenient library can read the number all the same.
func misread(says redact.Message) defect {
	d := broken(says)
	d.spelling = true
	return d
}

// misspelt is what there is to say of numbers that only a lenient library reads.
func (e *entry) misspelt() defect {
	for _, v := range []jsontext.Value{e.n, e.e, e.x, e.y} {
		if bytes.ContainsAny(unquoted(v), "+/") {
			return costly(redact.Msg("its numbers are in standard base64, not base64url"), checks.JWKSet|checks.GoJose|checks.GoOIDC)
		}
	}
	return costly(redact.Msg("its numbers are padded with =, which base64url in a JWK is not"), checks.GoJose|checks.GoOIDC)
}

// blemish is what is wrong with an entry that can be used all the same.
func (e *entry) blemish(k *checks.Key) defect {
	switch {
	case e.certified != nil && !sameKey(e.certified, k.Public):
		return costly(redact.Msg("its certificate (x5c) holds another key"), checks.JWKSet|checks.GoJose|checks.GoOIDC)
	case !thumbprint(e.x5t, 20), !thumbprint(e.x5t256, 32):
		return costly(redact.Msg("its certificate's thumbprint (x5t) is not one"), checks.GoJose|checks.GoOIDC)
	case e.twice:
		return costly(redact.Msg("a member stands twice in it"), checks.GoJose|checks.GoOIDC)
	case e.nulls:
		return costly(redact.Msg("a member of it is null, where it should be left out"), checks.JWX)
	case e.alg != nil && k.Alg == "":
		return costly(redact.Msg("its alg is empty, where it should be left out"), checks.JWX)
	case e.alg != nil && !registered(k.Alg):
		return costly(unregistered(k), checks.JWX)
	case k.Use != "" && k.Use != "sig" && k.Use != "enc":
		return costly(redact.Msg("its use {} is not a registered one", redact.Public(k.Use)), checks.JWKSet)
	case slices.ContainsFunc(k.Ops, func(op string) bool { return !slices.Contains(operations, op) }):
		return costly(redact.Msg("its key_ops name an operation that is not registered"), checks.JWKSet)
	}
	return defect{}
}

// operations are the registered values of key_ops (RFC 7517 §4.3).
var operations = []string{"sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"}

func unregistered(k *checks.Key) redact.Message {
	return redact.Msg("its alg {} is not a registered one", redact.Public(k.Alg))
}

func registered(alg string) bool {
	_, err := jwa.KeyAlgorithmFrom(alg)
	return err == nil
}

// thumbprint reports whether v is base64url of that many bytes, or not there (RFC 7517 §4.8, §4.9).
func thumbprint(v jsontext.Value, size int) bool {
	if v == nil {
		return true
	}
	s, ok := text(v)
	b, err := base64.RawURLEncoding.DecodeString(s)
	return ok && err == nil && (len(b) == size || len(b) == 2*size) // some write it in hexadecimal first
}

func sameKey(certified, public any) bool {
	switch public := public.(type) {
	case *rsa.PublicKey:
		return public.Equal(certified)
	case *ecdsa.PublicKey:
		return public.Equal(certified)
	case ed25519.PublicKey:
		return public.Equal(certified)
	}
	return false
}
