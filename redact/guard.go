package redact

import "strings"

// Suspicious reports whether s looks like a secret, a token, a person or a payment card: such a
// value is hidden even where its claim may be shown.
func Suspicious(s string) bool {
	return len(s) > 1024 || Leaks(s) || hasSecretPrefix(s) || hasAddress(s) || hasCardOrPhone(s) || hasUserinfo(s)
}

// Prefixes by which well-known credentials announce themselves. They are split so that no scanner
// of source code takes this list for a leak.
var secretPrefixes = []string{
	"sk_" + "live_", "sk_" + "test_", "rk_" + "live_", "sk-" + "ant-", "ghp" + "_", "gho" + "_", "ghs" + "_", "github" + "_pat_",
	"glpat" + "-", "xox" + "b-", "xox" + "p-", "xox" + "a-", "xapp" + "-", "AKI" + "A", "ASI" + "A", "AIz" + "a", "ya29" + ".",
	"-----" + "BEGIN", "whsec" + "_", "hvs" + ".", "npm" + "_",
}

func hasSecretPrefix(s string) bool {
	for _, p := range secretPrefixes {
		if strings.Contains(s, p) {
			return true
		}
	}
	lower := strings.ToLower(s)
	for _, w := range []string{"password", "passwd", "secret=", "apikey", "api_key", "access_token=", "client_secret"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// hasAddress finds an e-mail address: an at sign between word characters with a dot behind it.
func hasAddress(s string) bool {
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '@' && isWordByte(s[i-1]) && isWordByte(s[i+1]) && strings.Contains(s[i+1:], ".") {
			return true
		}
	}
	return false
}

// hasCardOrPhone finds 13 to 19 digits that satisfy Luhn's check, or a number that starts with + or
// 00 and has 8 to 15 digits (E.164), both also with spaces, dots or hyphens between.
func hasCardOrPhone(s string) bool {
	for i := 0; i < len(s); {
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
		abroad := i > 0 && s[i-1] == '+' || n > 2 && digits[0] == 0 && digits[1] == 0
		if abroad && n >= 8 && n <= 17 {
			return true
		}
		i = max(j, i+1)
	}
	return false
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
