package bot_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
)

// Options of a conversation, as comments at its top:
//
//	# watch: GLOBS        channels to watch
//	# channels: GLOBS     where the bot may be used
//	# external: WORD      what happens in shared channels
//	# api: WORDS          the API and the issuer of the first environment may be asked (play_test.go)
//	# refused: TEXT       the workspace is to refuse something, with TEXT in its reason
//
// Lines of a conversation that change where it takes place:
//
//	in CHANNEL                    the acts that follow are in another channel
//	channel STATE                 it is now shared, pending, unshared, archived, read-only, open, left (the bot is
//	                              out) or joined
//	person NAME STATE             they are now a guest, a single-channel guest or a member
//	slack fails METHOD CODE [N]   its next N answers (default 1) are this error
//	slack hangs METHOD DURATION   its next answer takes this long
//	ci announces                  another app's bot posts a message of blocks that slack-go cannot decode
//	delete the message            Ben's message is deleted, or with "the last message" the one that was said last

// undecodable are blocks that slack-go v0.35 fails on: bot/slack tests that it does.
const undecodable = `[{"type":"actions","elements":[{"type":"sparkline","points":[1,2]}]},{"type":"context","elements":[{"type":"hologram"}]}]`

var places = map[string]string{
	"incidents": workspace.Incidents, "general": workspace.General, "sec": workspace.Security, "partners": workspace.Partners, "direct": "D0ANA",
}

func optionsOf(t testing.TB, script string) (all []option) {
	for line := range strings.Lines(script) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "# "), ": ")
		switch name {
		case "watch":
			all = append(all, func(o *bot.Options) { o.Watch = strings.Fields(value) })
		case "channels":
			all = append(all, func(o *bot.Options) { o.Channels = strings.Fields(value) })
		case "api":
			all = append(all, against(t, value))
		case "external":
			all = append(all, func(o *bot.Options) { o.External = bot.External(value) })
		}
	}
	return all
}

func expected(script string) (all []string) {
	for line := range strings.Lines(script) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "# refused: "); ok {
			all = append(all, text)
		}
	}
	return all
}

// set changes where the conversation takes place.
func (c *conversation) set(word, rest string) {
	c.t.Helper()
	w := c.workspace
	words := strings.Fields(rest)
	switch word {
	case "in":
		if c.where = places[rest]; c.where == "" {
			c.t.Fatalf("no channel %s", rest)
		}
	case "channel":
		change := map[string]func(*workspace.Channel){
			"shared":    func(ch *workspace.Channel) { ch.IsExtShared = true },
			"pending":   func(ch *workspace.Channel) { ch.IsPendingExtShared = true },
			"unshared":  func(ch *workspace.Channel) { ch.IsExtShared, ch.IsPendingExtShared = false, false },
			"archived":  func(ch *workspace.Channel) { ch.IsArchived = true },
			"read-only": func(ch *workspace.Channel) { ch.Restricted = "restricted_action_read_only_channel" },
			"open":      func(ch *workspace.Channel) { ch.Restricted, ch.IsArchived = "", false },
			"left":      func(ch *workspace.Channel) { ch.Remove(workspace.BotUser) },
			"joined":    func(ch *workspace.Channel) { ch.Add(workspace.BotUser) },
		}[rest]
		if change == nil {
			c.t.Fatalf("a channel is never %s", rest)
		}
		w.SetChannel(c.where, change)
	case "person":
		w.SetUser(people[words[0]], func(u *workspace.User) {
			u.IsRestricted, u.IsUltraRestricted = words[1] == "guest", words[1] == "single-channel"
		})
	case "slack":
		f, n := workspace.Fault{}, 1
		if words[0] == "hangs" {
			f.Hang, _ = time.ParseDuration(words[2])
		} else {
			f.Code = words[2]
		}
		if len(words) > 3 {
			n, _ = strconv.Atoi(words[3])
		}
		w.FailNext(words[1], n, f)
	case "delete":
		ts := c.root
		if rest == "the last message" {
			ts = c.said
		}
		w.DeleteMessage(c.where, ts)
	}
}

// section is what somebody reads somewhere, or what was logged: see TestConversations.
func (c *conversation) section(name string) string {
	who, where := workspace.Ana, workspace.Incidents
	if rest, place, ok := strings.Cut(name, " in "); ok {
		name, where = rest, places[place]
	}
	if rest, person, ok := strings.Cut(name, " of "); ok {
		name, who = rest, people[person]
	}
	switch name {
	case "thread":
		root := c.root
		if where != workspace.Incidents {
			root = c.said
		}
		return c.workspace.Transcript(who, where, root)
	case "channel":
		return c.workspace.Transcript(who, where, "")
	case "view":
		return c.workspace.ViewText(who)
	case "direct":
		return c.workspace.Transcript(who, "D0"+strings.TrimPrefix(who, "U0"), "")
	case "home":
		return c.workspace.HomeText(who)
	case "errors":
		return c.errors
	case "log":
		return c.logOf(`msg="a token was seen`, "a token was seen")
	case "refused":
		return c.logOf("msg=refused", "refused") + c.logOf(`msg="a draft was not posted`, "a draft was not posted")
	}
	c.t.Fatalf("no such section: %s", name)
	return ""
}

// logOf are the lines of the log with a message, without its frame.
func (c *conversation) logOf(message, shown string) string {
	var b strings.Builder
	for line := range strings.Lines(c.log.String()) {
		if _, rest, found := strings.Cut(line, message); found {
			b.WriteString(shown + strings.TrimPrefix(rest, `"`))
		}
	}
	return b.String()
}
