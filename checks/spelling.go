package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// What was meant to be a well-known claim, or a value, and is not quite.

var nameVariant = Check{
	ID:       "claims.name_variant",
	Subject:  "Claim names",
	Title:    "A claim is nearly, but not quite, a well-known one",
	Doc:      "Claim names are compared letter by letter: a verifier that looks for aud does not see Aud. Where both stand in a token, some parsers read the one for the other, so that two services see two different tokens.",
	Cite:     "RFC 7519 §4, §10.1.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().has&oddName == 0 {
			return nil
		}
		var found []redact.Message
		for i := range p.claims.members {
			m := &p.claims.members[i]
			meant, variant := wellKnown(m.name)
			if meant == "" {
				continue
			}
			_, twin := p.claims.find(meant)
			switch {
			case twin && variant:
				found = append(found, redact.Msg("{} beside {}, which some parsers take for each other", redact.Name(p.claim(m)), redact.Operator(meant)))
			case !twin:
				found = append(found, redact.Msg("{} instead of {}", redact.Name(p.claim(m)), redact.Operator(meant)))
			}
		}
		if len(found) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("Not read by verifiers: {}", redact.Items(found))}
	},
}

var wellKnownNames = [...]string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "scp", "roles", "azp", "client_id", "cnf", "acr", "amr", "nonce", "auth_time",
}

// mayBeMisspelt says quickly that a name is none of those that wellKnown knows.
func mayBeMisspelt(name string) bool {
	if len(name) < 3 || len(name) > 12 {
		return false
	}
	switch name[0] {
	case 'i', 's', 'e', 'a':
		switch name {
		case "issuer", "issued_at", "subject", "audience", "expiry", "expires", "expiration", "expires_at":
			return true
		}
	}
	for i := range len(name) {
		if c := name[i]; c >= 'A' && c <= 'Z' || c >= 0x80 {
			return true
		}
	}
	return false
}

// wellKnown returns the claim that a name stands for, empty where it is one itself or none at all,
// and whether only letters' case differs. Parsers that fold case do so by Unicode's rules: ſ is s.
func wellKnown(name string) (meant string, variant bool) {
	if !mayBeMisspelt(name) {
		return "", false
	}
	for _, known := range wellKnownNames {
		if strings.EqualFold(name, known) {
			return known, true
		}
	}
	switch strings.ToLower(name) {
	case "issuer":
		return "iss", false
	case "subject":
		return "sub", false
	case "audience":
		return "aud", false
	case "issued_at", "issuedat":
		return "iat", false
	case "expiry", "expires", "expiration", "expires_at", "expiresat":
		return "exp", false
	}
	return "", false
}

var valuePlaceholder = Check{
	ID:       "claims.value_placeholder",
	Subject:  "Claim values",
	Title:    "A claim holds a placeholder instead of a value",
	Doc:      "A template was not filled in, or the token was made from a sample: a claim mapping without its source, a generated API client, a script. The API looks for somebody who does not exist.",
	Cite:     "RFC 7519 §4",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().has&oddValue == 0 {
			return nil
		}
		var found []redact.Message
		for i := range p.claims.members {
			m := &p.claims.members[i]
			one := traits{}
			if one.readClaim(&p.claims, m); one.has&oddValue != 0 && p.holdsPlaceholder(m) {
				found = append(found, redact.Msg("{}", redact.Name(p.claim(m))))
			}
		}
		if len(found) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("A placeholder stands in {}", redact.Items(found))}
	},
}

// holdsPlaceholder is sure, where traits only suspects. What the profile itself expects is none.
func (p *Pass) holdsPlaceholder(m *member) bool {
	s := p.string(m)
	switch {
	case !isPlaceholder(s):
		return false
	case m.name == "iss":
		return s != p.Profile.Issuer
	case m.name == "aud":
		return !p.heard()
	}
	return true
}

const longestPlaceholder = len("[object Object]")

// isPlaceholder recognizes the words that samples and broken code leave behind, and templates that
// nobody filled in.
func isPlaceholder(s string) bool {
	switch strings.ToLower(s) {
	case "string", "test", "undefined", "null", "none", "nil", "nan", "todo", "changeme", "change-me", "placeholder", "[object object]":
		return true
	}
	for _, marks := range [...][2]string{{"{{", "}}"}, {"${", "}"}, {"<%", "%>"}, {"#{", "}"}} {
		if strings.HasPrefix(s, marks[0]) && strings.HasSuffix(s, marks[1]) {
			return true
		}
	}
	return len(s) > 2 && s[0] == '<' && s[len(s)-1] == '>' && !strings.ContainsAny(s[1:len(s)-1], "<>")
}

// mayBeTemplate says quickly that a JSON string is no template.
func mayBeTemplate(raw string) bool {
	if len(raw) < 5 {
		return false
	}
	switch raw[1] {
	case '{', '$', '<', '#':
		return true
	}
	return false
}
