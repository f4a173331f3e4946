package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

func checkCommand() *cobra.Command {
	var profile, at, format, answer, compare string
	var require []string
	var replay bool
	c := &cobra.Command{
		Use:   "check [flags] [FILE]",
		Short: "Check a token on this machine: from FILE, standard input or a hidden prompt",
		Long: `Check runs the same checks as the bot, on this machine. The token comes from FILE, from standard input,
or from a hidden prompt on a terminal, never from an argument; what --error - and --compare - ask for at a
terminal is hidden too. Profiles come from the environment (JWT_CHECK_PROFILES and so on), as for the bot.

With --error a token is optional: none is asked for at a terminal, and without one the server's words alone are judged.

Exit status: 0 the profile would accept the token; 1 it would reject it; 2 usage or configuration;
3 it could not be told (an issuer was out of reach, say). Stopped by a signal it prints nothing more: 130 or 143.`,
		Args: fileArgument,
		RunE: func(c *cobra.Command, args []string) error {
			env, err := readBotEnv()
			if err != nil {
				return err
			}
			for _, f := range straysOfChecks(os.Environ(), list(env.Profiles)) {
				_, _ = fmt.Fprintln(c.ErrOrStderr(), "jwt-check-bot: warning: "+f.says)
			}
			q, examiner, closeKeys, err := question(env, profile, at, require, replay)
			if err != nil {
				return err
			}
			defer closeKeys()
			if format != "text" && format != "json" {
				return configError("--format takes text or json")
			}
			if err := readEvidence(c, &q, answer, compare, args); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(c.Context(), 30*time.Second)
			defer cancel()
			s := bot.Summarize(examiner.Examine(ctx, q))
			if c.Context().Err() != nil { // what was judged without the rest is no verdict
				return context.Cause(c.Context())
			}
			if format == "json" {
				err = writeJSON(c.OutOrStdout(), s)
			} else {
				err = writeText(c.OutOrStdout(), s, time.Local)
			}
			if err != nil {
				return written(err)
			}
			return verdictStatus(s.Verdict)
		},
	}
	c.Flags().StringVar(&profile, "profile", "", "environment to check against (default: the first profile)")
	c.Flags().StringVar(&at, "at", "", "when the call failed (RFC 3339): judge as of that instant")
	c.Flags().StringArrayVar(&require, "require", nil, "CLAIM[=VALUE] that the endpoint requires, or a route such as 'POST /orders' (repeatable)")
	c.Flags().BoolVar(&replay, "replay", false, "send the token to the profile's REPLAY_URL, and compare what the API answers")
	c.Flags().StringVar(&answer, "error", "", "FILE with what the server answered: status line, WWW-Authenticate, body or log line (- for standard input)")
	c.Flags().StringVar(&compare, "compare", "", "FILE with a second token, one that works (- for standard input)")
	c.Flags().StringVar(&format, "format", "text", "text or json")
	completes(c, "format", func() []string { return []string{"text", "json"} })
	completes(c, "profile", func() []string {
		env, _ := readBotEnv()
		return slices.DeleteFunc(list(env.Profiles), func(name string) bool { return !profileName.MatchString(name) })
	})
	return c
}

func verdictStatus(v checks.Verdict) error {
	switch v {
	case checks.Accept:
		return nil
	case checks.Reject:
		return exit(exitReject)
	}
	return exit(exitUnknown)
}

// fileArgument refuses a token that was given where a file's name belongs.
func fileArgument(c *cobra.Command, args []string) error {
	for _, a := range args {
		if tokenForFile(a) {
			return errTokenArgument
		}
	}
	if len(args) > 1 {
		return configError("check takes one file at the most; see " + c.CommandPath() + " --help")
	}
	return nil
}

// tokenForFile reports whether a token stands where a file's name belongs. A file that is there has its
// name, however long and random that is: as those of temporary files are.
func tokenForFile(name string) bool {
	if !looksLikeToken(name) {
		return false
	}
	_, err := os.Stat(name)
	return err != nil
}

func looksLikeToken(s string) bool {
	return redact.Leaks(s) || strings.HasPrefix(s, "eyJ") || strings.Count(s, ".") == 2 && len(s) > 60 && !strings.Contains(s, "/")
}

// question builds what is to be examined from the flags, all but the token.
func question(env botEnv, profile, at string, require []string, replay bool) (q bot.Question, e *bot.Examiner, closeKeys func(), err error) {
	environments, err := env.environments()
	if err != nil {
		return q, nil, nil, err
	}
	source := keys.New(keys.Options{})
	e = bot.NewExaminer(environments, source, probe.New(probe.Options{}), time.Now)
	if q.Profile = e.Profile(profile); q.Profile == nil {
		return q, nil, nil, configError("--profile names no environment of JWT_CHECK_PROFILES, which are " + env.Profiles)
	}
	if q.Replay = replay; replay && !e.Replayable(q.Profile) {
		return q, nil, nil, configError("--replay needs JWT_CHECK_…_REPLAY_URL, which this profile does not have")
	}
	if at != "" {
		if q.When, err = time.Parse(time.RFC3339, at); err != nil {
			return q, nil, nil, configError("--at takes an instant like 2026-11-23T10:00:00Z")
		}
	}
	for _, r := range require {
		switch needs, err := q.Profile.Requirements(r); {
		case looksLikeToken(r) || redact.Scan(r) != redact.Nothing:
			return q, nil, nil, errTokenArgument
		case errors.Is(err, checks.ErrUnknownRoute):
			return q, nil, nil, configError("--require: the profile has no such route; JWT_CHECK_…_ROUTES names them")
		case errors.Is(err, checks.ErrNoValue):
			return q, nil, nil, configError("--require: nothing stands behind the =; name the value, or leave the = out where any will do. Is a variable of your shell not set?")
		case err != nil || len(needs) == 0:
			return q, nil, nil, configError("--require takes CLAIM, CLAIM=VALUE or a route of the profile such as 'POST /orders'")
		default:
			q.Required = append(q.Required, needs...)
		}
	}
	return q, e, source.Close, nil
}

func pasteError(err error) error {
	if errors.Is(err, checks.ErrTooLarge) {
		return configError("what was pasted is larger than 64 KiB, which no server takes as a header: give the token alone")
	}
	return configError("nothing was pasted: give the token on standard input, in a file, or at the prompt")
}
