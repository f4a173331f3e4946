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
	r.Cause = None
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
}

// Says is the verdict's sentence: what the finding that leads says, or that all is well.
func (r *Report) Says() redact.Message {
	switch {
	case r.Lead == nil && r.Case.When.IsZero():
		return redact.Msg("Every check passes: {} would accept this token", r.Case.Profile.label())
	case r.Lead == nil:
		return redact.Msg("Every check passes: {} would have accepted this token when the call failed", r.Case.Profile.label())
	case r.Cause == Unknown:
		return redact.Msg("Not decided: {}", redact.Part(r.Lead.Says))
	}
	return r.Lead.Says
}

// Next is what the owner does next.
func (r *Report) Next() redact.Message {
	switch {
	case r.Lead == nil:
		return redact.Msg("Nothing in the token explains a 401. Compare the Authorization header that the client really sends with a plain request, then read the API's own log")
	case r.Cause == Unknown:
		return redact.Msg("Find out why the issuer's key set cannot be fetched; the API may be unable to fetch it too, which would explain the 401. Then check again")
	}
	return r.Lead.Next
}
