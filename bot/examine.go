package bot

import (
	"context"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// Environment is a profile, where its issuer's keys are, and which servers may be asked about a token.
type Environment struct {
	*checks.Profile
	Keys keys.Origin
	Ask  probe.Target
}

// Examiner gathers what the checks need, and runs them. The command line uses the same one.
type Examiner struct {
	environments []Environment
	profiles     []*checks.Profile
	source       *keys.Source
	prober       *probe.Prober
	ladder       []*checks.Check
	now          func() time.Time
}

// NewExaminer returns an examiner of tokens for these environments; the first is the default choice.
func NewExaminer(environments []Environment, source *keys.Source, prober *probe.Prober, now func() time.Time) *Examiner {
	e := &Examiner{environments: environments, source: source, prober: prober, ladder: checks.Ladder(), now: now}
	for _, env := range environments {
		e.profiles = append(e.profiles, env.Profile)
	}
	return e
}

// Profiles are the profiles to choose from, the default first.
func (e *Examiner) Profiles() []*checks.Profile { return e.profiles }

// Profile returns the profile of that name, or the default for an empty one; nil if there is none.
func (e *Examiner) Profile(name string) *checks.Profile {
	for _, p := range e.profiles {
		if p.Name == name || name == "" {
			return p
		}
	}
	return nil
}

// addresses are configured, and so no secret where a token holds one too.
func (e *Examiner) addresses() []string {
	var list []string
	for _, env := range e.environments {
		list = append(list, env.Keys.Issuer, env.Keys.JWKSURL, env.Ask.ReplayURL, env.Ask.Introspection.URL, env.Ask.Canary.URL)
	}
	return list
}

// canary recognises the token of a question, and what it hides, in whatever leaves the process. Whose
// question it is stands in the answer, also where a claim says the same.
func (e *Examiner) canary(q Question, at place) redact.Canary {
	c := checks.Case{Token: q.Token, Works: q.Works, Answer: q.Answer, Profile: q.Profile, Profiles: e.profiles, Required: q.Required, Now: e.now(), When: q.When}
	return c.Canary(append(e.addresses(), at.User, at.Channel, at.Thread)...)
}

// Question is what somebody wants to know about a token, or about a server's answer alone.
type Question struct {
	Token    checks.Token
	Answer   checks.Answer
	Works    checks.Token // one that works, to compare with
	Profile  *checks.Profile
	Required []checks.Requirement
	When     time.Time // zero: now
	Replay   bool      // send it to the profile's REPLAY_URL
	Slack    checks.Clock
}

// Examine answers it once every party has answered or missed its time.
func (e *Examiner) Examine(ctx context.Context, q Question) *checks.Report {
	x := e.Begin(ctx, q)
	x.Wait(nil)
	return x.Report()
}
