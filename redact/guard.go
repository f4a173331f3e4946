package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Suspicious reports whether s looks like a secret, a token, a person or a payment card: such a
// value is hidden even where its claim may be shown.
func Suspicious(s string) bool {
	if len(s) > 1024 || looksPrivate(s) || hasSecretWord(s) {
		return true
	}
	if firstActive(s) == len(s) {
		return false
	}
	p := asRead(s)
	return looksPrivate(p) || hasSecretWord(p) || Scan(s) != Nothing || Scan(p) != Nothing
}

// suspiciousName is the same for a claim's name, which may say what it is: it is no secret yet.
func suspiciousName(s string) bool { return looksPrivate(s) }

func looksPrivate(s string) bool {
	return Leaks(s) || hasSecretPrefix(s) || hasAddress(s) || hasCardOrPhone(s) || hasUserinfo(s)
}

// asRead is s as a person reads it: without what nobody sees, any space a space, and the wide forms of
// letters, digits and signs (U+FF01 to U+FF5E) in place of which others are as good.
func asRead(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xff01 + '!'
		case r != ' ' && unicode.IsSpace(r):
			return ' '
		case visible(r) == skipped:
			return -1
		}
		return r
	}, s)
}

// secretPrefixes are those of credential.go, of whatever length: in a claim's value the prefix is enough.
var secretPrefixes = func() []string {
	list := []string{"-----" + "BEGIN"}
	for _, c := range credentials {
		list = append(list, c.prefix)
	}
	return list
}()

// byFirst sorts words by their first byte, so that one pass over a text looks for all of them.
func byFirst(words []string) (t [256][]string) {
	for _, w := range words {
		t[w[0]] = append(t[w[0]], w)
	}
	return t
}

var secretPrefixesByFirst = byFirst(secretPrefixes)

func hasSecretPrefix(s string) bool {
	for i := range len(s) {
		for _, p := range secretPrefixesByFirst[s[i]] {
			if strings.HasPrefix(s[i:], p) {
				return true
			}
		}
	}
	return false
}

var (
	secretWords        = []string{"password", "passwd", "secret=", "apikey", "api_key", "token=", "code=", "client_secret"}
	secretWordsByFirst = byFirst(secretWords)
)

// hasSecretWord finds text that says itself what it is. A claim's name may: it is no secret yet.
func hasSecretWord(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf { // a letter whose lower case is plain ASCII, perhaps
			lower := strings.ToLower(s)
			return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(lower, w) })
		}
		for _, w := range secretWordsByFirst[s[i]|0x20] {
			if len(s)-i >= len(w) && strings.EqualFold(s[i:i+len(w)], w) {
				return true
			}
		}
	}
	return false
}

// hasAddress finds an e-mail address (RFC 5322 §3.4.1): an at sign with something of a local part before
// it, and a domain with a dot, or a literal one, behind it.
func hasAddress(s string) bool {
	for i := 1; i < len(s)-1; i++ {
		if s[i] != '@' || !isWordByte(s[i-1]) && !strings.ContainsRune(`"'+-.!#$%&*=?^{|}~`, rune(s[i-1])) {
			continue
		}
		if (isWordByte(s[i+1]) || s[i+1] == '[') && strings.Contains(s[i+1:], ".") {
			return true
		}
	}
	return false
}

// hasCardOrPhone finds 13 to 19 digits that satisfy Luhn's check, or a number that starts with + or
// 00 and has 8 to 15 digits (E.164), both also with spaces, dots or hyphens between. A UUID is neither,
// whatever its digits: Microsoft's own applications have 00000003-0000-0000-c000-000000000000 and the like.
func hasCardOrPhone(s string) bool {
	for i := 0; i < len(s); {
		if (i == 0 || !isWordByte(s[i-1])) && startsUUID(s[i:]) {
			i += uuidSize
			continue
		}
		if !isDigit(s[i]) || i > 0 && isWordByte(s[i-1]) {
			i++
			continue
		}
		digits, j := make([]byte, 0, 20), i
		for ; j < len(s) && len(digits) <= 19; j++ {
			if isDigit(s[j]) {
				digits = append(digits, s[j]-'0')
			} else if s[j] != ' ' && s[j] != '-' && s[j] != '.' {
				break
			}
		}
		n := len(digits)
		if n >= 13 && n <= 19 && luhn(digits) {
			return true
		}
		// 00 stands for + where a number begins; behind a hyphen it is part of an identifier.
		abroad := i > 0 && s[i-1] == '+' || n > 2 && digits[0] == 0 && digits[1] == 0 && (i == 0 || s[i-1] != '-')
		if abroad && n >= 8 && n <= 17 {
			return true
		}
		i = max(j, i+1)
	}
	return false
}

const uuidSize = 36

// startsUUID reports whether s begins with a UUID (RFC 9562 §4) that goes on as no word does.
func startsUUID(s string) bool {
	if len(s) < uuidSize || s[8] != '-' || len(s) > uuidSize && isWordByte(s[uuidSize]) {
		return false
	}
	for i := range uuidSize {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if class[s[i]]&isHexChar == 0 {
				return false
			}
		}
	}
	return true
}

func luhn(digits []byte) bool {
	sum := 0
	for i, d := range digits {
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += int(d)
	}
	return sum%10 == 0
}

// hasUserinfo finds user:password@ in a URL.
func hasUserinfo(s string) bool {
	_, rest, ok := strings.Cut(s, "://")
	if !ok {
		return false
	}
	authority, _, _ := strings.Cut(rest, "/")
	return strings.Contains(authority, "@")
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// LooksSecret reports whether JSON text holds what announces itself as a credential: a well-known
// prefix, a private key, or a token inside a string. Long random identifiers alone do not count.
func LooksSecret(raw string) bool {
	if len(raw) < 12 {
		return false
	}
	if at := strings.Index(raw, "eyJ"); at >= 0 && strings.Count(raw[at:], ".") >= 2 && Leaks(raw[at:]) {
		return true
	}
	for _, p := range secretPrefixesByFirst[raw[1]] {
		if strings.HasPrefix(raw[1:], p) {
			return true
		}
	}
	return false
}

// LooksLikeCardOrPhone reports whether JSON text is a payment card's number or a telephone number.
func LooksLikeCardOrPhone(raw string) bool {
	return len(raw) > 8 && len(raw) < 40 && digits(raw) >= 8 && hasCardOrPhone(raw)
}

func digits(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}
