package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// TestConnectionsThatSlackCountsAreShown: and more than can be the app's own are remarked on, once.
func TestConnectionsThatSlackCountsAreShown(t *testing.T) {
	r := run(t, newFake(t), newHandler(), nil, nil)
	for _, c := range []struct {
		says    string
		counted int64
		warned  int
	}{{`8`, 8, 0}, {`"9"`, 0, 0}, {`1e9`, 0, 0}, {`9`, 9, 1}, {`10`, 10, 1}, {`2`, 2, 1}} {
		s := r.silent()
		s.send(`{"type":"hello","num_connections":` + c.says + `}`)
		s.send(command("e-1"))
		s.ack()
		log := r.log.String()
		if got, warned := r.client.Stats().Counted, strings.Count(log, "level=WARN msg=\"Slack counts more connections"); got != c.counted || warned != c.warned {
			t.Errorf("%s: %d counted, warned %d times", c.says, got, warned)
		}
		_ = s.ws.NetConn().Close()
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

// TestARevokedBotTokenEndsTheRun: whatever call hears of it first. What is under way has its grace, as at any other end.
func TestARevokedBotTokenEndsTheRun(t *testing.T) {
	for code, ends := range map[string]bool{
		"token_revoked": true, "token_expired": true, "account_inactive": true, "invalid_auth": true, "not_authed": true, "org_login_required": true,
		"missing_scope": false, "no_permission": false, "access_denied": false, "not_in_channel": false,
	} {
		t.Run(code, func(t *testing.T) {
			f := newFake(t)
			f.answer("chat.postMessage", answer{body: `{"ok":false,"error":"` + code + `"}`})
			h := newHandler()
			release, finished := make(chan struct{}), make(chan error, 1)
			var client atomic.Pointer[Client]
			h.respond = func(v any) (Ack, Work) {
				return Ack{}, func(ctx context.Context) {
					switch v.(Command).ID {
					case "posts":
						_, _ = client.Load().Post(ctx, "C1", "", summary())
					case "takes its time":
						<-release
						finished <- ctx.Err()
					}
				}
			}
			r := run(t, f, h, nil, func(c *Client) { client.Store(c) })
			s := r.next()
			for _, id := range []string{"takes its time", "posts"} {
				s.send(command(id))
				s.ack()
			}
			if ends {
				await(t, s.closed, "the end of the connection")
				close(release)
			} else {
				close(release)
				s.send(command("one more"))
				s.ack()
			}
			err := r.stop()
			e, ok := errors.AsType[*Error](err)
			if ok != ends || ok && (e.Code != code || e.Method != "chat.postMessage") {
				t.Errorf("Run returned %v", err)
			}
			if err := <-finished; err != nil {
				t.Errorf("work under way was cut short: %v", err)
			}
			if ends != strings.Contains(r.log.String(), "level=ERROR msg=\"Slack does not accept the bot token any more: nothing can be answered with it\" method=chat.postMessage code="+code) {
				t.Errorf("log: %s", r.log)
			}
		})
	}
}

func TestRunIsNotRunTwice(t *testing.T) {
	r := run(t, newFake(t), newHandler(), nil, nil)
	r.next()
	if err := r.client.Run(t.Context(), newHandler()); err == nil {
		t.Error("ran twice")
	}
}
