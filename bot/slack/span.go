package slack

import (
	"strconv"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

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
	kind   spanKind
	text   redact.Text
	user   string
	at     time.Time
	format DateFormat
}

// Plain is t as it is.
func Plain(t redact.Text) Span { return Span{text: t} }

// Bold is t in bold; in a context block, as it is.
func Bold(t redact.Text) Span { return Span{kind: boldSpan, text: t} }

// Code is t in the fixed-width form of code; in a context block, as it is.
func Code(t redact.Text) Span { return Span{kind: codeSpan, text: t} }

// User mentions the member with this ID.
func User(id string) Span { return Span{kind: userSpan, user: id} }

// Date is t in each reader's own zone; where that is not possible the fallback is shown.
func Date(t time.Time, format DateFormat, fallback redact.Text) Span {
	return Span{kind: dateSpan, at: t, format: format, text: fallback}
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

func (s Span) empty() bool {
	switch s.kind {
	case userSpan:
		return !isUser(s.user)
	case dateSpan:
		return s.at.Unix() <= 0 && s.text.IsZero()
	}
	return s.text.IsZero()
}

// rich renders spans as rich text, which Slack parses for nothing: no mentions, links or emoji.
func rich(spans []Span) (out []slackgo.RichTextSectionElement, size int) {
	out = make([]slackgo.RichTextSectionElement, 0, len(spans))
	for _, s := range spans {
		if s.empty() {
			continue
		}
		text := s.text.Cut(maxText).String()
		size += len(text)
		switch s.kind {
		case plainSpan:
			out = append(out, slackgo.NewRichTextSectionTextElement(text, nil))
		case boldSpan:
			out = append(out, slackgo.NewRichTextSectionTextElement(text, &slackgo.RichTextSectionTextStyle{Bold: true}))
		case codeSpan:
			out = append(out, slackgo.NewRichTextSectionTextElement(text, &slackgo.RichTextSectionTextStyle{Code: true}))
		case userSpan:
			out = append(out, slackgo.NewRichTextSectionUserElement(s.user, nil))
		case dateSpan:
			if s.at.Unix() <= 0 { // Slack knows no date before 1970
				out = append(out, slackgo.NewRichTextSectionTextElement(text, nil))
				continue
			}
			if text == "" {
				text = s.at.UTC().Format(time.DateTime + " UTC")
			}
			out = append(out, slackgo.NewRichTextSectionDateElement(s.at.Unix(), s.format.known(), nil, &text))
		}
	}
	return out, size
}

// small renders spans for a context block. Its texts are plain_text, joined where they touch; a
// mention or a date needs mrkdwn and is an element of its own, made of nothing but itself.
func small(spans []Span) (out []slackgo.MixedElement, size int) {
	var run strings.Builder
	add := func(t *slackgo.TextBlockObject) {
		if len(out) < maxSmall {
			out = append(out, t)
			size += len(t.Text)
		}
	}
	flush := func() {
		if s := strings.TrimSpace(run.String()); s != "" {
			add(plainString(firstRunes(s, maxText)))
		}
		run.Reset()
	}
	for _, s := range spans {
		if s.empty() {
			continue
		}
		switch s.kind {
		case userSpan:
			flush()
			add(markup("<@" + s.user + ">"))
		case dateSpan:
			if s.at.Unix() <= 0 {
				run.WriteString(s.text.String())
				continue
			}
			flush()
			fallback := s.text.Cut(maxButton).String()
			if fallback == "" {
				fallback = s.at.UTC().Format(time.DateTime + " UTC")
			}
			add(markup("<!date^" + strconv.FormatInt(s.at.Unix(), 10) + "^" + s.format.known() + "|" + fallback + ">"))
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

// plain is t as a plain_text object cut to n characters, without emoji names turned into pictures.
func plain(t redact.Text, n int) *slackgo.TextBlockObject {
	if t.IsZero() {
		return nil
	}
	return plainString(t.Cut(n).String())
}

func plainString(s string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.PlainTextType, s, false, false)
}

// markup is a mrkdwn object in which Slack looks for nothing but control sequences.
func markup(s string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.MarkdownType, s, false, true)
}
