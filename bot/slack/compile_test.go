package slack_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// wrong are ways to post or to build raw text that somebody will try some day. Each is the body of
// a function with `raw string` in scope.
var wrong = []struct{ name, body, says string }{
	{"converted", `_ = redact.Text(raw)`, "cannot convert raw"},
	{"unnamed", `_ = redact.Text{s: raw}`, "cannot refer to unexported field s"},
	{"positional", `_ = redact.Text{raw}`, "implicit assignment to unexported field s"},
	{"format", `_ = redact.Msg(raw)`, "cannot use raw (variable of type string)"},
	{"constant", `_ = redact.Const(raw)`, "cannot use raw (variable of type string)"},
	{"word", `_ = redact.Word(raw)`, "cannot use raw (variable of type string)"},
	{"separator", `_ = redact.Join(raw)`, "cannot use raw (variable of type string)"},
	{"sealed", `_ = redact.Sealer{}.Open("", raw, new(redact.Text))`, "cannot use raw (variable of type string)"},
	{"sealer", `_ = redact.NewSealer(raw)`, "cannot use raw (variable of type string)"},
	{"span", `_ = slack.Plain(raw)`, "cannot use raw (variable of type string)"},
	{"block", `_ = slack.Header(raw)`, "cannot use raw (variable of type string)"},
	{"message", `_ = slack.Message{Text: raw}`, "cannot use raw (variable of type string)"},
	{"built", `_ = []slack.Block{raw}`, "cannot use raw (variable of type string)"},
	{"hole", `_ = redact.Msg("{}", raw)`, "cannot use raw (variable of type string)"},
}

const right = `_ = slack.Message{Text: redact.Const("a constant"), Blocks: []slack.Block{
	slack.Paragraph(slack.Plain(redact.Policy{}.Text(redact.Msg("{} of {}", redact.Word("one"), redact.Public(raw)))))}}`

// TestRawTextDoesNotCompile asks the compiler, with programs that stand in an overlay only.
func TestRawTextDoesNotCompile(t *testing.T) {
	dir := t.TempDir()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string]string{}
	program := func(name, body string) string {
		source := "package p\n\nimport (\n\t\"jwt-check-bot/bot/slack\"\n\t\"jwt-check-bot/redact\"\n)\n\n" +
			"var _ slack.Message\nvar _ redact.Text\n\nfunc f(raw string) {\n\t" + body + "\n}\n"
		file := filepath.Join(dir, name+".go")
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(here, "wrong", name, "p.go")] = file
		return "./wrong/" + name
	}
	packages := []string{program("right", right)}
	for _, w := range wrong {
		packages = append(packages, program(w.name, w.body))
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"build", "-overlay", file}, packages...)...).CombinedOutput()
	if err == nil {
		t.Fatal("everything compiles")
	}
	said := map[string]string{} // by package
	var name string
	for line := range strings.Lines(string(out)) {
		if p, ok := strings.CutPrefix(line, "# "); ok {
			name = filepath.Base(strings.TrimSpace(p))
			continue
		}
		said[name] += line
	}
	if said["right"] != "" || said[""] != "" {
		t.Fatalf("the control does not compile, or go build does not run:\n%s%s", said["right"], said[""])
	}
	for _, w := range wrong {
		if got := said[w.name]; !strings.Contains(got, w.says) || strings.Count(got, "\n") != 1 {
			t.Errorf("%s (%s): %q, want an error that says %q", w.name, w.body, got, w.says)
		}
	}
}
