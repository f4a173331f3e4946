package checks

import (
	"time"

	"jwt-check-bot/redact"
)

// Canary recognises the token and its hidden values in whatever leaves the process. Public are words
// that may be shown whatever the token holds, beside those of the profiles, the requirements and the
// times of the check.
func (c *Case) Canary(public ...string) redact.Canary {
	if c.Token.open == nil {
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
	for _, t := range []time.Time{c.Now, c.When} {
		public = append(public, policy.Text(redact.Msg("{}", redact.Time(t))).String())
	}
	if c.Profile != nil {
		policy = c.Profile.Policy
	}
	return c.Token.canary(policy, appendRequirements(public, c.Required))
}

func (t Token) canary(policy redact.Policy, public []string) redact.Canary {
	of := t.open()
	members := make([]redact.Value, 0, len(of.head.members)+len(of.claims.members))
	for _, m := range of.head.members {
		members = append(members, redact.NewValue(redact.HeaderParameter, m.at, m.json, of.headText))
	}
	for _, m := range of.claims.members {
		members = append(members, redact.NewValue(redact.Claim, m.at, m.json, of.payload))
	}
	return policy.Canary(redact.NewSecret(of.paste.token), members, public...)
}

func appendRequirements(public []string, rs []Requirement) []string {
	for _, r := range rs {
		public = append(public, r.Claim, r.Value)
	}
	return public
}
