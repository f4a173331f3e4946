package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// The replay rung: what the API does with the token. It was asked now, whatever the time of the
// failing call.

var replayOverlong = Check{
	ID:       "replay.header_too_large",
	Subject:  "Size at the API",
	Title:    "The server refuses the request for the size of its header",
	Doc:      "It never gets to the token. Put less into the token (groups, roles, permissions), or raise the limit of every hop on the way: the load balancer's, the gateway's and the server's.",
	Cite:     "RFC 6585 §5, RFC 9110 §15.5.14, §15.5.15",
	Severity: Blocks,
	Cause:    HeaderTooLarge,
	Run: func(p *Pass) *Result {
		if !p.Evidence.Replay.Asked || !p.Evidence.Replay.tooLarge() {
			return nil
		}
		return &Result{
			Outcome: Failed, Elsewhere: true,
			Says: redact.Msg("Header too large: the server answers {} to this token of {} bytes, and not without it", p.Evidence.Replay.Own.brief(), redact.Count(p.Token.Size())),
			Got:  p.answers(),
			Next: redact.Msg("Ask the issuer for a smaller token (fewer groups, roles and claims); until then raise the header limit of each hop"),
		}
	},
}

var replayForbidden = Check{
	ID:       "replay.scope_insufficient",
	Subject:  "Permission at the API",
	Title:    "The API says that the token's scope is not enough",
	Doc:      "It accepts the token as such, and not for this call. The challenge may name the scope that it wants.",
	Cite:     "RFC 6750 §3.1",
	Severity: Blocks,
	Cause:    InsufficientScope,
	Run: func(p *Pass) *Result {
		own := &p.Evidence.Replay.Own
		if !p.Evidence.Replay.Asked || own.stance() != forbids || !p.Evidence.Replay.knows(own) {
			return nil
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Not permitted: the API answers {} insufficient_scope", redact.Count(own.Status)),
			Got:     p.answers(),
			Next:    redact.Msg("Have the client request the scope that the API names, and check that the user or client has been granted it"),
		}
		for _, c := range own.Challenges {
			if wanted := c.param("scope"); c.Code() == insufficientScope && wanted != "" {
				r.Says = redact.Msg("{}; it wants {}", redact.Part(r.Says), p.publicWords(wanted))
			}
		}
		return r
	},
}

// publicWords are words that a server published, each on its own merits.
func (p *Pass) publicWords(s string) redact.Hole {
	words := strings.Fields(s)
	list := make([]redact.Message, 0, min(len(words), 10))
	for _, w := range words[:min(len(words), 10)] {
		list = append(list, p.unlessEchoed(redact.Msg("{}", redact.Public(w))))
	}
	return redact.Items(list)
}

var replayRevoked = Check{
	ID:       "replay.token_revoked",
	Subject:  "Revocation at the API",
	Title:    "The API says that the token was revoked",
	Doc:      "Somebody logged out, changed a password or permission, or an administrator ended the session. A fresh login gives a token that works.",
	Cite:     "RFC 7009 §2, RFC 6750 §3.1",
	Severity: Blocks,
	Cause:    Revoked,
	Run: func(p *Pass) *Result {
		if !p.Evidence.Replay.Asked || !p.Evidence.Replay.Own.saysRevoked() || !p.explainsInactive().IsZero() {
			return nil
		}
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("Revoked: the API says so in its challenge ({})", p.Evidence.Replay.Own.brief()),
			Got:     p.answers(),
			Next:    revokedNext,
		}
	},
}

var revokedNext = redact.Msg("Find out at the issuer why the session or grant was ended (logout, password change, reuse of a refresh token, an administrator); a fresh login gets a token that works")

func (r *Reply) saysRevoked() bool {
	return r.stance() == refuses && (slices.ContainsFunc(r.Challenges, Challenge.saysRevoked) || r.Said.content().says(Revoked))
}

// saysRevoked reads a description. The commonest one names every reason at once: "The access token
// is expired, revoked, malformed, or invalid for other reasons" (RFC 6750 §3.1).
func (c Challenge) saysRevoked() bool {
	said := strings.ToLower(c.param("error_description"))
	return strings.Contains(said, "revoked") && !strings.Contains(said, "expired") && !strings.Contains(said, "malformed") && !strings.Contains(said, "not revoked")
}

var replayRefused = Check{
	ID:       "replay.token_refused",
	Subject:  "Replay",
	Title:    "The API refuses a token in which nothing is wrong",
	Doc:      "Everything that can be checked from outside passes, so the reason is at the API or at a gateway before it: a stale key set, another issuer or audience in its configuration, a list of sessions, its clock, its network.",
	Cite:     "RFC 6750 §3",
	Severity: Blocks,
	Cause:    ServerSide,
	Run: func(p *Pass) *Result {
		r := &p.Evidence.Replay
		switch {
		case !r.Asked:
			return nil
		case r.Own.stance() == accepts, r.Own.stance() == forbids && r.knows(&r.Own), r.tooLarge():
			return nil // others speak of it
		case !r.refused():
			return p.unexplained()
		}
		if !p.soundButFor(HeaderConstruction, HeaderTooLarge) {
			return nil
		}
		if !p.goodNow() {
			return cannotSay(redact.Msg("the API refuses it now ({}), as it must: it was good when the call failed and is not any more", p.Evidence.Replay.Own.brief()))
		}
		says, next := p.whyRefused()
		if heard := p.Evidence.Replay.Own.Said.content().heard; len(heard) > 0 && heard[0].cause != "" {
			next = redact.Msg("{}. By what it says: {}", redact.Part(next), redact.Part(heard[0].advice()))
		}
		return &Result{Outcome: Failed, Says: says, Got: p.answers(), Next: next}
	},
}

// soundButFor reports whether nothing was found wrong but for these causes, and nothing is undecided.
func (p *Pass) soundButFor(causes ...Cause) bool { return !p.undecided && p.failedOnly(causes...) }

// failedOnly reports whether nothing was found wrong but for these causes.
func (p *Pass) failedOnly(causes ...Cause) bool {
	return !slices.ContainsFunc(p.failed, func(c Cause) bool { return !slices.Contains(causes, c) })
}

// whyRefused compares the answers, the most telling first.
func (p *Pass) whyRefused() (says, next redact.Message) {
	r := &p.Evidence.Replay
	own := &r.Own
	switch {
	case own.stance() == wantsProof:
		return redact.Msg("The API wants a DPoP proof ({}) and this token is bound to no key", own.brief()),
			redact.Msg("Have the client get a DPoP-bound token and send it with a proof, or configure the API to take bearer tokens")
	case len(demandedInstead(own.Challenges)) > 0 && own.names() == "" && len(r.Garbage.Challenges) > 0 && len(demandedInstead(r.Garbage.Challenges)) == 0:
		return redact.Msg("Garbage is refused by what takes tokens, and this token's request gets as far as something that asks for {} ({})", redact.Items(demandedInstead(own.Challenges)), own.brief()),
			redact.Msg("Look at the hop behind the one that checks tokens: it let this one pass, and what it sends on is not what the next one wants (a dropped or replaced Authorization header, a password that is missing)")
	case len(demandedInstead(own.Challenges)) > 0 && own.names() == "":
		return redact.Msg("The address that was asked takes other credentials: it asks for {}, not for Bearer ({})", redact.Items(demandedInstead(own.Challenges)), own.brief()), otherCredentials(own.Challenges)
	case own.stance() == says403 && r.knows(own):
		return redact.Msg("The API knows this token and forbids the call ({}, where garbage gets {}), without saying which permission is missing", own.brief(), redact.Count(r.Garbage.Status)),
			redact.Msg("Look at the API's own rules for this call: roles, policies, tenant, who may call from where; its log at this minute says which one refused")
	case r.Canary.stance() == accepts:
		return redact.Msg("The canary passes ({}), yours fails ({}): it is the token, in something that only the API looks at", r.Canary.brief(), own.brief()),
			redact.Msg("Read the API's own log for this fingerprint's request: its list of users, tenants and sessions; and compare this token with one that works")
	case r.knows(&r.Canary):
		return redact.Msg("The API knows the canary, though not for this call ({}), and refuses yours ({}): it is the token, in something that only the API looks at", r.Canary.brief(), own.brief()),
			redact.Msg("Read the API's own log for this fingerprint's request: its list of users, tenants and sessions; and compare this token with one that works")
	case r.Canary.stance() == refuses && r.Canary.same(own):
		return redact.Msg("The canary fails as well, with the same answer ({}): it is not the token, the API or its gateway refuses every one", own.brief()), serverNext
	case r.Canary.stance() == refuses:
		return redact.Msg("The canary fails as well ({}, yours {}): the API or its gateway refuses good tokens", r.Canary.brief(), own.brief()), serverNext
	case own.same(&r.Garbage) && own.same(&r.Bare) && own.code() == "":
		return redact.Msg("Yours, garbage and no token at all get byte-identical answers in {}: most likely the gateway refuses and the API never sees it, or the Authorization header is lost on the way", own.took()),
			redact.Msg("See in the gateway's own log whether the header arrives there, and what its token filter is configured for (issuer, audience, key set); a proxy that drops Authorization, and an API that gives no reasons, look the same")
	case own.same(&r.Garbage):
		return redact.Msg("Garbage and yours get byte-identical answers in {}: most likely the gateway refuses, and the API never sees it", own.took()),
			redact.Msg("Look at the gateway's or the token filter's configuration and log: its issuer, audience and key set, which may be stale. An API that checks tokens itself and gives no reasons looks the same")
	case own.alike(&r.Garbage) && own.names() == r.Garbage.names():
		return redact.Msg("The API refuses this token as it refuses garbage ({}): by its answer alone nobody can tell whether it read the token", own.brief()), serverNext
	case r.Garbage.stance() == refuses && !p.says(own).IsZero():
		return redact.Msg("The API refuses this token ({}), otherwise than garbage ({}): it read the token, and {}", own.brief(), r.Garbage.brief(), redact.Part(p.says(own))), serverNext
	case r.Garbage.stance() == refuses:
		return redact.Msg("The API refuses this token ({}), otherwise than garbage ({}): it read the token and has a reason of its own", own.brief(), r.Garbage.brief()), serverNext
	}
	return redact.Msg("The API refuses this token ({}), and every check passes here", own.brief()), serverNext
}

var serverNext = redact.Msg("Look at what the API verifies with: the age of its key set (restart or refresh it), its issuer and audience, its clock, its way to the issuer; its log at this minute says which")

var replayAccepted = Check{
	ID:       "replay.token_accepted",
	Subject:  "Replay",
	Title:    "The API accepts the token, so the client builds the request wrongly",
	Doc:      "Sent plainly, this token passes. What fails is the request that the client makes: its header, what a proxy does to it, or another token than the one that was pasted.",
	Cite:     "RFC 6750 §2.1",
	Severity: Blocks,
	Cause:    ClientSide,
	Run: func(p *Pass) *Result {
		r := &p.Evidence.Replay
		if !r.Asked || r.Own.stance() != accepts || !r.enforced() || !p.soundButFor() {
			return nil
		}
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("The API accepts this token ({}): the client builds the request wrongly", r.Own.brief()),
			Got:     p.answers(),
			Next:    p.clientSuspects(),
		}
	},
}

// clientSuspects lists what to look at in the client, what the paste shows first.
func (p *Pass) clientSuspects() redact.Message {
	suspects := []struct {
		shown artefact
		says  redact.Message
	}{
		{doubledScheme | missingScheme | schemeGlued | schemeMark | schemePlus | schemeTab | otherScheme, redact.Msg("the prefix: one Bearer, one space, not added twice by a library that adds it too")},
		{jsonObject | objectObject | printedObject | printedWrapper | namedValue | quotedToken | bracketed | jsonEscaped, redact.Msg("a JSON object or a quoted string in place of the token")},
		{severalFields | sentTwice | severalTokens, redact.Msg("an interceptor or a default header that sets Authorization again")},
		{placeholder | template | emptyCredential | masked, redact.Msg("a request that goes out before the token is there")},
		{percentEncoded | htmlEncoded | quotedPrintable | base64Encoded | lineBreak | folded | invisible | spaceInside | strayMark, redact.Msg("what encodes, wraps or trims the value")},
		{cookieSyntax | signedCookie, redact.Msg("a cookie that is read in place of the header")},
	}
	var first, rest []redact.Message
	for _, s := range suspects {
		if p.paste.artefacts&s.shown != 0 {
			first = append(first, s.says)
		} else {
			rest = append(rest, s.says)
		}
	}
	strips, other := redact.Msg("a proxy, a redirect or CORS that strips the header"), redact.Msg("another token than this one, from a cache")
	rest = append(rest[:min(3, len(rest))], strips, other)
	if p.Answer.content().codeless() { // it probably saw no token (RFC 6750 §3.1)
		rest = slices.Insert(slices.Delete(rest, len(rest)-2, len(rest)-1), 0, strips)
	}
	if said := p.Answer.content().causes(); len(first) == 0 && len(said) > 0 && rank(said[0]) > rank(NotAJWT) {
		return redact.Msg("The server's answer is about a token that it has read, and this one passes: look for {}. Compare fingerprints in the client's log", redact.Part(other))
	}
	all := append(first, rest...)
	for i := range all {
		all[i] = redact.Msg("({}) {}", redact.Count(i+1), redact.Part(all[i]))
	}
	if len(first) == 0 {
		return redact.Msg("See whether the client still fails, since the API was asked just now; then compare the request that it really sends with a plain one. Look, in this order, at {}", redact.Items(all))
	}
	return redact.Msg("Look, in this order, at {}: the paste shows the first", redact.Items(all))
}
