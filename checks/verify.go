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
	missing  bool           // why is "could not be had", rather than "does not apply"
	unknown  bool           // no key of the set is the one that the token names
	key      *Key           // the key that was named, or that verified
	unusable redact.Message // why that key cannot be used for this token
	verified bool
	tried    int // how many keys' signatures were computed
}

// choice is the chosen profile's, worked out once.
func (p *Pass) choice() *keyChoice {
	if p.keys == nil {
		c := p.choose(p.Profile, p.keyEvidence(slices.Index(p.Profiles, p.Profile)))
		p.keys = &c
	}
	return p.keys
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
		return keyChoice{why: why, missing: true}
	}
	return p.tryKeys(e)
}

func (p *Pass) trySecret(profile *Profile) keyChoice {
	if !profile.symmetric() {
		return keyChoice{why: redact.Msg("{} has no HMAC secret configured", profile.label()), missing: true}
	}
	key := &Key{Type: "oct"}
	c := keyChoice{key: key, tried: 1}
	if profile.Secret.Len() < hashSize(p.alg) {
		c.unusable = redact.Msg("the HMAC secret is shorter than the hash of the algorithm (RFC 7518 §3.2)")
	}
	c.verified = jwt.GetSigningMethod(p.alg).Verify(p.input, p.signature, []byte(profile.Secret.Expose())) == nil
	if c.verified {
		c.unusable = redact.Message{}
	}
	return c
}

// maxTried bounds how many keys a token without `kid` is tried with.
const maxTried = 20

func (p *Pass) tryKeys(e KeyEvidence) keyChoice {
	kid, named := p.head.str("kid")
	var c keyChoice
	var candidates []int
	if named {
		candidates = e.Set.byID[kid]
	} else {
		for i := range e.Set.Keys {
			candidates = append(candidates, i)
		}
	}
	for _, i := range candidates {
		key := &e.Set.Keys[i]
		unfit := p.unfit(key)
		if !unfit.IsZero() {
			if named && c.key == nil {
				c.key, c.unusable = key, unfit
			}
			continue
		}
		if c.tried++; c.tried > maxTried {
			break
		}
		if p.verify(key) {
			return keyChoice{key: key, verified: true, tried: c.tried}
		}
		if named {
			c.key, c.unusable = key, redact.Message{}
		}
	}
	c.unknown = c.key == nil
	if c.unknown && !e.Fresh && !e.Problem.IsZero() {
		// The key may be in a set that could not be fetched.
		return keyChoice{why: e.Problem, missing: true}
	}
	return c
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
func (p *Pass) verify(k *Key) bool {
	method := signingMethod(p.alg)
	return method != nil && method.Verify(p.input, p.signature, k.Public) == nil
}

func signingMethod(alg string) jwt.SigningMethod {
	switch alg {
	case "Ed25519": // RFC 9864's name for what golang-jwt calls EdDSA
		return jwt.SigningMethodEdDSA
	case "PS256":
		return strictPSS(jwt.SigningMethodPS256)
	case "PS384":
		return strictPSS(jwt.SigningMethodPS384)
	case "PS512":
		return strictPSS(jwt.SigningMethodPS512)
	}
	return jwt.GetSigningMethod(alg)
}

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
	e := p.keyEvidence(slices.Index(p.Profiles, p.Profile))
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
