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
	"bot/slack/transport.go http.Client":                 "Slack's Web API: its transport is the guard of guard.go",
	"bot/slack/transport.go http.Transport":              "stands behind the guard",
	"bot/slack/transport.go net.Dialer":                  "stands behind the guard",
	"bot/slack/frame.go net.Dialer":                      "stands under the socket",
	"bot/slack/open.go websocket.Dialer":                 "the socket: frames are acknowledgements alone, scanned in ack.go",
	"bot/store/redis.go redis.NewClient":                 "the shared store: random marks, identifiers as keys, and sealed values; none of them holds a token under its seal either",
	"checks/outbound/exchange.go http.Client":            "addresses that the operator configured; a token goes along to the replay and introspection URLs alone, which is what they are for",
	"checks/outbound/exchange.go http.Transport":         "the same",
	"checks/outbound/guard.go net.Dialer":                "the same",
	"cmd/jwt-check-bot/doctor_clock.go http.Client":      "HEAD of configured addresses; no token is there",
	"cmd/jwt-check-bot/doctor_clock.go http.Transport":   "the same",
	"cmd/jwt-check-bot/http.go net.Listen":               "health and metrics: every answer passes the screen",
	"cmd/jwt-check-bot/http.go http.Server":              "health and metrics: every answer passes the screen",
	"cmd/jwt-check-bot/demo_world.go http.DefaultClient": "the demo asks its own API, with a token that the demo minted",
	"cmd/jwt-check-bot/demo_world.go net.Listen":         "the demo's own issuer and API, on a loopback address",
	"cmd/jwt-check-bot/demo_world.go http.Server":        "the demo's own issuer and API, on a loopback address",
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

// TestEveryDoorHasANet fails where a new way out is built, until it says what stands behind it.
func TestEveryDoorHasANet(t *testing.T) {
	found := map[string]bool{}
	n := 0
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".ci" {
			return fs.SkipDir // what the bot is measured with is no part of it
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil || strings.HasPrefix(name, "bot/workspace/") || strings.HasPrefix(name, "bot/store/redistest/") {
			return err
		}
		n++
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
		return nil
	})
	if err != nil || n < 50 {
		t.Fatalf("%d files, %v", n, err)
	}
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
