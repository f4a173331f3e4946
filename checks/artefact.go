package checks

import "jwt-check-bot/redact"

// artefact is something round a token that its maker did not put there.
type artefact uint64

// The artefacts in the order in which they are named: from the outside in.
const (
	fieldMisspelled artefact = 1 << iota
	colonMissing
	severalFields
	sentTwice
	doubledScheme
	missingScheme
	otherScheme
	schemeMark
	schemePlus
	schemeTab
	schemeGlued
	quotedToken
	bracketed
	printedWrapper
	jsonObject
	objectObject
	printedObject
	placeholder
	template
	masked
	emptyCredential
	jsonEscaped
	percentEncoded
	htmlEncoded
	quotedPrintable
	base64Encoded
	namedValue
	cookieSyntax
	signedCookie
	wideText
	invisible
	fullWidth
	typographicDash
	folded
	lineBreak
	spaceInside
	strayMark
	severalTokens
	surroundingText
	doubledSpace
	severalRequests
	endOfArtefacts
)

// What says something about the paste, and nothing against the header in it.
const harmless = doubledSpace | severalRequests | wideText | masked

// What makes a credential of a paste in which no token was found.
const telling = objectObject | printedObject | placeholder | template | masked | jsonObject | namedValue

// details are the particulars of a paste that is more than a plain token.
type details struct {
	kind      *substitute // what was pasted instead of a JWT
	secret    redact.Message
	scheme    string         // the other scheme, where it is a known one
	renamed   redact.Message // the field in which the token stands instead of Authorization
	member    redact.Message // the member of a JSON object that was taken
	character redact.Message // the first invisible character
	invisible int            // how many there are
	mark      byte           // what follows the scheme in place of a space
	width     int            // characters of a line of a wrapped token; 0: no constant width
	tokens    int            // how many whole tokens stand in the value
	alike     bool           // these are the same
	mixed     bool           // the schemes are not the same
	misspelt  bool           // the scheme is Bearer with letters exchanged
	inURL     bool
	inCookie  bool
	refresh   bool // a refresh token came along
}

// named names the artefacts in the set, as many as a person reads.
func (p *paste) named(set artefact) redact.Hole {
	const enough = 5
	var says redact.Message
	n := 0
	for bit := artefact(1); bit < endOfArtefacts; bit <<= 1 {
		if p.artefacts&set&bit == 0 {
			continue
		}
		switch n++; {
		case n == 1:
			says = p.message(bit)
		case n <= enough:
			says = redact.Msg("{}; {}", redact.Part(says), redact.Part(p.message(bit)))
		}
	}
	if n > enough {
		says = redact.Msg("{}; and {} more", redact.Part(says), redact.Count(n-enough))
	}
	return redact.Part(says)
}

func (p *paste) message(a artefact) redact.Message {
	d := p.detail()
	switch a {
	case fieldMisspelled:
		return redact.Msg("the field's name is misspelled: it must be Authorization")
	case colonMissing:
		return redact.Msg("no colon stands between the field's name and its value")
	case severalFields:
		return redact.Msg("the request has more than one Authorization header")
	case sentTwice:
		return redact.Msg("a token is also sent as access_token in the URL or the body, and only one way is allowed (RFC 6750 §2)")
	case doubledScheme:
		switch {
		case d.mixed && p.schemes > 2:
			return redact.Msg("{} schemes stand before the token", redact.Count(p.schemes))
		case d.mixed:
			return redact.Msg("two schemes stand before the token")
		case p.schemes > 2:
			return redact.Msg("the scheme stands {} times", redact.Count(p.schemes))
		case p.dpop:
			return redact.Msg("the scheme stands twice (DPoP DPoP)")
		}
		return redact.Msg("the scheme stands twice (Bearer Bearer)")
	case missingScheme:
		return redact.Msg("the scheme is missing: the value must start with Bearer and a space")
	case otherScheme:
		switch {
		case d.misspelt:
			return redact.Msg("the scheme is misspelled: it must be Bearer")
		case d.scheme != "":
			return redact.Msg("the scheme is {}, neither Bearer nor DPoP", redact.Operator(d.scheme))
		}
		return redact.Msg("the scheme is neither Bearer nor DPoP")
	}
	if a <= schemeGlued {
		return schemeMessage(a, d.mark)
	}
	if a <= emptyCredential {
		return p.valueMessage(a, d)
	}
	if a <= signedCookie {
		return encodingMessage(a)
	}
	return p.characterMessage(a, d)
}

func schemeMessage(a artefact, mark byte) redact.Message {
	switch {
	case a == schemePlus:
		return redact.Msg("a + stands between the scheme and the token, where a space must: the value was form-encoded")
	case a == schemeTab:
		return redact.Msg("a tab follows the scheme, where only a space may")
	case a == schemeGlued:
		return redact.Msg("no space stands between the scheme and the token")
	case mark == '=':
		return redact.Msg("an equals sign follows the scheme, where only a space may")
	case mark == ',':
		return redact.Msg("a comma follows the scheme, where only a space may")
	}
	return redact.Msg("a colon follows the scheme, where only a space may")
}

func (p *paste) valueMessage(a artefact, d *details) redact.Message {
	switch a {
	case quotedToken:
		return redact.Msg("the token stands in quotes")
	case bracketed:
		return redact.Msg("the token stands in brackets, which belonged to the template")
	case printedWrapper:
		return redact.Msg("the value is the printed form of a programming language's wrapper, such as Optional(…) or b'…', with the token inside")
	case jsonObject:
		if d.member.IsZero() {
			return redact.Msg("a JSON object stands in place of the token")
		}
		return redact.Msg("the token is wrapped in a JSON object instead of being sent as a string (its {} was checked)", redact.Part(d.member))
	case objectObject:
		return redact.Msg("the value is [object Object]: an object was turned into a string")
	case printedObject:
		return redact.Msg("the value is a printed object, function or unfinished promise: the code used it instead of the token in it")
	case placeholder:
		return redact.Msg("the value is a placeholder such as undefined or null: the client had no token")
	case template:
		return redact.Msg("the value is a template that was never filled in, such as {{token}} or $TOKEN")
	case masked:
		return redact.Msg("the token is shortened or masked (… or ***), as logs do: this is not what was sent")
	}
	if p.schemes == 0 {
		return redact.Msg("the header has no value")
	}
	return redact.Msg("no token follows the scheme")
}

func encodingMessage(a artefact) redact.Message {
	switch a {
	case jsonEscaped:
		return redact.Msg("the value has a string's escapes in it (such as \\n, \\\" or \\u002e)")
	case percentEncoded:
		return redact.Msg("the value is percent-encoded")
	case htmlEncoded:
		return redact.Msg("the value has HTML entities in it, where the characters themselves should stand")
	case quotedPrintable:
		return redact.Msg("the value is quoted-printable, as in a mail (= at the ends of lines, =2E)")
	case base64Encoded:
		return redact.Msg("the whole token is base64-encoded once more")
	case namedValue:
		return redact.Msg("a name stands before the token (as in access_token=…)")
	case cookieSyntax:
		return redact.Msg("the token stands in a cookie (as in token=…; Path=/)")
	}
	return redact.Msg("it is a signed cookie (s: before the token, a second signature behind it)")
}

func (p *paste) characterMessage(a artefact, d *details) redact.Message {
	switch a {
	case wideText:
		return redact.Msg("the text is in UTF-16, as PowerShell writes files, where programs expect UTF-8")
	case invisible:
		if d.invisible == 1 {
			return redact.Msg("an invisible character is in it ({})", redact.Part(d.character))
		}
		return redact.Msg("{} invisible characters are in it (the first: {})", redact.Count(d.invisible), redact.Part(d.character))
	case fullWidth:
		return redact.Msg("full-width letters stand in place of ASCII")
	case typographicDash:
		return redact.Msg("a typographic dash stands where the token has hyphens: a text editor corrected it")
	case folded:
		return redact.Msg("the field is folded over several lines, which HTTP no longer allows (RFC 9112 §5.2)")
	case lineBreak:
		if d.width > 0 {
			return redact.Msg("the token is broken into lines of {} characters", redact.Count(d.width))
		}
		return redact.Msg("a line break stands inside the token")
	case spaceInside:
		return redact.Msg("a space stands inside the token")
	case strayMark:
		return redact.Msg("a stray dot or punctuation mark stands before or behind the token")
	case severalTokens:
		if d.alike {
			return redact.Msg("the same token stands {} times in the value", redact.Count(d.tokens))
		}
		return redact.Msg("{} tokens stand in the value, of which the first was checked", redact.Count(max(2, d.tokens)))
	case surroundingText:
		return redact.Msg("other text stands beside the token")
	case doubledSpace:
		return redact.Msg("more than one space follows the scheme: HTTP allows it, and verifiers that split at one space find an empty token")
	}
	return redact.Msg("several requests stand in the paste, of which the first with a token was checked")
}
