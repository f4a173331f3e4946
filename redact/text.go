package redact

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Text is what may be shown: valid UTF-8 on one line, without `<`, `>`, `&`, control, bidi or
// invisible characters, so that it means nothing to any of Slack's parsers. Only this package
// makes one.
type Text struct{ s string }

// Const is a text of our own source code.
func Const(s literal) Text { return Text{string(s)} }

func (t Text) String() string { return t.s }

// IsZero reports whether t is empty.
func (t Text) IsZero() bool { return t.s == "" }

// Cut returns t with at most n characters, the last of them an ellipsis where something was cut.
func (t Text) Cut(n int) Text { return Text{cut(t.s, n)} }

// Ended returns t as a whole sentence: with a full stop, unless it is a question.
func (t Text) Ended() Text {
	if t.s == "" || strings.HasSuffix(t.s, "?") {
		return t
	}
	return Text{t.s + "."}
}

// Join returns the texts that are not empty, with sep between them.
func Join(sep literal, texts ...Text) Text {
	size := 0
	for _, t := range texts {
		size += len(sep) + len(t.s)
	}
	var b strings.Builder
	b.Grow(size)
	for _, t := range texts {
		if t.s == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(string(sep))
		}
		b.WriteString(t.s)
	}
	return Text{b.String()}
}

func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	for i := range s {
		if n--; n == 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// clean makes foreign text inert. The three characters that Slack's markup and escapes are made of
// become lookalikes rather than entities: the same text is then safe in plain_text, in rich_text
// (which would show an entity as typed), in mrkdwn and on a terminal.
func clean(s string) string {
	from := firstActive(s)
	if from == len(s) {
		return s
	}
	return s[:from] + strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			return '‹'
		case r == '>':
			return '›'
		case r == '&':
			return '＆'
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case r == utf8.RuneError || r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0':
			return '·'
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r),
			unicode.Is(unicode.Variation_Selector, r):
			return '·'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s[from:], "·"))
}

// firstActive is where the first character stands that may have to be replaced. Before it is what
// nearly all texts are made of: to look every character up costs more than the rest of a sentence.
func firstActive(s string) int {
	for i, r := range s {
		switch {
		case r >= ' ' && r <= '~' && r != '<' && r != '>' && r != '&':
		case r > '\u00a0' && r < '\u0300' && r != '\u00ad': // letters and signs of Latin scripts, but the soft hyphen
		case r >= '\u2010' && r < '\u2028': // dashes, quotation marks, the ellipsis
		default:
			return i
		}
	}
	return len(s)
}

// longAge is nearly the longest span that a Duration holds. What is longer arrives here as the longest
// one, or as the shortest one, which has no opposite.
const longAge = 290 * 365 * 24 * time.Hour

// age writes d by its two largest units: "42 s", "3 min 5 s", "2 h 14 min", "3 d 4 h", "2 y 11 d".
func age(d time.Duration) string {
	if d > longAge || d < -longAge {
		return "over 290 years"
	}
	if d < 0 {
		d = -d
	}
	if d < time.Second {
		if d == 0 {
			return "0 s"
		}
		return strconv.FormatInt(max(d.Milliseconds(), 1), 10) + " ms"
	}
	units := [...]struct {
		size time.Duration
		name string
	}{{365 * 24 * time.Hour, " y"}, {24 * time.Hour, " d"}, {time.Hour, " h"}, {time.Minute, " min"}, {time.Second, " s"}}
	for i, u := range units {
		if d < u.size {
			continue
		}
		s := strconv.FormatInt(int64(d/u.size), 10) + u.name
		if i+1 < len(units) {
			next := units[i+1]
			if rest := d % u.size / next.size; rest > 0 {
				s += " " + strconv.FormatInt(int64(rest), 10) + next.name
			}
		}
		return s
	}
	return "0 s"
}

// appendInstant writes t in UTC to the second.
func appendInstant(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, "2006-01-02 15:04:05 UTC")
}
