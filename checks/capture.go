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
	Run: func(p *Pass) Result {
		if !p.paste.header() {
			return Result{}
		}
		if p.paste.artefacts == 0 {
			return pass(redact.Msg("one scheme, one space, one value"))
		}
		return Result{
			Outcome: Failed,
			Says:    redact.Msg("Malformed Authorization header: {}", redact.Items(p.artefacts())),
			Want:    redact.Msg("Authorization: Bearer, one space, the token"),
			Next:    redact.Msg("Fix how the client builds the Authorization header, then send the same token again"),
		}
	},
}

var pasteArtefacts = Check{
	ID:       "capture.token_wrapped",
	Subject:  "What was pasted",
	Title:    "Something stands round the token",
	Doc:      "The token was checked without it. If the client sends it like this, the API refuses it; if it only comes from copying, it means nothing.",
	Cite:     "RFC 7515 §2",
	Severity: Warns,
	Run: func(p *Pass) Result {
		if p.paste.header() || p.paste.artefacts == 0 {
			return Result{}
		}
		return Result{Outcome: Failed, Says: redact.Msg("In the paste, {}", redact.Items(p.artefacts()))}
	},
}

func (p *Pass) artefacts() []redact.Message {
	var list []redact.Message
	p.paste.artefacts.each(func(a artefact) { list = append(list, a.message()) })
	return list
}

const longToken = 8 << 10

var tokenLong = Check{
	ID:       "capture.token_long",
	Subject:  "Size",
	Title:    "The token is longer than 8 KiB",
	Doc:      "Many servers refuse header fields of 8 KiB or more (431, 400, 413, or a closed connection). Move group lists out of the token, or ask for fewer scopes.",
	Cite:     "RFC 6585 §5",
	Severity: Warns,
	Run: func(p *Pass) Result {
		size := p.Token.Size()
		if size <= longToken || p.form == formOther {
			return Result{}
		}
		return Result{Outcome: Failed, Says: redact.Msg("The token has {} bytes; many servers refuse header fields over 8,192", redact.Count(size))}
	},
}
