package slack

import (
	"strconv"
	"strings"
	"time"

	"jwt-check-bot/redact"
)

// Limits of Block Kit in characters and counts. Where Slack documents none, a careful guess.
const (
	maxHeader   = 150
	maxText     = 3000 // of one text object or one rich text element
	maxMessage  = 3000 // the text beside the blocks
	maxTitle    = 24
	maxLabel    = 2000
	maxHint     = 150 // the prompt inside an empty field
	maxOption   = 75
	maxButton   = 75
	maxValue    = 2000 // of a button
	maxOptions  = 100
	maxBoxes    = 10 // radio buttons and checkboxes
	maxButtons  = 25
	maxSmall    = 10      // elements of a context block
	maxBlocks   = 50      // of a message
	maxShown    = 9500    // bytes of text in the blocks of a message; msg_blocks_too_long was seen at 11,341 characters
	maxInModal  = 100     // blocks of a modal
	maxInView   = 100_000 // bytes of text in the blocks of a modal, whose JSON may have 250,000
	maxMetadata = 3000
	maxName     = 255
)

type spanKind uint8

const (
	plainSpan spanKind = iota
	boldSpan
	codeSpan
	userSpan
	dateSpan
)

// Span is a piece of one line of text.
type Span struct {
	kind spanKind
	at   int64 // of a date, in seconds since 1970; Slack knows none before
	text redact.Text
	word string // of a mention the member's ID, of a date the format
}

// Plain is t as it is.
func Plain(t redact.Text) Span { return Span{text: t} }

// Bold is t in bold; in a context block, as it is.
func Bold(t redact.Text) Span { return Span{kind: boldSpan, text: t} }

// Code is t in the fixed-width form of code; in a context block, as it is.
func Code(t redact.Text) Span { return Span{kind: codeSpan, text: t} }

// User mentions the member with this ID.
func User(id string) Span { return Span{kind: userSpan, word: id} }

// Date is t in each reader's own zone; where that is not possible the fallback is shown.
func Date(t time.Time, format DateFormat, fallback redact.Text) Span {
	return Span{kind: dateSpan, at: t.Unix(), word: format.known(), text: fallback}
}

// DateFormat is how a Date is written, in Slack's own template language.
type DateFormat string

const (
	DateAndTime DateFormat = "{date_num} {time_secs}" // 2026-11-23 10:00:00 AM
	TimeOfDay   DateFormat = "{time_secs}"            // 10:00:00 AM
	DayAndTime  DateFormat = "{date_short_pretty} {time}"
	Ago         DateFormat = "{ago}" // 3 minutes ago
)

// known returns f if it is one of the constants above, since a template is markup.
func (f DateFormat) known() string {
	switch f {
	case TimeOfDay, DayAndTime, Ago:
		return string(f)
	}
	return string(DateAndTime)
}

func (s *Span) empty() bool {
	switch s.kind {
	case userSpan:
		return !isUser(s.word)
	case dateSpan:
		return s.at <= 0 && s.text.IsZero()
	}
	return s.text.IsZero()
}

// measure is how many bytes of text the spans have, and whether they show anything at all.
func measure(spans []Span) (size int, shows bool) {
	for i := range spans {
		if s := &spans[i]; !s.empty() {
			size, shows = size+len(s.text.Cut(maxText).String()), true
		}
	}
	return size, shows
}

// appendSection appends a section of rich text, which Slack parses for nothing: no mentions, links or
// emoji.
func appendSection(b []byte, spans []Span) []byte {
	b = append(b, `{"type":"rich_text_section","elements":[`...)
	start := len(b)
	for i := range spans {
		s := &spans[i]
		if s.empty() {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = s.append(b, s.text.Cut(maxText).String())
	}
	return append(b, `]}`...)
}

// append appends the element of rich text that s is.
func (s *Span) append(b []byte, text string) []byte {
	switch {
	case s.kind == userSpan:
		b = appendMember(append(b, `{"type":"user"`...), "user_id", s.word)
	case s.kind == dateSpan && s.at > 0:
		b = appendNumber(append(b, `{"type":"date"`...), "timestamp", s.at)
		b = appendMember(b, "format", s.word)
		b = appendMember(b, "fallback", s.fallback(text))
	default:
		b = appendMember(append(b, `{"type":"text"`...), "text", text)
		switch s.kind {
		case boldSpan:
			b = append(b, `,"style":{"bold":true}`...)
		case codeSpan:
			b = append(b, `,"style":{"code":true}`...)
		}
	}
	return append(b, '}')
}

// fallback is what stands for a date where it cannot be shown as one.
func (s *Span) fallback(text string) string {
	if text == "" {
		return time.Unix(s.at, 0).UTC().Format(time.DateTime + " UTC")
	}
	return text
}

// small renders spans for a context block. Its texts are plain_text, joined where they touch; a
// mention or a date needs mrkdwn and is an element of its own, made of nothing but itself.
func small(spans []Span) (out [][]byte, size int) {
	var run strings.Builder
	add := func(element func([]byte, string) []byte, text string) {
		if len(out) < maxSmall {
			out = append(out, element(nil, text))
			size += len(text)
		}
	}
	flush := func() {
		if s := strings.TrimSpace(run.String()); s != "" {
			add(appendPlain, firstRunes(s, maxText))
		}
		run.Reset()
	}
	for _, s := range spans {
		switch {
		case s.empty():
		case s.kind == userSpan:
			flush()
			add(appendMarkup, "<@"+s.word+">")
		case s.kind == dateSpan && s.at > 0:
			flush()
			fallback := s.fallback(s.text.Cut(maxButton).String())
			add(appendMarkup, "<!date^"+strconv.FormatInt(s.at, 10)+"^"+s.word+"|"+fallback+">")
		default:
			run.WriteString(s.text.String())
		}
	}
	flush()
	return out, size
}

// firstRunes returns at most the first n characters of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
