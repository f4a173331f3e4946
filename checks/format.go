package checks

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

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
	Run: func(p *Pass) *Result {
		if p.form == formJWE || p.Token.IsZero() || p.headerAlone() {
			return nil
		}
		if p.form == formOther {
			return p.formatDefect()
		}
		if want, short := p.shortSignature(); short {
			return p.cutSignature(want)
		}
		return pass(redact.Msg("compact JWS, three parts, {} bytes", redact.Count(p.Token.Size())))
	},
}

// headerAlone reports whether the paste is a header without a token, which capture explains: not where a
// log has masked it.
func (p *Pass) headerAlone() bool {
	return p.paste.token == "" && p.paste.header() && p.paste.artefacts&masked == 0
}

// formatDefect says what is wrong, the most telling first: what it is instead, what was done to it
// on its way, and only then what its letters show.
func (p *Pass) formatDefect() *Result {
	r := &Result{
		Outcome: Failed,
		Want:    redact.Msg("three base64url parts with dots between"),
		Next:    redact.Msg("Copy the token again from the failing request; if it really looks like this there, ask whoever issued it for a JWT access token"),
	}
	token := p.paste.token
	if kind := p.paste.detail().kind; kind != nil {
		p.substituted(kind, r)
		return r
	}
	if p.paste.artefacts&masked != 0 || isMasked(token) {
		r.Says = redact.Msg("Not a JWT: it was shortened or masked (… or ***), as logs do, so it is not the token that was sent")
		r.Next = redact.Msg("Copy the token from the failing request itself, not from a log")
		return r
	}
	if letters, ok := oneCase(token); ok {
		r.Says = redact.Msg("Not a JWT: all its letters are in {} case, and base64url needs both", letters)
		r.Got = redact.Msg("a token whose letters something on its way has changed")
		r.Next = redact.Msg("Look for what changes the case on its way: a proxy, a database column, a form field")
		return r
	}
	p.spellingDefect(r)
	return r
}

// substituted says what was pasted instead of a JWT.
func (p *Pass) substituted(kind *substitute, r *Result) {
	r.Says = redact.Msg("Not a JWT: this is {}", redact.Part(kind.says))
	r.Want, r.Got = redact.Msg("a JWT access token"), kind.says
	switch {
	case kind.secret:
		r.Next = redact.Msg("Replace it, because it counts as exposed now; then send the JWT access token that was issued for this API")
	case kind.opaque:
		r.Next = redact.Msg("Send the access token that was issued for this API; only its own issuer can say anything about this one")
	case kind == &emptyResponse:
		r.Next = redact.Msg("Find out why: a successful response must have access_token (RFC 6749 §5.1), so ask the issuer, or look for what takes it out on its way")
	case kind == &challenge:
		r.Next = redact.Msg("Paste the Authorization header of the request, or the token; what the server answered belongs beside it, as further evidence")
	case kind == &errorResponse:
		r.Next = redact.Msg("Find out why the token endpoint refused: the client's log has its error and description")
	default:
		r.Next = redact.Msg("Send the JWT access token that was issued for this API")
	}
}

// spellingDefect says what the characters, the parts and what they decode to are.
func (p *Pass) spellingDefect(r *Result) {
	if p.part == 3 && (p.cutInLargerKey(r) || p.tooLong(r)) {
		return
	}
	part := [...]redact.Hole{redact.Word("token"), redact.Word("header"), redact.Word("payload"), redact.Word("signature")}[p.part]
	text := partOf(p.paste.token, p.part)
	switch p.defect {
	case noCandidate:
		r.Says = redact.Msg("Not a JWT: no token in what was pasted")
		if p.paste.artefacts&telling != 0 {
			r.Says, r.Next = redact.Msg("Not a JWT: {}", p.paste.named(telling)), p.paste.mend()
		}
	case foreignCharacter:
		r.Says = redact.Msg("Not a JWT: it has characters that base64url does not")
		if n := foreignCount(p.paste.token); n > 0 {
			r.Got = redact.Msg("{} such characters among {}", redact.Count(n), redact.Count(len(p.paste.token)))
		}
	case standardBase64:
		r.Says = redact.Msg("Not a JWT: it is in standard base64 (with + or /), not base64url")
	case padded:
		r.Says = redact.Msg("Not a JWT: its parts are padded with =, which the compact form forbids")
	case wrongPartCount:
		p.partCount(r)
	case emptyPart:
		r.Says = redact.Msg("Not a JWT: its {} is empty", part)
		if p.part == 2 {
			r.Got = redact.Msg("a detached payload (RFC 7515 appendix F), or one that was taken out")
			if head, err := base64.RawURLEncoding.DecodeString(partOf(p.paste.token, 1)); err == nil && unencoded(string(head)) {
				r.Got = redact.Msg("a detached payload that was not encoded (b64 false), which a JWT's must be (RFC 7797 §7)")
			}
		}
	case badLength:
		r.Says = redact.Msg("Not a JWT: its {} has a length that base64url cannot have, so characters are missing or too many", part)
		r.Got = redact.Msg("{} characters", redact.Count(len(text)))
	case notCanonical:
		r.Says = redact.Msg("Not a JWT: the last character of its {} encodes bits that strict decoders refuse", part)
	case badHeader, badPayload:
		b, _ := base64.RawURLEncoding.DecodeString(text)
		says, cut := jsonDefect(string(b))
		r.Says = redact.Msg("Not a JWT: its {} {}", part, redact.Part(says))
		if cut {
			r.Next = redact.Msg("Copy the whole token; if the client stores or forwards it, look for a field or cookie that cuts it off")
		}
	case noAlg:
		r.Says = redact.Msg("Not a JWT: its header names no algorithm (alg)")
		if m, ok := p.head.find("alg"); ok {
			r.Says = redact.Msg("Not a JWT: its header's alg is {}, where a name must stand", algOf(p.head.raw(m)))
		}
	}
}

func unencoded(header string) bool {
	head, err := scanObject(header)
	m, ok := head.find("b64")
	return err == nil && ok && head.raw(m) == "false"
}

func algOf(raw string) redact.Hole {
	if raw == `""` {
		return redact.Word("empty")
	}
	return kindOf(raw)
}

// partOf returns one of the parts with dots between, counted from 1.
func partOf(token string, n int) string {
	parts := strings.SplitN(token, ".", n+1)
	if n < 1 || n > len(parts) {
		return ""
	}
	return parts[n-1]
}

func foreignCount(s string) int {
	n := 0
	for _, r := range s {
		if r >= 0x80 || !isCompactByte(byte(r)) {
			n++
		}
	}
	return n
}

// oneCase reports whether all letters of a token are of one case, and which: base64 of anything has
// both long before the 40th letter.
func oneCase(s string) (redact.Hole, bool) {
	lower, upper := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			lower++
		case c >= 'A' && c <= 'Z':
			upper++
		}
	}
	switch {
	case len(s) < 3 || !strings.EqualFold(s[:2], "ey") || lower+upper < 40:
	case upper == 0:
		return redact.Word("lower"), true
	case lower == 0:
		return redact.Word("upper"), true
	}
	return redact.Hole{}, false
}

// jsonDefect says what a header or a payload is instead of a JSON object, as the end of a sentence,
// and whether it was cut off.
func jsonDefect(b string) (says redact.Message, cut bool) {
	switch text := strings.Trim(b, " \t\r\n"); {
	case strings.HasPrefix(b, "\xef\xbb\xbf"):
		return redact.Msg("starts with a byte order mark, which JSON must not have (RFC 8259 §8.1)"), false
	case strings.HasPrefix(b, "\xfe\xff"), strings.HasPrefix(b, "\xff\xfe"), len(b) > 1 && (b[0] == 0 || b[1] == 0):
		return redact.Msg("is in UTF-16, where JSON must be in UTF-8 (RFC 8259 §8.1)"), false
	case strings.HasPrefix(b, "\x1f\x8b"), strings.HasPrefix(b, "\x78\x9c"), strings.HasPrefix(b, "\x78\xda"):
		return redact.Msg("is compressed, which only an encrypted token may be (RFC 7516 §4.1.3)"), false
	case text == "":
		return redact.Msg("is white space only, not a JSON object"), false
	case strings.HasPrefix(strings.Trim(text, `"`), "ey") && strings.Count(text, ".") == 2 && isCompact(strings.Trim(text, `"`)):
		return redact.Msg("is itself a JWT: a nested token (RFC 7519 §5.2), which an API that takes plain ones refuses"), false
	case text[0] == '<':
		return redact.Msg("is XML or HTML, not a JSON object"), false
	case isOpaque(text):
		return redact.Msg("is not text: it was encoded anew or damaged on its way, or never was a JWT's"), false
	case text[0] != '{':
		return notObject(text), false
	case !utf8.ValidString(text):
		return redact.Msg("is not valid UTF-8 (RFC 8259 §8.1)"), false
	case strings.HasPrefix(text, "{'"):
		return redact.Msg("has single quotes, as Python prints a dict, where JSON has double ones"), false
	case depth(text) >= maxNesting:
		return redact.Msg("is nested deeper than any parser goes"), false
	case unfinished(text):
		return redact.Msg("ends in the middle of its JSON: it was cut off there"), true
	}
	return redact.Msg("is not valid JSON"), false
}

// notObject says what JSON it is, if it is any.
func notObject(text string) redact.Message {
	s := scanner{object: object{text: text}}
	if !s.value(0) {
		return redact.Msg("is not JSON")
	}
	if s.next(); s.pos < len(text) {
		return redact.Msg("is not JSON")
	}
	return redact.Msg("is {}, not a JSON object", kindOf(text))
}

// isOpaque reports whether the text is binary: a control character shows in the first bytes.
func isOpaque(s string) bool {
	for i := range min(len(s), 16) {
		if c := s[i]; c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
			return true
		}
	}
	return !utf8.ValidString(s) && s[0] != '{'
}

// unfinished reports whether a JSON text ends inside a string, an object or an array.
func unfinished(s string) bool {
	open := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			open++
		case '}', ']':
			open--
		case '"':
			for i++; i < len(s) && s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
			if i >= len(s) {
				return true
			}
		}
	}
	return open > 0
}
