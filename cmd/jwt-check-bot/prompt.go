package main

import (
	"bufio"
	"io"
	"os"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// What a person types or pastes at a terminal is never echoed: what a server answered may hold a token too.

// prompt asks for one thing. lines says that it has several, so that Ctrl-D alone ends it.
type prompt struct {
	says  string
	lines bool
}

var tokenPrompt = prompt{says: "Paste the token (hidden), then press Enter: "}

// prompts are what "-" asks for at a terminal, by flag; "" is the token.
var prompts = map[string]prompt{
	"":          tokenPrompt,
	"--compare": {says: "Paste the token that works (hidden), then press Enter: "},
	"--error":   {says: "Paste what the server answered (hidden), then press Ctrl-D: ", lines: true},
}

// readInput reads standard input; at a terminal it asks for it.
func readInput(c *cobra.Command, p prompt) (redact.Secret, error) {
	f := terminal(c.InOrStdin())
	if f == nil {
		return await(c.Context(), func() (redact.Secret, error) {
			secret, err := readAll(c.InOrStdin())
			if err != nil {
				err = configError("standard input cannot be read")
			}
			return secret, err
		})
	}
	// The terminal is put into raw mode, since in its own line mode it would silently cut a long token
	// at 4,095 characters.
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return redact.Secret{}, configError("the terminal cannot be put into hidden mode: pipe the token in instead")
	}
	defer func() { _ = term.Restore(int(f.Fd()), state); _, _ = io.WriteString(c.ErrOrStderr(), "\n") }()
	_, _ = io.WriteString(c.ErrOrStderr(), p.says)
	return await(c.Context(), func() (redact.Secret, error) { return readHidden(bufio.NewReader(f), p.lines) })
}

// terminal returns the terminal that in is; nil where it is none.
func terminal(in io.Reader) *os.File {
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}

// readHidden reads what is typed until Ctrl-D, or Enter where it is one line, or Ctrl-C. What is more than
// is checked is read and dropped, lest the rest of it be typed at the shell.
func readHidden(r *bufio.Reader, lines bool) (redact.Secret, error) {
	var text []byte
	for before := byte(0); ; {
		b, err := r.ReadByte()
		enter := b == '\r' || b == '\n'
		switch {
		case err != nil, b == 4, b == 0: // Ctrl-D, which is a NUL where it was typed before the prompt
			return redact.NewSecret(string(text)), nil
		case b == 3: // Ctrl-C, which sends no signal in raw mode
			return redact.Secret{}, exit(128 + syscall.SIGINT)
		case enter && !lines && r.Buffered() == 0: // the line breaks of a wrapped paste arrive at once; Enter arrives alone
			return redact.NewSecret(string(text)), nil
		case b == 8, b == 127: // Backspace
			text = text[:max(0, len(text)-1)]
		case b == '\n' && before == '\r', len(text) > checks.MaxPaste:
		case enter:
			text = append(text, '\n')
		default:
			text = append(text, b)
		}
		before = b
	}
}
