package bot_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
)

// calls of slack-go that the bot makes, and what each asks of Slack.
var calls = map[string]string{
	"AuthTestContext": "auth.test", "GetConversationInfoContext": "conversations.info",
	"GetUserInfoContext": "users.info", "StartSocketModeContext": "apps.connections.open",
}

// families of methods that apps call.
var families = strings.Fields("apps auth bots chat conversations files pins reactions team users views")

// called are the Web API methods that the code calls: it names each, for errors and metrics too, and
// what it uses of slack-go is among them.
func called(t *testing.T) []string {
	t.Helper()
	used, named := map[string]bool{}, map[string]bool{}
	name := regexp.MustCompile(`^[a-z]+(\.[a-zA-Z]+)+$`)
	files, _ := filepath.Glob("slack/*.go")
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				method, ok := n.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if on, ok := method.X.(*ast.SelectorExpr); ok && on.Sel.Name == "api" {
					if calls[method.Sel.Name] == "" {
						t.Errorf("%s: a call of slack-go that this test does not know: %s", file, method.Sel.Name)
					}
					used[calls[method.Sel.Name]] = true
				}
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && name.MatchString(s) {
					if _, known := workspace.Scopes(s); known {
						named[s] = true
					} else if slices.Contains(families, s[:strings.IndexByte(s, '.')]) {
						t.Errorf("%s: %s is none of the workspace's methods", file, s)
					}
				}
			}
			return true
		})
	}
	for method := range used {
		if !named[method] {
			t.Errorf("%s is called and not named", method)
		}
	}
	return slices.Sorted(maps.Keys(named))
}

// TestManifestCoversTheCode: each method that the code calls and each event that it handles has its
// scope, and no scope, event or tab is there for nothing.
func TestManifestCoversTheCode(t *testing.T) {
	methods := called(t)
	if len(methods) < 10 {
		t.Fatalf("methods: %v", methods)
	}
	for _, watch := range []bool{false, true} {
		var m struct {
			Features struct {
				Home struct {
					Home     bool `json:"home_tab_enabled"`
					Messages bool `json:"messages_tab_enabled"`
					ReadOnly bool `json:"messages_tab_read_only_enabled"`
				} `json:"app_home"`
				Commands  []any `json:"slash_commands"`
				Shortcuts []any `json:"shortcuts"`
			} `json:"features"`
			OAuth struct {
				Scopes struct{ Bot []string } `json:"scopes"`
			} `json:"oauth_config"`
			Settings struct {
				Subscriptions struct {
					Bot []string `json:"bot_events"`
				} `json:"event_subscriptions"`
				Interactivity struct {
					Enabled bool `json:"is_enabled"`
				} `json:"interactivity"`
				Rotation bool `json:"token_rotation_enabled"`
				Org      bool `json:"org_deploy_enabled"`
			} `json:"settings"`
		}
		if err := json.Unmarshal(bot.ManifestFor(watch), &m); err != nil {
			t.Fatal(err)
		}
		needed := map[string]bool{}
		for _, method := range methods {
			scopes, _ := workspace.Scopes(method)
			for _, s := range scopes {
				needed[s] = true
			}
		}
		var events []string
		for _, handled := range bot.Handled() {
			switch {
			case handled != "message":
				events = append(events, handled)
			case watch:
				events = append(events, "message.channels", "message.groups")
			}
		}
		for _, e := range events {
			scope, known := workspace.EventScope(e)
			if !known {
				t.Errorf("%s is none of the workspace's events", e)
			}
			if scope != "" {
				needed[scope] = true
			}
		}
		if len(m.Features.Commands)+len(m.Features.Shortcuts) > 0 {
			needed["commands"] = true
		}
		same := func(what string, got, want []string) {
			t.Helper()
			got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, needed: %v", what, got, want)
			}
		}
		same("scopes", m.OAuth.Scopes.Bot, slices.Collect(maps.Keys(needed)))
		same("events", m.Settings.Subscriptions.Bot, events)
		var explained []string
		for _, s := range bot.Scopes {
			if !s.Watching || watch {
				explained = append(explained, s.Name)
			}
			if s.Why == "" || s.Cost == "" {
				t.Errorf("%s has no reason, or its lack no cost", s.Name)
			}
		}
		same("scopes that are explained", explained, m.OAuth.Scopes.Bot)
		home := m.Features.Home
		if !m.Settings.Interactivity.Enabled || home.Home != slices.Contains(methods, "views.publish") {
			t.Error("forms and buttons need interactivity, and views.publish the home tab, which nothing else needs")
		}
		if !home.Messages || !home.ReadOnly {
			t.Error("the messages tab is the last way to whoever asked, and nobody is to type a token there")
		}
		if m.Settings.Rotation || m.Settings.Org {
			t.Error("a token that rotates, or one for an organisation, is not what the bot is given")
		}
	}
}

// TestManifestIsOfItsSchema: the limits that Slack's schema sets are the workspace's to refuse.
func TestManifestIsOfItsSchema(t *testing.T) {
	for _, watch := range []bool{false, true} {
		w, err := workspace.New(workspace.Options{Manifest: bot.ManifestFor(watch)})
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Close()
	}
}
