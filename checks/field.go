package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// Where the token stands in a request, a command or a program: the Authorization field, another
// field, the URL or the body.

// field is one place where the Authorization header's name shows.
type field struct {
	value     string
	from, end int    // of the value, in the paste
	prefix    string // of the name, as in X-Forwarded-
	misspelt  bool
	request   int // which of the paste's requests and commands it belongs to
}

// The name may stand in a raw request, a shell command, a program's map, a log line or a dump; what
// comes before it says which. Groups: mark before, prefix, name, mark behind, separator.
var fieldName = lazily(`(?i)(^|[\s"'` + "`" + `{,(\[>*])((?:[a-z0-9]{1,20}-){0,4})(authorization|authorisation|autorization|authorizaton|authorzation|authentication)(\\?["'` + "`" + `]?\]?)[ \t]*(:|=>|=|,|\r?\n)[ \t]*`)

// requestStart is the first line of a request, or a command that makes one.
var requestStart = lazily(`(?im)^[>\s$*]*(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ HTTP/|curl |curl$|http |https |wget |Invoke-(?:RestMethod|WebRequest) )`)

// maxFields bounds how many of them are looked at.
const maxFields = 8

// readFields takes the header's value out of a request, a command or a program that shows it.
func (p *paste) readFields(s string) bool {
	if !strings.Contains(strings.ToLower(s), "auth") && !strings.Contains(s, ":") {
		return false
	}
	fields := p.findFields(s)
	if len(fields) == 0 {
		fields = p.fieldWithoutColon(s)
	}
	if len(fields) == 0 {
		return p.readOtherField(s)
	}
	f := &fields[0]
	for i := range fields {
		if fields[i].prefix == "" {
			f = &fields[i]
			break
		}
	}
	if f.prefix != "" {
		p.more.renamed = renamedField(f.prefix)
	}
	p.field = f.prefix == ""
	if f.misspelt {
		p.artefacts |= fieldMisspelled
	}
	for i := range fields {
		other := &fields[i]
		switch {
		case other == f || other.prefix != "" || f.prefix != "" || other.misspelt:
		case other.request == f.request:
			p.artefacts |= severalFields
		case trim(other.value) != trim(f.value):
			p.artefacts |= severalRequests
		}
	}
	if q := queryToken().FindStringSubmatch(s[:f.from] + "\n" + s[f.end:]); q != nil && strings.EqualFold(q[2], "access_token") {
		p.artefacts |= sentTwice
		p.more.inURL = p.more.inURL || strings.ContainsAny(q[1], "?#&")
	}
	p.readValue(f.value)
	return true
}

func (p *paste) findFields(s string) []field {
	var fields []field
	for _, m := range fieldName().FindAllStringSubmatchIndex(s, maxFields) {
		group := func(i int) string { return s[m[2*i]:m[2*i+1]] }
		rest := s[m[1]:]
		f := field{from: m[1], prefix: strings.ToLower(group(2)), misspelt: !strings.EqualFold(group(3), "authorization")}
		scheme := schemeLength(strings.TrimLeft(rest, quotes+"\\"))
		switch sep := group(5); {
		case f.misspelt && scheme == 0, // a word like any other
			sep == "," && group(4) == "",
			strings.HasSuffix(sep, "\n") && scheme == 0 && !startsToken(rest):
			continue
		}
		n, ok := 0, false
		if f.value, n, ok = printedValue(s, m); !ok {
			f.value, n = p.fieldValue(rest, group(1), group(4), lineBefore(s[:m[4]]))
		}
		f.end = f.from + n
		f.request = len(requestStart().FindAllStringIndex(s[:m[1]], maxFields))
		fields = append(fields, f)
	}
	return fields
}

// withoutColon is the field's name at the start of a line or of a string, and its value at once.
var withoutColon = lazily(`(?im)(^[> ]*|["'` + "`" + `])authorization +((?:bearer|dpop) +)`)

// fieldWithoutColon finds a field whose colon is missing: with its scheme and the start of a token, it
// is no sentence.
func (p *paste) fieldWithoutColon(s string) []field {
	m := withoutColon().FindStringSubmatchIndex(s)
	if m == nil || !startsToken(s[m[1]:]) {
		return nil
	}
	p.artefacts |= colonMissing
	f := field{from: m[4]}
	value, n := p.fieldValue(s[m[4]:], s[m[2]:m[3]], "", "")
	f.value, f.end = value, m[4]+n
	return []field{f}
}

func lineBefore(s string) string { return s[strings.LastIndexByte(s, '\n')+1:] }

// fieldValue returns the field's value, and how much of rest it takes: to the closing quote where the
// whole field was quoted (a shell command) or the value is a program's string, else to the end of
// the line and what continues it.
func (p *paste) fieldValue(rest, before, after, line string) (value string, n int) {
	if strings.Contains(quotes, before) && before != "" && after == "" {
		n = closing(rest, before)
		return rest[:n], n
	}
	open := strings.TrimLeft(rest, "fFbBrRuU")
	skip := len(rest) - len(open)
	if after != "" && skip < 3 && open != "" {
		if strings.HasPrefix(open, `\"`) {
			if value, _, found := strings.Cut(open[2:], `\"`); found {
				return value, skip + 2 + len(value)
			}
		}
		if strings.Contains(quotes, open[:1]) {
			n = closing(open[1:], open[:1])
			return open[1 : 1+n], skip + 1 + n
		}
	}
	// Quotes round the value alone are a program's if what follows them is, and a command's if the
	// command has words before; else the client has sent them.
	if rest != "" && strings.Contains(quotes, rest[:1]) {
		n = closing(rest[1:], rest[:1])
		behind := strings.TrimLeft(rest[min(len(rest), n+2):], " \t")
		if behind != "" && strings.Contains(",})];", behind[:1]) || requestStart().MatchString(line+" ") {
			return rest[1 : 1+n], n + 1
		}
	}
	return p.lineValue(rest, before)
}

// closing returns where the quote that closes s stands, escaped ones left out, or the line's end
// where there is none.
func closing(s, quote string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote[0]:
			return i
		}
	}
	if i := strings.IndexByte(s, '\n'); i >= 0 && !isCompactish(trim(s[i:])) {
		return i
	}
	return len(s)
}

// lineValue returns the rest of the line, and of the lines that continue it: folded ones, which
// start with white space, and those of a token that was wrapped in copying.
func (p *paste) lineValue(rest, before string) (value string, n int) {
	lines := strings.SplitAfter(rest, "\n")
	value = trim(lines[0])
	n = len(lines[0])
	whole := isWhole(value[strings.LastIndexByte(value, ' ')+1:])
	if before == "[" { // as in the dump of an HTTP/2 header
		value = strings.TrimSuffix(value, "]")
	}
	var b strings.Builder
	for i, line := range lines[1:] {
		text := trim(line)
		if value == "" && i == 0 && (schemeLength(text) > 0 || startsToken(text)) { // as browsers copy it
			value = text
			n += len(line)
			whole = isWhole(value[strings.LastIndexByte(value, ' ')+1:])
			continue
		}
		if text == "" || !isCompactish(text) || whole {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			p.artefacts |= folded
		}
		b.WriteString("\n" + text)
		n += len(line)
	}
	return value + b.String(), n
}

// isCompactish allows what a line of a token may have, wrapped or damaged, and no other header field
// or sentence has.
func isCompactish(s string) bool {
	for i := range len(s) {
		if !compactBytes[s[i]] && !strings.Contains("=+/%\"'~\r\n", s[i:i+1]) {
			return false
		}
	}
	return true
}

func renamedField(prefix string) redact.Message {
	switch prefix {
	case "x-forwarded-":
		return redact.Msg("X-Forwarded-Authorization")
	case "x-original-":
		return redact.Msg("X-Original-Authorization")
	case "proxy-":
		return redact.Msg("Proxy-Authorization")
	case "x-":
		return redact.Msg("X-Authorization")
	}
	return redact.Msg("another field")
}

// Fields into which gateways and identity-aware proxies put a token (their own documentation).
var otherFields = []struct {
	name string
	says redact.Message
}{
	{"x-amzn-oidc-accesstoken", redact.Msg("X-Amzn-Oidc-Accesstoken (of an AWS load balancer)")},
	{"x-amzn-oidc-data", redact.Msg("X-Amzn-Oidc-Data (of an AWS load balancer, which signs it itself)")},
	{"cf-access-jwt-assertion", redact.Msg("Cf-Access-Jwt-Assertion (of Cloudflare Access, which signs it itself)")},
	{"x-goog-iap-jwt-assertion", redact.Msg("X-Goog-Iap-Jwt-Assertion (of Google's Identity-Aware Proxy, which signs it itself)")},
	{"x-ms-token-aad-access-token", redact.Msg("X-Ms-Token-Aad-Access-Token (of Azure App Service)")},
	{"x-ms-token-aad-id-token", redact.Msg("X-Ms-Token-Aad-Id-Token (of Azure App Service, an ID token)")},
	{"x-forwarded-access-token", redact.Msg("X-Forwarded-Access-Token")},
	{"x-auth-request-access-token", redact.Msg("X-Auth-Request-Access-Token")},
	{"x-access-token", redact.Msg("X-Access-Token")},
	{"x-auth-token", redact.Msg("X-Auth-Token")},
	{"x-api-key", redact.Msg("X-Api-Key")},
	{webSocketField, redact.Msg("Sec-WebSocket-Protocol (in which browsers send what they cannot send as Authorization)")},
}

// webSocketField is a list of protocols, behind one or more of which a token may stand (RFC 6455 §11.3.4).
const webSocketField = "sec-websocket-protocol"

// readOtherField takes the token out of another field of a request.
func (p *paste) readOtherField(s string) bool {
	for line := range strings.Lines(s) {
		name, value, found := strings.Cut(strings.TrimLeft(line, "> \t"), ":")
		if !found || len(name) > 32 || !strings.Contains(name, "-") {
			continue
		}
		for _, f := range otherFields {
			if strings.EqualFold(name, f.name) && trim(value) != "" {
				p.more.renamed = f.says
				if f.name == webSocketField {
					value = value[strings.LastIndexByte(value, ',')+1:]
				}
				p.readValue(value)
				return true
			}
		}
	}
	return false
}

// queryToken finds a token in a URL or in a form's body. Groups: mark before, name, value.
var queryToken = lazily(`(?i)([?&#]|^|[\s"'])(access_token|id_token|auth_token|bearer_token|token|jwt|authorization|assertion|client_assertion|subject_token)=([^&\s"'#;<>]+)`)

// readQuery takes the token out of a URL or a form: the access token if there are several.
func (p *paste) readQuery(s string) bool {
	if !strings.Contains(s, "=") || !strings.ContainsAny(s, "?&#") {
		return false
	}
	best := -1
	found := queryToken().FindAllStringSubmatchIndex(s, maxFields)
	for i, m := range found {
		access := strings.EqualFold(s[m[4]:m[5]], "access_token")
		if (access || startsToken(s[m[6]:m[7]])) && (best < 0 || access) {
			best = i
		}
	}
	if best < 0 {
		return false
	}
	m := found[best]
	line := lineBefore(s[:m[2]])
	p.more.inURL = strings.ContainsAny(line+s[m[2]:m[3]], "?#")
	p.artefacts |= namedValue
	p.readValue(s[m[6]:m[7]])
	return true
}

var (
	cookieField = lazily(`(?im)^[>\s]*(set-)?cookie2?:[ \t]*`)
	cookieMark  = lazily(`(?i);\s*(path|domain|expires|max-age|samesite|httponly|secure)\b`)
	valueName   = lazily(`(?s)^(?:(?:export|set|const|let|var|final|String)\s+|\$env:)?\$?["']?([A-Za-z_][\w.%-]{0,60})["']?[ \t]*(?::=|=>|=|:)[ \t\r\n]*(.+)$`)
)

// cutCookie takes the token out of a cookie, or of a field with several.
func (p *paste) cutCookie(s string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, "s:"); ok && startsToken(rest) {
		p.artefacts |= signedCookie
		if i := strings.LastIndexByte(rest, '.'); strings.Count(rest, ".") > 2 && i > 0 {
			rest = rest[:i]
		}
		return rest, true
	}
	at := cookieField().FindStringIndex(s)
	switch {
	case at != nil:
		s, _, _ = strings.Cut(s[at[1]:], "\n")
	case !strings.Contains(s, ";") || !strings.Contains(s, "="):
		return s, false
	}
	attributes := cookieMark().MatchString(s)
	for pair := range strings.SplitSeq(s, ";") {
		name, value, found := strings.Cut(pair, "=")
		if !found || strings.ContainsAny(trim(name), " \t\"'") {
			continue
		}
		value = strings.Trim(trim(value), quotes)
		if inner := strings.TrimPrefix(strings.TrimPrefix(value, "s:"), "s%3A"); looksLikeToken(inner) || startsToken(inner) && attributes {
			p.artefacts |= cookieSyntax
			p.more.inCookie = true
			return value, true
		}
	}
	return s, at != nil
}

// cutName takes a name off that stands before the token: a variable's, a parameter's, a member's.
func (p *paste) cutName(s string) (string, bool) {
	m := valueName().FindStringSubmatch(s)
	if m == nil || schemeLength(m[1]) > 0 || plainMember(m[1]) == "tokentype" || startsToken(m[1]) && strings.Contains(m[1], ".") {
		return s, false
	}
	value := trim(m[2])
	inner := strings.TrimLeft(value, quotes)
	if !startsToken(inner) && schemeLength(inner) == 0 && !strings.HasPrefix(inner, "s%3Aey") && !strings.HasPrefix(inner, "s:ey") && memberRank(m[1]) == 0 {
		return s, false
	}
	p.artefacts |= namedValue
	return value, true
}
