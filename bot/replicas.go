package bot

import (
	"context"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/redact"
)

// What replicas do for each other. A check belongs to the one that claims it first, after the
// acknowledgement, since that must not wait for a store; the others see what it has come to. Of a
// replica that dies they tell its requesters, so that nobody is left with "Checking…" for ever.

// outcome is what a check has come to, as the store keeps it by its view's ID: never the token. While
// the check is under way it has a place alone, and the message that says so, if there is one; before
// the result is posted it gets that too, so that whoever stands in knows that it may be there.
type outcome struct {
	At      place
	Message string      // the timestamp of the message that says “Checking…”; of a draft's, that may be the result by now
	Under   string      // the timestamp of the verdict, where that is posted and its details are not
	Posting bool        // the summary is on its way, and may be posted already
	Note    redact.Text // what stands beside the verdict, or in its place
	Mend    redact.Text // where posting failed: why, and what to do
	Summary *Summary    // as much of it as is shown; nil where there is none
	Private redact.Text // why the rules show it to its requester alone
	Draft   bool        // its requester alone has seen the summary, and may yet post it
	Tries   int         // postings of the draft that failed
}

// ended reports whether more is to be shown than that a check is under way.
func (o *outcome) ended() bool { return !o.Posting && (!o.Note.IsZero() || o.Summary != nil) }

// view is what the view shows, and message what its requester is told where that is closed: nothing
// where everything has been posted.
func (o *outcome) view() (view slack.Modal, message slack.Message) {
	switch {
	case !o.ended():
		return checking(), slack.Message{}
	case o.Summary == nil:
		return result(slack.Paragraph(slack.Plain(o.Note))), sentence(o.Note)
	case !o.Private.IsZero():
		r := ruling{private: o.Private, mendable: o.Draft}
		return draftView(o.Summary, o.At, r), o.draftMessage(notice(r), o.Private)
	case !o.Draft:
		details := detailBlocks(o.Summary) // none where it has been posted
		view = result(append(append(verdictBlocks(o.Summary), details...), slack.Context(slack.Plain(o.Note)))...)
		if len(details) > 0 {
			message = o.draftMessage(slack.Paragraph(slack.Plain(o.Note)), o.Note)
		}
		return view, message
	case o.Note.IsZero():
		return draftView(o.Summary, o.At, ruling{}), o.draftMessage(slack.Block{}, redact.Text{})
	}
	why := slack.Paragraph(slack.Bold(redact.Join("", o.Note, redact.Const(" "))), slack.Plain(o.Mend))
	return o.unpostedView(why), o.draftMessage(why, redact.Join(" ", o.Note, o.Mend))
}

// farewell is what the message that says “Checking…” says in the end, where the result stands elsewhere.
func (o *outcome) farewell() redact.Text {
	switch {
	case o.Summary == nil:
		return o.Note
	case o.Draft && o.Under == "":
		return redact.Const("The check has ended, but its result could not be posted here: whoever asked has it.")
	}
	return redact.Const("The check has ended: its result is a message of its own.")
}

// first has work done once and by one replica, however often what asked for it is delivered: each
// command and each press has a trigger of its own. A second dialogue would fail, and say so.
func (a *App) first(trigger string, work slack.Work) slack.Work {
	if work == nil || trigger == "" {
		return work
	}
	return func(ctx context.Context) {
		if a.store.Once(ctx, store.Deliveries, "trigger "+trigger) {
			work(ctx)
		}
	}
}

// verdict is the summary without what is left out of the view once it is posted.
func (s *Summary) verdict() *Summary {
	return &Summary{Verdict: s.Verdict, Cause: s.Cause, Owner: s.Owner, Also: s.Also, Headline: s.Headline, Says: s.Says, Next: s.Next}
}

// claim returns this replica's hold on a check. Without one there is nothing more to do: whoever has
// the check updates the view, which is shown here once more where that was before Slack replaced it.
func (a *App) claim(ctx context.Context, t *task) *store.Claim {
	why := failed
	defer func() {
		if !why.IsZero() {
			a.lastWords(ctx, t, why)
		}
	}()
	c, err := a.store.Claim(ctx, store.Deliveries, t.view, &outcome{At: t.at})
	switch {
	case err != nil:
		why = redact.Const("The check could not begin by a fault of mine. Please tell whoever runs this bot.")
		return nil
	case c == nil:
		a.showAgain(ctx, t)
	}
	why = redact.Text{}
	return c
}

// showAgain shows what a check has come to, if it has ended, where the acknowledgement of a further
// delivery covers that. It may come later than what is shown, hence twice: the second one finds it.
func (a *App) showAgain(ctx context.Context, t *task) {
	var o outcome
	if found, _ := a.store.Get(ctx, store.Deliveries, t.view, &o); !found || !o.ended() {
		return
	}
	view, _ := o.view()
	hash, err := a.slack.UpdateViewIf(ctx, t.view, "", view)
	if err != nil {
		a.log.InfoContext(ctx, "a result was not shown again", "user", t.at.User, "error", errorWord(err))
		return
	}
	t.hash, t.sent = hash, a.now()
	a.show(ctx, t, view, slack.Message{})
}

// settle keeps what a check has come to before it shows it: whoever dies in between leaves enough for
// another replica to show it.
func (a *App) settle(ctx context.Context, t *task, o *outcome) {
	if t.unsure {
		o.add(redact.Const("A message that says “Checking a token…” may stand there too, and stay: Slack did not say whether it took it."))
	}
	a.keep(ctx, t, o)
	a.reveal(ctx, t, o)
}

// add says one thing more beside what is said.
func (o *outcome) add(also redact.Text) {
	switch {
	case !o.Mend.IsZero():
		o.Mend = redact.Join(" ", o.Mend, also)
	case !o.Note.IsZero():
		o.Note = redact.Join(" ", o.Note, also)
	}
}

func (a *App) keep(ctx context.Context, t *task, o *outcome) {
	if err := a.store.Put(ctx, store.Deliveries, t.view, o); err != nil {
		a.log.WarnContext(ctx, "the outcome of a check could not be kept", "error", errorWord(err))
		if o.Draft {
			o.Draft, o.Note = false, redact.Const("This summary cannot be kept until you post it: check the token again and have it posted at once.")
		}
	}
	if o.Draft {
		a.canaries.Set(t.view, t.canary)
	}
}

// foretell has the other replicas know what is about to be posted. A message that they may take for one
// that says “Checking…” is not to become the result: it is set aside, and the result gets one of its own.
func (a *App) foretell(ctx context.Context, t *task, s *Summary) {
	if !a.store.Stats().Shared {
		return
	}
	o := &outcome{At: t.at, Message: t.message, Under: t.result, Posting: true, Summary: s, Tries: t.tries}
	known, err := a.store.Share(ctx, store.Deliveries, t.view, o)
	if err != nil { // the summary cannot be sealed; that it is on its way can
		o.Summary = nil
		known, _ = a.store.Share(ctx, store.Deliveries, t.view, o)
	}
	if !known {
		t.aside, t.message = t.message, ""
	}
}

func (a *App) reveal(ctx context.Context, t *task, o *outcome) {
	view, message := o.view()
	a.show(ctx, t, view, message)
}
