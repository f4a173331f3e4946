package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

var audienceMismatch = Check{
	ID:       "audience.aud_mismatch",
	Subject:  "Audience (aud)",
	Title:    "The token was issued for another API",
	Doc:      "An API must refuse a token in whose aud it does not find itself. The client asked for a token without naming this API, or for another one, or it sent its ID token.",
	Cite:     "RFC 7519 §4.1.3, RFC 9068 §4",
	Severity: Blocks,
	Cause:    AudienceMismatch,
	Run: func(p *Pass) Result {
		if p.form != formJWS || len(p.Profile.Audience) == 0 {
			return Result{}
		}
		list, ok := p.audience()
		if !ok {
			return Result{} // of the wrong type: the claims rung says so
		}
		shown := redact.Show(p.value(redact.Claim, "aud"))
		for _, aud := range list {
			if slices.Contains(p.Profile.Audience, aud) {
				return pass(redact.Msg("{}", shown))
			}
		}
		if other := p.audienceOf(list); other != nil {
			return notReached(redact.Msg("it is the audience of {}", other.label()))
		}
		r := Result{
			Outcome: Failed,
			Says:    redact.Msg("Wrong audience: aud is {}, and {} accepts {}", shown, p.Profile.label(), operators(p.Profile.Audience)),
			Want:    redact.Msg("{}", operators(p.Profile.Audience)),
			Got:     redact.Msg("{}", shown),
			Next:    redact.Msg("Have the client ask the issuer for a token for {} (audience, resource or scope of the token request)", operators(p.Profile.Audience)),
		}
		if len(list) == 0 {
			r.Says = redact.Msg("Wrong audience: the token names none, and {} accepts {}", p.Profile.label(), operators(p.Profile.Audience))
		}
		for _, aud := range list {
			for _, want := range p.Profile.Audience {
				if near := nearMiss(aud, want); !near.IsZero() {
					r.Got = redact.Msg("{}: only {} differs", shown, redact.Part(near))
				}
			}
		}
		return r
	},
}

// audience returns aud's values, and whether it has one of its two types (RFC 7519 §4.1.3).
func (p *Pass) audience() ([]string, bool) {
	m, ok := p.claims.find("aud")
	if !ok {
		return nil, true
	}
	switch m.kind {
	case '"':
		if s := unquote(p.claims.raw(m)); s != "" {
			return []string{s}, true
		}
		return nil, true
	case '[':
		return elements(p.claims.raw(m))
	}
	return nil, false
}

// audienceOf returns the environment that the token belongs to, if its audience is right there: with
// a token of the right environment this failure would be gone too.
func (p *Pass) audienceOf(list []string) *Profile {
	other, _ := p.otherEnvironment()
	if other == nil {
		return nil
	}
	for _, aud := range list {
		if slices.Contains(other.Audience, aud) {
			return other
		}
	}
	return nil
}
