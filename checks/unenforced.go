package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// The replay rung, continued: what the answers show beside the verdict.

var replayUnenforced = Check{
	ID:       "replay.nothing_enforced",
	Subject:  "Enforcement",
	Title:    "The API lets requests in that carry no good token",
	Doc:      "Whoever finds the address can use it. Either the route is public on purpose, and REPLAY_URL should name one that is not, or the check of tokens is switched off there.",
	Cite:     "RFC 6750 §3, OWASP API2:2023",
	Severity: Security,
	Run: func(p *Pass) *Result {
		r := &p.Evidence.Replay
		if !r.Asked {
			return nil
		}
		fail := func(says redact.Message) *Result {
			return &Result{Outcome: Failed, Says: says, Next: redact.Msg("If this address should need a token, switch the check of tokens on there before all else; if not, set REPLAY_URL to one that does, and check again")}
		}
		switch {
		case r.Bare.stance() == accepts:
			return fail(redact.Msg("{} without a token: nothing is enforced, so the answer to yours says nothing", redact.Count(r.Bare.Status)))
		case r.Garbage.stance() == accepts:
			return fail(redact.Msg("{} for a made-up token: only that there is one is enforced, so the answer to yours says nothing", redact.Count(r.Garbage.Status)))
		case r.Own.stance() == accepts && !r.enforced():
			return cannotSay(redact.Msg("yours gets {}, and the requests without a good token no answer that counts ({}; {}): whether anything is enforced cannot be told", redact.Count(r.Own.Status), r.Bare.brief(), r.Garbage.brief()))
		case r.Own.stance() == accepts && slices.ContainsFunc(p.failed, forged):
			return fail(redact.Msg("{} for a token that nobody can have verified: whoever makes one up gets in", redact.Count(r.Own.Status)))
		}
		return nil
	},
}

// forged reports whether a verifier that accepts such a token does not verify.
func forged(c Cause) bool { return c == AlgorithmNone || c == BadSignature }

var replayContradicted = Check{
	ID:       "replay.verdict_contradicted",
	Subject:  "Verdict and API",
	Title:    "The API accepts what this profile would reject",
	Doc:      "Either the API is more lenient than the profile says (a longer leeway, no audience check), or the profile is out of date. Mend the one that is wrong; until then take the API's word for what it does, and the profile's for what it should do.",
	Cite:     "RFC 8725 §3",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		r := &p.Evidence.Replay
		if !r.Asked || r.Own.stance() != accepts || !r.enforced() || p.soundButFor(HeaderConstruction, ClientSide) || slices.ContainsFunc(p.failed, forged) {
			return nil
		}
		if len(p.failed) == 0 {
			return &Result{Outcome: Failed, Says: redact.Msg("What is undecided here, the API decided: it accepts the token ({})", r.Own.brief())}
		}
		switch {
		case p.failedOnly(Revoked, HeaderConstruction):
			return &Result{Outcome: Failed, Says: redact.Msg("The API accepts it all the same ({}): it does not ask the issuer, or the issuer tells the bot's client less than others (RFC 7662 §2.2)", r.Own.brief())}
		case p.failedOnly(NotYetValid, ClockSkew, HeaderConstruction) && p.goodNow():
			return cannotSay(redact.Msg("the API accepts it now ({}), as it should: it was not valid yet when the call failed", r.Own.brief()))
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The API accepts it all the same ({}): it is more lenient than this profile, or the profile is out of date", r.Own.brief())}
	},
}

var replayUnchallenged = Check{
	ID:       "replay.challenge_missing",
	Subject:  "Challenge",
	Title:    "The API answers 401 without saying what it wants",
	Doc:      "Every 401 has to carry WWW-Authenticate. Without it a client cannot tell a token that has expired from one that is wrong; often a firewall or the application answers in place of the token filter.",
	Cite:     "RFC 9110 §15.5.2, RFC 6750 §3",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		own := &p.Evidence.Replay.Own
		if !p.Evidence.Replay.Asked || own.Status != 401 || len(own.Challenges) > 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("401 without WWW-Authenticate: it is not said what is wrong, nor by whom")}
	},
}

var replayCompared = Check{
	ID:       "replay.answers_compared",
	Subject:  "The API's answers",
	Title:    "What the API answers to no token, garbage, this token and a canary",
	Doc:      "They differ in the credential alone, so what differs in the answers is due to it. Bodies are hashed and compared, never shown.",
	Cite:     "RFC 9110 §15, RFC 6750 §3",
	Severity: Info,
	Run: func(p *Pass) *Result {
		r := &p.Evidence.Replay
		if !r.Asked || p.compared {
			return nil
		}
		says := p.answers()
		switch own := r.Own.stance(); {
		case own == accepts && r.enforced() && slices.Equal(p.failed, []Cause{HeaderConstruction}):
			says = redact.Msg("by itself the token is good, and the header is all that is wrong: {}", redact.Part(says))
		case own == refuses && slices.ContainsFunc(p.failed, func(c Cause) bool { return c != KeyRotated && c != ServerSide && c != HeaderConstruction }):
			says = redact.Msg("the API refuses it too: {}", redact.Part(says))
		}
		return pass(says)
	},
}
