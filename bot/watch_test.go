package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
)

func watchingOnly(globs ...string) option { return func(o *bot.Options) { o.Watch = globs } }

// warnings is how often somebody was told, in a channel, of a token in a message of theirs.
func (s *stage) warnings(person, channel string) int {
	s.t.Helper()
	n := 0
	for _, c := range s.workspace.State(person).Channels {
		for _, m := range c.Messages {
			if c.ID == channel && m.Ephemeral && strings.Contains(m.Reads, "Your message holds a token") {
				n++
			}
		}
	}
	return n
}

func (s *stage) says(person, channel, text string) {
	s.t.Helper()
	_, err := s.workspace.Person(person).Say(s.context(), channel, "", text)
	s.must(err)
}

func (s *stage) logged(line string) int { return strings.Count(s.log.String(), line) }

// TestManifestFor: least privilege by default; with watch the further scopes and events, and nothing else.
func TestManifestFor(t *testing.T) {
	if !slices.Equal(bot.ManifestFor(false), bot.Manifest) {
		t.Error("without watch it is another one")
	}
	read := func(b []byte) (m map[string]any, scopes, events []any) {
		t.Helper()
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		bots := m["oauth_config"].(map[string]any)["scopes"].(map[string]any)
		subscriptions := m["settings"].(map[string]any)["event_subscriptions"].(map[string]any)
		scopes, events = bots["bot"].([]any), subscriptions["bot_events"].([]any)
		delete(bots, "bot")
		delete(subscriptions, "bot_events")
		return m, scopes, events
	}
	without, scopes, events := read(bot.Manifest)
	with, all, allEvents := read(bot.ManifestFor(true))
	if !reflect.DeepEqual(without, with) {
		t.Error("they differ in more than scopes and events")
	}
	if want := append(scopes, "channels:history", "groups:history"); !reflect.DeepEqual(all, want) {
		t.Errorf("scopes: %v", all)
	}
	if want := append(events, "message.channels", "message.groups"); !reflect.DeepEqual(allEvents, want) {
		t.Errorf("events: %v", allEvents)
	}
	if lines := strings.Split(string(bot.ManifestFor(true)), "\n"); !slices.Contains(lines, `        "channels:history",`) || !slices.Contains(lines, `        "message.groups"`) {
		t.Error("it is not indented as the rest")
	}
}

// TestWatchedOnce: a late second delivery of the same event tells nobody again.
func TestWatchedOnce(t *testing.T) {
	s := newStage(t, watchingOnly("#inc*"))
	s.says(workspace.Ben, workspace.Incidents, "it sends "+s.mint(`{}`))
	told := func(*workspace.State) bool { return s.warnings(workspace.Ben, workspace.Incidents) > 0 }
	s.must(s.workspace.Await(s.context(), told))
	for _, e := range s.workspace.Envelopes() {
		s.must(s.workspace.Redeliver(e.ID))
	}
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
		return !slices.ContainsFunc(s.workspace.Envelopes(), func(e workspace.Envelope) bool { return e.Acks < 2 && e.Redelivered > 0 })
	}))
	s.stop()
	if n := s.warnings(workspace.Ben, workspace.Incidents); n != 1 {
		t.Errorf("told %d times", n)
	}
	for _, who := range []string{workspace.Ana, workspace.Gus} {
		if s.warnings(who, workspace.Incidents) > 0 {
			t.Errorf("%s was told too", who)
		}
	}
	// The bot's own ephemeral message makes no event, and the name was asked for once.
	if n := s.logged(`msg="a token was seen"`); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

// TestWatchedAuthorsAreNotFlooded: whoever posts tokens in a row is told of the first ones; somebody
// else is told all the same.
func TestWatchedAuthorsAreNotFlooded(t *testing.T) {
	s := newStage(t, watchingOnly(workspace.Incidents))
	for range 6 {
		s.says(workspace.Ana, workspace.Incidents, s.mint(`{}`))
	}
	s.says(workspace.Ben, workspace.Incidents, s.mint(`{}`))
	s.settled()
	if ana, ben := s.warnings(workspace.Ana, workspace.Incidents), s.warnings(workspace.Ben, workspace.Incidents); ana != 3 || ben != 1 {
		t.Errorf("ana was told %d times, ben %d times", ana, ben)
	}
	if n := s.logged("not told again so soon"); n != 3 {
		t.Errorf("%d lines", n)
	}
	s.finish()
}

// TestWatchedPrivately: a private channel that the bot is in, by its name.
func TestWatchedPrivately(t *testing.T) {
	s := newStage(t, watchingOnly("sec"))
	s.workspace.SetChannel(workspace.Security, func(c *workspace.Channel) { c.Add(workspace.BotUser) })
	s.says(workspace.Ana, workspace.Security, "`"+s.mint(`{}`)+"`")
	s.settled()
	if n := s.warnings(workspace.Ana, workspace.Security); n != 1 {
		t.Errorf("told %d times", n)
	}
	s.finish()
}

// TestUnnamedIsUnwatched: where Slack does not say a channel's name it is not watched, and that is
// logged once.
func TestUnnamedIsUnwatched(t *testing.T) {
	s := newStage(t, watchingOnly("inc*"))
	s.workspace.FailNext("conversations.info", 100, workspace.Fault{Code: "missing_scope"})
	for range 4 {
		s.says(workspace.Ana, workspace.Incidents, s.mint(`{}`))
	}
	s.settled()
	if n := s.warnings(workspace.Ana, workspace.Incidents); n != 0 {
		t.Errorf("told %d times", n)
	}
	if n := s.logged("is not watched"); n != 1 {
		t.Errorf("%d lines", n)
	}
}

// TestMissingScopesAreNamed: at the start, with what the lack of each costs.
func TestMissingScopesAreNamed(t *testing.T) {
	s := newStageFrom(t, bot.Manifest, watchingOnly("inc*"))
	if s.logged("scope=channels:history cost=\"public channels are not watched\"") != 1 || s.logged("scope=groups:history") != 1 || s.logged("a scope is missing") != 2 {
		t.Errorf("log:\n%s", s.log)
	}
	s = newStageFrom(t, bytes.Replace(bot.Manifest, []byte(`"users:read"`), []byte(`"im:read"`), 1))
	if s.logged("scope=users:read cost=\"everybody is refused") != 1 || s.logged("a scope is missing") != 1 {
		t.Errorf("log:\n%s", s.log)
	}
	s = newStage(t, watchingOnly("inc*"))
	if s.logged("a scope is missing") != 0 {
		t.Errorf("log:\n%s", s.log)
	}
}

// TestMentionByChannelName: an event does not tell the channel's name, so a mention where that decides
// gets the button, and the press is judged.
func TestMentionByChannelName(t *testing.T) {
	s := newStage(t, func(o *bot.Options) { o.Channels = []string{"inc*"} })
	s.says(workspace.Ana, workspace.Incidents, "<@U0BOT> help")
	s.must(s.workspace.Await(s.context(), func(st *workspace.State) bool {
		return strings.Contains(s.workspace.Transcript(workspace.Ana, workspace.Incidents, ""), "Press the button")
	}))
	s.finish()
}

// TestMissingScopesAreNamedLater: also where Slack did not say at the start who the bot is, and what it may.
func TestMissingScopesAreNamedLater(t *testing.T) {
	var o bot.Options
	s := newStageFrom(t, bytes.Replace(bot.Manifest, []byte(`"users:read"`), []byte(`"im:read"`), 1), patient, func(given *bot.Options) { o = *given })
	s.quit()
	s.must(s.workspace.Await(s.context(), func(st *workspace.State) bool { return !st.App.Connected }))
	s.planned = []string{"missing_scope"}
	s.workspace.FailNext("auth.test", 4, workspace.Fault{Status: 500})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	app := bot.New(o)
	go func() { ended <- app.Run(ctx) }()
	s.must(s.workspace.Await(s.context(), func(st *workspace.State) bool { return st.App.Connected }))
	if s.logged("Slack did not say who I am") != 1 || s.logged("a scope is missing") != 1 {
		t.Errorf("log:\n%s", s.log)
	}
	s.must(s.workspace.Person(workspace.Ana).Command(s.context(), workspace.Incidents, "/jwt-check", ""))
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
		return strings.Contains(s.workspace.Transcript(workspace.Ana, workspace.Incidents, ""), "(only visible to you)")
	}))
	cancel()
	s.must(<-ended)
	if s.logged("a scope is missing") != 2 {
		t.Errorf("log:\n%s", s.log)
	}
	s.finish()
}
