package bot

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/mint"
	"jwt-check-bot/redact"
)

// examined begins to ask these parties about a good token of the first of three environments. Party i
// stands for the issuer of environment i.
func examined(t *testing.T, parties ...*party) *Examination {
	t.Helper()
	ring := mint.NewKeys()
	if err := ring.Key("one", "ES256"); err != nil {
		t.Fatal(err)
	}
	set := checks.NewKeySet([]checks.Key{{ID: "one", Type: "EC", Curve: "P-256", Public: ring.Public("one")}})
	var environments []Environment
	for _, name := range []string{"production", "staging", "test"} {
		environments = append(environments, Environment{
			Profile: &checks.Profile{Name: name, Issuer: "https://" + name + ".example", Algorithms: []string{"ES256"}},
			Keys:    keys.Origin{JWKSURL: "https://" + name + ".example/keys"},
		})
	}
	e := NewExaminer(environments, nil, nil, time.Now)
	token, err := checks.Parse(redact.NewSecret(ring.MustMint(time.Now(),
		`{"alg":"ES256","kid":"one","iss":"https://production.example","iat":"now-1m","exp":"now+1h"}`)))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range parties {
		real := e.keySet(i, "")
		p.name, p.missed = real.name, real.missed
		if p.within == 0 {
			p.within = 5 * time.Second
		}
		if p.ask == nil {
			p.ask = func(context.Context) answer {
				return func(e *checks.Evidence) {
					e.Keys[i] = checks.KeyEvidence{Set: set, Source: redact.Msg("the test"), Fresh: true}
				}
			}
		}
	}
	return e.begin(t.Context(), Question{Token: token, Profile: environments[0].Profile}, parties)
}

func names(ms []redact.Message) string {
	var all []string
	for _, m := range ms {
		all = append(all, redact.Policy{}.Text(m).String())
	}
	return strings.Join(all, ", ")
}

// problem is what the evidence says of an environment's keys.
func problem(r *checks.Report, i int) string {
	return redact.Policy{}.Text(r.Case.Evidence.Keys[i].Problem).String()
}

func slow(d time.Duration) func(context.Context) answer {
	return func(ctx context.Context) answer {
		select {
		case <-time.After(d):
			return func(e *checks.Evidence) {}
		case <-ctx.Done():
			return func(e *checks.Evidence) { e.Keys[1].Problem = redact.Msg("it says itself that its time is up") }
		}
	}
}

func TestASlowPartyDelaysItsOwnLinesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		x := examined(t, &party{}, &party{ask: slow(3 * time.Second)}, &party{ask: slow(4 * time.Second)})
		if x.Wait(time.After(time.Second)) {
			t.Fatal("nobody is waited for")
		}
		if got := names(x.Waiting()); got != "the key set of staging, the key set of test" {
			t.Errorf("waits for %s", got)
		}
		r := x.Report()
		if r.Verdict != checks.Accept || problem(r, 0) != "" || problem(r, 1) != "the key set of staging could not be had: no answer yet" {
			t.Errorf("%s, %q, %q", r.Verdict, problem(r, 0), problem(r, 1))
		}
		if !x.Wait(nil) || len(x.Waiting()) > 0 || problem(x.Report(), 1) != "" {
			t.Errorf("still waits for %s", names(x.Waiting()))
		}
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("took %v: not at the same time", took)
		}
		if problem(r, 1) == "" {
			t.Error("an earlier report changed")
		}
	})
}

func TestWhoDoesNotAnswerIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		stuck := make(chan struct{})
		defer close(stuck)
		x := examined(t,
			&party{ask: func(context.Context) answer { <-stuck; return nil }},
			&party{ask: slow(time.Hour)},
			&party{ask: func(context.Context) answer { panic("what it says may quote a token") }})
		x.Wait(nil)
		r := x.Report()
		for i, want := range []string{
			"the key set of production could not be had: no answer came in time",
			"it says itself that its time is up",
			"the key set of test could not be had: it could not be asked, by a fault of the bot's own; please report it",
		} {
			if got := problem(r, i); got != want {
				t.Errorf("%d: %s, want %s", i, got, want)
			}
		}
		if r.Cause != checks.Unknown {
			t.Errorf("cause %s", r.Cause)
		}
		if took := time.Since(began); took != 5*time.Second+overtime {
			t.Errorf("took %v", took)
		}
	})
}

func TestWhoIsAskedMayDependOnWhatIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		known := func(r *checks.Report) bool { return r.Case.Evidence.Keys[0].Set != nil }
		x := examined(t, &party{}, &party{wanted: known, ask: slow(time.Second)}, &party{wanted: func(*checks.Report) bool { return false }})
		if x.Wait(time.After(time.Millisecond)) || names(x.Waiting()) != "the key set of staging" {
			t.Errorf("waits for %s", names(x.Waiting()))
		}
		if !x.Wait(nil) || x.Report().Case.Evidence.Keys[2].Set != nil {
			t.Error("somebody was asked whose answer nobody wants")
		}
	})
}
