// Package mint makes tokens from recipes that a person can read, for tests and
// the demo. Its keys are made at run time and live in memory only, so that no
// file holds a token and no real key ever signs one.
//
//	{"alg":"RS256","kid":"prod-1","iss":"https://issuer.example","exp":"now+1h"}
//	{"exp":"now-1h","$mangle":"flip signature","$paste":"Bearer {}"}
//	   │
//	merge     left to right: a later member replaces, a later null deletes
//	   │
//	route     header members and claims, in the order in which they were written
//	   │
//	sign      with the ring's key named by $key or kid, made when it is missing
//	   │
//	mangle    what happens to tokens on their way
//	   │
//	paste     what a person would copy along with it
//
// # Members
//
// alg, typ, kid, cty, crit, b64, jku, jwk, x5u, x5c, x5t, x5t#S256, zip, enc, epk,
// apu, apv, p2c, p2s go to the header, nonce-in-header goes there as nonce. Every
// other member is a claim. Values keep their spelling: 1e300 stays 1e300.
//
// exp, nbf, iat, auth_time and updated_at may be said relative to now: "now",
// "now-1h30m", "now+30d" are whole seconds; "now ms" milliseconds, "now str" the
// seconds as a string, "now float" the seconds and a half.
//
// # Orders
//
//	$header, $claims        objects: their members go there whatever their name, and null stays null
//	$key                    the signing key, where it is not the one that kid names
//	$alg                    signs with it, whatever the header says (alg none then carries a signature)
//	$sign                   false leaves the signature empty, as alg none does
//	$raw_header, $raw_payload, $raw_header_hex, $raw_payload_hex
//	                        the exact bytes of that part: duplicate members, bad JSON, invalid UTF-8
//	$jwe                    true gives five parts of the right sizes; nobody can decrypt them
//	$mangle                 one of the following or a list of them, done in order
//	$paste                  a text in which {} stands for the token
//
//	truncate N, keep N      without the last N characters; the first N only
//	flip signature, flip payload
//	                        one bit is another; the payload stays JSON where it can
//	drop signature, two parts, four parts
//	                        "a.b.", "a.b", "a.b.c.c"
//	zero signature          as long as it was, of zero bytes
//	pad, std                base64 with = at the end; with + and / (spaces after the payload's
//	                        closing brace make the signature hold one, where nothing else does)
//	der                     an ECDSA signature as ASN.1, RFC 3279 §2.2.3
//	noncanonical            the last character's unused bits are set, RFC 4648 §3.5
//	newline N, space N      after every N characters
//	upper                   in capitals
package mint

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"sync"
)

// Keys is a ring of private keys made at run time, by name. It is safe for
// concurrent use; the zero value is not usable.
type Keys struct {
	mu   sync.Mutex
	ring map[string]*key
}

// key is one key of the ring; private makes it when it is first asked for, so
// that a slow RSA key holds up nobody who wants another.
type key struct {
	alg     string
	kind    kind
	size    int
	private func() any
}

// NewKeys returns an empty ring.
func NewKeys() *Keys { return &Keys{ring: map[string]*key{}} }

// Key makes sure that the ring holds a key of that name for that alg: "RS256",
// "PS256/3072" (bits), "ES256", "EdDSA", "HS256/8" (bytes). A name stays with the
// alg that it was made for.
func (k *Keys) Key(name, alg string) error {
	base, size, sized := strings.Cut(alg, "/")
	a, ok := algorithmOf(base)
	if !ok {
		return fmt.Errorf("mint: key %s: alg: no such signature algorithm", name)
	}
	want := a.size
	if sized {
		n, err := strconv.Atoi(size)
		switch {
		case err != nil:
			return fmt.Errorf("mint: key %s: size: not a number", name)
		case a.kind == kindRSA && n >= 1024 && n <= 8192, a.kind == kindSecret && n >= 1 && n <= 1024:
			want = n
		default:
			return fmt.Errorf("mint: key %s: size: RSA takes 1024 to 8192 bits, HS 1 to 1024 bytes, others none", name)
		}
	}
	got := k.ensure(name, base, a.kind, want)
	if got.alg != base || sized && got.size != want {
		return fmt.Errorf("mint: key %s: the ring has it already, for another alg or size", name)
	}
	got.private()
	return nil
}

// ensure returns the key of that name, whatever it was made for, or a new one.
func (k *Keys) ensure(name, alg string, kind kind, size int) *key {
	k.mu.Lock()
	defer k.mu.Unlock()
	if got, ok := k.ring[name]; ok {
		return got
	}
	made := &key{alg: alg, kind: kind, size: size, private: sync.OnceValue(func() any { return generate(kind, size) })}
	k.ring[name] = made
	return made
}

// find returns the key of that name, or nil.
func (k *Keys) find(name string) *key {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ring[name]
}

// must is find for callers who have no use for a key that is not there.
func (k *Keys) must(name string) *key {
	got := k.find(name)
	if got == nil {
		panic(fmt.Sprintf("mint: the ring has no key %q; make it first, with Key or Mint", name))
	}
	return got
}

// JWKS returns the public JWK Set of these keys in this order (RFC 7517 §5), HS
// keys left out. It panics on a name that the ring does not have.
func (k *Keys) JWKS(names ...string) []byte {
	set := []map[string]any{}
	for _, name := range names {
		if jwk := k.JWK(name); jwk != nil {
			set = append(set, jwk)
		}
	}
	out, err := json.Marshal(map[string]any{"keys": set})
	if err != nil {
		panic(err) // strings only: cannot happen
	}
	return out
}

// JWK returns the public JWK of one key, the caller's to alter; nil for an HS key,
// which has no public form. It panics on a name that the ring does not have.
func (k *Keys) JWK(name string) map[string]any {
	got := k.must(name)
	jwk := map[string]any{"kid": name, "use": "sig", "alg": got.alg}
	switch public := got.public().(type) {
	case *rsa.PublicKey:
		jwk["kty"] = "RSA"
		jwk["n"] = encode(public.N.Bytes())
		jwk["e"] = encode(big.NewInt(int64(public.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := public.Bytes() // 4, then both coordinates in full width
		if err != nil {
			panic(err) // a key of our own on a NIST curve: cannot happen
		}
		half := len(point) / 2
		jwk["kty"], jwk["crv"] = "EC", string(got.kind)
		jwk["x"], jwk["y"] = encode(point[1:1+half]), encode(point[1+half:])
	case ed25519.PublicKey:
		jwk["kty"], jwk["crv"] = "OKP", "Ed25519"
		jwk["x"] = encode(public)
	default:
		return nil
	}
	return jwk
}

// Public returns what verifies: *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey,
// or the secret as []byte. It panics on a name that the ring does not have.
func (k *Keys) Public(name string) any { return k.must(name).public() }

func (k *key) public() any {
	switch private := k.private().(type) {
	case crypto.Signer:
		return private.Public()
	case []byte:
		return append([]byte(nil), private...)
	default:
		panic("mint: a key of no known kind")
	}
}

// sign returns the signature of a JWS signing input (RFC 7515 §5.1), not encoded.
func (k *key) sign(input string, a algorithm) ([]byte, error) {
	if k.kind != a.kind {
		return nil, errors.New("made for another kind of alg; name another with $key, or sign with $alg")
	}
	signature, err := a.method.Sign(input, k.private())
	if err != nil {
		return nil, errors.New("cannot sign with this alg; it may be too small")
	}
	return signature, nil
}

// generate makes a private key; size is bits for RSA and bytes for a secret.
func generate(kind kind, size int) any {
	var private any
	var err error
	switch kind {
	case kindRSA:
		private, err = rsa.GenerateKey(rand.Reader, size)
	case kindP256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case kindP384:
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case kindP521:
		private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case kindEd25519:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case kindSecret:
		private = random(size)
	}
	if err != nil {
		panic(err) // sizes were checked and crypto/rand does not fail
	}
	return private
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
