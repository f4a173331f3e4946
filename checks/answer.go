package checks

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"jwt-check-bot/redact"
)

// Answer is what a server said to the failing call, as somebody pasted it: a status line, fields, a
// body or lines of a log. All of it is held; the zero Answer says nothing.
type Answer struct {
	redact.Veil
	open func() *answered
}

// answered is reached through an Answer's closure only.
type answered struct {
	status     int // of the call that failed; 0 where none shows
	fields     bool
	challenges []Challenge // of WWW-Authenticate
	challenged bool        // the field is there
	date       time.Time   // the server's clock
	scopes     []string    // that it asks for
	heard      []heard     // what is recognised in its words, in the causes' order
	private    []string    // words of the paste that may be credentials or identifiers
}

// ParseAnswer takes a server's answer apart, the first 64 KiB of it, in UTF-8 or UTF-16. What may be a
// credential is taken out before anything else is read.
func ParseAnswer(secret redact.Secret) Answer {
	pasted := secret.Expose()
	pasted, _ = fromUTF16(pasted[:min(len(pasted), 2*MaxPaste)])
	pasted = strings.ToValidUTF8(pasted[:min(len(pasted), MaxPaste)], " ")
	if strings.TrimSpace(pasted) == "" {
		return Answer{}
	}
	a := &answered{}
	text := response(plainQuotes(a.withhold(pasted)))
	a.readFields(text)
	a.readStatus(text)
	a.readScopes(text)
	a.heard = recognize(text, a.status)
	return Answer{open: func() *answered { return a }}
}

// IsZero reports whether nothing was pasted.
func (a Answer) IsZero() bool { return a.open == nil }

// Date is the server's clock at the time of the failing call (RFC 9110 §6.6.1); zero where it does not show.
func (a Answer) Date() time.Time { return a.content().date }

// content returns what was read, of the zero Answer nothing.
func (a Answer) content() *answered {
	if a.open == nil {
		return &answered{}
	}
	return a.open()
}

// withhold takes out what may be a credential or somebody's identifier, and keeps it for the canary.
func (a *answered) withhold(s string) string {
	return opaqueWord().ReplaceAllStringFunc(s, func(word string) string {
		if !private(word) {
			return word
		}
		if len(a.private) < maxPrivate {
			a.private = append(a.private, word)
		}
		return "…"
	})
}

const maxPrivate = 200

// opaqueWord is a run of what credentials, identifiers and addresses are written in.
var opaqueWord = lazily(`[A-Za-z0-9_\-+/.~@%]{12,}={0,2}`)

// private reports whether a word may be part of a credential or a person: nothing that our patterns know.
func private(word string) bool {
	for _, known := range longWords() {
		if at := strings.Index(strings.ToLower(word), known); at >= 0 {
			word = word[:at] + word[at+len(known):]
		}
	}
	switch {
	case strings.Contains(word, "@"), strings.Contains(word, "eyJ"), redact.Leaks(word):
		return true
	case len(word) < 16 || strings.Count(word, ".") > 2 || strings.HasPrefix(word, "//"):
		return false // a package's name, a path, an address
	}
	// A run of capitals, small letters and digits that changes between them often is no word, nor several.
	changes, digits, last := 0, false, byte(0)
	for i := range len(word) {
		kind := byte(0)
		switch c := word[i]; {
		case c >= '0' && c <= '9':
			kind, digits = '0', true
		case c >= 'a' && c <= 'z':
			kind = 'a'
		case c >= 'A' && c <= 'Z':
			kind = 'A'
		default:
			continue
		}
		if kind != last {
			changes++
			last = kind
		}
	}
	return digits && changes > len(word)/3 || changes > len(word)*3/5
}

// longWords are those of our patterns that are long enough to pass for a part of a credential.
var longWords = sync.OnceValue(func() []string {
	var long []string
	for _, f := range families() {
		for _, s := range f.sayings {
			for _, w := range s.words {
				if redact.Leaks(w) {
					long = append(long, w)
				}
			}
		}
	}
	return long
})

// plainQuotes undoes what JSON, HTML and word processors do to quotes, so that a pattern knows one kind.
func plainQuotes(s string) string { return plainQuote.Replace(s) }

var plainQuote = strings.NewReplacer(`\"`, `"`, `\'`, `'`, `\/`, `/`, `\u0022`, `"`, `\u0027`, `'`, `\u003c`, `<`, `\u003e`, `>`, `\u0026`, `&`,
	`&quot;`, `"`, `&#34;`, `"`, `&#39;`, `'`, `&#x27;`, `'`, `&#x22;`, `"`, `&apos;`, `'`, `&lt;`, `<`, `&gt;`, `>`, "“", `"`, "”", `"`, "‘", `'`, "’", `'`, "\u00a0", " ")

// response leaves out what is not the server's: the request, and the notes where curl -v wrote it.
func response(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	noted := curlLine().MatchString(s)
	for line := range strings.Lines(s) {
		if t := strings.TrimLeft(line, " \t"); noted && strings.HasPrefix(t, "* ") || requestLine().MatchString(t) {
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

// curlLine is one of a request or an answer, as curl -v marks them.
var curlLine = lazily(`(?m)^[ \t]*[<>] `)

// requestLine is a line of a request: one that curl marks, or Authorization itself.
var requestLine = lazily(`(?i)^(?:>\s*$|>\s*[a-z0-9-]+:|>\s*[A-Z]+ \S+ HTTP/|(?:proxy-)?authorization:)`)

var (
	fieldLine = lazily(`(?im)^[<\s]*(content-type|content-length|transfer-encoding|server|date|connection|cache-control|vary|via|x-[a-z0-9-]+|cf-ray|strict-transport-security|www-authenticate|apigw-requestid)\s*:`)
	dateField = lazily(`(?i)(?:^|[\s"'{,<\[(])date["']?\s*(?:=>|[:=])\s*\[?["']?((?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? [0-9a-z :-]{15,30})`)
	ageField  = lazily(`(?im)^[<\s]*age\s*:\s*(\d{1,6})\s*$`)

	authenticateField = lazily(`(?i)(?:^|[\s"'{,<\[(])www-authenticate["']?\s*(?:=>|[:=])\s*[\["']*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]+)*)`)
	bareChallenge     = lazily(`(?i)\b(?:bearer|dpop)\s+(?:realm|error|error_description|error_uri|scope|resource_metadata|authorization_uri|acr_values|max_age|algs)\s*=[^\r\n]*`)
)

// readFields takes from the header fields what says something.
func (a *answered) readFields(s string) {
	a.fields = len(fieldLine().FindAllStringIndex(s, 2)) == 2
	var values []string
	for _, m := range authenticateField().FindAllStringSubmatch(s, maxChallenges) {
		a.challenged = true
		values = append(values, m[1])
	}
	if !a.challenged {
		values = bareChallenge().FindAllString(s, maxChallenges)
	}
	a.challenges = ParseChallenges(values...)
	for _, m := range dateField().FindAllStringSubmatch(s, maxChallenges) { // of several answers the last is the one that refused
		if t, ok := httpDate(m[1]); ok {
			a.date = t
		}
	}
	if m := ageField().FindStringSubmatch(s); m != nil && !a.date.IsZero() { // a cached answer was written that long before (RFC 9111 §5.1)
		age, _ := strconv.Atoi(m[1])
		a.date = a.date.Add(time.Duration(age) * time.Second)
	}
}

// httpDate reads an HTTP-date in each of its three forms (RFC 9110 §5.6.7).
func httpDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range [...]string{"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC} {
		if len(s) < len(layout) && layout != "Monday, 02-Jan-06 15:04:05 GMT" {
			continue
		}
		if t, err := time.Parse(layout, s[:min(len(s), len(layout))]); err == nil {
			return t, true
		}
		if end := strings.Index(s, "GMT"); end > 0 {
			if t, err := time.Parse(layout, s[:end+3]); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// Where a status code stands, by what is most surely one.
var statusCodes = []pattern{
	lazily(`(?m)HTTP/\d(?:\.\d)?"?\s+(\d{3})\b`), // a status line, and an access log
	lazily(`(?i)["']?\b(?:status|status_?code|http_?status|response_?code|error_?code|code)["']?\s*[:=]\s*["']?(\d{3})\b`),
	lazily(`(?i)\b(?:http(?: status| error| code)*|status(?: code)?|response(?: code| status)|error(?: code)?|answered|returned|success:)[ :]*\(?(\d{3})\b`),
	lazily(`(?im)(?:^|[>\s"'(])([1-5]\d\d)[ :-]+(?:ok|unauthorized|forbidden|authorization required|bad request|request header|request entity|payload|content too|uri too|not found|internal|service|too many)`),
}

// readStatus finds the status of the answer that refused: the last of an error's, else the last of all.
func (a *answered) readStatus(s string) {
	for i, re := range statusCodes {
		for _, m := range re().FindAllStringSubmatch(s, 100) {
			code, _ := strconv.Atoi(m[1])
			success := i == 0 && code >= 200 && code < 400 // elsewhere such a number counts something else
			if code >= 400 && code < 600 || success && a.status < 400 {
				a.status = code
			}
		}
		if a.status != 0 {
			return
		}
	}
	switch lower := strings.ToLower(s); {
	case strings.Contains(lower, "code = unauthenticated"), strings.Contains(lower, "grpc-status: 16"):
		a.status = 401
	case strings.Contains(lower, "code = permissiondenied"), strings.Contains(lower, "grpc-status: 7"):
		a.status = 403
	}
}

// bodyScope is the scope that a body asks for, in the manner of RFC 6750 §3.1.
var bodyScope = lazily(`(?i)"scopes?"\s*:\s*\[?\s*"([^"\]]{1,500})"`)

// readScopes collects the scopes that the refused call would have needed.
func (a *answered) readScopes(s string) {
	list := ""
	for _, c := range a.challenges {
		if c.Code() == insufficientScope && list == "" {
			list = c.param("scope")
		}
	}
	if m := bodyScope().FindStringSubmatch(s); m != nil && list == "" && strings.Contains(s, insufficientScope) {
		list = m[1]
	}
	for _, word := range strings.Fields(list) {
		if len(a.scopes) < maxScopes && scopeToken().MatchString(word) && word != "…" {
			a.scopes = append(a.scopes, word)
		}
	}
}

const maxScopes = 12

// scopeToken is a scope (RFC 6749 §3.3) that may be shown, as far as its shape goes.
var scopeToken = lazily(`^[A-Za-z0-9:._/-]{1,80}$`)

// says reports whether the answer's words mean that cause.
func (a *answered) says(c Cause) bool {
	for _, h := range a.heard {
		if h.cause == c {
			return true
		}
	}
	return false
}

// causes are what the answer's words name, in the order of precedence.
func (a *answered) causes() []Cause {
	var list []Cause
	for _, h := range a.heard {
		if h.cause != "" {
			list = append(list, h.cause)
		}
	}
	return list
}
