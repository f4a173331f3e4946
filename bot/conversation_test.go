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
)

var update = flag.Bool("update", false, "rewrite the transcripts of conversations")

// TestConversations plays every testdata/*.txtar: the script at the top, what people read in the
// sections below. Lines of a script:
//
//	WHO says TEXT                types into #incidents ({link} is the link to Ben's message)
//	WHO says in thread TEXT      types into the thread of Ben's message
//	WHO checks the message       chooses "Check a JWT" on it
//	WHO presses ACTION [last]    presses a button under the thread's or the channel's last message
//	modal                        waits for the form
//	fill BLOCK VALUE             fills a field; token RECIPE mints a token into its field
//	submit                       sends the form; errors on blocks are noted in the section "errors"
//	result                       waits for the result in the view
//	press ACTION                 presses a button of the view
//	await TEXT                   waits until somebody reads TEXT somewhere
//
// Sections: thread, channel, view (as Ana reads them; not while the form is open, since it holds the
// token), errors.
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
			c := &conversation{stage: newStage(t), who: workspace.Ana}
			c.root, c.link = c.incident()
			for line := range strings.Lines(string(archive.Comment)) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					c.play(line)
				}
			}
			read := map[string]string{
				"thread":  c.workspace.Transcript(workspace.Ana, workspace.Incidents, c.root),
				"channel": c.workspace.Transcript(workspace.Ana, workspace.Incidents, ""),
				"view":    c.workspace.ViewText(workspace.Ana),
				"errors":  c.errors,
			}
			c.finish()
			for i := range archive.Files {
				f := &archive.Files[i]
				got := steady(read[f.Name])
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
	who, root, link, errors string
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
	p, ctx := c.workspace.Person(c.who), c.context()
	var err error
	switch word {
	case "modal":
		_, err = p.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	case "fill":
		block, value, _ := strings.Cut(rest, " ")
		err = p.Fill(block, value)
	case "token":
		err = p.Fill("token", c.mint(rest))
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
	fill := strings.NewReplacer("{link}", c.link, "{token}", "").Replace
	var err error
	switch {
	case strings.HasPrefix(rest, "says in thread "):
		_, err = p.Say(ctx, workspace.Incidents, c.root, fill(strings.TrimPrefix(rest, "says in thread ")))
	case strings.HasPrefix(rest, "says a token "):
		_, err = p.Say(ctx, workspace.Incidents, "", strings.TrimPrefix(rest, "says a token ")+" "+c.mint(`{}`))
	case strings.HasPrefix(rest, "says "):
		_, err = p.Say(ctx, workspace.Incidents, "", fill(strings.TrimPrefix(rest, "says ")))
	case rest == "checks the message":
		err = p.Shortcut(ctx, "jwt_check_message", workspace.Incidents, c.root)
	case strings.HasPrefix(rest, "presses "):
		err = p.Click(ctx, workspace.Incidents, c.last(), strings.TrimPrefix(rest, "presses "))
	default:
		c.t.Fatalf("no such act: %s", rest)
	}
	if err != nil {
		c.errors += strings.ReplaceAll(err.Error(), "\n", " ") + "\n"
	}
}

// last is the timestamp of the newest message that somebody can press a button under.
func (c *conversation) last() string {
	ts := ""
	for _, ch := range c.workspace.State(c.who).Channels {
		for _, m := range ch.Messages {
			if ch.ID == workspace.Incidents && m.Bot && m.TS > ts && strings.Contains(fmt.Sprint(m.Blocks), "actions") {
				ts = m.TS
			}
		}
	}
	return ts
}
