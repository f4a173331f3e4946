package checks

import (
	"jwt-check-bot/redact"
)

// The claims rung: claims have the types that RFC 7519 and its registry give them.

var claimMalformed = Check{
	ID:       "claims.type_wrong",
	Subject:  "Claim types",
	Title:    "A registered claim has the wrong type or an impossible value",
	Doc:      "Strict verifiers refuse it and lenient ones read something else than the issuer meant. Times are JSON numbers of seconds since 1970, aud is a string or an array of strings, iss, sub and jti are strings, cnf is an object that names a key.",
	Cite:     "RFC 7519 §2, §4.1; RFC 7800 §3.1",
	Severity: Blocks,
	Cause:    MalformedClaim,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		for _, name := range [...]string{"iss", "sub", "aud", "jti"} {
			m, ok := p.claims.find(name)
			if !ok || m.kind == '"' || name == "aud" && m.kind == '[' && p.audienceList(m) {
				continue
			}
			shown, raw := p.nameOf(name), p.claims.raw(m)
			if name == "aud" && m.kind == '[' {
				return p.malformed(name, redact.Msg("{} holds {}", shown, kindOf(notString(raw))))
			}
			return p.malformed(name, redact.Msg("{} is {}", shown, kindOf(raw)))
		}
		t := p.times()
		for _, c := range [...]struct {
			name string
			m    *moment
		}{{"exp", &t.exp}, {"nbf", &t.nbf}, {"iat", &t.iat}} {
			switch {
			case c.m.state == momentWrongType:
				m, _ := p.claims.find(c.name)
				return p.malformed(c.name, redact.Msg("{} is {}", p.nameOf(c.name), kindOf(p.claims.raw(m))))
			case c.m.state == momentImpossible:
				return p.malformed(c.name, redact.Msg("{} is a number that no clock will ever show", p.nameOf(c.name)))
			case c.m.state == momentMilliseconds && c.name != "exp":
				return p.malformed(c.name, redact.Msg("{} is in milliseconds, so it lies thousands of years ahead", p.nameOf(c.name)))
			}
		}
		if r := p.malformedBinding(); r != nil {
			return r
		}
		return typesRight
	},
}

var typesRight = pass(redact.Msg("registered claims have the right types"))

// nameOf is a claim's name, for a sentence.
func (p *Pass) nameOf(claim string) redact.Hole { return redact.Name(p.value(redact.Claim, claim)) }

func (p *Pass) malformed(name string, says redact.Message) *Result {
	want := redact.Msg("a string")
	switch name {
	case "aud":
		want = redact.Msg("a string or an array of strings")
	case "exp", "nbf", "iat":
		want = redact.Msg("a JSON number of seconds since 1970-01-01 UTC")
	case "cnf":
		want = redact.Msg("an object that names the key")
	}
	return &Result{
		Outcome: Failed,
		Says:    redact.Msg("Malformed claim: {}", redact.Part(says)),
		Want:    want,
		Got:     says,
		Next:    redact.Msg("Ask the issuer to correct the claim; look for a custom claim mapping or a hand-written token"),
	}
}

// malformedBinding judges cnf: a JSON object whose members identify a key (RFC 7800 §3.1). A verifier
// that cannot tell which key it is must not take the token for an unbound one.
func (p *Pass) malformedBinding() *Result {
	if p.traits().has&hasBinding == 0 {
		return nil
	}
	m, _ := p.claims.find("cnf")
	name, raw := redact.Name(p.claim(&m)), p.claims.raw(m)
	if m.kind != '{' {
		return p.malformed("cnf", redact.Msg("{} is {}", name, kindOf(raw)))
	}
	if cnf, err := scanObject(raw); err == nil && len(cnf.members) == 0 {
		return p.malformed("cnf", redact.Msg("{} is empty and names no key", name))
	}
	return nil
}

func (p *Pass) audienceList(m member) bool {
	_, ok := elements(p.claims.raw(m))
	return ok
}

// notString returns the first element of an array that is not a string.
func notString(raw string) string {
	for _, element := range rawElements(raw) {
		if element[0] != '"' {
			return element
		}
	}
	return raw
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

var typeUnusual = Check{
	ID:       "claims.type_unusual",
	Subject:  "Claim types",
	Title:    "A claim has another type than verifiers expect",
	Doc:      "It breaks no rule of RFC 7519, but libraries read these claims with one type in mind: a scope that is an array is no scope to many of them, an azp that is a number is no client. It may work with one verifier and fail with the next.",
	Cite:     "RFC 8693 §4.2, RFC 9068 §2.2, OpenID Connect Core §2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().has&oddType == 0 {
			return nil
		}
		var found []redact.Message
		for i := range p.claims.members {
			m := &p.claims.members[i]
			if want, odd := p.expects(m); odd {
				found = append(found, redact.Msg("{} is {} instead of {}", redact.Name(p.claim(m)), kindOf(p.claims.raw(*m)), want))
			}
		}
		return &Result{Outcome: Failed, Says: redact.Msg("Unusual type: {}", redact.Items(found))}
	},
}

// expects says which type verifiers expect of a claim, and whether it has another. It is asked after
// traits has found one.
func (p *Pass) expects(m *member) (want redact.Hole, odd bool) {
	one := traits{typ: p.look.typ}
	if one.readClaim(&p.claims, m); one.has&oddType == 0 {
		return redact.Hole{}, false
	}
	switch m.name {
	case "scp", "permissions", "roles", "groups", "amr":
		return redact.Word("an array"), true
	case "auth_time":
		return redact.Word("a number"), true
	case "act", "may_act":
		return redact.Word("an object"), true
	}
	return redact.Word("a string"), true
}

// isDate recognizes the text of an ISO 8601 date, which ADFS writes.
func isDate(raw string) bool { return len(raw) > 12 && raw[5] == '-' && raw[8] == '-' }

var subEmpty = Check{
	ID:       "claims.sub_empty",
	Subject:  "Subject (sub)",
	Title:    "sub is empty",
	Doc:      "The token is about nobody. An API that looks its user up by sub finds none, or the wrong one.",
	Cite:     "RFC 7519 §4.1.2, RFC 9068 §2.2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().has&emptySubject == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("sub is empty: the token is about nobody")}
	},
}

var subIsClient = Check{
	ID:       "claims.sub_is_client",
	Subject:  "Subject (sub)",
	Title:    "The subject is the client: there is no user behind the token",
	Doc:      "A token of the client credentials grant speaks for the client alone. An endpoint that needs a user refuses it, whatever its scopes; get a token with a user's grant for that.",
	Cite:     "RFC 9068 §2.2, RFC 9700 §4.15",
	Severity: Info,
	Run: func(p *Pass) *Result {
		t := p.traits()
		if t.has&(hasClient|emptySubject) != hasClient || t.kind != accessToken || t.sub == nil {
			return nil
		}
		if client, ok := p.claims.str("client_id"); !ok || client != p.string(t.sub) {
			return nil
		}
		return pass(redact.Msg("it is the client itself, so there is no user in this token"))
	},
}

// mostActors is how deep a chain of actors is followed: each link is read anew.
const mostActors = 5

var actorPresent = Check{
	ID:       "claims.actor_present",
	Subject:  "Delegation (act)",
	Title:    "Somebody acts for the subject, or may",
	Doc:      "The token came out of a token exchange: sub is the user, and act says who calls in the user's name. An API that allows only some actors refuses the others; the innermost act is the first of the chain.",
	Cite:     "RFC 8693 §4.1, §4.4",
	Severity: Info,
	Run: func(p *Pass) *Result {
		if p.traits().has&hasActor == 0 {
			return nil
		}
		actors := 0
		for at := &p.claims; actors < mostActors; actors++ {
			m, ok := at.find("act")
			if !ok || m.kind != '{' {
				break
			}
			inner, err := scanObject(at.raw(m))
			if err != nil {
				break
			}
			at = &inner
		}
		m, may := p.claims.find("may_act")
		switch may = may && m.kind == '{'; {
		case actors == mostActors:
			return pass(redact.Msg("act: the caller acts for the subject, through {} actors or more", redact.Count(actors)))
		case actors > 1:
			return pass(redact.Msg("act: the caller acts for the subject, through {} actors", redact.Count(actors)))
		case actors == 1:
			return pass(redact.Msg("act: the caller is not the subject but acts for it"))
		case may:
			return pass(redact.Msg("may_act names who may act for the subject; nobody does in this token"))
		}
		return nil
	},
}
