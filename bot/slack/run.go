package slack

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Connections are opened at most this often, after a burst that lets all of them start at once, and one be lost. The
// other spare one comes with time: then both of a pair are renewed, and once more, without a wait.
const (
	openEvery = 30 * time.Second
	openSpare = 2
)

// openings spaces the openings of all slots. It can give back what was taken, which a rate.Limiter cannot once the
// time has come.
type openings struct {
	mu    sync.Mutex
	burst int
	full  time.Time // when the whole burst would be there again
}

// take takes an opening and returns how long to wait before it is made.
func (o *openings) take(now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.full.Before(now) {
		o.full = now
	}
	o.full = o.full.Add(openEvery)
	return o.full.Sub(now) - time.Duration(o.burst)*openEvery
}

// giveBack gives back an opening that Slack never saw: after a failure of the network the back-off alone governs.
func (o *openings) giveBack() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.full = o.full.Add(-openEvery)
}

// farewell is how long work that was cut short has to say so to whoever asked for it.
const farewell = 4 * time.Second

// Run holds connections open and hands what arrives to h until ctx ends. Then it writes the
// acknowledgements that are due, closes, gives Work the time of Config.Grace, what is cut short then
// a few seconds more to say so, and returns nil.
// As soon as Slack refuses for a reason that no retry mends it ends likewise, and returns a *Fatal where that was a
// connection, and the *Error of a call where it was the bot token.
func (c *Client) Run(ctx context.Context, h Handler) error {
	if !c.running.CompareAndSwap(false, true) {
		return errors.New("slack: the client is running already")
	}
	defer c.running.Store(false)
	defer c.Close()

	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	open, shut := context.WithCancelCause(ctx)
	defer shut(nil)

	s := &session{client: c, handler: h, ctx: open, working: working}
	var slots sync.WaitGroup
	for range c.config.Connections {
		slots.Go(func() {
			var refused *Fatal
			for s.guarded("", func() { refused = s.keep() }) {
				// Openings are spaced by the client, so this is no tight loop.
			}
			if refused != nil {
				shut(refused)
			}
		})
	}
	slots.Go(func() {
		select {
		case <-c.refused:
			shut(c.revoked.Load())
		case <-open.Done():
		}
	})
	slots.Wait()
	s.conns.Wait()

	grace, end := context.WithTimeout(working, c.config.Grace)
	defer end()
	if c.work.wait(grace) != nil {
		c.log.Warn("work was cut short: it took longer than the grace after the end", "pieces", c.work.count())
		stopWork()
		last, done := context.WithTimeout(context.Background(), farewell)
		defer done()
		_ = c.work.wait(last)
	}
	switch refused := context.Cause(open).(type) {
	case *Fatal, *Error:
		return refused
	}
	return nil
}

// Drain waits until no work is under way, or returns ctx's error if that ends first.
func (c *Client) Drain(ctx context.Context) error { return c.work.wait(ctx) }

// session is one Run.
type session struct {
	client  *Client
	handler Handler
	ctx     context.Context // ends when no connection is wanted any more
	working context.Context // ends after the grace
	conns   sync.WaitGroup
}

// keep holds one connection open until the session ends. When Slack announces that it will close
// one, the next is opened first, and only when that has said hello does the old one go.
func (s *session) keep() *Fatal {
	p := pace{client: s.client}
	var old, lingering *conn
	for p.wait(s.ctx) == nil {
		n, err := s.connect()
		if s.ctx.Err() != nil {
			break
		}
		if refused, ok := fatal(err); ok {
			return refused
		}
		if err != nil {
			p.failed(err)
			continue
		}
		if old != nil {
			if lingering != nil { // one at a time, since Slack counts all of them
				lingering.stop()
			}
			old.retire()
			old, lingering = nil, old
		}
		select {
		case <-s.ctx.Done():
		case <-n.done:
			p.ended(n)
		case <-n.leaving:
			p.ended(n)
			old = n
		}
	}
	return nil
}

// Delays between connections. A connection that lived for a while was a good one; one that did
// not counts as a failure even if it said hello, or a server that greets and hangs up would be
// called in a tight loop.
const (
	goodAge       = time.Minute
	firstDelay    = 500 * time.Millisecond
	renewalDelay  = 4 * time.Second  // at most, while the old connection is still served
	failureDelay  = time.Minute      // at most
	crowdedDelay  = 30 * time.Second // at least, when Slack counts too many connections
	disabledDelay = time.Minute      // at least, when Socket Mode is off
	disabledMost  = 10 * time.Minute
)

// pace spaces the opening of one slot's connections.
type pace struct {
	client   *Client
	failures int // in a row
	delay    time.Duration
}

func (p *pace) wait(ctx context.Context) error {
	if p.delay > 0 {
		if err := p.client.clock.sleep(ctx, p.delay); err != nil {
			return err
		}
		p.delay = 0
	}
	if d := p.client.opens.take(p.client.clock.now()); d > 0 {
		p.client.log.Info("the next connection to Slack waits: few are opened a minute", "delay", d.Round(time.Second).String())
		return p.client.clock.sleep(ctx, d)
	}
	return ctx.Err()
}

// failed is a connection that never said hello.
func (p *pace) failed(err error) {
	p.failures++
	p.delay = backoff(p.failures, firstDelay, failureDelay)
	code, why := "", []any(nil)
	if u, ok := errors.AsType[*ungreeted](err); ok {
		if p.unwanted(u.reason) {
			return
		}
		code = u.reason
	}
	if e, ok := errors.AsType[*Error](err); ok {
		code = e.Code
		if e.Reason != "" {
			why = append(why, "reason", e.Reason)
		}
		if e.Method == openMethod { // else Slack named the host
			why = append(why, "host", p.client.apiURL.Host)
		}
		p.delay = max(p.delay, e.RetryAfter)
		if e.Method == openMethod && (code == CodeUnreachable || code == CodeTimeout) {
			p.client.opens.giveBack()
		}
	}
	p.client.log.Warn("no connection to Slack; another attempt follows", append([]any{"code", code, "delay", p.delay.Round(time.Millisecond).String()}, why...)...)
}

// ended is a connection that said hello and is gone, or will be soon.
func (p *pace) ended(n *conn) {
	if p.client.clock.now().Sub(n.born) >= goodAge {
		p.failures = 0
	} else {
		p.failures++
	}
	if p.unwanted(n.reason()) {
		return
	}
	most := failureDelay
	if n.renewing() {
		most = renewalDelay
	}
	if p.failures > 0 { // twice as steep as where nobody greets, which may end any moment
		p.delay = backoff(2*p.failures-1, firstDelay, most)
	}
	p.client.log.Info("a connection to Slack ends; another one is opened", "reason", n.reason(), "delay", p.delay.Round(time.Millisecond).String())
}

// unwanted reports whether Slack ended a connection for a reason that ends the next one too, until somebody mends
// it: it says how, and waits for longer.
func (p *pace) unwanted(reason string) bool {
	switch reason {
	case "link_disabled":
		p.delay = backoff(p.failures+1, 2*disabledDelay, disabledMost)
		p.client.log.Error("Slack says that Socket Mode is switched off for this app: switch it on in the app's settings, under Socket Mode",
			"delay", p.delay.Round(time.Second).String())
	case "too_many_websockets":
		p.delay = backoff(p.failures+1, 2*crowdedDelay, disabledMost)
		p.client.log.Warn("Slack counts too many connections of this app, of which it allows 10: run fewer replicas",
			"replicas_at_most", mostReplicas, "delay", p.delay.Round(time.Second).String())
	default:
		return false
	}
	return true
}
