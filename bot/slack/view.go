package slack

import (
	"slices"

	"jwt-check-bot/redact"
)

// Message is what is posted. Text is required: it is the notification, and all that a screen
// reader reads. Without Blocks it is also what is shown. Of blocks that together are more than
// Slack takes in one message the last are left out.
type Message struct {
	Text   redact.Text
	Blocks []Block
}

// appendTo appends the message as two further members of an object: the text, and the blocks beside
// it. A message without any shows its text as rich text, in which Slack finds no links, names or emoji.
func (m Message) appendTo(b []byte) ([]byte, error) {
	if m.Text.IsZero() {
		return nil, errNoText
	}
	blocks := shown(m.Blocks, maxBlocks, maxShown)
	if len(blocks) == 0 {
		blocks = shown([]Block{Paragraph(Plain(m.Text))}, 1, maxShown)
	}
	b = slices.Grow(b, len(m.Text.String())+roomFor(blocks))
	b = appendMember(b, "text", m.Text.Cut(maxMessage).String())
	return appendBlocks(appendName(b, "blocks"), blocks), nil
}

// Modal is a dialogue. Metadata travels with it and comes back with its submission; a client could
// have changed it, and it is scanned like everything else, so it holds identifiers only.
type Modal struct {
	Callback, Metadata   string
	Title, Submit, Close redact.Text
	NotifyOnClose        bool
	Blocks               []Block
}

// appendTo appends the view.
func (m Modal) appendTo(b []byte) ([]byte, error) {
	if len(m.Metadata) > maxMetadata || m.Callback != "" && !isName(m.Callback, maxName) || m.Title.IsZero() {
		return nil, errBadModal
	}
	blocks := shown(m.Blocks, maxInModal, maxInView)
	inputs := make(map[string]bool)
	for _, block := range blocks {
		if block.input != "" && inputs[block.input] {
			return nil, errBadModal
		}
		inputs[block.input] = true
	}
	delete(inputs, "")
	submit := m.Submit
	if submit.IsZero() && len(inputs) > 0 {
		submit = redact.Const("Submit") // Slack refuses inputs that nothing submits
	}
	b = slices.Grow(b, len(m.Metadata)+roomFor(blocks))
	b = appendText(append(b, `{"type":"modal"`...), "title", m.Title, maxTitle)
	b = appendBlocks(appendName(b, "blocks"), blocks)
	b = appendText(b, "close", m.Close, maxTitle)
	b = appendText(b, "submit", submit, maxTitle)
	b = appendMember(b, "private_metadata", m.Metadata)
	b = appendMember(b, "callback_id", m.Callback)
	b = appendTrue(b, "notify_on_close", m.NotifyOnClose)
	return append(b, '}'), nil
}
