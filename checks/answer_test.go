package checks_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// TestAnswerRead: what is read of an answer, in the forms in which people paste one.
func TestAnswerRead(t *testing.T) {
	date := time.Date(2026, 11, 23, 9, 58, 26, 0, time.UTC)
	for name, c := range map[string]struct {
		pasted string
		status int
		date   time.Time
		scopes string
	}{
		"curl -i":              {"HTTP/1.1 401 Unauthorized\r\nDate: Mon, 23 Nov 2026 09:58:26 GMT\r\n\r\n", 401, date, ""},
		"curl -v":              {"* Connected to api\n*  expire date: Mon, 23 Nov 2020 00:00:00 GMT\n> GET /orders HTTP/1.1\n> Date: Sun, 22 Nov 2026 00:00:00 GMT\n>\n< HTTP/2 403\n< date: Mon, 23 Nov 2026 09:58:26 GMT\n< www-authenticate: Bearer error=\"insufficient_scope\", scope=\"a b\"\n", 403, date, "a b"},
		"after a proxy":        {"HTTP/1.1 200 Connection established\n\nHTTP/1.1 100 Continue\n\nHTTP/2 401\ndate: Mon, 23 Nov 2026 09:58:26 GMT\n", 401, date, ""},
		"RFC 850":              {"HTTP/1.1 401\nDate: Monday, 23-Nov-26 09:58:26 GMT\n", 401, date, ""},
		"asctime":              {"HTTP/1.1 401\nDate: Mon Nov 23 09:58:26 2026\n", 401, date, ""},
		"from a cache":         {"HTTP/1.1 401\nDate: Mon, 23 Nov 2026 09:57:26 GMT\nAge: 60\n", 401, date, ""},
		"Python's fields":      {"401 {'Date': 'Mon, 23 Nov 2026 09:58:26 GMT', 'WWW-Authenticate': 'Bearer error=\"insufficient_scope\", scope=\"a\"'}", 0, date, "a"},
		"JSON of fields":       {`{"statusCode":403,"headers":{"date":"Mon, 23 Nov 2026 09:58:26 GMT","www-authenticate":"Bearer error=\"insufficient_scope\", scope=\"a\""}}`, 403, date, "a"},
		"an access log":        {`10.0.0.7 - - [23/Nov/2026:09:58:26 +0000] "GET /orders HTTP/1.1" 401 179 "-" "curl/8.5.0"`, 401, time.Time{}, ""},
		"RFC 9457":             {`{"type":"about:blank","title":"Unauthorized","status":401,"detail":"no"}`, 401, time.Time{}, ""},
		"gRPC":                 {`rpc error: code = PermissionDenied desc = no`, 403, time.Time{}, ""},
		"an exception":         {`Response status code does not indicate success: 401 (Unauthorized).`, 401, time.Time{}, ""},
		"a page":               {`<html><head><title>401 Authorization Required</title></head></html>`, 401, time.Time{}, ""},
		"a body":               {`{"error":"insufficient_scope","scope":"a b"}`, 0, time.Time{}, "a b"},
		"several":              {"HTTP/1.1 401\nWWW-Authenticate: Basic realm=\"x\"\nWWW-Authenticate: Bearer error=\"insufficient_scope\",\n  scope=\"a b\"\n", 401, time.Time{}, "a b"},
		"scopes that are none": {`Bearer error="insufficient_scope", scope="a ana@acme.example <!channel> b"`, 0, time.Time{}, "a b"},
		"words":                {"it does not work, code 42 and 4010", 0, time.Time{}, ""},
		"a number of rows":     {"the query returned 200 rows, success: 200", 0, time.Time{}, ""},
		"a wrong date":         {"HTTP/1.1 401\nDate: yesterday\n", 401, time.Time{}, ""},
	} {
		a := checks.ParseAnswer(redact.NewSecret(c.pasted))
		status, scopes := checks.Read(a)
		if status != c.status || !a.Date().Equal(c.date) || strings.Join(scopes, " ") != c.scopes {
			t.Errorf("%s: %d, %v, %q; want %d, %v, %q", name, status, a.Date(), scopes, c.status, c.date, c.scopes)
		}
	}
	for _, nothing := range []string{"", " \n\t"} {
		if !checks.ParseAnswer(redact.NewSecret(nothing)).IsZero() {
			t.Errorf("%q is an answer", nothing)
		}
	}
	if (checks.Answer{}).IsZero() != true || !(checks.Answer{}).Date().IsZero() {
		t.Error("the zero answer says something")
	}
}

// TestAnswerUTF16: a file as PowerShell writes it is read like any other.
func TestAnswerUTF16(t *testing.T) {
	var little, big strings.Builder
	little.WriteString("\xff\xfe")
	for _, b := range []byte("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"a b\"\r\n\r\nJwt is expired") {
		little.Write([]byte{b, 0})
		big.Write([]byte{0, b})
	}
	for name, text := range map[string]string{"little-endian, with a mark": little.String(), "big-endian, without": big.String()} {
		a := checks.ParseAnswer(redact.NewSecret(text))
		status, scopes := checks.Read(a)
		if _, causes, _ := checks.Heard(a); status != 401 || strings.Join(scopes, " ") != "a b" || !slices.Contains(causes, checks.Expired) {
			t.Errorf("%s: %d, %q, %v", name, status, scopes, causes)
		}
	}
}

// TestElsewhere: what refuses and is no fault of the token leaves the verdict at accept where the token
// is sound, and names what else would reject it.
func TestElsewhere(t *testing.T) {
	w := theWorld()
	ahead := "HTTP/1.1 401 Unauthorized\nDate: Mon, 23 Nov 2026 10:05:00 GMT"
	for _, c := range []struct {
		name, answer, recipe string
		unreachable          bool
		cause                checks.Cause
		verdict              checks.Verdict
		also                 []checks.Cause
	}{
		{"431", "HTTP/1.1 431 Request Header Fields Too Large", `{}`, false, checks.HeaderTooLarge, checks.Accept, nil},
		{"414", "HTTP/1.1 414 URI Too Long", `{}`, false, checks.HeaderTooLarge, checks.Accept, nil},
		{"400 of nginx", "<title>400 Request Header Or Cookie Too Large</title>", `{}`, false, checks.HeaderTooLarge, checks.Accept, nil},
		{"431, expired", "HTTP/1.1 431", `{"exp":"now-1h"}`, false, checks.HeaderTooLarge, checks.Reject, []checks.Cause{checks.Expired}},
		{"431, no keys", "HTTP/1.1 431", `{}`, true, checks.HeaderTooLarge, checks.CannotDecide, nil},
		{"431, header malformed", "HTTP/1.1 431", `{"$paste":"Bearer Bearer {}"}`, false, checks.HeaderConstruction, checks.Reject, []checks.Cause{checks.HeaderTooLarge}},
		{"the server's clock", ahead, `{"exp":"now+2m"}`, false, checks.ClockSkew, checks.Accept, nil},
		{"the server's clock, wrong audience", ahead, `{"exp":"now+2m","aud":"x"}`, false, checks.ClockSkew, checks.Reject, []checks.Cause{checks.AudienceMismatch}},
		{"expired by both clocks", ahead, `{"exp":"now-2m"}`, false, checks.Expired, checks.Reject, nil},
		{"431 and the server's clock", ahead + "\n\nRequest Header Fields Too Large", `{"exp":"now+2m"}`, false, checks.HeaderTooLarge, checks.Accept, []checks.Cause{checks.ClockSkew}},
	} {
		i := w.incident(t, "", "", c.recipe)
		i.Answer = parseAnswer(c.answer)
		if c.unreachable {
			i.Evidence = checks.Evidence{Keys: []checks.KeyEvidence{{Problem: redact.Msg("the issuer did not answer in time")}}}
		}
		if r := checks.Run(i, checks.Ladder()); r.Cause != c.cause || r.Verdict != c.verdict || !slices.Equal(r.Also, c.also) {
			t.Errorf("%s: %s (%s), also %v; want %s (%s), %v", c.name, r.Cause, r.Verdict, r.Also, c.cause, c.verdict, c.also)
		}
	}
}

// TestAdviceOfTheWords: where the server's words have a way out of their own, it is the one that is told.
func TestAdviceOfTheWords(t *testing.T) {
	i := theWorld().incident(t, "", "", `{}`)
	i.Answer = parseAnswer(`Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:shop:orders" cannot list resource "pods"`)
	r := checks.Run(i, checks.Ladder())
	if next := i.Profile.Policy.Text(r.Next()).String(); r.Cause != checks.InsufficientScope || !strings.Contains(next, "RoleBindings") {
		t.Errorf("%s: %q", r.Cause, next)
	}
}

// TestWordsAlone: without a token the server's words name the cause, and the report says that it is they.
func TestWordsAlone(t *testing.T) {
	w := theWorld()
	for answer, want := range map[string]checks.Cause{
		"Jwt is expired": checks.Expired, "JsonWebTokenError: jwt audience invalid. expected: x": checks.AudienceMismatch,
		"HTTP/1.1 401 Unauthorized\nWWW-Authenticate: DPoP algs=\"ES256\"": checks.SenderConstrained, "HTTP/1.1 401\nWWW-Authenticate: DPoP error=\"invalid_token\"": checks.Unknown,
		"HTTP/1.1 431": checks.HeaderTooLarge, `DPoP error="use_dpop_nonce"`: checks.SenderConstrained, "Jwks remote fetch is failed": checks.Unknown,
		"HTTP/1.1 401 Unauthorized": checks.Unknown, "hello": checks.Unknown, `Bearer error="insufficient_scope"`: checks.InsufficientScope,
	} {
		i := w.incident(t, "", "", `{}`)
		i.Token, i.Answer = checks.Token{}, parseAnswer(answer)
		r := checks.Run(i, checks.Ladder())
		if r.Cause != want || r.Verdict != want.Verdict() {
			t.Errorf("%q: %s (%s), want %s", answer, r.Cause, r.Verdict, want)
		}
		if says := i.Profile.Policy.Text(r.Says()).String(); !strings.Contains(says, "no token was given") || i.Profile.Policy.Text(r.Next()).IsZero() {
			t.Errorf("%q: says %q", answer, says)
		}
		for _, f := range r.Findings {
			if f.Rung() != "answer" {
				t.Errorf("%q: %s has something to say without a token", answer, f.ID)
			}
		}
	}
}

// FuzzAnswer: whatever is pasted as an answer, it is read within bounds, and nothing is said that the
// guard would have to withhold, with a token and without.
func FuzzAnswer(f *testing.F) {
	w := theWorld()
	seeds := 0
	texts, _ := saidBy(f)
	for _, lines := range texts {
		for _, line := range lines {
			f.Add(strings.ReplaceAll(line[2:], `\n`, "\n"))
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("no texts found to start from")
	}
	for _, c := range challenges {
		f.Add("HTTP/1.1 401 Unauthorized\nDate: Mon, 23 Nov 2026 09:58:26 GMT\nWWW-Authenticate: " + strings.Join(c.fields, "\nWWW-Authenticate: "))
	}
	with := w.incident(f, "", "", `{}`)
	f.Fuzz(func(t *testing.T, pasted string) {
		for _, c := range []checks.Case{*with, {Profile: with.Profile, Profiles: with.Profiles, Now: now}} {
			c.Answer = checks.ParseAnswer(redact.NewSecret(pasted))
			c.Canary()
			unsaid(t, &c)
		}
	})
}

// FuzzCompare: whatever two things are compared, nothing is said that the guard would have to withhold.
func FuzzCompare(f *testing.F) {
	w := theWorld()
	for _, recipe := range []string{`{}`, `{"aud":["a","b"]}`, `{"scope":7,"roles":{"a":1}}`, `{"kid":null,"$key":"prod-1"}`, `{"sub":"ana.ruiz@acme.example","exp":"now+1h ms"}`, `{"$mangle":"truncate 60"}`} {
		one, err := w.keys.Mint(now, good, recipe)
		if err != nil {
			f.Fatal(err)
		}
		other, err := w.keys.Mint(now, good, `{"scope":"orders:write","groups":["a"],"iat":"now-1h"}`)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(one, other)
		f.Add(other, one)
	}
	base := w.incident(f, "", "", `{}`)
	f.Fuzz(func(t *testing.T, one, other string) {
		c := *base
		var err error
		if c.Token, err = checks.Parse(redact.NewSecret(one)); err != nil {
			return
		}
		if c.Works, err = checks.Parse(redact.NewSecret(other)); err != nil {
			return
		}
		unsaid(t, &c)
	})
}

// unsaid fails if the report of a case has a sentence that is withheld, endless or of a fault.
func unsaid(t *testing.T, c *checks.Case) {
	t.Helper()
	r := checks.Run(c, ladder)
	for _, finding := range r.Findings {
		for _, m := range []redact.Message{finding.Says, finding.Want, finding.Got, finding.Next, r.Says(), r.Next()} {
			says := c.Profile.Policy.Text(m).String()
			if strings.Contains(says, "a fault of its own") || strings.HasPrefix(says, "[withheld") || len(says) > 16<<10 {
				t.Errorf("%s says, in %d bytes: %.200s", finding.ID, len(says), says)
			}
		}
	}
}
