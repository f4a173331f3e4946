package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// Where check reads what it is given: files, standard input, the hidden prompt.

// readEvidence reads the token, what the server answered and a token that works.
func readEvidence(c *cobra.Command, q *bot.Question, answer, compare string, args []string) error {
	if looksLikeToken(answer) || looksLikeToken(compare) {
		return errTokenArgument
	}
	fromInput := 0
	for _, name := range append([]string{answer, compare}, args...) {
		if name == "-" {
			fromInput++
		}
	}
	if fromInput > 1 {
		return configError("standard input is one thing only: give the others of token, --error and --compare as files")
	}
	if answer != "" {
		text, err := readFile(c, answer, "--error")
		if err != nil {
			return err
		}
		if text.Len() > checks.MaxPaste {
			return configError("--error: FILE is larger than 64 KiB; give the status line, the header fields and the lines that say why")
		}
		if q.Answer = checks.ParseAnswer(text); q.Answer.IsZero() {
			return configError("--error: there is nothing in FILE; it takes what the server answered")
		}
	}
	paste, err := readPaste(c, args, answer != "", fromInput > 0)
	if err != nil {
		return err
	}
	q.Token, err = checks.Parse(paste)
	if err != nil && (q.Answer.IsZero() || !errors.Is(err, checks.ErrEmpty)) {
		return pasteError(err)
	}
	if q.Replay && q.Token.IsZero() {
		return configError("--replay: there is no token to send; give the one that fails")
	}
	if compare == "" {
		return nil
	}
	if q.Token.IsZero() {
		return configError("--compare: there is no token to compare with; give the one that fails")
	}
	if paste, err = readFile(c, compare, "--compare"); err != nil {
		return err
	}
	if q.Works, err = checks.Parse(paste); err != nil || !q.Works.Comparable() {
		return configError("--compare: FILE holds no JWT whose claims can be read")
	}
	return nil
}

// readPaste reads the token from where it may come from. Where there is an answer to judge, none is
// waited for at a terminal, unless "-" asks for it; nor is one where standard input is something else.
func readPaste(c *cobra.Command, args []string, answered, taken bool) (redact.Secret, error) {
	asked := len(args) == 1
	switch {
	case asked && args[0] != "-":
		return readFile(c, args[0], "")
	case taken && !asked:
		return redact.Secret{}, nil
	}
	in := c.InOrStdin()
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if answered && !asked {
			return redact.Secret{}, nil
		}
		return prompt(f, c.ErrOrStderr())
	}
	return readAll(in)
}

// readFile reads a file, or standard input for "-".
func readFile(c *cobra.Command, name, flag string) (redact.Secret, error) {
	if name == "-" {
		return readAll(c.InOrStdin())
	}
	f, err := os.Open(name)
	if err != nil {
		return redact.Secret{}, fileError(flag, err)
	}
	defer f.Close()
	return readAll(f)
}

// fileError says why FILE cannot be opened. Its name is not repeated: it may be a token by mistake.
func fileError(flag string, err error) error {
	if flag != "" {
		flag += ": "
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return configError(flag + "FILE does not exist")
	case errors.Is(err, fs.ErrPermission):
		return configError(flag + "FILE may not be read by this user")
	}
	return configError(flag + "FILE cannot be opened")
}

// readAll reads one byte more than is checked, so that Parse can tell that it was too much.
func readAll(r io.Reader) (redact.Secret, error) {
	b, err := io.ReadAll(io.LimitReader(r, checks.MaxPaste+1))
	if err != nil {
		return redact.Secret{}, configError("what was given could not be read")
	}
	return redact.NewSecret(string(b)), nil
}

// prompt reads one line without echo. The terminal is put into raw mode, since in its own line mode
// it would silently cut a long token at 4,095 characters.
func prompt(f *os.File, out io.Writer) (redact.Secret, error) {
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return redact.Secret{}, configError("the terminal cannot be put into hidden mode: pipe the token in instead")
	}
	defer func() { _ = term.Restore(int(f.Fd()), state); _, _ = io.WriteString(out, "\n") }()
	_, _ = io.WriteString(out, "Paste the token (hidden), then press Enter: ")
	secret, err := readHidden(bufio.NewReader(f))
	return secret, err
}

// readHidden reads what is typed until Enter, Ctrl-D or Ctrl-C.
func readHidden(r *bufio.Reader) (redact.Secret, error) {
	var line []byte
	for len(line) <= checks.MaxPaste {
		b, err := r.ReadByte()
		switch {
		case err != nil, b == 4, b == 0: // Ctrl-D, which is a NUL where it was typed before the prompt
			return redact.NewSecret(string(line)), nil
		case b == '\r', b == '\n':
			// The line breaks of a wrapped paste arrive at once; Enter arrives alone.
			if r.Buffered() == 0 {
				return redact.NewSecret(string(line)), nil
			}
			line = append(line, '\n')
		case b == 3: // Ctrl-C
			return redact.Secret{}, configError("stopped")
		case b == 8, b == 127: // Backspace
			line = line[:max(0, len(line)-1)]
		default:
			line = append(line, b)
		}
	}
	return redact.NewSecret(string(line)), nil
}
