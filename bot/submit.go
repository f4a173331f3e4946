package bot

import (
	"context"
	"slices"
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
	at, ok := a.placeOf(s.Metadata, s.User)
	if !ok {
		return refuse(fieldToken, redact.Const("This dialogue has lost its channel. Close it and start again."))
	}
	at.team = s.UserTeam
	q := Question{
		Profile: a.examiner.Profile(s.Fields.Choice(fieldProfile)), When: s.Fields.Instant(fieldWhen),
		Replay: slices.Contains(s.Fields.Choices(fieldOptions), optionReplay), Slack: checks.ReadClock(a.slack.Clock()),
	}
	if q.Profile == nil {
		return refuse(fieldProfile, redact.Const("This environment is not configured any more. Choose another one."))
	}
	if q.When.After(a.now().Add(time.Minute)) {
		return refuse(fieldWhen, redact.Const("This lies in the future. Give the time at which the call failed, or leave it empty."))
	}
	var err error
	if block, problem := q.evidence(s.Fields); block != "" {
		return refuse(block, problem)
	}
	// Parts of the requirements may be anything that somebody typed, so errors quote none of it.
	needs := s.Fields.Text(fieldNeeds)
	if holdsTokenPart(needs) {
		return refuse(fieldNeeds, redact.Const("What stands here looks like a token. Take it out: a token belongs into the fields for tokens alone. This one takes claims or a route."))
	}
	if q.Required, err = q.Profile.Requirements(needs.Expose()); err != nil {
		return refuse(fieldNeeds, redact.Const("Write claims as name or name=value, with commas between, or a route that the profile knows, such as POST /orders."))
	}
	key := "view " + s.View
	for !a.seen.Add(key, struct{}{}) {
		work := a.accepted.again(s.ID, key)
		_, kept := a.seen.Get(key)
		switch {
		case work == nil && !kept: // it was taken back just now
			continue
		case work == nil: // what this acknowledgement shows may cover the result
			work = func(ctx context.Context) { a.showAgain(ctx, &task{view: s.View, at: at}) }
		}
		return slack.AckUpdate(checking()), work
	}
	var t task
	accepted := false
	forget := func() { t.ticket.leave(); a.seen.Forget(key) }
	defer func() {
		if !accepted { // refused, or a panic is on its way: delivered again, it is new
			forget()
		}
	}()
	t = task{view: s.View, hash: s.Hash, sent: a.now(), at: at, share: s.Fields.Choice(fieldShare), question: q}
	if t.ticket = a.queue.join(line{at.User, at.Channel, at.Thread}); t.ticket == nil {
		a.metrics.refused()
		return refuse(fieldToken, redact.Const("Too many checks are under way. Nothing is lost: press Check again in a minute."))
	}
	t.place = t.ticket.place()
	ack := slack.AckUpdate(queued(t.place))
	accepted = true
	return ack, a.accepted.add(s.ID, key, func(ctx context.Context) {
		defer t.ticket.leave()
		if c := a.claim(ctx, &t); c != nil {
			defer c.Done(ctx)
			a.check(ctx, &t)
		}
	}, forget)
}

// task is an accepted submission and what became of it. It belongs to the goroutine that works on it.
type task struct {
	view     string
	hash     string    // of what the view shows until Slack has taken the acknowledgement; empty once it has
	sent     time.Time // when the form was
	at       place
	share    string
	question Question
	ticket   *ticket
	place    int // in the queue, as shown last
	canary   redact.Canary
	ruling   ruling // what the rules say of it, once its turn has come

	tries               int         // postings of the draft, this one included, where its button was pressed
	message, aside      string      // the timestamp of the message that says “Checking…”, and of one that is not to become the result
	result              string      // that of the message that is the result
	unsure              bool        // Slack did not say whether it took a message that says “Checking…”
	astray              bool        // they stand in the channel, because the thread is gone
	announced, glimpsed redact.Text // the progress that was shown last, there and in the view
}

var failed = redact.Const("The check failed by a fault of mine. Please tell whoever runs this bot; check again in the meantime.")

// check examines the token and delivers the result. Whatever fails, the requester is told.
func (a *App) check(ctx context.Context, t *task) {
	why := failed
	defer func() {
		if !why.IsZero() { // also where a panic is on its way: it may quote the token, so only that it was is said
			a.lastWords(ctx, t, why)
		}
	}()
	accepted := a.now()
	if !a.awaitTurn(ctx, t) {
		why = redact.Const("I was restarted before your check began. Nothing was posted; check again.")
		return
	}
	// From here on nothing may leave that holds a piece of this very token, or a claim it hides.
	t.canary = a.examiner.canary(t.question, t.at)
	ctx = redact.WithCanary(ctx, t.canary)
	if t.ruling = a.gate.now(ctx, t.at); !t.ruling.refusal.IsZero() {
		a.log.InfoContext(ctx, "refused", "user", t.at.User, "channel", t.at.Channel, "rule", t.ruling.rule)
		why = redact.Join(" ", redact.Const("Not checked."), t.ruling.refusal)
		return
	}
	if !t.ruling.private.IsZero() {
		t.share = shareMe
	}
	started := a.now()
	underWay, waiting := a.queue.counts()
	a.log.DebugContext(ctx, "a check begins", "requester", t.at.User, "channel", t.at.Channel, "waited_ms", started.Sub(accepted).Milliseconds(), "under_way", underWay, "waiting", waiting)
	report := a.examine(ctx, t)
	if report == nil {
		why = redact.Const("I was restarted before your check ended. There is no result; check again.")
		return
	}
	s := Summarize(report)
	took := a.now().Sub(started)
	a.metrics.checked(report, took)
	a.record(ctx, t, s, took)
	t.question = Question{} // its result may wait for long, and the token is not to
	t.ticket.examined()
	a.deliver(ctx, t, s)
	why = redact.Text{}
}

// record writes the one line that is logged of a check.
func (a *App) record(ctx context.Context, t *task, s *Summary, took time.Duration) {
	a.log.InfoContext(ctx, "checked",
		"requester", t.at.User, "channel", t.at.Channel, "thread", t.at.Thread, "profile", t.question.Profile.Name,
		"fingerprint", t.question.Token.Fingerprint(), "sub", s.claim("sub"), "jti", s.claim("jti"),
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
