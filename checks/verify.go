package checks

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"jwt-check-bot/redact"
)

// keyChoice is which key a profile would verify the token with, and whether it does.
type keyChoice struct {
	why      redact.Message // why there is nothing to choose from; zero where there is
	mend     redact.Message // what of the bot's configuration mends that, where that is known
	missing  bool           // why is "could not be had", rather than "does not apply"
	unknown  bool           // no key of the set is the one that the token names
	key      *Key           // the key that was named, or that verified
	unusable redact.Message // why that key cannot be used for this token
	verified bool
	tried    int      // how many keys' signatures were computed
	clue     *clue    // what was found out about a signature that does not verify; nil until asked
	compared bool     // the other profiles' keys were tried
	signer   *Profile // the one of them whose key signed the token
}

// choice is the chosen profile's, worked out once.
func (p *Pass) choice() *keyChoice {
	if !p.chose {
		p.keys, p.chose = p.choose(p.Profile, p.evidence()), true
	}
	return &p.keys
}

// choose looks for the token's key among a profile's own: its HMAC secret or its issuer's key set.
// It never looks at a key that the token brings along (RFC 8725 §3.10).
func (p *Pass) choose(profile *Profile, e KeyEvidence) keyChoice {
	switch {
	case p.form != formJWS || p.unsigned():
		return keyChoice{why: redact.Msg("there is no signature to verify")}
	case !profile.accepts(p.alg):
		return keyChoice{why: redact.Msg("no key is looked up for an algorithm that is not accepted")}
	}
	if _, short := p.lengthByAlg(); short {
		return keyChoice{why: redact.Msg("the signature is cut short")}
	}
	if strings.HasPrefix(p.alg, "HS") {
		return p.trySecret(profile)
	}
	if e.Set == nil {
		why := e.Problem
		if why.IsZero() {
			why = redact.Msg("no key set was fetched for {}", profile.label())
		}
		return keyChoice{why: why, mend: e.Mend, missing: true}
	}
	return p.tryKeys(e)
}

// hmacSecret stands for a profile's secret, whose content nobody but trySecret needs.
var hmacSecret = Key{Type: "oct"}

func (p *Pass) trySecret(profile *Profile) keyChoice {
	if !profile.symmetric() {
		return keyChoice{why: redact.Msg("{} has no HMAC secret configured", profile.label()), missing: true}
	}
	// A secret that is too short is said by secretWeak: the API has it all the same.
	return keyChoice{key: &hmacSecret, tried: 1, verified: p.verify([]byte(profile.Secret.Expose()))}
}

// keyID is the token's `kid`. An empty one, which some issuers write, names nothing.
func (p *Pass) keyID() string {
	kid, _ := p.head.str("kid")
	return kid
}

func (p *Pass) tryKeys(e KeyEvidence) keyChoice {
	var c keyChoice
	if kid := p.keyID(); kid != "" {
		c = p.tryNamed(e.Set, kid)
	} else {
		c = p.tryAll(e.Set)
	}
	if c.unknown && !e.Fresh && !e.Problem.IsZero() {
		// The key may be in a set that could not be fetched.
		return keyChoice{why: e.Problem, mend: e.Mend, missing: true}
	}
	return c
}

// tryNamed tries the keys of that ID: there may be several, though they should differ (RFC 7517 §4.5).
func (p *Pass) tryNamed(set *KeySet, kid string) (c keyChoice) {
	for _, i := range set.byID[kid] {
		key := &set.Keys[i]
		if unfit := p.unfit(key); !unfit.IsZero() {
			if c.key == nil {
				c.key, c.unusable = key, unfit
			}
			continue
		}
		if c.tried++; c.tried > maxTried {
			break
		}
		if p.verify(key.Public) {
			return keyChoice{key: key, verified: true, tried: c.tried}
		}
		c.key, c.unusable = key, redact.Message{}
	}
	c.unknown = c.key == nil
	return c
}

// maxTried bounds how many keys one token is tried with: of 100, even the slowest take half a second.
const maxTried = 100

// tryAll tries every key that fits a token which names none.
func (p *Pass) tryAll(set *KeySet) (c keyChoice) {
	for i := range set.Keys {
		key := &set.Keys[i]
		if !p.suits(key) {
			continue
		}
		if c.tried == maxTried {
			return keyChoice{why: redact.Msg("the token names no key, and more than {} keys of the set fit it", redact.Count(maxTried)), missing: true, tried: c.tried}
		}
		c.tried++
		if p.verify(key.Public) {
			return keyChoice{key: key, verified: true, tried: c.tried}
		}
	}
	c.unknown = true
	return c
}

// suits is unfit for a key that nobody named: most are of another type, which is told at once.
func (p *Pass) suits(k *Key) bool {
	return k.Type == keyType(p.alg) && p.unfit(k).IsZero()
}

// keyType is the `kty` of the keys that go with an algorithm.
func keyType(alg string) string {
	switch {
	case strings.HasPrefix(alg, "RS"), strings.HasPrefix(alg, "PS"):
		return "RSA"
	case strings.HasPrefix(alg, "ES"):
		return "EC"
	case isEd25519(alg):
		return "OKP"
	}
	return "oct"
}

// unfit says why a key cannot be used to verify the token: what the issuer published of it
// contradicts the token's algorithm (RFC 7517 §4.2 to §4.4, RFC 7518 §3).
func (p *Pass) unfit(k *Key) redact.Message {
	switch {
	case !k.Unusable.IsZero():
		return k.Unusable
	case k.Use != "" && k.Use != "sig":
		return redact.Msg("its use is {}, not sig", redact.Public(k.Use))
	case len(k.Ops) > 0 && !slices.Contains(k.Ops, "verify"):
		return redact.Msg("its key_ops do not allow verify")
	case k.Alg != "" && k.Alg != p.alg && !(isEd25519(k.Alg) && isEd25519(p.alg)):
		return redact.Msg("it is published for {}, not for {}", redact.Public(k.Alg), redact.Show(p.value(redact.HeaderParameter, "alg")))
	}
	switch pub := k.Public.(type) {
	case *rsa.PublicKey:
		if !strings.HasPrefix(p.alg, "RS") && !strings.HasPrefix(p.alg, "PS") {
			return wrongKeyType(k)
		}
		if n := pub.N.BitLen(); n < 2048 || n > maxRSABits {
			return redact.Msg("its RSA modulus has {} bits, where 2,048 to 8,192 are allowed", redact.Count(n))
		}
		if pub.E < 3 || pub.E%2 == 0 {
			return redact.Msg("its RSA exponent is weak")
		}
	case *ecdsa.PublicKey:
		if want := curveFor(p.alg); want != k.Curve {
			if want == "" {
				return wrongKeyType(k)
			}
			return redact.Msg("it lies on curve {}, and the algorithm demands {}", redact.Public(k.Curve), redact.Operator(want))
		}
	case ed25519.PublicKey:
		if !isEd25519(p.alg) {
			return wrongKeyType(k)
		}
	default:
		return redact.Msg("its type {} is not one that signs with this algorithm", redact.Public(k.Type))
	}
	return redact.Message{}
}

// maxRSABits bounds what a hostile key can cost: 16,384 bits take 22 ms.
const maxRSABits = 8192

func wrongKeyType(k *Key) redact.Message {
	return redact.Msg("its type {} does not go with the token's algorithm", redact.Public(k.Type))
}

func curveFor(alg string) string {
	switch alg {
	case "ES256":
		return "P-256"
	case "ES384":
		return "P-384"
	case "ES512":
		return "P-521"
	}
	return ""
}

// verify does the signature's mathematics.
func (p *Pass) verify(key any) bool { return p.verifyAs(p.alg, p.signature, key) }

// verifyAs does it with another algorithm or another form of the signature.
func (p *Pass) verifyAs(alg string, signature []byte, key any) bool {
	method := signingMethod(alg)
	return method != nil && method.Verify(p.input, signature, key) == nil
}

// signingMethod is golang-jwt's, without the lock of its registry; nil where there is none.
func signingMethod(alg string) jwt.SigningMethod {
	switch alg {
	case "RS256":
		return jwt.SigningMethodRS256
	case "RS384":
		return jwt.SigningMethodRS384
	case "RS512":
		return jwt.SigningMethodRS512
	case "PS256":
		return strictPS256
	case "PS384":
		return strictPS384
	case "PS512":
		return strictPS512
	case "ES256":
		return jwt.SigningMethodES256
	case "ES384":
		return jwt.SigningMethodES384
	case "ES512":
		return jwt.SigningMethodES512
	case "EdDSA", "Ed25519": // RFC 9864's name for what golang-jwt calls EdDSA
		return jwt.SigningMethodEdDSA
	case "HS256":
		return jwt.SigningMethodHS256
	case "HS384":
		return jwt.SigningMethodHS384
	case "HS512":
		return jwt.SigningMethodHS512
	}
	return nil
}

var (
	strictPS256 = strictPSS(jwt.SigningMethodPS256)
	strictPS384 = strictPSS(jwt.SigningMethodPS384)
	strictPS512 = strictPSS(jwt.SigningMethodPS512)
)

// strictPSS demands a salt of the hash's size (RFC 7518 §3.5), where golang-jwt takes any.
func strictPSS(m *jwt.SigningMethodRSAPSS) jwt.SigningMethod {
	strict := *m
	strict.VerifyOptions = nil
	return &strict
}

func hashSize(alg string) int {
	switch alg {
	case "HS384":
		return 48
	case "HS512":
		return 64
	}
	return 32
}

// keyNamed returns the key that `kid` names, before anything is verified.
func (p *Pass) keyNamed() (*Key, bool) {
	e := p.evidence()
	kid, ok := p.head.str("kid")
	if !ok || e.Set == nil {
		return nil, false
	}
	if at := e.Set.byID[kid]; len(at) > 0 {
		return &e.Set.Keys[at[0]], true
	}
	return nil, false
}

// Algorithms are the `alg` values that can be verified (RFC 7518 §3.1, RFC 8037, RFC 9864).
func Algorithms() []string {
	return []string{
		"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256", "HS384", "HS512",
	}
}

// KnownAlgorithm reports whether alg is one of them.
func KnownAlgorithm(alg string) bool { return slices.Contains(Algorithms(), alg) }
