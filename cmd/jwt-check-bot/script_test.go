package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks/mint"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"jwt-check-bot": main, "jwt-check-bot-readable": readable, "how-guarded": howGuarded})
}

// readable is the command without keepMemory, so that a test of the same user may read its memory.
func readable() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// scriptNow is when the scripts' tokens are minted; they are checked with --at this instant.
var scriptNow = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

const scriptGood = `{"alg":"RS256","typ":"at+jwt","kid":"prod-1","iss":"https://login.example/prod","aud":"api://orders",
"sub":"auth0|5f7c8ec7c33c6c004bbafe9f","client_id":"web","scope":"orders:read","iat":"now-5m","nbf":"now-5m","exp":"now+55m",
"jti":"7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44","email":"ana.ruiz@acme.example"}`

var scriptKeys = sync.OnceValue(func() *mint.Keys {
	k := mint.NewKeys()
	for _, name := range []string{"prod-1", "enc-1", "staging-1", "stranger"} {
		if err := k.Key(name, "RS256"); err != nil {
			panic(err)
		}
	}
	if err := k.Key("secret", "HS256"); err != nil {
		panic(err)
	}
	return k
})

// TestScripts runs testdata/script/*.txtar with the real binary. Beside the usual commands:
//
//	mint FILE RECIPE           writes what the recipe describes
//	flood FILE BYTES           writes so many bytes of a log
//	sample FILE INCIDENT       writes the token of one of the demo's incidents, minted now (script_replay_test.go)
//	answers VERDICT CAUSE OWNER [ALSO…]   compares the JSON on standard output; answers-now where it is judged as of now
//	unseen FILE…               fails if a part of a token in FILE stands in stdout or stderr
func TestScripts(t *testing.T) {
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/tenant/.well-known/openid-configuration" {
			_, _ = io.WriteString(w, `{"issuer":"http://`+r.Host+`/tenant/","jwks_uri":"http://`+r.Host+`/jwks.json"}`)
			return
		}
		if r.URL.Path != "/jwks.json" {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(productionKeys(t))
	}))
	t.Cleanup(issuer.Close)
	slackForScripts := newSlack(t, bot.Manifest)
	servers := newLive(t)
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("ISSUER_URL", issuer.URL)
			servers.setenv(e)
			e.Setenv("SLACK_URL", slackForScripts.APIURL())
			secret := scriptKeys().Public("secret").([]byte)
			return errorsOf(
				os.WriteFile(e.Cd+"/prod.jwks", productionKeys(t), 0o644),
				os.WriteFile(e.Cd+"/staging.jwks", scriptKeys().JWKS("staging-1"), 0o644),
				os.WriteFile(e.Cd+"/secret", secret, 0o600),
				os.WriteFile(e.Cd+"/slack-app", []byte(slackForScripts.AppToken()+"\n"), 0o600),
				os.WriteFile(e.Cd+"/slack-bot", []byte(slackForScripts.BotToken()+"\n"), 0o600),
			)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mint": cmdMint, "flood": cmdFlood, "sample": servers.writeSample, "unseen": cmdUnseen,
			"answers":     func(ts *testscript.TestScript, neg bool, args []string) { cmdAnswers(ts, neg, args, isScriptNow) },
			"answers-now": func(ts *testscript.TestScript, neg bool, args []string) { cmdAnswers(ts, neg, args, judgedNow) },
		},
	})
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// productionKeys is a key set with a second key that is published for encryption only.
func productionKeys(t *testing.T) []byte {
	t.Helper()
	enc := scriptKeys().JWK("enc-1")
	enc["use"] = "enc"
	delete(enc, "alg")
	b, err := json.Marshal(map[string]any{"keys": []any{scriptKeys().JWK("prod-1"), enc}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func cmdMint(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mint FILE RECIPE")
	}
	pasted, err := scriptKeys().Mint(scriptNow, scriptGood, args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(pasted+"\n"), 0o600))
}

func cmdFlood(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flood FILE BYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	const line = "upstream error\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(line, n/len(line)+1)[:n]), 0o600))
}

func isScriptNow(checkedAt string) bool { return checkedAt == "2026-11-23T10:00:00Z" }

func cmdAnswers(ts *testscript.TestScript, neg bool, args []string, asOf func(checkedAt string) bool) {
	var r resultJSON
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &r))
	if len(args) < 3 || neg {
		ts.Fatalf("usage: answers VERDICT CAUSE OWNER [ALSO…]")
	}
	if got := append([]string{r.Verdict, r.Cause, r.Owner}, r.Also...); !slices.Equal(got, args) {
		ts.Fatalf("answered %v, want %v", got, args)
	}
	if r.Summary == "" || r.NextStep == "" || !asOf(r.CheckedAt) || len(r.Findings) == 0 {
		ts.Fatalf("incomplete: summary %q, next step %q, checked at %q, %d findings", r.Summary, r.NextStep, r.CheckedAt, len(r.Findings))
	}
}

func cmdUnseen(ts *testscript.TestScript, neg bool, args []string) {
	out := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	for _, file := range args {
		token := strings.TrimSpace(ts.ReadFile(file))
		for i := 0; i+12 <= len(token); i++ {
			if strings.Contains(out, token[i:i+12]) {
				ts.Fatalf("a part of %s was printed", file)
			}
		}
	}
	for _, hidden := range []string{"5f7c8ec7c33c6c004bbafe9f", "ana.ruiz@acme.example", "7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44"} {
		if strings.Contains(out, hidden) {
			ts.Fatalf("a hidden claim was printed")
		}
	}
}
