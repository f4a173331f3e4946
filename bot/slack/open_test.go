package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

// TestAServerThatHangsUpIsNotStormed: whatever it says before it does.
func TestAServerThatHangsUpIsNotStormed(t *testing.T) {
	const hello, disconnect = `{"type":"hello"}`, `{"type":"disconnect","reason":"%s"}`
	for name, c := range map[string]struct {
		says        []string
		first       int     // openings in the first minute, at most
		rest, least float64 // and then a minute
	}{
		"nothing":                     {nil, 4, 2.5, 1},
		"hello":                       {[]string{hello}, 4, 2.5, 1},
		"hello, warning":              {[]string{hello, fmt.Sprintf(disconnect, "warning")}, 4, 2.5, 1},
		"hello, refresh_requested":    {[]string{hello, fmt.Sprintf(disconnect, "refresh_requested")}, 4, 2.5, 1},
		"refresh_requested":           {[]string{fmt.Sprintf(disconnect, "refresh_requested")}, 4, 2.5, 1},
		"hello, too_many_websockets":  {[]string{hello, fmt.Sprintf(disconnect, "too_many_websockets")}, 2, 1, .1},
		"too_many_websockets":         {[]string{fmt.Sprintf(disconnect, "too_many_websockets")}, 2, 1, .1},
		"hello, link_disabled":        {[]string{hello, fmt.Sprintf(disconnect, "link_disabled")}, 2, 1, .1},
		"link_disabled":               {[]string{fmt.Sprintf(disconnect, "link_disabled")}, 2, 1, .1},
		"hello, something of its own": {[]string{hello, fmt.Sprintf(disconnect, "something_new")}, 4, 2.5, 1},
	} {
		t.Run(name, func(t *testing.T) {
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
						for _, frame := range c.says {
							_ = s.ws.WriteMessage(websocket.TextMessage, []byte(frame))
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
			rest := float64(len(opens)-early) / (minutes - 1)
			t.Logf("%d connections opened in the first minute, then %.1f a minute", early, rest)
			if early > c.first || early < 2 || rest > c.rest || rest < c.least {
				t.Errorf("want at most %d, then between %.1f and %.1f", c.first, c.least, c.rest)
			}
		})
	}
}

// TestOpeningsThatAreDueDoNotWait: neither those of the start, nor one after it, nor those of a renewal, nor those of one right after it.
func TestOpeningsThatAreDueDoNotWait(t *testing.T) {
	f := newFake(t)
	var now, slept atomic.Int64
	now.Store(int64(time.Hour))
	clock := newTimers()
	r := run(t, f, newHandler(), func(c *Config) {
		c.Connections = 2
		c.Now = func() time.Time { return time.Unix(0, now.Load()) }
		c.Sleep = func(ctx context.Context, d time.Duration) error { slept.Add(int64(d)); return ctx.Err() }
	}, func(c *Client) { c.clock.after = clock.after })
	next := func() (pair [2]*socket) {
		for i := range pair {
			pair[i] = r.next()
			pair[i].send(command("e-1"))
			pair[i].ack()
		}
		return pair
	}
	pair := next()
	if waited := slept.Load(); waited != 0 {
		t.Errorf("waited %v at the start", time.Duration(waited))
	}
	_ = pair[0].ws.NetConn().Close()
	pair[0] = r.next()
	pair[0].send(command("e-1"))
	pair[0].ack()
	if time.Duration(slept.Load()) > firstDelay {
		t.Errorf("waited %v for one that was lost right after the start", time.Duration(slept.Load()))
	}
	for day := range 3 {
		now.Add(int64(5 * time.Hour))
		for again := range 2 {
			slept.Store(0)
			for _, s := range pair {
				s.send(`{"type":"disconnect","reason":"refresh_requested"}`)
			}
			pair = next()
			if waited := time.Duration(slept.Load()); waited > time.Duration(again)*2*firstDelay {
				t.Errorf("waited %v for the renewal %d.%d", waited, day, again)
			}
		}
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

// TestARefusedHandshakeAndACloseAreTold by their codes. An address that is not found is no reason to give up.
func TestARefusedHandshakeAndACloseAreTold(t *testing.T) {
	f := newFake(t)
	var refusals atomic.Int32
	f.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/socket" {
			f.ServeHTTP(w, r)
			return
		}
		switch refusals.Add(1) {
		case 1:
			http.Error(w, "quotes the ticket", http.StatusNotFound)
		case 2:
			w.Header().Set("Retry-After", "99")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			f.ServeHTTP(w, r)
		}
	})
	d := newDriven(1 << 20)
	r := run(t, f, newHandler(), d.config, nil)
	s := r.next()
	_ = s.ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseMessageTooBig, "quotes a frame"))
	r.next()
	_ = r.stop()
	if !slices.Contains(d.slept, 99*time.Second) {
		t.Errorf("slept %v", d.slept)
	}
	log := r.log.String()
	for _, want := range []string{"code=http_404", "code=ratelimited", "reason=closed_1009"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s: %s", want, log)
		}
	}
	if strings.Contains(log, "quotes") {
		t.Error("foreign words in the log")
	}
}

func TestOpeningBacksOffAndObeysRetryAfter(t *testing.T) {
	f := newFake(t)
	f.answer(openMethod,
		answer{status: 503, body: "<html>"}, answer{body: `{"ok":false,"error":"internal_error"}`},
		answer{status: 429, retryAfter: "77", body: "{}"}, answer{body: "not JSON"}, answer{body: `{"ok":true,"url":"ws://192.0.2.1/"}`})
	d := newDriven(1000)
	var opened []time.Time
	f.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, openMethod) {
			opened = append(opened, d.Now())
		}
		f.ServeHTTP(w, r)
	})
	r := run(t, f, newHandler(), d.config, nil)
	r.next()
	_ = r.stop()
	if len(opened) != 6 {
		t.Fatalf("opened at %v", opened)
	}
	for i := range 5 {
		least, most := openEvery-time.Second, openEvery+firstDelay<<i // it was counted
		switch {
		case i == 0: // one is spare
			least, most = firstDelay/2, firstDelay
		case i == 2:
			least, most = 77*time.Second, 77*time.Second
		case i > 2: // and there is again
			least = 0
		}
		if gap := opened[i+1].Sub(opened[i]); gap < least || gap > most {
			t.Errorf("the opening after the failure %d came after %v, not between %v and %v", i, gap, least, most)
		}
	}
	if log := r.log.String(); strings.Contains(log, "html") || strings.Contains(log, "192.0.2.1") || !strings.Contains(log, "few are opened a minute\" delay=") {
		t.Errorf("foreign words in the log: %s", log)
	}
}

// TestOpeningsThatSlackNeverSawAreNotCounted: after a failure of the network, however long, nothing but the back-off
// is waited for.
func TestOpeningsThatSlackNeverSawAreNotCounted(t *testing.T) {
	f := newFake(t)
	d := newDriven(1000)
	var failed atomic.Int32
	f.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, openMethod) && failed.Add(1) <= 20 {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_ = conn.Close()
			return
		}
		f.ServeHTTP(w, r)
	})
	r := run(t, f, newHandler(), d.config, nil)
	r.next()
	_ = r.stop()
	if len(d.slept) != 20 {
		t.Errorf("slept %v for 20 failures", d.slept)
	}
	for i, slept := range d.slept {
		if most := min(firstDelay<<i, failureDelay); slept > most || slept < most/2 {
			t.Errorf("slept %v after the failure %d", slept, i)
		}
	}
}

func TestFatalCodesEndTheRun(t *testing.T) {
	for _, code := range []string{
		"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "not_allowed_token_type",
		"org_login_required", "team_access_not_granted", "access_denied", "forbidden_team", "no_permission",
	} {
		t.Run(code, func(t *testing.T) {
			f := newFake(t)
			f.answer(openMethod, answer{body: `{"ok":false,"error":"` + code + `","needed":"connections:write"}`})
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
	f.answer(openMethod, answer{}, answer{body: `{"ok":false,"error":"invalid_auth"}`},
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
	if n := len(f.requests(openMethod)); n != 4 || len(f.sockets) != 0 || c.Connected() != 0 {
		t.Errorf("%d calls, %d sockets", n, len(f.sockets))
	}
}
