package checks_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// TestCanaryLetsEveryReportPass renders what is said about every recipe, and the table of its claims:
// the net of its own submission must not stop any of it, and must know the submission.
func TestCanaryLetsEveryReportPass(t *testing.T) {
	w := theWorld()
	files, _ := filepath.Glob("testdata/*.txtar")
	n := 0
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range archive.Files {
			options, recipe, _ := readRecipe(string(section.Data))
			recipe = w.withKeys(t, recipe)
			c := w.incident(t, options["profile"], options["require"], recipe)
			w.rekey(t, c, options["keys"])
			if when := options["when"]; when != "" {
				c.When, _ = time.Parse(time.RFC3339, when)
			}
			canary := c.Canary()
			report := checks.Run(c, checks.Ladder())
			var texts []redact.Text
			for _, f := range report.Findings {
				for _, m := range []redact.Message{f.Says, f.Want, f.Got, f.Next} {
					texts = append(texts, c.Profile.Policy.Text(m))
				}
				texts = append(texts, c.Profile.Policy.Text(redact.Msg("{} {} {} {}", redact.Operator(f.Title), redact.Operator(f.Subject), redact.Operator(f.Doc), redact.Operator(string(f.Cite)))))
			}
			for _, name := range []string{"iss", "sub", "aud", "exp", "scope", "roles", "jti", "tid", "azp", "client_id", "email", "typ", "kid"} {
				for _, place := range []redact.Place{redact.Claim, redact.HeaderParameter} {
					name, value, _ := c.Profile.Policy.Value(c.Token.Member(place, name))
					texts = append(texts, name, value)
				}
			}
			for _, text := range texts {
				n++
				if canary.In([]byte(text.String())) != redact.Nothing || redact.Scan(text.String()) != redact.Nothing {
					t.Errorf("%s, %s: stopped: %s", filepath.Base(file), section.Name, text)
				}
			}
			if pasted, err := w.keys.Mint(now, good, recipe); err == nil && len(pasted) > 400 && c.Token.Size() > 400 && canary.In([]byte(pasted)) == redact.Nothing {
				t.Errorf("%s, %s: the paste itself is not recognised", filepath.Base(file), section.Name)
			}
		}
	}
	if n < 1000 {
		t.Errorf("%d texts only", n)
	}
}

func TestACaseWithoutATokenHasNoCanary(t *testing.T) {
	if !(&checks.Case{}).Canary().IsZero() {
		t.Error("it watches something")
	}
}

// TestCanaryKnowsTheTimes: a hidden claim that holds the day of the check, or one of the token's own
// days, does not keep an answer from saying it; another day does.
func TestCanaryKnowsTheTimes(t *testing.T) {
	w, later := theWorld(), now.Add(30*24*time.Hour)
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	c := w.incident(t, "", "", fmt.Sprintf(`{"exp":%d,"day":%q,"until":%q,"born":"1987-06-05"}`, later.Unix(), day(now), day(later)))
	canary := c.Canary()
	for day, want := range map[string]redact.Find{day(now): redact.Nothing, day(later): redact.Nothing, "1987-06-05": redact.Submitted} {
		if got := canary.In([]byte("found exp " + day + " 10:00:00 UTC")); got != want {
			t.Errorf("%s: %v", day, got)
		}
	}
}
