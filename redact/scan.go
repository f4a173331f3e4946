package redact

// longRun is the length from which a run of base64url characters is taken for part of a token:
// shorter than any signature, longer than what we show on purpose.
const longRun = 40

var base64URL = func() (t [256]bool) {
	for c := range 256 {
		b := byte(c)
		t[c] = isDigit(b) || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-' || b == '_'
	}
	return t
}()

// Leaks reports whether s holds a run of 40 or more base64url characters, as every compact JWS and
// JWE does in each of its long parts. It looks at every 40th byte and only then backwards, so that
// ordinary text costs a fortieth of its length.
func Leaks[T string | []byte](s T) bool {
	for end := longRun - 1; end < len(s); {
		i := end
		for i > end-longRun && base64URL[s[i]] {
			i--
		}
		if i == end-longRun {
			return true
		}
		end = i + longRun
	}
	return false
}

// opaqueRun is the length of s's longest run of letters, digits and underscores.
func opaqueRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if base64URL[s[i]] && s[i] != '-' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}
