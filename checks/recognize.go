package checks

import (
	"cmp"
	"slices"
	"strings"
)

// What a server's words mean: the sayings that stand in a text.

// heard is a saying that was recognised, with the software that says so.
type heard struct {
	*saying
	by     *family
	weight int // how much of its longest words stands there, in bytes
}

// unnamed is the family of words that several programs share, and of what none of them says more of.
var unnamed family

// recognize finds what a server's words mean, in the order of the causes; what tells no cause comes last.
// The longest words for a cause name the software.
func recognize(text string, status int) []heard {
	t := newHearing(text)
	var list, vague []heard
	for _, m := range t.matches() {
		if m.by.generic {
			vague = append(vague, m)
		} else {
			list = append(list, m)
		}
	}
	if !slices.ContainsFunc(list, func(h heard) bool { return h.cause != "" }) {
		list = append(list, vague...)
	}
	if status == 431 || status == 494 || status == 413 || status == 414 {
		list = append(list, heard{saying: &sizeSayings.sayings[0], by: &sizeSayings})
	}
	slices.SortStableFunc(list, func(a, b heard) int {
		return cmp.Or(rank(a.cause)-rank(b.cause), b.weight-a.weight)
	})
	for i := 1; i < len(list); i++ {
		if a, b := &list[i-1], &list[i]; a.cause == b.cause && a.cause != "" && a.weight == b.weight && a.by != b.by {
			a.by = &unnamed
		}
	}
	return slices.CompactFunc(list, func(a, b heard) bool { return a.cause == b.cause && a.cause != "" })
}

// hearing is a text in which sayings are looked for.
type hearing struct {
	plain   string // in lower case, white space made one
	spaced  string // the same with spaces for underscores, as Envoy writes its reasons into access logs
	glance  fourGrams
	covered []bool // which bytes belong to words that were recognised
}

func newHearing(text string) *hearing {
	t := &hearing{plain: strings.ReplaceAll(strings.Join(strings.Fields(strings.ToLower(text)), " "), `": `, `":`)}
	t.spaced = strings.ReplaceAll(t.plain, "_", " ")
	t.glance.add(t.plain)
	t.glance.add(t.spaced)
	return t
}

// matches are the sayings whose words stand there, but for those that are a part of longer ones:
// "token is malformed" in "Bearer token is malformed" is not heard.
func (t *hearing) matches() []heard {
	type match struct {
		heard
		words string
	}
	var all []match
	for _, f := range families() {
		for i := range f.sayings {
			for _, w := range f.sayings[i].words {
				if t.glance.has(w) && (find(t.plain, w, 0) != nil || find(t.spaced, w, 0) != nil) {
					all = append(all, match{heard{&f.sayings[i], f, len(w) - strings.Count(w, "*")}, w})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b match) int { return b.weight - a.weight })
	if len(all) > 1 {
		t.covered = make([]bool, len(t.plain))
	}
	var list []heard
	for _, m := range all {
		if t.cover(m.words) && !slices.ContainsFunc(list, func(h heard) bool { return h.saying == m.saying }) {
			list = append(list, m.heard)
		}
	}
	return list
}

// cover notes each place where the words stand, and reports whether one of them was not covered.
func (t *hearing) cover(words string) (fresh bool) {
	if t.covered == nil {
		return true
	}
	for _, s := range [...]string{t.plain, t.spaced} {
		for at := 0; ; {
			places := find(s, words, at)
			if places == nil {
				break
			}
			for _, p := range places {
				for i := p.from; i < p.to; i++ {
					fresh = fresh || !t.covered[i]
					t.covered[i] = true
				}
			}
			at = places[0].to
		}
		if t.plain == t.spaced {
			break
		}
	}
	return fresh
}

// fourGrams are hashes of what four bytes in a row a text has: most patterns have some that it has not,
// and need not be looked for.
type fourGrams [1 << 10]uint64

func fourGram(s string) uint32 {
	v := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
	return v * 0x9e3779b1 >> 16
}

func (g *fourGrams) add(s string) {
	for i := 0; i+4 <= len(s); i++ {
		h := fourGram(s[i:])
		g[h>>6] |= 1 << (h & 63)
	}
}

// has reports whether all of a pattern's are there, but for those with a * in them.
func (g *fourGrams) has(pattern string) bool {
	for i := 0; i+4 <= len(pattern); i++ {
		if strings.Contains(pattern[i:i+4], "*") {
			continue
		}
		if h := fourGram(pattern[i:]); g[h>>6]&(1<<(h&63)) == 0 {
			return false
		}
	}
	return true
}

// rank is a cause's place in the order of precedence; that of none is behind all.
func rank(c Cause) int {
	if i := slices.Index(precedence, c); i >= 0 {
		return i
	}
	return len(precedence)
}

// gap is how many bytes a * stands for at most.
const gap = 200

// span is where a piece of a text stands.
type span struct{ from, to int }

// find returns where the pieces of a pattern first stand in s from a place on, not inside of words; nil for nowhere.
func find(s, pattern string, from int) []span {
	first, rest, more := strings.Cut(pattern, "*")
	for {
		at := strings.Index(s[from:], first)
		if at < 0 {
			return nil
		}
		at += from
		end := at + len(first)
		if startsWord(s, at) && (more || endsWord(s, end)) {
			if !more {
				return []span{{at, end}}
			}
			if behind := find(s[:min(len(s), end+gap+len(rest))], rest, end); behind != nil {
				return append([]span{{at, end}}, behind...)
			}
		}
		from = at + 1
	}
}

// startsWord reports whether s[at] does not continue a word, and endsWord whether s[:end] ends one.
func startsWord(s string, at int) bool {
	return at == 0 || at >= len(s) || !isAlnum(s[at]) || !isAlnum(s[at-1])
}

func endsWord(s string, end int) bool {
	return end == 0 || end >= len(s) || !isAlnum(s[end-1]) || !isAlnum(s[end])
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// precedence is the order of the causes in a server's mouth: the ladder's, as the contract has it.
var precedence = []Cause{HeaderConstruction, HeaderTooLarge, NotAJWT, EncryptedToken, AlgorithmNone, WrongTokenType, AlgorithmMismatch,
	UnsupportedHeader, WrongEnvironment, IssuerMismatch, UnknownKey, UnusableKey, BadSignature, MalformedClaim, Expired, NotYetValid,
	ClockSkew, AudienceMismatch, InsufficientScope, MissingClaim, SenderConstrained, Revoked, KeyRotated, ServerSide, ClientSide, Unknown}
