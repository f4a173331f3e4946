package bot_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// examiner asks a play and an issuer, without Slack.
func examiner(t *testing.T, p *play, timeout time.Duration) *bot.Examiner {
	t.Helper()
	i := newIssuer()
	t.Cleanup(i.Close)
	now := func() time.Time { return at }
	source := keys.New(keys.Options{Now: now})
	t.Cleanup(source.Close)
	e := bot.NewExaminer((&stage{issuer: i}).environments(), source, probe.New(probe.Options{Now: now, Timeout: timeout}), now)
	e.Target(p.target())
	return e
}

func ask(t *testing.T, e *bot.Examiner, recipe string, replay bool) *checks.Report {
	t.Helper()
	token, err := checks.Parse(redact.NewSecret(ring().MustMint(at, good, recipe)))
	if err != nil {
		t.Fatal(err)
	}
	return e.Examine(t.Context(), bot.Question{Token: token, Profile: e.Profile(""), Replay: replay})
}

// TestTheTokenGoesNowhereElse gives every claim and header parameter that can hold a URL a server that
// listens, and counts its connections while the token is judged, replayed and introspected.
func TestTheTokenGoesNowhereElse(t *testing.T) {
	var connections atomic.Int32
	elsewhere := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"keys":[]}`) }))
	elsewhere.Config.ErrorLog = log.New(io.Discard, "", 0)
	elsewhere.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	elsewhere.Start()
	defer elsewhere.Close()

	p := newPlay(t, "careful canary active")
	e := examiner(t, p, 10*time.Second)
	names := []string{"iss", "aud", "sub", "azp", "client_id", "jti", "website", "picture", "profile", "zoneinfo", "login_hint", "resource", "htu",
		"authorization_details", "status", "sub_jwk", "trust_framework", "jwks_uri", "introspection_endpoint", "userinfo_endpoint", "resource_metadata", "redirect_uri", "entity"}
	parameters := []string{"jku", "x5u", "typ", "cty", "url", "kid"}
	tries := 0
	try := func(recipe map[string]any) {
		tries++
		b, err := json.Marshal(recipe)
		if err != nil {
			t.Fatal(err)
		}
		ask(t, e, string(b), true)
	}
	everything := map[string]any{}
	for _, name := range append(names, parameters...) {
		url := elsewhere.URL + "/" + name
		try(map[string]any{name: url})
		if name != "iss" && name != "kid" { // so that the rest is still looked at
			everything[name] = url
		}
	}
	everything["cnf"] = map[string]string{"jku": elsewhere.URL + "/cnf", "kid": "x"}
	try(everything)
	everything["iss"] = elsewhere.URL
	try(everything)
	try(map[string]any{"$paste": "curl -H 'Authorization: Bearer {}' " + elsewhere.URL + "/orders"})

	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections went where a token points to", n)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	got := map[string]int{}
	for _, a := range p.asked {
		got[a]++
	}
	for what := range got {
		if !slices.Contains([]string{"GET /orders", "POST /introspect", "POST /token"}, what) {
			t.Errorf("the API or the issuer was asked to %s", what)
		}
	}
	if got["GET /orders"] < 3*tries || got["POST /introspect"] == 0 {
		t.Errorf("%d tries, asked %v", tries, got)
	}
	t.Logf("%d tokens with URLs in %d members: %d connections elsewhere; asked %v", tries, len(names)+len(parameters)+1, connections.Load(), got)
}

// TestNobodyIsAskedUnasked: without the wish for it nothing is replayed, and a token of another issuer
// is not sent to this one.
func TestNobodyIsAskedUnasked(t *testing.T) {
	for _, c := range []struct {
		name, recipe string
		replay       bool
		asked        []string
	}{
		{"no replay", `{}`, false, []string{"POST /introspect"}},
		{"another issuer's token", `{"iss":"https://login.acme.example/staging","kid":"staging-1"}`, false, nil},
		{"cut short", `{"$mangle":"truncate 60"}`, false, nil},
		{"cut short, with a replay", `{"$mangle":"truncate 60"}`, true, []string{"GET /orders", "GET /orders"}},
		{"opaque", `{"$paste":"f3a9c1d07b524e0c"}`, true, []string{"GET /orders", "GET /orders"}},
		{"bound to a key", `{"cnf":{"jkt":"0ZcOCORZNYy-DWpqq30j"}}`, true, []string{"GET /orders", "GET /orders"}},
	} {
		p := newPlay(t, "careful active")
		ask(t, examiner(t, p, 10*time.Second), c.recipe, c.replay)
		p.mu.Lock()
		if !slices.Equal(p.asked, c.asked) {
			t.Errorf("%s: asked %q, want %q", c.name, p.asked, c.asked)
		}
		p.mu.Unlock()
	}
}

// TestASlowAPIDelaysItsOwnLinesAlone: the issuer's word and the keys are there while the API hangs, and
// the whole takes no longer than the API is given.
func TestASlowAPIDelaysItsOwnLinesAlone(t *testing.T) {
	p := newPlay(t, "hangs revoked")
	e := examiner(t, p, time.Hour)
	token, err := checks.Parse(redact.NewSecret(ring().MustMint(at, good, `{}`)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	x := e.Begin(ctx, bot.Question{Token: token, Profile: e.Profile(""), Replay: true})
	for x.Report().Cause != checks.Revoked || len(x.Waiting()) > 1 { // each Wait ends with the arrival that it lets in, or with a tick
		tick := make(chan time.Time, 1)
		time.AfterFunc(10*time.Millisecond, func() { tick <- time.Time{} })
		x.Wait(tick)
	}
	if waiting := x.Waiting(); len(waiting) != 1 || redact.Policy.Text(redact.Policy{}, waiting[0]).String() != "the API" {
		t.Errorf("waiting for %d parties", len(waiting))
	}
	r := x.Report()
	if r.Case.Evidence.Keys[0].Set == nil || r.Case.Evidence.Replay.Own.Problem.IsZero() {
		t.Error("the keys are not there, or the API is not said to be waited for")
	}
	cancel()
	x.Wait(nil)
	if r := x.Report(); r.Cause != checks.Revoked || !strings.Contains(redact.Policy{}.Text(r.Case.Evidence.Replay.Own.Problem).String(), "no answer") {
		t.Errorf("in the end: %s, %s", r.Cause, redact.Policy{}.Text(r.Case.Evidence.Replay.Own.Problem))
	}
}
