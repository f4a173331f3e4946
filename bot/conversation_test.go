package bot_test

import (
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks"
)

var update = flag.Bool("update", false, "rewrite the transcripts of conversations")

// TestConversations plays every testdata/*.txtar: the script at the top, what people read in the
// sections below. Lines of a script:
//
//	WHO says TEXT                types into #incidents ({link} is the link to Ben's message, {reply link} to the first reply, {token} a token,
//	                             {broken token} one in lines with zero-width spaces, {cut token} its beginning)
//	WHO says in thread TEXT      types into the thread of Ben's message
//	WHO edits TEXT               changes what they said last
//	WHO checks the message       chooses "Check a JWT" on it ("the last message": the one that was said last;
//	                             "the bot's last message")
//	WHO opens home               opens the home tab; WHO presses home ACTION presses a button of it
//	WHO presses ACTION [last]    presses a button under the thread's or the channel's last message
//	modal                        waits for the form
//	fill BLOCK VALUE             fills a field, \n being a line break; {token} is a token
//	token RECIPE                 mints a token into its field; works RECIPE one into compare
//	closing submit               sends the form and closes the view that comes
//	submit                       sends the form; errors on blocks are noted in the section "errors"
//	result                       waits for the result in the view
//	press ACTION                 presses a button of the view
//	await TEXT                   waits until somebody reads TEXT somewhere
//
// "ci" is another app's bot. A comment "# watch: GLOBS" has the bot watch these channels; for further
// options and for what changes a channel or a person, see setting_test.go.
//
// Sections: thread, channel, view (not while the form is open, since it holds the token) and home, as
// Ana reads them, or "of ben" and so on, and "in general" and so on where it is not #incidents; errors,
// and log: what was logged of tokens that were seen, or refused: what was logged of refusals.
// Nobody is awaited for at the end: the bot has done all its work when they are read.
func TestConversations(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no conversations found")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c := &conversation{stage: newStage(t, optionsOf(t, string(archive.Comment))...), who: workspace.Ana, where: workspace.Incidents, spelt: map[string]string{}}
			c.planned = expected(string(archive.Comment))
			c.root, c.link = c.incident()
			for line := range strings.Lines(string(archive.Comment)) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					c.play(line)
				}
			}
			c.settled()
			read := map[string]string{}
			for _, file := range archive.Files {
				read[file.Name] = c.section(file.Name)
			}
			c.finish()
			for i := range archive.Files {
				f := &archive.Files[i]
				got := steady(c.unspelt(read[f.Name]))
				if want := string(f.Data); strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
					if !*update {
						t.Errorf("%s:\n%s\nwant:\n%s", f.Name, got, want)
					}
					f.Data = []byte(strings.TrimRight(got, "\n") + "\n")
				}
			}
			if *update {
				writeFile(t, file, txtar.Format(archive))
			}
		})
	}
}

var (
	ports        = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	fingerprints = regexp.MustCompile(`fingerprint [0-9a-f]{12}`)
)

// steady takes out what is new in each run.
func steady(s string) string {
	return fingerprints.ReplaceAllString(ports.ReplaceAllString(s, "127.0.0.1:4000"), "fingerprint 3f9ac41b77d0")
}

type conversation struct {
	*stage
	who, where         string // the person and the channel of the next act
	root, link, errors string
	said               string            // the timestamp of what was said last
	spelt              map[string]string // what was typed for a token, to what stands for it in a transcript
}

// spell puts tokens into what somebody types. They are new in each run, so a transcript has their
// placeholders instead.
func (c *conversation) spell(text string) string {
	text = strings.ReplaceAll(text, "{too much}", strings.Repeat("upstream error ", checks.MaxPaste/15+1))
	for _, place := range []string{"{token}", "{broken token}", "{cut token}"} {
		if !strings.Contains(text, place) {
			continue
		}
		token := c.mint(`{}`)
		switch place {
		case "{broken token}":
			var lines []string
			for piece := range slices.Chunk([]byte(token), 300) {
				half := len(piece) / 2
				lines = append(lines, string(piece[:half])+"\u200b"+string(piece[half:]))
			}
			token = strings.Join(lines, "\n")
			for i, line := range lines {
				c.spelt[line] = fmt.Sprintf("{broken token, line %d of %d}", i+1, len(lines))
			}
		case "{cut token}":
			head, _, _ := strings.Cut(token, ".")
			token = head[:15] + "…"
			c.spelt[token] = place
		default:
			c.spelt[token] = place
		}
		text = strings.ReplaceAll(text, place, token)
	}
	reply := strings.ReplaceAll(c.link, strings.ReplaceAll(c.root, ".", ""), strings.ReplaceAll(c.replyTo(), ".", "")) + "?thread_ts=" + c.root + "&cid=" + c.where
	return strings.NewReplacer("{link}", c.link, "{reply link}", reply).Replace(text)
}

// replyTo is the timestamp of the first reply to Ben's message.
func (c *conversation) replyTo() string {
	for _, m := range c.workspace.State("").Channels[0].Messages {
		if m.ThreadTS == c.root {
			return m.TS
		}
	}
	return ""
}

func (c *conversation) unspelt(s string) string {
	for typed, place := range c.spelt {
		s = strings.ReplaceAll(s, typed, place)
	}
	return s
}

var people = map[string]string{"ana": workspace.Ana, "ben": workspace.Ben, "gus": workspace.Gus, "olu": workspace.Olu}

func (c *conversation) play(line string) {
	c.t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	if id, ok := people[word]; ok {
		c.who = id
		c.act(rest)
		return
	}
	if line == "ci announces" {
		ts, err := c.workspace.AnnounceBlocks(c.where, "", "graph", []byte(undecodable))
		c.must(err)
		c.said = ts
		return
	}
	if word == "ci" {
		ts, err := c.workspace.Announce(workspace.Incidents, "", c.spell(strings.TrimPrefix(rest, "says ")))
		c.must(err)
		c.said = ts
		return
	}
	p, ctx := c.workspace.Person(c.who), c.context()
	var err error
	switch word {
	case "in", "channel", "person", "slack", "delete":
		c.set(word, rest)
	case "modal":
		_, err = p.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	case "fill":
		block, value, _ := strings.Cut(rest, " ")
		err = p.Fill(block, strings.ReplaceAll(c.spell(value), `\n`, "\n"))
	case "token":
		err = p.Fill("token", c.mint(rest))
	case "closing":
		_, err = p.Submit(ctx)
		p.CloseView()
	case "works":
		err = p.Fill("compare", c.mint(rest))
	case "submit":
		var errs map[string]string
		errs, err = p.Submit(ctx)
		for _, block := range slices.Sorted(maps.Keys(errs)) {
			c.errors += fmt.Sprintf("%s: %s\n", block, errs[block])
		}
	case "result":
		_, err = p.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check_result" && len(v.Blocks) > 1 })
	case "press":
		err = p.ClickView(ctx, rest)
	case "await":
		err = c.workspace.Await(ctx, func(s *workspace.State) bool {
			for _, ch := range s.Channels {
				for _, m := range ch.Messages {
					if strings.Contains(m.Reads, rest) {
						return true
					}
				}
			}
			for _, who := range people {
				if strings.Contains(c.workspace.HomeText(who), rest) {
					return true
				}
			}
			return slices.ContainsFunc(s.Views, func(v workspace.View) bool { return strings.Contains(v.Reads, rest) })
		})
	default:
		c.t.Fatalf("no such line: %s", line)
	}
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", line, err, c.log)
	}
}

func (c *conversation) act(rest string) {
	c.t.Helper()
	p, ctx := c.workspace.Person(c.who), c.context()
	var err error
	say := func(thread, text string) {
		var ts string
		if ts, err = p.Say(ctx, c.where, thread, c.spell(text)); ts != "" {
			c.said = ts
		}
	}
	switch {
	case strings.HasPrefix(rest, "says in thread "):
		say(c.root, strings.TrimPrefix(rest, "says in thread "))
	case strings.HasPrefix(rest, "says "):
		say("", strings.TrimPrefix(rest, "says "))
	case strings.HasPrefix(rest, "edits "):
		err = p.Edit(c.where, c.said, c.spell(strings.TrimPrefix(rest, "edits ")))
	case rest == "checks the message":
		err = p.Shortcut(ctx, "jwt_check_message", c.where, c.root)
	case rest == "checks the last message":
		err = p.Shortcut(ctx, "jwt_check_message", c.where, c.said)
	case rest == "checks the bot's last message":
		err = p.Shortcut(ctx, "jwt_check_message", c.where, c.lastOf(func(workspace.Message) bool { return true }))
	case rest == "opens home":
		err = p.OpenHome()
	case strings.HasPrefix(rest, "presses home "):
		err = p.ClickHome(ctx, strings.TrimPrefix(rest, "presses home "))
	case strings.HasPrefix(rest, "presses "):
		err = p.Click(ctx, c.where, c.last(), strings.TrimPrefix(rest, "presses "))
	default:
		c.t.Fatalf("no such act: %s", rest)
	}
	if err != nil {
		c.errors += strings.ReplaceAll(err.Error(), "\n", " ") + "\n"
	}
}

// last is the timestamp of the newest message that somebody can press a button under.
func (c *conversation) last() string {
	return c.lastOf(func(m workspace.Message) bool { return strings.Contains(fmt.Sprint(m.Blocks), "actions") })
}

// lastOf is the timestamp of the bot's newest message of a kind.
func (c *conversation) lastOf(kind func(workspace.Message) bool) string {
	ts := ""
	for _, ch := range c.workspace.State(c.who).Channels {
		for _, m := range ch.Messages {
			if ch.ID == c.where && m.Bot && m.TS > ts && kind(m) {
				ts = m.TS
			}
		}
	}
	return ts
}
