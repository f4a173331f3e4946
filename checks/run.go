package checks

import (
	"slices"
	"time"

	"jwt-check-bot/redact"
)

// Case is one question: would this profile accept this token, as of this instant?
type Case struct {
	Token    Token
	Profile  *Profile
	Profiles []*Profile // all of them, the chosen one among them
	Evidence Evidence
	Required []Requirement // beyond the profile's own
	Now      time.Time
	When     time.Time // when the call failed; zero: judge as of Now
}

// Instant is the time as of which the token is judged.
func (c *Case) Instant() time.Time {
	if c.When.IsZero() {
		return c.Now
	}
	return c.When
}

// Pass is one run of the ladder over a Case, with what several checks need worked out once.
type Pass struct {
	*Case
	*content
	at       time.Time // the instant judged
	chosen   int       // of Profiles, the profile that judges; -1 where it is none of them
	keys     *keyChoice
	moments  *moments
	required []Requirement
	look     traits
	issuedBy *vendor
	failed   []Cause // of the checks that blocked so far
	brief    bool    // only outcomes count: why a signature does not verify is not looked into
}

// Run asks every check about the case. A check that panics says nothing but that it did.
func Run(c *Case, ladder []*Check) *Report {
	p := &Pass{Case: c, at: c.Instant(), chosen: slices.Index(c.Profiles, c.Profile)}
	if c.Token.IsZero() {
		p.content = &content{}
	} else {
		p.content = c.Token.open()
	}
	p.required = append(append(p.required, c.Profile.Required...), c.Required...)
	r := &Report{Case: c, Findings: make([]Finding, 0, fewFindings)}
	for _, check := range ladder {
		result := ask(check, p)
		if result.Outcome != NotApplicable {
			r.Findings = append(r.Findings, Finding{check, result})
		}
		if result.Outcome == Failed && check.Severity == Blocks {
			p.failed = append(p.failed, check.Cause)
		}
	}
	r.conclude()
	r.Header = p.head.values(redact.HeaderParameter, p.headText)
	r.Claims = p.claims.values(redact.Claim, p.payload)
	r.Times = p.times().Times
	return r
}

// fewFindings is as many as a good token's ladder gives.
const fewFindings = 16

// ask runs one check. What a panic says may quote the token, so its value is dropped.
func ask(check *Check, p *Pass) (result Result) {
	defer func() {
		if recover() != nil {
			result = cannotSay(redact.Msg("this check failed by a fault of its own; please report it"))
		}
	}()
	return check.Run(p)
}

func (o *object) values(place redact.Place, source func() string) []redact.Value {
	values := make([]redact.Value, len(o.members))
	for i := range o.members {
		m := &o.members[i]
		values[i] = redact.NewValue(place, m.at, m.json, source)
	}
	return values
}
