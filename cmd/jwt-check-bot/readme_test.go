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
	"jwt-check-bot/bot/slack"
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
		"catalogue": catalogue.String(), "environment": environmentTable(), "metrics": metricsTable(t), "policy": policyTable(), "scopes": scopeTable(), "transcript": "```text\n" + transcript(t) + "```\n",
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

func metricsTable(t *testing.T) string {
	client, err := slack.New(slack.Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret("xoxb-1")})
	if err != nil {
		t.Fatal(err)
	}
	metrics := bot.NewMetrics(client)
	none := func() int64 { return 0 }
	metrics.CountWithheld(none, none)
	families, err := metrics.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| metric | kind | what |\n| --- | --- | --- |\n")
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "jwt_check_") { // Go's own
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		name := f.GetName()
		if labels != nil {
			name += "{" + strings.Join(labels, ", ") + "}"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, strings.ToLower(f.GetType().String()), f.GetHelp())
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
