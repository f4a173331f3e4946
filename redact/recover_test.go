package redact_test

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// TestRecoveredValuesAreNotRead: what a panic says may quote a token, so that of what recover returns
// nothing is asked but whether it is nil, and its type and place through redact.Fault.
func TestRecoveredValuesAreNotRead(t *testing.T) {
	recovers := 0
	files(t, func(path string, file *ast.File) {
		// Each call of recover and each use of a variable that holds its result has to be one of these.
		fine := map[ast.Node]bool{}
		held := map[string]bool{}
		isRecover := func(e ast.Expr) bool {
			c, ok := e.(*ast.CallExpr)
			if !ok {
				return false
			}
			id, ok := c.Fun.(*ast.Ident)
			return ok && id.Name == "recover"
		}
		isNil := func(e ast.Expr) bool { id, ok := e.(*ast.Ident); return ok && id.Name == "nil" }
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && isNil(n.Y) {
					fine[n.X] = true
				}
			case *ast.AssignStmt:
				if len(n.Rhs) == 1 && isRecover(n.Rhs[0]) {
					id, ok := n.Lhs[0].(*ast.Ident)
					if fine[n.Rhs[0]] = ok; ok && id.Name != "_" {
						held[id.Name], fine[id] = true, true
					}
				}
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Fault" && len(n.Args) == 1 {
					if x, ok := s.X.(*ast.Ident); ok && x.Name == "redact" {
						fine[n.Args[0]] = true
					}
				}
			}
			return true
		})
		ast.Inspect(file, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && isRecover(e) {
				if recovers++; !fine[n] {
					t.Errorf("%s: what recover returns is read", path)
				}
			}
			if id, ok := n.(*ast.Ident); ok && held[id.Name] && !fine[id] {
				t.Errorf("%s: %s, which holds what a panic said, is read", path, id.Name)
			}
			return true
		})
	})
	if recovers < 5 {
		t.Errorf("only %d calls of recover found", recovers)
	}
}

// spawned is every place outside tests, the demo's workspace and package main's commands that starts
// a goroutine: a panic in one without a recover ends the process and prints what it says.
var spawned = map[string]string{
	"bot/deliver.go App.meanwhile":            "recovers",
	"bot/access.go gate.ask":                  "lookUp recovers; the rest looks into a map",
	"bot/bot.go App.Run":                      "standIn has survive recover",
	"bot/standin.go App.standIn":              "survive recovers",
	"bot/examination.go Examination.askWhere": "party.guarded recovers; await does nothing else",
	"bot/party.go party.await":                "guarded recovers",
	"bot/slack/conn.go session.start":         "guarded",
	"bot/slack/dispatch.go session.begin":     "guarded",
	"bot/slack/run.go Client.Run":             "guarded",
	"bot/store/health.go Store.failed":        "lookOut has survived recover",
	"bot/store/store.go Open":                 "renew has survived recover",
	"checks/keys/place.go Source.launch":      "load and land recover",
	"checks/probe/probe.go Prober.Replay":     "ask recovers",
}

func TestGoroutinesRecover(t *testing.T) {
	found := map[string]bool{}
	files(t, func(path string, file *ast.File) {
		if strings.HasPrefix(path, "cmd/") || strings.HasPrefix(path, "bot/workspace/") || strings.HasPrefix(path, "bot/store/redistest/") {
			return // of these none gets a token but as Slack, an issuer or a terminal would have it
		}
		for _, d := range file.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					found[path+" "+nameOf(d)] = true
				case *ast.CallExpr:
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Go" {
						found[path+" "+nameOf(d)] = true
					}
				}
				return true
			})
		}
	})
	compare(t, "starts a goroutine", found, spawned)
}
