package bot

import (
	"context"
	"strconv"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/redact"
)

// Drafts: what its requester alone has seen, with the button that posts it.

const actionPost = "post"

// draftView is the summary for its requester alone: why, if they did not ask for that, and the button that
// posts it, unless a rule forbids it.
func draftView(s *Summary, at place, r ruling) slack.Modal {
	note := redact.Const("Only you see this. The button posts exactly what stands above.")
	switch {
	case !r.postable():
		note = redact.Text{}
	case r.mendable:
		note = redact.Const("Once that is mended, the button posts exactly what stands above, without its first line.")
	}
	return draftUnder(s, at, notice(r), note)
}

// unpostedView is what there is where posting failed: the whole summary, and another try.
func (o *outcome) unpostedView(why slack.Block) slack.Modal {
	note := redact.Const("Only you see this. Once that is mended, the button posts the summary.")
	if o.Under != "" {
		note = redact.Const("Only you see the details. Once that is mended, the button posts them.")
	}
	return draftUnder(o.Summary, o.At, why, note)
}

// draftUnder is a summary under a first line, with the button under a note; without a note there is none.
func draftUnder(s *Summary, at place, first slack.Block, note redact.Text) slack.Modal {
	posted := summaryMessage(s, at.User).Blocks // under which stands the button for the next check
	posted = posted[:len(posted)-1]
	if at.Thread == "" { // two messages, of which the first has the small print
		posted = append(append(verdictBlocks(s), detailMessage(s).Blocks...), footer(s, at.User))
	}
	blocks := append([]slack.Block{first}, posted...)
	if note.IsZero() {
		return result(blocks...)
	}
	return result(append(blocks, slack.Divider(), slack.Paragraph(slack.Plain(note)),
		slack.Buttons("draft", slack.Button{Action: actionPost, Value: "post", Text: redact.Const("Post it"), Style: slack.Primary}))...)
}

// draftMessage is the same for somebody who has closed the view. What is said stands first, as in the
// view: it is all that a screen reader and a lock screen have of it.
func (o *outcome) draftMessage(first slack.Block, said redact.Text) slack.Message {
	only := redact.Const("Only you see this.")
	if o.Under != "" {
		only = redact.Const("Only you see the details.")
	}
	return slack.Message{Text: redact.Join(" ", said, only, notification(o.Summary)),
		Blocks: slack.Fit(append(append([]slack.Block{first}, verdictBlocks(o.Summary)...), detailBlocks(o.Summary)...), more,
			slack.Context(slack.Plain(redact.Join(" ", only, redact.Join("", noToken, redact.Const("."))))))}
}

// postDraft posts what its requester alone has seen, by whichever replica: exactly that, and once.
func (a *App) postDraft(ctx context.Context, s slack.Action) {
	var draft outcome
	found, err := a.store.Get(ctx, store.Deliveries, s.View, &draft)
	t := &task{view: s.View, at: draft.At}
	if err != nil { // it is there still, for another press
		a.log.WarnContext(ctx, "a draft was not posted", "user", s.User, "error", "the store does not answer")
		a.tell(ctx, place{User: s.User}, sentence(redact.Const("Nothing was posted: another replica of mine has this summary, and I cannot reach what we share. Press the button again in a minute, or check the token again.")))
		return
	}
	if !found || draft.At.User != s.User || draft.Summary == nil {
		gone := redact.Const("I no longer have this summary. Nothing was posted; check the token again.")
		t.at = place{User: s.User}
		a.show(ctx, t, result(slack.Paragraph(slack.Plain(gone))), sentence(gone))
		return
	}
	if !draft.Draft { // posted meanwhile
		view, _ := draft.view()
		a.glance(ctx, t, view)
		return
	}
	if canary, ok := a.canaries.Get(s.View); ok {
		t.canary = canary
		ctx = redact.WithCanary(ctx, canary)
	}
	r := a.gate.now(ctx, draft.At)
	if !r.refusal.IsZero() {
		r = ruling{private: r.refusal, mendable: r.mendable, rule: r.rule}
	}
	if !r.private.IsZero() {
		a.log.InfoContext(ctx, "a draft was not posted", "user", s.User, "channel", draft.At.Channel, "rule", r.rule)
		a.glance(ctx, t, draftView(draft.Summary, draft.At, r))
		return
	}
	c, err := a.store.Claim(ctx, store.Posts, draft.try(s.View), &outcome{At: draft.At, Tries: draft.Tries})
	if c == nil || err != nil { // it is being posted, or was, or may have been: the view says it
		return
	}
	defer c.Done(ctx)
	done := false
	defer func() {
		if !done { // a panic is on its way
			a.settle(ctx, t, draft.cutOff(redact.Const("I failed by a fault of mine while I did. Look there before you post it from here.")))
		}
	}()
	t.tries, t.message = draft.Tries+1, draft.Message
	t.result, t.astray = draft.Under, draft.Under != "" && draft.At.Thread != ""
	a.deliver(ctx, t, draft.Summary)
	done = true
}

// try names the posting of a draft as it stands: each is made once. After one that failed the draft is
// another one, so that a press on the view before, which did not say so, posts nothing more.
func (o *outcome) try(view string) string { return view + " " + strconv.Itoa(o.Tries) }

// cutOff is the draft after a posting of which nobody knows what came of it. A message that may be the
// result by now stays as it is, and is what a further press makes the result.
func (o *outcome) cutOff(why redact.Text) *outcome {
	return &outcome{At: o.At, Message: o.Message, Under: o.Under, Summary: o.Summary, Draft: true, Tries: o.Tries + 1, Note: o.perhaps(), Mend: why}
}

// perhaps is what there is to say where Slack did not.
func (o *outcome) perhaps() redact.Text {
	if o.Under != "" {
		return redact.Const("The verdict is posted, its details perhaps not:")
	}
	return redact.Const("Perhaps not posted:")
}
