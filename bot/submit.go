package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

var zeroTime time.Time

// Submission takes the filled form. Its shape is judged here, before the acknowledgement and without
// any network; the rest is work.
func (a *App) Submission(s slack.Submission) (slack.Ack, slack.Work) {
	if s.Callback != callback {
		return slack.Ack{}, nil
	}
	refuse := func(field string, t redact.Text) (slack.Ack, slack.Work) {
		return slack.AckErrors(map[string]redact.Text{field: t}), nil
	}
	at, ok := placeOf(s.Metadata)
	if !ok {
		return refuse(fieldToken, redact.Const("This dialogue has lost its channel. Close it and start again."))
	}
	at.User = s.User
	if !a.welcome(at) {
		return refuse(fieldToken, notHere)
	}
	q := Question{Profile: a.examiner.Profile(s.Fields.Choice(fieldProfile)), When: s.Fields.Instant(fieldWhen)}
	if q.Profile == nil {
		return refuse(fieldProfile, redact.Const("This environment is not configured any more. Choose another one."))
	}
	if q.When.After(a.now().Add(time.Minute)) {
		return refuse(fieldWhen, redact.Const("This lies in the future. Give the time at which the call failed, or leave it empty."))
	}
	var err error
	if q.Token, err = checks.Parse(pasted(s.Fields)); err != nil {
		return refuse(fieldToken, pasteError(err))
	}
	if !q.Token.Credible() {
		return refuse(fieldToken, redact.Const("There is nothing in it that could be a token or an Authorization header. A JWT is one long word with two dots in it, and starts with eyJ."))
	}
	// Parts of the requirements may be anything that somebody typed, so errors quote none of it.
	needs := s.Fields.Text(fieldNeeds)
	if holdsTokenPart(needs) {
		return refuse(fieldNeeds, redact.Const("What stands here looks like a token. Take it out: a token belongs into the fields for tokens alone. This one takes claims or a route."))
	}
	if q.Required, err = q.Profile.Requirements(needs.Expose()); err != nil {
		return refuse(fieldNeeds, redact.Const("Write claims as name or name=value, with commas between, or a route that the profile knows, such as POST /orders."))
	}
	if !a.seen.add("view "+s.View, struct{}{}) {
		return a.second(s.View), nil
	}
	select {
	case a.waiting <- struct{}{}:
	default:
		a.seen.forget("view " + s.View)
		a.metrics.refused()
		return refuse(fieldToken, redact.Const("Too many checks are under way. Nothing is lost: press Check again in a minute."))
	}
	a.accepted.add(s.ID, func() { <-a.waiting; a.seen.forget("view " + s.View) })
	share := s.Fields.Choice(fieldShare)
	return slack.AckUpdate(checking()), func(ctx context.Context) {
		a.accepted.settle(s.ID)
		defer func() { <-a.waiting }()
		a.check(ctx, s.View, at, share, q)
	}
}

// second answers a delivery of what was delivered before: by what the view shows already, so that a
// late one does not put "Checking…" in place of a result.
func (a *App) second(view string) slack.Ack {
	if m, ok := a.shown.get(view); ok {
		return slack.AckUpdate(m)
	}
	return slack.AckUpdate(checking())
}

// pasted joins the token's two fields.
func pasted(f slack.Fields) redact.Secret {
	rest := f.Text(fieldToken2)
	if strings.TrimSpace(rest.Expose()) == "" {
		return f.Text(fieldToken)
	}
	return redact.NewSecret(strings.TrimSpace(f.Text(fieldToken).Expose()) + strings.TrimSpace(rest.Expose()))
}

func pasteError(err error) redact.Text {
	if errors.Is(err, checks.ErrTooLarge) {
		return redact.Const("This is larger than 64 KiB, which no server takes as a header. Paste the token alone.")
	}
	return redact.Const("Paste the token here: the value of the failing request's Authorization header.")
}

// check examines the token, posts the summary and shows it. Whatever fails, the requester is told.
func (a *App) check(ctx context.Context, view string, at place, share string, q Question) {
	done := false
	defer func() {
		if !done { // a panic is on its way: what it says may quote the token, so only that it was is said
			a.show(ctx, view, at, result(slack.Paragraph(slack.Plain(redact.Const("The check failed by a fault of mine. Nothing was posted. Please tell whoever runs this bot; check again in the meantime.")))))
		}
	}()
	select {
	case a.slots <- struct{}{}:
	case <-ctx.Done():
		done = true
		a.show(context.WithoutCancel(ctx), view, at, result(slack.Paragraph(slack.Plain(redact.Const("I was stopped before the check began. Nothing was posted; check again in a minute.")))))
		return
	}
	defer func() { <-a.slots }()
	started := a.now()
	examining, cancel := context.WithTimeout(ctx, examineTimeout)
	report := a.examiner.Examine(examining, q)
	cancel()
	// From here on nothing may leave that holds a piece of this very token, or a claim it hides.
	canary := report.Case.Canary(a.examiner.addresses()...)
	ctx = redact.WithCanary(ctx, canary)
	s := Summarize(report)
	took := a.now().Sub(started)
	a.metrics.checked(report, took)
	a.record(ctx, at, q, s, took)
	if share == shareMe {
		a.drafts.add(view, draft{s, at, canary})
		a.show(ctx, view, at, draftView(s, at))
	} else {
		a.show(ctx, view, at, a.deliver(ctx, s, at))
	}
	done = true
}

// record writes the one line that is logged of a check.
func (a *App) record(ctx context.Context, at place, q Question, s *Summary, took time.Duration) {
	a.log.InfoContext(ctx, "checked",
		"requester", at.User, "channel", at.Channel, "thread", at.Thread, "profile", q.Profile.Name,
		"fingerprint", q.Token.Fingerprint(), "sub", s.claim("sub"), "jti", s.claim("jti"),
		"verdict", string(s.Verdict), "cause", string(s.Cause), "duration_ms", took.Milliseconds())
}

func (s *Summary) claim(name string) string {
	for _, c := range s.Claims {
		if c.Name.String() == name {
			return c.Value.String()
		}
	}
	return ""
}

// deliver posts the summary where it belongs, and returns the view that says so, or that shows it
// where posting failed.
func (a *App) deliver(ctx context.Context, s *Summary, at place) slack.Modal {
	ctx, cancel := context.WithTimeout(ctx, 2*callTimeout)
	defer cancel()
	where := redact.Const("Posted to the thread.")
	var err error
	if at.Thread != "" {
		_, err = a.slack.Post(ctx, at.Channel, at.Thread, summaryMessage(s, at.User))
	} else {
		where = redact.Const("Posted to the channel, with the details in its thread.")
		var ts string
		if ts, err = a.slack.Post(ctx, at.Channel, "", verdictMessage(s, at.User)); err == nil {
			_, err = a.slack.Post(ctx, at.Channel, ts, detailMessage(s))
		}
	}
	switch {
	case err == nil:
		return result(append(verdictBlocks(s), slack.Context(slack.Plain(where)))...)
	case errors.Is(err, slack.ErrParentGone):
		where = redact.Const("The thread's first message was deleted, so the summary stands in the channel itself.")
		return result(append(verdictBlocks(s), slack.Context(slack.Plain(where)))...)
	}
	a.log.WarnContext(ctx, "the summary was not posted", "channel", at.Channel, "error", errorWord(err))
	note := slack.Paragraph(slack.Bold(redact.Const("Not posted: ")), slack.Plain(hintOf(err)))
	return result(append(append([]slack.Block{note}, verdictBlocks(s)...), detailBlocks(s)...)...)
}

// show puts a view in place of the small one. If the requester has closed it, or Slack does not
// answer, they get its text as a message instead, unless all that it says is in the thread already.
func (a *App) show(ctx context.Context, view string, at place, m slack.Modal) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	a.shown.add(view, m)
	err := a.slack.UpdateView(ctx, view, m)
	if errors.Is(err, slack.ErrWithheld) {
		m = result(slack.Paragraph(slack.Plain(withheld)))
		a.shown.forget(view)
		a.shown.add(view, m)
		err = a.slack.UpdateView(ctx, view, m)
	}
	if err == nil {
		return
	}
	a.log.InfoContext(ctx, "the view was not updated", "user", at.User, "error", errorWord(err))
	a.tell(ctx, at, slack.Message{Text: redact.Const("The result of your check"), Blocks: m.Blocks})
}

// withheld is all that is said where the net behind the types caught something.
var withheld = redact.Const("The check is done, but its result would have shown something that must stay hidden, so it was withheld whole. Nothing was posted. Please tell whoever runs this bot; jwt-check-bot check shows the result on your own machine.")

// draft is a summary that its requester alone has seen.
type draft struct {
	summary *Summary
	at      place
	canary  redact.Canary
}

const actionPost = "post"

func draftView(s *Summary, at place) slack.Modal {
	blocks := append(verdictBlocks(s), detailBlocks(s)...)
	return result(append(blocks, footer(s, at.User), slack.Divider(),
		slack.Paragraph(slack.Plain(redact.Const("Only you see this. The button posts exactly what stands above."))),
		slack.Buttons("draft", slack.Button{Action: actionPost, Value: "post", Text: redact.Const("Post it"), Style: slack.Primary}))...)
}

func (a *App) postDraft(ctx context.Context, s slack.Action) {
	d, ok := a.drafts.get(s.View)
	if !ok || d.at.User != s.User {
		a.show(ctx, s.View, place{User: s.User}, result(slack.Paragraph(slack.Plain(redact.Const("I no longer have this summary. Nothing was posted; check the token again.")))))
		return
	}
	if !a.seen.add("post "+s.View, struct{}{}) {
		return
	}
	ctx = redact.WithCanary(ctx, d.canary)
	a.show(ctx, s.View, d.at, a.deliver(ctx, d.summary, d.at))
}
