package checks

import "strings"

// What a server answered: a challenge or a token response, of which neither says how the client
// builds its header.

// challengeField is a challenge under its name, challengeValue one alone (RFC 9110 §11.6.1, RFC 6750 §3).
var (
	challengeField = lazily(`(?i)(?:^|[\s"'<>\[({,])(?:www|proxy)-authenticate["']?\s*(?:=>|[:=])\s*[\["']*(?:bearer|dpop|basic|digest|negotiate|ntlm)\b[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*`)
	challengeValue = lazily(`(?i)^["'` + "`" + `]?(?:bearer|dpop)\s+(?:realm|error|error_description|error_uri|scope|resource_metadata|authorization_uri|trusted_issuers|client_id|algs|nonce|service)\s*=`)
)

// tokenType is the member of a token response (RFC 6749 §5.1) where no JSON is left round it.
var tokenType = lazily(`(?i)["']?\btoken[_-]?type["']?\s*[:=]\s*["']?(?:bearer|dpop)\b["']?[ \t]*[,;&]?`)

// readAnswer takes apart a server's answer, or leaves the paste to others.
func (p *paste) readAnswer(s string) bool {
	switch {
	case challengeValue().MatchString(s) && !holdsToken(s):
		p.more.kind = &challenge
		return true
	case challengeField().MatchString(s) && !(requestStart().MatchString(s) && strings.Contains(s, " HTTP/")): // a request says more
		rest := challengeField().ReplaceAllString(s, "\n")
		if !holdsToken(rest) {
			p.more.kind = &challenge
			return true
		}
		p.artefacts |= surroundingText
		p.readValue(rest)
		return true
	case tokenType().MatchString(s):
		p.readResponse(s)
		return true
	}
	return false
}

// holdsToken reports whether some word of s starts as a token does.
func holdsToken(s string) bool {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r >= 0x80 || !isCompactByte(byte(r)) }) {
		if len(word) > 20 && startsToken(word) {
			return true
		}
	}
	return false
}

// readResponse takes the token out of what is left of a token response.
func (p *paste) readResponse(s string) {
	var o members
	o.salvage(s)
	if isWhole(o.token) {
		p.artefacts |= namedValue
		p.more.refresh = o.refresh
		p.token = o.token
		return
	}
	if rest := tokenType().ReplaceAllString(s, ""); holdsToken(rest) {
		p.readValue(rest)
		return
	}
	p.token = o.token
	if o.token == "" {
		p.more.kind = &emptyResponse
		return
	}
	p.artefacts |= namedValue
}
