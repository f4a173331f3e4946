package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// The header rung: the algorithm and the parameters that a verifier must understand.

var algNone = Check{
	ID:       "header.alg_none",
	Subject:  "Signature present",
	Title:    "The token is not signed",
	Doc:      "Anybody can write such a token. Every sound verifier refuses it; an API that accepts it has a hole. Look at who issued it: a test stub, a misconfigured issuer, or an attacker.",
	Cite:     "RFC 7518 §3.6, RFC 8725 §3.2",
	Severity: Blocks,
	Cause:    AlgorithmNone,
	Run: func(p *Pass) Result {
		if p.form != formJWS {
			return Result{}
		}
		r := Result{
			Outcome: Failed,
			Want:    redact.Msg("a signature with {}", operators(p.Profile.Algorithms)),
			Got:     redact.Msg("alg {}", redact.Show(p.value(redact.HeaderParameter, "alg"))),
			Next:    redact.Msg("Find out who issues unsigned tokens; never accept one. Treat it as an attack until you know"),
		}
		switch {
		case isNone(p.alg):
			r.Says = redact.Msg("Unsigned token: alg is none")
		case len(p.signature) == 0:
			r.Says = redact.Msg("Unsigned token: the signature is empty")
		default:
			return pass(redact.Msg("signature of {} bytes", redact.Count(len(p.signature))))
		}
		return r
	},
}

func (p *Pass) unsigned() bool { return isNone(p.alg) || len(p.signature) == 0 }

var algNotAccepted = Check{
	ID:       "header.alg_not_accepted",
	Subject:  "Algorithm",
	Title:    "The algorithm is not one that the API accepts",
	Doc:      "A verifier must go by its own list, never by the header. A token of another algorithm comes from an old auth service, from another client registration, or from somebody who tries algorithm confusion.",
	Cite:     "RFC 8725 §3.1",
	Severity: Blocks,
	Cause:    AlgorithmMismatch,
	Run: func(p *Pass) Result {
		if p.form != formJWS || isNone(p.alg) {
			return Result{}
		}
		alg := redact.Show(p.value(redact.HeaderParameter, "alg"))
		if p.Profile.accepts(p.alg) {
			return pass(redact.Msg("{}", alg))
		}
		r := Result{
			Outcome: Failed,
			Says:    redact.Msg("Signed with {}, and {} accepts {}", alg, p.Profile.label(), operators(p.Profile.Algorithms)),
			Want:    redact.Msg("{}", operators(p.Profile.Algorithms)),
			Got:     redact.Msg("{}", alg),
			Next:    redact.Msg("Ask the issuer to sign tokens for this API with {}; do not widen the API's list to make the error go away", operators(p.Profile.Algorithms)),
		}
		for _, a := range p.Profile.Algorithms {
			if strings.EqualFold(a, p.alg) {
				r.Got = redact.Msg("{}: the letters' case counts", alg)
			}
		}
		return r
	},
}

var typNotAccepted = Check{
	ID:       "kind.typ_not_accepted",
	Subject:  "Type",
	Title:    "The token's type is not one that the API accepts",
	Doc:      "The header's typ keeps tokens of one kind from being used as another. An access token by RFC 9068 says at+jwt; an ID token or a logout token does not.",
	Cite:     "RFC 8725 §3.11, RFC 9068 §2.1",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) Result {
		if p.form != formJWS || len(p.Profile.Types) == 0 {
			return Result{}
		}
		typ, ok := p.head.str("typ")
		shown := redact.Show(p.value(redact.HeaderParameter, "typ"))
		if ok && slices.ContainsFunc(p.Profile.Types, func(t string) bool { return mediaType(t) == mediaType(typ) }) {
			return pass(redact.Msg("{}", shown))
		}
		return Result{
			Outcome: Failed,
			Says:    redact.Msg("Wrong type of token: typ is {}, and {} accepts {}", shown, p.Profile.label(), operators(p.Profile.Types)),
			Want:    redact.Msg("{}", operators(p.Profile.Types)),
			Got:     redact.Msg("{}", shown),
			Next:    redact.Msg("Send the access token that was issued for this API, not an ID or refresh token"),
		}
	},
}

// mediaType compares as RFC 7515 §4.1.9 says: without regard to case, and with `application/`
// understood where there is no slash.
func mediaType(typ string) string {
	return strings.TrimPrefix(strings.ToLower(typ), "application/")
}

var headerUnsupported = Check{
	ID:       "header.extension_unsupported",
	Subject:  "Header extensions",
	Title:    "The header asks for something that a verifier must refuse",
	Doc:      "A verifier must refuse a token whose crit names an extension that it does not know, and a JWT must not use unencoded payloads (b64 false) or compression (zip).",
	Cite:     "RFC 7515 §4.1.11, RFC 7797 §7, RFC 7516 §4.1.3",
	Severity: Blocks,
	Cause:    UnsupportedHeader,
	Run: func(p *Pass) Result {
		if p.form != formJWS {
			return Result{}
		}
		var says redact.Message
		if m, ok := p.head.find("b64"); ok && p.head.raw(m) == "false" {
			says = redact.Msg("The header says b64 false (unencoded payload), which a JWT must not")
		} else if m, ok := p.head.find("crit"); ok {
			says = redact.Msg("The header's crit demands extensions that this API's verifier must refuse unless it knows them")
			if list, ok := elements(p.head.raw(m)); m.kind != '[' || !ok || len(list) == 0 {
				says = redact.Msg("The header's crit is not a list of names, so a verifier must refuse the token")
			}
		} else if _, ok := p.head.find("zip"); ok {
			says = redact.Msg("The header says zip (compression), which exists for encrypted tokens only")
		}
		if says.IsZero() {
			return Result{}
		}
		return Result{
			Outcome: Failed, Says: says,
			Next: redact.Msg("Ask the issuer to leave the extension out, or use a verifier that implements it"),
		}
	},
}

var membersDuplicated = Check{
	ID:       "header.members_duplicated",
	Subject:  "Duplicate members",
	Title:    "The header or the claims have a member twice",
	Doc:      "Parsers disagree about which of the two counts, so two services can read two different tokens in this one.",
	Cite:     "RFC 7515 §4, RFC 7519 §4",
	Severity: Warns,
	Run: func(p *Pass) Result {
		if p.form != formJWS || !p.head.duplicated && !p.claims.duplicated {
			return Result{}
		}
		where := redact.Word("header")
		if p.claims.duplicated {
			where = redact.Word("claims set")
		}
		return Result{Outcome: Failed, Says: redact.Msg("A member stands twice in the {}; here the last one counts, elsewhere perhaps the first", where)}
	},
}
