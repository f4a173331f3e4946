package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/checks/keys"
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the bot over Slack Socket Mode, configured by the environment",
		Long: `Serve connects to Slack and answers until it is told to stop (SIGINT, SIGTERM). It needs SLACK_APP_TOKEN,
SLACK_BOT_TOKEN, JWT_CHECK_PROFILES, and for each profile JWT_CHECK_NAME_ISSUER; the README lists the rest.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return serve(c.Context(), c.ErrOrStderr()) },
	}
}

func serve(ctx context.Context, stderr io.Writer) error {
	tokens, err := readSlackEnv()
	if err != nil {
		return err
	}
	env, err := readBotEnv()
	if err != nil {
		return err
	}
	environments, err := env.environments()
	if err != nil {
		return err
	}
	concurrency, err := env.concurrency()
	if err != nil {
		return err
	}
	log, err := newLog(stderr, env.LogLevel)
	if err != nil {
		return err
	}
	if tokens.APIURL != "" && !secureURL(tokens.APIURL) {
		return configError("SLACK_API_URL must be an https URL that ends in / (plain http only for a loopback host)")
	}
	client, err := slack.New(slack.Config{AppToken: tokens.AppToken, BotToken: tokens.BotToken, APIURL: tokens.APIURL, Log: log})
	if err != nil {
		return configError(err.Error()) // slack.New's errors are our own sentences
	}
	defer client.Close()
	source := keys.New(keys.Options{Log: log})
	defer source.Close()
	app := bot.New(bot.Options{
		Slack: client, Examiner: bot.NewExaminer(environments, source, time.Now),
		Channels: list(env.Channels), Concurrency: concurrency, Log: log, Now: time.Now,
	})
	v, rev := build()
	log.Info("starting", "version", v, "commit", rev, "profiles", len(environments))
	if err := app.Run(ctx); err != nil {
		return slackError(err)
	}
	log.Info("stopped")
	return nil
}

// slackError turns an answer of Slack's that no retry mends into the sentence for the operator.
func slackError(err error) error {
	if e, ok := errors.AsType[*slack.Fatal](err); ok {
		return configError(e.Error())
	}
	if e, ok := errors.AsType[*slack.Error](err); ok {
		return configError(e.Error() + ". " + e.Hint().String())
	}
	return configError("the connection to Slack ended for good; the log says more")
}

func newLog(w io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if level != "" && l.UnmarshalText([]byte(level)) != nil {
		return nil, configError("JWT_CHECK_LOG_LEVEL must be debug, info, warn or error")
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l})), nil
}
