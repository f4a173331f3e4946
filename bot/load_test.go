package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// crowd is a stage for many people at once, who write no log.
func crowd(t *testing.T, size int, options ...option) (*stage, []*workspace.Person) {
	quiet := slog.New(slog.DiscardHandler)
	options = append(options, func(o *bot.Options) { o.Log = quiet })
	s := newStageWith(t, bot.Manifest, func(w *workspace.Options, c *slack.Config, k *keys.Options) {
		c.Log, k.Log = quiet, quiet
	}, options...)
	people := make([]*workspace.Person, size)
	for i := range people {
		people[i] = s.workspace.Join(fmt.Sprintf("p%d", i))
	}
	return s, people
}

// all has everybody do something at the same time, and ends the test where somebody could not.
func (s *stage) all(people []*workspace.Person, do func(ctx context.Context, i int, p *workspace.Person) error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
	defer cancel()
	var wait sync.WaitGroup
	errs := make([]error, len(people))
	for i, p := range people {
		wait.Go(func() { errs[i] = do(ctx, i, p) })
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			refused := s.workspace.Refusals()
			s.t.Fatalf("person %d: %v; %d refusals, such as %q", i, err, len(refused), refused[:min(3, len(refused))])
		}
	}
}

// opens is a message of the person's own, and the form for its thread, filled in.
func opens(ctx context.Context, p *workspace.Person, token string) (thread string, err error) {
	if thread, err = p.Say(ctx, workspace.Incidents, "", "my call fails"); err != nil {
		return "", err
	}
	link := "https://acme.slack.com/archives/" + workspace.Incidents + "/p" + strings.Replace(thread, ".", "", 1)
	if err := p.Command(ctx, workspace.Incidents, "/jwt-check", link); err != nil {
		return "", err
	}
	if _, err := p.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" }); err != nil {
		return "", err
	}
	return thread, p.Fill("token", token)
}

// told waits for the view with the result, which comes last.
func told(ctx context.Context, p *workspace.Person) error {
	_, err := p.AwaitView(ctx, func(v workspace.View) bool {
		return strings.Contains(v.Reads, "Posted to the thread.") || strings.Contains(v.Reads, "ot posted: ") // or perhaps not
	})
	return err
}

// acknowledgements are the times that envelopes of a kind took, sorted.
func (s *stage) acknowledgements(kind string) []time.Duration {
	var list []time.Duration
	for _, e := range s.workspace.Envelopes() {
		if e.Kind == kind {
			if e.Acks != 1 || e.Redelivered != 0 {
				s.t.Errorf("%s: %d acknowledgements of %d deliveries", kind, e.Acks, 1+e.Redelivered)
			}
			list = append(list, e.AckedAfter)
		}
	}
	slices.Sort(list)
	return list
}

func spread(list []time.Duration) string {
	return fmt.Sprintf("p50 %v, p99 %v, at most %v", list[len(list)/2], list[len(list)*99/100], list[len(list)-1])
}

// heap is what is in use once everything that is free is known to be.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestAThousandConversations holds a hundred at once, from the command to the result in the view: every submission is
// answered once, nothing is kept of it, and no goroutine stays.
func TestAThousandConversations(t *testing.T) {
	const atOnce = 100
	times := 10
	if raceDetector {
		times = 2
	}
	s, people := crowd(t, atOnce)
	tokens := make([]string, atOnce)
	for i := range tokens {
		tokens[i] = ring().MustMint(at, good, fmt.Sprintf(`{"exp":"now-%dm"}`, 5+i))
	}
	var commands, submissions []time.Duration
	var heaps []int64
	var before goleak.Option
	goroutines := 0
	for round := range times {
		threads := make([]string, atOnce)
		s.all(people, func(ctx context.Context, i int, p *workspace.Person) error {
			var err error
			if threads[i], err = opens(ctx, p, tokens[i]); err != nil {
				return err
			}
			if errs, err := p.Submit(ctx); err != nil || len(errs) > 0 {
				return fmt.Errorf("submit: %v, %w", errs, err)
			}
			return told(ctx, p)
		})
		answers := map[string]int{}
		for _, c := range s.workspace.State("").Channels {
			for _, m := range c.Messages {
				if m.Bot && strings.Contains(m.Reads, "Rejected · expired") {
					answers[m.ThreadTS]++
				}
			}
		}
		for i, thread := range threads {
			if answers[thread] != 1 {
				t.Errorf("round %d, person %d: %d answers in the thread", round, i, answers[thread])
			}
		}
		commands = append(commands, s.acknowledgements("slash_commands")...)
		submissions = append(submissions, s.acknowledgements("view_submission")...)
		s.workspace.Forget()
		heaps = append(heaps, heap())
		if round == 0 { // by now everything that lives as long as the bot has begun
			before, goroutines = goleak.IgnoreCurrent(), runtime.NumGoroutine()
		}
	}
	slices.Sort(commands)
	slices.Sort(submissions)
	if len(submissions) != atOnce*times || len(commands) != atOnce*times {
		t.Errorf("%d commands and %d submissions", len(commands), len(submissions))
	}
	t.Logf("commands acknowledged: %s", spread(commands))
	t.Logf("submissions acknowledged: %s", spread(submissions))
	for i := range heaps {
		t.Logf("heap after %4d conversations: %.1f MiB", (i+1)*atOnce, float64(heaps[i])/(1<<20))
	}
	// The last views of 500 checks are kept for a second delivery: after that nothing more may come on top.
	if grown := slices.Max(heaps[times/2:]) - slices.Max(heaps[:times/2]); grown > 4<<20 && !raceDetector {
		t.Errorf("the heap grew by %d KiB over the second 500 conversations", grown>>10)
	}
	// A client keeps a bounded number of connections for the next calls, how many depends on luck.
	kept := []goleak.Option{before, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreAnyFunction("net/http.(*conn).serve")}
	if err := goleak.Find(kept...); err != nil {
		t.Errorf("goroutines are left: %v", err)
	}
	t.Logf("goroutines: %d after the first hundred, %d after the last; kept connections included", goroutines, runtime.NumGoroutine())
	s.finish()
}

// TestABurstOfAThousand: a thousand people press Check at once, while the issuers do not answer and Slack takes no
// message. Nobody waits for an acknowledgement, no ping is missed; who has no place is told, and everybody else
// gets their result once the others are there again.
func TestABurstOfAThousand(t *testing.T) {
	size := 1000
	if raceDetector {
		size = 300 // more than there are places
	}
	s, people := crowd(t, size)
	token := ring().MustMint(at, good, `{"exp":"now-5m"}`)
	for group := range slices.Chunk(people, 50) {
		s.all(group, func(ctx context.Context, _ int, p *workspace.Person) error {
			_, err := opens(ctx, p, token)
			return err
		})
	}
	release := s.hold()
	s.workspace.FailNext("chat.postMessage", 50, workspace.Fault{RetryAfter: 1})
	var full atomic.Int64
	refused := make([]bool, size)
	s.all(people, func(ctx context.Context, i int, p *workspace.Person) error {
		errs, err := p.Submit(ctx)
		if refused[i] = strings.HasPrefix(errs["token"], "Too many checks are under way."); refused[i] {
			full.Add(1)
		} else if err == nil && len(errs) > 0 {
			err = fmt.Errorf("errors on the form: %v", errs)
		}
		return err
	})
	acknowledged := s.acknowledgements("view_submission") // before the issuers are there again
	if len(acknowledged) != size {
		t.Errorf("%d acknowledged: %s", len(acknowledged), spread(acknowledged))
	}
	t.Logf("submissions acknowledged: %s; %d had no place and were told", spread(acknowledged), full.Load())
	if n := s.workspace.Connections(); n != 2 {
		t.Errorf("%d connections are left of 2: a ping was not answered", n)
	}
	if want := fmt.Sprintf("jwt_check_queue_refusals_total %d\n", full.Load()); full.Load() == 0 || !strings.Contains(s.scrape(), want) {
		t.Errorf("%d were refused, and the metrics do not say so", full.Load())
	}
	release()
	s.all(people, func(ctx context.Context, i int, p *workspace.Person) error {
		if refused[i] {
			return nil
		}
		return told(ctx, p)
	})
	opened := 0
	for _, c := range s.workspace.Calls() {
		if c.Method == "apps.connections.open" {
			opened++
		}
	}
	if opened != 2 {
		t.Errorf("%d connections were opened, and 2 are enough", opened)
	}
	s.finish()
}

// TestAThousandUnknownKeys: tokens whose key nobody has cost their issuer one question.
func TestAThousandUnknownKeys(t *testing.T) {
	var asked atomic.Int64
	issuer := newIssuer()
	defer issuer.Close()
	issuer.failWith(func(http.ResponseWriter) bool { asked.Add(1); return false })
	now := func() time.Time { return at }
	source := keys.New(keys.Options{Now: now})
	defer source.Close()
	examiner := bot.NewExaminer((&stage{issuer: issuer}).environments()[:1], source, probe.New(probe.Options{}), now)
	token, err := checks.Parse(redact.NewSecret(ring().MustMint(at, good, `{"kid":"stranger"}`)))
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 1000 {
		wait.Go(func() {
			if r := examiner.Examine(t.Context(), bot.Question{Token: token, Profile: examiner.Profile("")}); r.Cause != checks.UnknownKey {
				t.Errorf("the cause is %s", r.Cause)
			}
		})
	}
	wait.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("the issuer was asked %d times", n)
	}
}
