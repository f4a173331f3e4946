package checks

import (
	"encoding/base64"
	"html"
	"net/url"
	"strings"
	"unicode/utf8"
)

// unwrap takes off one layer of what is wrapped round a token, and names it. It reports whether
// there was one.
func (p *paste) unwrap(s string) (string, bool) {
	if s == "" {
		return s, false
	}
	if !strings.ContainsAny(s, " \t\r\n") || p.header() {
		if plain := p.straighten(s); plain != s {
			return plain, true
		}
	}
	for _, layer := range [...]func(*paste, string) (string, bool){
		(*paste).cutSchemes, (*paste).cutOtherScheme, (*paste).cutObject, (*paste).cutEscapes, (*paste).cutPrinted, (*paste).cutQuotes,
		(*paste).cutPercent, (*paste).cutEntities, (*paste).cutQuotedPrintable, (*paste).cutCookie, (*paste).cutName,
		(*paste).cutBrackets, (*paste).cutBase64, (*paste).cutStray,
	} {
		if inner, ok := layer(p, s); ok {
			return inner, true
		}
	}
	return s, false
}

// Schemes other than those of a bearer token that are worth naming (IANA's registry, and habit).
var otherSchemes = map[string]string{
	"basic": "Basic", "digest": "Digest", "negotiate": "Negotiate", "ntlm": "NTLM", "token": "Token", "jwt": "JWT", "mac": "MAC", "hawk": "Hawk",
	"oauth": "OAuth", "apikey": "ApiKey", "api-key": "Api-Key", "key": "Key", "gnap": "GNAP", "aws4-hmac-sha256": "AWS4-HMAC-SHA256",
	"sharedkey": "SharedKey", "sharedaccesssignature": "SharedAccessSignature", "ssws": "SSWS", "hoba": "HOBA", "privatetoken": "PrivateToken",
}

// cutOtherScheme takes a scheme off that is neither Bearer nor DPoP. Outside a header only a known
// one is taken for such: elsewhere it is any word.
func (p *paste) cutOtherScheme(s string) (string, bool) {
	scheme, rest, found := strings.Cut(s, " ")
	if !found || p.schemes > 0 || p.artefacts&otherScheme != 0 || len(scheme) > 24 || startsToken(scheme) || strings.ContainsAny(scheme, "=.\"'{}[]<>\n$%") {
		return s, false
	}
	word := strings.ToLower(strings.TrimRight(scheme, ":"))
	known, ok := otherSchemes[word]
	if !p.field && (!ok || strings.HasSuffix(scheme, ":") || strings.Contains(trim(rest), " ") && word != "digest") {
		return s, false
	}
	p.artefacts |= otherScheme
	p.more.scheme, p.more.misspelt = known, misspelt(word)
	return rest, true
}

// misspelt reports whether word is bearer but for one letter more, less, or out of place.
func misspelt(word string) bool {
	const right = "bearer"
	if word == right || len(word) < len(right)-1 || len(word) > len(right)+1 {
		return false
	}
	from, end := 0, 0
	for from < min(len(word), len(right)) && word[from] == right[from] {
		from++
	}
	for end < min(len(word), len(right))-from && word[len(word)-1-end] == right[len(right)-1-end] {
		end++
	}
	return len(right)-from-end <= 2 && len(word)-from-end <= 2
}

func isJSON(s string) bool {
	return strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "{{") || strings.HasPrefix(s, "[{") || strings.HasPrefix(s, `["`)
}

func (p *paste) cutObject(s string) (string, bool) {
	if !isJSON(s) {
		return s, false
	}
	o := readMembers(s)
	if o.token == "" && (!strings.ContainsAny(s, `:"`) || looksLikeToken(strings.Trim(s, "{}[] "))) {
		return s, false
	}
	return p.take(&o), true
}

var escapes = lazily(`\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|["'\\/nrt]|\r?\n)`)

// cutEscapes reads the escapes of a JSON string or a shell.
func (p *paste) cutEscapes(s string) (string, bool) {
	if !strings.Contains(s, `\`) {
		return s, false
	}
	copied := strings.TrimSuffix(strings.TrimSuffix(s, `\n`), `\r`) // as network analysers print the end of a line
	if copied != s && !strings.Contains(copied, `\`) {
		return copied, true
	}
	plain := escapes().ReplaceAllStringFunc(s, func(e string) string {
		switch e[1] {
		case 'u', 'x':
			n := 0
			for _, c := range strings.ToLower(e[2:]) {
				n = n<<4 | strings.IndexRune("0123456789abcdef", c)
			}
			return string(rune(n))
		case 'n', 'r', '\n', '\r':
			return "\n"
		case 't':
			return "\t"
		}
		return e[1:]
	})
	if plain == s {
		return s, false
	}
	p.artefacts |= jsonEscaped
	return plain, true
}

const quotes = "\"'`"

// cutQuotes takes quotes off both ends, or off one where the other was lost in copying.
func (p *paste) cutQuotes(s string) (string, bool) {
	inner := strings.Trim(s, quotes)
	if inner == s {
		comma := strings.TrimRight(s, ",; ")
		if comma == s || !strings.HasSuffix(comma, `"`) && !strings.HasSuffix(comma, "'") {
			return s, false
		}
		return comma, true // the end of a line of code or JSON
	}
	p.artefacts |= quotedToken
	return inner, true
}

var wrapperType = lazily(`(?s)^(?:(?:Optional|Some|Just|Ok|Success|Right|Result|SecretStr|Secret|Token|JWT|String)[(\[{] ?(.*?) ?[)\]}]|[bBrRfFuU]{1,2}(["'].*["']))$`)

// cutPrinted takes off a language's printed form of a wrapper: Optional("…"), Some(…), b'…'.
func (p *paste) cutPrinted(s string) (string, bool) {
	m := wrapperType().FindStringSubmatch(s)
	if m == nil {
		return s, false
	}
	p.artefacts |= printedWrapper
	return strings.Trim(m[1]+m[2], quotes), true
}

var percents = lazily(`%[0-9a-fA-F]{2}`)

func (p *paste) cutPercent(s string) (string, bool) {
	if !percents().MatchString(s) {
		return s, false
	}
	plain, err := url.PathUnescape(s)
	if err != nil || !utf8.ValidString(plain) {
		return s, false
	}
	p.artefacts |= percentEncoded
	return plain, true
}

var entities = lazily(`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,12});`)

func (p *paste) cutEntities(s string) (string, bool) {
	if !entities().MatchString(s) {
		return s, false
	}
	plain := html.UnescapeString(s)
	if plain == s {
		return s, false
	}
	p.artefacts |= htmlEncoded
	return plain, true
}

var softBreak = lazily(`=[ \t]*\r?\n`)

// cutQuotedPrintable undoes RFC 2045 §6.7 as far as a token can meet it.
func (p *paste) cutQuotedPrintable(s string) (string, bool) {
	if !softBreak().MatchString(s) && !strings.Contains(s, "=2E") && !strings.Contains(s, "=2D") && !strings.Contains(s, "=5F") {
		return s, false
	}
	p.artefacts |= quotedPrintable
	return strings.NewReplacer("=2E", ".", "=2D", "-", "=5F", "_", "=3D", "=", "=20", " ").Replace(softBreak().ReplaceAllString(s, "")), true
}

// cutBrackets takes off the brackets of a manual or a template: <token>, {{token}}, ${token}.
func (p *paste) cutBrackets(s string) (string, bool) {
	inner := trim(strings.Trim(strings.TrimLeft(s, "$#%"), "<>{}[]()%"))
	if !strings.ContainsAny(s[:1], "<{[($#%") || !startsToken(inner) || strings.ContainsAny(inner, " \t\n") {
		return s, false
	}
	p.artefacts |= bracketed
	return inner, true
}

// cutBase64 decodes what is a token, a header's value or a token response under one more base64.
func (p *paste) cutBase64(s string) (string, bool) {
	flat := strings.NewReplacer("\r", "", "\n", "", "-", "+", "_", "/").Replace(s)
	if len(flat) < 40 || strings.ContainsAny(flat, ". :") {
		return s, false
	}
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(flat, "="))
	if err != nil {
		return s, false
	}
	inner := trim(string(b))
	isToken := startsToken(inner) && strings.Contains(inner, ".") && isCompact(inner)
	if !isToken && schemeLength(inner) == 0 && !(isJSON(inner) && strings.Contains(inner, `oken"`)) {
		return s, false
	}
	p.artefacts |= base64Encoded
	return inner, true
}

// cutStray takes off a dot or another mark that came along at an end.
func (p *paste) cutStray(s string) (string, bool) {
	inner := p.cutMarks(s)
	return inner, inner != s
}
