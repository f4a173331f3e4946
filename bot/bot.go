// Package bot is the conversation: it opens the modal, takes a token from it, has it examined, and
// posts a redacted summary.
//
//	/jwt-check ─┐
//	shortcut ───┤                       shape wrong ─> an error on the modal's block; the end
//	mention ────┼─> modal ─> submission ─┤
//	button ─────┘                       acknowledged at once with a small view
//	                                     └─> queue ─> Examiner: parties, checks ─> Summary
//	                                                   │                           ├─> the thread, or the requester alone
//	                                                   └─> progress, where slow    └─> the view, in place of the small one
//
// A token in a command, a mention or a watched channel's message (watch.go) goes nowhere: whoever
// typed it is told, alone, what to revoke.
//
// What arrives is answered in two steps: a method of App returns the acknowledgement, without
// touching the network, and the work to do after that has been written.
package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/redact"
)

// Options configure an App.
type Options struct {
	Slack       *slack.Client
	Examiner    *Examiner
	Channels    []string     // globs of channel names or IDs where it may be used; none: everywhere
	External    External     // what happens in channels that another organisation can read
	Watch       []string     // globs of those to watch for tokens posted by mistake; none: off
	Concurrency int          // checks under way at once
	Queue       int          // checks that may wait for their turn before further ones are refused; 0: 200
	Store       *store.Store // nil: this replica's memory alone
	Log         *slog.Logger
	Now         func() time.Time
	After       func(time.Duration) <-chan time.Time // nil: time.After
	Metrics     *Metrics                             // nil: nothing is counted
}

// App answers what Slack delivers. It is a slack.Handler.
type App struct {
	slack    *slack.Client
	examiner *Examiner
	gate     *gate
	watch    *watch
	queue    *queue
	seen     *store.Recent[struct{}]
	accepted *undoing
	canaries *store.Recent[redact.Canary] // of the summaries that this replica showed
	log      *slog.Logger
	now      func() time.Time
	after    func(time.Duration) <-chan time.Time
	metrics  *Metrics
	store    *store.Store
}

// New returns an app that is ready to Run.
func New(o Options) *App {
	if o.Store == nil {
		o.Store, _ = store.Open(store.Options{Now: o.Now}) // memory always opens
	}
	a := &App{
		slack: o.Slack, examiner: o.Examiner, gate: newGate(o), watch: newWatch(o.Watch, o.Now),
		queue: newQueue(o.Concurrency, cmp.Or(o.Queue, queueLength)),
		seen:  store.NewRecent[struct{}](10000, 15*time.Minute, o.Now), canaries: store.NewRecent[redact.Canary](500, time.Hour, o.Now),
		accepted: newUndoing(),
		log:      o.Log, now: o.Now, after: o.After, metrics: o.Metrics, store: o.Store,
	}
	if a.after == nil {
		a.after = time.After
	}
	a.gate.met = func(us slack.Identity) { a.checkScopes(us.Scopes) }
	a.metrics.attach(a)
	return a
}

// Run serves until ctx ends and what is under way has finished.
func (a *App) Run(ctx context.Context) error {
	identity, err := a.slack.Identify(ctx)
	switch {
	case err == nil:
		a.log.Info("connecting to Slack", "team", identity.Team, "bot", identity.User)
		a.gate.meets(identity)
	case refused(err):
		return err
	default: // Slack may be back before anybody asks something
		a.log.Warn("Slack did not say who I am", "error", errorWord(err))
	}
	if !a.store.Stats().Shared {
		return a.slack.Run(ctx, a)
	}
	standing, done := context.WithCancel(ctx)
	var standIn sync.WaitGroup
	standIn.Go(func() { a.standIn(standing) })
	defer standIn.Wait()
	defer done()
	return a.slack.Run(ctx, a)
}

// refused reports whether Slack will never accept the bot token, however often it is asked.
func refused(err error) bool {
	e, ok := errors.AsType[*slack.Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type",
		"access_denied", "team_access_not_granted", "org_login_required", "no_permission", "forbidden_team":
		return true
	}
	return false
}

// Unacknowledged is told of a delivery whose acknowledgement could not be written: its work does not
// run, and Slack will deliver it again.
func (a *App) Unacknowledged(id string) { a.accepted.undo(id) }

// Panicked is told of a panic. Whoever asked was told by the work itself (owed); one in a method of App, before
// anything is asked of Slack, leaves a command, a press or an event without an answer.
func (a *App) Panicked(id, at string) {
	a.log.Error("a fault in my own code", "delivery", id, "place", at)
}

// callTimeout is for one call to Slack that nothing waits for in a row.
const callTimeout = 10 * time.Second

func sentence(t redact.Text) slack.Message { return slack.Message{Text: t} }

// errorWord is what a log may say of an error: our own words where it is one of ours, else its type.
func errorWord(err error) string {
	if e, ok := errors.AsType[*slack.Error](err); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", err)
}

func hintOf(err error) redact.Text {
	if e, ok := errors.AsType[*slack.Error](err); ok {
		return e.Hint()
	}
	return redact.Const("Try again; if it stays like this, ask whoever runs this bot to read its log.")
}
