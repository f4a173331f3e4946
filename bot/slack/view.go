package slack

import (
	slackgo "github.com/slack-go/slack"

	"jwt-check-bot/redact"
)

// Message is what is posted. Text is required: it is the notification, and all that a screen
// reader reads. Without Blocks it is also what is shown. Of blocks that together are more than
// Slack takes in one message the last are left out.
type Message struct {
	Text   redact.Text
	Blocks []Block
}

// rendered returns the text beside the blocks, and the blocks. A message without any shows its text
// as rich text, in which Slack finds no links, names or emoji.
func (m Message) rendered() (string, []slackgo.Block, error) {
	if m.Text.IsZero() {
		return "", nil, errNoText
	}
	blocks := render(m.Blocks, maxBlocks, maxShown)
	if len(blocks) == 0 {
		blocks = render([]Block{Paragraph(Plain(m.Text))}, 1, maxShown)
	}
	return m.Text.Cut(maxMessage).String(), blocks, nil
}

// Modal is a dialogue. Metadata travels with it and comes back with its submission; a client could
// have changed it, and it is scanned like everything else, so it holds identifiers only.
type Modal struct {
	Callback, Metadata   string
	Title, Submit, Close redact.Text
	NotifyOnClose        bool
	Blocks               []Block
}

func (m Modal) request() (slackgo.ModalViewRequest, error) {
	if len(m.Metadata) > maxMetadata || m.Callback != "" && !isName(m.Callback, maxName) || m.Title.IsZero() {
		return slackgo.ModalViewRequest{}, errBadModal
	}
	request := slackgo.ModalViewRequest{
		Type:            slackgo.VTModal,
		Title:           plain(m.Title, maxTitle),
		Submit:          plain(m.Submit, maxTitle),
		Close:           plain(m.Close, maxTitle),
		CallbackID:      m.Callback,
		PrivateMetadata: m.Metadata,
		NotifyOnClose:   m.NotifyOnClose,
		Blocks:          slackgo.Blocks{BlockSet: render(m.Blocks, maxInModal, maxInView)},
	}
	if request.Submit == nil && hasInput(request.Blocks.BlockSet) {
		request.Submit = plainString("Submit") // Slack refuses inputs that nothing submits
	}
	return request, nil
}

func hasInput(blocks []slackgo.Block) bool {
	for _, b := range blocks {
		if b.BlockType() == slackgo.MBTInput {
			return true
		}
	}
	return false
}
