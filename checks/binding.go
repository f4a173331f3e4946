package checks

import "jwt-check-bot/redact"

// The binding rung: a token that only the holder of a key may use.

var boundToKey = Check{
	ID:       "binding.sender_constrained",
	Subject:  "Sender binding (cnf)",
	Title:    "The token is bound to a key, so it is no plain bearer token",
	Doc:      "A token with cnf is only good together with a proof of the key: a DPoP proof (cnf.jkt) or the client's TLS certificate (cnf.x5t#S256). Sent as a plain bearer it is refused; behind a proxy, look whether that forwards the certificate.",
	Cite:     "RFC 7800 §3.1, RFC 9449 §7.2, RFC 8705 §3",
	Severity: Blocks,
	Cause:    SenderConstrained,
	Run: func(p *Pass) *Result {
		if p.traits().has&hasBinding == 0 {
			return nil
		}
		cnf, ok := p.confirmation()
		if !ok {
			return nil // the claims rung says so
		}
		if p.paste.dpop {
			return pass(redact.Msg("bound to a key, and sent with the DPoP scheme"))
		}
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("Sender-constrained: the token is bound to {}, and as a plain bearer it is refused", boundTo(&cnf)),
			Want:    redact.Msg("the proof of the key beside the token"),
			Got:     boundBy(&cnf),
			Next:    bringProof(&cnf),
		}
	},
}

// confirmation reads cnf; false where it is absent or identifies no key.
func (p *Pass) confirmation() (object, bool) {
	m, ok := p.claims.find("cnf")
	if !ok || m.kind != '{' {
		return object{}, false
	}
	cnf, err := scanObject(p.claims.raw(m))
	return cnf, err == nil && len(cnf.members) > 0
}

func (o *object) has(name string) bool {
	_, ok := o.find(name)
	return ok
}

// boundTo names the key by the registered confirmation methods (RFC 7800 §3, RFC 8705 §3.1, RFC 9449 §6.1).
func boundTo(cnf *object) redact.Hole {
	dpop, certificate := cnf.has("jkt"), cnf.has("x5t#S256")
	switch {
	case dpop && certificate:
		return redact.Word("a DPoP key and a TLS client certificate")
	case dpop:
		return redact.Word("a DPoP key")
	case certificate:
		return redact.Word("a TLS client certificate")
	case cnf.has("jwk"):
		return redact.Word("a public key that it holds")
	case cnf.has("jwe"):
		return redact.Word("a secret key that it holds encrypted")
	case cnf.has("jku"):
		return redact.Word("a key at an address that it names")
	case cnf.has("kid"):
		return redact.Word("a key that it names by its ID")
	}
	return redact.Word("a key")
}

func bringProof(cnf *object) redact.Message {
	switch {
	case cnf.has("jkt"):
		return redact.Msg("Send it with the DPoP scheme and a fresh DPoP proof, not as Bearer")
	case cnf.has("x5t#S256"):
		return redact.Msg("Send it over mutual TLS with that certificate, and check that no proxy on the way drops it")
	case cnf.has("jku"):
		return redact.Msg("Send it together with the proof that its binding demands; the address in it was not looked up")
	}
	return redact.Msg("Send it together with the proof that its binding demands")
}

// boundBy names the confirmation method, and what is wrong with a thumbprint that no key can have.
func boundBy(cnf *object) redact.Message {
	for _, name := range [...]string{"jkt", "x5t#S256"} {
		m, ok := cnf.find(name)
		if !ok {
			continue
		}
		if m.kind != '"' {
			return redact.Msg("cnf.{}, which is {} instead of a thumbprint", redact.Operator(name), kindOf(cnf.raw(m)))
		}
		if n := len(unquote(cnf.raw(m))); n != sha256Text {
			return redact.Msg("cnf.{} of {} characters, where a SHA-256 thumbprint has {}", redact.Operator(name), redact.Count(n), redact.Count(sha256Text))
		}
	}
	var methods []redact.Message
	for _, name := range [...]string{"jkt", "x5t#S256", "jwk", "jwe", "jku", "kid"} {
		if cnf.has(name) {
			methods = append(methods, redact.Msg("cnf.{}", redact.Operator(name)))
		}
	}
	if len(methods) == 0 {
		return redact.Msg("cnf with no confirmation method that is registered")
	}
	return redact.Msg("{}", redact.Items(methods))
}

const sha256Text = 43 // characters of base64url

var proofUnbound = Check{
	ID:       "binding.scheme_unbound",
	Subject:  "Sender binding (cnf)",
	Title:    "The token was sent with the DPoP scheme and is not bound to a DPoP key",
	Doc:      "With the DPoP scheme an API looks for the key's thumbprint in the token (cnf.jkt) and refuses a token without one. Either the client sent no DPoP proof when it got the token, or the issuer does not do DPoP: then the scheme is Bearer.",
	Cite:     "RFC 9449 §6.1, §7.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if !p.paste.dpop || p.form != formJWS || p.traits().kind == dpopProof {
			return nil
		}
		if cnf, ok := p.confirmation(); ok && cnf.has("jkt") {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("Sent with the DPoP scheme, but the token is bound to no DPoP key (cnf.jkt); an API that looks for one refuses it")}
	},
}
