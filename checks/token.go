package checks

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"jwt-check-bot/redact"
)

// MaxPaste is the largest paste that is checked, in bytes.
const MaxPaste = 64 << 10

var (
	ErrEmpty    = errors.New("nothing was pasted")
	ErrTooLarge = errors.New("the paste is larger than 64 KiB")
)

// form is what kind of thing a candidate is by its outer shape.
type form uint8

const (
	formOther form = iota // no compact serialization that can be read
	formJWS               // three parts, header and payload are JSON objects (RFC 7515 §3.1)
	formJWE               // five parts (RFC 7516 §3.1)
)

// defect is why a candidate is no compact JWS, and which part of it shows that.
type defect uint8

const (
	noDefect defect = iota
	noCandidate
	foreignCharacter
	standardBase64
	padded
	wrongPartCount
	emptyPart
	badLength    // no base64url text has this length: a character is missing or too many
	notCanonical // the last character has bits that encode nothing (RFC 4648 §3.5)
	badHeader
	badPayload
	noAlg
)

// Token is what was pasted, taken apart. All of it is private.
type Token struct {
	redact.Veil
	size int
	open func() *content
}

// content is reached through a Token's closure only.
type content struct {
	paste             paste
	form              form
	defect            defect
	part              int // 1 to 3: where the defect is
	parts             int // how many there are
	alg               string
	head, claims      object
	input             string // the JWS signing input (RFC 7515 §5.1)
	signature         []byte
	headText, payload func() string // for redact.Value
}

// Parse takes a paste apart. Its errors are ErrEmpty and ErrTooLarge; whatever else was pasted is a
// Token that the checks have something to say about.
func Parse(secret redact.Secret) (Token, error) {
	if secret.Len() > MaxPaste {
		return Token{}, ErrTooLarge
	}
	text := secret.Expose()
	if strings.TrimSpace(text) == "" {
		return Token{}, ErrEmpty
	}
	c := &content{paste: readPaste(text)}
	c.read(c.paste.token)
	return Token{size: len(c.paste.token), open: func() *content { return c }}, nil
}

// content returns what was pasted; where there is no token, nothing.
func (t Token) content() *content {
	if t.open == nil {
		return &content{}
	}
	return t.open()
}

// IsZero reports whether there is no token, as where only a server's answer was given.
func (t Token) IsZero() bool { return t.open == nil }

// Comparable reports whether the token's claims can be read, and so put beside another's.
func (t Token) Comparable() bool { return t.content().form == formJWS }

// Size is the length of the compact token in bytes.
func (t Token) Size() int { return t.size }

// Credible reports whether the paste holds anything that could be a credential or a header, rather
// than words or a slip of the finger.
func (t Token) Credible() bool {
	c := t.open()
	return strings.Trim(c.paste.token, "._-") != "" || c.paste.artefacts != 0 || c.paste.header() || c.paste.detail().kind != nil
}

// Fingerprint is the first 12 hex digits of the SHA-256 of the compact token, by which two people
// can tell that they look at the same one. It is empty for what has no signature: its few possible
// values could be guessed.
func (t Token) Fingerprint() string {
	if t.open == nil {
		return ""
	}
	c := t.open()
	if c.form == formOther || c.form == formJWS && (len(c.signature) == 0 || isNone(c.alg)) {
		return ""
	}
	// In pieces, since []byte(token) would be a copy that stays in memory.
	h := sha256.New()
	var some [64]byte
	for rest := c.paste.token; rest != ""; {
		n := copy(some[:], rest)
		_, _ = h.Write(some[:n])
		rest = rest[n:]
	}
	clear(some[:])
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// KeyID returns the token's `kid` for looking up a key; empty where there is none.
func (t Token) KeyID() string {
	if t.open == nil {
		return ""
	}
	kid, _ := t.open().head.str("kid")
	return kid
}

// Algorithm returns the token's `alg`.
func (t Token) Algorithm() string {
	if t.open == nil {
		return ""
	}
	return t.open().alg
}

// Member returns a member of the token as it may be shown: a claim, or a header parameter.
func (t Token) Member(place redact.Place, name string) redact.Value {
	if t.open == nil {
		return redact.Value{}
	}
	return t.open().value(place, name)
}

func (c *content) value(place redact.Place, name string) redact.Value {
	o, source := &c.claims, c.payload
	if place == redact.HeaderParameter {
		o, source = &c.head, c.headText
	}
	if m, ok := o.find(name); ok {
		return redact.NewValue(place, m.at, m.json, source)
	}
	if raw, _, ok := o.at(name); ok {
		return redact.NamedValue(place, name, raw)
	}
	return redact.Value{}
}

// read recognizes a compact serialization by its exact grammar: base64url without padding, line
// breaks or other characters (RFC 7515 §2), and no unused bits.
func (c *content) read(s string) {
	c.headText = func() string { return c.head.text }
	c.payload = func() string { return c.claims.text }
	c.parts = strings.Count(s, ".") + 1
	if s == "" {
		c.defect = noCandidate
		return
	}
	if !c.paste.compact && !isCompact(s) {
		c.defect = alphabetDefect(s)
		return
	}
	if c.parts == 5 {
		c.readJWE(s)
		return
	}
	if c.parts != 3 {
		c.defect = wrongPartCount
		c.readAnyway(s)
		return
	}
	c.readJWS(s)
}

func (c *content) readJWS(s string) {
	first := strings.IndexByte(s, '.')
	last := first + 1 + strings.IndexByte(s[first+1:], '.')
	c.input = s[:last]
	// All three parts share one buffer, and the texts of the first two one string.
	b, ok := c.decode(make([]byte, 0, strict.DecodedLen(len(s))), s[:first], 1)
	if !ok {
		return
	}
	head := len(b)
	if b, ok = c.decode(b, s[first+1:last], 2); !ok {
		return
	}
	text := string(b)
	var err error
	if c.head, err = scanObject(text[:head]); err != nil {
		c.defect, c.part = badHeader, 1
		return
	}
	if c.alg, ok = c.head.str("alg"); !ok || c.alg == "" {
		c.defect, c.part = noAlg, 1
		return
	}
	if c.claims, err = scanObject(text[head:]); err != nil {
		c.defect, c.part = badPayload, 2
		return
	}
	clear(b) // the texts are copies
	if b, ok = c.decode(b[:0], s[last+1:], 3); ok {
		c.signature = b
	} else {
		// What was cut off rarely ends where a whole byte does: its length tells more than its end.
		cut := s[last+1:]
		if len(cut)%4 == 1 {
			cut = cut[:len(cut)-1]
		}
		whole, _ := base64.RawURLEncoding.DecodeString(cut)
		if len(whole) >= signatureSize(c.alg) {
			return
		}
		c.signature, c.defect, c.part = whole, noDefect, 0
	}
	c.form = formJWS
}

func (c *content) readJWE(s string) {
	first, _, _ := strings.Cut(s, ".")
	header, ok := c.decode(nil, first, 1)
	if !ok {
		return
	}
	var err error
	if c.head, err = scanObject(string(header)); err != nil {
		c.defect, c.part = badHeader, 1
		return
	}
	if _, ok := c.head.str("enc"); !ok {
		c.defect = wrongPartCount
		return
	}
	c.alg, _ = c.head.str("alg")
	c.form = formJWE
}

// readAnyway reads what a token with too few or too many parts still shows, so that its header can
// be named.
func (c *content) readAnyway(s string) {
	first, _, _ := strings.Cut(s, ".")
	if b, err := base64.RawURLEncoding.DecodeString(first); err == nil {
		if head, err := scanObject(string(b)); err == nil {
			c.head = head
			c.alg, _ = head.str("alg")
		}
	}
}

// strict refuses unused bits that are not zero.
var strict = base64.RawURLEncoding.Strict()

// decode appends one part to b. An empty signature is read: it has a cause of its own.
func (c *content) decode(b []byte, s string, part int) ([]byte, bool) {
	if s == "" && part < 3 {
		c.defect, c.part = emptyPart, part
		return nil, false
	}
	b, err := strict.AppendDecode(b, []byte(s))
	if err == nil {
		return b, true
	}
	c.part = part
	if c.defect = notCanonical; len(s)%4 == 1 {
		c.defect = badLength
	}
	return nil, false
}

func alphabetDefect(s string) defect {
	if isCompact(strings.ReplaceAll(s, "=", "")) {
		return padded
	}
	if strings.ContainsAny(s, "+/") && isCompact(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(s)) {
		return standardBase64
	}
	return foreignCharacter
}

func isNone(alg string) bool { return strings.EqualFold(strings.TrimSpace(alg), "none") }
