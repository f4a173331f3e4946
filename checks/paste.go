package checks

import (
	"net/url"
	"regexp"
	"strings"

	"jwt-check-bot/redact"
)

// artefact is something round a token that its maker did not put there.
type artefact uint16

const (
	doubledScheme artefact = 1 << iota
	missingScheme
	otherScheme
	schemeColon
	schemeGlued
	quotedToken
	jsonObject
	objectObject
	placeholder
	emptyCredential
	percentEncoded
	lineBreak
	severalTokens
)

// each calls f for every artefact in the set, in the order above.
func (a artefact) each(f func(artefact)) {
	for bit := doubledScheme; bit <= severalTokens; bit <<= 1 {
		if a&bit != 0 {
			f(bit)
		}
	}
}

func (a artefact) message() redact.Message {
	switch a {
	case doubledScheme:
		return redact.Msg("the scheme stands twice (Bearer Bearer)")
	case missingScheme:
		return redact.Msg("the scheme is missing: the value must start with Bearer and a space")
	case otherScheme:
		return redact.Msg("the scheme is neither Bearer nor DPoP")
	case schemeColon:
		return redact.Msg("a colon follows the scheme, where only a space may")
	case schemeGlued:
		return redact.Msg("no space stands between the scheme and the token")
	case quotedToken:
		return redact.Msg("the token stands in quotes")
	case jsonObject:
		return redact.Msg("the token is wrapped in a JSON object instead of being sent as a string")
	case objectObject:
		return redact.Msg("the value is [object Object]: an object was turned into a string")
	case placeholder:
		return redact.Msg("the value is a placeholder such as undefined or null: the client had no token")
	case emptyCredential:
		return redact.Msg("no token follows the scheme")
	case percentEncoded:
		return redact.Msg("the value is percent-encoded")
	case lineBreak:
		return redact.Msg("a line break or a space stands inside the token")
	case severalTokens:
		return redact.Msg("more than one token stands in the value")
	}
	return redact.Message{}
}

// paste is what was pasted, taken apart: how the header was built, and what may be the token in it.
type paste struct {
	field     bool // the header's name shows
	schemes   int  // how many times Bearer or DPoP does
	dpop      bool
	artefacts artefact
	token     string // the candidate; empty where there is none
}

// header reports whether the paste shows how the Authorization header was built.
func (p *paste) header() bool { return p.field || p.schemes > 0 }

var fieldName = regexp.MustCompile(`(?i)(["'` + "`" + `]?)\bauthorization(["']?)\s*[:=][ \t]*`)

// readPaste takes s apart. It names what it finds and cleans nothing silently.
func readPaste(s string) paste {
	var p paste
	value := strings.TrimSpace(s)
	if m := findField(value); m != nil {
		p.field = true
		value = fieldValue(value, m)
	}
	value = p.cutSchemes(value)
	if p.field && p.schemes == 0 {
		value = p.cutOtherScheme(value)
	}
	p.readValue(strings.TrimSpace(value))
	return p
}

func findField(s string) []int {
	if len(s) < len("authorization") || isCompact(s) {
		return nil
	}
	return fieldName.FindStringSubmatchIndex(s)
}

// fieldValue returns the field's value: to the closing quote where the whole field was quoted (a
// shell command, a JSON object), else to the end of the line and what continues it.
func fieldValue(s string, m []int) string {
	before, after, rest := s[m[2]:m[3]], s[m[4]:m[5]], s[m[1]:]
	if before != "" && after == "" {
		value, _, _ := strings.Cut(rest, before)
		return value
	}
	if after != "" && rest != "" && strings.ContainsAny(rest[:1], `"'`) {
		value, _, _ := strings.Cut(rest[1:], rest[:1])
		return value
	}
	lines := strings.Split(rest, "\n")
	value := lines[0]
	for _, line := range lines[1:] {
		line = strings.TrimSpace(line)
		if line == "" || !isCompactish(line) {
			break
		}
		value += "\n" + line
	}
	return value
}

func (p *paste) cutSchemes(s string) string {
	for {
		s = strings.TrimLeft(s, " \t")
		n := schemeLength(s)
		if n == 0 {
			break
		}
		p.schemes++
		p.dpop = p.dpop || n == len("DPoP")
		s = s[n:]
		switch {
		case s == "":
		case s[0] == ' ' || s[0] == '\t':
		case s[0] == ':' || s[0] == '=' || s[0] == ',':
			p.artefacts |= schemeColon
			s = s[1:]
		case strings.HasPrefix(s, "%20"):
			p.artefacts |= percentEncoded
			s = s[3:]
		case s[0] == '\n' || s[0] == '\r':
			p.artefacts |= lineBreak
			s = strings.TrimLeft(s, "\r\n")
		default:
			p.artefacts |= schemeGlued
		}
	}
	if p.schemes > 1 {
		p.artefacts |= doubledScheme
	}
	return s
}

// schemeLength is the length of the scheme that s starts with, 0 for none. A scheme glued to its
// token is one where the token's first letters follow at once.
func schemeLength(s string) int {
	for _, scheme := range []string{"bearer", "dpop"} {
		if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
			continue
		}
		rest := s[len(scheme):]
		if rest == "" || !isCompactByte(rest[0]) || strings.HasPrefix(rest, "eyJ") || schemeLength(rest) > 0 {
			return len(scheme)
		}
	}
	return 0
}

func (p *paste) cutOtherScheme(s string) string {
	word, rest, found := strings.Cut(s, " ")
	if found && len(word) <= 16 && !strings.ContainsAny(word, `."'{}[]`) {
		p.artefacts |= otherScheme
		return rest
	}
	p.artefacts |= missingScheme
	return s
}

func (p *paste) readValue(s string) {
	switch strings.ToLower(strings.Trim(s, `"'`)) {
	case "":
		if p.header() {
			p.artefacts |= emptyCredential
		}
		return
	case "undefined", "null", "none", "nil", "nan", "true", "false", "{{token}}", "${token}", "<token>":
		p.artefacts |= placeholder
		return
	case "[object object]":
		p.artefacts |= objectObject
		return
	}
	if isCompact(s) {
		p.token = s
		return
	}
	if strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[{") {
		p.artefacts |= jsonObject
		p.token = tokenOfObject(s)
		return
	}
	if q := s[0]; len(s) > 1 && (q == '"' || q == '\'' || q == '`') {
		p.artefacts |= quotedToken
		s = strings.TrimSpace(strings.Trim(s, string(q)))
		if n := schemeLength(s); n > 0 {
			s = p.cutSchemes(s)
		}
	}
	if strings.Contains(s, "%2E") || strings.Contains(s, "%2e") || strings.Contains(s, "%20") || strings.Contains(s, "%3D") {
		if plain, err := url.PathUnescape(s); err == nil {
			p.artefacts |= percentEncoded
			s = strings.TrimSpace(plain)
		}
	}
	if isCompact(s) {
		p.token = s
		return
	}
	p.readPieces(s)
}

// readPieces looks at a value with white space, commas or foreign characters in it: several tokens,
// one token in pieces, or something else.
func (p *paste) readPieces(s string) {
	pieces := strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == ',' || r == ';'
	})
	whole := 0
	for _, piece := range pieces {
		if strings.HasPrefix(piece, "eyJ") && strings.Count(piece, ".") >= 2 {
			if whole++; whole == 1 {
				p.token = piece
			}
		}
	}
	if whole > 1 {
		p.artefacts |= severalTokens
		return
	}
	joined := strings.Join(pieces, "")
	if len(pieces) > 1 && isCompact(joined) {
		p.artefacts |= lineBreak
		p.token = joined
		return
	}
	if p.token == "" && (len(pieces) == 1 || p.header()) {
		p.token = s
	}
}

// tokenOfObject finds the access token of a token response (RFC 6749 §5.1), or the first value in
// an object that has a compact JWS's form.
func tokenOfObject(s string) string {
	o, err := scanObject([]byte(s))
	if err == nil {
		for _, name := range []string{"access_token", "token", "accessToken", "id_token", "jwt"} {
			if v, ok := o.str(name); ok {
				return v
			}
		}
	}
	for _, piece := range strings.FieldsFunc(s, func(r rune) bool { return r < 0x80 && !isCompactByte(byte(r)) }) {
		if strings.Count(piece, ".") == 2 && len(piece) > 20 {
			return piece
		}
	}
	return ""
}

func isCompactByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
}

// isCompact reports whether s has only the characters of a compact serialization (RFC 7515 §2).
func isCompact(s string) bool {
	for i := range len(s) {
		if !isCompactByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// isCompactish allows what often surrounds or damages one, but nothing that a sentence or another
// header field has.
func isCompactish(s string) bool { return !strings.ContainsAny(s, " :;<>()") }
