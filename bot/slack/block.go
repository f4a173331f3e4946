package slack

import (
	"strings"

	slackgo "github.com/slack-go/slack"

	"jwt-check-bot/redact"
)

// Block is one block of a message or a modal. The zero Block renders nothing, and so does one that
// was made without content or with an identifier of a wrong shape.
type Block struct {
	b    slackgo.Block
	size int // bytes of text in it
}

// Header is a large line on its own, cut to 150 characters.
func Header(t redact.Text) Block {
	if t.IsZero() {
		return Block{}
	}
	text := plain(t, maxHeader)
	return Block{slackgo.NewHeaderBlock(text), len(text.Text)}
}

// Paragraph is one section of running text.
func Paragraph(spans ...Span) Block {
	elements, size := rich(spans)
	if len(elements) == 0 {
		return Block{}
	}
	return Block{slackgo.NewRichTextBlock("", slackgo.NewRichTextSection(elements...)), size}
}

// List is a bulleted list, one item for each line of spans.
func List(items ...[]Span) Block {
	list, total := make([]slackgo.RichTextElement, 0, len(items)), 0
	for _, item := range items {
		if elements, size := rich(item); len(elements) > 0 {
			list = append(list, slackgo.NewRichTextSection(elements...))
			total += size
		}
	}
	if len(list) == 0 {
		return Block{}
	}
	return Block{slackgo.NewRichTextBlock("", bullets{slackgo.RTEList, slackgo.RTEListBullet, list}), total}
}

// bullets is slack-go's RichTextList without the members that it writes where they say nothing, one of which Slack's
// own types do not have.
type bullets struct {
	Type     slackgo.RichTextElementType     `json:"type"`
	Style    slackgo.RichTextListElementType `json:"style"`
	Elements []slackgo.RichTextElement       `json:"elements"`
}

func (b bullets) RichTextElementType() slackgo.RichTextElementType { return b.Type }

// Preformatted shows lines in a fixed-width box.
func Preformatted(lines ...redact.Text) Block {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(line.String())
	}
	if strings.TrimSpace(b.String()) == "" {
		return Block{}
	}
	text := slackgo.NewRichTextSectionTextElement(firstRunes(b.String(), maxText), nil)
	return Block{slackgo.NewRichTextBlock("", &slackgo.RichTextPreformatted{
		Type:     slackgo.RTEPreformatted,
		Elements: []slackgo.RichTextSectionElement{text},
	}), len(text.Text)}
}

// Context is small print: at most ten elements, where texts that touch count as one.
func Context(spans ...Span) Block {
	elements, size := small(spans)
	if len(elements) == 0 {
		return Block{}
	}
	return Block{slackgo.NewContextBlock("", elements...), size}
}

// Divider is a line across.
func Divider() Block { return Block{b: slackgo.NewDividerBlock()} }

// Style is a button's colour.
type Style uint8

const (
	Default Style = iota
	Primary       // green
	Danger        // red
)

// Button is pressed. Action is its action ID; Value comes back with the press, and both are seen by
// whoever reads the message through an API, so they hold nothing private.
type Button struct {
	Action, Value string
	Text          redact.Text
	Style         Style
}

// Buttons is a row of buttons under one block ID.
func Buttons(block string, buttons ...Button) Block {
	var row []slackgo.BlockElement
	size := 0
	for _, b := range buttons {
		if !isName(b.Action, maxName) || b.Text.IsZero() || len(b.Value) > maxValue || len(row) == maxButtons {
			continue
		}
		e := slackgo.NewButtonBlockElement(b.Action, b.Value, plain(b.Text, maxButton))
		size += len(e.Text.Text)
		switch b.Style {
		case Primary:
			e.Style = slackgo.StylePrimary
		case Danger:
			e.Style = slackgo.StyleDanger
		}
		row = append(row, e)
	}
	if len(row) == 0 || !isName(block, maxName) {
		return Block{}
	}
	return Block{slackgo.NewActionBlock(block, row...), size}
}

// render returns the blocks that have content, at most n of them and as far as their texts make no
// more than size bytes. It never returns nil: slack-go would send null for an empty modal.
func render(blocks []Block, n, size int) []slackgo.Block {
	out := make([]slackgo.Block, 0, len(blocks))
	for _, b := range blocks {
		if b.b == nil {
			continue
		}
		if size -= b.size; size < 0 || len(out) == n {
			break
		}
		out = append(out, b.b)
	}
	return out
}
