package bot_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// witness recognises pieces of secrets in bytes, whatever they are written in. It shares no code
// with the nets of package redact: it hashes the secrets in every writing beforehand and reads the
// bytes once, where the nets undo the writing.
type witness struct {
	sets map[int]*windows // by length in bytes of the windows in them
	raw  int              // bytes of secrets that are looked for
}

// piece is the length in bytes of the windows of a secret: a leak of one more step than this is found.
const piece = 12

// tokenStep leaves windows of a token out, since the bytes that are searched are read at every offset.
const tokenStep = 3

func newWitness() *witness { return &witness{sets: map[int]*windows{}} }

// token looks for a token's windows, and for those of its signature's own bytes.
func (w *witness) token(token string) {
	token = strings.Join(strings.Fields(token), "") // what was wrapped is looked for as one
	w.add(token, tokenStep)
	if parts := strings.Split(token, "."); len(parts) > 2 {
		if b, err := base64.RawURLEncoding.DecodeString(parts[2]); err == nil {
			w.add(string(b), 1)
		}
	}
}

// claim looks for a hidden value.
func (w *witness) claim(value string) { w.add(value, 1) }

// add enters a secret in every writing, its windows step bytes apart.
func (w *witness) add(secret string, step int) {
	w.raw += len(secret)
	for _, s := range []string{secret, reversed(secret)} {
		w.enter(s, piece, step)
		for _, escaped := range []string{url.QueryEscape(s), quoted(s)} {
			if escaped != s {
				w.enter(escaped, piece, 1)
			}
		}
	}
	digits := hex.EncodeToString([]byte(secret))
	w.enter(digits, 2*piece, 2*step)
	w.enter(strings.ToUpper(digits), 2*piece, 2*step)
	w.enter(each(secret, `%%%02X`), 3*piece, 3*step)
	w.enter(each(secret, `%%%02x`), 3*piece, 3*step)
	w.enter(each(secret, `\u%04x`), 6*piece, 6*step)
	w.enter(strings.Trim(fmt.Sprint([]byte(secret)), "[]"), 3*piece, 1)
	// What stands before the secret decides where the groups of three begin; the last is not whole.
	for from := range min(3, len(secret)) {
		whole := secret[from : from+(len(secret)-from)/3*3]
		standard := base64.StdEncoding.EncodeToString([]byte(whole))
		w.enter(standard, 4*piece/3, 4)
		if strings.ContainsAny(standard, "+/") {
			w.enter(base64.URLEncoding.EncodeToString([]byte(whole)), 4*piece/3, 4)
		}
	}
}

func (w *witness) enter(s string, n, step int) {
	set := w.sets[n]
	if set == nil {
		set = newWindows()
		w.sets[n] = set
	}
	for i := 0; i+n <= len(s); i += step {
		set.add(digest([]byte(s[i : i+n])))
	}
}

// in reads b once for each length and returns where the first piece stands.
func (w *witness) in(b []byte) (at int, found bool) {
	for n, set := range w.sets {
		for i := 0; i+n <= len(b); i++ {
			if set.has(digest(b[i : i+n])) {
				return i, true
			}
		}
	}
	return 0, false
}

// digest is a hash of 8 bytes or more, by words of which the last may overlap.
func digest(b []byte) uint64 {
	h := uint64(len(b))
	for i := 0; i+8 <= len(b); i += 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(b[i:]))
	}
	return mix(h ^ binary.LittleEndian.Uint64(b[len(b)-8:]))
}

func mix(h uint64) uint64 {
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>32
}

// windows is an open-addressed set of 64-bit hashes, with one bit for many of them before it.
type windows struct {
	slots []uint64
	n     int
	bits  [1 << 18]uint64
}

func newWindows() *windows { return &windows{slots: make([]uint64, 1<<12)} }

func (s *windows) add(h uint64) {
	h |= 1 // 0 is an empty slot
	if 2*s.n >= len(s.slots) {
		old := s.slots
		s.slots, s.n = make([]uint64, 4*len(old)), 0
		for _, h := range old {
			if h != 0 {
				s.add(h)
			}
		}
	}
	s.bits[h>>46] |= 1 << (h >> 40 & 63)
	for i := h >> 8; ; i++ {
		switch slot := &s.slots[i&uint64(len(s.slots)-1)]; *slot {
		case 0:
			*slot = h
			s.n++
			return
		case h:
			return
		}
	}
}

func (s *windows) has(h uint64) bool {
	h |= 1
	if s.bits[h>>46]&(1<<(h>>40&63)) == 0 {
		return false
	}
	for i := h >> 8; ; i++ {
		switch s.slots[i&uint64(len(s.slots)-1)] {
		case 0:
			return false
		case h:
			return true
		}
	}
}

func each(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b[1 : len(b)-1])
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}
