package slack

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// driven is a clock that goes on by what is slept, and ends the run after enough of it.
type driven struct {
	now    atomic.Int64
	slept  []time.Duration
	enough int
	end    chan struct{}
}

func newDriven(enough int) *driven {
	d := &driven{enough: enough, end: make(chan struct{})}
	d.now.Store(int64(time.Hour))
	return d
}

func (d *driven) sleep(ctx context.Context, wait time.Duration) error {
	d.slept = append(d.slept, wait)
	d.now.Add(int64(wait))
	if len(d.slept) == d.enough {
		close(d.end)
	}
	if len(d.slept) >= d.enough {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (d *driven) Now() time.Time { return time.Unix(0, d.now.Load()) }

func (d *driven) config(c *Config) { c.Sleep, c.Now = d.sleep, d.Now }

// lockstep is a clock for a number of sleepers: once all of them sleep it goes on to when the first
// wakes, until the end.
type lockstep struct {
	mu       sync.Mutex
	now      time.Time
	end      time.Time
	sleepers int
	asleep   map[chan struct{}]time.Time
	ended    chan struct{}
}

func newLockstep(sleepers int, lasts time.Duration) *lockstep {
	start := time.Unix(0, 0).Add(time.Hour)
	return &lockstep{now: start, end: start.Add(lasts), sleepers: sleepers, asleep: map[chan struct{}]time.Time{}, ended: make(chan struct{})}
}

func (l *lockstep) Now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *lockstep) sleep(ctx context.Context, d time.Duration) error {
	l.mu.Lock()
	woken := make(chan struct{})
	l.asleep[woken] = l.now.Add(d)
	if len(l.asleep) == l.sleepers {
		var first chan struct{}
		for c, until := range l.asleep {
			if first == nil || until.Before(l.asleep[first]) {
				first = c
			}
		}
		if l.now = l.asleep[first]; l.now.After(l.end) {
			close(l.ended) // the others sleep on
		} else {
			delete(l.asleep, first)
			close(first)
		}
	}
	l.mu.Unlock()
	select {
	case <-woken:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func TestAServerThatGreetsAndHangsUpIsNotStormed(t *testing.T) {
	for reason, first := range map[string]int{"refresh_requested": 10, "": 10, "too_many_websockets": 4, "link_disabled": 4} {
		t.Run(reason, func(t *testing.T) {
			f := newFake(t)
			const minutes = 20
			l := newLockstep(2, minutes*time.Minute)
			quit := make(chan struct{})
			defer close(quit)
			r := run(t, f, newHandler(), func(c *Config) { c.Connections, c.Sleep, c.Now = 2, l.sleep, l.Now }, nil)
			var mu sync.Mutex
			var opens []time.Duration
			start := l.Now()
			go func() {
				for {
					select {
					case <-quit:
						return
					case s := <-f.sockets:
						mu.Lock()
						opens = append(opens, l.Now().Sub(start))
						mu.Unlock()
						_ = s.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
						if reason != "" {
							_ = s.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"disconnect","reason":"`+reason+`"}`))
						}
						_ = s.ws.NetConn().Close()
					}
				}
			}()
			await(t, l.ended, "twenty minutes")
			_ = r.stop()
			mu.Lock()
			defer mu.Unlock()
			early := 0
			for _, at := range opens {
				if at < time.Minute {
					early++
				}
			}
			if rest := float64(len(opens)-early) / (minutes - 1); early > first || rest > 5 || len(opens) < 3 {
				t.Errorf("%d connections opened in the first minute, then %.1f a minute", early, rest)
			} else {
				t.Logf("%d connections opened in the first minute, then %.1f a minute", early, rest)
			}
		})
	}
}

func TestWhoDoesNotGreetIsNotWaitedFor(t *testing.T) {
	clock := newTimers()
	r := run(t, newFake(t), newHandler(), nil, func(c *Client) { c.clock.after = clock.after })
	s := r.silent()
	clock.fire(t, helloTimeout)
	await(t, s.closed, "the end of the silent connection")
	s = r.next()
	s.send(command("e-1"))
	s.ack()
}

// TestAReasonBeforeHelloCounts: Slack may refuse a connection instead of greeting it.
func TestAReasonBeforeHelloCounts(t *testing.T) {
	for reason, want := range map[string]struct {
		least time.Duration
		says  string
	}{
		"link_disabled":       {disabledDelay, "switch it on"},
		"too_many_websockets": {crowdedDelay, "run fewer replicas"},
		"refresh_requested":   {0, "code=refresh_requested"},
		"<odd>":               {0, "code=unknown"},
	} {
		t.Run(reason, func(t *testing.T) {
			d := newDriven(1)
			r := run(t, newFake(t), newHandler(), d.config, nil)
			s := r.silent()
			s.send(`{"type":"disconnect","reason":"` + reason + `"}`)
			await(t, s.closed, "the end of the connection")
			await(t, d.end, "a wait")
			_ = r.stop()
			if log := r.log.String(); d.slept[0] < want.least || !strings.Contains(log, want.says) {
				t.Errorf("waited %v; log: %s", d.slept, log)
			}
		})
	}
}

func TestOpeningBacksOffAndObeysRetryAfter(t *testing.T) {
	f := newFake(t)
	f.answer("apps.connections.open",
		answer{status: 503, body: "<html>"}, answer{body: `{"ok":false,"error":"internal_error"}`},
		answer{status: 429, retryAfter: "77", body: "{}"}, answer{body: "not JSON"}, answer{body: `{"ok":true,"url":"ws://192.0.2.1/"}`})
	d := newDriven(1000)
	r := run(t, f, newHandler(), d.config, nil)
	r.next()
	_ = r.stop()
	if len(d.slept) < 5 || d.slept[2] < 77*time.Second || d.slept[4] <= d.slept[0] {
		t.Errorf("slept %v", d.slept)
	}
	if log := r.log.String(); strings.Contains(log, "html") || strings.Contains(log, "192.0.2.1") {
		t.Errorf("foreign words in the log: %s", log)
	}
}

func TestFatalCodesEndTheRun(t *testing.T) {
	for _, code := range []string{
		"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "not_allowed_token_type",
		"org_login_required", "team_access_not_granted", "access_denied", "forbidden_team", "no_permission",
	} {
		t.Run(code, func(t *testing.T) {
			f := newFake(t)
			f.answer("apps.connections.open", answer{body: `{"ok":false,"error":"` + code + `","needed":"connections:write"}`})
			c, _ := newClient(t, f, nil)
			err := c.Run(t.Context(), newHandler())
			fatal, ok := errors.AsType[*Fatal](err)
			if !ok || fatal.Code != code || len(fatal.Error()) < 60 {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestMayConnectAsksOnceAndDialsNothing(t *testing.T) {
	f := newFake(t)
	f.answer("apps.connections.open", answer{}, answer{body: `{"ok":false,"error":"invalid_auth"}`},
		answer{status: 503}, answer{body: `{"ok":true,"url":"http://elsewhere.example/"}`})
	c, _ := newClient(t, f, nil)
	if err := c.MayConnect(t.Context()); err != nil {
		t.Error(err)
	}
	if refused, ok := errors.AsType[*Fatal](c.MayConnect(t.Context())); !ok || refused.Code != "invalid_auth" {
		t.Errorf("%+v", refused)
	}
	for _, code := range []string{"http_503", CodeBadAnswer} {
		if e, ok := errors.AsType[*Error](c.MayConnect(t.Context())); !ok || e.Code != code {
			t.Errorf("%+v, want %s", e, code)
		}
	}
	if n := len(f.requests("apps.connections.open")); n != 4 || len(f.sockets) != 0 || c.Connected() != 0 {
		t.Errorf("%d calls, %d sockets", n, len(f.sockets))
	}
}
