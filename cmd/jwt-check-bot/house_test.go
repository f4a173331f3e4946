package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestImportRules keeps the house as it is drawn: which package must not reach which, and why.
// Reach is transitive; tests may do more.
func TestImportRules(t *testing.T) {
	deps := dependencies(t)
	for _, rule := range []struct{ pkg, mustNotReach, why string }{
		{"redact", "github.com/", "what decides what leaves the bot depends on the standard library only"},
		{"redact", "golang.org/x/", "what decides what leaves the bot depends on the standard library only"},
		{"redact", "jwt-check-bot/", "redact is the ground that everything stands on"},
		{"redact", "net/http", "it does no I/O"},
		{"checks", "net/http", "checks are pure: what they need was gathered before"},
		{"checks", "jwt-check-bot/bot", "checks know nothing of Slack"},
		{"checks", "jwt-check-bot/checks/keys", "checks are pure: keys does I/O"},
		{"checks", "github.com/slack-go/slack", "checks know nothing of Slack"},
		{"checks", "github.com/kelseyhightower/envconfig", "only cmd knows the environment"},
		{"checks/keys", "jwt-check-bot/bot", "keys know nothing of Slack"},
		{"checks/keys", "github.com/slack-go/slack", "keys know nothing of Slack"},
		{"checks", "jwt-check-bot/checks/probe", "checks are pure: probe does I/O"},
		{"checks/probe", "jwt-check-bot/bot", "what asks servers knows nothing of Slack"},
		{"checks/probe", "jwt-check-bot/checks/keys", "they do not need each other"},
		{"checks/outbound", "jwt-check-bot/checks", "the way out knows nothing of tokens"},
		{"checks/outbound", "jwt-check-bot/bot", "the way out knows nothing of Slack"},
		{"checks", "jwt-check-bot/checks/outbound", "checks are pure: what they need was gathered before"},
		{"checks/mint", "jwt-check-bot/", "recipes are an independent witness of the parser"},
		{"bot/slack", "jwt-check-bot/checks", "Slack's client knows nothing of tokens"},
		{"bot/slack", "github.com/slack-go/slack/socketmode", "it keeps three copies of what it hands out"},
		{"bot/store", "jwt-check-bot/checks", "the store keeps sealed values and knows nothing of what they mean"},
		{"bot/store", "jwt-check-bot/bot/slack", "the store keeps sealed values and knows nothing of what they mean"},
		{"bot", "jwt-check-bot/bot/store/redistest", "a server to kill is for tests"},
		{"bot/workspace", "jwt-check-bot/", "the workspace is an independent witness of the bot"},
		{"bot/workspace", "github.com/slack-go/slack", "the workspace is an independent witness of the bot"},
		{"bot", "jwt-check-bot/bot/workspace", "the bot does not know that its Slack may be a stand-in"},
		{"bot", "jwt-check-bot/checks/mint", "recipes are for tests and the demo"},
		{"bot", "github.com/kelseyhightower/envconfig", "only cmd knows the environment"},
	} {
		list, ok := deps["jwt-check-bot/"+rule.pkg]
		if !ok {
			t.Errorf("there is no package %s", rule.pkg)
		}
		for _, dep := range list {
			if dep == rule.mustNotReach || strings.HasPrefix(dep, strings.TrimSuffix(rule.mustNotReach, "/")+"/") {
				t.Errorf("%s reaches %s: %s", rule.pkg, dep, rule.why)
			}
		}
	}
	// slack-go breaks its API in minor versions.
	for pkg, imports := range directImports(t) {
		if slices.Contains(imports, "github.com/slack-go/slack") && pkg != "jwt-check-bot/bot/slack" {
			t.Errorf("%s imports slack-go: it stays inside bot/slack", pkg)
		}
	}
}

type listed struct {
	ImportPath    string
	Deps, Imports []string
}

func goList(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Deps,Imports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("go list: ", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
}

func dependencies(t *testing.T) map[string][]string {
	m := map[string][]string{}
	for _, l := range goList(t) {
		m[l.ImportPath] = l.Deps
	}
	return m
}

func directImports(t *testing.T) map[string][]string {
	m := map[string][]string{}
	for _, l := range goList(t) {
		m[l.ImportPath] = l.Imports
	}
	return m
}
