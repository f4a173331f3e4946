package bot_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/mint"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// at is when every conversation takes place.
var at = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

const good = `{"alg":"RS256","typ":"at+jwt","kid":"prod-1","iss":"https://login.acme.example/prod","aud":"api://orders",
"sub":"auth0|5f7c8ec7c33c6c004bbafe9f","client_id":"web-shop","scope":"orders:read profile","tenant_id":"acme-europe",
"jti":"7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44","iat":"now-1h","nbf":"now-1h","exp":"now+1h","email":"ana.ruiz@acme.example","cart":{"items":"canary-of-a-hidden-claim"}}`

// hidden are the values in it that nobody may ever see.
var hidden = []string{"5f7c8ec7c33c6c004bbafe9f", "acme-europe", "7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44", "ana.ruiz@acme.example", "canary-of-a-hidden-claim"}

var ring = sync.OnceValue(func() *mint.Keys {
	k := mint.NewKeys()
	for _, name := range []string{"prod-1", "staging-1", "stranger"} {
		if err := k.Key(name, "RS256"); err != nil {
			panic(err)
		}
	}
	return k
})

// stage is the real bot, connected over real HTTP and WebSocket to a workspace and an issuer.
type stage struct {
	t         testing.TB
	workspace *workspace.Workspace
	issuer    *issuer
	log       *buffer
	metrics   *bot.Metrics
	tokens    []string // every token that was pasted: none of them may be seen anywhere
	planned   []string // what the workspace is to refuse
	app       *bot.App
	held      []func() // let go whom the test holds up, at the end
	quit      func()   // ends the bot, and stop everything
	stop      func()
}

// issuer serves both environments' key sets, until it is told to fail.
type issuer struct {
	*httptest.Server
	fail func(http.ResponseWriter) bool
	mu   sync.Mutex
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (i *issuer) failWith(f func(http.ResponseWriter) bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fail = f
}

func newIssuer() *issuer {
	i := &issuer{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		fail := i.fail
		i.mu.Unlock()
		if fail != nil && fail(w) {
			return
		}
		w.Header().Set("Date", at.Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(ring().JWKS(strings.Trim(r.URL.Path, "/")))
	}))
	return i
}

// nap waits a moment where the client would wait for seconds: what is tested is that it repeats a
// call, not for how long it waits.
func nap(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(min(d, 20*time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

type option func(*bot.Options)

func newStage(t testing.TB, options ...option) *stage {
	t.Helper()
	var asked bot.Options
	for _, set := range options {
		set(&asked)
	}
	return newStageFrom(t, bot.ManifestFor(len(asked.Watch) > 0), options...)
}

// newStageFrom installs the app from another manifest than the one that its options ask for.
func newStageFrom(t testing.TB, manifest []byte, options ...option) *stage {
	t.Helper()
	return newStageWith(t, manifest, func(*workspace.Options, *slack.Config, *keys.Options) {}, options...)
}

// newStageWith changes how Slack behaves, and how it and the issuer are reached.
func newStageWith(t testing.TB, manifest []byte, change func(*workspace.Options, *slack.Config, *keys.Options), options ...option) *stage {
	t.Helper()
	now := func() time.Time { return at }
	s := &stage{t: t, log: &buffer{}, issuer: newIssuer()}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	// Slack's 3 s are real seconds, which a busy machine may not have for a test: that nothing is waited for
	// before an acknowledgement is asserted by holding what could be waited for, and the time is measured.
	space := workspace.Options{Manifest: manifest, Now: now, AckTimeout: time.Minute, Rate: workspace.Rate{Every: -1}} // who naps is too fast
	config := slack.Config{Log: log, Sleep: nap}
	fetching := keys.Options{Now: now, Log: log}
	change(&space, &config, &fetching)
	var err error
	if s.workspace, err = workspace.New(space); err != nil {
		t.Fatal(err)
	}
	if _, err = s.workspace.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	config.AppToken, config.BotToken = redact.NewSecret(s.workspace.AppToken()), redact.NewSecret(s.workspace.BotToken())
	config.APIURL = s.workspace.APIURL()
	client, err := slack.New(config)
	if err != nil {
		t.Fatal(err)
	}
	source := keys.New(fetching)
	o := bot.Options{
		Slack: client, Examiner: bot.NewExaminer(s.environments(), source, probe.New(probe.Options{Now: now, Log: log, Timeout: 2 * time.Second}), now), Concurrency: 8, Log: log, Now: now,
	}
	o.Metrics = bot.NewMetrics(client)
	for _, set := range options {
		set(&o)
	}
	s.metrics = o.Metrics
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	s.app = bot.New(o)
	go func() { done <- s.app.Run(ctx) }()
	s.quit = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	s.stop = sync.OnceFunc(func() {
		s.quit()
		for _, free := range s.held {
			free()
		}
		client.Close()
		source.Close()
		_ = s.workspace.Close()
		s.issuer.Close()
	})
	t.Cleanup(s.stop)
	if err := s.workspace.Await(s.context(), func(st *workspace.State) bool { return st.App.Connected }); err != nil {
		t.Fatalf("not connected: %v\n%s", err, s.log)
	}
	return s
}

func (s *stage) environments() []bot.Environment {
	env := func(name, env, kid string, aud string) bot.Environment {
		return bot.Environment{
			Profile: &checks.Profile{
				Name: name, Issuer: "https://login.acme.example/" + env, Audience: []string{aud}, Algorithms: []string{"RS256"},
				Leeway: time.Minute, MaxLifetime: 24 * time.Hour,
				Routes: []checks.Route{{Method: "POST", Path: "/orders", Required: []checks.Requirement{{Claim: "scope", Value: "orders:write", Dialect: true}}}},
			},
			Keys: keys.Origin{Issuer: "https://login.acme.example/" + env, JWKSURL: s.issuer.URL + "/" + kid},
		}
	}
	return []bot.Environment{env("production", "prod", "prod-1", "api://orders"), env("staging", "staging", "staging-1", "api://orders-staging")}
}

// context bounds one step of a test.
func (s *stage) context() context.Context {
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	s.t.Cleanup(cancel)
	return ctx
}

func (s *stage) mint(recipe string) string {
	token := ring().MustMint(at, good, recipe)
	s.tokens = append(s.tokens, token)
	return token
}

// incident is the timestamp of Ben's message in #incidents, and the link to it.
func (s *stage) incident() (ts, link string) {
	for _, c := range s.workspace.State(workspace.Ana).Channels {
		if c.ID == workspace.Incidents {
			ts = c.Messages[0].TS
		}
	}
	return ts, "https://acme.slack.com/archives/" + workspace.Incidents + "/p" + strings.ReplaceAll(ts, ".", "")
}

// settled waits until every envelope was acknowledged, and ends the bot once it has done its work: only
// then is what nobody said known not to come.
func (s *stage) settled() {
	s.t.Helper()
	s.must(s.workspace.Await(s.context(), func(*workspace.State) bool {
		return !slices.ContainsFunc(s.workspace.Envelopes(), func(e workspace.Envelope) bool { return e.Acks == 0 })
	}))
	s.stop()
}

// finish ends the bot and asks the witness what nobody asked for: that nothing leaked, nothing was
// refused, and every envelope was acknowledged once.
func (s *stage) finish() {
	s.t.Helper()
	s.stop()
	if dir := os.Getenv("JWTCHECK_TEST_EXPORT"); dir != "" { // for a look with Slack's own types
		s.must(s.workspace.Export(dir))
	}
	for _, r := range s.workspace.Refusals() {
		if !slices.ContainsFunc(s.planned, func(p string) bool { return strings.Contains(r, p) }) {
			s.t.Errorf("refused: %s", r)
		}
	}
	for _, e := range s.workspace.Envelopes() {
		if e.Acks < 1 || e.Acks > 1+e.Redelivered || e.Bytes > 20480 {
			s.t.Errorf("envelope %s: %d acknowledgements, %d bytes", e.Kind, e.Acks, e.Bytes)
		}
	}
	sent := append(s.workspace.Received(), []byte(s.log.String()), []byte(s.scrape()))
	for _, secret := range s.secrets() {
		for _, body := range sent {
			if bytes.Contains(body, []byte(secret)) {
				s.t.Errorf("a secret of %d bytes was sent or logged", len(secret))
			}
		}
	}
}

// secrets are the pieces that must not be found in anything, in each encoding: every window of 12
// bytes of each token, and the hidden claims.
func (s *stage) secrets() []string {
	var list []string
	seen := map[string]bool{}
	add := func(v string) {
		for _, e := range []string{v, hex.EncodeToString([]byte(v)), base64.StdEncoding.EncodeToString([]byte(v)), url.QueryEscape(v)} {
			if !seen[e] {
				seen[e] = true
				list = append(list, e)
			}
		}
	}
	for _, token := range s.tokens {
		for i := 0; i+12 <= len(token); i += 4 {
			add(token[i : i+12])
		}
	}
	for _, v := range hidden {
		add(v)
	}
	return list
}

func writeFile(t testing.TB, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
