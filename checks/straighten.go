package checks

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"jwt-check-bot/redact"
)

// straighten takes out of a candidate what chat programs, word processors and mail put into it:
// invisible characters, full-width letters, typographic spaces, dashes and quotes. It names them all.
func (p *paste) straighten(s string) string {
	if isCompact(s) || !suspectText(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if r == utf8.RuneError { // it may be one byte of something else
			_, n := utf8.DecodeRuneInString(s[i:])
			b.WriteString(s[i : i+n])
			continue
		}
		p.straightenRune(&b, r)
	}
	return b.String()
}

// fromUTF16 decodes a paste in UTF-16: by its byte order mark, or by the NULs that ASCII has in it, in
// the second byte of each pair or in the first.
func fromUTF16(s string) (string, bool) {
	bom := strings.HasPrefix(s, "\xff\xfe") || strings.HasPrefix(s, "\xfe\xff")
	if !bom && (len(s) < 8 || strings.IndexByte(s, 0) < 0) {
		return s, false
	}
	var zeros [2]int
	for i := range len(s) {
		if s[i] == 0 {
			zeros[i%2]++
		}
	}
	little := zeros[1] > zeros[0]
	if bom {
		little, s = s[0] == 0xff, s[2:]
	} else if most := max(zeros[0], zeros[1]); most < len(s)/2*3/4 || min(zeros[0], zeros[1]) > most/8 {
		return s, false
	}
	units := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		low, high := s[i], s[i+1]
		if !little {
			low, high = high, low
		}
		units = append(units, uint16(low)|uint16(high)<<8)
	}
	return string(utf16.Decode(units)), true
}

// suspectText reports whether s has anything but printable ASCII and white space.
func suspectText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return true
		}
	}
	return false
}

func (p *paste) straightenRune(b *strings.Builder, r rune) {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0x7f:
		b.WriteRune(r)
	case r >= '！' && r <= '～':
		p.artefacts |= fullWidth
		b.WriteRune(r - '！' + '!')
	case r == '—': // what editors make of two hyphens
		p.artefacts |= typographicDash
		b.WriteString("--")
	case r >= '\u2010' && r <= '–' || r == '−':
		p.artefacts |= typographicDash
		b.WriteByte('-')
	case strings.ContainsRune("“”„«»", r):
		b.WriteByte('"')
	case strings.ContainsRune("‘’‚‹›", r):
		b.WriteByte('\'')
	case r == '\u2028' || r == '\u2029' || r == '\u0085':
		p.noteInvisible(r)
		b.WriteByte('\n')
	case unicode.Is(unicode.Zs, r):
		p.noteInvisible(r)
		b.WriteByte(' ')
	case unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Variation_Selector) || r == '\u034f' || r == '\u3164' || r == '\u115f':
		p.noteInvisible(r)
	default:
		b.WriteRune(r)
	}
}

func (p *paste) noteInvisible(r rune) {
	p.artefacts |= invisible
	if p.more.invisible++; p.more.invisible > 1 {
		return
	}
	p.more.character = nameOf(r)
}

func nameOf(r rune) redact.Message {
	switch {
	case r == '\u00a0' || r == '\u202f':
		return redact.Msg("a no-break space")
	case r >= '\u200b' && r <= '\u200d' || r == '\u2060':
		return redact.Msg("a zero-width character")
	case r == '\ufeff':
		return redact.Msg("a byte order mark")
	case r == '\u00ad':
		return redact.Msg("a soft hyphen")
	case r == '\u200e' || r == '\u200f' || r == '\u061c' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
		return redact.Msg("a mark of writing direction")
	case r == 0:
		return redact.Msg("a NUL")
	case r < ' ' || r == 0x7f:
		return redact.Msg("a control character")
	case unicode.IsSpace(r):
		return redact.Msg("a typographic space")
	}
	return redact.Msg("a formatting character")
}
