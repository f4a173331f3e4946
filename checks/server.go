package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// The answer rung: what the server said to the failing call, beside what the token says.

const answerRung = "answer"

var headerTooLarge = Check{
	ID:       "answer.header_too_large",
	Subject:  "Size of the request",
	Title:    "The server refuses the request for the size of its header fields",
	Doc:      "Identity has nothing to do with it: a hop's limit for header fields was met (431, 494, 413, 414, or a 400 that says so) before anybody looked at the token. Make the token smaller, drop cookies, or raise the limit of that hop.",
	Cite:     "RFC 6585 §5, RFC 9110 §15.5.14, §15.5.15",
	Severity: Blocks,
	Cause:    HeaderTooLarge,
	Run: func(p *Pass) *Result {
		a := p.Answer.content()
		if !a.says(HeaderTooLarge) {
			return nil
		}
		r := &Result{Outcome: Failed, Elsewhere: true, Next: meanings[HeaderTooLarge].next, Says: redact.Msg("Too large: the server refuses the request for the size of its header fields")}
		if a.status != 0 {
			r.Says = redact.Msg("Too large: the server refuses the request for the size of its header fields ({})", redact.Count(a.status))
		}
		if size := p.Token.Size(); size > 0 {
			r.Got = redact.Msg("a token of {} bytes{}", redact.Count(size), p.largest())
			if size < cookieLimit {
				r.Next = redact.Msg("Look at what else the request carries: the token has only {} bytes, so cookies or other fields take the room", redact.Count(size))
			}
		}
		return r
	},
}

var clockSkewed = Check{
	ID:       "answer.clock_skewed",
	Subject:  "The server's clock",
	Title:    "The server's own clock explains the rejection",
	Doc:      "Its Date shows another time than the call's, and by that time it has to refuse a token that is good. Synchronise the clock of the machine that verifies (NTP); a longer leeway only hides it.",
	Cite:     "RFC 9110 §6.6.1, RFC 7519 §4.1.4 to §4.1.6",
	Severity: Blocks,
	Cause:    ClockSkew,
	Run: func(p *Pass) *Result {
		date := p.Answer.Date()
		off := date.Sub(p.at)
		if date.IsZero() || p.form != formJWS || off == 0 {
			return nil // its Date is all that is known of the call's time
		}
		side := redact.Word("ahead")
		if off < 0 {
			side = redact.Word("behind")
		}
		here, there := p.failing(p.at, p.Profile.Leeway), p.failing(date, p.Profile.Leeway)
		if len(there) == 0 || len(here) > 0 {
			from := redact.Word("ahead of")
			if off < 0 {
				from = redact.Word("behind")
			}
			if len(there) == 0 && len(here) > 0 {
				return pass(redact.Msg("its Date is {} {} {}: by that clock {} would pass", redact.Age(off), from, p.reference(), redact.Items(here)))
			}
			return pass(redact.Msg("its Date is {} {} {}, which decides nothing about this token", redact.Age(off), from, p.reference()))
		}
		verb := redact.Word("fails")
		if len(there) > 1 {
			verb = redact.Word("fail")
		}
		r := &Result{
			Outcome: Failed, Elsewhere: true,
			Says: redact.Msg("Clock skew: the server's clock is {} {}: {} {} there and not here", redact.Age(off), side, redact.Items(there), verb),
			Want: redact.Msg("a Date within the leeway of {} of {}", p.leeway(), redact.Time(p.at)),
			Got:  redact.Msg("Date {}", redact.Time(date)),
			Next: redact.Msg("Synchronise the clock of the machine that verifies tokens (NTP), or of the proxy that wrote this Date; then send the same token again"),
		}
		if p.When.IsZero() && off < 0 { // the time of the call is known from the token alone
			r.Says = redact.Msg("Clock skew: the server's Date lies {} before the token was issued: {} {} by its clock", redact.Age(off), redact.Items(there), verb)
			r.Next = redact.Msg("Check that this is the token that was sent; if so, synchronise the clock of the machine that verifies tokens (NTP)")
		}
		return r
	},
}

var scopeInsufficient = Check{
	ID:       "answer.scope_insufficient",
	Subject:  "Scope, by the server",
	Title:    "The server asks for a scope or role that the token does not have",
	Doc:      "Whatever the profile requires, the server has said what it requires for this call. The client has to ask for the scope, and the user or client has to be granted it.",
	Cite:     "RFC 6750 §3.1",
	Severity: Blocks,
	Cause:    InsufficientScope,
	Run: func(p *Pass) *Result {
		a := p.Answer.content()
		if !a.says(InsufficientScope) {
			return nil
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Not permitted: the server says that {}", redact.Part(a.meaning(InsufficientScope))),
			Next:    p.vendorAdvice(InsufficientScope, a.advice(InsufficientScope)),
		}
		if p.form == formJWS {
			r.Got = p.accessHeld()
		}
		if len(a.scopes) == 0 {
			return r
		}
		var asked, missing []redact.Message
		for _, scope := range a.scopes {
			m := p.unlessEchoed(redact.Msg("{}", redact.Public(scope)))
			asked = append(asked, m)
			if !p.permits(scope) {
				missing = append(missing, m)
			}
		}
		r.Want = redact.Msg("{}", redact.Items(asked))
		switch {
		case p.form != formJWS:
			r.Says = redact.Msg("Not permitted: the server asks for {}", redact.Items(asked))
		case len(missing) > 0:
			r.Says = redact.Msg("Not permitted: the server asks for {}, and {} is missing", redact.Items(asked), redact.Items(missing))
		default:
			r.Says = redact.Msg("Not permitted: the server asks for {}, which this token holds", redact.Items(asked))
			r.Next = redact.Msg("Check that this is the token that was sent; if so, look where the API reads scopes from (scope, scp, roles) and what it compares them with")
		}
		return r
	},
}

// permits reports whether the token holds the scope, or a role of that name.
func (p *Pass) permits(scope string) bool {
	return p.meetsOne(Requirement{Claim: "scope", Value: scope, Dialect: true}) || p.meetsOne(Requirement{Claim: "role", Value: scope, Dialect: true})
}

var proofDemanded = Check{
	ID:       "answer.proof_demanded",
	Subject:  "Proof of possession, by the server",
	Title:    "The server wants a proof of the key beside the token",
	Doc:      "The server takes tokens with DPoP only, or the proof beside this one was not good: use_dpop_nonce asks to repeat the request with the server's nonce, invalid_dpop_proof says that the proof does not fit the request.",
	Cite:     "RFC 9449 §7.1, §7.2, §9",
	Severity: Blocks,
	Cause:    SenderConstrained,
	Run: func(p *Pass) *Result {
		a := p.Answer.content()
		if a.says(SenderConstrained) {
			return &Result{Outcome: Failed, Says: redact.Msg("Sender-constrained: {}", redact.Part(a.meaning(SenderConstrained))), Next: a.advice(SenderConstrained)}
		}
		if !a.dpopOnly() || p.paste.dpop || a.status != 401 {
			return nil
		}
		if p.Token.IsZero() && a.refused() {
			return nil // some token came with the proof, and which is not known
		}
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("Sender-constrained: the server takes tokens with a DPoP proof only"),
			Want:    redact.Msg("the DPoP scheme and a proof of the key"),
			Next:    meanings[SenderConstrained].next,
		}
	},
}

// dpopOnly reports whether DPoP is asked for, and Bearer is not.
func (a *answered) dpopOnly() bool {
	is := func(scheme string) bool {
		return slices.ContainsFunc(a.challenges, func(c Challenge) bool { return c.Scheme() == scheme })
	}
	return is("DPoP") && !is("Bearer")
}

// refused reports whether a challenge says by an error code that a token was looked at.
func (a *answered) refused() bool {
	return slices.ContainsFunc(a.challenges, func(c Challenge) bool { return c.Code() != "" })
}

// meaning is what the answer's words for a cause mean, and advice what to do about it.
func (a *answered) meaning(c Cause) redact.Message {
	for _, h := range a.heard {
		if h.cause == c {
			return h.meaning()
		}
	}
	return meanings[c].means
}

func (a *answered) advice(c Cause) redact.Message {
	for _, h := range a.heard {
		if h.cause == c {
			return h.advice()
		}
	}
	return meanings[c].next
}

// own is what to do by the words themselves; empty where they mean no more than their cause does.
func (a *answered) own(c Cause) redact.Message {
	for _, h := range a.heard {
		if h.cause == c {
			return h.next
		}
	}
	return redact.Message{}
}
