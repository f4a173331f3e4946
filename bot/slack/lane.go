package slack

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Slack takes about one message a second in a conversation, and short bursts.
const (
	messageEvery = time.Second
	messageBurst = 3
	editEvery    = time.Second
	longestShut  = 15 * time.Minute // whatever Slack says
	maxLanes     = 1000             // conversations after which those with nothing to wait for are forgotten
)

// lanes have the messages of each conversation leave one after another. Whoever is told to slow down
// has the turn meanwhile, so that the others of that conversation are not told the same again and
// again, and those of other conversations do not wait.
type lanes struct {
	mu        sync.Mutex
	byChannel map[string]*lane
	looked    int // how many were left when they were last looked through
}

type lane struct {
	turn    chan struct{} // holds what has to be taken; who waits for it gets it in order
	users   int           // who has the turn or waits for it; under lanes.mu
	rate    *rate.Limiter
	edited  time.Time // when the last edit left; under lanes.mu
	closed  time.Time // until when Slack takes nothing; under lanes.mu
	touched time.Time // under lanes.mu
}

// enter returns the conversation's lane for somebody who wants the turn, and has to call leave.
func (ls *lanes) enter(channel string, now time.Time) *lane {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.byChannel[channel]
	if l == nil {
		if ls.byChannel == nil {
			ls.byChannel = map[string]*lane{}
		}
		if len(ls.byChannel) >= max(maxLanes, 2*ls.looked) { // in a burst none may be idle, and each look costs as many steps
			ls.forget(now)
		}
		l = &lane{turn: make(chan struct{}, 1), rate: rate.NewLimiter(rate.Every(messageEvery), messageBurst)}
		l.turn <- struct{}{}
		ls.byChannel[channel] = l
	}
	l.users++
	return l
}

func (ls *lanes) leave(l *lane, now time.Time) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l.users--
	l.touched = now
}

// wait is how long whoever has the turn still has to wait.
func (ls *lanes) wait(l *lane, edit bool, now time.Time) time.Duration {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	// Who has the turn has waited for those before, whatever the clock says.
	wait := max(min(l.rate.ReserveN(now, 1).DelayFrom(now), messageEvery), l.closed.Sub(now))
	if edit {
		wait = max(wait, l.edited.Add(editEvery).Sub(now))
		l.edited = now.Add(wait)
	}
	return wait
}

// close has nothing leave for a while; zero opens the lane again.
func (ls *lanes) close(l *lane, until time.Time) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l.closed = until
}

// forget drops the lanes in which nothing has to be waited for. Call with ls.mu held.
func (ls *lanes) forget(now time.Time) {
	for channel, l := range ls.byChannel {
		if l.users == 0 && now.Sub(l.touched) > messageBurst*messageEvery && now.After(l.closed) {
			delete(ls.byChannel, channel)
		}
	}
	ls.looked = len(ls.byChannel)
}

// Idle reports whether a message, or an edit, would leave for the conversation at once: what is not
// worth waiting for is left out where it would not.
func (c *Client) Idle(channel string) bool {
	now := c.clock.now()
	c.lanes.mu.Lock()
	defer c.lanes.mu.Unlock()
	l := c.lanes.byChannel[channel]
	return l == nil || l.users == 0 && l.rate.TokensAt(now) >= 1 && !now.Before(l.edited.Add(editEvery)) && !now.Before(l.closed)
}

// inTurn is call for what goes into a conversation: it waits for its turn first.
func (c *Client) inTurn(ctx context.Context, method, channel string, how repeat, do func(context.Context) error) error {
	l := c.lanes.enter(channel, c.clock.now())
	defer func() { c.lanes.leave(l, c.clock.now()) }()
	select {
	case <-l.turn:
	case <-ctx.Done():
		return c.outOfTime(ctx, method, 0)
	}
	defer func() { l.turn <- struct{}{} }()
	if wait := c.lanes.wait(l, method == "chat.update", c.clock.now()); wait > 0 && (outlasts(ctx, wait) || c.clock.sleep(ctx, wait) != nil) {
		return c.outOfTime(ctx, method, wait)
	}
	c.lanes.close(l, time.Time{})
	err := c.call(ctx, method, how, do)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == CodeRateLimited { // whoever had the turn does not wait for as long
		c.lanes.close(l, c.clock.now().Add(min(e.RetryAfter, longestShut)))
	}
	return err
}

// methods are those of which Slack takes nothing for a while, with the end of that: whatever is no message has a limit
// for the whole app, and those that come later are not told the same again, each by itself.
type methods struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (m *methods) closed(method string) (until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.until[method]
}

func (m *methods) close(method string, until time.Time) {
	switch method {
	case "chat.postMessage", "chat.update", respondMethod: // limited for each conversation
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.until == nil {
		m.until = map[string]time.Time{}
	}
	if until.After(m.until[method]) {
		m.until[method] = until
	}
}

// outOfTime is the error of a call that was not made, because its turn would not come in time.
func (c *Client) outOfTime(ctx context.Context, method string, wait time.Duration) error {
	e := &Error{Method: method, Code: CodeRateLimited, RetryAfter: wait, cause: ctx.Err()}
	if name := c.name.Load(); name != nil {
		e.bot = *name
	}
	return e
}
