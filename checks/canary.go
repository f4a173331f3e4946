package checks

import (
	"strings"
	"time"

	"jwt-check-bot/redact"
)

// Canary recognises both tokens, what they hide and what may be a credential in the server's answer, in
// whatever leaves the process. Public are words
// that may be shown whatever the token holds, beside those of the profiles, the requirements and the
// times of the check.
func (c *Case) Canary(public ...string) redact.Canary {
	answer := c.Answer.content()
	if c.Token.IsZero() && c.Works.IsZero() && len(answer.private) == 0 {
		return redact.Canary{}
	}
	var policy redact.Policy
	for _, p := range c.Profiles {
		public = append(append(public, p.Name, p.Issuer), p.Audience...)
		public = appendRequirements(public, p.Required)
		for _, r := range p.Routes {
			public = appendRequirements(append(public, r.Path), r.Required)
		}
	}
	for _, t := range []time.Time{c.Now, c.When, answer.date} {
		public = append(public, policy.Text(redact.Msg("{}", redact.Time(t))).String())
	}
	if c.Profile != nil {
		policy = c.Profile.Policy
	}
	public = appendRequirements(public, c.Required)
	members := append(c.Token.members(), c.Works.members()...) // what one of them shows may stand in the other
	var canary redact.Canary
	for _, t := range [...]Token{c.Token, c.Works} {
		if !t.IsZero() {
			canary = canary.And(policy.Canary(redact.NewSecret(t.content().paste.token), members, public...))
		}
	}
	tokens, words := answer.secrets()
	for _, text := range [...]string{tokens, words} {
		if text != "" {
			canary = canary.And(policy.Canary(redact.NewSecret(text), members, public...))
		}
	}
	return canary
}

// secrets are what may be credentials in the answer: tokens, no byte of which may be shown, and words
// that may be shown where they stand in what is public.
func (a *answered) secrets() (tokens, words string) {
	for _, w := range a.private {
		if strings.Count(w, ".") >= 2 {
			tokens += w + "\n"
		} else {
			words += strings.ReplaceAll(w, ".", "\n") + "\n"
		}
	}
	return tokens, words
}

// members are the token's header parameters and claims.
func (t Token) members() []redact.Value {
	of := t.content()
	members := make([]redact.Value, 0, len(of.head.members)+len(of.claims.members))
	for _, m := range of.head.members {
		members = append(members, redact.NewValue(redact.HeaderParameter, m.at, m.json, of.headText))
	}
	for _, m := range of.claims.members {
		members = append(members, redact.NewValue(redact.Claim, m.at, m.json, of.payload))
	}
	return members
}

func appendRequirements(public []string, rs []Requirement) []string {
	for _, r := range rs {
		public = append(public, r.Claim, r.Value)
	}
	return public
}
