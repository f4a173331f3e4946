package redact

import "bytes"

// shortRun is the length from which a run can be a credential that has a well-known prefix.
const shortRun = 20

// Class bits of bytes, by which the nets skip.
const (
	isURL64   = 1 << iota // a base64url character
	isJoin                // what may stand inside a token that was escaped, wrapped or split
	isStd64               // + and /
	isHexChar             // 0-9 a-f A-F
)

var class = func() (t [256]uint8) {
	for c := range 256 {
		b := byte(c)
		switch {
		case base64URL[b]:
			t[c] = isURL64
		case b == '+' || b == '/':
			t[c] = isStd64 | isJoin
		case b == '\\' || b == '%' || b == '\n' || b == '\r' || b >= 0x80:
			t[c] = isJoin
		}
		if isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' {
			t[c] |= isHexChar
		}
	}
	return t
}()

// Scan is the outgoing net: it says what in s looks like a part of a token (compact JWS or JWE,
// plain, in base64 or hex, percent- or JSON-escaped, split), a private key or another credential.
//
// It looks at every 20th byte and only then backwards, so that ordinary text costs a fraction of
// its length; what it stops at is read once more, so that no text costs more than twice its length.
func Scan[T string | []byte](s T) Find { return scan([]byte(s)) }

func scan(s []byte) Find {
	for end := shortRun - 1; end < len(s); {
		i, seen := end, uint8(0)
		for i > end-shortRun && class[s[i]]&(isURL64|isJoin) != 0 {
			seen |= class[s[i]]
			i--
		}
		if i > end-shortRun {
			end = i + shortRun
			continue
		}
		// s[i] ends what was looked at before, so the run starts behind it.
		from, to := i+1, end+1
		for to < len(s) && class[s[to]]&(isURL64|isJoin) != 0 {
			seen |= class[s[to]]
			to++
		}
		if f := judge(s, from, to, seen&isJoin != 0); f != Nothing {
			return f
		}
		end = to + shortRun
	}
	if holdsPrivateKey(s) {
		return PrivateKey
	}
	return Nothing
}

// judge says what the run s[from:to] is.
func judge(s []byte, from, to int, mixed bool) Find {
	switch {
	case mixed:
		return walk(s, from, to)
	case to-from >= longRun && !isSlug(s[from:to]):
		return TokenPart
	case isCredential(s, from, to):
		return Credential
	}
	return Nothing
}

// holdsPrivateKey finds the first line of a PEM block (RFC 7468 §10, §11); spaces may be escaped.
func holdsPrivateKey(s []byte) bool {
	const near = 40
	for from := 0; ; {
		at := bytes.Index(s[from:], begin)
		if at < 0 {
			return false
		}
		at += from
		if at >= 5 && string(s[at-5:at]) == "-----" && bytes.Contains(s[at:min(at+near, len(s))], private) {
			return true
		}
		from = at + 5
	}
}

var begin, private = []byte("BEGIN"), []byte("PRIVATE")

// walk reads one run of base64url characters and of what may join them.
func walk(s []byte, from, to int) Find {
	plain := 0
	var j joined
	for i := from; i < to; {
		c := s[i]
		if class[c]&isURL64 != 0 {
			if plain++; plain == longRun {
				end := i + 1
				for end < to && class[s[end]]&isURL64 != 0 {
					end++
				}
				if !isSlug(s[i+1-longRun : end]) {
					return TokenPart
				}
				i, plain, j = end, 0, joined{}
				continue
			}
			if to-from >= longRun && j.add(c) {
				return SplitToken
			}
			i++
			continue
		}
		if plain >= shortRun && isCredential(s, i-plain, i) {
			return Credential
		}
		plain = 0
		if class[c]&isStd64 != 0 {
			if j.add(c) {
				return SplitToken
			}
			i++
			continue
		}
		if c >= 0x80 && (mayShow[c] || c == 0xe3 && i+1 < to && s[i+1] != 0x85) { // of what is written in other scripts, most is told by one byte
			if j.n > 0 {
				j = joined{}
			}
			for i++; i < to && mayShow[s[i]]; {
				i++
			}
			continue
		}
		r, n := logical(s[i:to])
		i += n
		switch {
		case r == skipped:
		case r == lineBreak:
			j.line()
		case r > 0 && r < 0x80 && class[r]&(isURL64|isStd64) != 0:
			if j.add(byte(r)) {
				return SplitToken
			}
		case j.n > 0:
			j = joined{}
		}
	}
	if plain >= shortRun && isCredential(s, to-plain, to) {
		return Credential
	}
	return Nothing
}

// mayShow are the bytes from which no invisible character starts: of UTF-8 the leading bytes of
// letters and signs alone, and all that follow.
var mayShow = func() (t [256]bool) {
	for c := 0x80; c < 256; c++ {
		t[c] = c < 0xc0 || c >= 0xc3 && c <= 0xcc || c >= 0xe4 && c <= 0xee
	}
	return t
}()

// isSlug reports whether s is small words with hyphens or underscores between, as in addresses of
// documentation and names of metrics: a run of base64url is that less often than once in 10^14.
func isSlug(s []byte) bool {
	const longWord = 16
	word := 0
	for i := range len(s) {
		switch kind := kinds[s[i]]; {
		case kind == kindLower && word < longWord:
			word++
		case (s[i] == '-' || s[i] == '_') && word > 0:
			word = 0
		default:
			return false
		}
	}
	return true
}

// joined weighs characters that do not touch, or only through + and /: paths and lists of names
// join as well, but a token changes between capitals, small letters and digits at two characters of
// three, and names at less than one of three.
type joined struct {
	n, piece int // characters, and those since the last line break
	changes  int
	of       [4]int // characters of each kind
	last     uint8
}

const (
	shortLine   = 8  // a token wrapped narrower than this is a column of words
	leastChange = 16 // of 40 characters; random ones have 26 ± 3
)

// add takes one more character and reports whether 40 of them look like a part of a token.
func (j *joined) add(c byte) bool {
	j.piece++
	j.n++
	if kind := kinds[c]; kind != 0 {
		j.of[kind]++
		if kind != j.last {
			j.changes++
			j.last = kind
		}
	}
	return j.n >= longRun && j.weigh()
}

func (j *joined) weigh() bool {
	found := j.changes >= leastChange && j.of[kindUpper] >= 3 && j.of[kindLower] >= 3
	*j = joined{piece: j.piece, last: j.last}
	return found
}

func (j *joined) line() {
	if j.piece > 0 && j.piece < shortLine { // of a CRLF the second half ends nothing
		*j = joined{}
	}
	j.piece = 0
}

const (
	kindUpper uint8 = iota + 1
	kindLower
	kindDigit
)

var kinds = func() (t [256]uint8) {
	for c := range 256 {
		switch b := byte(c); {
		case isDigit(b):
			t[c] = kindDigit
		case b >= 'a' && b <= 'z':
			t[c] = kindLower
		case b >= 'A' && b <= 'Z':
			t[c] = kindUpper
		}
	}
	return t
}()
