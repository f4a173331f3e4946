package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// The answer rung, continued: the server's words, and whether they agree with the verdict.

var serverSaid = Check{
	ID:       "answer.cause_named",
	Subject:  "In its words",
	Title:    "What the server's words mean",
	Doc:      "The status, the challenge and the text of the answer, put against what verifiers and gateways are known to say.",
	Cite:     "RFC 6750 §3, RFC 9110 §11.6.1",
	Severity: Info,
	Run: func(p *Pass) *Result {
		if p.Answer.IsZero() {
			return nil
		}
		a := p.Answer.content()
		if len(a.heard) == 0 {
			r := pass(redact.Msg("{}no words in it name a cause that is known here", a.statusPart()))
			r.Next = redact.Msg("Paste the token too, or the line of the API's log that belongs to this answer")
			if tokens, _ := a.secrets(); tokens != "" && p.Token.IsZero() {
				r.Next = redact.Msg("What looks like a token stands among what the server answered, where none is looked at: give it as the token")
			}
			if wanted := a.resource(); wanted != "" {
				r.Says = redact.Msg("{}it wants a token for {}", a.statusPart(), p.publicWords(wanted))
			}
			return r
		}
		var list []redact.Message
		for i, h := range a.heard {
			if h.cause == "" && (h.by == &rfcSayings && a.heard[0].cause != "" || slices.ContainsFunc(a.heard[:i], func(o heard) bool { return o.by == h.by })) {
				continue // another text has the reason, or the same software has said more
			}
			if h.by.name.IsZero() {
				list = append(list, h.meaning())
			} else {
				list = append(list, redact.Msg("{} (in the words of {})", redact.Part(h.meaning()), redact.Part(h.by.name)))
			}
		}
		if wanted := a.resource(); wanted != "" {
			list = append(list, redact.Msg("it wants a token for {}", p.publicWords(wanted)))
		}
		r := pass(redact.Msg("{}{}", a.statusPart(), redact.Items(list)))
		r.Next = a.heard[0].advice()
		return r
	},
}

// statusPart names the status, where one shows.
func (a *answered) statusPart() redact.Hole {
	if a.status == 0 {
		return redact.Word("")
	}
	return redact.Part(redact.Msg("{}: ", redact.Count(a.status)))
}

var verdictContradicted = Check{
	ID:       "answer.verdict_contradicted",
	Subject:  "Against the verdict",
	Title:    "The server says something else than the checks",
	Doc:      "Both are shown. Either the server judges by other rules (its clock, its copy of the keys, its configuration), or another token reached it than the one that was pasted.",
	Cite:     "RFC 6750 §3.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		a := p.Answer.content()
		named := a.causes()
		if len(named) == 0 || p.form != formJWS && len(p.failed) == 0 || p.Token.IsZero() {
			return nil
		}
		for _, c := range named {
			if slices.Contains(p.failed, c) {
				return pass(redact.Msg("the server says the same: {}", redact.Part(a.meaning(c))))
			}
		}
		c := named[0]
		if slices.Contains(p.failed, ClockSkew) && (c == Expired || c == NotYetValid) {
			return pass(redact.Msg("the server says that {}: by its own clock that is so", redact.Part(a.meaning(c))))
		}
		if !p.failedOnly(KeyRotated, ServerSide, ClientSide) {
			return &Result{Outcome: Failed, Next: a.advice(c), Says: redact.Msg("the server says that {}, while what fails here is {}", redact.Part(a.meaning(c)), redact.Operator(string(p.failed[0])))}
		}
		if !p.judged(c) {
			return nil
		}
		here, next := p.otherwise(c)
		if own := a.own(c); !own.IsZero() {
			next = own
		}
		return &Result{Outcome: Failed, Says: redact.Msg("the server says that {}; {}", redact.Part(a.meaning(c)), redact.Part(here)), Next: next}
	},
}

// hint is what the answer's words say where they name no cause; nil where they name one, or say nothing.
func (a *answered) hint() *heard {
	if len(a.heard) > 0 && a.heard[0].cause == "" {
		return &a.heard[0]
	}
	return nil
}

// speaker is who says it: where no answer came, the client.
func (h *heard) speaker() redact.Hole {
	if h.by == &transportSayings {
		return redact.Word("the client")
	}
	return redact.Word("the server")
}

// judged reports whether the checks had what they need to know better than the server.
func (p *Pass) judged(c Cause) bool {
	switch c {
	case UnknownKey, UnusableKey, BadSignature:
		return p.choice().verified
	}
	return true
}

// otherwise says what was found here, where all is well, of what the server named; and what to do about
// the difference.
func (p *Pass) otherwise(c Cause) (here, next redact.Message) {
	t := p.times()
	sent := redact.Msg("Check that this is the token that was sent: compare its fingerprint with the one in the client's log, or replay the call with it")
	switch c {
	case Expired:
		if t.exp.state != momentGood {
			return redact.Msg("this token has no exp that could have passed"), sent
		}
		return redact.Msg("by the clock it was good for another {}: compare the clocks, or another token was sent", redact.Age(t.exp.t.Sub(p.at))),
			redact.Msg("Compare the API's clock with UTC (NTP), and check that this is the token that was sent: a client that caches may have sent an older one")
	case NotYetValid, ClockSkew:
		return redact.Msg("by the clock it was valid: compare the clocks, or another token was sent"),
			redact.Msg("Compare the API's clock with UTC (NTP): it is probably behind; and check that this is the token that was sent")
	case UnknownKey:
		return redact.Msg("here its key is in the issuer's key set"),
			redact.Msg("Have the API fetch the issuer's key set again, or restart it: its copy is probably older than the key; and compare the address that it fetches from")
	case BadSignature, UnusableKey:
		return redact.Msg("here the signature verifies with the issuer's key"),
			redact.Msg("Compare the keys that the API has with the issuer's key set, and check that the token arrives unchanged")
	case MissingClaim:
		if !p.Answer.content().own(c).IsZero() { // such as a stronger login (RFC 9470)
			return redact.Msg("the profile does not ask for that"), sent
		}
		fallthrough
	case IssuerMismatch, AudienceMismatch, AlgorithmMismatch, WrongTokenType:
		return redact.Msg("here it is what the profile expects"),
			redact.Msg("Compare the API's configuration with the profile {}: one of them is out of date; and check that the request reached the environment that was meant", p.Profile.label())
	case HeaderConstruction, NotAJWT:
		return redact.Msg("this is a whole token, so another thing reached the server"), meanings[HeaderConstruction].next
	case Revoked:
		if i := &p.Evidence.Introspection; i.open != nil && i.Active {
			return redact.Msg("its issuer calls it active"), sent
		}
		return redact.Msg("a token alone does not show that"), meanings[Revoked].next
	case Unknown:
		return redact.Msg("here they could be fetched"), meanings[Unknown].next
	}
	return redact.Msg("here that passes"), sent
}
