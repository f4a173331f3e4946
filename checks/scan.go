package checks

import (
	"hash/maphash"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"jwt-check-bot/redact"
)

// scanner reads JSON by the grammar of RFC 8259 and finds where its parts stand. It decodes nothing
// and copies nothing, which is a twentieth of what encoding/json costs, and it accepts exactly what
// jsontext accepts: TestScan and FuzzScan hold it to that.
type scanner struct {
	object     // the outermost; its members are followed by those of the objects that are open in it
	pos    int // in its text
}

// maxNesting is how many objects and arrays may stand inside each other.
const maxNesting = 10_000

// manyMembers is how many names are better told apart by their codes than by a hash.
const manyMembers = 128

// next skips white space and returns the byte that follows, 0 at the end.
func (s *scanner) next() byte {
	for ; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// value reads one value, which starts at the next byte, inside depth objects and arrays.
func (s *scanner) value(depth int) bool {
	switch c := s.next(); c {
	case '{':
		return s.braces(depth)
	case '[':
		return s.brackets(depth, nil)
	case '"':
		_, ok := s.str()
		return ok
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

// braces reads an object.
func (s *scanner) braces(depth int) bool {
	if depth >= maxNesting {
		return false
	}
	first := len(s.members)
	var few codes
	s.pos++
	if s.next() == '}' {
		s.pos++
		return true
	}
	for {
		from := s.pos
		escaped, ok := s.str()
		if !ok {
			return false
		}
		m := member{at: redact.Range(from+1, s.pos-1)}
		m.name = s.text[m.at.From:m.at.To]
		if escaped {
			m.name = unquote(s.text[from:s.pos])
		}
		if s.next() != ':' {
			return false
		}
		s.pos++
		m.kind = kindByte(s.next())
		start := s.pos
		n, ok := len(s.members), s.value(depth+1)
		if s.members = s.members[:n]; !ok {
			return false
		}
		m.json = redact.Range(start, s.pos)
		if n-first < manyMembers {
			s.duplicated = few.add(s.members[first:], &m) || s.duplicated
		}
		s.members = append(s.members, m)
		switch s.next() {
		case ',':
			s.pos++
			s.next()
		case '}':
			s.pos++
			members := s.members[first:]
			var many index
			if len(members) > manyMembers {
				var twice bool
				many, twice = newIndex(members)
				s.duplicated = s.duplicated || twice
			}
			if depth == 0 {
				s.few, s.many = few, many
			}
			return true
		default:
			return false
		}
	}
}

// brackets reads an array, and adds its elements to list unless that is nil.
func (s *scanner) brackets(depth int, list *[]redact.Span) bool {
	if depth >= maxNesting {
		return false
	}
	s.pos++
	if s.next() == ']' {
		s.pos++
		return true
	}
	for {
		s.next()
		from := s.pos
		if !s.value(depth + 1) {
			return false
		}
		if list != nil {
			*list = append(*list, redact.Range(from, s.pos))
		}
		switch s.next() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return true
		default:
			return false
		}
	}
}

// plainInString are the bytes that stand for themselves in a string and are a character each.
var plainInString = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// str reads a string. Invalid UTF-8 is an error, and so is half a surrogate pair (RFC 8259 §8.2).
func (s *scanner) str() (escaped, ok bool) {
	if s.pos >= len(s.text) || s.text[s.pos] != '"' {
		return false, false
	}
	for i := s.pos + 1; i < len(s.text); {
		switch c := s.text[i]; {
		case plainInString[c]:
			for i++; i < len(s.text) && plainInString[s.text[i]]; i++ {
			}
		case c == '"':
			s.pos = i + 1
			return escaped, true
		case c == '\\':
			n := escapeLength(s.text[i:])
			if n == 0 {
				return true, false
			}
			escaped = true
			i += n
		default:
			r, n := utf8.DecodeRuneInString(s.text[i:])
			if c < ' ' || r == utf8.RuneError && n == 1 {
				return escaped, false
			}
			i += n
		}
	}
	return escaped, false
}

// escapeLength is the length of the escape sequence that s starts with, 0 if it is none.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	if s[1] != 'u' {
		if strings.IndexByte(`"\/bfnrt`, s[1]) < 0 {
			return 0
		}
		return 2
	}
	r, ok := hex4(s)
	if !ok {
		return 0
	}
	if !utf16.IsSurrogate(r) {
		return 6
	}
	low, ok := hex4(s[6:])
	if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
		return 0
	}
	return 12
}

// hex4 reads the four digits of a \uXXXX.
func hex4(s string) (r rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		switch {
		case isDigit(c):
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func (s *scanner) literal(word string) bool {
	ok := strings.HasPrefix(s.text[s.pos:], word)
	s.pos += len(word)
	return ok
}

// number reads a number (RFC 8259 §6).
func (s *scanner) number() bool {
	if s.is('-') {
		s.pos++
	}
	if s.is('0') {
		s.pos++
	} else if !s.digits() {
		return false
	}
	if s.is('.') {
		s.pos++
		if !s.digits() {
			return false
		}
	}
	if s.is('e') || s.is('E') {
		s.pos++
		if s.is('+') || s.is('-') {
			s.pos++
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	from := s.pos
	for s.pos < len(s.text) && isDigit(s.text[s.pos]) {
		s.pos++
	}
	return s.pos > from
}

func (s *scanner) is(c byte) bool { return s.pos < len(s.text) && s.text[s.pos] == c }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// kindByte is the first byte of a value, where any number's is 0.
func kindByte(c byte) byte {
	if c == '-' || isDigit(c) {
		return '0'
	}
	return c
}

// codes find members by a number by which most names differ: the position, from 1, of the last member
// whose name has it, 0 for none. A member has the position of the one before it.
type codes [64]uint8

func codeOf(name string) uint8 {
	if name == "" {
		return 0
	}
	n := uint(len(name))
	return uint8((uint(name[0]) + 17*uint(name[n/2]) + 5*uint(name[n-1]) + 11*n) % uint(len(codes{})))
}

// find returns the position, from 1, of the last member of that name; 0 where there is none.
func (c *codes) find(members []member, name string) uint8 {
	at := c[codeOf(name)]
	for at > 0 && members[at-1].name != name {
		at = members[at-1].before
	}
	return at
}

// add makes m the next of the members, and reports whether one of them has its name already.
func (c *codes) add(members []member, m *member) (twice bool) {
	twice = c.find(members, m.name) > 0
	code := codeOf(m.name)
	m.before, c[code] = c[code], uint8(len(members)+1)
	return twice
}

// index is a hash table of names: positions, from 1, of the last member of each name. At most half of
// it is taken. The seed is the process's own, so that nobody can choose names that collide.
type index []uint32

var indexSeed = maphash.MakeSeed()

// newIndex also reports whether a name stands twice.
func newIndex(members []member) (x index, twice bool) {
	x = make(index, 1<<bits.Len(uint(2*len(members)-1)))
	for i := range members {
		at := x.slot(members, members[i].name)
		twice = twice || x[at] > 0
		x[at] = uint32(i + 1)
	}
	return x, twice
}

// slot is where the name stands, or the empty place where it would.
func (x index) slot(members []member, name string) int {
	for at := int(maphash.String(indexSeed, name)); ; at++ {
		at &= len(x) - 1
		if i := x[at]; i == 0 || members[i-1].name == name {
			return at
		}
	}
}
