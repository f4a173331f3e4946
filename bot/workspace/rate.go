package workspace

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how fast a channel takes the app's messages. Slack says one a second and short bursts, and no number for
// them: 25 to 40 were seen. Here the stricter holds.
type Rate struct {
	Every time.Duration    // from one message to the next; default 1s, negative: as fast as they come
	Burst int              // messages that may come at once; default 5
	Now   func() time.Time // its clock; default time.Now
}

// complete fills the defaults in.
func (r Rate) complete() Rate {
	r.Every, r.Burst = cmp.Or(r.Every, time.Second), cmp.Or(r.Burst, 5)
	if r.Now == nil {
		r.Now = time.Now
	}
	return r
}

// tooFast says after how many seconds the app may try again.
type tooFast int

func (s tooFast) Error() string { return fmt.Sprintf("ratelimited for %d s", int(s)) }

// take counts one message to the channel, or says that it has to wait. The lock is held.
func (w *Workspace) take(c *channel) error {
	r := w.opt.Rate
	now := r.Now()
	if wait := c.shut.Sub(now); wait > 0 {
		return tooFast(math.Ceil(wait.Seconds()))
	}
	if r.Every < 0 {
		return nil
	}
	if c.rate == nil {
		c.rate = rate.NewLimiter(rate.Every(r.Every), r.Burst)
	}
	if c.rate.AllowN(now, 1) {
		return nil
	}
	wait := (1 - c.rate.TokensAt(now)) * r.Every.Seconds()
	return tooFast(max(1, math.Ceil(wait)))
}

// RateLimit answers the app's messages to a channel, and to it alone, with 429 and Retry-After until d has passed.
func (w *Workspace) RateLimit(channel string, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.channel(channel); c != nil {
		c.shut = w.opt.Rate.Now().Add(d)
		w.after(d, w.change)
		w.change()
	}
}
