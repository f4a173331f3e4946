package slack

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// repeat says when a call may be made again after it failed.
type repeat uint8

const (
	never    repeat = iota
	unsent          // only if Slack cannot have seen it, or said that it did nothing
	harmless        // doing it twice is as good as once
)

const (
	maxAttempts = 4
	maxLimited  = 10          // of them where Slack asks for patience: it says for how long
	longestWait = time.Minute // the longest Retry-After that is waited for: later nobody waits for the message
	attemptTime = 3 * time.Second
)

// call runs do, translates its error and repeats it as far as how allows and ctx leaves time.
func (c *Client) call(ctx context.Context, method string, how repeat, do func(context.Context) error) error {
	for attempt, limited := 1, 0; ; attempt++ {
		var sent atomic.Bool
		trying, tried := attemptOf(ctx, how, attempt)
		traced := httptrace.WithClientTrace(trying, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
		c.stats.calls.Add(1)
		started := c.clock.now()
		err := c.translate(ctx, method, do(traced))
		tried()
		e, ok := errors.AsType[*Error](err)
		c.debug(ctx, "Slack was asked", slog.String("method", method), slog.String("outcome", outcome(err)), slog.Int("attempt", attempt),
			slog.Int64("duration_ms", c.clock.now().Sub(started).Milliseconds()))
		if ok && method != openMethod && e.revokes() && c.revoked.CompareAndSwap(nil, e) {
			c.log.ErrorContext(ctx, "Slack does not accept the bot token any more: nothing can be answered with it", "method", method, "code", e.Code)
			close(c.refused)
		}
		if ok && e.Code == CodeRateLimited && limited < maxLimited {
			limited++
			attempt--
		}
		if !ok || attempt == maxAttempts || !e.repeatable(how, sent.Load()) {
			return err
		}
		wait := backoff(attempt+limited, 250*time.Millisecond, 5*time.Second)
		if e.RetryAfter > 0 {
			wait = e.RetryAfter + jitter(250*time.Millisecond)
		}
		if e.RetryAfter > longestWait || outlasts(ctx, wait) {
			return err
		}
		c.stats.retries.Add(1)
		if c.clock.sleep(ctx, wait) != nil {
			return err
		}
	}
}

// attemptOf bounds one attempt of a call that may be repeated, so that where Slack leaves it hanging there is time for
// another: longer each time, since Slack may be slow, and the last has all that is left.
func attemptOf(ctx context.Context, how repeat, attempt int) (context.Context, context.CancelFunc) {
	d := time.Duration(attempt) * attemptTime
	if how != harmless || attempt >= maxAttempts || outlasts(ctx, d+attemptTime/2) {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

// outcome is how a call ended, in a word.
func outcome(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if errors.Is(err, ErrWithheld) {
		return "withheld"
	}
	return "ok"
}

func (e *Error) repeatable(how repeat, sent bool) bool {
	switch e.Code {
	case CodeRateLimited:
		return how != never
	case CodeCanceled:
		return false
	case CodeUnreachable, CodeTimeout:
		// What the caller's context leaves of time is seen by call.
		return how == harmless || how == unsent && !sent
	}
	return how == harmless && e.Unclear()
}

// outlasts reports whether waiting would take longer than ctx does.
func outlasts(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && deadline.Before(time.Now().Add(wait))
}

// backoff is the wait after the nth failure: first, doubled each time up to most, and jittered
// between half and all of it so that clients that failed together do not return together.
func backoff(n int, first, most time.Duration) time.Duration {
	d := most
	if n < 16 {
		d = min(first<<max(n-1, 0), most)
	}
	return d/2 + jitter(d/2)
}

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most)
}
