package bot

import (
	"html"
	"strconv"
	"strings"
	"unicode"

	"jwt-check-bot/redact"
)

// Whether text that somebody typed in the open holds a token is told by its outside alone: nothing
// is decoded, and nothing of it is kept. exposure_test.go has the table of what counts and what not.

// holdsToken reports whether a message holds a JWT or two parts of one, an opaque token behind its
// scheme, a private key, or a credential that announces itself; also broken by spaces, line breaks
// or what nobody sees, quoted, wrapped, or escaped. It would rather miss a part without any mark (a
// signature alone) than accuse a hash, a link or a picture.
func holdsToken(s redact.Secret) bool {
	text := s.Expose()
	e := newExposure(text)
	return e.jwt() || e.bearer() || announced(text)
}

// holdsTokenPart is holdsToken for what is typed to the bot itself, where nobody has a reason to type
// a long random word: such a word counts too, since it may be the rest of a token that was cut.
func holdsTokenPart(s redact.Secret) bool {
	return holdsToken(s) || newExposure(s.Expose()).opaque()
}

// announced finds credentials by their well-known prefix, and private keys.
func announced(text string) bool {
	for line := range strings.Lines(text) {
		if redact.Scan(line) == redact.PrivateKey {
			return true
		}
		for from := 0; from < len(line); from++ {
			to := from
			for to < len(line) && base64URL(line[to]) {
				to++
			}
			// A word of 40 is a part of a token to the scan, so it gets less, and what stands before it.
			if to-from >= 20 && redact.Scan(line[max(0, from-12):min(to, from+longRun-1)]) == redact.Credential {
				return true
			}
			from = to
		}
	}
	return false
}

// exposure is a text as a person means it: escapes undone, what nobody sees left out, and a gap for
// each character that may stand inside a token that was broken or wrapped.
type exposure struct {
	b     []byte
	steps int // how many more may be taken, so that no text costs more than its length allows
}

const (
	gap  = ' '
	stop = 0 // a character that ends every token

	stepsPerByte = 16
	longRun      = 40 // characters: shorter than any token, longer than what people write on purpose
	tailRun      = 16 // of the part behind the first dot
)

func newExposure(text string) *exposure {
	e := &exposure{b: make([]byte, 0, len(text))}
	for _, r := range unescaped(text) {
		switch {
		case r > ' ' && r < 0x7f && !gaps[r]:
			e.b = append(e.b, byte(r))
		case r <= 0x7f, unicode.IsSpace(r), strings.ContainsRune("“”„‘’‚«»‹›", r):
			e.b = append(e.b, gap)
		case !unseen(r):
			e.b = append(e.b, stop)
		}
	}
	e.steps = stepsPerByte * len(e.b)
	return e
}

// gaps are the signs that wrap a token or break it: quotation marks, and Slack's marks of code, bold,
// struck out, links and quotations.
var gaps = [0x80]bool{'"': true, '\'': true, '`': true, '*': true, '~': true, '<': true, '>': true, '|': true}

// unseen reports whether r takes no room: formats, marks, and the letters that are blank.
func unseen(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0:
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me, unicode.Cc)
}

// unescaped undoes percent, JSON and HTML escapes, up to three layers of them.
func unescaped(s string) string {
	for range 3 {
		t := s
		if strings.IndexByte(t, '&') >= 0 {
			t = html.UnescapeString(t) // Slack escapes &, < and >
		}
		if strings.ContainsAny(t, `%\`) {
			t = unescapedOnce(t)
		}
		if t == s {
			break
		}
		s = t
	}
	return s
}

func unescapedOnce(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		code := func(skip, digits int) (rune, bool) {
			if i+skip+digits > len(s) {
				return 0, false
			}
			n, err := strconv.ParseUint(s[i+skip:i+skip+digits], 16, 32)
			return rune(n), err == nil
		}
		switch {
		case s[i] == '%':
			if r, ok := code(1, 2); ok {
				b.WriteByte(byte(r))
				i += 2
				continue
			}
			b.WriteByte('%')
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == 'u':
			if r, ok := code(2, 4); ok {
				b.WriteRune(r)
				i += 5
			}
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte("nrt", s[i+1]) >= 0:
			b.WriteByte(gap)
			i++
		case s[i] == '\\':
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// heads are how base64url of a JSON object begins: {" or {, a line break or a space, and ".
var heads = []string{"eyJ", "eyAi", "ewog", "ewoJ", "ewoi", "ew0K"}

// jwt finds a compact JWS or JWE: a head, a long run, a dot, and the beginning of what stands behind
// it. A head with less, or with dots for what was left out, is what people write about tokens.
func (e *exposure) jwt() bool {
	for i := range e.b {
		if e.b[i] == 'e' && e.isHead(i) && e.begins(i) && e.follow(i, true) {
			return true
		}
	}
	return false
}

// isHead reports whether a head stands at i, perhaps with gaps in it.
func (e *exposure) isHead(i int) bool {
	var four [4]byte
	n := 0
	for ; i < len(e.b) && n < len(four) && (e.b[i] == gap || base64URL(e.b[i])); i++ {
		e.steps--
		if e.b[i] != gap {
			four[n] = e.b[i]
			n++
		}
		if n == 2 && four[1] != 'y' && four[1] != 'w' || e.steps < 0 {
			return false
		}
	}
	for _, h := range heads {
		if strings.HasPrefix(string(four[:n]), h) {
			return true
		}
	}
	return false
}

// begins reports whether a token may begin at i: not inside another run, such as a picture's, unless
// what stands before it is a word that was glued to it, such as its scheme.
func (e *exposure) begins(i int) bool {
	const longWord = 20
	for n := 0; ; n++ {
		i--
		if i < 0 || !base64URL(e.b[i]) {
			return n == 0 || i < 0 || e.b[i] != '/' && e.b[i] != '+'
		}
		plain := e.b[i] >= 'a' && e.b[i] <= 'z' || e.b[i] == '_' || e.b[i] == '-'
		first := e.b[i] >= 'A' && e.b[i] <= 'Z' && (i == 0 || !base64URL(e.b[i-1]))
		if n == longWord || !plain && !first {
			return false
		}
	}
}

// follow reads on from i over gaps and reports whether 40 characters change between capitals, small
// letters and digits as random ones do and words do not (26 ± 3 of them against fewer than 13).
// With dotted a dot must follow, and behind it 16 characters that are no words either.
func (e *exposure) follow(i int, dotted bool) bool {
	var last byte
	var of [4]int
	n, changes, dots, touching, tail, turns, again := 0, 0, 0, 0, 0, 0, false
	for ; i < len(e.b); i++ {
		if e.steps--; e.steps < 0 {
			return false
		}
		c := e.b[i]
		if c == '.' {
			dots++
			if touching++; touching > 2 { // what was left out; two touch in a JWE without an encrypted key
				return false
			}
			continue
		}
		if !base64URL(c) {
			if again || c != gap && c != '+' && c != '/' && c != '=' { // also of plain base64, padded
				return false
			}
			continue
		}
		n++
		touching = 0
		kind := kindOf(c)
		of[kind]++
		change := kind != 0 && kind != last
		if change {
			last = kind
			changes++
		}
		if dots > 0 {
			tail++
			if change {
				turns++
			}
		}
		if n == longRun && (changes < 16 || !dotted && (of[kindUpper] < 3 || of[kindLower] < 3 || of[kindDigit] < 1)) { // a hash in hex has one case, a name no digit
			if dotted {
				return false
			}
			n, changes, of, again = 0, 0, [4]int{}, true // nor have 40 random ones in 500 signatures; the next 40 of the word will
			continue
		}
		if n >= longRun && (!dotted || tail >= tailRun && turns >= tail/3) {
			return true
		}
		if tail == 3*tailRun { // one random part of 16 in 400 turns too seldom, of 48 none
			return false
		}
	}
	return false
}

// bearer finds an opaque token behind its scheme (RFC 6750 §2.1): 20 characters or more, with digits
// among the letters, as no placeholder has.
func (e *exposure) bearer() bool {
	const shortest = 20
	for i := range e.b {
		n := 0
		for _, scheme := range []string{"bearer", "dpop"} {
			if len(e.b)-i > len(scheme) && e.b[i]|0x20 == scheme[0] && strings.EqualFold(string(e.b[i:i+len(scheme)]), scheme) {
				n = len(scheme)
			}
		}
		if n == 0 || i > 0 && kindOf(e.b[i-1]) != 0 {
			continue
		}
		from := i + n
		for from < len(e.b) && (e.b[from] == gap || e.b[from] == ':' || e.b[from] == '=') {
			from++
		}
		to, digits, letters, changes, last := from, 0, 0, 0, byte(0)
		for ; to < len(e.b) && (base64URL(e.b[to]) || strings.IndexByte("./+", e.b[to]) >= 0); to++ {
			kind := kindOf(e.b[to])
			switch kind {
			case 0:
				continue
			case kindDigit:
				digits++
			default:
				letters++
			}
			if kind != last {
				changes++
				last = kind
			}
		}
		if from > i+n && to-from >= shortest && digits >= 2 && letters >= 2 && changes >= 6 && !e.isHead(from) { // a head is jwt's to judge
			return true
		}
	}
	return false
}

// opaque finds a word of 40 random characters, perhaps in pieces; addresses are none.
func (e *exposure) opaque() bool {
	for at := 0; at < len(e.b); {
		end := at
		for end < len(e.b) && e.b[end] != gap {
			end++
		}
		if word := string(e.b[at:end]); !strings.Contains(word, "://") {
			for i := at; i < end; i++ {
				if base64URL(e.b[i]) && (i == at || !base64URL(e.b[i-1]) && e.b[i-1] != '.') && e.follow(i, false) {
					return true
				}
			}
		}
		at = end + 1
	}
	return false
}

const (
	kindUpper = iota + 1
	kindLower
	kindDigit
)

func kindOf(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return kindUpper
	case c >= 'a' && c <= 'z':
		return kindLower
	case c >= '0' && c <= '9':
		return kindDigit
	}
	return 0
}

func base64URL(c byte) bool { return kindOf(c) != 0 || c == '-' || c == '_' }
