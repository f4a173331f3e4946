package bot

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/redact"
)

// Delivery: the result goes where it belongs, or, where Slack does not let it, to whoever asked.

// Timeouts of delivery. Slack may ask for patience, and results of one conversation wait for each other.
const (
	publishTimeout = 2 * time.Minute
	showTimeout    = time.Minute     // of the last view, after which whoever asked is told otherwise
	lateAfter      = 2 * time.Second // then the view shows what is ready while it waits to be posted
	lastTimeout    = 3 * time.Second // for what is still said after the bot was told to stop
	tellPause      = time.Second     // before whoever asked is told once more, then twice that, and so on
	tellMost       = 32 * tellPause  // the last of these pauses: after a minute of Slack being down
	takenWithin    = 3 * time.Second // of a form that was sent, Slack takes the acknowledgement or none
	repeatAfter    = takenWithin / 6 // before a view that came before that is shown once more, then twice that, and so on
)

// deliver posts the summary, or shows it to the requester alone where that is wanted or cannot be
// helped.
func (a *App) deliver(ctx context.Context, t *task, s *Summary) {
	if t.share == shareMe {
		a.settle(ctx, t, &outcome{At: t.at, Summary: s, Draft: t.ruling.postable(), Private: t.ruling.private})
		return
	}
	a.foretell(ctx, t, s)
	var note redact.Text
	err := a.meanwhile(ctx, func() {
		a.glance(ctx, t, result(append(verdictBlocks(s), slack.Context(slack.Plain(redact.Const("Waits to be posted: Slack lets me post about one message a second in a channel."))))...))
	}, func() (err error) {
		note, err = a.publish(ctx, t, s)
		return err
	})
	t.message = cmp.Or(t.message, t.aside)
	var o *outcome
	if err == nil {
		a.log.DebugContext(ctx, "the summary was posted", "channel", t.at.Channel, "thread", t.at.Thread, "message", t.result)
		o = &outcome{At: t.at, Message: t.message, Summary: s.verdict(), Note: note}
	} else {
		a.log.WarnContext(ctx, "the summary was not posted", "channel", t.at.Channel, "verdict", t.result, "error", errorWord(err))
		o = &outcome{At: t.at, Under: t.result, Summary: s, Draft: true, Tries: t.tries}
		o.Note, o.Mend = o.unposted(ctx, err)
	}
	farewell := o.farewell() // of what has no place in the store settle makes something else
	a.settle(ctx, t, o)
	a.leave(ctx, t, farewell)
}

// unposted says what came of the posting, and why or what to mend.
func (o *outcome) unposted(ctx context.Context, err error) (title, why redact.Text) {
	switch {
	case unclear(err):
		return o.perhaps(), redact.Const("Slack did not say. Look there before you post it from here.")
	case ctx.Err() != nil:
		why = redact.Const("I was restarted before Slack took it.")
	default:
		why = hintOf(err)
	}
	if o.Under != "" {
		return redact.Const("The verdict is posted, its details are not:"), why
	}
	return redact.Const("Not posted:"), why
}

// meanwhile does something that may take long, and after a while says so.
func (a *App) meanwhile(ctx context.Context, say func(), do func() error) error {
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		defer func() { _ = recover() }() // what is said on the way is not worth more
		select {
		case <-a.after(lateAfter):
			say()
		case <-done:
		case <-ctx.Done():
		}
	})
	defer wait.Wait()
	defer close(done)
	return do()
}

// publish puts the summary in place of the message that says "Checking…", or posts it where there is
// none (any more), and says where it stands. Outside any thread it is the verdict, whose thread gets
// the details; so it is where the thread's first message was deleted, for then Slack puts it into the
// channel without a word.
func (a *App) publish(ctx context.Context, t *task, s *Summary) (where redact.Text, err error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if t.message != "" {
		err = a.slack.Update(ctx, t.at.Channel, t.message, t.answer(s))
		switch {
		case err == nil:
			t.result, t.message = t.message, ""
		case errors.Is(err, slack.ErrNotEditable):
			t.message = ""
		}
	}
	if t.result == "" && t.message == "" { // of a draft of its details the verdict is there
		knew := t.astray
		if t.result, err = a.post(ctx, t, t.answer(s)); err == nil && t.astray && !knew {
			if again := a.slack.Update(ctx, t.at.Channel, t.result, t.answer(s)); again != nil {
				a.log.WarnContext(ctx, "a summary stands in the channel as for a thread", "channel", t.at.Channel, "error", errorWord(again))
				return redact.Const("The message under which you asked was deleted, so the whole summary stands in the channel."), nil
			}
		}
	}
	switch {
	case err != nil:
		return where, err
	case t.at.Thread != "" && !t.astray:
		return redact.Const("Posted to the thread."), nil
	}
	where = redact.Const("Posted to the channel, with the details in its thread.")
	if t.astray {
		where = redact.Const("The message under which you asked was deleted, so the verdict stands in the channel, with the details in a thread of its own.")
	}
	if _, err = a.slack.Post(ctx, t.at.Channel, t.result, detailMessage(s)); errors.Is(err, slack.ErrParentGone) {
		err = nil
	}
	return where, err
}

// answer is the task's message, in the form that fits where it stands.
func (t *task) answer(s *Summary) slack.Message {
	switch {
	case t.astray:
		return strayMessage(s, t.at.User)
	case t.at.Thread == "":
		return verdictMessage(s, t.at.User)
	}
	return summaryMessage(s, t.at.User)
}

// post posts a message of the task's and returns its timestamp.
func (a *App) post(ctx context.Context, t *task, m slack.Message) (ts string, err error) {
	ts, err = a.slack.Post(ctx, t.at.Channel, t.at.Thread, m)
	if errors.Is(err, slack.ErrParentGone) {
		t.astray, err = true, nil
	}
	return ts, err
}

// show puts the last view in place of the one before. If the requester has closed it, or Slack does not
// answer, they are told otherwise in private, unless nothing is left to tell.
func (a *App) show(ctx context.Context, t *task, m slack.Modal, otherwise slack.Message) {
	last, cancel := a.last(ctx, showTimeout)
	early, err := a.update(last, t, m)
	if errors.Is(err, slack.ErrWithheld) {
		m, otherwise = result(slack.Paragraph(slack.Plain(withheld))), sentence(withheld)
		early, err = a.update(last, t, m)
	}
	cancel()
	for wait := repeatAfter; err == nil && early && wait <= takenWithin/2; wait += repeatAfter {
		a.pause(ctx, wait)
		last, cancel = a.last(ctx, showTimeout)
		early, err = a.update(last, t, m)
		cancel()
	}
	if err == nil {
		return
	}
	a.log.InfoContext(ctx, "the view was not updated", "user", t.at.User, "error", errorWord(err))
	told := !otherwise.Text.IsZero()
	if told {
		at := t.at
		at.Thread = "" // in a thread without a reply Slack shows nothing that is for one person alone
		a.tell(ctx, at, otherwise)
	}
	if unclear(err) && (told || a.pause(ctx, tellPause)) { // Slack may be back, and "Checking…" is not to stay
		last, cancel = a.last(ctx, callTimeout)
		defer cancel()
		_, _ = a.update(last, t, m)
	}
}

// update puts a view in place of what is shown, and reports whether that was early: Slack had not taken
// the acknowledgement yet, which travels another way, and whose small view will come on top. Whether it
// has is told by the hash, which changes with each view; an error of hash_conflict is the usual answer.
func (a *App) update(ctx context.Context, t *task, m slack.Modal) (early bool, err error) {
	if t.hash != "" && a.now().Sub(t.sent) <= takenWithin {
		now, err := a.slack.UpdateViewIf(ctx, t.view, t.hash, m)
		if err == nil {
			t.hash = now
			return now != "", nil
		}
		if !errors.Is(err, slack.ErrViewChanged) && !unclear(err) {
			return false, err
		}
	}
	t.hash = ""
	return false, a.slack.UpdateView(ctx, t.view, m)
}

// lastWords tell whoever asked why there is no result, in the view and in place of the message that
// says "Checking…".
func (a *App) lastWords(ctx context.Context, t *task, why redact.Text) {
	a.settle(ctx, t, &outcome{At: t.at, Message: t.message, Note: why})
	a.leave(ctx, t, why)
}

// leave puts a sentence in place of the message that says "Checking…", where there is one.
func (a *App) leave(ctx context.Context, t *task, what redact.Text) {
	if t.message == "" {
		return
	}
	ctx, cancel := a.last(ctx, callTimeout)
	defer cancel()
	if err := a.slack.Update(ctx, t.at.Channel, t.message, sentence(what)); err != nil {
		a.log.WarnContext(ctx, "a message was left as it was", "channel", t.at.Channel, "error", errorWord(err))
	}
}

// tell says something to the person who asked, and to nobody else. It tries what works best first: the
// one-time URL that came with the request, then an ephemeral message, then a direct one; and all of them
// again where Slack was down.
func (a *App) tell(ctx context.Context, to place, m slack.Message) {
	ways := []func(context.Context) error{
		func(ctx context.Context) error { return a.slack.Respond(ctx, to.response, m) },
		func(ctx context.Context) error { return a.slack.Ephemeral(ctx, to.Channel, to.User, to.Thread, m) },
		func(ctx context.Context) error { _, err := a.slack.Post(ctx, to.User, "", m); return err },
	}
	if to.response.Len() == 0 {
		ways = ways[1:]
	}
	down, err := a.tryEach(ctx, ways, 2)
	for wait := 2 * tellPause; err != nil && down && wait <= tellMost && a.pause(ctx, wait); wait *= 2 {
		down, err = a.tryEach(ctx, ways, 1)
	}
	if err != nil {
		a.metrics.nobodyTold()
		a.log.Error("nobody could be told", "user", to.User, "channel", to.Channel, "error", errorWord(err))
	}
}

// tryEach goes through the ways until one succeeds, and reports whether one of them may do so later. Told twice is better
// than not at all, so a way is tried again also where Slack may have done it.
func (a *App) tryEach(ctx context.Context, ways []func(context.Context) error, tries int) (down bool, err error) {
	for _, way := range ways {
		for try := range tries {
			if try > 0 && !a.pause(ctx, tellPause) {
				break
			}
			last, cancel := a.last(ctx, callTimeout)
			err = way(last)
			cancel()
			if err == nil {
				return false, nil
			}
			if !unclear(err) {
				break
			}
			down = true
		}
	}
	return down, err
}

// last bounds a call that is made also after ctx has ended: the bot was told to stop, and whoever asked
// still has to be told.
func (a *App) last(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if ctx.Err() != nil {
		return context.WithTimeout(context.WithoutCancel(ctx), lastTimeout)
	}
	return context.WithTimeout(ctx, d)
}

// pause waits, and reports whether that was not cut short.
func (a *App) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-a.after(d):
		return true
	case <-ctx.Done():
		return false
	}
}

func unclear(err error) bool {
	e, ok := errors.AsType[*slack.Error](err)
	return ok && e.Unclear()
}

// withheld is all that is said where the net behind the types caught something.
var withheld = redact.Const("The check is done, but its result would have shown something that must stay hidden, so it was withheld whole. Nothing was posted. Please tell whoever runs this bot; jwt-check-bot check shows the result on your own machine.")
