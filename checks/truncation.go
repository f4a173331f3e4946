package checks

import (
	"crypto/rsa"
	"encoding/base64"
	"strings"

	"jwt-check-bot/redact"
)

// The format rung, continued: what was cut off, how much of it, and what cuts at that length.

// Lengths at which fields, columns and programs cut off.
var cutLengths = map[int]redact.Message{
	128: redact.Msg("a column or field of 128"), 255: redact.Msg("a column of 255, as VARCHAR(255)"), 256: redact.Msg("a column or field of 256"),
	500: redact.Msg("a column or field of 500"), 512: redact.Msg("a column or field of 512"), 1000: redact.Msg("a column or field of 1,000"),
	1023: redact.Msg("a buffer of 1,024 with its NUL"), 1024: redact.Msg("a buffer or field of 1,024"), 2000: redact.Msg("a column or field of 2,000"),
	2047: redact.Msg("a buffer of 2,048 with its NUL"), 2048: redact.Msg("a buffer of 2,048, or a URL's limit"), 2083: redact.Msg("the limit of a URL in old browsers"),
	3000: redact.Msg("the limit of a Slack input field"), 4000: redact.Msg("a column of 4,000, or the limit of a Slack message"),
	4095: redact.Msg("the limit of a line typed or pasted into a terminal"), 4096: redact.Msg("the limit of a cookie, or a buffer of 4,096"),
	8000: redact.Msg("a field of 8,000"), 8190: redact.Msg("Apache httpd's limit of a header field"), 8191: redact.Msg("a buffer of 8,192 with its NUL"),
	8192: redact.Msg("a buffer of 8,192"), 16383: redact.Msg("a buffer of 16,384 with its NUL"), 16384: redact.Msg("a buffer of 16,384"),
	32767: redact.Msg("a column of 32,767, or the limit of a Windows environment variable"), 32768: redact.Msg("a buffer of 32,768"), 65535: redact.Msg("a TEXT column of 65,535"),
}

// length says how long the candidate is, and what cuts at that length, alone or with its scheme.
func (p *Pass) length() redact.Hole {
	size := p.Token.Size()
	if says, ok := cutLengths[size]; ok {
		return redact.Part(redact.Msg("{} characters in all: {}", redact.Count(size), redact.Part(says)))
	}
	for _, before := range []string{"Bearer ", fieldStart} {
		if says, ok := cutLengths[size+len(before)]; ok && p.paste.header() {
			return redact.Part(redact.Msg("{} characters in all, {} with what stands before it: {}", redact.Count(size), redact.Count(size+len(before)), redact.Part(says)))
		}
	}
	return redact.Part(redact.Msg("{} characters in all", redact.Count(size)))
}

// cutSignature answers for a JWS whose signature is too short.
func (p *Pass) cutSignature(want int) *Result {
	return p.cutOff(len(p.signature), want)
}

// cutInLargerKey answers for one that is long enough for its algorithm, ends inside a byte, and is
// too short for its key.
func (p *Pass) cutInLargerKey(r *Result) bool {
	key, ok := p.keyNamed()
	if !ok {
		return false
	}
	pub, ok := key.Public.(*rsa.PublicKey)
	have := base64.RawURLEncoding.DecodedLen(len(partOf(p.paste.token, 3)))
	if !ok || signatureSize(p.alg) != minRSASignature || have >= pub.Size() {
		return false
	}
	*r = *p.cutOff(have, pub.Size())
	return true
}

// cutOff answers for a signature of some bytes where more are needed.
func (p *Pass) cutOff(bytes, want int) *Result {
	have := len(p.paste.token) - 1 - strings.LastIndexByte(p.paste.token, '.')
	lacking := missing(base64.RawURLEncoding.EncodedLen(want) - have)
	least := redact.Word("")
	if _, known := p.keyNamed(); !known && want == minRSASignature {
		least = redact.Word("at least ")
	}
	return &Result{
		Outcome: Failed,
		Says:    redact.Msg("Truncated: the signature has {} bytes, and {} needs {}", redact.Count(bytes), redact.Show(p.value(redact.HeaderParameter, "alg")), redact.Count(want)),
		Want:    redact.Msg("a signature of {} bytes", redact.Count(want)),
		Got:     redact.Msg("{} bytes: {}{}; {}", redact.Count(bytes), least, lacking, p.length()),
		Next:    wholeToken,
	}
}

func missing(n int) redact.Hole {
	if n == 1 {
		return redact.Word("1 character is missing at the end")
	}
	return redact.Part(redact.Msg("{} characters are missing at the end", redact.Count(n)))
}

var wholeToken = redact.Msg("Copy the whole token; if the client stores or forwards it, look for a field or cookie that cuts it off")

// partCount says why there are not three parts, which more than the count may tell.
func (p *Pass) partCount(r *Result) {
	r.Says = redact.Msg("Not a JWT: {} dot-separated parts instead of 3", redact.Count(p.parts))
	r.Got = redact.Msg("{} parts", redact.Count(p.parts))
	if p.parts == 1 {
		r.Got = redact.Msg("one part, no dots")
	}
	token := p.paste.token
	switch {
	case p.parts <= 2 && startsToken(token):
		p.partsMissing(r)
	case p.parts == 1:
		r.Says = redact.Msg("Not a JWT: an opaque string of {} bytes without dots", redact.Count(p.Token.Size()))
		r.Next = redact.Msg("If the API expects a JWT, ask the issuer for one (often by naming the API's audience or resource in the token request); an opaque token can only be introspected")
	case p.parts == 2:
		r.Next = redact.Msg("The last part is missing: copy the whole token, and look for what cuts it off on its way")
	case p.parts > 3 && runTogether(token):
		r.Says = redact.Msg("Not a JWT: two tokens run into each other, with nothing between them")
		r.Next = redact.Msg("Send one token: look for what appends a second one to the first")
	case p.parts == 5:
		r.Says = redact.Msg("Not a JWT: 5 parts like an encrypted token, but its header names no encryption (enc)")
	case p.parts == 4:
		r.Next = redact.Msg("Look for what appends a fourth part: a signed cookie, or a suffix that a gateway adds")
	}
}

// partsMissing says where a token with one or two parts ends.
func (p *Pass) partsMissing(r *Result) {
	r.Next = wholeToken
	last := partOf(p.paste.token, p.parts)
	text, _ := base64.RawURLEncoding.DecodeString(last[:len(last)-boolInt(len(last)%4 == 1)])
	switch cut := unfinished(string(text)); {
	case last != "" && !strings.HasPrefix(strings.TrimLeft(string(text), " \t\r\n"), "{"):
		r.Says = redact.Msg("Not a JWT: {} dot-separated parts instead of 3, the last of them no JSON", redact.Count(p.parts))
		if p.parts == 1 {
			r.Says = redact.Msg("Not a JWT: an opaque string of {} bytes without dots", redact.Count(p.Token.Size()))
		}
		return
	case p.parts == 2 && last == "":
		r.Says = redact.Msg("Truncated: it ends after its header, so the payload and the signature are missing")
	case p.parts == 2 && cut:
		r.Says = redact.Msg("Truncated: it ends in the middle of its payload, so the rest and the signature are missing")
	case p.parts == 2:
		r.Says = redact.Msg("Truncated: it ends after its payload, so the signature is missing")
	case cut:
		r.Says = redact.Msg("Truncated: it ends in the middle of its header")
	case p.alg == "":
		r.Says = redact.Msg("Not a JWT: one part of a token alone, without its header")
	default:
		r.Says = redact.Msg("Truncated: it is a header alone, so the payload and the signature are missing")
	}
	r.Got = redact.Msg("{}", p.length())
	if size := signatureSize(p.alg); size > 0 { // with the dot before it
		r.Got = redact.Msg("at least {}; {}", missing(base64.RawURLEncoding.EncodedLen(size)+1), p.length())
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// runTogether reports whether a second token starts inside a part of the first.
func runTogether(token string) bool {
	for part := range strings.SplitSeq(token, ".") {
		if at := strings.LastIndex(part, "eyJ"); at > 0 {
			if head, err := base64.RawURLEncoding.DecodeString(part[at:]); err == nil && strings.Contains(string(head), `"alg"`) {
				return true
			}
		}
	}
	return strings.Count(token, ".eyJ") > 2
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

// lengthByAlg is the same from the algorithm alone, unless the key is known to be shorter than that allows.
func (p *Pass) lengthByAlg() (want int, short bool) {
	if p.unsigned() {
		return 0, false
	}
	want = signatureSize(p.alg)
	if len(p.signature) < want {
		if key, ok := p.keyNamed(); ok && key.Bits > 0 { // too short a key makes whole signatures of its own size
			want = (key.Bits + 7) / 8
		}
	}
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
