package bot

import (
	"context"
	"errors"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// What is to be seen of a check before its end: the view, and one message where the result will stand,
// which is edited to it.

const (
	soon       = 700 * time.Millisecond // what is ready by then is posted as it is
	lookEvery  = 2 * time.Second        // between looks at how far it has come, and so between edits
	placeEvery = 3 * time.Second        // between looks at the place in the queue; more, the longer that is

	examineWithin = 15 * time.Second // for all parties, those included that are asked after others have answered
)

// awaitTurn waits for the task's turn, with its place to be seen in the view, and reports whether it
// has come.
func (a *App) awaitTurn(ctx context.Context, t *task) bool {
	for {
		_, waiting := a.queue.counts()
		select {
		case <-t.ticket.turn:
			return true
		case <-ctx.Done():
			return false
		case <-a.after(max(placeEvery, time.Duration(waiting)*time.Second)): // all of them together: one update a second
		}
		if place := t.ticket.place(); place != 0 && place != t.place {
			t.place = place
			brief, cancel := context.WithTimeout(ctx, placeEvery) // its turn may come meanwhile
			a.glance(brief, t, queued(place))
			cancel()
		}
	}
}

// examine asks the question and shows how far it has come where that takes a while. Where ctx ends
// first there is no report.
func (a *App) examine(ctx context.Context, t *task) *checks.Report {
	asking, cancel := context.WithTimeout(ctx, examineWithin)
	defer cancel()
	x := a.examiner.Begin(asking, t.question)
	for pause := soon; !x.Wait(a.after(pause)); pause = lookEvery {
		a.progress(ctx, t, Summarize(x.Report()), x.Waiting())
	}
	if ctx.Err() != nil {
		return nil
	}
	return x.Report()
}

// progress shows what is known and who is waited for, where that is new.
func (a *App) progress(ctx context.Context, t *task, s *Summary, waiting []redact.Message) {
	lines := progressLines(s, waiting)
	var said redact.Text
	var rows [][]slack.Span
	for _, l := range lines {
		said = redact.Join(" ", said, l[0], l[1])
		rows = append(rows, []slack.Span{slack.Bold(l[0]), slack.Plain(redact.Join("", redact.Const(" "), l[1]))})
	}
	m := slack.Message{Text: redact.Join(" ", lines[0][0], lines[0][1]), Blocks: []slack.Block{slack.List(rows...), footer(s, t.at.User)}}
	if t.share != shareMe && t.announced != said && a.announce(ctx, t, m) {
		t.announced = said
	}
	if t.glimpsed != said && a.glance(ctx, t, result(slack.List(append([][]slack.Span{{slack.Plain(mayClose)}}, rows...)...))) {
		t.glimpsed = said
	}
}

// progressLines are a title and its text each. What fails is named, but is not yet the cause: a rung
// before it may be waiting.
func progressLines(s *Summary, waiting []redact.Message) [][2]redact.Text {
	var names, passes, fails []redact.Text
	for _, m := range waiting {
		names = append(names, redact.Policy{}.Text(m))
	}
	for _, l := range s.Why {
		switch l.Status {
		case "pass":
			passes = append(passes, l.Subject)
		case "fail":
			fails = append(fails, l.Subject)
		}
	}
	lines := [][2]redact.Text{{redact.Const("Checking a token…"), redact.Join("", redact.Const("still asking "), redact.Join(", ", names...))}}
	if len(fails) > 0 {
		lines = append(lines, [2]redact.Text{redact.Const("✗ Fails so far:"), redact.Join(", ", fails...)})
	}
	if len(passes) > 0 {
		lines = append(lines, [2]redact.Text{redact.Const("✓ Passes so far:"), redact.Join(", ", passes...)})
	}
	return lines
}

// announce puts a message where the result will stand, or edits the one that is there, and reports
// whether it stands there. It is left out where it would have to wait for its turn: the result is
// worth more.
func (a *App) announce(ctx context.Context, t *task, m slack.Message) bool {
	if t.unsure || !a.slack.Idle(t.at.Channel) || !a.store.Stats().Up { // without the store it might not become the result
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var err error
	if t.message == "" {
		t.message, err = a.post(ctx, t, m)
		t.unsure = unclear(err)
		if err == nil { // whoever has to stand in needs to know
			err = a.store.Put(ctx, store.Deliveries, t.view, &outcome{At: t.at, Message: t.message})
		}
	} else if err = a.slack.Update(ctx, t.at.Channel, t.message, m); errors.Is(err, slack.ErrNotEditable) {
		t.message = ""
	}
	if err != nil {
		a.log.InfoContext(ctx, "progress was not shown", "channel", t.at.Channel, "error", errorWord(err))
	}
	return err == nil
}

// glance shows a view on the way, which is not worth telling otherwise, and reports whether it stays
// until the next: the acknowledgement may yet cover it.
func (a *App) glance(ctx context.Context, t *task, m slack.Modal) (stays bool) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	early, err := a.update(ctx, t, m)
	if err != nil {
		a.log.InfoContext(ctx, "progress was not shown", "user", t.at.User, "error", errorWord(err))
	}
	return !early
}

var mayClose = redact.Const("Checking… You may close this; the result is delivered all the same.")

// checking stands in place of the form while the check is under way: the token is gone from it.
func checking() slack.Modal { return result(slack.Paragraph(slack.Plain(mayClose))) }

// queued stands there while others are before it.
func queued(place int) slack.Modal {
	if place == 0 {
		return checking()
	}
	return result(slack.Paragraph(slack.Plain(redact.Join("", redact.Const("Other checks are under way, and yours is "), inLine(place),
		redact.Const(". You may close this; the result is delivered all the same.")))))
}
