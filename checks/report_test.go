package checks_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// TestCauses holds incidents of each cause that needs no server's answer: the first thing that
// explains the rejection, who owns it, and what else would still reject the token.
func TestCauses(t *testing.T) {
	w := theWorld()
	incidents := map[checks.Cause]int{}
	for _, c := range []struct {
		name, profile, require, recipe string
		cause                          checks.Cause
		also                           []checks.Cause
	}{
		{"good", "", "", `{}`, checks.None, nil},
		{"doubled prefix", "", "", `{"$paste":"Authorization: Bearer Bearer {}"}`, checks.HeaderConstruction, nil},
		{"doubled prefix and expired", "", "", `{"$paste":"Bearer Bearer {}","exp":"now-1h"}`, checks.HeaderConstruction, []checks.Cause{checks.Expired}},
		{"undefined", "", "", `{"$paste":"Authorization: Bearer undefined"}`, checks.HeaderConstruction, nil},
		{"opaque", "", "", `{"$paste":"f3a9c1d07b524e0c"}`, checks.NotAJWT, nil},
		{"truncated", "", "", `{"$mangle":"truncate 60"}`, checks.NotAJWT, nil},
		{"truncated and expired", "", "", `{"$mangle":"truncate 60","exp":"now-1h"}`, checks.NotAJWT, []checks.Cause{checks.Expired}},
		{"encrypted", "", "", `{"$jwe":true}`, checks.EncryptedToken, nil},
		{"none", "", "", `{"alg":"none"}`, checks.AlgorithmNone, nil},
		{"wrong typ", "typed", "", `{"typ":"JWT"}`, checks.WrongTokenType, nil},
		{"HS256 for RS256", "", "", `{"alg":"HS256","kid":null,"$key":"other-secret"}`, checks.AlgorithmMismatch, nil},
		{"crit", "", "", `{"crit":["exp"]}`, checks.UnsupportedHeader, nil},
		{"staging", "", "", `{"iss":"https://login.example/staging","kid":"staging-1","aud":"api://orders-staging"}`, checks.WrongEnvironment, nil},
		{"staging, expired, wrong audience", "", "", `{"iss":"https://login.example/staging","kid":"staging-1","aud":"x","exp":"now-1h"}`, checks.WrongEnvironment, []checks.Cause{checks.Expired, checks.AudienceMismatch}},
		{"unknown issuer", "", "", `{"iss":"https://evil.example","kid":"stranger"}`, checks.IssuerMismatch, nil},
		{"trailing slash", "", "", `{"iss":"https://login.example/prod/"}`, checks.IssuerMismatch, nil},
		{"unknown kid", "", "", `{"kid":"prod-0","$key":"stranger"}`, checks.UnknownKey, nil},
		{"unknown kid and expired", "", "", `{"kid":"prod-0","$key":"stranger","exp":"now-1h"}`, checks.UnknownKey, []checks.Cause{checks.Expired}},
		{"encryption key", "", "", `{"kid":"prod-enc"}`, checks.UnusableKey, nil},
		{"flipped", "", "", `{"$mangle":"flip signature"}`, checks.BadSignature, nil},
		{"string exp", "", "", `{"exp":"now+1h str"}`, checks.MalformedClaim, nil},
		{"expired", "", "", `{"exp":"now-2m"}`, checks.Expired, nil},
		{"post-dated", "", "", `{"nbf":"now+5m"}`, checks.NotYetValid, nil},
		{"post-dated and issued then", "", "", `{"nbf":"now+5m","iat":"now+5m"}`, checks.NotYetValid, []checks.Cause{checks.ClockSkew}},
		{"issued in the future", "", "", `{"nbf":null,"iat":"now+5m"}`, checks.ClockSkew, nil},
		{"audience", "", "", `{"aud":"mobile-app"}`, checks.AudienceMismatch, nil},
		{"scope", "", "POST /orders", `{}`, checks.InsufficientScope, nil},
		{"scope and tenant", "", "scope=orders:write, tenant_id", `{}`, checks.InsufficientScope, []checks.Cause{checks.MissingClaim}},
		{"no issuer", "", "", `{"iss":null}`, checks.MissingClaim, nil},
		{"expired, audience and scope", "", "POST /orders", `{"exp":"now-1h","aud":"mobile-app"}`, checks.Expired, []checks.Cause{checks.AudienceMismatch, checks.InsufficientScope}},
		{"bound", "", "", `{"cnf":{"jkt":"0ZcOCORZNYy-DWpqq30j"}}`, checks.SenderConstrained, nil},

		{"good, in a header", "", "", `{"$paste":"Authorization: Bearer {}"}`, checks.None, nil},
		{"good, by ES256", "", "POST /orders", `{"alg":"ES256","kid":"prod-es","scope":"orders:write"}`, checks.None, nil},
		{"a JSON object in the header", "", "", `{"$paste":"Authorization: Bearer {\"token\":\"{}\"}"}`, checks.HeaderConstruction, nil},
		{"encrypted, in a header", "", "", `{"$jwe":true,"$paste":"Authorization: Bearer {}"}`, checks.EncryptedToken, nil},
		{"encrypted by dir", "", "", `{"$jwe":true,"alg":"dir"}`, checks.EncryptedToken, nil},
		{"None", "", "", `{"alg":"None"}`, checks.AlgorithmNone, nil},
		{"signature stripped, expired", "", "", `{"$mangle":"drop signature","exp":"now-1h"}`, checks.AlgorithmNone, []checks.Cause{checks.Expired}},
		{"an ID token", "", "", `{"typ":"JWT","aud":"web","azp":"web","client_id":null,"nonce":"n-0S6","at_hash":"MTIzNDU2Nzg5MDEyMzQ1Ng","scope":null}`, checks.WrongTokenType, []checks.Cause{checks.AudienceMismatch}},
		{"Keycloak's refresh token", "", "", `{"typ":"JWT","$claims":{"typ":"Refresh"},"aud":"https://login.example/prod"}`, checks.WrongTokenType, []checks.Cause{checks.AudienceMismatch}},
		{"a logout token", "", "", `{"typ":"logout+jwt","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}`, checks.WrongTokenType, nil},
		{"rs256 in lower case", "", "", `{"alg":"rs256","$alg":"RS256"}`, checks.AlgorithmMismatch, nil},
		{"RS512, expired", "", "", `{"alg":"RS512","exp":"now-1h"}`, checks.AlgorithmMismatch, []checks.Cause{checks.Expired}},
		{"b64 false", "", "", `{"b64":false,"crit":["b64"]}`, checks.UnsupportedHeader, nil},
		{"zip", "", "", `{"zip":"DEF"}`, checks.UnsupportedHeader, nil},
		{"same kid, key of staging", "", "", `{"kid":"prod-2","$key":"staging-1"}`, checks.WrongEnvironment, nil},
		{"http instead of https", "", "", `{"iss":"http://login.example/prod"}`, checks.IssuerMismatch, nil},
		{"no kid, and no key fits", "", "", `{"kid":null,"$key":"stranger"}`, checks.UnknownKey, nil},
		{"the wrong curve", "", "", `{"alg":"ES384","kid":"prod-es","$key":"prod-es384"}`, checks.UnusableKey, nil},
		{"an RSA key for ES256, expired", "", "", `{"alg":"ES256","kid":"prod-1","$key":"prod-es","exp":"now-1h"}`, checks.UnusableKey, []checks.Cause{checks.Expired}},
		{"payload edited", "", "", `{"$mangle":"flip payload"}`, checks.BadSignature, nil},
		{"another secret", "legacy", "", `{"alg":"HS256","kid":null,"$key":"other-secret","iss":"https://legacy.example"}`, checks.BadSignature, nil},
		{"nbf in milliseconds", "", "", `{"nbf":"now-5m ms"}`, checks.MalformedClaim, nil},
		{"aud is a number, expired", "", "", `{"aud":7,"exp":"now-1h"}`, checks.MalformedClaim, []checks.Cause{checks.Expired}},
		{"expired with a session's end, years ago", "", "", `{"iat":"now-800d","nbf":"now-800d","exp":"now-799d"}`, checks.Expired, nil},
		{"exp is zero", "", "", `{"exp":0}`, checks.Expired, nil},
		{"post-dated a day", "", "", `{"nbf":"now+24h","exp":"now+25h"}`, checks.NotYetValid, nil},
		{"issued in the future, wrong audience", "", "", `{"nbf":null,"iat":"now+2m","aud":"x"}`, checks.ClockSkew, []checks.Cause{checks.AudienceMismatch}},
		{"issued two hours ahead: local time", "", "", `{"nbf":null,"iat":"now+2h","exp":"now+3h"}`, checks.ClockSkew, nil},
		{"no audience", "", "", `{"aud":null}`, checks.AudienceMismatch, nil},
		{"a list without it", "", "", `{"aud":["a","b"]}`, checks.AudienceMismatch, nil},
		{"a role", "", "GET /admin", `{}`, checks.InsufficientScope, nil},
		{"another tenant", "", "tenant_id=acme", `{"tenant_id":"umbrella"}`, checks.MissingClaim, nil},
		{"no tenant", "", "tenant_id", `{}`, checks.MissingClaim, nil},
		{"bound to a certificate", "", "", `{"cnf":{"x5t#S256":"bwcK0esc3ACC3DB2Y5"}}`, checks.SenderConstrained, nil},
		{"bound, in a Bearer header", "", "", `{"cnf":{"jkt":"0ZcOCORZNYy-DWpqq30j"},"$paste":"Authorization: Bearer {}"}`, checks.SenderConstrained, nil},
	} {
		incidents[c.cause]++
		r := checks.Run(w.incident(t, c.profile, c.require, c.recipe), checks.Ladder())
		if r.Cause != c.cause || !slices.Equal(r.Also, c.also) {
			t.Errorf("%s: cause %s, also %v; want %s, %v", c.name, r.Cause, r.Also, c.cause, c.also)
		}
		if want := c.cause.Verdict(); r.Verdict != want {
			t.Errorf("%s: verdict %s, want %s", c.name, r.Verdict, want)
		}
		if c.cause == checks.None {
			for _, f := range r.Findings {
				if f.Status() != "pass" {
					t.Errorf("%s: an ideal token gives %s %s", c.name, f.Status(), f.ID)
				}
			}
		}
	}
	for _, cause := range slices.Concat(causeOrder[:slices.Index(causeOrder, checks.Revoked)], []checks.Cause{checks.None}) {
		if cause != checks.HeaderTooLarge && incidents[cause] < 3 { // that one needs the server's answer
			t.Errorf("%s: %d incidents, and at least three are needed", cause, incidents[cause])
		}
	}
}

// causeOrder is the contract's order of the causes that a check may name.
var causeOrder = []checks.Cause{
	checks.HeaderConstruction, checks.HeaderTooLarge, checks.NotAJWT, checks.EncryptedToken, checks.AlgorithmNone,
	checks.WrongTokenType, checks.AlgorithmMismatch, checks.UnsupportedHeader, checks.WrongEnvironment, checks.IssuerMismatch,
	checks.UnknownKey, checks.UnusableKey, checks.BadSignature, checks.MalformedClaim, checks.Expired, checks.NotYetValid,
	checks.ClockSkew, checks.AudienceMismatch, checks.InsufficientScope, checks.MissingClaim, checks.SenderConstrained,
	checks.Revoked, checks.KeyRotated, checks.ServerSide, checks.ClientSide,
}

// TestKeySetOutOfReach: what could not be told is said, and another sure cause goes before it.
func TestKeySetOutOfReach(t *testing.T) {
	w := theWorld()
	for recipe, want := range map[string]checks.Cause{`{}`: checks.Unknown, `{"exp":"now-1h"}`: checks.Expired} {
		c := w.incident(t, "", "", recipe)
		c.Evidence = checks.Evidence{Keys: []checks.KeyEvidence{{Problem: redact.Msg("the issuer did not answer in time")}}}
		r := checks.Run(c, checks.Ladder())
		if r.Cause != want || r.Verdict != want.Verdict() {
			t.Errorf("%s: %s (%s), want %s", recipe, r.Cause, r.Verdict, want)
		}
	}
}

// TestWrongAddress: what the bot's configuration lacks is what is done next, where that is known.
func TestWrongAddress(t *testing.T) {
	c := theWorld().incident(t, "", "", `{}`)
	e := checks.KeyEvidence{Problem: redact.Msg("the key set could not be had")}
	next := func() string {
		c.Evidence = checks.Evidence{Keys: []checks.KeyEvidence{e}}
		return redact.Policy{}.Text(checks.Run(c, checks.Ladder()).Next()).String()
	}
	if got := next(); !strings.HasPrefix(got, "Find out why") {
		t.Errorf("next: %q", got)
	}
	e.Mend = redact.Msg("Set the issuer")
	if got := next(); got != "Set the issuer" {
		t.Errorf("next: %q", got)
	}
}

// TestAsOfTheFailingCall: a token that has expired since does not mislead.
func TestAsOfTheFailingCall(t *testing.T) {
	c := theWorld().incident(t, "", "", `{"exp":"now-10m"}`)
	c.When = now.Add(-15 * time.Minute)
	c.Token = theWorld().incident(t, "", "", `{"exp":"now-10m","iat":"now-1h","nbf":"now-1h"}`).Token
	if r := checks.Run(c, checks.Ladder()); r.Cause != checks.None {
		t.Errorf("cause %s", r.Cause)
	}
}

// TestLadderOrder: the first check that blocks is the cause, so they stand in the causes' order.
func TestLadderOrder(t *testing.T) {
	at, seen := 0, map[string]bool{}
	for _, c := range checks.Ladder() {
		if seen[c.ID] || c.Title == "" || c.Doc == "" || c.Cite == "" || c.Subject == "" || c.Run == nil {
			t.Errorf("%s: twice, or without a title, subject, doc, citation or function", c.ID)
		}
		seen[c.ID] = true
		if (c.Severity == checks.Blocks) != (c.Cause != "") {
			t.Errorf("%s: a check has a cause if and only if it blocks", c.ID)
		}
		if c.Cause == "" {
			continue
		}
		i := slices.Index(causeOrder, c.Cause)
		if i < at {
			t.Errorf("%s (%s) stands behind a later cause", c.ID, c.Cause)
		}
		at = i
	}
}

// TestPanickingCheck: its value, which may quote the token, goes nowhere, and the verdict is open.
func TestPanickingCheck(t *testing.T) {
	bad := &checks.Check{ID: "x.y", Severity: checks.Blocks, Cause: checks.BadSignature, Run: func(*checks.Pass) *checks.Result { panic("quoted") }}
	r := checks.Run(theWorld().incident(t, "", "", `{}`), []*checks.Check{bad})
	if r.Verdict != checks.CannotDecide || r.Findings[0].Status() != "skip" {
		t.Errorf("%s, %s", r.Verdict, r.Findings[0].Status())
	}
}

func TestFingerprint(t *testing.T) {
	w := theWorld()
	for recipe, want := range map[string]bool{`{}`: true, `{"alg":"none"}`: false, `{"$mangle":"drop signature"}`: false, `{"$paste":"opaque0123456789"}`: false, `{"$paste":"Bearer {}"}`: true} {
		got := w.incident(t, "", "", recipe).Token.Fingerprint()
		if (len(got) == 12) != want || !want && got != "" {
			t.Errorf("%s: %q", recipe, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]error{"": checks.ErrEmpty, " \n\t": checks.ErrEmpty, string(make([]byte, checks.MaxPaste+1)): checks.ErrTooLarge} {
		if _, err := checks.Parse(redact.NewSecret(in)); err != want {
			t.Errorf("%d bytes: %v, want %v", len(in), err, want)
		}
	}
	for in, want := range map[string]bool{"hello, what is wrong?": false, "...": false, "f3a9c1d07b524e0c": true, "undefined": true, "Bearer": true} {
		token, err := checks.Parse(redact.NewSecret(in))
		if err != nil || token.Credible() != want {
			t.Errorf("%q: credible %v, %v", in, token.Credible(), err)
		}
	}
}
