package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

var update = flag.Bool("update", false, "rewrite generated parts of the README and of test data")

// TestREADME compares the parts of the README that are made from code with what the code says now.
func TestREADME(t *testing.T) {
	file := filepath.Join("..", "..", "README.md")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	var catalogue bytes.Buffer
	if err := catalogueMarkdown(&catalogue, checks.Ladder()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"catalogue": catalogue.String(), "environment": environmentTable(), "policy": policyTable(), "scopes": scopeTable(), "transcript": "```text\n" + transcript(t) + "```\n",
	} {
		begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
		i, j := strings.Index(text, begin), strings.Index(text, end)
		if i < 0 || j < i {
			t.Errorf("the README has no part %s", name)
			continue
		}
		i += len(begin)
		if text[i:j] == want {
			continue
		}
		if !*update {
			t.Errorf("the README's %s is not what the code says: run go test ./cmd/... -update", name)
		}
		text = text[:i] + want + text[j:]
	}
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func environmentTable() string {
	var b strings.Builder
	rows := func(spec any, prefix string) {
		for f := range reflect.TypeOf(spec).Fields() {
			tag := f.Tag
			def := tag.Get("unset")
			if def == "" {
				def = "–"
			}
			fmt.Fprintf(&b, "| `%s%s` | %s | %s |\n", prefix, tag.Get("envconfig"), tag.Get("doc"), def)
		}
	}
	b.WriteString("| variable | meaning | default |\n| --- | --- | --- |\n")
	rows(slackEnv{}, "")
	rows(botEnv{}, "")
	rows(profileEnv{}, "JWT_CHECK_NAME_")
	return b.String()
}

func scopeTable() string {
	var b strings.Builder
	b.WriteString("| scope | why | without it |\n| --- | --- | --- |\n")
	for _, s := range bot.Scopes {
		why := s.Why
		if s.Watching {
			why = "optional, for [watching channels](#watching-channels): " + why
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, why, s.Cost)
	}
	return b.String()
}

func policyTable() string {
	var b strings.Builder
	b.WriteString("| member | where | how |\n| --- | --- | --- |\n")
	for _, r := range redact.Table() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.Names, r.Where, r.Shown)
	}
	return b.String()
}

// transcript is what `demo --headless` prints, on a clock that stands still, without what is new in
// each run: the ports and the fingerprint.
func transcript(t *testing.T) string {
	t.Helper()
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if err := demoHeadless(t.Context(), &out, log, func() time.Time { return at }); err != nil {
		t.Fatal(plainError(err))
	}
	s := regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(out.String(), "127.0.0.1:4000")
	return regexp.MustCompile(`fingerprint [0-9a-f]{12}`).ReplaceAllString(s, "fingerprint 3f9ac41b77d0")
}
