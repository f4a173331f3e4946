package checks

import (
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"jwt-check-bot/checks/mint"
	"jwt-check-bot/redact"
)

// in puts the token in place of {} in a template.
func in(template string) func(string) string {
	return func(token string) string { return strings.ReplaceAll(template, "{}", token) }
}

func lines(width int) func(string) string {
	return func(token string) string {
		var b strings.Builder
		for ; len(token) > width; token = token[width:] {
			b.WriteString(token[:width] + "\n")
		}
		return b.String() + token
	}
}

func both(first, second func(string) string) func(string) string {
	return func(token string) string { return second(first(token)) }
}

func replaced(from, to string) func(string) string {
	return func(token string) string { return strings.ReplaceAll(token, from, to) }
}

func after(n int, with string) func(string) string {
	return func(token string) string { return token[:n] + with + token[n:] }
}

// utf16Of writes a text in UTF-16, with a byte order mark or without.
func utf16Of(order binary.AppendByteOrder, mark string) func(string) string {
	return func(text string) string {
		b := []byte(mark)
		for _, unit := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, unit)
		}
		return string(b)
	}
}

func base64Of(token string) string { return base64.StdEncoding.EncodeToString([]byte(token)) }

// pastes are what people paste, of a token that is good in itself: what stands round it is named, it
// is a cause where the header shows, and the token in it is found.
var pastes = []struct {
	name  string
	as    func(token string) string
	named artefact
	cause Cause
}{
	{"bare", in("{}"), 0, None},
	{"bare, white space at the ends", in("\n  {}\r\n"), 0, None},
	{"scheme", in("Bearer {}"), 0, None},
	{"scheme in capitals", in("BEARER {}"), 0, None},
	{"field", in("Authorization: Bearer {}"), 0, None},
	{"field in lower case", in("authorization:bearer {}"), 0, None},
	{"scheme twice", in("Bearer Bearer {}"), doubledScheme, HeaderConstruction},
	{"scheme three times", in("Authorization: Bearer bearer Bearer {}"), doubledScheme, HeaderConstruction},
	{"no scheme", in("Authorization: {}"), missingScheme, HeaderConstruction},
	{"another scheme", in("Authorization: Token {}"), otherScheme, HeaderConstruction},
	{"a misspelled scheme", in("Authorization: Baerer {}"), otherScheme, HeaderConstruction},
	{"another scheme, no field", in("JWT {}"), otherScheme, None},
	{"a misspelled field", in("Authentication: Bearer {}"), fieldMisspelled, HeaderConstruction},
	{"colon", in("Authorization: Bearer: {}"), schemeMark, HeaderConstruction},
	{"equals sign", in("Bearer={}"), schemeMark, HeaderConstruction},
	{"comma", in("Bearer, {}"), schemeMark, HeaderConstruction},
	{"glued", in("Authorization: Bearer{}"), schemeGlued, HeaderConstruction},
	{"space percent-encoded", in("Authorization: Bearer%20{}"), percentEncoded, HeaderConstruction},
	{"space as plus", in("Authorization: Bearer+{}"), schemePlus, HeaderConstruction},
	{"tab", in("Authorization: Bearer\t{}"), schemeTab, HeaderConstruction},
	{"two spaces, which are allowed", in("Authorization: Bearer  {}"), doubledSpace, None},
	{"no-break space", in("Authorization: Bearer\u00a0{}"), invisible, HeaderConstruction},
	{"quotes", in(`"{}"`), quotedToken, None},
	{"one quote", in(`{}"`), quotedToken, None},
	{"quotes in the header", in(`Bearer "{}"`), quotedToken, HeaderConstruction},
	{"the whole value in quotes", in(`Authorization: "Bearer {}"`), quotedToken, HeaderConstruction},
	{"typographic quotes", in("“{}”"), quotedToken, None},
	{"back-ticks", in("```\n{}\n```"), quotedToken, None},
	{"end of a line of JSON", in(`"access_token": "{}",`), namedValue | quotedToken, None},
	{"token response", in(`{"access_token":"{}","token_type":"Bearer","expires_in":3600}`), jsonObject, None},
	{"token response, pretty", in("{\n  \"token_type\": \"Bearer\",\n  \"access_token\": \"{}\"\n}"), jsonObject, None},
	{"token response in the header", in(`Authorization: Bearer {"access_token":"{}"}`), jsonObject, HeaderConstruction},
	{"nested response", in(`{"AuthenticationResult":{"AccessToken":"{}","ExpiresIn":3600}}`), jsonObject, None},
	{"Python's dict", in(`{'token_type': 'Bearer', 'access_token': '{}'}`), jsonObject, None},
	{"response cut off", in(`{"access_token":"{}","token_ty`), jsonObject, None},
	{"array", in(`["{}"]`), jsonObject, None},
	{"JSON string", in(`"Bearer {}"`), quotedToken, HeaderConstruction},
	{"escaped quotes", in(`\"{}\"`), jsonEscaped | quotedToken, None},
	{"escaped dots", replaced(".", `\u002e`), jsonEscaped, None},
	{"escaped line end", in(`Bearer {}\n`), 0, None},
	{"percent-encoded dots", replaced(".", "%2E"), percentEncoded, None},
	{"percent-encoded twice", replaced(".", "%252e"), percentEncoded, None},
	{"percent-encoded header", both(in("Bearer {}"), url.QueryEscape), schemePlus, HeaderConstruction},
	{"HTML entities", replaced(".", "&#46;"), htmlEncoded, None},
	{"HTML quotes", in("&quot;{}&quot;"), htmlEncoded | quotedToken, None},
	{"quoted-printable", both(lines(75), replaced("\n", "=\r\n")), quotedPrintable, None},
	{"base64", base64Of, base64Encoded, None},
	{"base64 of the header's value", both(in("Bearer {}"), base64Of), base64Encoded, HeaderConstruction},
	{"base64 in lines", both(base64Of, lines(76)), base64Encoded, None},
	{"cookie", in("token={}; Path=/; HttpOnly"), cookieSyntax, None},
	{"several cookies", in("Cookie: theme=dark; session={}; lang=en"), cookieSyntax, None},
	{"signed cookie", in("s:{}.c2lnbmF0dXJl"), signedCookie, None},
	{"signed cookie, encoded", in("sid=s%3A{}.c2lnbmF0dXJl; Path=/"), percentEncoded | cookieSyntax | signedCookie, None},
	{"curl", in("curl -sS -H 'Authorization: Bearer {}' https://api.example/orders"), 0, None},
	{"curl, lower case, several fields", in(`curl --header "accept: */*" --header "authorization: Bearer {}" \` + "\n  https://api.example"), 0, None},
	{"curl, scheme twice", in(`curl -H "Authorization: Bearer Bearer {}" https://api.example`), doubledScheme, HeaderConstruction},
	{"curl, two headers", in(`curl -H "Authorization: Bearer {}" -H "Authorization: Bearer {}" https://api.example`), severalFields, HeaderConstruction},
	{"curl, in the body too", in(`curl -d access_token={} -H "Authorization: Bearer {}" https://api.example`), sentTwice, HeaderConstruction},
	{"request", in("GET /orders HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer {}\r\nAccept: */*\r\n\r\n"), 0, None},
	{"command and what it prints", in("$ curl -v -H 'Authorization: Bearer {}' https://api.example\n> GET / HTTP/1.1\n> Authorization: Bearer {}\n"), 0, None},
	{"two requests", in("GET /a HTTP/1.1\nAuthorization: Bearer {}\n\nGET /b HTTP/1.1\nAuthorization: Bearer another\n"), severalRequests, None},
	{"request with two headers", in("GET / HTTP/1.1\nAuthorization: Bearer {}\nHost: api.example\nAuthorization: Bearer {}\n"), severalFields, HeaderConstruction},
	{"verbose request", in("> GET /orders HTTP/2\n> host: api.example\n> authorization: Bearer {}\n>\n< HTTP/2 401"), 0, None},
	{"request, folded", both(lines(80), both(replaced("\n", "\r\n "), in("GET / HTTP/1.1\r\nAuthorization: Bearer {}\r\nHost: api.example\r\n"))), folded | lineBreak, HeaderConstruction},
	{"as browsers copy it", in("accept:\n*/*\nauthorization:\nBearer {}\nhost:\napi.example"), 0, None},
	{"JavaScript", in(`fetch(url, { headers: { Authorization: "Bearer {}" } })`), 0, None},
	{"Go", in(`req.Header.Set("Authorization", "Bearer {}")`), 0, None},
	{"C#", in(`request.Headers["Authorization"] = "Bearer {}";`), 0, None},
	{"Python", in(`requests.get(url, headers={'Authorization': 'Bearer {}'})`), 0, None},
	{"PowerShell", in(`Invoke-RestMethod $url -Headers @{ Authorization = "Bearer {}" }`), 0, None},
	{"dump of HTTP/2", in("* [HTTP/2] [1] [:path: /]\n* [HTTP/2] [1] [authorization: Bearer {}]\n"), 0, None},
	{"log line", in(`level=info msg="call failed" token={} status=401`), surroundingText, None},
	{"line of a structured log", in(`2026-11-23 10:00:00 WARN call failed {"status":401,"token":"{}"}`), surroundingText, None},
	{"path of a URL", in("https://api.example/verify/{}"), surroundingText, None},
	{"exported archive", in(`{"request":{"headers":[{"name":"Accept","value":"*/*"},{"name":"Authorization","value":"Bearer {}"}]}}`), 0, None},
	{"httpie", in(`http GET https://api.example/orders Authorization:"Bearer {}"`), 0, None},
	{"URL", in("https://api.example/orders?page=1&access_token={}"), namedValue, None},
	{"header and URL", in("GET /orders?access_token={} HTTP/1.1\nAuthorization: Bearer {}\n"), sentTwice, HeaderConstruction},
	{"gateway's field", in("X-Forwarded-Access-Token: {}"), 0, None},
	{"shell variable", in("export TOKEN={}"), namedValue, None},
	{"YAML", in("token: {}"), namedValue, None},
	{"zero-width space", after(40, "\u200b"), invisible, None},
	{"byte order mark", in("\ufeff{}"), invisible, None},
	{"soft hyphens", replaced("-", "-\u00ad"), invisible, None},
	{"bidi marks", in("\u202a{}\u202c"), invisible, None},
	{"invisible in the header", both(after(40, "\u200b"), in("Authorization: Bearer {}")), invisible, HeaderConstruction},
	{"full-width letters", replaced("e", "ｅ"), fullWidth, None},
	{"typographic dashes", replaced("-", "\u2011"), typographicDash, None},
	{"lines of 64", lines(64), lineBreak, None},
	{"lines of 72", lines(72), lineBreak, None},
	{"lines of 76", lines(76), lineBreak, None},
	{"lines of 80, indented", both(lines(80), replaced("\n", "\n    ")), lineBreak, None},
	{"lines in the header", both(lines(64), in("Authorization: Bearer {}")), lineBreak, HeaderConstruction},
	{"one line a part", replaced(".", "\n."), lineBreak, None},
	{"spaces inside", replaced(".", " ."), spaceInside, None},
	{"a dot behind", in("{}."), strayMark, None},
	{"a dot before", in(".{}"), strayMark, None},
	{"brackets", in("<{}>"), bracketed, None},
	{"template's braces", in("Bearer {{{}}}"), bracketed, HeaderConstruction},
	{"Python's bytes", in("b'{}'"), printedWrapper, None},
	{"Swift's optional", in(`Bearer Optional("{}")`), printedWrapper, HeaderConstruction},
	{"two tokens", in("{}, {}"), severalTokens, None},
	{"two tokens in the header", in("Authorization: Bearer {}, Bearer {}"), severalTokens, HeaderConstruction},
	{"UTF-16, little endian", both(in("{}\r\n"), utf16Of(binary.LittleEndian, "\xff\xfe")), wideText, None},
	{"UTF-16, big endian", both(in("{}\r\n"), utf16Of(binary.BigEndian, "\xfe\xff")), wideText, None},
	{"UTF-16, little endian, unmarked", both(in("{}\r\n"), utf16Of(binary.LittleEndian, "")), wideText, None},
	{"UTF-16, big endian, unmarked", both(in("\n{}\n"), utf16Of(binary.BigEndian, "")), wideText, None},
	{"UTF-16, header", both(in("Authorization: Bearer {}\r\n"), utf16Of(binary.LittleEndian, "\xff\xfe")), wideText, None},
	{"UTF-16, scheme twice", both(in("Bearer Bearer {}"), utf16Of(binary.LittleEndian, "\xff\xfe")), wideText | doubledScheme, HeaderConstruction},
	{"UTF-16, quotes", both(in("“{}”"), utf16Of(binary.LittleEndian, "\xff\xfe")), wideText | quotedToken, None},
	{"DPoP and Bearer", in("Authorization: DPoP Bearer {}"), doubledScheme, HeaderConstruction},
	{"no colon", in("Authorization Bearer {}"), colonMissing, HeaderConstruction},
	{"no colon, in a request", in("> GET / HTTP/2\n> host: api.example\n> authorization bearer {}\n"), colonMissing, HeaderConstruction},
	{"no colon, curl", in(`curl -H "Authorization Bearer {}" https://api.example`), colonMissing, HeaderConstruction},
	{"no colon, in a sentence", in("we send the Authorization Bearer {} here"), surroundingText, None},
	{"rest of a response, YAML", in("token_type: Bearer\naccess_token: {}"), namedValue, None},
	{"rest of a response, JSON", in("\"token_type\": \"Bearer\",\n \"expires_in\": 3600,\n \"access_token\": \"{}\""), namedValue, None},
	{"rest of a response, type last", in("\"id_token\": \"{}\",\n\"access_token\": \"{}\",\n\"token_type\": \"Bearer\""), namedValue, None},
	{"rest of a response, in lines", both(lines(64), in("token_type: Bearer\naccess_token: {}")), namedValue | lineBreak, None},
	{"response as a JSON string", in(`"{\"token_type\":\"Bearer\",\"access_token\":\"{}\"}"`), jsonEscaped | quotedToken | jsonObject, None},
	{"response with another type", in(`{"token_type":"DPoP","access_token":"{}"}`), jsonObject, None},
	{"beside a challenge", in("WWW-Authenticate: Bearer error=\"invalid_token\"\n\n{}"), surroundingText, None},
	{"request and challenge", in("> GET / HTTP/2\n> authorization: Bearer {}\n>\n< HTTP/2 401\n< www-authenticate: Bearer error=\"invalid_token\"\n"), 0, None},
	{"Go's map", in("map[Accept:[*/*] Authorization:[Bearer {}]]"), 0, None},
	{"Go's map, more behind", in("map[Accept:[*/*] Authorization:[Bearer {}] User-Agent:[curl/8]]"), 0, None},
	{"Go's map, cut off", in("map[Accept:[*/*] Authorization:[Bearer {}"), 0, None},
	{"Go's map, in detail", in(`http.Header{"Accept":[]string{"*/*"}, "Authorization":[]string{"Bearer {}"}}`), 0, None},
	{"Go's map, scheme twice", in("map[Authorization:[Bearer Bearer {}]]"), doubledScheme, HeaderConstruction},
	{"Go's map, no scheme", in("map[Authorization:[{}]]"), missingScheme, HeaderConstruction},
	{"Java's map", in("{Accept=[*/*], Authorization=[Bearer {}], Host=[api.example]}"), 0, None},
	{"Java's map, plain", in("{Accept=*/*, Authorization=Bearer {}, Host=api.example}"), 0, None},
	{"Java's list", in("Authorization=[Bearer {}]"), 0, None},
	{"Java's list, lower case", in("authorization=[Bearer {}]"), 0, None},
	{"Java's list of two", in("authorization=[Bearer {}, Bearer {}]"), severalTokens, HeaderConstruction},
	{"Spring's fields", in(`[Accept:"*/*", Authorization:"Bearer {}"]`), 0, None},
	{"JSON's list", in(`"Authorization": ["Bearer {}"]`), 0, None},
	{"Ruby's hash", in(`{"Authorization"=>"Bearer {}"}`), 0, None},
	{"Python's dict of fields", in(`{'Accept': '*/*', 'Authorization': 'Bearer {}'}`), 0, None},
	{"line of a configuration", in(`authorization: "Bearer {}"`), 0, None},
	{"lines of a configuration", in("headers:\n  Authorization: 'Bearer {}'\n  Accept: '*/*'"), 0, None},
	{"line of a configuration, token in quotes", in(`authorization: Bearer "{}"`), quotedToken, HeaderConstruction},
	{"line of a configuration, no scheme", in(`authorization: "{}"`), missingScheme | quotedToken, HeaderConstruction},
	{"request, value in quotes", in("GET / HTTP/1.1\nauthorization: \"Bearer {}\"\nHost: api.example\n"), quotedToken, HeaderConstruction},
	{"among words", in("here is my token {} can somebody look?"), surroundingText, None},
	{"among words, in lines", both(lines(64), in("this one:\n{}\nthank you")), lineBreak | surroundingText, None},
}

// TestPastes: a token that is good in itself, for every way in which people paste one.
func TestPastes(t *testing.T) {
	keys := mint.NewKeys()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	token := keys.MustMint(now, `{"alg":"ES256","kid":"k","iss":"https://login.example","exp":"now+1h","sub":"a-b_c","pad":"~~~???>>>~~~"}`)
	for !strings.Contains(token, "-") {
		token = keys.MustMint(now, `{"alg":"ES256","kid":"k","iss":"https://login.example","exp":"now+1h","sub":"a-b_c","pad":"~~~???>>>~~~"}`)
	}
	set := NewKeySet([]Key{{ID: "k", Type: "EC", Curve: "P-256", Public: keys.Public("k")}})
	profile := &Profile{Name: "production", Issuer: "https://login.example", Algorithms: []string{"ES256"}, MaxLifetime: 24 * time.Hour}
	for _, c := range pastes {
		parsed, err := Parse(redact.NewSecret(c.as(token)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := parsed.open().paste
		r := Run(&Case{
			Token: parsed, Profile: profile, Profiles: []*Profile{profile}, Now: now,
			Evidence: Evidence{Keys: []KeyEvidence{{Set: set, Fresh: true}}},
		}, Ladder())
		if got.artefacts != c.named {
			t.Errorf("%s: named %q, want %q", c.name, texts(got, got.artefacts), texts(got, c.named))
		}
		if got.token != token {
			t.Errorf("%s: another token was recovered, of %d characters instead of %d", c.name, len(got.token), len(token))
		}
		if r.Cause != c.cause {
			t.Errorf("%s: cause %s, want %s", c.name, r.Cause, c.cause)
		}
	}
}

func texts(p paste, set artefact) string {
	p.artefacts = set
	return redact.Policy{}.Text(redact.Msg("{}", p.named(^artefact(0)))).String()
}

// TestPastesWithoutToken: what stands where a token should.
func TestPastesWithoutToken(t *testing.T) {
	const start = "ey" + "JhbGciOi"
	for _, c := range []struct {
		paste string
		named artefact
		cause Cause // that of the bare word, where no header shows
	}{
		{"Authorization: Bearer", emptyCredential, HeaderConstruction},
		{"Authorization:", emptyCredential, HeaderConstruction},
		{"Bearer undefined", placeholder, HeaderConstruction},
		{"Authorization: Bearer null", placeholder, HeaderConstruction},
		{"Authorization: null", missingScheme | placeholder, HeaderConstruction},
		{"Bearer None", placeholder, HeaderConstruction},
		{"Bearer [object Object]", objectObject, HeaderConstruction},
		{"Authorization: Bearer [object Promise]", printedObject, HeaderConstruction},
		{"Bearer Promise { <pending> }", printedObject, HeaderConstruction},
		{"Bearer <coroutine object get_token at 0x7f3a5c1d2e40>", printedObject, HeaderConstruction},
		{"Bearer System.Threading.Tasks.Task`1[System.String]", printedObject, HeaderConstruction},
		{"Bearer com.example.Token@1b6d3586", printedObject, HeaderConstruction},
		{"Bearer {{token}}", template, HeaderConstruction},
		{"Bearer {{ access_token }}", template, HeaderConstruction},
		{"Bearer ${TOKEN}", template, HeaderConstruction},
		{"Bearer $JWT", template, HeaderConstruction},
		{"Bearer %s", template, HeaderConstruction},
		{"Bearer %TOKEN%", template, HeaderConstruction},
		{"Bearer $(get-token)", template, HeaderConstruction},
		{"Bearer <token>", template, HeaderConstruction},
		{"Bearer <your access token>", template, HeaderConstruction},
		{"Bearer YOUR_ACCESS_TOKEN", template, HeaderConstruction},
		{"Bearer your-token-here", template, HeaderConstruction},
		{`curl -H "Authorization: Bearer $TOKEN" https://api.example`, template, HeaderConstruction},
		// Nobody sends such: a log has made it, and says nothing of how the client builds the header.
		{"Bearer ***", masked, NotAJWT},
		{"Authorization: Bearer [REDACTED]", masked, NotAJWT},
		{"Authorization: Bearer " + start + "...c3sw", masked, NotAJWT},
		{"Authorization: Bearer " + start + "…", masked, NotAJWT},
		{"Authorization: Bearer " + start + ".xxxxxxxxx.xxxxx", masked, NotAJWT},
		{"Bearer {\"error\":\"invalid_client\"}", jsonObject, HeaderConstruction},
		{"Authorization=[Bearer null]", placeholder, HeaderConstruction},
		{"{Authorization=[Bearer null]}", placeholder, HeaderConstruction},
		{"undefined", placeholder, NotAJWT},
		{"{{token}}", template, NotAJWT},
		{"${TOKEN}", template, NotAJWT},
		{"<token>", template, NotAJWT},
		{"$JWT", template, NotAJWT},
		{"%s", template, NotAJWT},
		{"[object Object]", objectObject, NotAJWT},
		{start + "...c3sw", masked, NotAJWT},
		{start + ".********.****", masked, NotAJWT},
	} {
		parsed, err := Parse(redact.NewSecret(c.paste))
		if err != nil || !parsed.Credible() {
			t.Errorf("%q: credible %v, %v", c.paste, err == nil && parsed.Credible(), err)
			continue
		}
		p := parsed.open().paste
		if p.artefacts != c.named {
			t.Errorf("%q: named %q, want %q", c.paste, texts(p, p.artefacts), texts(p, c.named))
		}
		profile := &Profile{Name: "production", Algorithms: []string{"ES256"}}
		if r := Run(&Case{Token: parsed, Profile: profile, Profiles: []*Profile{profile}}, Ladder()); r.Cause != c.cause {
			t.Errorf("%q: cause %s, want %s", c.paste, r.Cause, c.cause)
		}
	}
}

// TestWordsAreNoCredential: a sentence is told from a slip that should have been a token.
func TestWordsAreNoCredential(t *testing.T) {
	for _, s := range []string{
		"hello, what is wrong?", "...", "we see a 401 since 10:00 – any idea?", "it says [hello] :smile: 100%",
		"see https://wiki.example/jwt?page=2#top", "the token seems to be expired... I think", "eyeballs, please: every call since 9:30 fails (401)",
	} {
		if parsed, err := Parse(redact.NewSecret(s)); err != nil || parsed.Credible() {
			t.Errorf("%q is taken for a credential: %s, %v", s, texts(parsed.open().paste, parsed.open().paste.artefacts), err)
		}
	}
}
