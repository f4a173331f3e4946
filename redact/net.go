package redact

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

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
// It glances at 8 bytes of every 13, since each run of 20 holds one such glance whole, and reads
// only where no space or quote stands in one; what it reads it reads once or twice.
func Scan[T string | []byte](s T) Find { return scan([]byte(s)) }

const (
	glance = 8
	stride = shortRun - glance + 1
)

func scan(s []byte) Find {
	known := 0 // of s, has been read
	for at := 0; at <= len(s)-glance; at += stride {
		if partings(s[at:]) != 0 || at >= glance && at <= len(s)-2*glance && isShort(s[at-glance:at+2*glance]) {
			continue
		}
		from, to, seen := runAround(s, at, known)
		if to == 0 {
			continue
		}
		if to-from >= shortRun {
			if f := judge(s, from, to, seen&isJoin != 0); f != Nothing {
				return f
			}
		}
		known, at = to, to // where no run stands, so that the next begins behind it
	}
	if holdsPrivateKey(s) {
		return PrivateKey
	}
	return Nothing
}

// Eight bytes at once: one bit of each, and its highest.
const (
	eachByte = 0x0101010101010101
	topBits  = 0x8080808080808080
)

// partings marks, in the top bits of the first 8 bytes of s, some bytes that can be no part of a run:
// space, !, ", # and $, of which every text is full. Only the lowest mark is certain.
func partings(s []byte) uint64 {
	v := binary.LittleEndian.Uint64(s) ^ ' '*eachByte
	return (v - ('$'-' '+1)*eachByte) &^ v & topBits
}

// isShort reports whether the run whose middle third is s[8:16] surely ends within s, and is shorter
// than any that counts.
func isShort(s []byte) bool {
	after := partings(s[2*glance:])
	v := binary.LittleEndian.Uint64(s) ^ ' '*eachByte
	before := ^((v | topBits) - ('$'-' '+1)*eachByte | v) & topBits // all its marks are certain
	return after != 0 && before != 0 && bits.TrailingZeros64(after)/8+bits.LeadingZeros64(before)/8 < shortRun-glance
}

// runAround returns the run that s[at:at+8] stands in, which does not begin before known, and the
// classes of its bytes; to is 0 where one of the 8 belongs to no run.
func runAround(s []byte, at, known int) (from, to int, seen uint8) {
	from = at + glance
	for from > known {
		c := class[s[from-1]] & (isURL64 | isJoin)
		if c == 0 {
			break
		}
		seen |= c
		from--
	}
	if from > at {
		return 0, 0, 0
	}
	to = at + glance
	for to < len(s) {
		c := class[s[to]] & (isURL64 | isJoin)
		if c == 0 {
			break
		}
		seen |= c
		to++
	}
	return from, to, seen
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

// isSlug reports whether s is words of small letters, or of capitals, with hyphens or underscores
// between, as in addresses of documentation and in names of metrics and of variables: a run of
// base64url is that less often than once in 10^14.
func isSlug(s []byte) bool {
	const longWord = 16
	word, letters := 0, kindLower
	if len(s) > 0 && kinds[s[0]] == kindUpper {
		letters = kindUpper
	}
	for i := range len(s) {
		switch kind := kinds[s[i]]; {
		case kind == letters && word < longWord:
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
