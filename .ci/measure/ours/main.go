// Command ours is the Socket Mode client of package bot/slack and nothing else: it acknowledges each submission with a
// small view, so that it can be measured beside other clients that do the same. Unless PEER is "ack" it then makes the
// calls of a check, verifies the signature and posts a text of a summary's size: what is left of a check's cost if
// nothing is diagnosed, redacted, kept or logged.
package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/redact"
)

type bare struct {
	client *slack.Client
	key    *rsa.PublicKey // nil: nothing but the acknowledgement
	text   slack.Message
}

func (bare) Command(slack.Command) (slack.Ack, slack.Work)   { return slack.Ack{}, nil }
func (bare) Shortcut(slack.Shortcut) (slack.Ack, slack.Work) { return slack.Ack{}, nil }
func (bare) Action(slack.Action) (slack.Ack, slack.Work)     { return slack.Ack{}, nil }
func (bare) Event(slack.Event) (slack.Ack, slack.Work)       { return slack.Ack{}, nil }

func (b bare) Submission(s slack.Submission) (slack.Ack, slack.Work) {
	ack := slack.AckUpdate(note(redact.Const("Checking …")))
	if b.key == nil {
		return ack, nil
	}
	return ack, func(ctx context.Context) {
		if err := b.work(ctx, s); err != nil {
			log.Fatal(err) // no error of these quotes anything
		}
	}
}

// work makes the calls of a check whose result is posted to a thread.
func (b bare) work(ctx context.Context, s slack.Submission) error {
	channel, thread, _ := strings.Cut(s.Metadata, " ")
	if _, err := b.client.Channel(ctx, channel); err != nil {
		return err
	}
	token := s.Fields.Text("token").Expose()
	signed := token[:strings.LastIndexByte(token, '.')]
	signature, err := base64.RawURLEncoding.DecodeString(token[len(signed)+1:])
	if err != nil {
		return errors.New("the signature is not base64url")
	}
	sum := sha256.Sum256([]byte(signed))
	if err := rsa.VerifyPKCS1v15(b.key, crypto.SHA256, sum[:], signature); err != nil {
		return err
	}
	if _, err := b.client.Post(ctx, channel, thread, b.text); err != nil {
		return err
	}
	return b.client.UpdateView(ctx, s.View, note(redact.Const("Posted to the thread.")))
}

func note(t redact.Text) slack.Modal {
	return slack.Modal{Title: redact.Const("Check a JWT"), Close: redact.Const("Close"), Blocks: []slack.Block{slack.Paragraph(slack.Plain(t))}}
}

// summary is as long as one, in as many blocks.
func summary() slack.Message {
	line := redact.Const("expires in 55 min, accepted with a leeway of 1 min, as of 2026-11-23 10:00:00 UTC, and so on to the length of such a line")
	var blocks []slack.Block
	for range 40 {
		blocks = append(blocks, slack.Paragraph(slack.Bold(redact.Const("Expiry (exp): ")), slack.Plain(line)))
	}
	return slack.Message{Text: redact.Const("Accepted"), Blocks: blocks}
}

// keyAt is the one key of a set.
func keyAt(url string) (*rsa.PublicKey, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	set, err := keys.Parse(body)
	if err != nil {
		return nil, err
	}
	key, ok := set.Keys[0].Public.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("no RSA key")
	}
	return key, nil
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
	if err != nil {
		log.Fatal(err)
	}
	b := bare{client: client, text: summary()}
	if os.Getenv("PEER") != "ack" {
		if b.key, err = keyAt(os.Getenv("JWKS_URL")); err != nil {
			log.Fatal(err)
		}
	}
	if err := client.Run(ctx, b); err != nil {
		log.Fatal(err)
	}
}
