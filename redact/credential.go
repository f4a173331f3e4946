package redact

type credential struct {
	prefix string
	least  int
}

// credentials are the prefixes by which well-known credentials announce themselves, and how long
// one is at least, in all. They are split so that no scanner of source code takes them for leaks.
var credentials = []credential{
	{"sk_" + "live_", 24}, {"sk_" + "test_", 24}, {"rk_" + "live_", 24}, {"rk_" + "test_", 24}, {"sk-" + "ant-", 24}, {"sk-" + "proj-", 24},
	{"whsec" + "_", 24}, {"ghp" + "_", 36}, {"gho" + "_", 36}, {"ghs" + "_", 36}, {"ghu" + "_", 36}, {"ghr" + "_", 36}, {"github" + "_pat_", 30},
	{"glpat" + "-", 24}, {"xox" + "b-", 20}, {"xox" + "p-", 20}, {"xox" + "a-", 20}, {"xox" + "s-", 20}, {"xapp" + "-", 20}, {"xox" + "e-", 20},
	{"AKI" + "A", 20}, {"ASI" + "A", 20}, {"AIz" + "a", 35}, {"npm" + "_", 36}, {"ya29" + ".", 25}, {"hvs" + ".", 24}, {"dop" + "_v1_", 30},
}

// credentialsByLetter are those that begin with a byte.
var credentialsByLetter = func() (t [256][]credential) {
	for _, c := range credentials {
		t[c.prefix[0]] = append(t[c.prefix[0]], c)
	}
	return t
}()

// isCredential reports whether the run s[from:to] of base64url characters is a credential that
// announces itself, or the value of a JWK's private member (RFC 7517 §4, RFC 7518 §6.2.2, §6.4.1).
func isCredential(s []byte, from, to int) bool {
	for _, start := range [...]int{from, from - len("hvs."), from - len("ya29.")} { // a dot ends a run
		if start < 0 || start < from && s[from-1] != '.' {
			continue
		}
		for _, c := range credentialsByLetter[s[start]] {
			if to-start >= c.least && (start == from || len(c.prefix) == from-start) && string(s[start:start+len(c.prefix)]) == c.prefix && (c.least > 20 || c.prefix[0] != 'A' || isKeyID(s[from:to])) {
				return true
			}
		}
	}
	return s[max(0, from-1)] == '"' && isPrivateMember(s[max(0, from-12):from])
}

// isKeyID tells an AWS key ID, which is 20 capitals and digits, from words in capitals.
func isKeyID(s []byte) bool {
	digits := 0
	for i := range len(s) {
		switch {
		case isDigit(s[i]):
			digits++
		case s[i] < 'A' || s[i] > 'Z':
			return false
		}
	}
	return len(s) == 20 && digits > 0
}

// isPrivateMember reports whether s ends in `"d":"` or `"k":"`, also where that was escaped.
func isPrivateMember(s []byte) bool {
	n, quotes, colon := len(s), 0, false
	for n > 0 {
		switch s[n-1] {
		case '"':
			quotes++
		case ':':
			colon = true
		case '\\', ' ':
		default:
			return colon && quotes == 2 && (s[n-1] == 'd' || s[n-1] == 'k') && n > 1 && s[n-2] == '"'
		}
		n--
	}
	return false
}
