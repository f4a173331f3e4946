// Command peers is a small bot as one would write it with slack-go's socketmode and golang-jwt: it acknowledges a
// submission with a small view and, unless PEER is "ack", verifies the token, posts a summary and updates the view. It
// is there to be measured beside ours, and part of nothing else.
package main

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/golang-jwt/jwt/v5"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	silent := log.New(io.Discard, "", 0)
	api := slack.New(os.Getenv("SLACK_BOT_TOKEN"), slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")),
		slack.OptionAPIURL(os.Getenv("SLACK_API_URL")), slack.OptionLog(silent),
		slack.OptionHTTPClient(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}})) // 2 by default, and the rest dialled anew
	b := &bot{api: api, socket: socketmode.New(api, socketmode.OptionLog(silent)), keys: map[string]*rsa.PublicKey{}}
	if os.Getenv("PEER") != "ack" {
		if err := b.fetchKeys(ctx, os.Getenv("JWKS_URL")); err != nil {
			log.Fatal(err)
		}
		b.works = true
	}
	go b.listen(ctx)
	if err := b.socket.RunContext(ctx); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

type bot struct {
	api    *slack.Client
	socket *socketmode.Client
	keys   map[string]*rsa.PublicKey
	works  bool
}

func (b *bot) listen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-b.socket.Events:
			if e.Request == nil {
				continue
			}
			submitted, ok := e.Data.(slack.InteractionCallback)
			if !ok || submitted.Type != slack.InteractionTypeViewSubmission {
				if e.Type == socketmode.EventTypeSlashCommand || e.Type == socketmode.EventTypeInteractive {
					_ = b.socket.Ack(*e.Request)
				}
				continue
			}
			view := note("Checking …")
			_ = b.socket.Ack(*e.Request, slack.NewUpdateViewSubmissionResponse(&view))
			if b.works {
				go b.work(ctx, submitted)
			}
		}
	}
}

// work does the job of one submission.
func (b *bot) work(ctx context.Context, s slack.InteractionCallback) {
	channel, thread, _ := strings.Cut(s.View.PrivateMetadata, " ")
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(strings.TrimSpace(s.View.State.Values["token"]["token"].Value), claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		if key := b.keys[kid]; key != nil {
			return key, nil
		}
		return nil, errors.New("no such key")
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(os.Getenv("ISSUER")), jwt.WithAudience(os.Getenv("AUDIENCE")), jwt.WithExpirationRequired())
	verdict := "Accepted"
	if err != nil {
		verdict = "Rejected"
	}
	blocks := []slack.Block{
		slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, verdict, false, false)),
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, redacted(claims), false, true), nil, nil),
	}
	_, _, err = b.api.PostMessageContext(ctx, channel, slack.MsgOptionTS(thread), slack.MsgOptionText(verdict, false), slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	said := "Posted to the thread."
	if err != nil {
		said = "Not posted."
	}
	_, _ = b.api.UpdateViewContext(ctx, note(said), "", "", s.View.ID)
}

// redacted shows the claims that may be shown, and masks or hides the others.
func redacted(claims jwt.MapClaims) string {
	var lines strings.Builder
	for name, value := range claims {
		switch name {
		case "iss", "aud", "exp", "nbf", "iat", "client_id", "scope":
			fmt.Fprintf(&lines, "%s: %v\n", name, value)
		case "sub", "jti", "tenant_id":
			s := fmt.Sprint(value)
			fmt.Fprintf(&lines, "%s: %s…%s\n", name, s[:min(2, len(s))], s[max(0, len(s)-2):])
		default:
			fmt.Fprintf(&lines, "%s: hidden\n", name)
		}
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(lines.String()) + "." // a text may not be empty
}

func note(text string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: slack.NewTextBlockObject(slack.PlainTextType, "Check a JWT", false, false),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, text, false, false), nil, nil),
		}},
	}
}

func (b *bot) fetchKeys(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var set struct {
		Keys []struct{ Kid, N, E string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil {
		return err
	}
	for _, k := range set.Keys {
		n, err := base64.RawURLEncoding.DecodeString(k.N)
		if err != nil {
			return err
		}
		e, err := base64.RawURLEncoding.DecodeString(k.E)
		if err != nil {
			return err
		}
		b.keys[k.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	}
	return nil
}
