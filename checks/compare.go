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
		if p.failedOnly(KeyRotated, ServerSide, ClientSide) {
			switch {
			case other.Verdict != Accept:
				return pass(redact.Msg("none: this token passes"))
			case slices.Contains(p.failed, ServerSide):
				return pass(redact.Msg("none that a check here knows: both pass, and the API was asked with this one alone. Replay the other one too"))
			}
			return pass(redact.Msg("no difference between the tokens: both pass. Compare the two requests instead: address, header, time"))
		}
		if says := p.saidOfThisAlone(); !says.IsZero() {
			return pass(says)
		}
		what := redact.Operator(p.lead.Subject)
		if cause := p.lead.Cause; other.Cause == cause || slices.Contains(other.Also, cause) {
			return pass(redact.Msg("not “{}”, which fails in the token that works as well: either that works at another API, or the profile asks for more than the API does", what))
		}
		return pass(redact.Msg("“{}” fails here and passes in the token that works", what))
	},
}

// saidOfThisAlone compares where a server's answer explains the verdict: of the token that works none was
// asked for. It is empty where a check of the token itself explains it.
func (p *Pass) saidOfThisAlone() redact.Message {
	other, ok := p.beside()
	scopes := p.Answer.content().scopes
	switch rung := p.lead.Rung(); {
	case rung != answerRung && rung != "replay" && rung != "lifecycle" && p.lead != &serverBlamed:
		return redact.Message{}
	case p.lead.Cause == HeaderTooLarge && p.Works.Size() >= p.Token.Size():
		return redact.Msg("not the token's size: {} bytes here, {} in the token that works", redact.Count(p.Token.Size()), redact.Count(p.Works.Size()))
	case p.lead.Cause == HeaderTooLarge:
		return redact.Msg("perhaps the size: {} bytes here, {} in the token that works", redact.Count(p.Token.Size()), redact.Count(p.Works.Size()))
	case p.lead == &scopeInsufficient && ok && len(scopes) > 0:
		lacks := func(c *content) bool {
			q := &Pass{content: c}
			return slices.ContainsFunc(scopes, func(s string) bool { return !q.permits(s) })
		}
		switch here, there := lacks(p.content), lacks(other); {
		case here && !there:
			return redact.Msg("“{}”: the token that works has what the server asks for", redact.Operator(p.lead.Subject))
		case here:
			return redact.Msg("not “{}”: the token that works does not have what the server asks for either; was it the same call?", redact.Operator(p.lead.Subject))
		}
	}
	return redact.Msg("cannot say: “{}” is what a server said of this token, and of the one that works none was asked", redact.Operator(p.lead.Subject))
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
		return cannotSay(r.Says())
	},
}
