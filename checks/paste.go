package checks

import "strings"

// paste is what was pasted, taken apart: how the header was built, and what may be the token in it.
type paste struct {
	field     bool // the header's name shows
	schemes   int  // how many times Bearer or DPoP does
	dpop      bool
	artefacts artefact
	token     string   // the candidate; empty where there is none
	compact   bool     // token is known to have the characters of a compact serialization only
	more      *details // nil for a plain token
}

// header reports whether the paste shows how the Authorization header was built.
func (p *paste) header() bool { return p.field || p.schemes > 0 }

// plain reports whether nothing but a token, or a scheme, one space and a token, was pasted.
func (p *paste) plain() bool { return p.more == nil }

// detail returns the paste's particulars, to read; readMore makes room to write them.
func (p *paste) detail() *details {
	if p.more == nil {
		return &details{}
	}
	return p.more
}

// readPaste takes s apart. It names what it finds and cleans nothing silently.
func readPaste(pasted string) paste {
	s := trim(pasted)
	token, schemes := s, 0
	if len(s) > len("Bearer ") && strings.EqualFold(s[:len("Bearer ")], "Bearer ") {
		token, schemes = s[len("Bearer "):], 1
	}
	if isPlain(token) {
		return paste{token: token, compact: true, schemes: schemes}
	}
	p := paste{more: &details{}}
	if text, ok := fromUTF16(pasted); ok {
		p.artefacts |= wideText
		s = trim(text)
	}
	p.read(s)
	return p
}

// isPlain reports whether s looks like one whole token with nothing round it.
func isPlain(s string) bool {
	if !strings.HasPrefix(s, "eyJ") || !isCompact(s) || strings.Contains(s, "...") || strings.Contains(s, "xxxxxxxx") {
		return false
	}
	dots := strings.Count(s, ".")
	return dots == 2 || dots == 4
}

// read takes apart what is more than a plain token: an object, a request or a command with the
// header in it, a URL, a cookie, or a token with something round it.
func (p *paste) read(s string) {
	switch {
	case isJSON(s) && p.readObject(s):
	case p.readFields(s):
	case p.readQuery(s):
	case p.readAnswer(s):
	default:
		p.readValue(s)
	}
	switch {
	case p.token == "" && p.header() && p.artefacts&telling == 0:
		p.artefacts |= emptyCredential
	case p.field && p.schemes == 0 && p.artefacts&otherScheme == 0:
		p.artefacts |= missingScheme
	}
	p.more.kind = p.substitute(s)
	p.more.secret = p.secretIn(s)
	if p.token == "" && !p.header() {
		p.artefacts &= telling // the rest is about a token, and there is none
	}
}

// maxLayers bounds what may be wrapped round a token: a token in quotes in a JSON string in base64
// has three layers.
const maxLayers = 10

// readValue takes off what is wrapped round a token, layer by layer, until the token is plain.
func (p *paste) readValue(s string) {
	for range maxLayers {
		s = trim(s)
		if isPlain(s) {
			p.token, p.compact = s, true
			return
		}
		if p.readWord(s) {
			return
		}
		inner, ok := p.unwrap(s)
		if !ok {
			break
		}
		s = inner
	}
	p.readPieces(trim(s))
}

// cutSchemes takes the schemes off, as many as there are, and notes what follows them.
func (p *paste) cutSchemes(s string) (string, bool) {
	first := p.schemes
	for {
		n := schemeLength(s)
		if n == 0 {
			break
		}
		dpop := n == len("DPoP")
		p.more.mixed = p.more.mixed || p.schemes > 0 && dpop != p.dpop
		p.schemes++
		p.dpop = p.dpop || dpop
		s = p.cutSeparator(s[n:])
	}
	if p.schemes > 1 {
		p.artefacts |= doubledScheme
	}
	return s, p.schemes > first
}

// cutSeparator takes off what follows a scheme: one space (RFC 6750 §2.1).
func (p *paste) cutSeparator(s string) string {
	rest := strings.TrimLeft(s, " ")
	switch {
	case rest == "":
		return rest
	case len(s)-len(rest) > 1:
		p.artefacts |= doubledSpace
	}
	switch {
	case rest[0] == ':' || rest[0] == '=' || rest[0] == ',':
		p.artefacts |= schemeMark
		p.more.mark = rest[0]
		rest = rest[1:]
	case strings.HasPrefix(rest, "%20"):
		p.artefacts |= percentEncoded
		rest = rest[len("%20"):]
	case rest[0] == '+' && rest == s:
		p.artefacts |= schemePlus
		rest = rest[1:]
	case rest[0] == '\t':
		p.artefacts |= schemeTab
	case rest[0] == '\n' || rest[0] == '\r':
		p.artefacts |= lineBreak
	case rest == s:
		p.artefacts |= schemeGlued
	}
	return strings.TrimLeft(rest, " \t\r\n")
}

// schemeLength is the length of the scheme that s starts with, 0 for none. A scheme glued to its
// token is one where the token's first letters follow at once.
func schemeLength(s string) int {
	n := len(schemeOf(s))
	if rest := s[n:]; n > 0 && rest != "" && isCompactByte(rest[0]) && !startsToken(rest) && schemeOf(rest) == "" {
		return 0 // the start of a longer word
	}
	return n
}

// schemeOf returns the scheme's letters that s starts with.
func schemeOf(s string) string {
	for _, scheme := range [...]string{"bearer", "dpop"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return scheme
		}
	}
	return ""
}

// startsToken reports whether s starts as the base64url of a JSON object does: `{"`, or `{` and
// white space.
func startsToken(s string) bool {
	for _, start := range [...]string{"eyJ", "eyA", "ewo", "ew0", "ewk"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

// looksLikeToken reports whether s has the outer form of a token, whole or not.
func looksLikeToken(s string) bool {
	return len(s) > 20 && startsToken(s) && strings.Count(s, ".") >= 2
}

// readPieces looks at a value that has white space, commas or foreign characters in it and nothing
// more to unwrap: several tokens, one token in pieces, a token among words, or something else.
func (p *paste) readPieces(s string) {
	pieces := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \n\r\t,;|", r) })
	first, whole := -1, 0
	var seen string
	for i, piece := range pieces {
		word := trimMarks(piece)
		if inner, ok := p.cutContext(word); ok {
			word, pieces[i] = inner, inner
		}
		if looksLikeToken(word) {
			if whole++; whole == 1 {
				first, seen, p.more.alike = i, word, true
			}
			p.more.alike = p.more.alike && word == seen
		} else if first < 0 && len(piece) > 8 && startsToken(piece) {
			first = i
		}
	}
	switch {
	case whole > 1:
		p.artefacts |= severalTokens
		p.more.tokens = whole
		p.token = seen
	case first >= 0 && (len(pieces) > 1 || pieces[0] != s):
		p.readAmong(s, pieces, first)
	case len(pieces) == 1 || p.header():
		p.token = p.straighten(s)
	}
}

// readAmong finds the token among pieces of which one starts it: that piece alone, or several that
// a line break or a space has parted. Which of them is tried: a token that is whole says so.
func (p *paste) readAmong(s string, pieces []string, first int) {
	alone := p.cutMarks(p.straighten(pieces[first]))
	if isMasked(alone) {
		p.artefacts |= masked
	}
	token, last := alone, first
	if !isWhole(alone) {
		if joined, n := p.join(pieces[first:]); n > 1 {
			token, last = joined, first+n-1
			p.noteBreaks(s, pieces[first:last+1])
		}
	}
	p.token = token
	if first > 0 || last < len(pieces)-1 {
		p.artefacts |= surroundingText
	}
}

// cutContext takes off what stands before a token without a space: a path, a name and its mark.
func (p *paste) cutContext(piece string) (string, bool) {
	at := strings.LastIndexAny(piece, "=:\"'(<[{>")
	if strings.Contains(piece, "://") {
		at = strings.LastIndexAny(piece, "/=")
	}
	if at < 0 || !looksLikeToken(piece[at+1:]) {
		return piece, false
	}
	p.artefacts |= surroundingText
	p.more.inURL = p.more.inURL || strings.Contains(piece, "://")
	return piece[at+1:], true
}

// maxTrials bounds how many ends of a broken token are tried: each costs as much as parsing it.
const maxTrials = 8

// join puts a broken token together again, and says of how many pieces. It ends where a whole token
// does. Where none does (it is cut off, or mangled besides), it takes the pieces that are as long as
// each other, and what is left for the last line.
func (p *paste) join(pieces []string) (joined string, n int) {
	var b strings.Builder
	run, trials, width := 1, 0, 0
	for i, piece := range pieces {
		if piece = strings.TrimRight(p.straighten(piece), marks[1:]); !isCompact(piece) {
			break
		}
		b.WriteString(piece)
		if i == 1 {
			width = len(piece)
		}
		if i > 0 && run == i && len(piece) <= width {
			run = i + 1
			if len(piece) < width {
				width = 0
			}
		}
		if ends := i == len(pieces)-1 || len(piece) != len(pieces[i+1]); ends && trials < maxTrials {
			if trials++; isWhole(b.String()) {
				return b.String(), i + 1
			}
		}
	}
	if joined = strings.Join(pieces[:run], ""); run > 1 && (len(pieces[1]) >= 16 || strings.Count(joined, ".") >= 2 && strings.Count(pieces[0], ".") < 2) {
		return joined, run
	}
	return pieces[0], 1
}

// noteBreaks says what parts the pieces, and how wide the lines are where they are alike.
func (p *paste) noteBreaks(s string, pieces []string) {
	if !strings.ContainsAny(s, "\r\n") {
		p.artefacts |= spaceInside
		return
	}
	p.artefacts |= lineBreak
	width, last := len(pieces[0]), len(pieces)-1
	if last > 1 { // the first line may have begun with the field's name
		width = len(pieces[1])
	}
	for i, piece := range pieces {
		if len(piece) > width || len(piece) < width && i > 0 && i < last {
			return
		}
	}
	p.more.width = width
}

// isWhole reports whether s is a JWS whose signature is as long as its algorithm makes it, or a JWE.
func isWhole(s string) bool {
	if !looksLikeToken(s) {
		return false
	}
	var c content
	c.read(s)
	switch c.form {
	case formJWS:
		want := signatureSize(c.alg)
		return len(c.signature) == want || want == minRSASignature && len(c.signature) > want && len(c.signature)%64 == 0
	case formJWE:
		return len(s)-strings.LastIndexByte(s, '.') > 16
	}
	return false
}

// trim takes off white space that copying leaves at the ends and that means nothing.
func trim(s string) string { return strings.Trim(s, " \t\r\n") }

const marks = `.,;:!?"'()[]{}<>` + "`"

func trimMarks(s string) string { return strings.Trim(s, marks) }

// cutMarks takes dots and punctuation off both ends, but not the dot of an empty signature.
func (p *paste) cutMarks(s string) string {
	cut := trimMarks(s)
	if strings.HasSuffix(s, cut+".") && strings.Count(cut, ".") == 1 {
		cut += "."
	}
	if cut != s && looksLikeToken(cut) {
		p.artefacts |= strayMark
		return cut
	}
	return s
}

var compactBytes = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") {
		t[c] = true
	}
	return t
}()

func isCompactByte(c byte) bool { return compactBytes[c] }

// isCompact reports whether s has only the characters of a compact serialization (RFC 7515 §2).
func isCompact(s string) bool {
	for i := range len(s) {
		if !compactBytes[s[i]] {
			return false
		}
	}
	return s != ""
}
