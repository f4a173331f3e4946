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
	Run: func(p *Pass) *Result {
		if p.form != formJWS || len(p.Profile.Audience) == 0 {
			return nil
		}
		list, ok := p.audiences()
		if !ok {
			return nil // of the wrong type: the claims rung says so
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
		accepted := operators(p.Profile.Audience)
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Wrong audience: aud is {}, and {} accepts {}", shown, p.Profile.label(), accepted),
			Want:    redact.Msg("{}", accepted),
			Got:     redact.Msg("{}", shown),
			Next:    redact.Msg("Have the client ask the issuer for a token for {} (audience, resource or scope of the token request)", accepted),
		}
		if want, near := nearest(list, p.Profile.Audience); !near.IsZero() {
			r.Says = redact.Msg("Wrong audience: aud differs from {} only by {}", redact.Operator(want), redact.Part(near))
			r.Got = redact.Msg("{}, which differs only by {}", shown, redact.Part(near))
			r.Next = redact.Msg("Make what the client requests and what the API accepts agree to the character: {}", redact.Operator(want))
		} else if len(list) == 0 {
			r.Says = redact.Msg("Wrong audience: the token names none, and {} accepts {}", p.Profile.label(), accepted)
			r.Got = redact.Msg("none")
		} else if p.forClient(list) {
			r.Says = redact.Msg("Wrong audience: aud is {}, the client itself, and {} accepts {}", shown, p.Profile.label(), accepted)
			r.Got = redact.Msg("{}, which is the client itself", shown)
			r.Next = redact.Msg("aud is the client's own ID, as in ID tokens: have the client send its access token, requested for {}", accepted)
		}
		r.Next = p.vendorAdvice(AudienceMismatch, r.Next)
		if other := p.profileFor(list); other != nil { // environments that share an issuer, which does not tell them apart
			r.Says = redact.Msg("Wrong audience: aud is {}, the audience of {}, and {} accepts {}", shown, other.label(), p.Profile.label(), accepted)
			r.Got = redact.Msg("{}, the audience of {}", shown, other.label())
			r.Next = redact.Msg("Find out why the client asks for a token for {}: its audience, resource or scope setting; or, if {} was meant, check it against that profile", other.label(), other.label())
		}
		return r
	},
}

// audience is aud, read once.
type audience struct {
	read, ok bool
	list     []string
}

// audiences returns aud's values, and whether it has one of its two types (RFC 7519 §4.1.3).
func (p *Pass) audiences() (list []string, ok bool) {
	a := &p.audience
	if a.read {
		return a.list, a.ok
	}
	a.read, a.ok = true, true
	m, _ := p.claims.find("aud")
	switch m.kind {
	case 0:
	case '"':
		if s := unquote(p.claims.raw(m)); s != "" {
			a.list = []string{s}
		}
	case '[':
		a.list, a.ok = elements(p.claims.raw(m))
	default:
		a.ok = false
	}
	return a.list, a.ok
}

// audienceOf returns the environment that the token belongs to, if its audience is right there: with
// a token of the right environment this failure would be gone too.
func (p *Pass) audienceOf(list []string) *Profile {
	other, _ := p.otherEnvironment()
	if other == nil {
		return nil
	}
	if slices.ContainsFunc(list, func(aud string) bool { return slices.Contains(other.Audience, aud) }) {
		return other
	}
	return nil
}

// profileFor returns the other profile that accepts one of aud's values; nil where there is none.
func (p *Pass) profileFor(list []string) *Profile {
	for _, other := range p.Profiles {
		if other != p.Profile && slices.ContainsFunc(list, func(aud string) bool { return slices.Contains(other.Audience, aud) }) {
			return other
		}
	}
	return nil
}

// forClient reports whether one of aud's values is the client that the token was issued to, as an ID
// token's is (OpenID Connect Core §2). Issuers name the client in different claims.
func (p *Pass) forClient(list []string) bool {
	for _, name := range [...]string{"azp", "client_id", "appid", "cid"} {
		if client, ok := p.claims.str(name); ok && client != "" && slices.Contains(list, client) {
			return true
		}
	}
	return false
}
