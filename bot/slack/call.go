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

	firstAttempt = 3 * time.Second
)

// call runs do, translates its error and repeats it as far as how allows and ctx leaves time. While Slack takes nothing
// of the method it waits, or fails at once where ctx does not leave the time for that.
func (c *Client) call(ctx context.Context, method string, how repeat, do func(context.Context) error) error {
	var waited time.Time // until when
	for attempt, limited := 1, 0; ; attempt++ {
		if until := c.methods.closed(method); until.After(waited) && until.After(c.clock.now()) {
			left := until.Sub(c.clock.now())
			wait := left + jitter(time.Second) // whoever comes first may close it again
			if limited >= maxLimited || left > longestWait || outlasts(ctx, wait) || c.clock.sleep(ctx, wait) != nil {
				return c.outOfTime(ctx, method, left)
			}
			waited = until
			limited++
			attempt--
			continue
		}
		sent, err := c.attempt(ctx, method, how, attempt, do)
		e, ok := errors.AsType[*Error](err)
		if ok && e.Code == CodeRateLimited {
			waited = c.clock.now().Add(min(e.RetryAfter, longestShut)) // here, or not at all
			c.methods.close(method, waited)
			if limited < maxLimited {
				limited++
				attempt--
			}
		}
		if !ok || attempt == maxAttempts || !e.repeatable(how, sent) {
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

// attempt runs do once, and reports whether Slack may have seen something of it.
func (c *Client) attempt(ctx context.Context, method string, how repeat, n int, do func(context.Context) error) (bool, error) {
	var sent atomic.Bool
	trying, done := attemptTime(ctx, how, n)
	defer done()
	c.stats.calls.Add(1)
	started := c.clock.now()
	err := c.translate(ctx, method, do(httptrace.WithClientTrace(trying, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})))
	c.stats.ended(err)
	c.debug(ctx, "Slack was asked", slog.String("method", method), slog.String("outcome", outcome(err)), slog.Int("attempt", n),
		slog.Int64("duration_ms", c.clock.now().Sub(started).Milliseconds()))
	e, ok := errors.AsType[*Error](err)
	if ok && method != openMethod && e.revokes() && c.revoked.CompareAndSwap(nil, e) {
		c.log.ErrorContext(ctx, "Slack does not accept the bot token any more: nothing can be answered with it", "method", method, "code", e.Code)
		close(c.refused)
	}
	if ok && e.Hint() == inTheLog {
		c.log.WarnContext(ctx, "Slack refused a call", "method", method, "code", e.Code)
	}
	return sent.Load(), err
}

// attemptTime bounds one attempt of a call that may be repeated, so that where Slack leaves it hanging there is time for
// another: longer each time, since Slack may be slow, and the last has all that is left.
func attemptTime(ctx context.Context, how repeat, n int) (context.Context, context.CancelFunc) {
	d := time.Duration(n) * firstAttempt
	if how != harmless || n >= maxAttempts || outlasts(ctx, d+firstAttempt/2) {
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
