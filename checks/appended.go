package checks

import (
	"crypto/rsa"
	"encoding/base64"

	"jwt-check-bot/redact"
)

// The signature rung, continued: more than a signature stands after the last dot.

var takeOff = redact.Msg("Send the token as it was issued: look for what adds to its end, such as a suffix, another value or a slip in copying")

// ofAnotherSize reports whether the signature is as long as those of other keys or algorithms: RSA's
// come in steps of 64 bytes.
func (p *Pass) ofAnotherSize() bool {
	n := len(p.signature)
	if signatureSize(p.alg) == minRSASignature {
		return n%64 == 0
	}
	return n == 48 || n == 64 || n == 96 || n == 132 || n >= minRSASignature && n%64 == 0
}

// surplus is how many characters stand behind a signature of want bytes. A byte more or less of the
// same characters is no surplus.
func (p *Pass) surplus(want int) int {
	return len(partOf(p.paste.token, 3)) - base64.RawURLEncoding.EncodedLen(want)
}

// verifiesWithout reports whether what stands before the surplus is the signature.
func (p *Pass) verifiesWithout(key any, want int) bool {
	text := partOf(p.paste.token, 3)
	b, err := base64.RawURLEncoding.DecodeString(text[:min(len(text), base64.RawURLEncoding.EncodedLen(want))])
	return err == nil && key != nil && len(b) == want && p.verifyAs(p.alg, b, key)
}

// appendedClue finds a signature that is longer than its key makes it, and as long as no other's.
func (p *Pass) appendedClue(c *keyChoice, want int) clue {
	n := p.surplus(want)
	if n <= 0 {
		return clue{}
	}
	found := clue{
		says: redact.Msg("something was appended after the token: the signature has {} bytes, and this key makes {}, so {}", redact.Count(len(p.signature)), redact.Count(want), tooMany(n)),
		next: takeOff,
	}
	if p.verifiesWithout(c.key.Public, want) {
		found.says = redact.Msg("{}; without them it verifies", redact.Part(found.says))
	}
	return found
}

func tooMany(n int) redact.Hole {
	if n == 1 {
		return redact.Word("1 character is too many")
	}
	return redact.Part(redact.Msg("{} characters are too many", redact.Count(n)))
}

// fewTooMany is how much longer than its own a signature may be that cannot be decoded, and still be
// that one with something behind it rather than another that was damaged.
const fewTooMany = 64

// tooLong answers for a signature that is longer than its key makes it and ends inside a byte.
func (p *Pass) tooLong(r *Result) bool {
	want := signatureSize(p.alg)
	if want == 0 {
		return false
	}
	if want == minRSASignature {
		key, ok := p.keyNamed()
		if !ok {
			return false
		}
		pub, ok := key.Public.(*rsa.PublicKey)
		if !ok {
			return false
		}
		want = pub.Size()
	}
	n := p.surplus(want)
	if n <= 0 || n > fewTooMany {
		return false
	}
	r.Says = redact.Msg("Not a JWT: something was appended after the token, {} at the end of its signature", tooMany(n))
	r.Got = redact.Msg("{}", tooMany(n))
	r.Next = takeOff
	return true
}
