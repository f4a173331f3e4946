package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

func demoCommand() *cobra.Command {
	var addr string
	var headless bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole thing on this machine, with no account anywhere",
		Long: `Demo starts a Slack workspace with a web page, two issuers and an API on loopback addresses, and the real
bot connected to them. Open the URL that it prints. With --headless it plays one conversation, prints the thread
and exits.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			log, err := newLog(c.ErrOrStderr(), demoLogLevel())
			if err != nil {
				return err
			}
			if headless {
				return demoHeadless(c.Context(), c.OutOrStdout(), log, time.Now)
			}
			return demoPage(c.Context(), c.OutOrStdout(), log, addr)
		},
	}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "loopback address of the page")
	c.Flags().BoolVar(&headless, "headless", false, "play one conversation, print its transcript and exit")
	return c
}

func demoLogLevel() string {
	if level := os.Getenv("JWT_CHECK_LOG_LEVEL"); level != "" {
		return level
	}
	return "warn"
}

func demoPage(ctx context.Context, out io.Writer, log *slog.Logger, addr string) error {
	if host, _, err := net.SplitHostPort(addr); err != nil || host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return configError("--addr takes a loopback address such as 127.0.0.1:8080: the page has no login")
	}
	d, err := startDemo(ctx, addr, log, time.Now)
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.connected(ctx); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\n  Open %s\n\n  Type /jwt-check in the message box, or point at a message and choose “Check a JWT”.\n  The API that refuses is at %s/orders. Stop with Ctrl-C.\n\n", d.workspace.URL(), d.world.apiURL)
	select {
	case <-ctx.Done():
		return nil
	case err := <-d.ended:
		return slackError(err)
	}
}

// demo is the bot and everything that it talks to, in one process.
type demo struct {
	world     *world
	workspace *workspace.Workspace
	ended     chan error // the bot's Run, should it end by itself
	stop      context.CancelFunc
	closers   []func()
}

func startDemo(ctx context.Context, addr string, log *slog.Logger, now func() time.Time) (*demo, error) {
	d := &demo{ended: make(chan error, 1)}
	var err error
	if d.world, err = newWorld(now); err != nil {
		return nil, err
	}
	d.closers = append(d.closers, d.world.close)
	d.workspace, err = workspace.New(workspace.Options{Manifest: bot.Manifest, Now: now, Samples: d.world.samples, Log: log})
	if err == nil {
		d.closers = append(d.closers, func() { _ = d.workspace.Close() })
		_, err = d.workspace.Start(addr)
	}
	if err != nil {
		d.close()
		return nil, configError("the page could not be opened at --addr: perhaps something else listens there; try --addr 127.0.0.1:0")
	}
	client, err := slack.New(slack.Config{
		AppToken: redact.NewSecret(d.workspace.AppToken()), BotToken: redact.NewSecret(d.workspace.BotToken()),
		APIURL: d.workspace.APIURL(), Log: log, Grace: 5 * time.Second,
	})
	if err != nil {
		d.close()
		return nil, configError(err.Error())
	}
	source := keys.New(keys.Options{Now: now, Log: log})
	app := bot.New(bot.Options{
		Slack: client, Examiner: bot.NewExaminer(d.world.environments(), source, probe.New(probe.Options{Now: now, Log: log}), now),
		Concurrency: 8, Log: log, Now: now,
	})
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := app.Run(running); err != nil && running.Err() == nil {
			d.ended <- err
		}
	}()
	d.stop = stop
	// The bot goes first, so that it can still say goodbye to a workspace that lives.
	d.closers = append(d.closers, client.Close, source.Close, func() { stop(); <-done })
	return d, nil
}

// close ends everything in the reverse order of its start.
func (d *demo) close() {
	for i := len(d.closers) - 1; i >= 0; i-- {
		d.closers[i]()
	}
}

// connected waits until the bot is.
func (d *demo) connected(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := d.workspace.Await(ctx, func(s *workspace.State) bool { return s.App.Connected }); err != nil {
		select {
		case err := <-d.ended:
			return slackError(err)
		default:
			return configError("the bot did not connect to the demo's workspace")
		}
	}
	return nil
}

// demoHeadless plays the main job: the command, the modal, the checks, the summary in the thread.
func demoHeadless(ctx context.Context, out io.Writer, log *slog.Logger, now func() time.Time) error {
	d, err := startDemo(ctx, "127.0.0.1:0", log, now)
	if err != nil {
		return err
	}
	defer d.close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := d.connected(ctx); err != nil {
		return err
	}
	transcript, err := d.play(ctx, "expired")
	if err != nil {
		return err
	}
	_, _ = fmt.Fprint(out, transcript)
	if refused := d.workspace.Refusals(); len(refused) > 0 {
		return errors.New("the workspace refused what Slack would refuse")
	}
	return nil
}

// play is one incident: the API refuses a sample token, and Ana asks the bot why, for Ben's thread.
func (d *demo) play(ctx context.Context, sample string) (string, error) {
	failed := configError("the conversation did not come to its end")
	values := d.world.sample(sample)
	root, thread := d.incident()
	ana := d.workspace.Person(workspace.Ana)
	if err := ana.Command(ctx, workspace.Incidents, "/jwt-check", thread); err != nil {
		return "", failed
	}
	if _, err := ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" }); err != nil {
		return "", failed
	}
	for block, value := range values {
		if err := ana.Fill(block, value); err != nil {
			return "", failed
		}
	}
	if errs, err := ana.Submit(ctx); err != nil || len(errs) > 0 {
		return "", failed
	}
	// The view comes last: once it shows the result, the thread has it too.
	if _, err := ana.AwaitView(ctx, func(v workspace.View) bool { return len(v.Blocks) > 1 && v.Submit == "" }); err != nil {
		return "", failed
	}
	head := fmt.Sprintf("$ curl -H \"Authorization: Bearer $JWT\" %s/orders\n%s\n\n#incidents, the thread of Ben's message\n\n", d.world.apiURL, d.world.call(ctx, values["token"]))
	return head + d.workspace.Transcript(workspace.Ana, workspace.Incidents, root), nil
}

// incident returns Ben's message in #incidents and the link to it.
func (d *demo) incident() (ts, link string) {
	for _, c := range d.workspace.State(workspace.Ana).Channels {
		if c.ID == workspace.Incidents && len(c.Messages) > 0 {
			ts = c.Messages[0].TS
		}
	}
	digits := ""
	for _, r := range ts {
		if r != '.' {
			digits += string(r)
		}
	}
	return ts, "https://acme.slack.com/archives/" + workspace.Incidents + "/p" + digits
}
