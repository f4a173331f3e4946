package checks

import (
	"slices"
	"time"

	"jwt-check-bot/redact"
)

// Case is one question: would this profile accept this token, as of this instant? Without a token it
// is what the server's answer alone says.
type Case struct {
	Token    Token
	Profile  *Profile
	Profiles []*Profile // all of them, the chosen one among them
	Evidence Evidence
	Required []Requirement // beyond the profile's own
	Now      time.Time
	Answer   Answer    // what the server said to the failing call
	Works    Token     // one that works, to compare with
	When     time.Time // when the call failed, by whoever asks; zero: not known
}

// Instant is the time as of which the token is judged.
func (c *Case) Instant() time.Time {
	if failed := c.Failed(); !failed.IsZero() {
		return failed
	}
	return c.Now
}

// Failed is when the call failed: by whoever asks, else by the server's own Date; zero where neither
// is known. That Date is a clock too: what lies in our future, or before the token was issued, cannot
// be the time of the call, and is left to answer.clock_skewed.
func (c *Case) Failed() time.Time {
	date := c.Answer.Date()
	switch {
	case !c.When.IsZero():
		return c.When
	case date.IsZero() || date.After(c.Now):
		return time.Time{}
	}
	if issued := c.Token.issued(); issued.After(date) && !issued.After(c.Now) {
		return issued
	}
	return date
}

// issued is the token's iat; zero where there is none that can be compared.
func (t Token) issued() time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	p := Pass{content: t.content()}
	if iat := p.moment("iat"); iat.state == momentGood {
		return iat.t
	}
	return time.Time{}
}

// Pass is one run of the ladder over a Case, with what several checks need worked out once.
type Pass struct {
	*Case
	*content
	at        time.Time // the instant judged
	called    time.Time // when the call failed; zero where that is not known
	chosen    int       // of Profiles, the profile that judges; -1 where it is none of them
	keys      keyChoice
	chose     bool // keys is known
	moments   moments
	audience  audience
	required  []Requirement
	look      traits
	issuedBy  *vendor
	failed    []Cause        // of the checks that blocked so far
	lead      *Check         // the first of them
	echo      *redact.Canary // of the case; nil until asked for
	compared  bool           // a finding has the answers of a replay side by side
	undecided bool           // one of them could not say
	ladder    []*Check
	working   *Report // the ladder's about the token that works; nil until asked for
	brief     bool    // only outcomes count: why a signature does not verify is not looked into
}

// Run asks every check about the case.
func Run(c *Case, ladder []*Check) *Report {
	p := &Pass{Case: c, content: c.Token.content(), at: c.Instant(), called: c.Failed(), ladder: ladder, chosen: slices.Index(c.Profiles, c.Profile)}
	p.required = c.Profile.Required
	if len(c.Required) > 0 {
		p.required = slices.Concat(p.required, c.Required)
	}
	r := &Report{Case: c, Findings: make([]Finding, 0, fewFindings)}
	for next := 0; next < len(ladder); {
		next = p.climb(r, ladder, next)
	}
	r.conclude()
	r.Times = p.times().Times
	return r
}

// fewFindings is as many as a good token's ladder gives.
const fewFindings = 16

// climb asks the checks of the ladder from one on, and returns where to go on: behind the last, or
// behind one that panicked, which says nothing but that. (To recover in each check alone would cost
// more than most checks do.) What a panic says may quote the token, so its value is dropped.
func (p *Pass) climb(r *Report, ladder []*Check, from int) (next int) {
	next = from
	defer func() {
		if recover() != nil {
			r.Findings = append(r.Findings, Finding{ladder[next], faulty})
			p.undecided = p.undecided || ladder[next].Severity == Blocks && ladder[next].decides()
			next++
		}
	}()
	for ; next < len(ladder); next++ {
		check := ladder[next]
		if p.Token.IsZero() && check.Rung() != answerRung { // every other check is about the token
			continue
		}
		result := check.Run(p)
		if result == nil {
			continue
		}
		r.Findings = append(r.Findings, Finding{check, result})
		if check.Severity == Blocks {
			switch result.Outcome {
			case Failed:
				if p.failed = append(p.failed, check.Cause); p.lead == nil {
					p.lead = check
				}
			case CannotSay:
				p.undecided = p.undecided || check.decides()
			}
		}
	}
	return next
}

var faulty = cannotSay(redact.Msg("this check failed by a fault of its own; please report it"))
