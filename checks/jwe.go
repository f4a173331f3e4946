package checks

import (
	"encoding/base64"
	"strconv"
	"strings"

	"jwt-check-bot/redact"
)

// The format rung, continued: encrypted tokens, of which only the header can be read.

var encrypted = Check{
	ID:       "format.token_encrypted",
	Subject:  "Encryption",
	Title:    "The token is encrypted (JWE)",
	Doc:      "Only the recipient that holds the decryption key can read it. An API that expects a signed token refuses it. Often the token request named no audience, and the issuer answered with a token for itself.",
	Cite:     "RFC 7516 §3.1, RFC 7519 §7.2",
	Severity: Blocks,
	Cause:    EncryptedToken,
	Run: func(p *Pass) *Result {
		if p.form != formJWE {
			return nil
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Encrypted token (JWE, five parts): only its recipient can read it"),
			Want:    redact.Msg("a signed token (JWS, three parts)"),
			Got:     redact.Msg("a JWE with alg {} and enc {}{}", redact.Show(p.value(redact.HeaderParameter, "alg")), p.contentEncryption(), p.inside()),
			Next:    redact.Msg("Ask the issuer for a signed access token for this API; check that the token request names the API's audience"),
		}
		if defect := p.jwePartDefect(); !defect.IsZero() {
			r.Says = redact.Msg("{}; and it has {}", redact.Part(r.Says), redact.Part(defect))
		}
		if p.alg == "dir" {
			// The key is one that issuer and recipient share beforehand, so the recipient is mostly the issuer.
			r.Next = redact.Msg("This one is meant for whoever shares a key with the issuer, mostly the issuer itself. Name the API's audience (or resource) in the token request, and the issuer answers with a signed token")
		}
		r.Next = p.vendorAdvice(EncryptedToken, r.Next)
		return r
	},
}

// contentEncryption names the algorithm of a JWE's content (RFC 7518 §5.1).
func (p *Pass) contentEncryption() redact.Hole {
	enc, _ := p.head.str("enc")
	for _, known := range [...]string{"A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"} {
		if enc == known {
			return redact.Operator(known)
		}
	}
	return redact.Word("an unregistered one")
}

// inside says what the header tells of the content (RFC 7516 §4.1.3, RFC 7519 §5.2).
func (p *Pass) inside() redact.Hole {
	zip, _ := p.head.str("zip")
	cty, _ := p.head.str("cty")
	switch nested := strings.EqualFold(cty, "JWT"); {
	case zip == "DEF" && nested:
		return redact.Word(", a signed token inside (cty JWT), compressed (zip DEF)")
	case zip == "DEF":
		return redact.Word(", compressed (zip DEF)")
	case nested:
		return redact.Word(", a signed token inside (cty JWT)")
	}
	return redact.Word("")
}

// jwePartDefect compares the parts' lengths with what alg and enc demand (RFC 7518 §4.5, §5).
func (p *Pass) jwePartDefect() redact.Message {
	iv, tag := 12, 16
	switch enc, _ := p.head.str("enc"); enc {
	case "A128GCM", "A192GCM", "A256GCM":
	case "A128CBC-HS256":
		iv = 16
	case "A192CBC-HS384":
		iv, tag = 16, 24
	case "A256CBC-HS512":
		iv, tag = 16, 32
	default:
		return redact.Message{}
	}
	parts := strings.Split(p.paste.token, ".")
	size := func(i int) int { return base64.RawURLEncoding.DecodedLen(len(parts[i])) }
	direct := p.alg == "dir" || p.alg == "ECDH-ES"
	switch {
	case size(4) < tag:
		return redact.Msg("an authentication tag of {} bytes, where {} are needed: it was cut off", redact.Count(size(4)), redact.Count(tag))
	case size(4) > tag:
		return redact.Msg("an authentication tag of {} bytes, where {} belong", redact.Count(size(4)), redact.Count(tag))
	case size(2) != iv:
		return redact.Msg("an initialization vector of {} bytes, where {} belong", redact.Count(size(2)), redact.Count(iv))
	case direct && size(1) != 0:
		return redact.Msg("an encrypted key, where this alg has none")
	case !direct && size(1) == 0:
		return redact.Msg("no encrypted key, which this alg needs")
	case size(3) == 0:
		return redact.Msg("no ciphertext")
	}
	return redact.Message{}
}

var encryptionWeak = Check{
	ID:       "format.encryption_weak",
	Subject:  "Encryption strength",
	Title:    "The token is encrypted in a way that is unsafe",
	Doc:      "RSA1_5 lets an attacker decrypt with the recipient as an oracle. A huge PBES2 iteration count (p2c) keeps the recipient's processor busy, and a tiny one leaves the password to guess. Compression before encryption leaks lengths, and a small token can unpack to an enormous one.",
	Cite:     "RFC 8725 §3.2, §3.6; RFC 7518 §4.8.1.2",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.form != formJWE {
			return nil
		}
		var found []redact.Message
		if p.alg == "RSA1_5" {
			found = append(found, redact.Msg("alg RSA1_5, open to a padding oracle"))
		}
		if count, ok := p.iterations(); ok && count > maxIterations {
			found = append(found, redact.Msg("p2c of more than 1,200,000 iterations, a way to exhaust the recipient"))
		} else if ok && count < minIterations {
			found = append(found, redact.Msg("p2c of fewer than 1,000 iterations, which leaves the password to guess"))
		}
		if _, ok := p.head.find("zip"); ok {
			found = append(found, redact.Msg("compression (zip), which leaks lengths and may unpack to any size"))
		}
		if len(found) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The encryption is unsafe: {}", redact.Items(found))}
	},
}

const (
	minIterations = 1000    // RFC 7518 §4.8.1.2
	maxIterations = 1200000 // twice what is recommended for PBKDF2 with SHA-256
)

// iterations returns `p2c`; what is no whole number that fits counts as too large.
func (p *Pass) iterations() (int, bool) {
	m, ok := p.head.find("p2c")
	if !ok || m.kind != '0' {
		return 0, false
	}
	n, err := strconv.Atoi(p.head.raw(m))
	if err != nil {
		return maxIterations + 1, true
	}
	return n, true
}
