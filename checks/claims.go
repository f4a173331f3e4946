package checks

import (
	"jwt-check-bot/redact"
)

// The claims rung: registered claims have the types that RFC 7519 gives them.

var claimMalformed = Check{
	ID:       "claims.type_wrong",
	Subject:  "Claim types",
	Title:    "A registered claim has the wrong type or an impossible value",
	Doc:      "Strict verifiers refuse it and lenient ones read something else than the issuer meant. Times are JSON numbers of seconds since 1970, aud is a string or an array of strings, iss, sub and jti are strings.",
	Cite:     "RFC 7519 §2, §4.1",
	Severity: Blocks,
	Cause:    MalformedClaim,
	Run: func(p *Pass) Result {
		if p.form != formJWS {
			return Result{}
		}
		for _, name := range [...]string{"iss", "sub", "aud", "jti"} {
			m, ok := p.claims.find(name)
			if !ok || m.kind == '"' || name == "aud" && m.kind == '[' && p.audienceList(m) {
				continue
			}
			return p.malformed(name, redact.Msg("{} is {}", redact.Name(p.value(redact.Claim, name)), kindOf(p.claims.raw(m))))
		}
		t := p.times()
		for _, c := range [...]struct {
			name string
			m    *moment
		}{{"exp", &t.exp}, {"nbf", &t.nbf}, {"iat", &t.iat}} {
			name := redact.Name(p.value(redact.Claim, c.name))
			switch {
			case c.m.state == momentWrongType:
				m, _ := p.claims.find(c.name)
				return p.malformed(c.name, redact.Msg("{} is {}", name, kindOf(p.claims.raw(m))))
			case c.m.state == momentImpossible:
				return p.malformed(c.name, redact.Msg("{} is a number that no clock will ever show", name))
			case c.m.state == momentMilliseconds && c.name != "exp":
				return p.malformed(c.name, redact.Msg("{} is in milliseconds, so it lies thousands of years ahead", name))
			}
		}
		return pass(redact.Msg("registered claims have the right types"))
	},
}

func (p *Pass) malformed(name string, says redact.Message) Result {
	want := redact.Msg("a string")
	switch name {
	case "aud":
		want = redact.Msg("a string or an array of strings")
	case "exp", "nbf", "iat":
		want = redact.Msg("a JSON number of seconds since 1970-01-01 UTC")
	}
	return Result{
		Outcome: Failed,
		Says:    redact.Msg("Malformed claim: {}", redact.Part(says)),
		Want:    want,
		Got:     says,
		Next:    redact.Msg("Ask the issuer to correct the claim; look for a custom claim mapping or a hand-written token"),
	}
}

func (p *Pass) audienceList(m member) bool {
	_, ok := elements(p.claims.raw(m))
	return ok
}

// kindOf names a JSON value's type, with its article.
func kindOf(raw string) redact.Hole {
	switch raw[0] {
	case '"':
		return redact.Word("a string")
	case '[':
		return redact.Word("an array")
	case '{':
		return redact.Word("an object")
	case 't', 'f':
		return redact.Word("a boolean")
	case 'n':
		return redact.Word("null")
	}
	return redact.Word("a number")
}
