package redact

import (
	"encoding/base64"
	"encoding/hex"
	"hash/maphash"
	"slices"
)

// In says whether something of the submission stands in b: as it is, behind JSON or percent
// escapes, split by what nobody sees, in base64, in hex or backwards.
func (c Canary) In(b []byte) Find {
	if c.open == nil {
		return Nothing
	}
	w := c.open()
	plain, changed := unescape(b)
	if w.in(b) || changed && w.in(plain) || w.inWords(plain) {
		return Submitted
	}
	slices.Reverse(plain)
	if w.in(plain) {
		return Submitted
	}
	return Nothing
}

// unescape returns a copy of b as it would be read, without line breaks and what nobody sees, and
// whether that differs from b.
func unescape(b []byte) (out []byte, changed bool) {
	at := 0
	for at < len(b) && (class[b[at]]&isJoin == 0 || class[b[at]]&isStd64 != 0) {
		at++
	}
	out = append(make([]byte, 0, len(b)), b[:at]...)
	for i := at; i < len(b); {
		if c := b[i]; class[c]&isJoin == 0 || class[c]&isStd64 != 0 {
			out = append(out, c)
			i++
			continue
		}
		r, n := logical(b[i:])
		switch {
		case r >= 0:
			out = append(out, string(r)...)
		case r == broken && b[i] == '%':
			out = append(out, '%')
		}
		i += n
	}
	return out, at < len(b)
}

// in looks at every stride-th gram of b; only behind one that may begin something is more read.
func (w *watch) in(b []byte) bool {
	for at := 0; at+gram <= len(b); at += w.stride {
		g := w.gram(b[at:])
		if w.bits[g>>6&uint64(len(w.bits)-1)]&(1<<(g&63)) == 0 {
			continue
		}
		for from := max(0, at-maxStride+1); from <= at && from+window <= len(b); from++ {
			if w.windows.has(maphash.Bytes(w.seed, b[from:from+window])) {
				return true
			}
		}
		for _, m := range w.marks[g] {
			if w.stands(b, at-m.at, m) {
				return true
			}
		}
	}
	return false
}

func (w *watch) stands(b []byte, from int, m mark) bool {
	to := from + m.size
	if from < 0 || to > len(b) || maphash.Bytes(w.seed, b[from:to]) != m.hash {
		return false
	}
	goesOn := from > 0 && isWordByte(b[from-1]) || to < len(b) && isWordByte(b[to])
	return !m.word || !goesOn
}

// leastRun is the length from which a run is decoded: 6 bytes in hex, 9 in base64.
const leastRun = 12

// inWords reads each word of b that may be base64 or hex as what it stands for.
// Whoever wrote a value inside base64 began at any byte of three, hence four beginnings.
func (w *watch) inWords(b []byte) bool {
	var decoded []byte
	for end := leastRun - 1; end < len(b); {
		i := end
		for i > end-leastRun && class[b[i]]&(isURL64|isStd64) != 0 {
			i--
		}
		if i > end-leastRun {
			end = i + leastRun
			continue
		}
		to := end + 1
		for to < len(b) && class[b[to]]&(isURL64|isStd64) != 0 {
			to++
		}
		run := b[i+1 : to]
		end = to + leastRun
		if dull(run) { // small letters alone are neither
			continue
		}
		if decoded = append(decoded[:0], run...); w.inWord(decoded) {
			return true
		}
	}
	return false
}

// inWord looks into one word, which it overwrites.
func (w *watch) inWord(run []byte) bool {
	allHex := true
	for i, c := range run {
		allHex = allHex && class[c]&isHexChar != 0
		switch c {
		case '+':
			run[i] = '-'
		case '/':
			run[i] = '_'
		}
	}
	var room [128]byte
	out := room[:]
	if len(run) > len(room) {
		out = make([]byte, len(run))
	}
	for from := 0; from < 4 && len(run)-from >= leastRun; from++ {
		part := run[from:]
		if len(part)%4 == 1 {
			part = part[:len(part)-1]
		}
		if n, err := base64.RawURLEncoding.Decode(out, part); err == nil && w.in(out[:n]) {
			return true
		}
	}
	if allHex {
		for from := range 2 {
			part := run[from:]
			if n, err := hex.Decode(out, part[:len(part)&^1]); err == nil && w.in(out[:n]) {
				return true
			}
		}
	}
	return false
}

// gram hashes the first 6 bytes of b.
func (w *watch) gram(b []byte) uint64 {
	_ = b[gram-1]
	v := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40
	v *= w.factor
	return v ^ v>>32
}

// room makes place for n grams: 32 bits for each, so that few others look like one.
func (w *watch) room(n int) {
	size := 64
	for size*64 < n*32 {
		size *= 2
	}
	w.bits = make([]uint64, size)
}

func (w *watch) set(g uint64) {
	w.bits[g>>6&uint64(len(w.bits)-1)] |= 1 << (g & 63)
}

// hashSet is a set of hashes, open addressed: a tenth of a map's cost to fill.
type hashSet struct{ slots []uint32 }

func newHashSet(n int) hashSet {
	size := 64
	for size < 2*n {
		size *= 2
	}
	return hashSet{make([]uint32, size)}
}

func (s *hashSet) add(hash uint64) {
	h := uint32(hash>>32) | 1 // 0 is an empty slot
	for i := hash; ; i++ {
		switch slot := &s.slots[i&uint64(len(s.slots)-1)]; *slot {
		case 0:
			*slot = h
			return
		case h:
			return
		}
	}
}

func (s *hashSet) has(hash uint64) bool {
	h := uint32(hash>>32) | 1
	for i := hash; ; i++ {
		switch s.slots[i&uint64(len(s.slots)-1)] {
		case 0:
			return false
		case h:
			return true
		}
	}
}
