package checks

import (
	"net/url"
	"strings"

	"jwt-check-bot/redact"
)

// The issuer rung: iss is compared byte by byte, as verifiers do.

var issuerMismatch = Check{
	ID:       "issuer.iss_mismatch",
	Subject:  "Issuer (iss)",
	Title:    "The issuer is not the one that the API trusts",
	Doc:      "iss is compared character by character: a trailing slash, another case or http instead of https make it another issuer. Either the token comes from elsewhere, or the API's configuration names the issuer wrongly.",
	Cite:     "RFC 7519 §4.1.1, RFC 9068 §4",
	Severity: Blocks,
	Cause:    IssuerMismatch,
	Run: func(p *Pass) Result {
		iss, ok := p.claims.str("iss")
		if p.form != formJWS || !ok {
			return Result{}
		}
		shown := redact.Show(p.value(redact.Claim, "iss"))
		if iss == p.Profile.Issuer {
			return pass(redact.Msg("{}", shown))
		}
		for _, other := range p.Profiles {
			if other.Issuer == iss {
				return notReached(redact.Msg("it is the issuer of {}", other.label()))
			}
		}
		r := Result{
			Outcome: Failed,
			Says:    redact.Msg("Unknown issuer: iss is {}, and {} trusts {}", shown, p.Profile.label(), redact.Operator(p.Profile.Issuer)),
			Want:    redact.Msg("{}", redact.Operator(p.Profile.Issuer)),
			Got:     redact.Msg("{}", shown),
			Next:    redact.Msg("Ask which issuer the client is registered with; it has to be {}", redact.Operator(p.Profile.Issuer)),
		}
		if near := nearMiss(iss, p.Profile.Issuer); !near.IsZero() {
			r.Says = redact.Msg("Unknown issuer: iss differs from the expected one only by {}", redact.Part(near))
			r.Got = redact.Msg("{}: only {} differs", shown, redact.Part(near))
			r.Next = redact.Msg("Make the issuer's setting and the API's agree to the character: {}", redact.Operator(p.Profile.Issuer))
		}
		return r
	},
}

// foreignIssuer reports whether the token names an issuer that is not the profile's: its key is then
// not to be looked for in the profile's key set.
func (p *Pass) foreignIssuer() bool {
	iss, ok := p.claims.str("iss")
	return ok && iss != p.Profile.Issuer
}

// nearMiss names the one thing by which got differs from want, where it is a small one.
func nearMiss(got, want string) redact.Message {
	switch {
	case strings.TrimSuffix(got, "/") == strings.TrimSuffix(want, "/") && len(got) > len(want):
		return redact.Msg("a trailing slash that it should not have")
	case strings.TrimSuffix(got, "/") == strings.TrimSuffix(want, "/"):
		return redact.Msg("a trailing slash that is missing")
	case strings.TrimSpace(got) == want:
		return redact.Msg("white space round it")
	case strings.EqualFold(got, want):
		return redact.Msg("upper and lower case")
	}
	g, gerr := url.Parse(got)
	w, werr := url.Parse(want)
	if gerr != nil || werr != nil || g.Host == "" || w.Host == "" {
		if strings.TrimPrefix(got, "api://") == strings.TrimPrefix(want, "api://") {
			return redact.Msg("the prefix api://")
		}
		if _, rest, ok := strings.Cut(want, "://"); ok && rest == got {
			return redact.Msg("the scheme, which is missing")
		}
		return redact.Message{}
	}
	samePath := strings.TrimSuffix(g.Path, "/") == strings.TrimSuffix(w.Path, "/")
	switch {
	case g.Host == w.Host && samePath && g.Scheme != w.Scheme:
		return redact.Msg("the scheme (http or https)")
	case g.Scheme == w.Scheme && samePath && g.Hostname() == w.Hostname():
		return redact.Msg("the port")
	case g.Scheme == w.Scheme && g.Host == w.Host && (strings.TrimPrefix(g.Path, "/auth") == w.Path || g.Path == strings.TrimPrefix(w.Path, "/auth")):
		return redact.Msg("the path prefix /auth")
	}
	return redact.Message{}
}
