package bot

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"jwt-check-bot/bot/store"
	"jwt-check-bot/redact"
)

// Standing in: what a replica that has died left behind is seen to by another one. What it may say
// truthfully depends on when that was:
//
//	before the result was posted     the token is gone; nothing was posted
//	from then until that was kept    the result may be posted: it goes to the requester alone, and no message is touched
//	after that                       the result, or why there is none

// standInAtOnce bounds the work of dead replicas that is seen to at the same time: if Slack does not
// answer, each takes minutes.
const standInAtOnce = 16

// standIn sees to the work of replicas that have died, until ctx ends.
func (a *App) standIn(ctx context.Context) {
	tick := time.NewTicker(a.store.Lease() / 2)
	defer tick.Stop()
	var work errgroup.Group
	work.SetLimit(standInAtOnce)
	defer func() { _ = work.Wait() }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		a.survive(func() {
			for claims := a.store.Abandoned(ctx); len(claims) > 0; claims = a.store.Abandoned(ctx) {
				for _, c := range claims {
					work.Go(func() error { a.survive(func() { a.resume(ctx, c) }); return nil })
				}
			}
		})
	}
}

// survive runs f in a goroutine of the app's own, where a panic would end the process.
func (a *App) survive(f func()) {
	defer func() {
		if thrown := recover(); thrown != nil {
			_, at := redact.Fault(thrown)
			a.Panicked("", at)
		}
	}()
	f()
}

// resume tells whom a dead replica has left waiting. The token died with it, so the check cannot be
// made again; what had been found out is still shown.
func (a *App) resume(ctx context.Context, c *store.Claim) {
	if ctx.Err() != nil {
		c.Leave()
		return
	}
	defer func() {
		if ctx.Err() != nil { // perhaps nobody could be told any more: twice is better than not at all
			c.Leave()
		}
		c.Done(ctx)
	}()
	get := func(k *store.Kind, key string, o *outcome) bool {
		found, err := a.store.Get(ctx, k, key, o)
		if err != nil { // there may be something
			c.Leave()
		}
		return found
	}
	var o outcome
	if !get(c.Kind, c.Key, &o) {
		return
	}
	a.log.Warn("another replica has left work behind", "requester", o.At.User, "channel", o.At.Channel)
	if c.Kind == store.Told {
		a.exposed(ctx, o.At, "message")
		return
	}
	t := &task{view: c.Key, at: o.At}
	tried := -1 // the first posting needs no press
	if c.Kind == store.Posts {
		tried = o.Tries
		t.view, _, _ = strings.Cut(c.Key, " ")
		if !get(store.Deliveries, t.view, &o) {
			return
		}
	}
	t.message = o.Message
	t.canary, _ = a.canaries.Get(t.view)
	switch {
	case o.Posting && o.Tries != tried+1: // by somebody else, later
	case o.Posting && o.Summary == nil:
		a.settle(ctx, t, &outcome{At: o.At, Note: redact.Const("I was stopped while I posted your result, and have it no more. Look there: if it is not posted, check the token again.")})
	case o.Posting, o.Draft && o.Tries == tried:
		a.settle(ctx, t, o.cutOff(redact.Const("I was stopped while I did. Look there before you post it from here.")))
	case !o.ended():
		a.lastWords(ctx, t, redact.Const("I was stopped in the middle of your check, and the token is gone. If no summary was posted, check it again."))
	default:
		a.reveal(ctx, t, &o)
		if !o.Draft {
			a.leave(ctx, t, o.farewell())
		}
	}
}
