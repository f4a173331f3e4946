package checks_test

import (
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// TestNextFitsTheCase: what to do, what was expected and what was found go with the case, not with its
// cause alone.
func TestNextFitsTheCase(t *testing.T) {
	w := theWorld()
	for _, c := range []struct {
		name, require, keys, recipe string
		ago                         time.Duration // since the call failed
		cause                       checks.Cause
		want, not                   string
	}{
		{"fetched since", "", "", `{"nbf":null}`, 10 * time.Minute, checks.ClockSkew, "the one that was sent", "mend"},
		{"fetched since, with nbf", "", "", `{}`, 10 * time.Minute, checks.NotYetValid, "the one that was sent", "post-dates"},
		{"a clock", "", "", `{"iat":"now+5m","nbf":null}`, 0, checks.ClockSkew, "mend the one that is off", "sent"},
		{"legacy's algorithm", "", "", `{"alg":"HS256","kid":null,"$key":"secret","iss":"https://legacy.example"}`, 0, checks.AlgorithmMismatch, "which legacy accepts; By its issuer the token is one of legacy", "attacker"},
		{"legacy's name alone", "", "", `{"alg":"HS256","kid":null,"$key":"other-secret","iss":"https://legacy.example"}`, 0, checks.AlgorithmMismatch, "attacker", "is one of legacy"},
		{"staging's name alone", "", "", `{"iss":"https://login.example/staging","kid":"stranger"}`, 0, checks.WrongEnvironment, "does not prove that name", "registration"},
		{"absent", "tenant_id=acme", "", `{}`, 0, checks.MissingClaim, "add the claim", "correct the value"},
		{"another value", "tenant_id=acme", "", `{"tenant_id":"x"}`, 0, checks.MissingClaim, "correct the value", "add the claim"},
		{"an empty key set", "", "none", `{}`, 0, checks.UnknownKey, "a key set with the issuer's keys in it", "one of"},
		{"roles elsewhere", "authorities=admin", "", `{"scope":null,"authorities":["a","b"]}`, 0, checks.InsufficientScope, "authorities (hidden: array, 2 elements)", "at all"},
		{"before 1970", "", "", `{"exp":-1e18}`, 0, checks.Expired, "exp -1e18", "0001"},
		{"another type", "", "", `{"aud":[5]}`, 0, checks.MalformedClaim, "a string or an array of strings; aud holds a number", "is an array"},
	} {
		i := w.incident(t, "", c.require, c.recipe)
		w.rekey(t, i, c.keys)
		if c.ago > 0 {
			i.When = now.Add(-c.ago)
		}
		r := checks.Run(i, checks.Ladder())
		if r.Cause != c.cause {
			t.Errorf("%s: cause %s, want %s", c.name, r.Cause, c.cause)
			continue
		}
		said := (redact.Policy{}).Text(redact.Msg("{}; {}; {}", redact.Part(r.Lead.Want), redact.Part(r.Lead.Got), redact.Part(r.Lead.Next))).String()
		if !strings.Contains(said, c.want) || strings.Contains(said, c.not) {
			t.Errorf("%s: %q; wanted %q and not %q", c.name, said, c.want, c.not)
		}
	}
}

// TestReserve: a verdict that all is well is said with what the server says otherwise, and with why asking
// it showed nothing; what to do is about that.
func TestReserve(t *testing.T) {
	w := theWorld()
	for _, c := range []struct{ name, replay, answer, says, next string }{
		{"nobody asked", "", "", "would accept this token", "Nothing in the token"},
		{"down", "no token 503; garbage 503; yours 503", "", "; the replay decided nothing: 503", "health"},
		{"out of reach", "no token none; garbage none; yours none", "", "; the replay decided nothing: no answer", "whether the API is up"},
		{"hangs with it alone", "no token 401 Bearer; garbage 401 Bearer; yours none", "", "; the replay decided nothing: no answer", "not this one"},
		{"held back", "no token 401 Bearer; garbage 401 Bearer; yours bound", "", "; the replay decided nothing: not sent", "Nothing in the token"},
		{"redirects", "no token 302; garbage 302; yours 302", "", "; the replay decided nothing: the API redirects", "redirected too"},
		{"firewall", "no token 403; garbage 403; yours 403", "", "; the replay decided nothing: 403", "firewall"},
		{"nothing there", "no token 401 Bearer; garbage 401 Bearer; yours 404", "", "; the replay decided nothing: 404 in 2 ms, where garbage gets 401: the check of tokens lets this one pass", "Authorization header"},
		{"open", "no token 200; garbage 200; yours 200", "", "; but 200 without a token", "check of tokens"},
		{"only yours answered", "no token none; garbage 429; yours 200", "", "; the replay decided nothing: yours gets 200", "Nothing in the token"},
		{"it was down", "", "HTTP/1.1 503 Service Unavailable", "; but 503 is no verdict", "health"},
		{"it says otherwise", "", "Jwt verification fails", "; but the server says", "Compare the keys"},
		{"it wants a password", "", "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic realm=\"staging\"", "; but the server asks for Basic, not for Bearer", "password before a staging host"},
		{"it wants a subscription", "", "HTTP/1.1 401 Access Denied\nWWW-Authenticate: AzureApiManagementKey realm=\"x\"\n\nAccess denied due to missing subscription key.", "; but the server asks for AzureApiManagementKey", "an active subscription"},
		{"it wants one for another resource", "", "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer authorization_uri=\"https://login.windows.net/\", resource_id=\"https://management.azure.com/\"", "it wants one for https://management.azure.com/", "a proxy that strips it"},
		{"it saw none", "", "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer", "; but the server probably saw no token", "a proxy that strips it"},
		{"it gives no reason", "", "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error=\"invalid_token\"", "; and the server says that the token is no good", "own log of that second"},
		{"it forbids", "", "HTTP/1.1 403 Forbidden", "; but 403 means", "scopes and roles"},
		{"it went through", "", "HTTP/1.1 200 OK", "; but 200 is no refusal", "This call went through"},
		{"it redirects", "", "HTTP/1.1 302 Found", "; but 302 is a redirect", "a login page"},
		{"nothing is there", "", "HTTP/1.1 404 Not Found", "; but 404 is no verdict", "host, path"},
		{"a proxy", "", "HTTP/1.1 407 Proxy Authentication Required", "; but 407 comes from a proxy", "Proxy-Authorization"},
		{"too many", "", "HTTP/1.1 429 Too Many Requests", "; but 429 is a rate limit", "Retry-After"},
		{"it wants a stronger login", "", "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error=\"insufficient_user_authentication\", acr_values=\"myACR\"", "; the profile does not ask for that", "log in again with the acr_values or max_age"},
	} {
		i := w.incident(t, "", "", `{}`)
		asked(t, i, map[string]string{"replay": c.replay})
		i.Answer = checks.ParseAnswer(redact.NewSecret(c.answer))
		r := checks.Run(i, checks.Ladder())
		policy := redact.Policy{}
		says, next := policy.Text(r.Says()).String(), policy.Text(r.Next()).String()
		if r.Cause != checks.None || r.Verdict != checks.Accept || !strings.Contains(says, c.says) || !strings.Contains(next, c.next) {
			t.Errorf("%s: %s, %s: %q; %q", c.name, r.Verdict, r.Cause, says, next)
		}
	}
}

// TestReserveOfWords: without a token, what the answer shows besides words is what to go by.
func TestReserveOfWords(t *testing.T) {
	i := theWorld().incident(t, "", "", `{}`)
	i.Token = checks.Token{}
	for answer, want := range map[string][2]string{
		"HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Negotiate": {"since no token was given: the server asks for Negotiate", "Windows authentication"},
		"HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer":    {"since no token was given: the server probably saw no token", "a proxy that strips it"},
		"HTTP/1.1 502 Bad Gateway":                               {"since no token was given: 502 is no verdict", "health of the API"},
		"HTTP/1.1 302 Found":                                     {"since no token was given: 302 is a redirect", "Location"},
		"curl: (60) SSL certificate problem":                     {"since no token was given: the client says that the TLS connection failed", "certificate"},
		"RBAC: access denied":                                    {"since no token was given: the server says that an authorization policy", "AuthorizationPolicy"},
	} {
		i.Answer = parseAnswer(answer)
		r := checks.Run(i, checks.Ladder())
		says, next := i.Profile.Policy.Text(r.Says()).String(), i.Profile.Policy.Text(r.Next()).String()
		if r.Cause != checks.Unknown || !strings.Contains(says, want[0]) || !strings.Contains(next, want[1]) {
			t.Errorf("%q: %s: %q; %q", answer, r.Cause, says, next)
		}
	}
}

// TestTokenAmongTheWords: pasted as a server's answer alone, a token is not looked at, and that is said.
func TestTokenAmongTheWords(t *testing.T) {
	w := theWorld()
	i := w.incident(t, "", "", `{}`)
	sent, _ := i.Token.Sendable()
	for text, want := range map[string]string{
		"Authorization: Bearer " + sent.Expose() + "\nno": "give it as the token",
		"HTTP/1.1 401 Unauthorized":                       "Paste the token too",
	} {
		c := *i
		c.Token, c.Answer = checks.Token{}, checks.ParseAnswer(redact.NewSecret(text))
		if next := (redact.Policy{}).Text(checks.Run(&c, checks.Ladder()).Next()).String(); !strings.Contains(next, want) {
			t.Errorf("%q, want %q", next, want)
		}
	}
}

// TestClientSuspects: what the paste shows comes first, and where the server had read a token, another one.
func TestClientSuspects(t *testing.T) {
	w := theWorld()
	for _, c := range []struct{ recipe, answer, next string }{
		{`{}`, "", "See whether the client still fails"},
		{`{"$paste":"\"{}\""}`, "", "at (1) a JSON object or a quoted string"},
		{`{}`, "Jwt is expired", "another token than this one"},
		{`{}`, "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer", "at (1) a proxy, a redirect or CORS"},
		{`{}`, "Jwt is missing", "See whether the client still fails"},
	} {
		i := w.incident(t, "", "", c.recipe)
		asked(t, i, map[string]string{"replay": "no token 401 Bearer; garbage 401 Bearer; yours 200"})
		i.Answer = checks.ParseAnswer(redact.NewSecret(c.answer))
		r := checks.Run(i, checks.Ladder())
		if next := (redact.Policy{}).Text(r.Next()).String(); r.Cause != checks.ClientSide || !strings.Contains(next, c.next) {
			t.Errorf("%s, %q: %s, %q", c.recipe, c.answer, r.Cause, next)
		}
	}
}

// TestRefusedForMoreThanSize: once the header fits, an API that refuses the replay still refuses the token,
// which is sound all the same.
func TestRefusedForMoreThanSize(t *testing.T) {
	w := theWorld()
	i := w.incident(t, "", "", `{}`)
	asked(t, i, map[string]string{"replay": `no token 401 Bearer; garbage 401 Bearer; yours 401 Bearer error="invalid_token"`})
	i.Answer = checks.ParseAnswer(redact.NewSecret("HTTP/1.1 431"))
	r := checks.Run(i, checks.Ladder())
	if r.Cause != checks.HeaderTooLarge || r.Verdict != checks.Accept || len(r.Also) != 1 || r.Also[0] != checks.ServerSide {
		t.Errorf("%s, %s, also %v", r.Verdict, r.Cause, r.Also)
	}
}
