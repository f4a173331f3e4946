package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// Where check reads what it is given: files and standard input; prompt.go is what a person types.

// readEvidence reads the token, what the server answered and a token that works.
func readEvidence(c *cobra.Command, q *bot.Question, answer, compare string, args []string) error {
	if tokenForFile(answer) || tokenForFile(compare) {
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
	case answered && !asked && terminal(c.InOrStdin()) != nil:
		return redact.Secret{}, nil
	}
	return readInput(c, tokenPrompt)
}

// readFile reads a file, or for "-" what is piped in or typed.
func readFile(c *cobra.Command, name, flag string) (redact.Secret, error) {
	if name == "-" {
		return readInput(c, prompts[flag])
	}
	return await(c.Context(), func() (redact.Secret, error) {
		f, err := os.Open(name)
		if err != nil {
			return redact.Secret{}, fileError(flag, err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return redact.Secret{}, fileError(flag, errDirectory)
		}
		secret, err := readAll(f)
		if err != nil {
			return redact.Secret{}, fileError(flag, err)
		}
		return secret, nil
	})
}

// await reads what may be waited for without end: a person, a pipe that stays open, a FIFO that nobody
// writes to. Where the context ends first, the reading is left behind: the process ends then.
func await(ctx context.Context, read func() (redact.Secret, error)) (redact.Secret, error) {
	var secret redact.Secret
	var err error
	done := make(chan struct{})
	go func() { defer close(done); secret, err = read() }()
	select {
	case <-done:
		return secret, err
	case <-ctx.Done():
		return redact.Secret{}, context.Cause(ctx)
	}
}

var errDirectory = errors.New("a directory")

// fileError says why FILE cannot be read, and which it is: the token's where there is no flag. Its name
// is not repeated: it may be a token by mistake.
func fileError(flag string, err error) error {
	if flag == "" {
		flag = "the token"
	}
	flag += ": "
	switch {
	case errors.Is(err, errDirectory):
		return configError(flag + "FILE is a directory")
	case errors.Is(err, fs.ErrNotExist):
		return configError(flag + "FILE does not exist")
	case errors.Is(err, fs.ErrPermission):
		return configError(flag + "FILE may not be read by this user")
	}
	return configError(flag + "FILE cannot be read")
}

// readAll reads one byte more than is checked, so that Parse can tell that it was too much.
func readAll(r io.Reader) (redact.Secret, error) {
	b, err := io.ReadAll(io.LimitReader(r, checks.MaxPaste+1))
	if err != nil {
		return redact.Secret{}, err
	}
	return redact.NewSecret(string(b)), nil
}
