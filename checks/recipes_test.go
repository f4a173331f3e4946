package checks_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

var update = flag.Bool("update", false, "rewrite expectations from what the checks say")

// TestRecipes runs every testdata/<check ID>.txtar. A section `fail: …` holds a recipe that the
// check must fail, `pass: …` one that it must not; of a check that only notes, `note: …` is one that
// it has something to say about, and `pass: …` one that it is silent about. Below the recipe, a line
// with `> ` holds what the check says; above it `profile:`, `require:` and `when:` may choose a case,
// `keys:` other keys than the fixture's (keys_test.go), `history:` their past (history_test.go), `replay:`,
// `introspection:` and `clock:` what servers answered (asked_test.go), and `answer:` what the server said,
// with \n for a line break; `no token:` has that alone, and `works:` is the recipe of a token that works.
func TestRecipes(t *testing.T) {
	w := theWorld()
	for _, check := range checks.Ladder() {
		t.Run(check.ID, func(t *testing.T) {
			file := filepath.Join("testdata", check.ID+".txtar")
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal("every check needs recipes: ", err)
			}
			fails, passes := 0, 0
			for i := range archive.Files {
				section := &archive.Files[i]
				kind, _, _ := strings.Cut(section.Name, ":")
				options, recipe, said := readRecipe(string(section.Data))
				c := w.incident(t, options["profile"], options["require"], w.withKeys(t, recipe))
				w.rekey(t, c, options["keys"])
				w.remember(t, c, options["history"])
				asked(t, c, options)
				c.Answer = checks.ParseAnswer(redact.NewSecret(strings.ReplaceAll(options["answer"], `\n`, "\n")))
				if works := options["works"]; works != "" {
					c.Works = w.incident(t, options["profile"], "", works).Token
				}
				if options["no token"] != "" {
					c.Token = checks.Token{}
				}
				if when := options["when"]; when != "" {
					if c.When, err = time.Parse(time.RFC3339, when); err != nil {
						t.Fatal(err)
					}
				}
				report := checks.Run(c, checks.Ladder())
				outcome, says := answerOf(report, check.ID)
				switch kind {
				case "fail":
					fails++
					if outcome != checks.Failed {
						t.Errorf("%s: outcome %d (%s)", section.Name, outcome, says)
					}
				case "note":
					fails++
					if check.Severity != checks.Info || outcome != checks.Passed {
						t.Errorf("%s: outcome %d (%s)", section.Name, outcome, says)
					}
				case "pass":
					passes++
					if outcome == checks.Failed || check.Severity == checks.Info && outcome != checks.NotApplicable {
						t.Errorf("%s: failed: %s", section.Name, says)
					}
				default:
					t.Errorf("section %q is neither fail:, note: nor pass:", section.Name)
				}
				if says != said && !*update {
					t.Errorf("%s:\n got %s\nwant %s", section.Name, says, said)
				}
				if *update {
					head, _, _ := strings.Cut(string(section.Data), "\n> ")
					section.Data = []byte(strings.TrimRight(head, "\n") + "\n> " + says + "\n")
				}
			}
			if fails == 0 || passes == 0 {
				t.Errorf("%d failing and %d passing recipes: at least one of each is needed", fails, passes)
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestNoStrayRecipes finds recipes of checks that are no more.
func TestNoStrayRecipes(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no recipes found")
	}
	known := map[string]bool{}
	for _, check := range checks.Ladder() {
		known[check.ID+".txtar"] = true
	}
	for _, f := range files {
		if !known[filepath.Base(f)] {
			t.Errorf("%s belongs to no check", f)
		}
	}
}

func readRecipe(data string) (options map[string]string, recipe, said string) {
	options = map[string]string{}
	data, said, _ = strings.Cut(data, "\n> ")
	for _, line := range strings.SplitAfter(data, "\n") {
		name, value, found := strings.Cut(line, ": ")
		if recipe == "" && found && !strings.HasPrefix(line, "{") {
			options[name] = strings.TrimSpace(value)
			continue
		}
		recipe += line
	}
	return options, recipe, strings.TrimSpace(said)
}

// answerOf returns what a check found, as a person would read it: "-" where it had nothing to say.
func answerOf(r *checks.Report, id string) (checks.Outcome, string) {
	var policy redact.Policy
	for _, f := range r.Findings {
		if f.ID == id {
			return f.Outcome, policy.Text(f.Says).String()
		}
	}
	return checks.NotApplicable, "-"
}
