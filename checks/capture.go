package checks

import "jwt-check-bot/redact"

// The capture rung: how the credential was put on the wire.

var headerMalformed = Check{
	ID:       "capture.header_malformed",
	Subject:  "Authorization header",
	Title:    "The Authorization header is malformed",
	Doc:      "A verifier never gets as far as the token: it reads one scheme, one space and one token. Look at the code that builds the header, at interceptors that set it again, and at what a proxy does to it.",
	Cite:     "RFC 6750 §2.1, RFC 9110 §11.4",
	Severity: Blocks,
	Cause:    HeaderConstruction,
	Run: func(p *Pass) *Result {
		if !p.paste.header() {
			return nil
		}
		switch p.paste.artefacts &^ (harmless &^ doubledSpace) {
		case 0:
			return pass(redact.Msg("one scheme, one space, one value"))
		case doubledSpace:
			return pass(redact.Msg("one scheme, one value"))
		}
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("Malformed Authorization header: {}", p.paste.named(^harmless)),
			Want:    redact.Msg("Authorization: Bearer, one space, the token"),
			Next:    p.paste.mend(),
		}
	},
}

// mend says what to do about a malformed header: about what weighs most in it.
func (p *paste) mend() redact.Message {
	has := func(set artefact) bool { return p.artefacts&set != 0 }
	switch {
	case has(objectObject | printedObject):
		return redact.Msg("Take the token out of the object, and wait for it, before the header is built")
	case has(template):
		return redact.Msg("Fill the template in: look for a variable that is not set where the client runs")
	case has(placeholder | emptyCredential):
		return redact.Msg("Find out why the client had no token when it built the header: no login, a failed refresh, a call before the token was there")
	case has(severalFields | sentTwice | severalTokens | doubledScheme):
		return redact.Msg("Send one scheme and one token, once: look for an interceptor, a default header or a proxy that adds it again")
	case has(fieldMisspelled):
		return redact.Msg("Send the token in the Authorization field, spelled like this")
	case has(otherScheme) && p.token != "" && startsToken(p.token):
		return redact.Msg("Send the token with the scheme Bearer")
	case has(otherScheme):
		return redact.Msg("Get an access token for this API, and send it with the scheme Bearer")
	}
	return redact.Msg("Fix how the client builds the Authorization header, then send the same token again")
}

var pasteArtefacts = Check{
	ID:       "capture.token_wrapped",
	Subject:  "What was pasted",
	Title:    "Something stands round the token",
	Doc:      "The token was checked without it. If the client sends it like this, the API refuses it; if it only comes from copying, it means nothing.",
	Cite:     "RFC 7515 §2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		set := ^artefact(0)
		if p.paste.header() {
			set = harmless &^ masked // which the format rung tells
		}
		if p.paste.artefacts&set == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("In the paste, {}", p.paste.named(set))}
	},
}

var fieldRenamed = Check{
	ID:       "capture.field_renamed",
	Subject:  "Header field",
	Title:    "The token stands in another field than Authorization",
	Doc:      "Gateways and identity-aware proxies move tokens to fields of their own, and some put a token of their own there. An API that reads Authorization finds nothing, or finds the proxy's token where it expects the issuer's.",
	Cite:     "RFC 6750 §2.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.paste.plain() || p.paste.more.renamed.IsZero() {
			return nil
		}
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("The token stands in {}: an API that reads Authorization does not see it", redact.Part(p.paste.more.renamed)),
		}
	},
}

var tokenInURL = Check{
	ID:       "capture.token_in_url",
	Subject:  "Token in the URL",
	Title:    "The token is sent in the URL",
	Doc:      "URLs are written to access logs, browser histories and Referer fields, so the token is exposed. Send it in the Authorization header, and let this one expire or revoke it.",
	Cite:     "RFC 6750 §2.3, §5.3; RFC 9700 §4.3.2",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.paste.plain() || !p.paste.more.inURL {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("A token stands in a URL, which servers, proxies and browsers write to their logs: send it in the Authorization header")}
	},
}

var secretPasted = Check{
	ID:       "capture.secret_pasted",
	Subject:  "Secret in the paste",
	Title:    "A key or another secret was pasted",
	Doc:      "It has left the place where it was safe, through a clipboard and a chat program, so it counts as exposed: replace it, and revoke the old one. Nothing of it was kept here.",
	Cite:     "RFC 7517 §9.2, RFC 6749 §10.4",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.paste.plain() || p.paste.more.secret.IsZero() {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The paste holds {}, which counts as exposed now: replace it, and revoke the old one", redact.Part(p.paste.more.secret))}
	},
}

var tokenExample = Check{
	ID:       "capture.token_example",
	Subject:  "Example token",
	Title:    "The token is a published example",
	Doc:      "Manuals and web pages show it, and anybody can write another with its key. No issuer of yours made it: look for a default or a copied line in the client's configuration.",
	Cite:     "https://jwt.io",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		// The value of one member decides for nearly every token, at next to no cost.
		if m, ok := p.claims.find("iat"); ok && p.claims.raw(m) == "1516239022" && p.claims.holds("sub", "1234567890") && p.claims.holds("name", "John Doe") {
			return &Result{Outcome: Failed, Says: redact.Msg("This is the example token of jwt.io: no issuer of yours made it")}
		}
		return nil
	},
}

// holds reports whether a member is this string.
func (o *object) holds(name, value string) bool {
	got, ok := o.str(name)
	return ok && got == value
}
