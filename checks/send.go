package checks

import "jwt-check-bot/redact"

// Sendable returns the token as it would be sent to a server of the operator's, or why it must not
// be: only a whole token, and one that is good by itself, shows anything.
func (t Token) Sendable() (redact.Secret, redact.Message) {
	if t.IsZero() {
		return redact.Secret{}, redact.Msg("not sent: there is no token")
	}
	p := Pass{content: t.content()}
	cnf, bound := p.confirmation()
	switch {
	case p.form != formJWS || p.defect != noDefect || len(p.signature) > 0 && len(p.signature) < signatureSize(p.alg):
		return redact.Secret{}, redact.Msg("not sent, since it is not a whole JWT")
	case p.paste.artefacts&severalTokens != 0:
		return redact.Secret{}, redact.Msg("not sent, since the paste holds several tokens")
	case bound:
		return redact.Secret{}, redact.Msg("not sent: it is bound to {}, and as a plain bearer it would be refused for that", boundTo(&cnf))
	case p.paste.dpop:
		return redact.Secret{}, redact.Msg("not sent: it belongs to a DPoP proof, without which it would be refused for that")
	}
	return redact.NewSecret(p.paste.token), redact.Message{}
}

// IssuedBy reports whether the token names exactly this issuer.
func (t Token) IssuedBy(issuer string) bool {
	iss, ok := t.content().claims.str("iss")
	return ok && iss == issuer
}
