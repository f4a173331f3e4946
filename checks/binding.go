package checks

import "jwt-check-bot/redact"

var boundToKey = Check{
	ID:       "binding.sender_constrained",
	Subject:  "Sender binding (cnf)",
	Title:    "The token is bound to a key, so it is no plain bearer token",
	Doc:      "A token with cnf is only good together with a proof of the key: a DPoP proof (cnf.jkt) or the client's TLS certificate (cnf.x5t#S256). Sent as a plain bearer it is refused; behind a proxy, look whether that forwards the certificate.",
	Cite:     "RFC 7800 §3.1, RFC 9449 §7.2, RFC 8705 §3",
	Severity: Blocks,
	Cause:    SenderConstrained,
	Run: func(p *Pass) Result {
		m, ok := p.claims.find("cnf")
		if p.form != formJWS || !ok || m.kind != '{' {
			return Result{}
		}
		if p.paste.dpop {
			return pass(redact.Msg("bound to a key, and sent with the DPoP scheme"))
		}
		how, next := redact.Word("a key"), redact.Msg("Send it together with the proof that its binding demands")
		if _, _, ok := p.claims.at("cnf.jkt"); ok {
			how, next = redact.Word("a DPoP key"), redact.Msg("Send it with the DPoP scheme and a fresh DPoP proof, not as Bearer")
		} else if _, _, ok := p.claims.at("cnf.x5t#S256"); ok {
			how, next = redact.Word("a TLS client certificate"), redact.Msg("Send it over mutual TLS with that certificate, and check that no proxy on the way drops it")
		}
		return Result{
			Outcome: Failed,
			Says:    redact.Msg("Sender-constrained: the token is bound to {}, and as a plain bearer it is refused", how),
			Next:    next,
		}
	},
}
