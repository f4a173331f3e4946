package bot

import (
	"slices"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// Summary is a report as a person may read it: every private part opened or hidden by the profile's
// policy. The thread, the terminal and the JSON of `check` are all made from it.
type Summary struct {
	Profile     redact.Text
	CheckedAt   time.Time // the instant as of which the token was judged
	Fingerprint redact.Text
	Verdict     checks.Verdict
	Cause       checks.Cause
	Owner       checks.Owner
	Also        []checks.Cause
	Headline    redact.Text // "Rejected · expired"
	Says        redact.Text
	Next        redact.Text
	Why         []Line // the ladder, in order
	Server      []Line // what the server said
	Beside      []Line // the token beside one that works
	Notes       []Line // what is worth knowing about such a token
	Hygiene     []Line // what is worth mending and explains no rejection
	Times       []Moment
	Header      []Claim
	Claims      []Claim
}

// Line is one finding.
type Line struct {
	ID, Status               string // pass, warn, fail, skip
	Leads                    bool   // it explains the verdict
	Beyond                   bool   // a verifier would have stopped before it
	Subject, Says, Want, Got redact.Text
	check                    *checks.Check
}

// Title is what failing means, in one line.
func (l Line) Title() redact.Text { return word(l.check.Title) }

// Reference is where the rule stands.
func (l Line) Reference() redact.Text { return word(string(l.check.Cite)) }

// Moment is one instant of the timeline.
type Moment struct {
	Name, Relative redact.Text
	At             time.Time
}

// Claim is one claim or header parameter.
type Claim struct {
	Name, Value redact.Text
	Shown       redact.Visibility
}

// Summarize opens a report under its profile's policy.
func Summarize(r *checks.Report) *Summary {
	policy := r.Case.Profile.Policy
	s := &Summary{
		Profile:     word(r.Case.Profile.Name),
		CheckedAt:   r.Case.Instant(),
		Fingerprint: word(r.Case.Token.Fingerprint()),
		Verdict:     r.Verdict,
		Cause:       r.Cause,
		Owner:       r.Cause.Owner(),
		Also:        r.Also,
		Headline:    headline(policy, r),
		Says:        policy.Text(r.Says()),
		Next:        policy.Text(r.Next()),
		Times:       timeline(r),
		Header:      shown(policy, r.Header()),
		Claims:      shown(policy, r.Claims()),
	}
	s.Why = make([]Line, 0, len(r.Findings))
	beyond := false
	for i := range r.Findings {
		f := &r.Findings[i]
		line := Line{
			ID: f.ID, Status: f.Status(), Leads: f == r.Lead, Beyond: beyond,
			Subject: word(f.Subject), Says: policy.Text(f.Says), Want: policy.Text(f.Want), Got: policy.Text(f.Got), check: f.Check,
		}
		switch rung := f.Rung(); {
		case f.Severity == checks.Blocks:
			s.Why = append(s.Why, line)
		case rung == "answer":
			s.Server = append(s.Server, line)
		case rung == "compare":
			s.Beside = append(s.Beside, line)
		case f.Severity == checks.Info:
			s.Notes = append(s.Notes, line)
		default:
			s.Hygiene = append(s.Hygiene, line)
		}
		beyond = beyond || f == r.Lead && r.Verdict == checks.Reject
	}
	return s
}

func headline(policy redact.Policy, r *checks.Report) redact.Text {
	cause := redact.Operator(string(r.Cause))
	switch r.Verdict {
	case checks.Accept:
		return policy.Text(redact.Msg("Accepted · cause: {}", cause))
	case checks.CannotDecide:
		return policy.Text(redact.Msg("Undecided · cause: {}", cause))
	}
	return policy.Text(redact.Msg("Rejected · {}", cause))
}

// timeline puts the token's instants and the one judged in their order.
func timeline(r *checks.Report) []Moment {
	var list []Moment
	add := func(name redact.Text, t time.Time) {
		if !t.IsZero() && t.Year() < 10000 && t.Year() > 0 {
			list = append(list, Moment{Name: name, At: t, Relative: relative(t, r.Case.Now)})
		}
	}
	add(redact.Const("issued (iat)"), r.Times.Issued)
	add(redact.Const("not before (nbf)"), r.Times.NotBefore)
	add(redact.Const("expires (exp)"), r.Times.Expires)
	if len(list) == 0 {
		return nil
	}
	if failed := r.Case.Failed(); !failed.IsZero() {
		add(redact.Const("the call failed"), failed)
	}
	list = append(list, Moment{Name: redact.Const("now"), At: r.Case.Now})
	slices.SortStableFunc(list, func(a, b Moment) int { return a.At.Compare(b.At) })
	return list
}

func relative(t, now time.Time) redact.Text {
	return redact.Policy{}.Text(redact.Msg("{}", redact.Ago(now.Sub(t))))
}

func shown(policy redact.Policy, values []redact.Value) []Claim {
	list := make([]Claim, len(values))
	for i, v := range values {
		list[i].Name, list[i].Value, list[i].Shown = policy.Value(v)
	}
	return list
}
