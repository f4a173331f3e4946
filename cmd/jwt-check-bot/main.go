// Command jwt-check-bot says why an API answers 401: in Slack, to the incident's thread, and on the
// command line. What each command does stands beside it; this file only finds the right one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"jwt-check-bot/redact"
)

// Stamped in by the linker; see the Dockerfile.
var version, commit string

// Exit statuses of `check`, and of every command that is used or configured wrongly. One that a signal
// stops before it has an answer ends with 128 and the signal's number.
const (
	exitAccept = iota
	exitReject
	exitUsage
	exitUnknown
)

// exit is an outcome that is no error to talk about.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	keepQuiet()
	os.Exit(run(untilStopped(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// untilStopped returns a context that SIGINT or SIGTERM ends. Its cause is the exit status that a shell
// gives a process that the signal ended; a second signal does end it, whatever the first left under way.
func untilStopped() context.Context {
	ctx, end := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		number, _ := (<-signals).(syscall.Signal)
		signal.Stop(signals)
		end(exit(128 + int(number)))
	}()
	return ctx
}

// run runs one command and returns the process's exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		if thrown := recover(); thrown != nil { // the runtime would print what it says
			kind, place := redact.Fault(thrown)
			_, _ = fmt.Fprintf(stderr, "jwt-check-bot: a fault in my own code (%s, at %s): please report it\n", kind, place)
			status = exitUnknown
		}
	}()
	return command(ctx, args, stdin, stdout, stderr)
}

func command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:               "jwt-check-bot",
		Short:             "A Slack bot that says why an API answers 401",
		Long:              "jwt-check-bot checks a JSON Web Token against what an API expects and says, redacted, why it is refused and who acts next.\nWithout a command it serves: see jwt-check-bot serve --help.",
		Args:              noArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE:              func(c *cobra.Command, _ []string) error { return serve(c.Context(), c.ErrOrStderr()) },
	}
	root.AddCommand(serveCommand(), demoCommand(), checkCommand(), doctorCommand(), manifestCommand(), catalogueCommand(), versionCommand())
	root.SetHelpCommand(helpCommand())
	root.SetFlagErrorFunc(flagError)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var status exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	_, _ = fmt.Fprintln(stderr, "jwt-check-bot: "+plainError(err))
	return exitUsage
}
