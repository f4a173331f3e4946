package slack

import (
	"math"
	"strings"

	"jwt-check-bot/redact"
)

// Block is one block of a message or a modal. The zero Block renders nothing, and so does one that
// was made without content or with an identifier of a wrong shape.
type Block struct {
	write func([]byte) []byte // appends its JSON as Slack takes it
	size  int                 // bytes of text in it
	input string              // the block ID of an input block, which no other of its modal may have
}

// written is a block whose JSON is there already.
func written(json []byte, size int) Block {
	return Block{write: func(b []byte) []byte { return append(b, json...) }, size: size}
}

// Header is a large line on its own, cut to 150 characters.
func Header(t redact.Text) Block {
	if t.IsZero() {
		return Block{}
	}
	t = t.Cut(maxHeader)
	return Block{size: len(t.String()), write: func(b []byte) []byte {
		b = appendText(append(b, `{"type":"header"`...), "text", t, maxHeader)
		return append(b, '}')
	}}
}

// Paragraph is one section of running text.
func Paragraph(spans ...Span) Block {
	size, shows := measure(spans)
	if !shows {
		return Block{}
	}
	return Block{size: size, write: func(b []byte) []byte {
		b = appendSection(append(b, `{"type":"rich_text","elements":[`...), spans)
		return append(b, `]}`...)
	}}
}

// List is a bulleted list, one item for each line of spans.
func List(items ...[]Span) Block {
	total, n := 0, 0
	for _, item := range items {
		if size, shows := measure(item); shows {
			total, n = total+size, n+1
		}
	}
	if n == 0 {
		return Block{}
	}
	return Block{size: total, write: func(b []byte) []byte {
		b = append(b, `{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[`...)
		start := len(b)
		for _, item := range items {
			if _, shows := measure(item); !shows {
				continue
			}
			if len(b) > start {
				b = append(b, ',')
			}
			b = appendSection(b, item)
		}
		return append(b, `]}]}`...)
	}}
}

// Preformatted shows lines in a fixed-width box.
func Preformatted(lines ...redact.Text) Block {
	var all strings.Builder
	for i, line := range lines {
		if i > 0 {
			all.WriteByte('\n')
		}
		all.WriteString(line.String())
	}
	text := firstRunes(all.String(), maxText)
	if strings.TrimSpace(text) == "" {
		return Block{}
	}
	b := []byte(`{"type":"rich_text","elements":[{"type":"rich_text_preformatted","elements":[{"type":"text"`)
	b = appendMember(b, "text", text)
	return written(append(b, `}],"border":0}]}`...), len(text))
}

// Context is small print: at most ten elements, where texts that touch count as one.
func Context(spans ...Span) Block {
	elements, size := small(spans)
	if len(elements) == 0 {
		return Block{}
	}
	b := appendList([]byte(`{"type":"context","elements":`), elements)
	return written(append(b, '}'), size)
}

// Divider is a line across.
func Divider() Block { return written([]byte(`{"type":"divider"}`), 0) }

// Style is a button's colour.
type Style uint8

const (
	Default Style = iota
	Primary       // green
	Danger        // red
)

func (s Style) String() string {
	return [...]string{"", "primary", "danger"}[s]
}

// Button is pressed. Action is its action ID; Value comes back with the press, and both are seen by
// whoever reads the message through an API, so they hold nothing private.
type Button struct {
	Action, Value string
	Text          redact.Text
	Style         Style
}

// Buttons is a row of buttons under one block ID.
func Buttons(block string, buttons ...Button) Block {
	var row [][]byte
	size := 0
	for _, button := range buttons {
		if !isName(button.Action, maxName) || button.Text.IsZero() || len(button.Value) > maxValue || len(row) == maxButtons {
			continue
		}
		text := button.Text.Cut(maxButton)
		size += len(text.String())
		b := appendText([]byte(`{"type":"button"`), "text", text, maxButton)
		b = appendMember(b, "action_id", button.Action)
		b = appendMember(b, "value", button.Value)
		b = appendMember(b, "style", button.Style.String())
		row = append(row, append(b, '}'))
	}
	if len(row) == 0 || !isName(block, maxName) {
		return Block{}
	}
	b := appendMember([]byte(`{"type":"actions"`), "block_id", block)
	b = appendList(appendName(b, "elements"), row)
	return written(append(b, '}'), size)
}

// shown returns the blocks that have content, at most n of them and as far as their texts make no
// more than size bytes.
func shown(blocks []Block, n, size int) []Block {
	out := make([]Block, 0, len(blocks))
	for _, b := range blocks {
		if b.write == nil {
			continue
		}
		if size -= b.size; size < 0 || len(out) == n {
			break
		}
		out = append(out, b)
	}
	return out
}

// Fit returns blocks with last behind them, as one message takes them: of what is too much the end of
// blocks is left out, and cut says so in its place.
func Fit(blocks []Block, cut Block, last ...Block) []Block {
	n, size := maxBlocks, maxShown
	for _, b := range last {
		n, size = n-1, size-b.size
	}
	all := shown(blocks, len(blocks), math.MaxInt)
	if kept := shown(all, n, size); len(kept) < len(all) {
		all = append(shown(all, n-1, size-cut.size), cut)
	}
	return append(all, last...)
}

// roomFor is about how many bytes of JSON a message or a view of these blocks has.
func roomFor(shown []Block) int {
	const others, each, aByte = 512, 256, 3 // beside the blocks; of a block; for a byte of text
	n := others
	for i := range shown {
		n += each + aByte*shown[i].size
	}
	return n
}

// appendBlocks appends the array of what is shown.
func appendBlocks(b []byte, shown []Block) []byte {
	b = append(b, '[')
	for i := range shown {
		if i > 0 {
			b = append(b, ',')
		}
		b = shown[i].write(b)
	}
	return append(b, ']')
}
