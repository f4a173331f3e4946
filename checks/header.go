package checks

import (
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
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		if !p.unsigned() {
			return pass(redact.Msg("signature of {} bytes", redact.Count(len(p.signature))))
		}
		says := redact.Msg("Unsigned token: the signature is empty")
		if isNone(p.alg) {
			says = redact.Msg("Unsigned token: alg is none")
		}
		return &Result{
			Outcome: Failed,
			Says:    says,
			Want:    redact.Msg("a signature with {}", operators(p.Profile.Algorithms)),
			Got:     redact.Msg("alg {}", redact.Show(p.value(redact.HeaderParameter, "alg"))),
			Next:    redact.Msg("Find out who issues unsigned tokens; never accept one. Treat it as an attack until you know"),
		}
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
	Run: func(p *Pass) *Result {
		if p.form != formJWS || isNone(p.alg) {
			return nil
		}
		alg := redact.Show(p.value(redact.HeaderParameter, "alg"))
		if p.Profile.accepts(p.alg) {
			return pass(redact.Msg("{}", alg))
		}
		if strings.ContainsAny(p.alg, " \t\r\n") { // would not be shown
			alg = redact.Word("an algorithm name with white space in it")
		}
		got, why := p.strangeAlg(alg)
		next := redact.Msg("Ask the issuer to sign tokens for this API with {}; do not widen the API's list to make the error go away", operators(p.Profile.Algorithms))
		if p.confused() {
			next = redact.Msg("Find out who made this token: an old auth service or a wrong client registration, or an attacker. Never let the header choose the algorithm, and do not add HS256 to the API's list")
		}
		next = p.vendorAdvice(AlgorithmMismatch, next)
		if other, verified := p.algElsewhere(); other != nil {
			next = redact.Msg("By its issuer the token is one of {}, where {} is accepted. Find out why the client got it from there; or, if {} was meant, check it against that profile", other.label(), alg, other.label())
			if verified {
				got, why = redact.Msg("{}, which {} accepts", alg, other.label()), redact.Msg("; {} accepts it, and the signature verifies there", other.label())
			}
		}
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("Signed with {}, and {} accepts {}{}", alg, p.Profile.label(), operators(p.Profile.Algorithms), redact.Part(why)),
			Want:    redact.Msg("{}", operators(p.Profile.Algorithms)),
			Got:     got,
			Next:    next,
		}
	},
}

var headerUnsupported = Check{
	ID:       "header.extension_unsupported",
	Subject:  "Header extensions",
	Title:    "The header asks for something that a verifier must refuse",
	Doc:      "A verifier must refuse a token whose crit names an extension that it does not know, and a JWT must not use unencoded payloads (b64 false) or compression (zip).",
	Cite:     "RFC 7515 §4.1.11, RFC 7797 §7, RFC 7516 §4.1.3",
	Severity: Blocks,
	Cause:    UnsupportedHeader,
	Run: func(p *Pass) *Result {
		if p.traits().has&hasExtension == 0 {
			return nil
		}
		says := p.unsupported()
		if says.IsZero() {
			return nil
		}
		return &Result{
			Outcome: Failed, Says: says,
			Next: redact.Msg("Ask the issuer to leave the extension out, or use a verifier that implements it"),
		}
	},
}

// unsupported says what in the header a verifier must refuse; zero where nothing.
func (p *Pass) unsupported() redact.Message {
	if m, ok := p.head.find("b64"); ok {
		switch m.kind {
		case 'f':
			return redact.Msg("The header says b64 false (unencoded payload), which a JWT must not")
		case 't':
		default:
			return redact.Msg("The header's b64 is {}, where only true or false may stand", kindOf(p.head.raw(m)))
		}
	}
	if m, ok := p.head.find("crit"); ok {
		return p.critical(m)
	}
	if _, ok := p.head.find("zip"); ok {
		return redact.Msg("The header says zip (compression), which exists for encrypted tokens only")
	}
	return redact.Message{}
}

// critical judges crit: a list, not empty, of different names that stand in the header and are not the
// standard's own (RFC 7515 §4.1.11). A verifier that does not know each of them must refuse the token.
func (p *Pass) critical(m member) redact.Message {
	list, ok := elements(p.head.raw(m))
	switch {
	case m.kind != '[':
		return redact.Msg("The header's crit is {}, not a list of names, so a verifier must refuse the token", kindOf(p.head.raw(m)))
	case !ok:
		return redact.Msg("The header's crit is a list of something else than names, so a verifier must refuse the token")
	case len(list) == 0:
		return redact.Msg("The header's crit is an empty list, which must not be")
	}
	seen := make(map[string]bool, len(list))
	for _, name := range list {
		switch {
		case seen[name]:
			return redact.Msg("The header's crit names an extension twice, which must not be")
		case isStandardParameter(name):
			return redact.Msg("The header's crit names a parameter of the standard itself, which must not be")
		case !p.head.has(name):
			return redact.Msg("The header's crit demands an extension that is not in the header, so a verifier must refuse the token")
		}
		seen[name] = true
	}
	return redact.Msg("The header's crit demands an extension that this API's verifier must refuse unless it knows it")
}

// isStandardParameter reports whether RFC 7515, RFC 7516 or RFC 7518 defines the header parameter.
func isStandardParameter(name string) bool {
	switch name {
	case "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit",
		"enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c":
		return true
	}
	return false
}

var membersDuplicated = Check{
	ID:       "header.members_duplicated",
	Subject:  "Duplicate members",
	Title:    "The header or the claims have a member twice",
	Doc:      "Parsers disagree about which of the two counts, so two services can read two different tokens in this one.",
	Cite:     "RFC 7515 §4, RFC 7519 §4",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || !p.head.duplicated && !p.claims.duplicated {
			return nil
		}
		where := redact.Word("header")
		if p.claims.duplicated {
			where = redact.Word("claims set")
		}
		return &Result{Outcome: Failed, Says: redact.Msg("A member stands twice in the {}; here the last one counts, elsewhere perhaps the first", where)}
	},
}
