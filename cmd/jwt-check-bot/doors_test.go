package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// doors is every place outside tests where bytes can leave the process, and what stands behind it.
// The workspace, which tests and the demo talk to, is an outside of its own; redistest is for tests.
var doors = map[string]string{
	"bot/slack/transport.go http.Client":               "Slack's Web API: its transport is the guard of guard.go",
	"bot/slack/transport.go http.Transport":            "stands behind the guard",
	"bot/slack/transport.go net.Dialer":                "stands behind the guard",
	"bot/slack/frame.go net.Dialer":                    "stands under the socket",
	"bot/slack/open.go websocket.Dialer":               "the socket: frames are acknowledgements alone, scanned in ack.go",
	"bot/store/redis.go redis.NewClient":               "the shared store: random marks, identifiers as keys, and sealed values; none of them holds a token under its seal either",
	"checks/outbound/exchange.go http.Client":          "addresses that the operator configured; a token goes along to the replay and introspection URLs alone, which is what they are for",
	"checks/outbound/exchange.go http.Transport":       "the same",
	"checks/outbound/guard.go net.Dialer":              "the same",
	"cmd/jwt-check-bot/http.go net.Listen":             "health and metrics: every answer passes the screen",
	"cmd/jwt-check-bot/http.go http.Server":            "health and metrics: every answer passes the screen",
	"cmd/jwt-check-bot/demo_api.go http.DefaultClient": "the demo asks its own API, with a token that the demo minted",
	"cmd/jwt-check-bot/demo_world.go net.Listen":       "the demo's own issuer and API, on a loopback address",
	"cmd/jwt-check-bot/demo_world.go http.Server":      "the demo's own issuer and API, on a loopback address",
}

// ways are the names by which a package lets bytes out.
var ways = map[string][]string{
	"http":      {"Client", "DefaultClient", "Get", "Head", "Post", "PostForm", "Transport", "DefaultTransport", "Server", "ListenAndServe", "ListenAndServeTLS", "Serve"},
	"net":       {"Dial", "DialTimeout", "Dialer", "Listen", "ListenPacket", "ListenConfig"},
	"tls":       {"Dial", "Dialer", "Listen"},
	"websocket": {"Dialer", "DefaultDialer", "Dial"},
	"redis":     {"NewClient", "NewUniversalClient", "NewClusterClient", "NewFailoverClient"},
	"smtp":      {"SendMail", "Dial"},
	"syslog":    {"New", "Dial"},
	"os":        {"Create", "CreateTemp", "OpenFile", "WriteFile", "StartProcess"},
	"exec":      {"Command", "CommandContext"},
	"fmt":       {"Print", "Printf", "Println"},
	"log":       {"Print", "Printf", "Println", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln"},
	"slog":      {"Debug", "Info", "Warn", "Error", "Log", "Default", "DebugContext", "InfoContext", "WarnContext", "ErrorContext"},
}

// quotes is every place outside tests that puts an error's own words anywhere, and whose words they are.
// Errors of strconv, time, url, net/http and of every parser quote what they met.
var quotes = map[string]string{
	"bot/bot.go errorWord":                     "ours: a slack.Error is made of Slack's codes; of others the type",
	"bot/store/health.go reason":               "nobody's: it is searched for a word, and one of ours is told",
	"cmd/jwt-check-bot/config.go openStore":    "ours: store.New's sentences",
	"bot/slack/error.go refusedHere":           "ours: codes that are constants",
	"bot/slack/error.go typeOf":                "nobody's: the types alone",
	"checks/outbound/fault.go TypeOf":          "nobody's: the type alone",
	"checks/mint/recipe.go force":              "the recipe's author's: for tests and the demo",
	"checks/mint/recipe.go read":               "the recipe's author's: for tests and the demo",
	"checks/mint/token.go Mint":                "the recipe's author's: for tests and the demo",
	"checks/mint/token.go token":               "the recipe's author's: for tests and the demo",
	"cmd/jwt-check-bot/config.go process":      "nobody's: the type alone",
	"cmd/jwt-check-bot/demo.go startDemo":      "ours: slack.New's sentences",
	"cmd/jwt-check-bot/doctor.go slack":        "ours: slack.New's sentences",
	"cmd/jwt-check-bot/doctor.go slackFinding": "ours: a slack.Error is made of Slack's codes",
	"cmd/jwt-check-bot/http.go listenHTTP":     "nobody's: the type alone",
	"cmd/jwt-check-bot/serve.go serve":         "ours: slack.New's sentences",
	"cmd/jwt-check-bot/serve.go slackError":    "ours: a slack.Error is made of Slack's codes",
}

// TestEveryDoorHasANet fails where a new way out is built, until it says what stands behind it.
func TestEveryDoorHasANet(t *testing.T) {
	found := map[string]bool{}
	eachFile(t, func(name string, file *ast.File) {
		types := typesNamed(file)
		ast.Inspect(file, func(node ast.Node) bool {
			s, ok := node.(*ast.SelectorExpr)
			if !ok || types[s] {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(ways[x.Name], s.Sel.Name) {
				found[name+" "+x.Name+"."+s.Sel.Name] = true
			}
			return true
		})
	})
	for _, door := range slices.Sorted(maps.Keys(found)) {
		if doors[door] == "" {
			t.Errorf("%s: bytes can leave here; say in doors_test.go which net they pass", door)
		}
	}
	for _, door := range slices.Sorted(maps.Keys(doors)) {
		if !found[door] {
			t.Errorf("%s is listed and does not exist any more", door)
		}
	}
}

// TestForeignErrorsAreNotQuoted finds calls of Error, and verbs that print an error.
func TestForeignErrorsAreNotQuoted(t *testing.T) {
	found := map[string]bool{}
	eachFile(t, func(name string, file *ast.File) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(node ast.Node) bool {
				switch n := node.(type) {
				case *ast.CallExpr:
					s, ok := n.Fun.(*ast.SelectorExpr)
					if ok && s.Sel.Name == "Error" && len(n.Args) == 0 {
						found[name+" "+f.Name.Name] = true
					}
					for _, arg := range n.Args { // an error among the arguments of whatever prints or logs
						id, isName := arg.(*ast.Ident)
						if ok && isName && (id.Name == "err" || id.Name == "e") && printing[s.Sel.Name] {
							found[name+" "+f.Name.Name] = true
						}
					}
				}
				return true
			})
		}
	})
	for _, place := range slices.Sorted(maps.Keys(found)) {
		if quotes[place] == "" {
			t.Errorf("%s: an error is quoted; say in doors_test.go whose words it has", place)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(quotes)) {
		if !found[place] {
			t.Errorf("%s is listed and does not exist any more", place)
		}
	}
}

// printing are functions whose arguments become words.
var printing = map[string]bool{
	"Errorf": true, "Sprintf": true, "Sprint": true, "Sprintln": true, "Fprintf": true, "Fprint": true, "Fprintln": true, "Appendf": true,
	"Debug": true, "Info": true, "Warn": true, "Error": true, "Log": true, "DebugContext": true, "InfoContext": true, "WarnContext": true, "ErrorContext": true, "Any": true, "Join": true,
}

// eachFile visits every Go file of the bot: none of tests, of the stand-ins that they talk to, nor of
// what the bot is measured with.
func eachFile(t *testing.T, visit func(name string, file *ast.File)) {
	t.Helper()
	n, root := 0, filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".ci" || d.Name() == "workspace" || d.Name() == "redistest") {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		n++
		visit(filepath.ToSlash(rel), file)
		return nil
	})
	if err != nil || n < 50 {
		t.Fatalf("%d files, %v", n, err)
	}
}

// typesNamed are the mentions of a type, as in a field *http.Client, that build nothing.
func typesNamed(file *ast.File) map[*ast.SelectorExpr]bool {
	named := map[*ast.SelectorExpr]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if field, ok := node.(*ast.Field); ok {
			ast.Inspect(field.Type, func(part ast.Node) bool {
				if s, ok := part.(*ast.SelectorExpr); ok {
					named[s] = true
				}
				return true
			})
		}
		return true
	})
	return named
}
