package checks

import "jwt-check-bot/redact"

// The issuer rung: iss is compared byte by byte, as verifiers do.

var issuerMismatch = Check{
	ID:       "issuer.iss_mismatch",
	Subject:  "Issuer (iss)",
	Title:    "The issuer is not the one that the API trusts",
	Doc:      "iss is compared character by character: a trailing slash, another case or http instead of https make it another issuer. Either the token comes from elsewhere, or the API's configuration names the issuer wrongly.",
	Cite:     "RFC 7519 §4.1.1, RFC 9068 §4",
	Severity: Blocks,
	Cause:    IssuerMismatch,
	Run: func(p *Pass) *Result {
		m, ok := p.claims.find("iss")
		if p.form != formJWS || !ok || m.kind != '"' {
			return nil
		}
		iss, shown := p.string(&m), redact.Show(p.claim(&m))
		if iss == p.Profile.Issuer {
			return pass(redact.Msg("{}", shown))
		}
		for _, other := range p.Profiles {
			if other.Issuer == iss {
				return notReached(redact.Msg("it is the issuer of {}", other.label()))
			}
		}
		want := redact.Operator(p.Profile.Issuer)
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Unknown issuer: iss is {}, and {} trusts {}", shown, p.Profile.label(), want),
			Want:    redact.Msg("{}", want),
			Got:     redact.Msg("{}", shown),
			Next:    redact.Msg("Ask which issuer the client is registered with; it has to be {}", want),
		}
		if iss == "" {
			r.Says = redact.Msg("Unknown issuer: iss is empty, and {} trusts {}", p.Profile.label(), want)
			r.Got = redact.Msg("an empty string")
		}
		if p.choice().verified { // with the keys of the issuer that is trusted
			r.Next = redact.Msg("The signature verifies with the keys of {}, so this is most likely the same issuer under another name: correct the name where it is wrong", want)
		}
		if near := nearMiss(iss, p.Profile.Issuer); !near.IsZero() {
			r.Says = redact.Msg("Unknown issuer: iss differs from the expected one only by {}", redact.Part(near))
			r.Got = redact.Msg("{}, which differs only by {}", shown, redact.Part(near))
			r.Next = redact.Msg("Make the issuer's setting and the API's agree to the character: {}", want)
		}
		r.Next = p.vendorAdvice(IssuerMismatch, r.Next)
		if e := p.evidence(); e.Renamed { // OpenID Connect Discovery §4.3, RFC 8414 §3.3
			r.Next = redact.Msg("The issuer itself says that it has another name than this bot was told, so the token may be good. {}; then check again", redact.Part(e.Mend))
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

var keyForeign = Check{
	ID:       "issuer.key_foreign",
	Subject:  "Issuer and key",
	Title:    "The key that signed the token is not one of the issuer that it names",
	Doc:      "A key counts only for the issuer that published it. A verifier that looks keys up by kid alone, in the key sets of several issuers at once, takes such a token for the other issuer's: whoever holds one issuer's key can then write tokens in the name of the other. Find out who signed it.",
	Cite:     "RFC 8725 §3.8",
	Severity: Security,
	Run: func(p *Pass) *Result {
		iss, ok := p.claims.str("iss")
		if p.form != formJWS || !ok || p.unsigned() || iss == p.Profile.Issuer && p.choice().verified || !p.isConfigured(iss) {
			return nil
		}
		var named, signed *Profile
		for i, profile := range p.Profiles {
			switch c := p.choose(profile, p.keyEvidence(i)); {
			case profile.Issuer == iss && (c.verified || !c.why.IsZero()):
				return nil // signed by whom it names, or who knows by whom
			case profile.Issuer == iss && (named == nil || profile == p.Profile):
				named = profile
			case profile.Issuer != iss && c.verified && (signed == nil || profile == p.Profile):
				signed = profile
			}
		}
		if named == nil || signed == nil {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("iss is that of {}, and a key of {} signed it", named.label(), signed.label())}
	},
}
