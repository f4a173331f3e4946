package checks

import (
	"cmp"
	"slices"

	"jwt-check-bot/redact"
)

// fitChecks are what tells environments apart: each profile is judged by them, and counted.
var fitChecks = []*Check{
	&algNotAccepted, &issuerMismatch, &keyUnknown, &signatureBad, &expPassed, &nbfAhead, &audienceMismatch, &scopeMissing, &claimMissing,
}

// fit is how well a token fits a profile.
type fit struct {
	profile    *Profile
	met, asked int
	failed     []redact.Message
}

var profileNearest = Check{
	ID:       "environment.profile_nearest",
	Subject:  "Nearest environment",
	Title:    "Another profile fits the token better, or none does",
	Doc:      "The token was judged against every profile. Where another one fits better, the client probably talks to the wrong environment; where none does, the token comes from somewhere that you have not configured.",
	Cite:     "RFC 8725 §3.8, §3.9",
	Severity: Info,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || len(p.Profiles) < 2 || !p.belongsElsewhere() {
			return nil
		}
		var fits []fit
		var chosen fit
		for i, profile := range p.Profiles {
			f := p.fits(profile, p.keyEvidence(i))
			if profile == p.Profile {
				chosen = f
			}
			fits = append(fits, f)
		}
		slices.SortStableFunc(fits, func(a, b fit) int { return cmp.Compare(b.met*a.asked, a.met*b.asked) })
		var list []redact.Message
		for _, f := range fits[:min(3, len(fits))] {
			list = append(list, redact.Msg("{} {} of {}", f.profile.label(), redact.Count(f.met), redact.Count(f.asked)))
		}
		if !slices.ContainsFunc(fits[:min(3, len(fits))], func(f fit) bool { return f.profile == p.Profile }) {
			list = append(list, redact.Msg("{} {} of {}", chosen.profile.label(), redact.Count(chosen.met), redact.Count(chosen.asked)))
		}
		if len(chosen.failed) == 0 {
			return pass(redact.Msg("it fits {}", redact.Items(list)))
		}
		return pass(redact.Msg("it fits {}; to pass {} these would have to change: {}", redact.Items(list), p.Profile.label(), redact.Items(chosen.failed)))
	},
}

// belongsElsewhere reports whether what fails is what differs between environments: a token that has
// merely expired is at home.
func (p *Pass) belongsElsewhere() bool {
	if p.foreignIssuer() {
		return true
	}
	if c := p.choice(); c.why.IsZero() && !c.verified {
		return true
	}
	list, ok := p.audiences()
	return ok && len(p.Profile.Audience) > 0 && !slices.ContainsFunc(list, func(aud string) bool { return slices.Contains(p.Profile.Audience, aud) })
}

// fits judges the token against one profile alone, so that no other one explains a failure away.
func (p *Pass) fits(profile *Profile, e KeyEvidence) fit {
	alone := *p.Case
	alone.Profile, alone.Profiles, alone.Evidence = profile, []*Profile{profile}, Evidence{Keys: []KeyEvidence{e}}
	one := &Pass{Case: &alone, content: p.content, at: p.at, moments: p.moments, required: slices.Concat(profile.Required, p.Required), brief: true}
	f := fit{profile: profile}
	for _, check := range fitChecks {
		switch r := check.Run(one); {
		case r == nil:
		case r.Outcome == Passed:
			f.met++
			f.asked++
		case r.Outcome == Failed || r.Outcome == NotReached:
			f.asked++
			f.failed = append(f.failed, redact.Msg("{}", redact.Operator(check.Subject)))
		}
	}
	return f
}
