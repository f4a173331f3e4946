package redact

import (
	"context"
	"encoding/base64"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
)

// Canary recognises one submission wherever a part of it turns up: 12 bytes in a row of its token
// or of the signature's own bytes, or a claim's value that the policy hides. It holds hashes under a
// key of its own and nothing of the content, so it may outlive the token. The zero Canary finds nothing.
type Canary struct {
	Veil
	size int
	open func() []*watch
}

// Lengths in bytes.
const (
	window    = 12   // of a token, from which it is a leak
	gram      = 4    // by which a text is skimmed
	shortest  = 6    // hidden value that is watched
	edge      = 32   // of a longer hidden value its beginning and its end are watched
	maxMarks  = 1000 // hidden values that are watched
	maxStride = window - gram + 1
)

// watch is reached through a Canary's closure only.
type watch struct {
	seed    maphash.Seed
	factors [2]uint64 // odd and random: who writes a token must not know what collides
	stride  int
	bits    []uint64 // which grams may begin something; a power of two of them
	windows hashSet
	marks   []mark // by gram, once order has run: few texts have anything that must be looked up
	order   sync.Once
}

// mark is one way in which a hidden value may be written.
type mark struct {
	gram, hash uint64
	size, at   int  // at is where in the value the gram stands
	word       bool // only where it does not go on on either side
}

// Canary returns one for a compact token and the members found in it. Public are further texts that
// may be shown whatever the token holds, such as the profile's own words: what is hidden is not
// watched where it stands in them or in what the policy shows, or else no message could be sent.
func (p Policy) Canary(token Secret, members []Value, public ...string) Canary {
	text := token.Expose()
	hidden, shown := p.part(members)
	open := strings.Join(append(shown, public...), "\n")
	lower := strings.ToLower(open)
	var values []string
	for _, h := range hidden {
		if s, ok := h.watched(lower); ok {
			values = append(values, s)
		}
	}
	w := newWatch(text, values, open, lower)
	all := []*watch{w}
	return Canary{size: len(w.windows.slots), open: func() []*watch { return all }}
}

// And returns a canary that recognises what either does: a submission may hold several tokens.
func (c Canary) And(d Canary) Canary {
	if c.open == nil {
		return d
	} else if d.open == nil {
		return c
	}
	all := slices.Concat(c.open(), d.open())
	return Canary{size: c.size + d.size, open: func() []*watch { return all }}
}

// IsZero reports whether c watches nothing.
func (c Canary) IsZero() bool { return c.open == nil }

func newWatch(token string, values []string, open, lower string) *watch {
	w := &watch{seed: maphash.MakeSeed(), stride: maxStride}
	w.factors = [2]uint64{maphash.String(w.seed, "one") | 1, maphash.String(w.seed, "other") | 1}
	var signature []byte
	if dot := strings.LastIndexByte(token, '.'); dot >= 0 {
		signature, _ = base64.RawURLEncoding.DecodeString(token[dot+1:])
	}
	forms := make([]string, 0, 3*len(values))
	for _, v := range values {
		for _, f := range edges(v) {
			if len(f) >= shortest && (f == v || !strings.Contains(lower, strings.ToLower(f))) { // of v itself that is known
				forms = append(forms, f)
				w.stride = min(w.stride, len(f)-gram+1)
			}
		}
	}
	w.marks = make([]mark, 0, len(forms)*w.stride)
	w.room(len(token) + len(signature) + len(forms)*w.stride)
	w.windows = newHashSet(len(token) + len(signature))
	// A paste that is no token may be words of ours; of a token not even those bytes may pass that
	// the requester typed elsewhere.
	var known hashSet
	if strings.Count(token, ".") < 2 {
		known = newHashSet(len(open))
		for i := 0; i+window <= len(open); i++ {
			known.add(w.window([]byte(open[i : i+window])))
		}
	}
	w.watchAll([]byte(token), known, true)
	w.watchAll(signature, hashSet{}, false)
	for _, f := range forms {
		m := mark{hash: maphash.String(w.seed, f), size: len(f), word: isWord(f)}
		for m.at = 0; m.at < w.stride; m.at++ {
			piece := []byte(f[m.at : m.at+gram])
			w.set(piece)
			m.gram = w.gram(piece)
			w.marks = append(w.marks, m)
		}
	}
	return w
}

// watchAll watches each window of text but those in known, and of a token those alone that may be
// one's and are no words.
func (w *watch) watchAll(text []byte, known hashSet, token bool) {
	foreign, opaque := -1, -1 // where the last byte stands that no token has, and the last that no word has
	next := 0                 // the first gram that is not set yet
	for end := range text {
		switch c := text[end]; {
		case class[c]&(isURL64|isStd64) == 0 && c != '.' && c != '=' && c != '~':
			foreign = end
		case kinds[c] == kindUpper || kinds[c] == kindDigit:
			opaque = end
		}
		from := end + 1 - window
		if from < 0 || token && (foreign >= from || opaque < from) {
			continue
		}
		h := w.window(text[from : end+1])
		if known.has(h) {
			continue
		}
		w.windows.add(h)
		for next = max(next, from); next < from+maxStride; next++ {
			w.set(text[next : next+gram])
		}
	}
}

// edges are the ways in which a hidden value is written: as it is, as clean makes it, and backwards;
// of a long one its two ends.
func edges(v string) []string {
	forms := []string{v}
	if c := clean(v); c != v {
		forms = append(forms, c)
	}
	if !isASCII(v) { // what is ASCII is found by reading the text backwards
		forms = append(forms, reverse(v))
	}
	var out []string
	for _, f := range forms {
		if len(f) <= edge {
			out = append(out, f)
		} else {
			out = append(out, f[:edge], f[len(f)-edge:])
		}
	}
	return out
}

func reverse(s string) string {
	b := []rune(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func isWord(s string) bool {
	for i := range len(s) {
		if !isWordByte(s[i]) {
			return false
		}
	}
	return true
}

// dull reports whether a piece of a paste is made of small letters and separators alone: words, as
// in a paste that is no token.
func dull(s []byte) bool {
	for i := range len(s) {
		if kind := kinds[s[i]]; kind == kindUpper || kind == kindDigit {
			return false
		}
	}
	return true
}

type canaryKey struct{}

// WithCanary returns a context under which nothing of c's submission may leave, nor of those that
// ctx already guards.
func WithCanary(ctx context.Context, c Canary) context.Context {
	if c.IsZero() {
		return ctx
	}
	before := Canaries(ctx)
	return context.WithValue(ctx, canaryKey{}, append(before[:len(before):len(before)], c))
}

// Canaries returns those that ctx carries.
func Canaries(ctx context.Context) []Canary {
	list, _ := ctx.Value(canaryKey{}).([]Canary)
	return list
}
