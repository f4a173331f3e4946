package checks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// saidBy are the texts of testdata/answers/*.txtar: a section for each saying, in which `+ ` is a text
// that it must be recognised in, whose cause is its own and whose words are said to be its software's;
// `~ ` is such a text with nobody's name, since others say as much; `- ` is one in which it must not be. The
// comment of a file names its sources, and the sayings whose texts were looked up there.
func saidBy(t testing.TB) (all map[string][]string, lookedUp []string) {
	t.Helper()
	all = map[string][]string{}
	files, _ := filepath.Glob("testdata/answers/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(archive.Comment) == 0 {
			t.Errorf("%s: names no source", file)
		}
		lookedUp = append(lookedUp, strings.Fields(string(archive.Comment))...)
		for _, section := range archive.Files {
			if all[section.Name] != nil {
				t.Errorf("%s stands twice", section.Name)
			}
			all[section.Name] = strings.Split(strings.TrimRight(string(section.Data), "\n"), "\n")
		}
	}
	return all, lookedUp
}

func parseAnswer(text string) checks.Answer {
	return checks.ParseAnswer(redact.NewSecret(strings.ReplaceAll(text, `\n`, "\n")))
}

// TestSayings: every saying is recognised in its own texts and in none that only looks like them, and
// each text is classified by the cause that it means.
func TestSayings(t *testing.T) {
	texts, lookedUp := saidBy(t)
	sayings := checks.Sayings()
	right, verified, software, verifiers := 0, 0, map[string]bool{}, map[string]bool{}
	for id, cause := range sayings {
		in, out := 0, 0
		for _, line := range texts[id] {
			kind, text, _ := strings.Cut(line, " ")
			ids, causes, by := checks.Heard(parseAnswer(text))
			switch kind {
			case "+", "~":
				in++
				right++
				program, _, _ := strings.Cut(id, ".")
				name := checks.Software(id)
				software[program] = name != ""
				if slices.Contains(lookedUp, id) {
					verified++
					verifiers[program] = true
				}
				first := checks.Cause("")
				if len(causes) > 0 {
					first = causes[0]
				}
				if first != cause {
					t.Errorf("%s: %q is classified as %v %v, want %q", id, text, causes, ids, cause)
				} else if !slices.Contains(ids, id) && cause == "" {
					t.Errorf("%s: not recognised in %q, which is %v", id, text, ids)
				}
				if kind == "~" {
					name = ""
				}
				if at := slices.Index(ids, id); len(by) > 0 && by[max(at, 0)] != name {
					t.Errorf("%s: %q is said to be in the words of %q, not of %q", id, text, by[max(at, 0)], name)
				}
			case "-":
				out++
				if slices.Contains(ids, id) {
					t.Errorf("%s: recognised in %q", id, text)
				}
			default:
				t.Errorf("%s: a line that is neither +, ~ nor -: %q", id, line)
			}
		}
		if in == 0 || out == 0 {
			t.Errorf("%s: %d texts that it is in and %d that it is not: at least one of each is needed", id, in, out)
		}
	}
	for id := range texts {
		if _, ok := sayings[id]; !ok {
			t.Errorf("%s is no saying", id)
		}
	}
	programs := 0
	for _, is := range software {
		if is {
			programs++
		}
	}
	if verified < 60 || len(verifiers) < 12 {
		t.Errorf("only %d texts of %d programs were looked up", verified, len(verifiers))
	}
	if readme, err := os.ReadFile("../README.md"); err != nil {
		t.Error(err)
	} else if counts := fmt.Sprintf("some %d texts of %d verifiers, gateways and platforms", right/10*10, programs); !strings.Contains(string(readme), counts) {
		t.Errorf("the README does not say %q", counts)
	}
	t.Logf("%d texts of %d programs, of %d sayings; %d texts of %d programs were looked up", right, programs, len(sayings), verified, len(verifiers))
}

// TestLongestWords: what is a part of longer words is not heard beside them, but only where it stands alone too.
func TestLongestWords(t *testing.T) {
	for text, want := range map[string]string{
		"Bearer token is malformed":                                                    "spring.header",
		"Bearer token is malformed\ntoken is malformed: invalid":                       "spring.header golang.malformed",
		"Access token has expired or is not yet valid":                                 "graph.time",
		"Access token has expired or is not yet valid; TokenExpiredError: jwt expired": "node.expired graph.time",
		"JWT::ExpiredSignature":                                                        "ruby.expired",
		"Bearer error=\"invalid_token\", error_description=\"the token has expired\"":  "common.expired rfc.invalid_token",
	} {
		if ids, _, _ := checks.Heard(parseAnswer(text)); strings.Join(ids, " ") != want {
			t.Errorf("%q: %v, want %s", text, ids, want)
		}
	}
}

// TestPatterns: words that two sayings look for would name one software by chance, and belong to none.
func TestPatterns(t *testing.T) {
	for words, ids := range checks.Patterns() {
		if len(ids) > 1 {
			t.Errorf("%q stands in %v", words, ids)
		}
		if slices.Contains(strings.Split(words, "*"), "") || words != strings.ToLower(words) {
			t.Errorf("%v: %q can never stand anywhere, or does so everywhere", ids, words)
		}
	}
}

// TestUnrelated: texts that are not about tokens name no cause.
func TestUnrelated(t *testing.T) {
	file, err := os.ReadFile("testdata/answers/unrelated.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(file)) {
		n++
		if ids, causes, _ := checks.Heard(parseAnswer(strings.TrimSpace(line))); len(causes) > 0 {
			t.Errorf("%q is taken for %v (%v)", strings.TrimSpace(line), causes, ids)
		}
	}
	texts, _ := saidBy(t)
	for id, lines := range texts { // nor do those that only look like a saying, but for a few
		for _, line := range lines {
			if text, ok := strings.CutPrefix(line, "- "); ok {
				if _, causes, _ := checks.Heard(parseAnswer(text)); len(causes) > 0 && !slices.Contains(siblings, id) {
					t.Errorf("%s: %q is taken for %v", id, text, causes)
				}
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d texts", n)
	}
	t.Logf("%d texts that are not about tokens", n)
}

// siblings are the sayings whose counterexample is a message of the same software with another meaning.
var siblings = []string{"dotnet.expired", "kubernetes.anonymous"}
