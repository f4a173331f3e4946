// Command ours is the Socket Mode client of package bot/slack and nothing else: it acknowledges each submission with a
// small view, so that it can be measured beside other clients that do the same.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/redact"
)

type acknowledging struct{}

func (acknowledging) Command(slack.Command) (slack.Ack, slack.Work)   { return slack.Ack{}, nil }
func (acknowledging) Shortcut(slack.Shortcut) (slack.Ack, slack.Work) { return slack.Ack{}, nil }
func (acknowledging) Action(slack.Action) (slack.Ack, slack.Work)     { return slack.Ack{}, nil }
func (acknowledging) Event(slack.Event) (slack.Ack, slack.Work)       { return slack.Ack{}, nil }

func (acknowledging) Submission(slack.Submission) (slack.Ack, slack.Work) {
	return slack.AckUpdate(slack.Modal{
		Title: redact.Const("Check a JWT"), Close: redact.Const("Close"),
		Blocks: []slack.Block{slack.Paragraph(slack.Plain(redact.Const("Checking …")))},
	}), nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	client, err := slack.New(slack.Config{
		AppToken: redact.NewSecret(os.Getenv("SLACK_APP_TOKEN")), BotToken: redact.NewSecret(os.Getenv("SLACK_BOT_TOKEN")),
		APIURL: os.Getenv("SLACK_API_URL"),
		// Twenty renewals in a few seconds are more than Slack has in a day, and more than this client opens without a rest.
		Sleep: func(ctx context.Context, d time.Duration) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(min(d, 20*time.Millisecond)):
				return nil
			}
		},
	})
	if err == nil {
		err = client.Run(ctx, acknowledging{})
	}
	if err != nil {
		os.Exit(1)
	}
}
