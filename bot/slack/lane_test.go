package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestABurstWaitsOnceForAll: of many messages to one conversation that is told to slow down, one is
// told; the others wait behind it, in order, and other conversations do not wait.
func TestABurstWaitsOnceForAll(t *testing.T) {
	f := newFake(t)
	f.answer("chat.postMessage", answer{status: 429, retryAfter: "30", body: "{}"})
	told, slow := make(chan time.Duration), make(chan struct{})
	c, _ := newClient(t, f, func(c *Config) {
		c.Sleep = func(ctx context.Context, d time.Duration) error {
			if d >= 30*time.Second {
				told <- d
				<-slow
			}
			return ctx.Err()
		}
	})
	var posts sync.WaitGroup
	post := func(channel string) {
		posts.Go(func() {
			if _, err := c.Post(t.Context(), channel, "", summary()); err != nil {
				t.Error(err)
			}
		})
	}
	post("C1")
	await(t, told, "the first one's wait")
	for range 20 {
		post("C1")
	}
	if c.Idle("C1") || !c.Idle("C2") {
		t.Error("the wrong one is idle")
	}
	if _, err := c.Post(t.Context(), "C2", "", summary()); err != nil {
		t.Error(err)
	}
	if n := len(f.requests("chat.postMessage")); n != 2 {
		t.Errorf("%d calls while one conversation waits", n)
	}
	close(slow)
	posts.Wait()
	if n := len(f.requests("chat.postMessage")); n != 1+1+21 {
		t.Errorf("%d calls for 22 messages of which one was told to slow down", n)
	}
}

// TestWhoDoesNotWaitClosesTheLane: the next message waits for as long as Slack said to one that did not.
func TestWhoDoesNotWaitClosesTheLane(t *testing.T) {
	f := newFake(t)
	f.answer("chat.postMessage", answer{status: 429, retryAfter: "30", body: "{}"})
	d := newDriven(1 << 20)
	c, _ := newClient(t, f, d.config)
	hasty, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 2 {
		_, err := c.Post(hasty, "C1", "", summary())
		if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter < 29*time.Second || c.Idle("C1") {
			t.Errorf("%v", err)
		}
	}
	start := d.Now()
	if _, err := c.Post(t.Context(), "C1", "", summary()); err != nil {
		t.Error(err)
	}
	if waited, calls := d.Now().Sub(start), len(f.requests("chat.postMessage")); waited != 30*time.Second || calls != 2 {
		t.Errorf("waited %v, %d calls", waited, calls)
	}
}

// TestALongRetryAfterIsObeyed: a minute is waited for; for longer the lane is closed, to those that come later too.
func TestALongRetryAfterIsObeyed(t *testing.T) {
	f := newFake(t)
	d := newDriven(1 << 20)
	c, _ := newClient(t, f, d.config)
	calls := func() int { return len(f.requests("chat.postMessage")) }
	f.answer("chat.postMessage", answer{status: 429, retryAfter: "60", body: "{}"})
	start := d.Now()
	if _, err := c.Post(t.Context(), "C1", "", summary()); err != nil || d.Now().Sub(start) < time.Minute || calls() != 2 {
		t.Errorf("after %v and %d calls: %v", d.Now().Sub(start), calls(), err)
	}
	for asked, closed := range map[string]time.Duration{"61": 61 * time.Second, "600": 10 * time.Minute, "86400": longestShut} {
		f.answer("chat.postMessage", answer{status: 429, retryAfter: asked, body: "{}"})
		if _, err := c.Post(t.Context(), "C1", "", summary()); err == nil {
			t.Error("posted")
		}
		before := calls()
		hasty, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		d.now.Add(int64(closed - 20*time.Second))
		_, err := c.Post(hasty, "C1", "", summary())
		if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 20*time.Second || c.Idle("C1") || calls() != before {
			t.Errorf("Retry-After %s, shortly before: %v, %d calls", asked, err, calls()-before)
		}
		d.now.Add(int64(21 * time.Second))
		if _, err := c.Post(hasty, "C1", "", summary()); err != nil {
			t.Errorf("Retry-After %s, afterwards: %v", asked, err)
		}
		cancel()
	}
}

// TestALimitedMethodIsNotAskedAgain: after one call was told to wait none asks until then, and other methods go on.
func TestALimitedMethodIsNotAskedAgain(t *testing.T) {
	for method, call := range map[string]func(context.Context, *Client) error{
		"views.update":          func(ctx context.Context, c *Client) error { return c.UpdateView(ctx, "V1", dialogue()) },
		"views.open":            func(ctx context.Context, c *Client) error { _, err := c.OpenView(ctx, "1.2", dialogue()); return err },
		"views.publish":         func(ctx context.Context, c *Client) error { return c.PublishHome(ctx, "U1", summary().Blocks) },
		"users.info":            func(ctx context.Context, c *Client) error { _, err := c.User(ctx, "U1"); return err },
		"chat.postEphemeral":    func(ctx context.Context, c *Client) error { return c.Ephemeral(ctx, "C1", "U1", "", summary()) },
		"auth.test":             func(ctx context.Context, c *Client) error { _, err := c.Identify(ctx); return err },
		"apps.connections.open": func(ctx context.Context, c *Client) error { return c.MayConnect(ctx) },
	} {
		t.Run(method, func(t *testing.T) {
			f := newFake(t)
			d := newDriven(1 << 20)
			c, _ := newClient(t, f, d.config)
			f.answer(method, answer{status: 429, retryAfter: "30", body: "{}"})
			hasty, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			for range 3 {
				err := call(hasty, c)
				if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeRateLimited || e.Method != method || e.RetryAfter < 30*time.Second {
					t.Errorf("%v", err)
				}
			}
			if n := len(f.requests(method)); n != 1 {
				t.Errorf("asked %d times", n)
			}
			if _, err := c.Post(hasty, "C1", "", summary()); err != nil {
				t.Errorf("another method: %v", err)
			}
			d.now.Add(int64(30 * time.Second))
			if err := call(hasty, c); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// TestABurstOfCallsWaitsOnceForAll: of many calls of a method that is limited, one is told, and all are made.
func TestABurstOfCallsWaitsOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		c, _ := overLine(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) == 1 {
				w.Header().Set("Retry-After", "30")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			_, _ = io.WriteString(w, `{"ok":true,"channel":{"id":"C1"}}`)
		})
		began := time.Now()
		var calls sync.WaitGroup
		look := func() {
			calls.Go(func() {
				if _, err := c.Channel(t.Context(), "C1"); err != nil {
					t.Error(err)
				}
			})
		}
		look()
		synctest.Wait()
		for range 20 {
			look()
		}
		synctest.Wait()
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times while the method is closed", n)
		}
		calls.Wait()
		if took := time.Since(began); asked.Load() != 22 || took < 30*time.Second || took > 32*time.Second {
			t.Errorf("asked %d times within %v", asked.Load(), took)
		}
	})
}

func TestMessagesOfAConversationAreSpaced(t *testing.T) {
	f := newFake(t)
	d := newDriven(1 << 20)
	c, _ := newClient(t, f, d.config)
	start := d.Now()
	for range 10 {
		if _, err := c.Post(t.Context(), "C1", "", summary()); err != nil {
			t.Fatal(err)
		}
	}
	if took := d.Now().Sub(start); took != (10-messageBurst)*messageEvery {
		t.Errorf("10 messages left within %v", took)
	}
	d.now.Add(int64(time.Minute))
	start = d.Now()
	for i := range 5 {
		if i > 0 && c.Idle("C1") {
			t.Error("idle right after an edit")
		}
		if err := c.Update(t.Context(), "C1", "1.2", summary()); err != nil {
			t.Fatal(err)
		}
	}
	if took := d.Now().Sub(start); took != 4*editEvery {
		t.Errorf("5 edits left within %v", took)
	}
}

func TestWhoseTurnDoesNotComeIsToldSo(t *testing.T) {
	f := newFake(t)
	c, _ := newClient(t, f, nil)
	l := c.lanes.enter("C1", c.clock.now())
	<-l.turn
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Post(ctx, "C1", "", summary())
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeRateLimited || !errors.Is(err, context.Canceled) || len(f.requests("chat.postMessage")) != 0 {
		t.Errorf("%v", err)
	}
}

func TestLanesAreForgotten(t *testing.T) {
	var ls lanes
	now := time.Unix(1e9, 0)
	for i := range 3 * maxLanes {
		now = now.Add(messageEvery)
		ls.leave(ls.enter(fmt.Sprint("C", i), now), now)
	}
	if len(ls.byChannel) > maxLanes {
		t.Errorf("%d lanes", len(ls.byChannel))
	}
}

func TestWhatCannotBeEdited(t *testing.T) {
	f := newFake(t)
	c, _ := newClient(t, f, nil)
	for code, want := range map[string]bool{"message_not_found": true, "edit_window_closed": true, "cant_update_message": true, "not_in_channel": false} {
		f.answer("chat.update", answer{body: `{"ok":false,"error":"` + code + `"}`})
		if err := c.Update(t.Context(), "C1", "1.2", summary()); errors.Is(err, ErrNotEditable) != want || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// TestLanesOfABurst: many conversations at once are all kept, for the next message of each may have to
// wait, and each new one does not look through all others; those that are idle are forgotten later.
func TestLanesOfABurst(t *testing.T) {
	var ls lanes
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	enter := func(i int) { ls.leave(ls.enter(fmt.Sprint("C", i), now), now) }
	for i := range 3 * maxLanes {
		enter(i)
	}
	if n := len(ls.byChannel); n != 3*maxLanes {
		t.Errorf("%d of %d are kept", n, 3*maxLanes)
	}
	if ls.looked != 2*maxLanes {
		t.Errorf("looked through last at %d, not at each doubling alone", ls.looked)
	}
	now = now.Add(time.Minute)
	for i := range 2 * maxLanes {
		enter(3*maxLanes + i)
	}
	if n := len(ls.byChannel); n > 2*maxLanes {
		t.Errorf("%d are kept", n)
	}
}
