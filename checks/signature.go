package checks

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"jwt-check-bot/redact"
)

// The signature rung: does it verify, and where it does not, what was done differently?

var signatureBad = Check{
	ID:       "signature.value_wrong",
	Subject:  "Signature",
	Title:    "The signature does not verify",
	Doc:      "The token was altered on its way, or it was signed with another key than the one it names: another environment, a rotated key under an old ID, another secret. Other keys of the set, related algorithms and other encodings are tried, and what verifies is named; it must be refused all the same.",
	Cite:     "RFC 7515 §5.2",
	Severity: Blocks,
	Cause:    BadSignature,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		c := p.choice()
		if stop := p.keyless(c); stop != nil {
			return &Result{Outcome: NotReached, Says: stop.Says}
		}
		if _, short := p.shortSignature(); short {
			return notReached(redact.Msg("the signature is cut short"))
		}
		switch {
		case c.verified:
			return pass(redact.Msg("verifies with {}", p.origin(c)))
		case c.unknown:
			return notReached(redact.Msg("there is no key to verify with"))
		case !c.unusable.IsZero():
			return notReached(redact.Msg("the key must not be used"))
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Bad signature: it does not verify with {}", p.origin(c)),
			Want:    redact.Msg("a signature made with {}", p.origin(c)),
			Got:     redact.Msg("one of the right length that does not verify"),
			Next:    p.vendorAdvice(BadSignature, redact.Msg("Ask the issuer which key or secret signed it; if it was edited by hand or by a proxy, send it as it was issued")),
		}
		if clue := p.diagnose(c); !clue.says.IsZero() {
			r.Says, r.Got, r.Next = redact.Msg("{}; {}", redact.Part(r.Says), redact.Part(clue.says)), clue.says, clue.next
		}
		return r
	},
}

// origin says where the key came from: a verdict names it.
func (p *Pass) origin(c *keyChoice) redact.Hole {
	if c.key.Type == "oct" {
		return redact.Part(redact.Msg("the HMAC secret of {}", p.Profile.label()))
	}
	if e := p.evidence(); !e.Source.IsZero() {
		return redact.Part(redact.Msg("a key from {}", redact.Part(e.Source)))
	}
	return redact.Word("a key of the issuer")
}

// clue is what would have made the signature verify. It says what went wrong and is never accepted.
type clue struct {
	says redact.Message // a clause about the signature; zero where nothing was found
	next redact.Message
	key  *Key // the other key that made it, where one did
}

// diagnose looks for a clue, once, and only where a signature does not verify.
func (p *Pass) diagnose(c *keyChoice) *clue {
	if c.clue == nil {
		c.clue = &clue{}
		if !p.brief {
			*c.clue = p.investigate(c)
		}
	}
	return c.clue
}

func (p *Pass) investigate(c *keyChoice) clue {
	for _, suspect := range []func(*keyChoice) clue{p.otherReading, p.blankForm, p.derForm, p.otherKey, p.retiredKey, p.otherAlgorithm, p.otherSalt, p.ownKey, p.otherLength} {
		if found := suspect(c); !found.says.IsZero() {
			return found
		}
	}
	return clue{}
}

// otherReading finds that the two sides read one HMAC secret differently.
func (p *Pass) otherReading(c *keyChoice) clue {
	if c.key != &hmacSecret {
		return clue{}
	}
	secret := p.Profile.Secret.Expose()
	bare := strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(secret) // base64url is the same to whoever decodes it
	decoded := func(b []byte, err error) []byte {
		if err != nil { // it quotes its input, so it ends here
			return nil
		}
		return b
	}
	for _, reading := range []struct {
		as  redact.Hole
		key []byte
	}{
		{redact.Word("base64"), decoded(base64.RawStdEncoding.DecodeString(bare))},
		{redact.Word("hexadecimal"), decoded(hex.DecodeString(secret))},
		{redact.Word("text without the line break at its end"), []byte(strings.TrimSuffix(secret, "\n"))},
		{redact.Word("text without the white space round it"), []byte(strings.TrimSpace(secret))},
		{redact.Word("text with a line break at its end"), []byte(secret + "\n")},
		{redact.Word("bytes to be written in base64 first"), []byte(base64.StdEncoding.EncodeToString([]byte(secret)))},
		{redact.Word("bytes to be written in hexadecimal first"), []byte(hex.EncodeToString([]byte(secret)))},
	} {
		if len(reading.key) > 0 && string(reading.key) != secret && p.verify(reading.key) {
			return clue{
				says: redact.Msg("the signature verifies with that secret read as {}", reading.as),
				next: redact.Msg("Make issuer and API read the secret alike: the issuer took it as {}", reading.as),
			}
		}
	}
	return clue{}
}

// blankForm finds that nobody signed at all.
func (p *Pass) blankForm(*keyChoice) clue {
	if !p.blankECDSA() {
		return clue{}
	}
	return clue{
		says: redact.Msg("R or S of the ECDSA signature is zero, which no signer makes"),
		next: redact.Msg("Find out who made the token: nobody signed it. Treat it as an attack until you know"),
	}
}

// derForm finds an ECDSA signature in the form of X.509 and most libraries' default, where JWS wants
// R and S side by side (RFC 7518 §3.4).
func (p *Pass) derForm(c *keyChoice) clue {
	size := signatureSize(p.alg)
	if !strings.HasPrefix(p.alg, "ES") || len(p.signature) <= 8 || p.signature[0] != 0x30 {
		return clue{}
	}
	var der struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(p.signature, &der)
	if err != nil || len(rest) > 0 || der.R.Sign() < 0 || der.S.Sign() < 0 || max(der.R.BitLen(), der.S.BitLen()) > size/2*8 {
		return clue{}
	}
	raw := make([]byte, size)
	der.R.FillBytes(raw[:size/2])
	der.S.FillBytes(raw[size/2:])
	found := clue{
		says: redact.Msg("the signature is in ASN.1 (DER) instead of R and S side by side, and does not verify in that form either"),
		next: redact.Msg("Ask the issuer to write ECDSA signatures as R and S side by side, {} bytes; its library calls that P1363, raw or JOSE", redact.Count(size)),
	}
	if c.key != nil && c.key.Public != nil && p.verifyAs(p.alg, raw, c.key.Public) {
		found.says = redact.Msg("the signature is in ASN.1 (DER) instead of R and S side by side; rewritten so it would verify")
	}
	return found
}

// maxSuspects bounds how many other keys a signature that does not verify is tried with.
const maxSuspects = 20

// otherKey finds that another key of the set made the signature: the token names the wrong one, or
// the issuer published it under the wrong ID.
func (p *Pass) otherKey(c *keyChoice) clue {
	set := p.evidence().Set
	if set == nil || p.keyID() == "" {
		return clue{}
	}
	tried := 0
	for i := range set.Keys {
		k := &set.Keys[i]
		if k.ID == p.keyID() || !p.suits(k) {
			continue
		}
		if tried++; tried > maxSuspects {
			break
		}
		if p.verify(k.Public) {
			return clue{
				key:  k,
				says: redact.Msg("the signature verifies with {} of that set", k.label()),
				next: redact.Msg("Ask the issuer to name the key that it signs with: the token's kid and the key set disagree"),
			}
		}
	}
	return clue{}
}

// label is how a sentence calls a key.
func (k *Key) label() redact.Hole {
	if k.ID == "" {
		return redact.Word("a key without kid")
	}
	return redact.Public(k.ID)
}

// otherAlgorithm finds that the header names another algorithm than the signer used.
func (p *Pass) otherAlgorithm(c *keyChoice) clue {
	var key any
	switch {
	case c.key == &hmacSecret:
		key = []byte(p.Profile.Secret.Expose())
	case c.key != nil:
		key = c.key.Public
	default:
		key = p.onlyKey()
	}
	for _, alg := range algorithmsOf(key) {
		if alg != p.alg && p.verifyAs(alg, p.signature, key) {
			return clue{
				says: redact.Msg("the signature verifies as {}", redact.Operator(alg)),
				next: redact.Msg("Ask the issuer to write the algorithm into the header that it signs with, {}", redact.Operator(alg)),
			}
		}
	}
	return clue{}
}

// onlyKey is the key that a token without `kid` can only mean: the one of its type.
func (p *Pass) onlyKey() (only any) {
	set := p.evidence().Set
	if set == nil || p.keyID() != "" {
		return nil
	}
	for i := range set.Keys {
		if k := &set.Keys[i]; k.Type == keyType(p.alg) && k.Public != nil {
			if only != nil {
				return nil
			}
			only = k.Public
		}
	}
	return only
}

// algorithmsOf are the algorithms that a key could have signed with.
func algorithmsOf(key any) []string {
	switch key := key.(type) {
	case []byte:
		return []string{"HS256", "HS384", "HS512"}
	case *rsa.PublicKey:
		if key.N.BitLen() <= maxRSABits {
			return []string{"RS256", "PS256", "RS384", "PS384", "RS512", "PS512"}
		}
	case *ecdsa.PublicKey:
		for _, alg := range []string{"ES256", "ES384", "ES512"} {
			if curveFor(alg) == key.Curve.Params().Name {
				return []string{alg}
			}
		}
	case ed25519.PublicKey:
		return []string{"EdDSA"}
	}
	return nil
}

// couldSign reports whether alg is one of them.
func couldSign(key any, alg string) bool {
	return slices.ContainsFunc(algorithmsOf(key), func(a string) bool { return a == alg || isEd25519(a) && isEd25519(alg) })
}

// otherSalt finds a PSS salt that is not as long as the hash (RFC 7518 §3.5).
func (p *Pass) otherSalt(c *keyChoice) clue {
	lenient := map[string]jwt.SigningMethod{"PS256": jwt.SigningMethodPS256, "PS384": jwt.SigningMethodPS384, "PS512": jwt.SigningMethodPS512}[p.alg]
	if lenient == nil || c.key == nil || !c.unusable.IsZero() || lenient.Verify(p.input, p.signature, c.key.Public) != nil {
		return clue{}
	}
	return clue{
		says: redact.Msg("the signature verifies with a salt of another length than the hash, which {} forbids", redact.Operator(p.alg)),
		next: redact.Msg("Ask the issuer to sign with a salt as long as the hash; strict verifiers refuse any other"),
	}
}

// otherLength finds a signature of another key's size.
func (p *Pass) otherLength(c *keyChoice) clue {
	if c.key == nil {
		return clue{}
	}
	want := signatureSize(p.alg)
	if pub, ok := c.key.Public.(*rsa.PublicKey); ok {
		want = pub.Size()
	}
	if len(p.signature) == want || !c.unusable.IsZero() {
		return clue{}
	}
	if len(p.signature) > want && !p.ofAnotherSize() {
		return p.appendedClue(c, want)
	}
	return clue{
		says: redact.Msg("the signature has {} bytes, and this key makes {}", redact.Count(len(p.signature)), redact.Count(want)),
		next: redact.Msg("Ask the issuer which key signed it: one of another size did"),
	}
}
