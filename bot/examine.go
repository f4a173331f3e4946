package bot

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/redact"
)

// Environment is a profile and where its issuer's keys are.
type Environment struct {
	*checks.Profile
	Keys keys.Origin
}

// Examiner gathers what the checks need, and runs them. The command line uses the same one.
type Examiner struct {
	environments []Environment
	profiles     []*checks.Profile
	source       *keys.Source
	ladder       []*checks.Check
	now          func() time.Time
}

// NewExaminer returns an examiner of tokens for these environments; the first is the default choice.
func NewExaminer(environments []Environment, source *keys.Source, now func() time.Time) *Examiner {
	e := &Examiner{environments: environments, source: source, ladder: checks.Ladder(), now: now}
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
		list = append(list, env.Keys.Issuer, env.Keys.JWKSURL)
	}
	return list
}

// Question is what somebody wants to know about a token.
type Question struct {
	Token    checks.Token
	Profile  *checks.Profile
	Required []checks.Requirement
	When     time.Time // zero: now
}

// Examine answers it. What could not be fetched before ctx ends is said in the report.
func (e *Examiner) Examine(ctx context.Context, q Question) *checks.Report {
	c := &checks.Case{
		Token: q.Token, Profile: q.Profile, Profiles: e.profiles, Required: q.Required,
		Evidence: checks.Evidence{Keys: make([]checks.KeyEvidence, len(e.profiles))},
		Now:      e.now(), When: q.When,
	}
	alg := q.Token.Algorithm()
	shared := strings.HasPrefix(alg, "HS")
	if alg == "" || shared && q.Profile.Secret.Len() > 0 {
		return checks.Run(c, e.ladder)
	}
	chosen := slices.Index(e.profiles, q.Profile)
	kid := q.Token.KeyID()
	if shared {
		kid = "" // the set is wanted only to see whether somebody signed with what it publishes
	}
	c.Evidence.Keys[chosen] = e.source.Keys(ctx, e.environments[chosen].Keys, kid)
	r := checks.Run(c, e.ladder)
	if !mayBelongElsewhere(r) {
		return r
	}
	// Only now is it worth asking whether the issuer has replaced a key under an old ID, and whether
	// the token belongs to another environment.
	var wait sync.WaitGroup
	if !c.Evidence.Keys[chosen].Fresh {
		wait.Go(func() {
			gather(&c.Evidence.Keys[chosen], func() checks.KeyEvidence { return e.source.Afresh(ctx, e.environments[chosen].Keys) })
		})
	}
	for i := range e.environments {
		if i != chosen && e.environments[i].Keys != e.environments[chosen].Keys {
			wait.Go(func() {
				gather(&c.Evidence.Keys[i], func() checks.KeyEvidence { return e.source.Keys(ctx, e.environments[i].Keys, "") })
			})
		}
	}
	wait.Wait()
	return checks.Run(c, e.ladder)
}

// gather gets evidence in a goroutine of its own, where a panic would end the process and print what
// it says.
func gather(to *checks.KeyEvidence, get func() checks.KeyEvidence) {
	defer func() {
		if recover() != nil {
			to.Problem = redact.Msg("it could not be asked for, by a fault of the bot's own; please report it")
		}
	}()
	*to = get()
}

// mayBelongElsewhere reports whether what fails is what differs between environments.
func mayBelongElsewhere(r *checks.Report) bool {
	return slices.ContainsFunc(append([]checks.Cause{r.Cause}, r.Also...), func(c checks.Cause) bool {
		switch c {
		case checks.WrongEnvironment, checks.IssuerMismatch, checks.UnknownKey, checks.UnusableKey, checks.BadSignature, checks.AudienceMismatch:
			return true
		}
		return false
	})
}
