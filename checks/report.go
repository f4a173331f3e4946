package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// Report is what the ladder found.
type Report struct {
	Case     *Case
	Verdict  Verdict
	Cause    Cause
	Lead     *Finding // the finding that explains the verdict; nil where all is well
	Also     []Cause  // what would each still reject the token once the first is fixed
	Findings []Finding
	Times    Times
}

// Header returns the token's header parameters.
func (r *Report) Header() []redact.Value {
	c := r.Case.Token.content()
	return c.head.values(redact.HeaderParameter, c.headText)
}

// Claims returns the token's claims.
func (r *Report) Claims() []redact.Value {
	c := r.Case.Token.content()
	return c.claims.values(redact.Claim, c.payload)
}

func (o *object) values(place redact.Place, source func() string) []redact.Value {
	values := make([]redact.Value, len(o.members))
	for i := range o.members {
		m := &o.members[i]
		values[i] = redact.NewValue(place, m.at, m.json, source)
	}
	return values
}

// conclude names the cause: the first check of the ladder that blocks.
func (r *Report) conclude() {
	if r.Case.Token.IsZero() {
		r.byWords()
		return
	}
	r.Cause = None
	sound := true // the token itself
	var unknown *Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity != Blocks {
			continue
		}
		if f.Outcome == CannotSay && unknown == nil && f.decides() {
			unknown = f
		}
		if f.Outcome != Failed {
			continue
		}
		sound = sound && (f.Elsewhere || f.Cause.Verdict() == Accept)
		if r.Lead == nil {
			r.Lead, r.Cause = f, f.Cause
		} else if f.Cause != r.Cause && !slices.Contains(r.Also, f.Cause) {
			r.Also = append(r.Also, f.Cause)
		}
	}
	if r.Lead == nil && unknown != nil {
		r.Lead, r.Cause = unknown, Unknown
	}
	r.Verdict = r.Cause.Verdict()
	if r.Lead != nil && r.Lead.Elsewhere && sound {
		r.Verdict = Accept
		if unknown != nil {
			r.Verdict = CannotDecide
		}
	}
}

// byWords concludes from what the server said alone: its words, and what else its answer demands.
func (r *Report) byWords() {
	r.Cause, r.Lead = Unknown, r.find(&serverSaid)
	named := slices.Clone(r.Case.Answer.content().causes())
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity == Blocks && f.Outcome == Failed && !slices.Contains(named, f.Cause) {
			if named = append(named, f.Cause); len(named) == 1 {
				r.Lead = f
			}
		}
	}
	if len(named) > 0 {
		r.Cause, r.Also = named[0], named[1:]
	} else if r.Case.Answer.content().hint() == nil {
		for _, c := range [...]*Check{&schemeOther, &tokenUnseen, &statusMislabelled} {
			if f := r.find(c); f != nil && f.Outcome == Failed && !f.Next.IsZero() {
				r.Lead = f
				break
			}
		}
	}
	r.Verdict = r.Cause.Verdict()
}

// find returns a check's finding; nil where it had nothing to say.
func (r *Report) find(c *Check) *Finding {
	for i := range r.Findings {
		if r.Findings[i].Check == c {
			return &r.Findings[i]
		}
	}
	return nil
}

// Says is the verdict's sentence: what the finding that leads says, or that all is well.
func (r *Report) Says() redact.Message {
	switch {
	case r.Case.Token.IsZero():
		return r.saysByWords()
	case r.Lead == nil:
		says := redact.Msg("Every check passes: {} would have accepted this token when the call failed", r.Case.Profile.label())
		if r.Case.Failed().IsZero() {
			says = redact.Msg("Every check passes: {} would accept this token", r.Case.Profile.label())
		}
		switch f, hint := r.reserve(), r.Case.Answer.content().hint(); {
		case f == nil && hint != nil:
			return redact.Msg("{}; and {} says that {}", redact.Part(says), hint.speaker(), redact.Part(hint.meaning()))
		case f == nil:
			return says
		case f.Outcome == CannotSay:
			return redact.Msg("{}; the replay decided nothing: {}", redact.Part(says), redact.Part(f.Says))
		default:
			return redact.Msg("{}; but {}", redact.Part(says), redact.Part(f.Says))
		}
	case r.Cause == Unknown:
		return redact.Msg("Not decided: {}", redact.Part(r.Lead.Says))
	}
	return r.Lead.Says
}

// Next is what the owner does next.
func (r *Report) Next() redact.Message {
	switch {
	case r.Case.Token.IsZero() && r.Lead != nil:
		return r.Lead.Next
	case r.Lead == nil && r.reserve() != nil && !r.reserve().Next.IsZero():
		return r.reserve().Next
	case r.Lead == nil && r.Case.Answer.content().hint() != nil:
		return r.Case.Answer.content().hint().advice()
	case r.Lead == nil:
		return redact.Msg("Nothing in the token explains a 401. Compare the Authorization header that the client really sends with a plain request, then read the API's own log")
	case r.Cause == Unknown && r.Lead.Next.IsZero():
		return redact.Msg("Find out why the issuer's key set cannot be fetched; the API may be unable to fetch it too, which would explain the 401. Then check again")
	}
	return r.Lead.Next
}

// reserve is the finding that has to be said with a verdict that all is well: what the server says
// otherwise, or why asking it showed nothing. It is nil where there is none.
func (r *Report) reserve() *Finding {
	for _, c := range [...]*Check{&verdictContradicted, &schemeOther, &tokenUnseen, &replayRefused, &replayUnenforced, &statusMislabelled} {
		if f := r.find(c); f != nil && (f.Outcome == Failed || f.Outcome == CannotSay && c.Rung() == "replay") {
			return f
		}
	}
	return nil
}

// saysByWords is the verdict's sentence where no token was given.
func (r *Report) saysByWords() redact.Message {
	a := r.Case.Answer.content()
	switch hint := a.hint(); {
	case a.says(r.Cause):
		return redact.Msg("By the server's words alone, since no token was given: {}", redact.Part(a.meaning(r.Cause)))
	case r.Cause != Unknown:
		return redact.Msg("By the server's words alone, since no token was given: {}", redact.Part(r.Lead.Says))
	case hint != nil:
		return redact.Msg("Not decided, since no token was given: {} says that {}", hint.speaker(), redact.Part(hint.meaning()))
	case r.Lead.Check != &serverSaid:
		return redact.Msg("Not decided, since no token was given: {}", redact.Part(r.Lead.Says))
	}
	return redact.Msg("Not decided: no token was given, and the server's words name no cause that is known here")
}
