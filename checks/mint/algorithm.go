package mint

import "github.com/golang-jwt/jwt/v5"

// kind is what a key must be for an alg; for elliptic curves the JWK's crv.
type kind string

const (
	kindRSA     kind = "RSA"
	kindP256    kind = "P-256"
	kindP384    kind = "P-384"
	kindP521    kind = "P-521"
	kindEd25519 kind = "Ed25519"
	kindSecret  kind = "oct"
)

// algorithm is how an alg signs, with which kind of key, and how large a key is
// made for it: bits for RSA, bytes for a secret (RFC 7518 §3.2 and §3.3).
type algorithm struct {
	method jwt.SigningMethod
	kind   kind
	size   int
}

// algorithmOf knows the algs of RFC 7518 §3.1, EdDSA (RFC 8037) and its newer
// name Ed25519 (RFC 9864).
func algorithmOf(alg string) (algorithm, bool) {
	switch alg {
	case "RS256":
		return algorithm{jwt.SigningMethodRS256, kindRSA, 2048}, true
	case "RS384":
		return algorithm{jwt.SigningMethodRS384, kindRSA, 2048}, true
	case "RS512":
		return algorithm{jwt.SigningMethodRS512, kindRSA, 2048}, true
	case "PS256":
		return algorithm{jwt.SigningMethodPS256, kindRSA, 2048}, true
	case "PS384":
		return algorithm{jwt.SigningMethodPS384, kindRSA, 2048}, true
	case "PS512":
		return algorithm{jwt.SigningMethodPS512, kindRSA, 2048}, true
	case "ES256":
		return algorithm{jwt.SigningMethodES256, kindP256, 0}, true
	case "ES384":
		return algorithm{jwt.SigningMethodES384, kindP384, 0}, true
	case "ES512":
		return algorithm{jwt.SigningMethodES512, kindP521, 0}, true
	case "EdDSA", "Ed25519":
		return algorithm{jwt.SigningMethodEdDSA, kindEd25519, 0}, true
	case "HS256":
		return algorithm{jwt.SigningMethodHS256, kindSecret, 32}, true
	case "HS384":
		return algorithm{jwt.SigningMethodHS384, kindSecret, 48}, true
	case "HS512":
		return algorithm{jwt.SigningMethodHS512, kindSecret, 64}, true
	default:
		return algorithm{}, false
	}
}
