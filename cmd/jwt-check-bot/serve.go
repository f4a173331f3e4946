package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the bot over Slack Socket Mode, configured by the environment",
		Long: `Serve connects to Slack and answers until it is told to stop (SIGINT, SIGTERM; a second one does not
wait for what is under way). It needs SLACK_APP_TOKEN, SLACK_BOT_TOKEN, JWT_CHECK_PROFILES, and for each profile
JWT_CHECK_NAME_ISSUER; the README lists the rest.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return serve(c.Context(), c.ErrOrStderr()) },
	}
}

func serve(ctx context.Context, stderr io.Writer) error {
	set, err := readSettings(true)
	lines := logLines(stderr, set.level)
	log := slog.New(lines)
	for _, f := range strays(os.Environ(), list(set.bot.Profiles)) { // also where that is why another one is missing
		log.Warn("a variable is set that nothing reads", "says", f.says)
	}
	if err != nil {
		return err
	}
	client, err := slack.New(slack.Config{AppToken: set.slack.AppToken, BotToken: set.slack.BotToken, APIURL: set.slack.APIURL, Log: log})
	if err != nil {
		return configError(err.Error()) // slack.New's errors are our own sentences
	}
	defer client.Close()
	shared, err := set.bot.openStore(set.slack.AppToken, log)
	if err != nil {
		return err
	}
	defer shared.Close()
	source := keys.New(keys.Options{Log: log, History: func(ctx context.Context, name string, change func(*keys.Past)) keys.Past {
		return store.Update(ctx, shared, store.KeySets, name, change)
	}})
	defer source.Close()
	metrics := bot.NewMetrics(client)
	answers := &screen{next: operations(client, shared, metrics.Gatherer()), log: log}
	metrics.CountWithheld(lines.Withheld, answers.withheld.Load)
	app := bot.New(bot.Options{
		Slack: client, Examiner: bot.NewExaminer(set.environments, source, probe.New(probe.Options{Log: log}), time.Now),
		Channels: list(set.bot.Channels), External: set.external, Watch: list(set.bot.Watch), Concurrency: set.concurrency, Log: log, Now: time.Now, Metrics: metrics,
		Store: shared,
	})
	if set.bot.HTTPAddr != "" {
		shut, err := listenHTTP(set.bot.HTTPAddr, answers, log)
		if err != nil {
			return err
		}
		defer shut()
	}
	v, rev := build()
	log.Info("starting", "version", v, "commit", rev[:min(len(rev), 12)], "profiles", len(set.environments))
	if err := app.Run(ctx); err != nil {
		return slackError(err)
	}
	log.Info("stopped")
	return nil
}

// slackError turns an answer of Slack's that no retry mends into the sentence for the operator.
func slackError(err error) error {
	if e, ok := errors.AsType[*slack.Fatal](err); ok {
		if e.Code == "http_404" {
			return configError("SLACK_API_URL does not work: " + e.Error())
		}
		return configError("SLACK_APP_TOKEN does not work: " + e.Error())
	}
	if e, ok := errors.AsType[*slack.Error](err); ok {
		return configError("SLACK_BOT_TOKEN does not work (" + e.Error() + "): " + e.Mend() + ". See api.slack.com/apps; jwt-check-bot doctor says more")
	}
	return configError("the connection to Slack ended for good; the log says more")
}

func newLog(w io.Writer, level string) (*slog.Logger, error) {
	l, err := logLevel(level)
	return slog.New(logLines(w, l)), err
}

// logLines is a log whose every line passes the net before it is written.
func logLines(w io.Writer, level slog.Level) *redact.Log {
	return redact.NewLog(w, func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}) })
}
