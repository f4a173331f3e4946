// Package official has Slack's own clients for Node served by the workspace that stands in for Slack in all other tests:
// what they understand is Slack's protocol, and not merely what this project takes for it. It needs Node and
// the packages of .ci/node, and so runs in .ci/run alone.
package official

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"jwt-check-bot/bot/workspace"
)

// manifest asks for everything that the workspace has.
const manifest = `{
  "display_information": {"name": "Official"},
  "features": {
    "bot_user": {"display_name": "official"},
    "app_home": {"home_tab_enabled": true},
    "slash_commands": [{"command": "/form", "description": "Opens a form", "usage_hint": "say"}],
    "shortcuts": [{"name": "Look at it", "type": "message", "callback_id": "look", "description": "Looks at a message"}]
  },
  "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "channels:read", "groups:read", "users:read", "app_mentions:read"]}},
  "settings": {
    "interactivity": {"is_enabled": true},
    "event_subscriptions": {"bot_events": ["app_mention", "app_home_opened"]},
    "socket_mode_enabled": true
  }
}`

// stage is the app as a process of its own, and what it wrote.
type stage struct {
	*testing.T
	*workspace.Workspace
	ctx   context.Context
	lines chan map[string]any
}

func newStage(t *testing.T) *stage {
	w, err := workspace.New(workspace.Options{Manifest: []byte(manifest), PingInterval: time.Second, DisconnectDelay: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // outlives the test, so that the app ends by itself
	t.Cleanup(cancel)
	app := exec.CommandContext(ctx, "node", "../node/client.mjs")
	app.Env = append(os.Environ(), "SLACK_API_URL="+w.APIURL(), "SLACK_APP_TOKEN="+w.AppToken(), "SLACK_BOT_TOKEN="+w.BotToken())
	app.Stderr = os.Stderr
	out, err := app.StdoutPipe()
	if err == nil {
		err = app.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, Workspace: w, ctx: ctx, lines: make(chan map[string]any, 100)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(s.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var line map[string]any
			if json.Unmarshal(lines.Bytes(), &line) == nil {
				s.lines <- line
			}
		}
	}()
	t.Cleanup(func() {
		_ = app.Process.Signal(syscall.SIGTERM)
		<-ended
		if err := app.Wait(); err != nil {
			t.Errorf("the app ended with %v", err)
		}
	})
	return s
}

// saw waits for the app's next line, which must be about that and hold these values.
func (s *stage) saw(what string, want map[string]any) {
	s.Helper()
	select {
	case line := <-s.lines:
		if line["saw"] != what {
			s.Fatalf("the app saw %v, want %s", line, what)
		}
		for k, v := range want {
			if line[k] != v {
				s.Errorf("%s: %s is %v, want %v", what, k, line[k], v)
			}
		}
	case <-s.ctx.Done():
		s.Fatalf("the app saw no %s; refused: %q", what, s.Refusals())
	}
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatalf("%v; refused: %q", err, s.Refusals())
	}
}

func (s *stage) reads(channel, thread, text string) {
	s.Helper()
	s.must(s.Await(s.ctx, func(*workspace.State) bool {
		return strings.Contains(s.Transcript(workspace.Ana, channel, thread), text)
	}))
}

// refusedOnly checks that nothing else was refused than what the test provoked, and forgets it.
func (s *stage) refusedOnly(want ...string) {
	s.Helper()
	var got []string
	for _, r := range s.Refusals() {
		what, why, _ := strings.Cut(r, ": ")
		why, _, _ = strings.Cut(why, ":")
		got = append(got, what+" "+why)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.Errorf("refused:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSlacksOwnClientsAreServed(t *testing.T) {
	s := newStage(t)
	ana := s.Person(workspace.Ana)
	s.saw("auth", map[string]any{"team": "Acme", "user": workspace.BotUser, "bot": workspace.BotID})
	s.saw("refusals", map[string]any{"channel": "channel_not_found", "member": "not_in_channel", "blocks": "invalid_blocks",
		"token": "invalid_auth", "kind": "not_allowed_token_type"})
	s.saw("connected", nil)

	// A command, answered in its acknowledgement, and one that opens a modal; a trigger counts once.
	s.must(ana.Command(s.ctx, workspace.Incidents, "/form", "say"))
	s.reads(workspace.Incidents, "", "said in the acknowledgement")
	s.must(ana.Command(s.ctx, workspace.Incidents, "/form", ""))
	s.saw("command", map[string]any{"command": "/form", "channel": "incidents", "user": "ana", "accepts_response_payload": true,
		"again": "exchanged_trigger_id"})

	// A submission with an error on its block, and one whose acknowledgement brings another view.
	_, err := ana.AwaitView(s.ctx, func(v workspace.View) bool { return v.CallbackID == "form" })
	s.must(err)
	s.must(ana.Fill("word", "wrong"))
	errs, err := ana.Submit(s.ctx)
	s.must(err)
	if errs["word"] != "Another word, please." {
		t.Errorf("errors: %v", errs)
	}
	s.must(ana.Fill("word", "right"))
	s.must(ana.Fill("day", "tue"))
	_, err = ana.Submit(s.ctx)
	s.must(err)
	s.saw("submission", map[string]any{"thread": true, "permalink": true})
	_, err = ana.AwaitView(s.ctx, func(v workspace.View) bool { return strings.Contains(v.Reads, "done: right tue") })
	s.must(err)
	s.reads(workspace.Incidents, "", "root, edited")

	// A button under the reply opens a modal, whose end the app is told without what was typed.
	root, reply := "", ""
	for _, c := range s.State(workspace.Ana).Channels {
		for _, m := range c.Messages {
			if m.Bot && m.Text == "root, edited" {
				root = m.TS
			}
			if m.Bot && m.ThreadTS != "" && m.ThreadTS == root {
				reply = m.TS
			}
		}
	}
	s.must(ana.Click(s.ctx, workspace.Incidents, reply, "more"))
	s.saw("pressed", map[string]any{"action": "more", "value": "1", "thread": true})
	ana.CloseView()
	s.saw("closed", map[string]any{"callback": "form", "inputs": 0.0})

	// A message shortcut, and the two ways to tell its user alone.
	s.must(ana.Shortcut(s.ctx, "look", workspace.Incidents, root))
	s.saw("shortcut", map[string]any{"callback": "look", "text": "root, edited", "response": 200.0, "shared": false})
	s.reads(workspace.Incidents, "", "incidents, ana, Europe/Madrid")
	s.reads(workspace.Incidents, "", "by the response URL")

	ana.OpenHome()
	s.saw("home", map[string]any{"tab": "home"})
	if got := s.HomeText(workspace.Ana); got != "at home\n" {
		t.Errorf("home reads %q", got)
	}

	// An event; a method that the workspace does not have; a rate limit, which the client waits out by itself.
	s.FailNext("chat.postMessage", 1, workspace.Fault{RetryAfter: 1})
	_, err = ana.Say(s.ctx, workspace.Incidents, "", "<@"+workspace.BotUser+"> hello")
	s.must(err)
	s.saw("mention", map[string]any{"team": workspace.TeamID, "user": workspace.Ana, "replies": "unknown_method"})
	s.saw("answered", map[string]any{"waited": true})
	s.reads(workspace.Incidents, "", "hello")

	// Slack renews a connection; a network breaks one: the client comes back, and is served again.
	for _, end := range []func(){func() { s.Disconnect("refresh_requested") }, s.Cut} {
		end()
		s.saw("reconnecting", nil)
		s.saw("connected", nil)
		s.must(ana.Command(s.ctx, workspace.Incidents, "/form", ""))
		s.saw("command", map[string]any{"again": "exchanged_trigger_id"})
	}

	s.refusedOnly("chat.postMessage channel_not_found", "chat.postMessage not_in_channel", "chat.postMessage invalid_blocks",
		"auth.test invalid_auth", "apps.connections.open not_allowed_token_type", "conversations.replies unknown_method",
		"views.open exchanged_trigger_id", "views.open exchanged_trigger_id", "views.open exchanged_trigger_id")
	for _, e := range s.Envelopes() {
		if e.Acks != 1 {
			t.Errorf("%s: %d acknowledgements", e.Kind, e.Acks)
		}
	}
}
