package bot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// TestCanaries holds a whole conversation about each specimen in each kind of weather, and then
// searches everything that left the bot for every piece of every one of them.
func TestCanaries(t *testing.T) {
	const perStage = 32
	var total atomic.Int64
	t.Run("weather", func(t *testing.T) {
		all := specimens(at)
		for w, weather := range weathers {
			some := all
			if w > 0 { // each specimen in two kinds of bad weather or three
				some = nil
				for i := range all {
					if (i+w)%5 < 2 {
						some = append(some, all[i])
					}
				}
			}
			for i, some := range slices.Collect(slices.Chunk(some, perStage)) {
				t.Run(fmt.Sprintf("%s %d", weather.name, i), func(t *testing.T) {
					t.Parallel()
					s := newTrial(t, weather)
					for n, one := range some {
						s.converse(n, one)
					}
					s.search()
					total.Add(int64(len(some)))
				})
			}
		}
	})
	t.Logf("%d conversations", total.Load())
}

// weather is what goes wrong in a stage.
type weather struct {
	name   string
	before func(s *trial, n int, one specimen) // the form is submitted
	after  func(s *trial, n int)               // it was
	check  *checks.Check                       // one more in the ladder
}

var weathers = []*weather{
	{name: "calm"},
	{name: "Slack fails", before: func(s *trial, n int, _ specimen) {
		faults := []workspace.Fault{{Status: 500}, {Status: 503}, {RetryAfter: 1}, {Code: "fatal_error"}, {Code: "invalid_blocks"}}
		s.workspace.FailNext("chat.postMessage", 1+n%2, faults[n%len(faults)])
		s.workspace.FailNext("views.update", n%6, faults[(n+2)%len(faults)])
		s.workspace.FailNext("chat.postEphemeral", n%3, workspace.Fault{RetryAfter: 1}) // an error there is the end of all means
	}},
	{name: "sockets drop", after: func(s *trial, n int) {
		if n%4 == 0 {
			s.workspace.Cut()
		}
	}},
	{name: "issuer fails", before: func(s *trial, n int, _ specimen) {
		s.clock.Add(int64(31 * time.Second)) // past the cool-down
		s.issuer.failWith(issuerFaults[n%len(issuerFaults)])
	}},
	// The panics say what was pasted, in each form that a recovered value has.
	{name: "a check panics", before: func(s *trial, _ int, one specimen) { s.armed.Store(&one.paste) }, check: &checks.Check{
		ID: "fault.check_panics", Subject: "Fault", Title: "It panics.", Severity: checks.Blocks, Cause: checks.Unknown,
	}},
	{name: "the clock panics in work", before: func(s *trial, _ int, one specimen) { s.armed.Store(&one.paste); s.inWork.Store(true) }},
	{name: "the clock panics before the acknowledgement", before: func(s *trial, _ int, one specimen) { s.armed.Store(&one.paste); s.inAnswer.Store(true) }},
}

var issuerFaults = []func(http.ResponseWriter) bool{
	func(w http.ResponseWriter) bool { http.Error(w, "down", http.StatusServiceUnavailable); return true },
	func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) },
	func(w http.ResponseWriter) bool { _, _ = io.WriteString(w, `{"keys":[{"kty":"RSA","n":`); return true },
	func(w http.ResponseWriter) bool { _, _ = io.WriteString(w, "<html>login</html>"); return true },
	func(w http.ResponseWriter) bool { time.Sleep(150 * time.Millisecond); return false }, // longer than is waited for
	func(w http.ResponseWriter) bool {
		_, _ = io.WriteString(w, `{"keys":[{"kty":"RSA","kid":"<!channel>","n":"AQAB","e":"AQAB"},{"kty":7}]}`)
		return true
	},
	func(w http.ResponseWriter) bool { _, _ = w.Write(make([]byte, 2<<20)); return true },
}

// trial is a stage with weather over it.
type trial struct {
	*stage
	weather          *weather
	witness          *witness
	clock            atomic.Int64           // nanoseconds since at
	armed            atomic.Pointer[string] // what the next panic says
	inWork, inAnswer atomic.Bool            // where the clock throws it
}

// panicking throws what is armed once: as a string, an error or a struct, in turn.
func (s *trial) panicking() {
	said := s.armed.Swap(nil)
	if said == nil {
		return
	}
	switch len(*said) % 3 {
	case 0:
		panic("cannot handle " + *said)
	case 1:
		panic(errors.New("cannot handle " + *said))
	}
	panic(struct{ Token []byte }{[]byte(*said)})
}

func newTrial(t *testing.T, weather *weather) *trial {
	t.Helper()
	s := &trial{stage: &stage{t: t, log: &buffer{}}, weather: weather, witness: newWitness()}
	now := func() time.Time { return at.Add(time.Duration(s.clock.Load())) }
	s.issuer = newIssuer()
	s.issuer.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.issuer.Config.Handler = s.keySets(s.issuer.Config.Handler)
	var err error
	if s.workspace, err = workspace.New(workspace.Options{Manifest: bot.Manifest, Now: now, Rate: workspace.Rate{Every: -1}}); err != nil {
		t.Fatal(err)
	}
	if _, err = s.workspace.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	// Not guarded by the net of redact.Log: what is searched is what the types alone let through.
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
	client, err := slack.New(slack.Config{
		AppToken: redact.NewSecret(s.workspace.AppToken()), BotToken: redact.NewSecret(s.workspace.BotToken()), APIURL: s.workspace.APIURL(), Log: log,
		Sleep: func(ctx context.Context, d time.Duration) error { // the waits of retries are not what is tried
			time.Sleep(min(d, 3*time.Millisecond))
			return ctx.Err()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	source := keys.New(keys.Options{Now: now, Log: log, Timeout: 100 * time.Millisecond})
	examiner := bot.NewExaminer(s.trialEnvironments(), source, probe.New(probe.Options{Now: now, Log: log}), func() time.Time {
		if s.inWork.CompareAndSwap(true, false) {
			s.panicking()
		}
		return now()
	})
	if weather.check != nil {
		one := *weather.check
		one.Run = func(*checks.Pass) *checks.Result { s.panicking(); return nil }
		examiner.Ask(&one)
	}
	s.metrics = bot.NewMetrics(client)
	app := bot.New(bot.Options{Slack: client, Examiner: examiner, Concurrency: 8, Log: log, Metrics: s.metrics, Now: func() time.Time {
		if s.inAnswer.CompareAndSwap(true, false) {
			s.panicking()
		}
		return now()
	}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		client.Close()
		source.Close()
		_ = s.workspace.Close()
		s.issuer.Close()
	})
	t.Cleanup(s.stop)
	return s
}

// keySets answers with every key of the trial's ring where production's are asked for.
func (s *trial) keySets(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.issuer.mu.Lock()
		fail := s.issuer.fail
		s.issuer.mu.Unlock()
		switch {
		case fail != nil && fail(w):
		case r.URL.Path == "/prod-1":
			_, _ = w.Write(trialKeys("prod-1", "ec-256", "ec-384", "ec-521", "ed"))
		default:
			_, _ = w.Write(trialKeys(strings.Trim(r.URL.Path, "/")))
		}
	})
}

// trialEnvironments accept every algorithm, so that each is computed.
func (s *trial) trialEnvironments() []bot.Environment {
	list := s.environments()
	for i := range list {
		list[i].Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
		list[i].Policy = list[i].Policy.With("filler", "deep", "vip") // SHOW_CLAIMS: the guards alone stand before these
	}
	return list
}

// converse is one person's whole way, which must end with a view or a message.
func (s *trial) converse(n int, one specimen) {
	s.t.Helper()
	s.witness.token(one.token)
	for _, h := range one.hidden {
		s.witness.claim(h)
	}
	ctx := s.context()
	check := func(what string, err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatalf("%s: %s: %v", one.name, what, err)
		}
	}
	check("connection", s.workspace.Await(ctx, func(st *workspace.State) bool { return st.App.Connected }))
	ana := s.workspace.Person(workspace.Ana)
	_, link := s.incident()
	channel, text := workspace.Incidents, ""
	switch n % 4 {
	case 0, 1:
		text = link
	case 2:
		if s.weather.name != "Slack fails" { // the view is then the only way to tell anybody
			channel = workspace.General // where the bot may not post
		}
	}
	err := ana.Command(ctx, channel, "/jwt-check", text)
	for try := 0; err != nil && try < 50 && s.weather.after != nil; try++ { // a person tries again, too
		time.Sleep(10 * time.Millisecond)
		ana.CloseView() // the dialogue of a command whose acknowledgement was lost
		err = ana.Command(ctx, channel, "/jwt-check", text)
	}
	check("command", err)
	_, err = ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	check("modal", err)
	check("token", ana.Fill("token", one.paste))
	switch n % 3 { // beside it, what a server said that echoes the token and a person, or a token that works
	case 1:
		check("answer", ana.Fill("error", s.echo(one)))
	case 2:
		works := specimenOf(at, "works", "{}", `{"scope":"orders:read profile orders:write","region":"$7"}`)
		s.witness.token(works.token)
		for _, h := range works.hidden {
			s.witness.claim(h)
		}
		check("compare", ana.Fill("compare", works.paste))
	}
	alone := n%5 == 4
	if alone {
		check("share", ana.Fill("share", "me"))
	}
	if s.weather.before != nil {
		s.weather.before(s, n, one)
	}
	told := s.told()
	errs, err := ana.Submit(ctx)
	if s.weather.after != nil {
		s.weather.after(s, n)
	}
	if err == nil && len(errs) == 0 {
		check("nobody was told how it ended", s.workspace.Await(ctx, func(st *workspace.State) bool {
			for _, v := range st.Views {
				if v.User == workspace.Ana && v.Submit == "" && !strings.Contains(v.Reads, "Checking…") {
					return true
				}
			}
			return countTold(st) > told
		}))
	} else if err != nil && s.weather.after == nil {
		check("submit", err)
	}
	if alone && err == nil && len(errs) == 0 {
		_ = ana.ClickView(ctx, "post") // there is no draft where something failed
	}
	ana.CloseView()
	s.armed.Store(nil)
	s.inWork.Store(false)
	s.inAnswer.Store(false)
}

// echo is an answer of a server that quotes what it was sent, and a token of somebody else's.
func (s *trial) echo(one specimen) string {
	other := specimenOf(at, "echoed", "{}", `{}`)
	s.witness.token(other.token)
	hidden := strings.Join(append(other.hidden, one.hidden...), "@acme.example ")
	for _, h := range other.hidden {
		s.witness.claim(h)
	}
	return "HTTP/1.1 401 Unauthorized\nDate: Mon, 23 Nov 2026 09:59:58 GMT\nX-User: " + hidden + "@acme.example\n" +
		`WWW-Authenticate: Bearer error="insufficient_scope", scope="orders:write ` + hidden + `", error_description="` + one.token + ` has expired"` +
		"\n\n" + `{"message":"jwt expired","token":"` + other.token + `","header":"Authorization: Bearer ` + other.token + `"}`
}

// told is how many messages Ana alone has got.
func (s *trial) told() int {
	st := s.workspace.State("")
	return countTold(&st)
}

func countTold(st *workspace.State) (n int) {
	for _, c := range st.Channels {
		for _, m := range c.Messages {
			if m.To == workspace.Ana {
				n++
			}
		}
	}
	return n
}

// search ends the stage and looks into every byte that the bot sent, logged or counted.
func (s *trial) search() {
	s.t.Helper()
	s.issuer.failWith(nil)
	s.stop()
	outputs := map[string][]byte{"the log": []byte(s.log.String()), "the metrics": []byte(s.scrape())}
	for i, b := range s.workspace.Received() {
		outputs[fmt.Sprintf("what was sent to Slack, %d", i)] = b
	}
	bytes := 0
	for place, b := range outputs {
		bytes += len(b)
		if at, found := s.witness.in(b); found {
			s.t.Errorf("a piece of a secret in %s, at byte %d of %d", place, at, len(b)) // and never what
		}
	}
	for _, r := range s.workspace.Refusals() {
		if !strings.Contains(r, "not_in_channel") && r != "views.update: not_found" {
			s.t.Errorf("refused: %s", r)
		}
	}
	if bytes < 10_000 || s.witness.raw < 10_000 {
		s.t.Errorf("only %d bytes were searched, for %d of secrets", bytes, s.witness.raw)
	}
	if panics := strings.Contains(s.weather.name, "panics in") || strings.Contains(s.weather.name, "panics before"); panics != strings.Contains(s.log.String(), "a panic in the bot") {
		s.t.Errorf("panics in the log: %v, want %v", !panics, panics)
	}
}
