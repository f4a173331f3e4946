package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// The exposure rung: what a token should not carry, since everybody who handles it can read it.

var secretInClaim = Check{
	ID:       "exposure.secret_in_claim",
	Subject:  "Secrets in claims",
	Title:    "A claim holds a credential",
	Doc:      "A signed token is not encrypted: every client, proxy and log that sees it can read its claims. A password, an API key or another token in it is exposed.",
	Cite:     "RFC 7519 §12, RFC 8725 §3.5",
	Severity: Security,
	Run: func(p *Pass) *Result {
		found := p.exposed(func(m *member) bool {
			return m.kind == '"' && (secretName(m.name) && m.json.To-m.json.From > 2 || redact.LooksSecret(p.claims.raw(*m)))
		})
		if len(found) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("{} holds what looks like a credential", redact.Items(found))}
	},
}

var personInClaim = Check{
	ID:       "exposure.person_in_claim",
	Subject:  "Personal data in claims",
	Title:    "A claim holds sensitive personal data",
	Doc:      "Payment cards, phone numbers, birth dates and addresses do not belong into a token that clients, proxies and logs can read. Keep an identifier in the token, and look the rest up.",
	Cite:     "RFC 7519 §12",
	Severity: Security,
	Run: func(p *Pass) *Result {
		found := p.exposed(func(m *member) bool {
			switch m.name {
			case "phone_number", "birthdate", "address":
				return m.kind != 'n'
			}
			return m.kind == '"' && redact.LooksLikeCardOrPhone(p.claims.raw(*m))
		})
		if len(found) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("{} holds sensitive personal data", redact.Items(found))}
	},
}

// exposed names the claims that a test picks out, as far as names may be shown.
func (p *Pass) exposed(picks func(*member) bool) (found []redact.Message) {
	if p.form != formJWS {
		return nil
	}
	for i := range p.claims.members {
		m := &p.claims.members[i]
		if picks(m) {
			found = append(found, redact.Msg("{}", redact.Name(redact.NewValue(redact.Claim, m.at, m.json, p.payload))))
		}
	}
	return found
}

// secretName recognizes claims that say themselves that they are secret.
func secretName(name string) bool {
	switch strings.ToLower(name) {
	case "password", "passwd", "pwd", "secret", "client_secret", "api_key", "apikey", "private_key", "access_token",
		"refresh_token", "id_token", "idp_access_token", "connection_string":
		return true
	}
	return false
}
