package slack

import (
	"context"
	"testing"
	"time"

	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/redact"
)

// manifest is an app that may do everything that this package can.
const manifest = `{"display_information":{"name":"JWT Check"},"features":{"bot_user":{"display_name":"jwt-check"},
"slash_commands":[{"command":"/jwt-check","description":"Checks a token"}],
"shortcuts":[{"name":"Check a JWT","type":"message","callback_id":"jwt_check_message","description":"For this thread"}]},
"oauth_config":{"scopes":{"bot":["commands","chat:write","channels:read","groups:read","users:read","app_mentions:read"]}},
"settings":{"interactivity":{"is_enabled":true},"event_subscriptions":{"bot_events":["app_mention"]},"socket_mode_enabled":true}}`

// witnessed runs a client against the workspace, which knows nothing of this package, refuses what
// Slack refuses, and remembers.
func witnessed(t *testing.T, h *handler, then func(*Client)) (*workspace.Workspace, *Client) {
	t.Helper()
	w, err := workspace.New(workspace.Options{Manifest: []byte(manifest)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	r := run(t, newFake(t), h, func(c *Config) {
		c.AppToken, c.BotToken, c.APIURL = redact.NewSecret(w.AppToken()), redact.NewSecret(w.BotToken()), w.APIURL()
		c.Connections = 2
	}, then)
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		for _, refused := range w.Refusals() {
			t.Error("refused: " + refused)
		}
	})
	if err := w.Await(limited(t), func(s *workspace.State) bool { return s.App.Connected }); err != nil {
		t.Fatal(err)
	}
	return w, r.client
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestAWholeConversation(t *testing.T) {
	typed := token()
	h := newHandler()
	var client *Client
	h.respond = func(v any) (Ack, Work) {
		switch v := v.(type) {
		case Command:
			return Ack{}, func(ctx context.Context) {
				if err := client.Respond(ctx, v.ResponseURL, summary()); err != nil {
					t.Error(err)
				}
				if _, err := client.OpenView(ctx, v.Trigger, dialogue()); err != nil {
					t.Error(err)
				}
			}
		case Submission:
			if v.Fields.Text("token").Len() < 10 {
				return AckErrors(map[string]redact.Text{"token": redact.Const("That is no token.")}), nil
			}
			if v.Fields.Text("token").Expose() != typed || v.Fields.Choice("share") != "me" || !v.Fields.Instant("when").Equal(noon) {
				t.Errorf("fields of %+v differ", v)
			}
			checking := Modal{Title: redact.Const("Check a JWT"), Blocks: []Block{Paragraph(Plain(redact.Const("Checking…")))}}
			return AckUpdate(checking), func(ctx context.Context) {
				result := Modal{Title: redact.Const("Check a JWT"), Blocks: summary().Blocks}
				if err := client.UpdateView(ctx, v.View, result); err != nil {
					t.Error(err)
				}
				ts, err := client.Post(ctx, workspace.Incidents, "", summary())
				if err != nil {
					t.Error(err)
				}
				if err := client.Update(ctx, workspace.Incidents, ts, Message{Text: hostile()}); err != nil {
					t.Error(err)
				}
				if err := client.Ephemeral(ctx, workspace.Incidents, v.User, "", summary()); err != nil {
					t.Error(err)
				}
			}
		}
		return Ack{}, nil
	}
	w, c := witnessed(t, h, nil)
	client = c
	ctx := limited(t)
	if id, err := c.Identify(ctx); err != nil || id.User != workspace.BotUser || len(id.Scopes) != 6 {
		t.Errorf("%+v %v", id, err)
	}
	if ch, err := c.Channel(ctx, workspace.Partners); err != nil || !ch.ExtShared {
		t.Errorf("%+v %v", ch, err)
	}
	if u, err := c.User(ctx, workspace.Gus); err != nil || !u.Guest {
		t.Errorf("%+v %v", u, err)
	}
	ana := w.Person(workspace.Ana)
	if err := ana.Command(ctx, workspace.Incidents, "/jwt-check", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := ana.AwaitView(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if err := ana.Fill("token", "short"); err != nil {
		t.Fatal(err)
	}
	if errs, err := ana.Submit(ctx); err != nil || errs["token"] != "That is no token." {
		t.Fatalf("%v %v", errs, err)
	}
	if err := ana.Fill("token", typed); err != nil {
		t.Fatal(err)
	}
	if errs, err := ana.Submit(ctx); err != nil || len(errs) != 0 {
		t.Fatalf("%v %v", errs, err)
	}
	if err := c.Drain(ctx); err != nil {
		t.Error(err)
	}
	if _, err := ana.AwaitView(ctx, func(v workspace.View) bool { return len(v.Blocks) > 3 }); err != nil {
		t.Error(err)
	}
}

// TestThePaceIsSlacks: many messages for one conversation, and an edit among them, leave as fast as Slack takes them and
// no faster.
func TestThePaceIsSlacks(t *testing.T) {
	d := newDriven(1 << 20)
	w, err := workspace.New(workspace.Options{Manifest: []byte(manifest), Rate: workspace.Rate{Now: d.Now}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	c, _ := newClient(t, newFake(t), func(c *Config) {
		d.config(c)
		c.AppToken, c.BotToken, c.APIURL = redact.NewSecret(w.AppToken()), redact.NewSecret(w.BotToken()), w.APIURL()
	})
	for i := range 30 {
		ts, err := c.Post(t.Context(), workspace.Incidents, "", summary())
		if err == nil && i%10 == 0 {
			err = c.Update(t.Context(), workspace.Incidents, ts, summary())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range w.Record() {
		t.Errorf("%s %s %s", e.Kind, e.What, e.Code)
	}
	if took := d.Now().Sub(time.Unix(0, int64(time.Hour))); took != (33-messageBurst)*messageEvery {
		t.Errorf("30 messages and 3 edits took %v", took)
	}
}

// TestRenewalsOfTheWorkspaceLoseNothing: more than a hundred envelopes a second through 20 renewals of
// both connections at once.
func TestRenewalsOfTheWorkspaceLoseNothing(t *testing.T) {
	clock := newTimers()
	w, _ := witnessed(t, newHandler(), func(c *Client) { c.clock.after = clock.after })
	ctx := limited(t)
	fewest := 2
	connected := func(n int) error {
		return w.Await(ctx, func(*workspace.State) bool {
			fewest = min(fewest, w.Connections())
			return w.Connections() == n
		})
	}
	if err := w.Await(ctx, func(*workspace.State) bool { return w.Connections() == 2 }); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	renewed := make(chan error, 1)
	go func() {
		renewed <- func() error {
			for range 20 {
				w.Disconnect("refresh_requested")
				if err := connected(4); err != nil {
					return err
				}
				// Each of the two before is let go once its successor has been heard to say hello.
				clock.fire(t, linger)
				clock.fire(t, linger)
				if err := connected(2); err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	ana := w.Person(workspace.Ana)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for done := false; !done; {
		select {
		case err := <-renewed:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		case <-tick.C:
			if err := ana.Command(ctx, workspace.Incidents, "/jwt-check", "help"); err != nil {
				t.Fatal(err)
			}
		}
	}
	took := time.Since(began)
	envelopes := w.Envelopes()
	var latest time.Duration
	for _, e := range envelopes {
		latest = max(latest, e.AckedAfter)
		if e.Acks != 1 || e.AckedAfter > 3*time.Second {
			t.Errorf("envelope %+v", e)
		}
	}
	if fewest < 2 {
		t.Errorf("at one time there were only %d connections", fewest)
	}
	rate := float64(len(envelopes)) / took.Seconds()
	if rate < 100 {
		t.Errorf("only %.0f envelopes a second", rate)
	}
	t.Logf("20 renewals of 2 connections: %d envelopes at %.0f a second, each acknowledged once, the latest after %v; never fewer than %d connections",
		len(envelopes), rate, latest.Round(time.Microsecond), fewest)
}
