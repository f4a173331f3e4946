package bot

import (
	"context"
	"slices"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// Examination is a question under way: its parties are asked at the same time, and the ladder is
// judged over what they have answered. It belongs to one goroutine.
type Examination struct {
	ctx      context.Context
	ladder   []*checks.Check
	question checks.Case
	idle     []*party // not asked, and perhaps never
	asked    []*party // and not answered
	arrivals chan arrival
	report   *checks.Report // of now; nil where it has to be judged again
}

type arrival struct {
	from  *party
	enter answer
}

// Begin asks whoever has to be asked. Who has not answered when ctx ends has missed its time.
func (e *Examiner) Begin(ctx context.Context, q Question) *Examination {
	return e.begin(ctx, q, e.parties(q))
}

func (e *Examiner) begin(ctx context.Context, q Question, parties []*party) *Examination {
	x := &Examination{
		ctx: ctx, ladder: e.ladder, idle: parties, arrivals: make(chan arrival, len(parties)),
		question: checks.Case{
			Token: q.Token, Profile: q.Profile, Profiles: e.profiles, Required: q.Required,
			Evidence: checks.Evidence{Keys: make([]checks.KeyEvidence, len(e.profiles)), Slack: q.Slack},
			Now:      e.now(), When: q.When, Answer: q.Answer, Works: q.Works,
		},
	}
	x.askMore()
	return x
}

// Wait returns true once nobody is waited for any more, and false if enough comes first.
func (x *Examination) Wait(enough <-chan time.Time) bool {
	for len(x.asked) > 0 {
		select {
		case a := <-x.arrivals:
			a.enter(&x.question.Evidence)
			x.asked = slices.DeleteFunc(x.asked, func(p *party) bool { return p == a.from })
			x.report = nil
			x.askMore()
		case <-enough:
			return false
		}
	}
	return true
}

// askMore asks those whose answers are worth having after all that is known.
func (x *Examination) askMore() {
	x.askWhere(func(p *party) bool { return p.wanted == nil })
	if len(x.idle) > 0 {
		r := x.Report()
		x.askWhere(func(p *party) bool { return p.wanted(r) })
	}
}

func (x *Examination) askWhere(wanted func(*party) bool) {
	x.idle = slices.DeleteFunc(x.idle, func(p *party) bool {
		if !wanted(p) {
			return false
		}
		x.report = nil
		if p.known != nil {
			if known := p.known(); known != nil { // and neither a goroutine nor a ladder without it is needed
				known(&x.question.Evidence)
				return true
			}
		}
		x.asked = append(x.asked, p)
		go func() { x.arrivals <- arrival{p, p.await(x.ctx)} }()
		return true
	})
}

// Waiting names who has been asked and has not answered.
func (x *Examination) Waiting() []redact.Message {
	names := make([]redact.Message, len(x.asked))
	for i, p := range x.asked {
		names[i] = p.name
	}
	return names
}

// Report is the ladder over what is known now: the answer once Wait has returned true, and until then
// one that may yet change, in which the parties that are waited for are named as such.
func (x *Examination) Report() *checks.Report {
	if x.report == nil {
		c := x.question
		c.Evidence.Keys = slices.Clone(c.Evidence.Keys)
		for _, p := range x.asked {
			p.missed(redact.Msg("no answer yet"))(&c.Evidence)
		}
		x.report = checks.Run(&c, x.ladder)
	}
	return x.report
}
