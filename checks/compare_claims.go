package checks

import (
	"slices"
	"time"

	"jwt-check-bot/redact"
)

// The compare rung, continued: one aspect of the two tokens after the other.

// compares makes a note of how one aspect of the two tokens differs.
func compares(id, subject, title string, difference func(p *Pass, other *content) redact.Message) Check {
	return Check{
		ID: id, Subject: subject, Title: title, Severity: Info, Cite: "RFC 7519 §4",
		Doc: "Beside the token that works. Values are shown as the policy shows them; of hidden ones only whether they are the same is told.",
		Run: func(p *Pass) *Result {
			other, ok := p.beside()
			if !ok {
				return nil
			}
			if says := difference(p, other); !says.IsZero() {
				return pass(says)
			}
			return nil
		},
	}
}

var keyCompared = compares("compare.key_differs", "Key and algorithm", "How the two tokens were signed",
	func(p *Pass, other *content) redact.Message {
		var list []redact.Message
		switch here, there := p.head.written("kid"), other.head.written("kid"); {
		case here == there && here != "":
			list = append(list, redact.Msg("the same key"))
		case here != there:
			list = append(list, redact.Msg("another key: kid {} here, {} there", redact.Show(p.value(redact.HeaderParameter, "kid")), redact.Show(other.value(redact.HeaderParameter, "kid"))))
		}
		for _, name := range [...]string{"alg", "typ"} {
			if a, b := p.head.written(name), other.head.written(name); a != b {
				list = append(list, redact.Msg("another {}: {} here, {} there", redact.Operator(name), redact.Show(p.value(redact.HeaderParameter, name)), redact.Show(other.value(redact.HeaderParameter, name))))
			}
		}
		return commas(list)
	})

var issuerCompared = compares("compare.issuer_differs", "Issuer (iss)", "Whether one issuer made both tokens",
	func(p *Pass, other *content) redact.Message {
		if p.claims.written("iss") == other.claims.written("iss") {
			return redact.Msg("the same issuer")
		}
		return redact.Msg("another issuer: {} here, {} there", redact.Show(p.value(redact.Claim, "iss")), redact.Show(other.value(redact.Claim, "iss")))
	})

var audienceCompared = compares("compare.audience_differs", "Audience (aud)", "Whether both tokens are for the same audience",
	func(p *Pass, other *content) redact.Message {
		here, there := listed(&p.claims, "aud"), listed(&other.claims, "aud")
		if len(lacking(here, there))+len(lacking(there, here)) == 0 {
			return redact.Msg("the same audience")
		}
		return redact.Msg("another audience: {} here, {} there", redact.Show(p.value(redact.Claim, "aud")), redact.Show(other.value(redact.Claim, "aud")))
	})

var accessCompared = compares("compare.access_differs", "Scopes and roles", "What one of the tokens allows and the other does not",
	func(p *Pass, other *content) redact.Message {
		var list []redact.Message
		for _, claim := range [...]string{"scope", "scp", "roles", "permissions", "realm_access.roles", "groups"} {
			here, there := listed(&p.claims, claim), listed(&other.claims, claim)
			missing, more := lacking(here, there), lacking(there, here)
			if len(here)+len(there) == 0 {
				continue
			}
			name := redact.Operator(claim)
			switch {
			case len(missing)+len(more) == 0:
				list = append(list, redact.Msg("the same {}", name))
			case claim == "groups": // their names may be a directory's
				list = append(list, redact.Msg("{}: {} against {}, {} missing, {} more", name, redact.Count(len(here)), redact.Count(len(there)), redact.Count(len(missing)), redact.Count(len(more))))
			case len(more) == 0:
				list = append(list, redact.Msg("{}: {} against {}, missing {}", name, redact.Count(len(here)), redact.Count(len(there)), shownWords(missing)))
			case len(missing) == 0:
				list = append(list, redact.Msg("{}: {} against {}, more than there {}", name, redact.Count(len(here)), redact.Count(len(there)), shownWords(more)))
			default:
				list = append(list, redact.Msg("{}: missing {}, instead {}", name, shownWords(missing), shownWords(more)))
			}
		}
		return commas(list)
	})

var timesCompared = compares("compare.time_differs", "Lifetime", "How long the two tokens live, and which was issued later",
	func(p *Pass, other *content) redact.Message {
		here, there := *p.times(), *(&Pass{content: other}).times()
		var list []redact.Message
		if here.iat.state == momentGood && there.iat.state == momentGood {
			switch d := here.iat.t.Sub(there.iat.t); {
			case d > 0:
				list = append(list, redact.Msg("issued {} later", redact.Age(d)))
			case d < 0:
				list = append(list, redact.Msg("issued {} earlier", redact.Age(-d)))
			default:
				list = append(list, redact.Msg("issued at the same second"))
			}
		}
		a, okA := here.life()
		b, okB := there.life()
		switch {
		case okA && okB && a == b:
			list = append(list, redact.Msg("the same lifetime of {}", redact.Age(a)))
		case okA && okB:
			list = append(list, redact.Msg("lives {} against {}", redact.Age(a), redact.Age(b)))
		case okA != okB && okA:
			list = append(list, redact.Msg("only this one says how long it lives"))
		case okA != okB:
			list = append(list, redact.Msg("only that one says how long it lives"))
		}
		return commas(list)
	})

// life is exp−iat.
func (m *moments) life() (d time.Duration, ok bool) {
	return m.exp.t.Sub(m.iat.t), m.exp.state == momentGood && m.iat.state == momentGood
}

var claimsCompared = compares("compare.claims_differ", "Other claims", "Which claims only one of the tokens has, or both with other values",
	func(p *Pass, other *content) redact.Message {
		var missing, more, changed, same []redact.Message
		for i := range other.claims.members {
			m := &other.claims.members[i]
			if slices.Contains(comparedElsewhere, m.name) {
				continue
			}
			name := redact.Msg("{}", redact.Name(other.value(redact.Claim, m.name)))
			if own, ok := p.claims.find(m.name); !ok {
				missing = append(missing, name)
			} else if p.claims.raw(own) == other.claims.raw(*m) {
				same = append(same, name)
			} else {
				changed = append(changed, name)
			}
		}
		for i := range p.claims.members {
			m := &p.claims.members[i]
			if _, ok := other.claims.find(m.name); !ok && !slices.Contains(comparedElsewhere, m.name) {
				more = append(more, redact.Msg("{}", redact.Name(p.value(redact.Claim, m.name))))
			}
		}
		var list []redact.Message
		for _, group := range [...]struct {
			title redact.Message
			names []redact.Message
		}{{redact.Msg("missing here"), missing}, {redact.Msg("only here"), more}, {redact.Msg("another value"), changed}, {redact.Msg("the same"), same}} {
			if len(group.names) > 0 {
				list = append(list, redact.Msg("{}: {}", redact.Part(group.title), redact.Items(group.names)))
			}
		}
		return semicolons(list)
	})

// comparedElsewhere have a line of their own, or differ between any two tokens.
var comparedElsewhere = []string{"iss", "aud", "exp", "nbf", "iat", "jti", "scope", "scp", "roles", "permissions", "groups"}

// written is a member's JSON text; empty where it is absent.
func (o *object) written(name string) string {
	m, ok := o.find(name)
	if !ok {
		return ""
	}
	return o.raw(m)
}

// listed are the words of a claim, a list or a string of them.
func listed(o *object, claim string) []string {
	raw, _, ok := o.at(claim)
	if !ok || raw == "" {
		return nil
	}
	return words(raw)
}

// lacking returns what of there is not in here.
func lacking(here, there []string) []string {
	var list []string
	for _, w := range there {
		if !slices.Contains(here, w) && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

// shownWords shows names of scopes or roles, each on its own merits.
func shownWords(list []string) redact.Hole {
	ms := make([]redact.Message, len(list))
	for i, w := range list {
		ms[i] = redact.Msg("{}", redact.Public(w))
	}
	return redact.Items(ms)
}

func commas(list []redact.Message) redact.Message {
	if len(list) == 0 {
		return redact.Message{}
	}
	return redact.Msg("{}", redact.Items(list))
}

func semicolons(list []redact.Message) redact.Message {
	if len(list) == 0 {
		return redact.Message{}
	}
	all := list[0]
	for _, m := range list[1:] {
		all = redact.Msg("{}; {}", redact.Part(all), redact.Part(m))
	}
	return all
}
