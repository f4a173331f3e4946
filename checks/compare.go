package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// The compare rung: this token beside one that works. What the policy hides of either is the same,
// another or missing, and no more.

// worksBeside judges the token that works by the same ladder, once. It is judged as of the same instant,
// or of now where it was issued after that.
func (p *Pass) worksBeside() *Report {
	if p.working == nil {
		c := *p.Case
		c.Token, c.Works, c.Answer, c.When = p.Works, Token{}, Answer{}, p.called
		c.Evidence = Evidence{Keys: c.Evidence.Keys} // servers were asked about the other one
		if p.Works.issued().After(p.at) {
			c.When = p.Now
		}
		p.working = Run(&c, p.ladder)
	}
	return p.working
}

// beside returns the other token's content; false where there is none, or nothing to compare in this one.
func (p *Pass) beside() (*content, bool) {
	if p.Works.IsZero() || p.form != formJWS || p.sameToken() {
		return nil, false
	}
	other := p.Works.content()
	return other, other.form == formJWS
}

func (p *Pass) sameToken() bool { return p.Works.content().paste.token == p.paste.token }

var differenceExplains = Check{
	ID:       "compare.difference_explains",
	Subject:  "What explains it",
	Title:    "Which difference from the token that works explains the verdict",
	Doc:      "Both tokens climb the same ladder. What fails in this one and passes in the other is the difference that matters; what fails in both is none.",
	Cite:     "RFC 7519 §7.2",
	Severity: Info,
	Run: func(p *Pass) *Result {
		if p.Works.IsZero() {
			return nil
		}
		if p.sameToken() {
			return pass(redact.Msg("nothing in the token: it is the same one, to the byte. Compare when and how the two requests were sent"))
		}
		other := p.worksBeside()
		if len(p.failed) == 0 {
			if other.Verdict == Accept {
				return pass(redact.Msg("no difference between the tokens: both pass. Compare the two requests instead: address, header, time"))
			}
			return pass(redact.Msg("none: this token passes"))
		}
		lead := p.failed[0]
		what := redact.Operator(p.subjectOf(lead))
		if other.Cause == lead || slices.Contains(other.Also, lead) {
			return pass(redact.Msg("not “{}”, which fails in the token that works as well: either that works at another API, or the profile asks for more than the API does", what))
		}
		return pass(redact.Msg("“{}” fails here and passes in the token that works", what))
	},
}

// subjectOf is what the first check of the ladder looks at that blocks for that cause.
func (p *Pass) subjectOf(c Cause) string {
	for _, check := range p.ladder {
		if check.Cause == c && check.Severity == Blocks && check.Rung() != answerRung {
			return check.Subject
		}
	}
	return string(c)
}

var otherJudged = Check{
	ID:       "compare.other_judged",
	Subject:  "Its own verdict",
	Title:    "The token that works would be rejected by the profile",
	Doc:      "If it really works, the API judges by other rules than the profile says, or it was sent to another API. Set the profile right first: its verdicts about other tokens are no better.",
	Cite:     "RFC 7519 §7.2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.Works.IsZero() || p.sameToken() {
			return nil
		}
		r := p.worksBeside()
		switch r.Verdict {
		case Accept:
			return pass(redact.Msg("{} would accept it", p.Profile.label()))
		case Reject:
			return &Result{Outcome: Failed, Says: redact.Msg("{} would reject the token that works: {} ({})", p.Profile.label(), redact.Part(r.Says()), redact.Operator(string(r.Cause)))}
		}
		return cannotSay(redact.Msg("cannot say: {}", redact.Part(r.Says())))
	},
}
