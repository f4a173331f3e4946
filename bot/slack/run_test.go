package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jwt-check-bot/redact"
)

func TestEveryEnvelopeIsAcknowledged(t *testing.T) {
	typed := token()
	h := newHandler()
	h.respond = func(v any) (Ack, Work) {
		switch v.(type) {
		case Submission:
			return AckErrors(map[string]redact.Text{"token": redact.Const("Too long.")}), nil
		case Event:
			return AckClear(), nil
		}
		return Ack{}, nil
	}
	r := run(t, newFake(t), h, nil, nil)
	s := r.next()
	for _, c := range []struct{ frame, want string }{
		{command("e-1"), `{"envelope_id":"e-1"}`},
		{submissionFrame("e-2", typed), `{"envelope_id":"e-2","payload":{"response_action":"errors","errors":{"token":"Too long."}}}`},
		{`{"envelope_id":"e-3","type":"events_api","accepts_response_payload":false,"payload":{"event":{"type":"app_mention"}}}`, `{"envelope_id":"e-3"}`},
		{envelopeFrame("e-4", `{"type":"view_closed"}`), `{"envelope_id":"e-4"}`},
		{`{"envelope_id":"e-5","type":"something_new"}`, `{"envelope_id":"e-5"}`},
		{`{"envelope_id":"e-6","type":"interactive","payload":{"text":` + quote(typed), `{"envelope_id":"e-6"}`},
	} {
		s.send(c.frame)
		if got := s.ack(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if r.client.Connected() != 1 {
		t.Errorf("%d connected", r.client.Connected())
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	got := r.client.Stats()
	if got.Envelopes != 5 || got.Acknowledged != 6 || got.Undecodable != 1 || got.Unknown != 2 || r.client.Connected() != 0 {
		t.Errorf("%+v", got)
	}
	if log := r.log.String(); strings.Contains(log, typed[:40]) || strings.Contains(log, "ticket") {
		t.Error("the log shows what it must not")
	}
}

func TestAcknowledgementsKeepTheirOrderAndNoneWaitsForWork(t *testing.T) {
	const n = 2000
	release, begun := make(chan struct{}), make(chan struct{}, n)
	h := newHandler()
	var done atomic.Int32
	h.respond = func(any) (Ack, Work) {
		return Ack{}, func(context.Context) { begun <- struct{}{}; <-release; done.Add(1) }
	}
	r := run(t, newFake(t), h, nil, nil)
	s := r.next()
	go func() {
		for i := range n {
			s.send(command(fmt.Sprint("e-", i)))
		}
	}()
	for i := range n {
		if got, want := s.ack(), fmt.Sprintf(`{"envelope_id":"e-%d"}`, i); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for range n {
		await(t, begun, "work")
	}
	if working := r.client.Stats().Working; working != n || done.Load() != 0 {
		t.Errorf("%d working, %d done", working, done.Load())
	}
	close(release)
	if err := r.client.Drain(t.Context()); err != nil || done.Load() != n {
		t.Errorf("%d done: %v", done.Load(), err)
	}
}

func TestPingsAreAnswered(t *testing.T) {
	clock := newTimers()
	r := run(t, newFake(t), newHandler(), nil, func(c *Client) { c.clock.after = clock.after })
	s := r.silent()
	ponged := make(chan string, 1)
	s.ws.SetPongHandler(func(data string) error { ponged <- data; return nil })
	s.send(`{"type":"hello"}`)
	if err := s.ws.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if got := await(t, ponged, "a pong"); got != "are you there" {
		t.Errorf("pong %q", got)
	}
	if watchdog := clock.first(silence); watchdog.restarts() < 2 {
		t.Error("a ping is no sign of life")
	}
}

func TestRenewalLeavesNoGap(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "something_new"} {
		t.Run(reason, func(t *testing.T) {
			clock := newTimers()
			r := run(t, newFake(t), newHandler(), nil, func(c *Client) { c.clock.after = clock.after })
			old := r.next()
			old.send(`{"type":"disconnect","reason":"` + reason + `"}`)
			successor := r.silent()
			old.send(command("before hello"))
			old.ack()
			successor.send(`{"type":"hello"}`)
			successor.send(command("on the new one"))
			successor.ack()
			old.send(command("still on the old one"))
			old.ack()
			clock.fire(t, linger)
			await(t, old.closed, "the end of the old connection")
			if old.code != websocket.CloseGoingAway {
				t.Errorf("closed with %d", old.code)
			}
			successor.send(command("after"))
			successor.ack()
		})
	}
}

func TestWhatHasArrivedIsAcknowledgedBeforeTheEnd(t *testing.T) {
	h := newHandler()
	r := run(t, newFake(t), h, nil, nil)
	s := r.next()
	const n = 100
	for i := range n {
		s.send(command(fmt.Sprint("e-", i)))
	}
	await(t, h.got, "the first envelope")
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	await(t, s.closed, "the end of the connection")
	if len(s.frames) != n || s.code != websocket.CloseGoingAway {
		t.Errorf("%d acknowledgements of %d, closed with %d", len(s.frames), n, s.code)
	}
}

func TestSilenceIsEnded(t *testing.T) {
	clock := newTimers()
	r := run(t, newFake(t), newHandler(), nil, func(c *Client) { c.clock.after = clock.after })
	s := r.next()
	s.send(command("e-1"))
	s.ack()
	clock.fire(t, silence)
	await(t, s.closed, "the end of the silent connection")
	s = r.next()
	s.send(command("e-2"))
	s.ack()
}

func TestALostConnectionIsReplaced(t *testing.T) {
	r := run(t, newFake(t), newHandler(), func(c *Config) { c.Connections = 2 }, nil)
	one, two := r.next(), r.next()
	_ = one.ws.NetConn().Close()
	three := r.next()
	for i, s := range []*socket{two, three} {
		s.send(command(fmt.Sprint("e-", i)))
		s.ack()
	}
}

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

func TestAPanicCostsNobodyElseAnything(t *testing.T) {
	secret := token()
	h := newHandler()
	h.respond = func(v any) (Ack, Work) {
		switch v.(Command).ID {
		case "handler":
			panic(secret)
		case "work":
			return Ack{}, func(context.Context) { panic(errors.New(secret)) }
		case "runtime":
			return Ack{}, func(context.Context) { _ = []int{}[len(v.(Command).Text.Expose())] }
		}
		return Ack{}, nil
	}
	r := run(t, newFake(t), h, nil, nil)
	s := r.next()
	for i, id := range []string{"handler", "work", "runtime", "fine"} {
		s.send(command(id))
		s.ack()
		if i < 3 {
			if place := await(t, h.panics, "word of a panic"); !strings.Contains(place, "run_test.go:") {
				t.Errorf("%s: place %q", id, place)
			}
		}
	}
	if r.stop() != nil || r.client.Stats().Panics != 3 {
		t.Errorf("%+v", r.client.Stats())
	}
	if strings.Contains(r.log.String(), secret[:30]) {
		t.Error("the log shows what was thrown")
	}
}

func TestWorkHasTheGraceAndThenIsCutShort(t *testing.T) {
	h := newHandler()
	begun, cut := make(chan struct{}), make(chan struct{})
	h.respond = func(any) (Ack, Work) {
		return Ack{}, func(ctx context.Context) { close(begun); <-ctx.Done(); close(cut) }
	}
	r := run(t, newFake(t), h, func(c *Config) { c.Grace = time.Millisecond }, nil)
	s := r.next()
	s.send(command("e-1"))
	s.ack()
	await(t, begun, "work")
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := r.client.Drain(short); err == nil {
		t.Error("drained although work is under way")
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	await(t, cut, "the end of the work's context")
}

func TestRunIsNotRunTwice(t *testing.T) {
	r := run(t, newFake(t), newHandler(), nil, nil)
	r.next()
	if err := r.client.Run(t.Context(), newHandler()); err == nil {
		t.Error("ran twice")
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
