package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// The capture rung, continued: whether what was put on the wire gets through.

// Limits by default of one field, or of all of them together, in bytes.
var fieldLimits = []struct {
	bytes int
	says  redact.Message
}{
	{8190, redact.Msg("Apache httpd (8,190)")},
	{8192, redact.Msg("nginx and Tomcat (8,192)")},
	{16384, redact.Msg("Node.js and Windows' http.sys (16,384)")},
	{32768, redact.Msg("Kestrel (32,768)")},
	{61440, redact.Msg("Envoy (61,440)")},
}

const (
	fieldStart  = "Authorization: Bearer "
	cookieLimit = 4096 // RFC 6265 §6.1: name, value and attributes together
)

var tokenLong = Check{
	ID:       "capture.token_long",
	Subject:  "Size",
	Title:    "The token is longer than 8 KiB, or than a cookie may be",
	Doc:      "Many servers refuse header fields of 8 KiB or more (431, 400, 413, or a closed connection), and browsers drop cookies over 4 KiB. Move group lists out of the token, or ask for fewer scopes.",
	Cite:     "RFC 6585 §5, RFC 6265 §6.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		size := p.Token.Size()
		inCookie := size > cookieLimit && p.paste.detail().inCookie
		line := size + len(fieldStart)
		if p.form == formOther || line <= fieldLimits[0].bytes && !inCookie {
			return nil
		}
		r := &Result{Outcome: Failed}
		if inCookie {
			r.Says = redact.Msg("The token has {} bytes; browsers drop cookies over 4,096{}", redact.Count(size), p.largest())
			return r
		}
		var over []redact.Message
		for _, l := range fieldLimits {
			if line > l.bytes {
				over = append(over, l.says)
			}
		}
		r.Says = redact.Msg("The token has {} bytes, its header field {}: more than the default of {}{}", redact.Count(size), redact.Count(line), redact.Items(over), p.largest())
		return r
	},
}

// largest names the claims that take the most room, those that matter.
func (p *Pass) largest() redact.Hole {
	const large, most = 256, 3
	length := func(m *member) int { return int(m.json.To - m.at.From + 1) } // with the name and its quote
	var found []*member
	for i := range p.claims.members {
		if m := &p.claims.members[i]; length(m) >= large {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b *member) int { return length(b) - length(a) })
	var list []redact.Message
	for _, m := range found[:min(most, len(found))] {
		list = append(list, redact.Msg("{} {} bytes", redact.Name(p.claim(m)), redact.Count(length(m))))
	}
	if len(list) == 0 {
		return redact.Word("")
	}
	return redact.Part(redact.Msg("; the largest claims: {}", redact.Items(list)))
}
