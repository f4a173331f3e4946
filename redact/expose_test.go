package redact_test

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

// exposed is every place outside tests that opens a Secret, or reads a Value's raw text, and why.
var exposed = map[string]string{
	"bot/entry.go App.command Expose":                  "what was typed behind the command is a profile or a link, or holds a token and is refused",
	"bot/exposure.go holdsToken Expose":                "what was typed in the open is searched for a token, and nothing of it is kept",
	"bot/exposure.go holdsTokenPart Expose":            "the same, for a part of one",
	"bot/slack/api.go Client.Respond Expose":           "the response URL is where the answer is sent",
	"bot/slack/client.go New Expose":                   "slack-go takes the tokens as strings",
	"bot/slack/guard.go guard.scan Expose":             "the bot token passes in its own field of a form alone",
	"bot/slack/sign.go Client.Sign Expose":             "the bot token is the key of what only the bot can have signed",
	"bot/slack/send.go Client.ask Expose":              "the bot token is its own header",
	"bot/store/redis.go parseURL Expose":               "the address and the password are what the client is made with",
	"bot/store/store.go prefixFor Expose":              "a hash of it keeps apps apart that share a Redis",
	"bot/submit.go App.Submission Expose":              "the requirements field is parsed into claims and routes",
	"bot/evidence.go pasted Expose":                    "a token in two fields is put together, into a Secret again",
	"checks/answer.go ParseAnswer Expose":              "the one door into the parser of what a server said",
	"checks/keylint.go secretWeak Expose":              "a secret from a tutorial is compared with the known ones; only its length is told",
	"checks/outbound/exchange.go Request.build Expose": "the one way out: what is sent to an address that the operator configured for it",
	"checks/signature.go Pass.otherAlgorithm Expose":   "the HMAC secret is tried with the other hashes",
	"checks/signature.go Pass.otherReading Expose":     "the HMAC secret is tried in its other readings",
	"checks/token.go Parse Expose":                     "the one door into the parser",
	"checks/verify.go Pass.trySecret Expose":           "the HMAC secret is the key",
	"cmd/jwt-check-bot/config.go readSlackEnv Expose":  "whether a token starts as its kind does",
	"cmd/jwt-check-bot/doctor.go kindOf Expose":        "the prefix says whether two tokens were swapped",
	"redact/canary.go Policy.Canary Expose":            "the token is hashed in windows",
	"redact/hidden.go Policy.part rawJSON":             "what stands in a hidden value is hashed",
	"redact/hidden.go Policy.part rawName":             "a name is sorted into shown or hidden",
	"redact/policy.go Policy.Value rawJSON":            "a withheld value's type and size are told",
	"redact/rules.go Policy.show rawJSON":              "the one place where a value becomes text",
	"redact/rules.go Policy.show rawName":              "the table is asked by name",
	"redact/rules.go displayName rawName":              "the one place where a name becomes text",
	"redact/seal.go NewSealer Expose":                  "the key is derived from it",
}

// makers is every place that makes a Text of a string, and why what it holds may be shown.
var makers = map[string]string{
	"redact/policy.go OperatorText": "an Operator's word by itself, cleaned, cut and scanned as in a sentence",
	"redact/policy.go Policy.Text":  "the one door: opened under the policy, cleaned and scanned",
	"redact/policy.go Policy.Value": "shown as the policy says, cleaned and scanned",
	"redact/seal.go Sealer.Open":    "it was a Text when it was sealed, and the seal is whole",
	"redact/text.go Const":          "a constant of our own source code",
	"redact/text.go Join":           "made of texts",
	"redact/text.go Text.Cut":       "a part of a text",
	"redact/text.go Text.Ended":     "a text and a full stop",
}

// Where plain strings come from that become holes: Operator is not asked whether it may be shown.
const (
	configured = "the operator's configuration"
	ours       = "one of a closed list of our own words"
	typed      = "a requirement: the operator's, or typed by the requester and refused if it holds a token"
	published  = "a key set or metadata that the issuer publishes"
	slackSaid  = "Slack's answer"
	apiSaid    = "what the API says in its answer to a replay"
)

// worded is every file outside tests that makes holes of plain strings, and where they come from.
var worded = map[string]string{
	"bot/party.go Operator":                      configured,
	"bot/reply.go OperatorText":                  "titles, subjects, citations and causes of our own; a profile's name; the fingerprint",
	"bot/ask.go Operator":                        configured,
	"bot/slack/error.go Public":                  slackSaid,
	"bot/summary.go Operator":                    ours,
	"checks/access.go Operator":                  typed,
	"checks/audience.go Operator":                configured,
	"checks/artefact.go Operator":                ours,
	"checks/binding.go Operator":                 ours,
	"checks/forgery.go Operator":                 ours,
	"checks/jwe.go Operator":                     ours,
	"checks/headerkey.go Operator":               ours,
	"checks/issuer.go Operator":                  configured,
	"checks/key.go Public":                       published,
	"checks/keylint.go Operator":                 ours,
	"checks/keys/defect.go Public":               published,
	"checks/keys/discover.go Operator":           configured,
	"checks/keys/discover.go Public":             published,
	"checks/keys/entry.go Public":                published,
	"checks/keys/material.go Public":             published,
	"checks/kind.go Operator":                    ours,
	"checks/nature.go Operator":                  ours,
	"checks/nearest.go Operator":                 ours,
	"checks/outbound/exchange.go Operator":       "a configured address, without query and user",
	"checks/probe/probe.go Public":               apiSaid,
	"checks/profile.go Operator":                 configured,
	"checks/refusal.go Public":                   apiSaid,
	"checks/replay.go Operator":                  ours,
	"checks/replay.go Public":                    apiSaid,
	"checks/compare.go Operator":                 ours,
	"checks/compare_claims.go Operator":          ours,
	"checks/compare_claims.go Public":            "the name of a scope or role, which is shown on its own merits",
	"checks/server.go Public":                    "a scope that the server asks for, in the shape of one",
	"checks/server_challenge.go Operator":        ours,
	"checks/server_words.go Operator":            ours,
	"checks/signature.go Operator":               ours,
	"checks/signature.go Public":                 published,
	"checks/spelling.go Operator":                ours,
	"checks/verify.go Operator":                  ours,
	"checks/verify.go Public":                    published,
	"cmd/jwt-check-bot/doctor.go Public":         "answers of Slack and of issuers",
	"cmd/jwt-check-bot/doctor_clock.go Operator": "the host of a configured address",
}

func TestExposeHasNamedCallers(t *testing.T) {
	found := map[string]bool{}
	files(t, func(path string, file *ast.File) {
		for _, d := range file.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if ok && slices.Contains([]string{"Expose", "rawJSON", "rawName"}, s.Sel.Name) {
					found[path+" "+nameOf(d)+" "+s.Sel.Name] = true
				}
				return true
			})
		}
	})
	compare(t, "opens what is held", found, exposed)
}

func TestTextsHaveNamedMakers(t *testing.T) {
	found := map[string]bool{}
	files(t, func(path string, file *ast.File) {
		for _, d := range file.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				c, ok := n.(*ast.CompositeLit)
				if !ok || len(c.Elts) == 0 {
					return true
				}
				if id, ok := c.Type.(*ast.Ident); ok && id.Name == "Text" && strings.HasPrefix(path, "redact/") {
					found[path+" "+nameOf(d)] = true
				}
				return true
			})
		}
	})
	compare(t, "makes a text", found, makers)
}

func TestPlainStringsHaveNamedSources(t *testing.T) {
	found := map[string]bool{}
	files(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Operator", "OperatorText", "Public"}, s.Sel.Name) {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "redact" {
				found[path+" "+s.Sel.Name] = true
			}
			return true
		})
	})
	compare(t, "makes a hole of a string", found, worded)
}

func compare(t *testing.T, does string, found map[string]bool, listed map[string]string) {
	t.Helper()
	for _, place := range slices.Sorted(maps.Keys(found)) {
		if listed[place] == "" {
			t.Errorf("%q %s: say why in expose_test.go", place, does)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(listed)) {
		if !found[place] {
			t.Errorf("%q is listed and does not exist any more", place)
		}
	}
}

// files parses every Go file of the module that is no test.
func files(t *testing.T, visit func(path string, file *ast.File)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".ci" {
			return fs.SkipDir // what the bot is measured with is no part of it
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		n++
		visit(filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator))), file)
		return nil
	})
	if err != nil || n < 50 {
		t.Fatalf("%d files, %v", n, err)
	}
}

// nameOf is a function's name with its receiver's type, or that of a variable.
func nameOf(d ast.Decl) string {
	if g, ok := d.(*ast.GenDecl); ok {
		if v, ok := g.Specs[0].(*ast.ValueSpec); ok {
			return v.Names[0].Name
		}
		return g.Tok.String()
	}
	f, ok := d.(*ast.FuncDecl)
	if !ok {
		return "?"
	}
	if f.Recv == nil {
		return f.Name.Name
	}
	of := f.Recv.List[0].Type
	if p, ok := of.(*ast.StarExpr); ok {
		of = p.X
	}
	if id, ok := of.(*ast.Ident); ok {
		return id.Name + "." + f.Name.Name
	}
	return f.Name.Name
}
