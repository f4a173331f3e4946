package checks_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// FuzzParse: whatever is pasted, taking it apart and asking every check about it neither panics nor
// grows, and says nothing that the guard would have to withhold.
func FuzzParse(f *testing.F) {
	w := theWorld()
	files, _ := filepath.Glob("testdata/*.txtar")
	seeds := 0
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, section := range archive.Files {
			_, recipe, _ := readRecipe(string(section.Data))
			if pasted, err := w.keys.Mint(now, good, w.withKeys(f, recipe)); err == nil {
				f.Add(pasted)
				seeds++
			}
		}
	}
	if seeds == 0 {
		f.Fatal("no recipes found to start from")
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		token, err := checks.Parse(redact.NewSecret(pasted))
		if err != nil {
			return
		}
		if token.Size() > 2*len(pasted) {
			t.Errorf("%d bytes became a token of %d", len(pasted), token.Size())
		}
		token.Credible()
		r := checks.Run(&checks.Case{Token: token, Profile: w.profiles[0], Profiles: w.profiles, Evidence: w.evidence, Now: now}, ladder)
		for _, finding := range r.Findings {
			for _, m := range []redact.Message{finding.Says, finding.Want, finding.Got, finding.Next} {
				says := w.profiles[0].Policy.Text(m).String()
				if strings.Contains(says, "a fault of its own") || strings.HasPrefix(says, "[withheld") || len(says) > 8<<10 {
					t.Errorf("%s says, in %d bytes: %.200s", finding.ID, len(says), says)
				}
			}
		}
	})
}
