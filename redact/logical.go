package redact

import (
	"unicode"
	"unicode/utf8"
)

// What logical returns besides characters.
const (
	skipped   rune = -1 // nobody sees it
	lineBreak rune = -2
	broken    rune = -3 // an escape that is none
)

// logical reads one character as a reader of JSON, of a URL or of a screen would take it, and how
// many bytes it stands in: `\u0065` and `%65` are e, `\n` is a line break, zero-width is nothing.
func logical(s []byte) (rune, int) {
	switch c := s[0]; {
	case c == '\\':
		return escaped(s)
	case c == '%':
		return percent(s)
	case c == '\n' || c == '\r':
		return lineBreak, 1
	case c < 0x80:
		return rune(c), 1
	}
	r, n := utf8.DecodeRune(s)
	return visible(r), n
}

// escaped reads a JSON escape (RFC 8259 §7), also one whose backslash was escaped again because
// the text was put into JSON twice.
func escaped(s []byte) (rune, int) {
	n := 1
	for n < len(s) && s[n] == '\\' {
		n++
	}
	if n == len(s) {
		return broken, n
	}
	switch s[n] {
	case 'n', 'r':
		return lineBreak, n + 1
	case '/':
		return '/', n + 1
	case 'b', 'f', 't':
		return broken, n + 1
	case 'u':
		if n+4 >= len(s) {
			return broken, n
		}
		var r rune
		for i := n + 1; i <= n+4; i++ {
			d := hexDigit(s[i])
			if d < 0 {
				return broken, n
			}
			r = r<<4 | rune(d)
		}
		return visible(r), n + 5
	}
	return broken, n
}

// percent reads a percent-encoded character (RFC 3986 §2.1), of however many bytes.
func percent(s []byte) (rune, int) {
	var b [utf8.UTFMax]byte
	k := 0
	for ; k < len(b) && 3*k+2 < len(s) && s[3*k] == '%'; k++ {
		high, low := hexDigit(s[3*k+1]), hexDigit(s[3*k+2])
		if high < 0 || low < 0 {
			break
		}
		b[k] = byte(high<<4 | low)
		if b[0] < 0x80 {
			k++
			break
		}
	}
	if k == 0 {
		return broken, 1
	}
	r, n := utf8.DecodeRune(b[:k])
	if r == '\n' || r == '\r' {
		return lineBreak, 3
	}
	return visible(r), 3 * n
}

func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// visible returns r, or skipped where it shows nothing on a screen.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029:
		return lineBreak
	case r < 0x80:
		return r
	case invisible(r):
		return skipped
	}
	return r
}

// invisible reports whether r takes no room: zero-width and soft hyphen and whatever else is a
// format character, fillers, variation selectors.
func invisible(r rune) bool {
	if r >= 0x3165 && r < 0xfe00 || r > 0xffff && r < 0x11000 { // the bulk of CJK, and what nobody writes
		return false
	}
	switch r {
	case 0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0, 0x2800:
		return true
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}
