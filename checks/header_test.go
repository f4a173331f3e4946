package checks_test

import (
	"strings"
	"testing"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// TestStrangeAlgorithms: what was found says more than that it was not expected.
func TestStrangeAlgorithms(t *testing.T) {
	for _, c := range []struct{ profile, recipe, got string }{
		{"", `{"alg":"HS256","kid":null,"$key":"other-secret"}`, "an attacker signs with the published key as the secret"},
		{"", `{"alg":"rs256","$alg":"RS256"}`, "rs256: the letters' case counts"},
		{"", `{"alg":"RS256\t","$alg":"RS256"}`, "white space counts"},
		{"", `{"alg":"RS384","$alg":"RS256"}`, "RS384"},
		{"", `{"alg":"ML-DSA-65","$alg":"RS256"}`, "post-quantum (RFC 9964)"},
		{"", `{"alg":"ES256K","$alg":"RS256"}`, "secp256k1 (RFC 8812)"},
		{"", `{"alg":"dir","$alg":"RS256"}`, "encrypts keys and signs nothing"},
		{"", `{"alg":"SHA256withRSA","$alg":"RS256"}`, "no algorithm of the JOSE registry"},
		{"legacy", `{"alg":"RS256","iss":"https://legacy.example"}`, "a key pair, where legacy trusts a shared secret"},
	} {
		r := checks.Run(theWorld().incident(t, c.profile, "", c.recipe), checks.Ladder())
		if r.Cause != checks.AlgorithmMismatch {
			t.Errorf("%s: cause %s", c.recipe, r.Cause)
			continue
		}
		if got := (redact.Policy{}).Text(r.Lead.Got).String(); !strings.Contains(got, c.got) {
			t.Errorf("%s: found %q, want … %s", c.recipe, got, c.got)
		}
	}
}

// TestBindings: what binds the token is named, and a thumbprint that no key can have.
func TestBindings(t *testing.T) {
	whole := strings.Repeat("0ZcOCORZNYy-DWp", 3)[:43]
	for cnf, want := range map[string]string{
		`{"jkt":"` + whole + `"}`:                            "cnf.jkt",
		`{"jkt":"` + whole + `","x5t#S256":"` + whole + `"}`: "cnf.jkt, cnf.x5t#S256",
		`{"jkt":"` + whole[1:] + `"}`:                        "cnf.jkt of 42 characters, where a SHA-256 thumbprint has 43",
		`{"x5t#S256":5}`:                                     "cnf.x5t#S256, which is a number instead of a thumbprint",
		`{"kid":"a"}`:                                        "cnf.kid",
		`{"own":"a"}`:                                        "cnf with no confirmation method that is registered",
	} {
		r := checks.Run(theWorld().incident(t, "", "", `{"cnf":`+cnf+`}`), checks.Ladder())
		if r.Cause != checks.SenderConstrained {
			t.Errorf("%s: cause %s", cnf, r.Cause)
			continue
		}
		if got := (redact.Policy{}).Text(r.Lead.Got).String(); got != want {
			t.Errorf("%s: found %q, want %q", cnf, got, want)
		}
	}
}
