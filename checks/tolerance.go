package checks

import (
	"time"

	"jwt-check-bot/redact"
)

// Verifiers differ in the clock skew that they tolerate by default, so the same token passes at one
// and fails at another for some minutes. What they have as default, from their source or manual:
var tolerances = []struct {
	verifiers redact.Message
	d         time.Duration
}{
	{redact.Msg("golang-jwt, jsonwebtoken, PyJWT, jose, OPA, APISIX (0 s)"), 0},
	{redact.Msg("Envoy, Istio, Spring, Auth0 SDKs (60 s)"), time.Minute},
	{redact.Msg("Okta's verifiers (120 s)"), 2 * time.Minute},
	{redact.Msg(".NET, Firebase Admin (300 s)"), 5 * time.Minute},
}

var toleranceDecides = Check{
	ID:       "time.tolerance_decides",
	Subject:  "Clock tolerance",
	Title:    "Whether the token is accepted depends on the verifier's clock tolerance",
	Doc:      "Within some minutes of exp, nbf or iat one service accepts a token and the next refuses it, each by its own default. That looks like a flapping error. Refresh earlier, and set the same leeway everywhere.",
	Cite:     "RFC 7519 §4.1.4 (“no more than a few minutes”)",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		t := p.times()
		if p.at.Before(t.exp.t) && !p.at.Before(t.nbf.t) && !p.at.Before(t.iat.t) {
			return nil // every verifier accepts it
		}
		for _, c := range [...]struct {
			what, where redact.Hole
			over        time.Duration // by how much a verifier without tolerance refuses
			is          bool
		}{
			{redact.Word("exp passed"), redact.Word("before"), p.at.Sub(t.exp.t), t.exp.state == momentGood && !p.at.Before(t.exp.t)},
			{redact.Word("nbf lies"), redact.Word("ahead"), t.nbf.t.Sub(p.at), t.nbf.state == momentGood && p.at.Before(t.nbf.t)},
			{redact.Word("iat lies"), redact.Word("ahead"), t.iat.t.Sub(p.at), t.iat.state == momentGood && p.at.Before(t.iat.t)},
		} {
			if !c.is || c.over > tolerances[len(tolerances)-1].d {
				continue
			}
			accept, refuse := split(c.over)
			if len(accept) == 0 {
				continue
			}
			return &Result{Outcome: Failed, Says: redact.Msg("{} {} {}: by their defaults {} accept it, and {} refuse it", c.what, redact.Age(c.over), c.where, redact.Items(accept), redact.Items(refuse))}
		}
		return nil
	},
}

// split says which defaults accept a token that is over by that much, and which refuse it. An exp
// that is over by exactly the tolerance is refused (RFC 7519 §4.1.4: before exp).
func split(over time.Duration) (accept, refuse []redact.Message) {
	for _, t := range tolerances {
		if over < t.d {
			accept = append(accept, t.verifiers)
		} else {
			refuse = append(refuse, t.verifiers)
		}
	}
	return accept, refuse
}

var expClose = Check{
	ID:       "time.exp_close",
	Subject:  "Expiry (exp)",
	Title:    "The token is about to expire",
	Doc:      "It may be valid when it is sent and expired when it is verified. A client should refresh well before exp, by more than the network and every clock take.",
	Cite:     "RFC 7519 §4.1.4",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		exp := p.times().exp
		if left := exp.t.Sub(p.at); exp.state != momentGood || left <= 0 || left > 30*time.Second {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("It expires {}: calls that take that long flap between 200 and 401", p.relative(exp.t))}
	},
}

var momentsFractional = Check{
	ID:       "time.number_fractional",
	Subject:  "Fractions of seconds",
	Title:    "A time claim has a fraction",
	Doc:      "RFC 7519 allows it, and some verifiers (Envoy's among them) take whole numbers only.",
	Cite:     "RFC 7519 §2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		name := ""
		switch t := p.times(); {
		case t.exp.fractional():
			name = "exp"
		case t.nbf.fractional():
			name = "nbf"
		case t.iat.fractional():
			name = "iat"
		default:
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("{} has a fraction of a second, which some verifiers refuse", p.nameOf(name))}
	},
}

var momentsDisordered = Check{
	ID:       "time.order_wrong",
	Subject:  "Order of times",
	Title:    "The token's times contradict each other",
	Doc:      "A token that expires before it was issued, or before it becomes valid, was never good at any time. Look at the issuer's clock and at whoever sets these claims by hand.",
	Cite:     "RFC 7519 §4.1.4 to §4.1.6",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		t := p.times()
		switch {
		case t.exp.state != momentGood || t.exp.t.Unix() <= 0:
			return nil
		case t.iat.state == momentGood && !t.exp.t.After(t.iat.t):
			return &Result{Outcome: Failed, Says: redact.Msg("exp is not after iat: it had expired when it was issued")}
		case t.nbf.state == momentGood && !t.exp.t.After(t.nbf.t):
			return &Result{Outcome: Failed, Says: redact.Msg("exp is not after nbf: it expires before it becomes valid")}
		}
		return nil
	},
}

var nbfPostdated = Check{
	ID:       "time.nbf_postdated",
	Subject:  "Not before (nbf)",
	Title:    "The token was post-dated",
	Doc:      "nbf lies well after iat: the issuer hands out tokens that are no good yet, and a client that uses them at once gets a 401.",
	Cite:     "RFC 7519 §4.1.5",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		t := p.times()
		if t.nbf.state != momentGood || t.iat.state != momentGood || t.nbf.t.Sub(t.iat.t) <= time.Minute {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("nbf lies {} after iat", redact.Age(t.nbf.t.Sub(t.iat.t)))}
	},
}

var lifetimeShort = Check{
	ID:       "time.lifetime_short",
	Subject:  "Lifetime",
	Title:    "The token lives shorter than clocks agree",
	Doc:      "With a lifetime below the leeway, a client with a clock that is a little off never has a valid token.",
	Cite:     "RFC 7519 §4.1.4",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		t := p.times()
		if t.exp.state != momentGood || t.iat.state != momentGood {
			return nil
		}
		life := t.exp.t.Sub(t.iat.t)
		if life <= 0 || life >= 30*time.Second {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("It lives for {} in all: a clock that is a little off never sees it valid", redact.Age(life))}
	},
}

var zoneSuspect = Check{
	ID:       "time.zone_suspect",
	Subject:  "Time zone",
	Title:    "A local time may have been written as UTC",
	Doc:      "A time that lies ahead by a whole number of half hours, to the second almost, is rarely a clock that drifted: somebody took local time for UTC.",
	Cite:     "RFC 7519 §2",
	Severity: Info,
	Run: func(p *Pass) *Result {
		t := p.times()
		for _, m := range [...]moment{t.iat, t.nbf} {
			ahead := m.t.Sub(p.at)
			if m.state != momentGood || ahead < 20*time.Minute || ahead > 14*time.Hour+time.Minute {
				continue
			}
			whole := ahead.Round(30 * time.Minute)
			if off := (ahead - whole).Abs(); whole > 0 && off <= 30*time.Second {
				return pass(redact.Msg("a time claim lies {} ahead to within {}: that looks like local time written as UTC", redact.Age(whole), redact.Age(max(off, time.Second))))
			}
		}
		return nil
	},
}

var expiredSince = Check{
	ID:       "time.expired_since",
	Subject:  "Since the call",
	Title:    "The token has expired since the call failed",
	Doc:      "It is judged as of the failing call. That it has expired by now explains nothing.",
	Cite:     "RFC 7519 §4.1.4",
	Severity: Info,
	Run: func(p *Pass) *Result {
		exp := p.times().exp
		if p.called.IsZero() || exp.state != momentGood || !p.called.Before(exp.t) || p.Now.Before(exp.t) {
			return nil
		}
		return pass(redact.Msg("it has expired since: when the call failed it was good for another {}", redact.Age(exp.t.Sub(p.called))))
	},
}
