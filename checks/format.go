package checks

import (
	"crypto/rsa"

	"jwt-check-bot/redact"
)

// The format rung: is there a compact JWS at all?

var notJWT = Check{
	ID:       "format.jws_malformed",
	Subject:  "Format",
	Title:    "What was pasted is not a whole JWT",
	Doc:      "A compact JWS is three base64url parts with dots between, the first two of them JSON objects. An opaque token, a truncated one, or one that was re-encoded on its way is refused before anything in it is read.",
	Cite:     "RFC 7515 §3.1, §5.2; RFC 7519 §7.2",
	Severity: Blocks,
	Cause:    NotAJWT,
	Run: func(p *Pass) Result {
		if p.form == formJWE || p.Token.IsZero() || p.headerAlone() {
			return Result{}
		}
		if p.form == formOther {
			return p.formatDefect()
		}
		if want, short := p.shortSignature(); short {
			return Result{
				Outcome: Failed,
				Says:    redact.Msg("Truncated: the signature has {} bytes, and {} needs {}", redact.Count(len(p.signature)), redact.Show(p.value(redact.HeaderParameter, "alg")), redact.Count(want)),
				Want:    redact.Msg("a signature of {} bytes", redact.Count(want)),
				Got:     redact.Msg("{} bytes; about {} characters are missing at the end", redact.Count(len(p.signature)), redact.Count(((want-len(p.signature))*8+5)/6)),
				Next:    redact.Msg("Copy the whole token; if the client stores or forwards it, look for a field or cookie that cuts it off"),
			}
		}
		return pass(redact.Msg("compact JWS, three parts, {} bytes", redact.Count(p.Token.Size())))
	},
}

// headerAlone reports whether the paste is a header without a token, which capture explains.
func (p *Pass) headerAlone() bool { return p.paste.token == "" && p.paste.header() }

func (p *Pass) formatDefect() Result {
	part := [...]redact.Hole{redact.Word("token"), redact.Word("header"), redact.Word("payload"), redact.Word("signature")}[p.part]
	r := Result{
		Outcome: Failed,
		Want:    redact.Msg("three base64url parts with dots between"),
		Next:    redact.Msg("Copy the token again from the failing request; if it really looks like this there, ask whoever issued it for a JWT access token"),
	}
	switch p.defect {
	case noCandidate:
		r.Says = redact.Msg("Not a JWT: no token in what was pasted")
	case foreignCharacter:
		r.Says = redact.Msg("Not a JWT: it has characters that base64url does not")
	case standardBase64:
		r.Says = redact.Msg("Not a JWT: it is in standard base64 (with + or /), not base64url")
	case padded:
		r.Says = redact.Msg("Not a JWT: its parts are padded with =, which the compact form forbids")
	case wrongPartCount:
		r.Says = redact.Msg("Not a JWT: {} dot-separated parts instead of 3", redact.Count(p.parts))
		r.Got = redact.Msg("{}", redact.Count(p.parts))
		if p.parts == 1 {
			r.Says = redact.Msg("Not a JWT: an opaque string of {} bytes without dots", redact.Count(p.Token.Size()))
			r.Next = redact.Msg("If the API expects a JWT, ask the issuer for one (often by naming the API's audience or resource in the token request); an opaque token can only be introspected")
		}
		if p.parts == 2 {
			r.Next = redact.Msg("The last part is missing: copy the whole token, and look for what cuts it off on its way")
		}
	case emptyPart:
		r.Says = redact.Msg("Not a JWT: its {} is empty", part)
	case badLength:
		r.Says = redact.Msg("Not a JWT: its {} has a length that base64url cannot have, so characters are missing or too many", part)
	case notCanonical:
		r.Says = redact.Msg("Not a JWT: the last character of its {} encodes bits that strict decoders refuse", part)
	case badHeader, badPayload:
		r.Says = redact.Msg("Not a JWT: its {} is not a JSON object", part)
	case noAlg:
		r.Says = redact.Msg("Not a JWT: its header names no algorithm (alg)")
	}
	return r
}

// shortSignature reports whether the signature has fewer bytes than `alg` and the key demand, and
// how many these are. What is cut off is no signature that could verify or not.
func (p *Pass) shortSignature() (want int, short bool) {
	want, short = p.lengthByAlg()
	if key, ok := p.keyNamed(); ok && !short {
		if pub, ok := key.Public.(*rsa.PublicKey); ok && want == minRSASignature {
			want = pub.Size()
		}
	}
	return want, len(p.signature) < want
}

const minRSASignature = 2048 / 8 // RFC 7518 §3.3

// lengthByAlg is the same from the algorithm alone.
func (p *Pass) lengthByAlg() (want int, short bool) {
	if p.unsigned() {
		return 0, false
	}
	want = signatureSize(p.alg)
	return want, len(p.signature) < want
}

// signatureSize is the least number of bytes that a signature of alg has, 0 for an unknown one.
func signatureSize(alg string) int {
	switch alg {
	case "HS256", "HS384", "HS512":
		return hashSize(alg)
	case "ES256", "EdDSA", "Ed25519":
		return 64
	case "ES384":
		return 96
	case "ES512":
		return 132
	case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512":
		return minRSASignature
	}
	return 0
}

var encrypted = Check{
	ID:       "format.token_encrypted",
	Subject:  "Encryption",
	Title:    "The token is encrypted (JWE)",
	Doc:      "Only the recipient that holds the decryption key can read it. An API that expects a signed token refuses it. Often the token request named no audience, and the issuer answered with a token for itself.",
	Cite:     "RFC 7516 §3.1, RFC 7519 §7.2",
	Severity: Blocks,
	Cause:    EncryptedToken,
	Run: func(p *Pass) Result {
		if p.form != formJWE {
			return Result{}
		}
		return Result{
			Outcome: Failed,
			Says:    redact.Msg("Encrypted token (JWE, five parts): only its recipient can read it"),
			Want:    redact.Msg("a signed token (JWS, three parts)"),
			Got:     redact.Msg("a JWE with alg {}", redact.Show(p.value(redact.HeaderParameter, "alg"))),
			Next:    redact.Msg("Ask the issuer for a signed access token for this API; check that the token request names the API's audience"),
		}
	},
}
