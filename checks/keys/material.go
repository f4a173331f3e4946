package keys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"math"
	"math/big"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/lestrrat-go/jwx/v3/jwk"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// Sizes of RSA keys. What is larger costs a hostile amount to verify with, and is refused by the
// length of its text.
const (
	minModulusBits  = 2048 // RFC 7518 §3.3
	maxModulusBits  = 8192
	maxModulusText  = maxModulusBits/6 + 16 // base64, with some room for leading zeros and padding
	maxExponentText = 12                    // 9 bytes, which no library takes
	maxPointText    = 128                   // a coordinate of P-521 takes 88
)

// public builds the key that verifies, or says why there is none. Spelled as RFC 7518 §6 demands, as
// nearly all are, it is built with the standard library, in a tenth of the time that jwx takes. Where
// only the spelling is at fault (base64 with padding or of the other alphabet), jwx is asked, as a
// library that verifiers in the field use: what it reads can be used.
func (e *entry) public(k *checks.Key) (any, defect) {
	public, d := e.strict(k)
	if d.spelling {
		if lenient := e.lenient(k.Type); lenient != nil {
			public, d = lenient, e.misspelt()
		}
	}
	if pub, ok := public.(*rsa.PublicKey); ok {
		if bad := weak(pub); !bad.none() {
			return nil, bad
		}
	}
	return public, d
}

// strict builds the key as RFC 7518 §6 and RFC 8037 §2 have it.
func (e *entry) strict(k *checks.Key) (public any, d defect) {
	switch {
	case k.Type == "RSA":
		return e.rsa()
	case k.Type == "EC":
		return e.ec(k)
	case k.Curve == "Ed25519":
		return e.ed25519()
	case k.Curve == "X25519", k.Curve == "X448":
		return nil, costly(redact.Msg("its curve {} is for encryption, not for signatures", redact.Public(k.Curve)), checks.GoJose)
	case k.Curve == "":
		return nil, costly(unknownCurve(""), jwxAndJose|checks.JWKSet)
	case k.Curve == "Ed448":
		return nil, costly(unknownCurve(k.Curve), checks.GoJose)
	}
	return nil, costly(unknownCurve(k.Curve), jwxAndJose)
}

func unknownCurve(crv string) redact.Message {
	if crv == "" {
		return redact.Msg("it has no curve (crv)")
	}
	return redact.Msg("its curve {} is not one that the bot can verify with", redact.Public(crv))
}

func (e *entry) rsa() (any, defect) {
	n, exp := number(e.n), number(e.e)
	switch {
	case n.absent:
		return nil, broken(redact.Msg("its modulus (n) is missing or not a string"))
	case exp.absent:
		return nil, broken(redact.Msg("its exponent (e) is missing or not a string"))
	case len(n.text) > maxModulusText:
		return nil, modulusSize(len(n.text) * 6 / 8 * 8)
	case len(exp.text) > maxExponentText:
		return nil, broken(hugeExponent().says)
	}
	modulus, ok := n.bytes()
	if !ok {
		return nil, misread(redact.Msg("its modulus (n) is not base64url"))
	}
	exponent, ok := exp.bytes()
	if !ok {
		return nil, misread(redact.Msg("its exponent (e) is not base64url"))
	}
	for len(exponent) > 0 && exponent[0] == 0 {
		exponent = exponent[1:]
	}
	var value uint64
	for i, b := range exponent {
		if i == 4 {
			return nil, hugeExponent()
		}
		value = value<<8 | uint64(b)
	}
	if value > math.MaxInt32 {
		return nil, hugeExponent()
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(value)}, defect{}
}

// weak says why an RSA key must not be used (RFC 7518 §3.3, RFC 8017 §3.1).
func weak(pub *rsa.PublicKey) defect {
	switch n := pub.N.BitLen(); {
	case n < minModulusBits || n > maxModulusBits:
		return modulusSize(n)
	case pub.N.Bit(0) == 0:
		return defect{says: redact.Msg("its RSA modulus is an even number, so it is none"), weak: true}
	case int64(pub.E) > math.MaxInt32:
		return hugeExponent()
	case pub.E < 3:
		return defect{says: exponent(pub.E), loses: everyLibrary, weak: true}
	case pub.E%2 == 0:
		return defect{says: exponent(pub.E), loses: checks.JWX, weak: true}
	case roca(pub.N):
		return defect{says: redact.Msg("its RSA modulus is of a kind whose private key can be computed (ROCA, CVE-2017-15361)"), weak: true}
	}
	return defect{}
}

func exponent(e int) redact.Message {
	return redact.Msg("its RSA exponent is {}, where an odd number from 3 is needed", redact.Count(e))
}

func modulusSize(bits int) defect {
	d := defect{says: redact.Msg("its RSA modulus has {} bits, where 2,048 to 8,192 are allowed", redact.Count(bits))}
	if d.weak = bits < minModulusBits; d.weak {
		d.loses, d.bits = checks.JWX, bits
	} else {
		d.loses = checks.GoJose | checks.GoOIDC
	}
	return d
}

func hugeExponent() defect {
	return costly(redact.Msg("its RSA exponent has more than 31 bits, which few libraries take"), checks.JWKSet)
}

func (e *entry) ec(k *checks.Key) (any, defect) {
	var curve elliptic.Curve
	var size int
	switch k.Curve {
	case "P-256":
		curve, size = elliptic.P256(), 32
	case "P-384":
		curve, size = elliptic.P384(), 48
	case "P-521":
		curve, size = elliptic.P521(), 66
	case "":
		return nil, broken(unknownCurve(""))
	default:
		d := costly(unknownCurve(k.Curve), jwxAndJose)
		if k.Alg == "" || checks.KnownAlgorithm(k.Alg) { // go-oidc skips what names another algorithm
			d.loses |= checks.GoOIDC
		}
		return nil, d
	}
	x, y := number(e.x), number(e.y)
	switch {
	case x.absent || y.absent:
		return nil, broken(redact.Msg("a coordinate (x, y) is missing or not a string"))
	case len(x.text) > maxPointText || len(y.text) > maxPointText:
		return nil, broken(redact.Msg("a coordinate (x, y) is too long for its curve {}", redact.Public(k.Curve)))
	}
	point := make([]byte, 1, 1+2*maxPointText)
	point[0] = 4 // uncompressed, SEC 1 §2.3.3
	point, okX := x.append(point)
	half := len(point) - 1
	point, okY := y.append(point)
	if !okX || !okY {
		return nil, misread(redact.Msg("a coordinate (x, y) is not base64url"))
	}
	if half != size || len(point) != 1+2*size {
		return nil, costly(redact.Msg("a coordinate (x, y) has the wrong length for its curve {}", redact.Public(k.Curve)), jwxAndJose|checks.GoOIDC)
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, broken(redact.Msg("its point (x, y) is not on its curve {}", redact.Public(k.Curve)))
	}
	return pub, defect{}
}

func (e *entry) ed25519() (any, defect) {
	x := number(e.x)
	switch {
	case x.absent:
		return nil, broken(redact.Msg("its public key (x) is missing or not a string"))
	case len(x.text) > maxPointText:
		return nil, broken(redact.Msg("its public key (x) has the wrong length for Ed25519"))
	}
	b, ok := x.bytes()
	if !ok {
		return nil, misread(redact.Msg("its public key (x) is not base64url"))
	}
	if len(b) != ed25519.PublicKeySize {
		return nil, broken(redact.Msg("its public key (x) has the wrong length for Ed25519"))
	}
	return ed25519.PublicKey(b), defect{}
}

// lenient asks jwx. It is given the public numbers only, so that private ones are never parsed.
func (e *entry) lenient(kty string) any {
	b := append([]byte(`{"kty":`), e.kty...)
	add := func(name string, value jsontext.Value) {
		if value != nil {
			b = append(append(b, name...), value...)
		}
	}
	if kty == "RSA" {
		add(`,"n":`, e.n)
		add(`,"e":`, e.e)
	} else {
		add(`,"crv":`, e.crv)
		add(`,"x":`, e.x)
		add(`,"y":`, e.y)
	}
	key, err := jwk.ParseKey(append(b, '}'))
	if err != nil {
		return nil
	}
	var public any
	if jwk.Export(key, &public) != nil {
		return nil
	}
	switch public.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		return public
	}
	return nil
}

// digits is a number's text: base64url without padding (RFC 7518 §2).
type digits struct {
	text   []byte
	absent bool
}

func number(v jsontext.Value) digits {
	if v.Kind() != '"' {
		return digits{absent: true}
	}
	text := unquoted(v)
	return digits{text, len(text) == 0}
}

func (d digits) bytes() ([]byte, bool) {
	b := make([]byte, base64.RawURLEncoding.DecodedLen(len(d.text)))
	n, err := base64.RawURLEncoding.Decode(b, d.text)
	return b[:n], err == nil
}

func (d digits) append(to []byte) ([]byte, bool) {
	b, err := base64.RawURLEncoding.AppendDecode(to, d.text)
	return b, err == nil
}
