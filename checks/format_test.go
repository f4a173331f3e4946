package checks_test

import (
	"strings"
	"testing"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// TestTruncation: how much is missing, and what cuts at that length, in what was found.
func TestTruncation(t *testing.T) {
	long := `"groups":"` + strings.Repeat("group-with-a-long-name ", 124) + `"`
	for _, c := range []struct{ recipe, found string }{
		{`{"$mangle":"truncate 42"}`, "225 bytes: 42 characters are missing at the end; 688 characters in all"},
		{`{"$mangle":"truncate 1"}`, "255 bytes: 1 character is missing at the end; 729 characters in all"},
		{`{"kid":"prod-4096","$mangle":"truncate 42"}`, "480 bytes: 42 characters are missing at the end; 1033 characters in all"},
		{`{"kid":"gone","$key":"prod-1","$mangle":"keep 512"}`, "at least 216 characters are missing at the end; 512 characters in all: a column or field of 512"},
		{`{"$mangle":"keep 505","$paste":"Bearer {}"}`, "505 characters in all, 512 with what stands before it: a column or field of 512"},
		{`{` + long + `,"$mangle":"keep 4096"}`, "at least 343 characters are missing at the end; 4096 characters in all: the limit of a cookie, or a buffer of 4,096"},
		{`{"$mangle":"keep 255"}`, "at least 343 characters are missing at the end; 255 characters in all: a column of 255, as VARCHAR(255)"},
		{`{"$mangle":"two parts"}`, "at least 343 characters are missing at the end; 387 characters in all"},
		{`{"$mangle":"keep 30"}`, "30 characters in all"},
		{`{"alg":"ES256","kid":"prod-es","$mangle":"truncate 6"}`, "60 bytes: 6 characters are missing at the end; 470 characters in all"},
	} {
		f := findingOf(t, c.recipe, "format.jws_malformed")
		if got := (redact.Policy{}).Text(f.Got).String(); !strings.Contains(got, c.found) {
			t.Errorf("%s\n got %s\nwant %s", c.recipe, got, c.found)
		}
	}
}

// TestEncrypted: what a JWE's header says of it, and what to do.
func TestEncrypted(t *testing.T) {
	for _, c := range []struct{ recipe, found, next string }{
		{`{"$jwe":true}`, "a JWE with alg RSA-OAEP-256 and enc A256GCM", "Ask the issuer for a signed access token"},
		{`{"alg":"dir","enc":"A256GCM","$jwe":true}`, "a JWE with alg dir and enc A256GCM", "Name the API's audience"},
		{`{"alg":"dir","enc":"A256GCM","$header":{"iss":"https://acme.eu.auth0.com/"},"$jwe":true}`, "a JWE with alg dir and enc A256GCM", "send audience (the API's identifier)"},
		{`{"alg":"dir","enc":"A256GCM","$header":{"iss":"https://auth0.com.evil.example/"},"$jwe":true}`, "a JWE with alg dir", "Name the API's audience"},
		{`{"alg":"RSA-OAEP","zip":"DEF","cty":"JWT","$jwe":true}`, "enc A256GCM, a signed token inside (cty JWT), compressed (zip DEF)", "Ask the issuer"},
		{`{"alg":"RSA-OAEP","$raw_header":"{\"alg\":\"RSA-OAEP\",\"enc\":\"XC20P\"}","$jwe":true}`, "enc an unregistered one", "Ask the issuer"},
	} {
		f := findingOf(t, c.recipe, "format.token_encrypted")
		var policy redact.Policy
		if got, next := policy.Text(f.Got).String(), policy.Text(f.Next).String(); !strings.Contains(got, c.found) || !strings.Contains(next, c.next) {
			t.Errorf("%s\n got %s; %s\nwant %s; %s", c.recipe, got, next, c.found, c.next)
		}
	}
}

func findingOf(t *testing.T, recipe, id string) checks.Finding {
	t.Helper()
	for _, f := range checks.Run(theWorld().incident(t, "", "", recipe), checks.Ladder()).Findings {
		if f.ID == id {
			return f
		}
	}
	t.Errorf("%s: nothing by %s", recipe, id)
	return checks.Finding{}
}
