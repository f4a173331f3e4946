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
		if p.traits().has&showsSecret == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("{} holds what looks like a credential", p.named(holdsSecret))}
	},
}

// holdsSecret reports whether a claim holds a credential, by its name or by what it looks like.
func holdsSecret(claims *object, m *member) bool {
	return m.kind == '"' && (m.json.To-m.json.From > 2 && secretName(m.name) || redact.LooksSecret(claims.raw(*m)))
}

var personInClaim = Check{
	ID:       "exposure.person_in_claim",
	Subject:  "Personal data in claims",
	Title:    "A claim holds sensitive personal data",
	Doc:      "Payment cards, phone numbers, birth dates and addresses do not belong into a token that clients, proxies and logs can read. Keep an identifier in the token, and look the rest up.",
	Cite:     "RFC 7519 §12",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.traits().has&showsPerson == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("{} holds sensitive personal data", p.named(holdsPerson))}
	},
}

// holdsPerson reports whether a claim holds what is nobody else's business, by its name or by what it
// looks like.
func holdsPerson(claims *object, m *member) bool {
	switch m.name {
	case "phone_number", "birthdate", "address":
		return m.kind != 'n'
	}
	return m.kind == '"' && redact.LooksLikeCardOrPhone(claims.raw(*m))
}

// named names the claims that a test picks out, as far as names may be shown.
func (p *Pass) named(picks func(*object, *member) bool) redact.Hole {
	var found []redact.Message
	for i := range p.claims.members {
		if m := &p.claims.members[i]; picks(&p.claims, m) {
			found = append(found, redact.Msg("{}", redact.Name(p.claim(m))))
		}
	}
	return redact.Items(found)
}

// secretName recognizes claims that say themselves that they are secret.
func secretName(name string) bool {
	if name == "" {
		return false
	}
	switch name[len(name)-1] | 0x20 { // the last letters of those below
	case 'd', 'g', 'n', 't', 'y':
	default:
		return false
	}
	switch strings.ToLower(name) {
	case "password", "passwd", "pwd", "secret", "client_secret", "api_key", "apikey", "private_key", "access_token",
		"refresh_token", "id_token", "idp_access_token", "connection_string":
		return true
	}
	return false
}
