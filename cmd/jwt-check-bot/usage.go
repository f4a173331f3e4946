package main

import (
	"errors"
	"regexp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What people type on a command line may be a token by mistake, so no error repeats it.

var errTokenArgument = configError("a token must not be an argument: it would stay in the shell's history and in the list of processes. Pipe it in, name a file, or run the command alone and paste it at the hidden prompt. If it was a live token, it is exposed now: revoke it")

func noArgs(c *cobra.Command, args []string) error {
	for _, a := range args {
		if looksLikeToken(a) {
			return errTokenArgument
		}
	}
	if len(args) > 0 {
		return configError("unknown command or argument; see " + c.CommandPath() + " --help")
	}
	return nil
}

// helpCommand is cobra's, but for a command that there is none of: that is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noArgs(c.Root(), args)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			for _, about := range c.Root().Commands() {
				if len(args) == 0 && about.IsAvailableCommand() {
					names = append(names, about.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

var flagWord = regexp.MustCompile(`^[a-z]{1,16}(-[a-z]{1,16})?$`)

// flagError says which flag is wrong, if that can be told without repeating a value.
func flagError(c *cobra.Command, err error) error {
	see := "; see " + c.CommandPath() + " --help"
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return configError("--" + e.GetFlag().Name + " has a value that it does not take" + see)
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return configError("--" + e.GetFlag().Name + " needs a value" + see)
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok && flagWord.MatchString(e.GetSpecifiedName()) {
		dashes := "--"
		if e.GetSpecifiedShortnames() != "" {
			dashes = "-"
		}
		return configError("there is no flag " + dashes + e.GetSpecifiedName() + see)
	}
	return configError("a flag is not right" + see)
}

// completes has the shell's completion offer the values of a flag.
func completes(c *cobra.Command, flag string, values func() []string) {
	err := c.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic("completion of a flag that there is none of")
	}
}

// written is the error of a result on its way to standard output: a full disk, a pipe that is gone.
func written(err error) error {
	if err != nil {
		return configError("the result could not be written")
	}
	return nil
}

// plainError is what may be printed of an error: our own sentences.
func plainError(err error) string {
	if e, ok := errors.AsType[configError](err); ok {
		return string(e)
	}
	return "that did not work; see jwt-check-bot --help"
}
