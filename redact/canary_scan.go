package redact

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// In says whether something of the submission stands in b: as it is, behind JSON or percent
// escapes, split by what nobody sees, in base64, in hex or backwards.
func (c Canary) In(b []byte) Find {
	if c.open == nil {
		return Nothing
	}
	plain := unescape(b)
	for _, w := range c.open() {
		if w.in(b) || w.inWords(b) || w.in(plain) || w.inWords(plain) {
			return Submitted
		}
	}
	return Nothing
}

const (
	around = 64   // bytes on either side of an escape that are read with it: the longest mark in hex
	cutOff = 0xff // stands where text was left out; it is in no text, and joins no word that was cut
)

// unescape returns the pieces of b that are read differently than they are written, each with what
// is around it: without escapes, line breaks and what nobody sees.
func unescape(b []byte) (out []byte) {
	from, to := 0, 0 // of b: where what is not in out yet begins, and as far as it is wanted
	for at := nextJoin(b, 0); at < len(b); at = nextJoin(b, at) {
		c := b[at]
		if mayShow[c] {
			at++
			continue
		}
		r, n := logical(b[at:])
		if c >= 0x80 && r >= 0 || c == '%' && r == broken {
			at += n
			continue
		}
		if at-around > to {
			out = append(out, b[from:to]...)
			if from = at - around; from > 0 {
				out = append(out, cutOff)
			}
		}
		if out == nil {
			out = make([]byte, 0, min(len(b), 1<<10))
		}
		out = append(out, b[from:at]...)
		if r >= 0 {
			out = utf8.AppendRune(out, r)
		}
		at += n
		from, to = at, min(at+around, len(b))
	}
	out = append(out, b[from:to]...)
	if to < len(b) && len(out) > 0 {
		out = append(out, cutOff)
	}
	return out
}

// nextJoin is the place of the first byte of b from at on that may be escaped, split or unseen.
func nextJoin(b []byte, at int) int {
	for ; at <= len(b)-8; at += 8 {
		v := binary.LittleEndian.Uint64(b[at:])
		control := v & (0xf8 * eachByte) // of the bytes 8 to 15, line breaks among them, 8 is left
		if marks := v&topBits | zeros(v^'\\'*eachByte) | zeros(v^'%'*eachByte) | zeros(control^8*eachByte); marks != 0 {
			at += bits.TrailingZeros64(marks) / 8
			if class[b[at]]&isJoin != 0 {
				return at
			}
			at -= 7 // what stands for the loop's step
		}
	}
	for at < len(b) && (class[b[at]]&isJoin == 0 || class[b[at]]&isStd64 != 0) {
		at++
	}
	return at
}

// zeros marks the bytes of v that are 0; the lowest mark is certain.
func zeros(v uint64) uint64 { return (v - eachByte) &^ v & topBits }

// in looks at every stride-th gram of b; only around one that may begin something, read forwards or
// backwards, is more read.
func (w *watch) in(b []byte) bool {
	words, salt, stride := w.bits, w.factors[0], w.stride
	for at := 0; at <= len(b)-gram; at += stride {
		g := gramOf(binary.LittleEndian.Uint32(b[at:]), salt)
		if two := twoBits(g); words[g>>32&uint64(len(words)-1)]&two == two && (w.stands(b, at, false) || w.stands(b, at, true)) {
			return true
		}
	}
	return false
}

// stands looks for a window or a hidden value around the gram at b[at:], read backwards or not.
func (w *watch) stands(b []byte, at int, backwards bool) bool {
	var room [edge]byte
	piece := func(from, size int) []byte {
		if from < 0 || from+size > len(b) {
			return nil
		}
		p := b[from : from+size]
		if backwards {
			p = append(room[:0], p...)
			slices.Reverse(p)
		}
		return p
	}
	for from := max(0, at-maxStride+1); from <= at && from+window <= len(b); from++ {
		if w.windows.has(w.window(piece(from, window))) {
			return true
		}
	}
	w.order.Do(func() { slices.SortFunc(w.marks, func(a, b mark) int { return cmp.Compare(a.gram, b.gram) }) })
	g := w.gram(b[at:])
	first, _ := slices.BinarySearchFunc(w.marks, g, func(m mark, g uint64) int { return cmp.Compare(m.gram, g) })
	for _, m := range w.marks[first:] {
		if m.gram != g {
			break
		}
		from := at - m.at
		if backwards {
			from = at + gram + m.at - m.size
		}
		p := piece(from, m.size)
		if p == nil || maphash.Bytes(w.seed, p) != m.hash {
			continue
		}
		to := from + m.size
		goesOn := from > 0 && isWordByte(b[from-1]) || to < len(b) && isWordByte(b[to])
		if !m.word || !goesOn {
			return true
		}
	}
	return false
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

// gram hashes the first 4 bytes of b, read in either direction.
func (w *watch) gram(b []byte) uint64 { return gramOf(binary.LittleEndian.Uint32(b), w.factors[0]) }

// gramOf multiplies 4 bytes with themselves read backwards, so that the order does not matter.
func gramOf(v uint32, salt uint64) uint64 {
	return (uint64(v) + salt) * (uint64(bits.ReverseBytes32(v)) + salt)
}

// window hashes 12 bytes.
func (w *watch) window(b []byte) uint64 {
	v := binary.LittleEndian.Uint64(b)*w.factors[0] ^ uint64(binary.LittleEndian.Uint32(b[8:]))*w.factors[1]
	v = (v ^ v>>32) * w.factors[0]
	return v ^ v>>29
}

// room makes place for n grams: 32 bits for each, of which two are set, so that few others look like one.
func (w *watch) room(n int) {
	size := 1
	for size*64 < n*32 {
		size *= 2
	}
	w.bits = make([]uint64, size)
}

// set marks the gram that b begins with.
func (w *watch) set(b []byte) {
	g := w.gram(b)
	w.bits[g>>32&uint64(len(w.bits)-1)] |= twoBits(g)
}

// twoBits are taken from the top of a gram's hash, where each of its bytes counts.
func twoBits(g uint64) uint64 { return 1<<(g>>58) | 1<<(g>>52&63) }

// hashSet is a set of hashes, open addressed: a tenth of a map's cost to fill.
type hashSet struct{ slots []uint32 }

func newHashSet(n int) hashSet { return hashSet{make([]uint32, 2*n+1)} }

func (s *hashSet) add(hash uint64) {
	h := uint32(hash>>32) | 1 // 0 is an empty slot
	for i := s.home(hash); ; i++ {
		if i == len(s.slots) {
			i = 0
		}
		switch s.slots[i] {
		case 0:
			s.slots[i] = h
			return
		case h:
			return
		}
	}
}

func (s *hashSet) has(hash uint64) bool {
	if len(s.slots) == 0 {
		return false
	}
	h := uint32(hash>>32) | 1
	for i := s.home(hash); ; i++ {
		if i == len(s.slots) {
			i = 0
		}
		switch s.slots[i] {
		case 0:
			return false
		case h:
			return true
		}
	}
}

// home is the slot from which a hash is looked for: by the half that is not kept.
func (s *hashSet) home(hash uint64) int {
	return int(uint64(uint32(hash)) * uint64(len(s.slots)) >> 32)
}

// InMessage is In for what a message shows, and for what was published as it came: a word that is shown
// cut short may leave too little to recognise a piece of a token by, and still be one.
func (c Canary) InMessage(m Message) Find {
	if c.open == nil {
		return Nothing
	}
	if found := c.In([]byte(Policy{}.Text(m).String())); found != Nothing {
		return found
	}
	return c.inHoles(m.first, 0)
}

func (c Canary) inHoles(h *Hole, depth int) Find {
	for ; h != nil && depth <= 2*maxDepth; h = h.next {
		found := Nothing
		switch h.kind {
		case holePublic:
			found = c.In([]byte(h.value.source()))
		case holeMessage, holeItems:
			found = c.inHoles(h.inner, depth+1)
		}
		if found != Nothing {
			return found
		}
	}
	return Nothing
}
