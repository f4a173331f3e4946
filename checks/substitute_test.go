package checks

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"jwt-check-bot/redact"
)

// TestSubstitutes: another credential than a JWT is named by its kind, with no character of it, and
// one that lives long counts as exposed.
func TestSubstitutes(t *testing.T) {
	const (
		random  = "Q7vK2mXw9RbT4nYs8LdF3hJc6GpZ1aE5uHiO"
		noToken = "a token response that holds no access token"
		answer  = "a server's answer (the challenge, WWW-Authenticate), not the Authorization header of the request"
	)
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, c := range []struct {
		paste, kind string
		secret      bool
		cause       Cause
	}{
		{"gh" + "p_" + random, "a GitHub personal access token", true, NotAJWT},
		{"my key is gh" + "p_" + random + ", does it work?", "a GitHub personal access token", true, NotAJWT},
		{"Authorization: Bearer gl" + "pat-" + random, "a GitLab personal access token", true, NotAJWT},
		{"Authorization: token gh" + "p_" + random, "a GitHub personal access token", true, HeaderConstruction},
		{"xox" + "b-" + random, "a Slack bot token", true, NotAJWT},
		{"xapp" + "-1-" + random, "a Slack app-level token", true, NotAJWT},
		{"sk_" + "live_" + random, "a Stripe secret key", true, NotAJWT},
		{"AKI" + "A" + strings.ToUpper(random[:16]), "an AWS access key ID", true, NotAJWT},
		{"Bearer ya" + "29." + random, "a Google OAuth access token, which is opaque", false, NotAJWT},
		{"SG" + "." + random + "." + random, "a SendGrid API key", true, NotAJWT},
		{"v4.public." + random, "a PASETO (signed), another format than JWT", false, NotAJWT},
		{"v2.local." + random, "a PASETO (encrypted), another format than JWT", false, NotAJWT},
		{"gA" + "AAAA" + random + random + random, "a Fernet token (encrypted with a shared key)", false, NotAJWT},
		{b64("001clocation https://x.example\n" + random), "a macaroon, another format than JWT", false, NotAJWT},
		{b64(`<saml:Assertion ID="` + random + `">`), "a SAML message (XML), which an API that takes JWTs does not read", false, NotAJWT},
		{"SAMLResponse=" + url.QueryEscape(b64("<x>"+random)), "a SAML message (XML), which an API that takes JWTs does not read", false, NotAJWT},
		{"1d3f2a0c-9b4e-4c21-8a67-0f5e2d7b9c11", "an opaque token (a UUID)", false, NotAJWT},
		{"Authorization: Basic " + b64("ana:"+random), "Basic credentials (name and password)", true, HeaderConstruction},
		{"Basic " + b64("ana:"+random), "Basic credentials (name and password)", true, NotAJWT},
		{"-----" + "BEGIN RSA PRIVATE KEY-----\n" + random + "\n-----" + "END RSA PRIVATE KEY-----", "a private key (PEM)", true, NotAJWT},
		{"-----" + "BEGIN CERTIFICATE-----\n" + random + "\n-----" + "END CERTIFICATE-----", "a public key or certificate (PEM), not a token that it verifies", false, NotAJWT},
		{`{"kty":"EC","crv":"P-256","x":"` + random + `","d":"` + random + `"}`, "a private or secret key (JWK)", true, NotAJWT},
		{`{"kty":"EC","crv":"P-256","x":"` + random + `"}`, "a public key (JWK), not a token that it verifies", false, NotAJWT},
		{`{"keys":[{"kty":"RSA","n":"` + random + `"}]}`, "a key set (JWK Set), not a token that it verifies", false, NotAJWT},
		{`{"type":"service_account","private_key":"-----` + `BEGIN PRIVATE KEY-----\n` + random + `"}`, "a service account's key file", true, NotAJWT},
		{`{"client_id":"web","client_secret":"` + random + `"}`, "a client's ID and secret, with which a token is asked for", true, NotAJWT},
		{`{"payload":"` + random + `","protected":"` + random + `","signature":"` + random + `"}`, "a JWS in the flattened JSON serialization (RFC 7515 §7.2.2), where a JWT is compact", false, NotAJWT},
		{`{"payload":"` + random + `","signatures":[{"protected":"` + random + `","signature":"` + random + `"}]}`, "a JWS in the general JSON serialization (RFC 7515 §7.2.1), where a JWT is compact", false, NotAJWT},
		{`{"protected":"` + random + `","iv":"x","ciphertext":"` + random + `","tag":"x"}`, "a JWE in the flattened JSON serialization (RFC 7516 §7.2.2), where a JWT is compact", false, NotAJWT},
		{`{"recipients":[{}],"ciphertext":"` + random + `"}`, "a JWE in the general JSON serialization (RFC 7516 §7.2.1), where a JWT is compact", false, NotAJWT},
		{`{"error":"invalid_client","error_description":"` + random + `"}`, "an error response of the token endpoint: no token was issued", false, NotAJWT},
		{`{"active":true,"sub":"` + random + `"}`, "an introspection response (RFC 7662), not the token that it is about", false, NotAJWT},
		{`{"iss":"https://login.example","exp":1,"x":"` + random + `"}`, "the decoded content of a token; its encoded form, with two dots, is needed", false, NotAJWT},
		{`{"token_type":"Bearer","expires_in":3600}`, noToken, false, NotAJWT},
		{`{"access_token":null,"token_type":"Bearer"}`, noToken, false, NotAJWT},
		{`{"access_token":"","token_type":"Bearer","scope":"` + random + `"}`, noToken, false, NotAJWT},
		{`{'token_type': 'Bearer', 'expires_in': 3600}`, noToken, false, NotAJWT},
		{"token_type: Bearer\nexpires_in: 3600", noToken, false, NotAJWT},
		{"https://app.example/#access_token=&token_type=bearer", noToken, false, NotAJWT},
		{`WWW-Authenticate: Bearer error="invalid_token"`, answer, false, NotAJWT},
		{"www-authenticate: Bearer", answer, false, NotAJWT},
		{`Bearer error="invalid_token", error_description="expired"`, answer, false, NotAJWT},
		{`Bearer realm="x"`, answer, false, NotAJWT},
		{`DPoP error="use_dpop_nonce", algs="ES256"`, answer, false, NotAJWT},
		{"< HTTP/2 401\n< www-authenticate: Bearer realm=\"" + random + "\",\n<   error=\"invalid_token\"\n< content-length: 0", answer, false, NotAJWT},
		{`{"WWW-Authenticate":"Bearer error=\"invalid_token\""}`, answer, false, NotAJWT},
		{`map[Www-Authenticate:[Bearer error="invalid_token"]]`, answer, false, NotAJWT},
		{"> GET / HTTP/2\n> host: api.example\n>\n< HTTP/2 401\n< www-authenticate: Bearer\n", "an HTTP request without an Authorization header", false, NotAJWT},
		{"GET /orders HTTP/1.1\nHost: " + random + ".example\n", "an HTTP request without an Authorization header", false, NotAJWT},
	} {
		parsed, err := Parse(redact.NewSecret(c.paste))
		if err != nil || !parsed.Credible() {
			t.Errorf("%s: not credible, or %v", c.kind, err)
			continue
		}
		profile := &Profile{Name: "production", Algorithms: []string{"ES256"}}
		r := Run(&Case{Token: parsed, Profile: profile, Profiles: []*Profile{profile}}, Ladder())
		named, exposed := false, false
		for _, f := range r.Findings {
			for _, m := range []redact.Message{f.Says, f.Want, f.Got, f.Next} {
				text := redact.Policy{}.Text(m).String()
				named = named || f.ID == notJWT.ID && text == "Not a JWT: this is "+c.kind
				if strings.Contains(text, random[:4]) {
					t.Errorf("%s: shown in %q", c.kind, text)
				}
			}
			exposed = exposed || f.ID == secretPasted.ID
		}
		if !named || exposed != c.secret || r.Cause != c.cause {
			t.Errorf("%s: named %v; exposed %v, want %v; cause %s, want %s", c.kind, named, exposed, c.secret, r.Cause, c.cause)
			for _, f := range r.Findings {
				t.Logf("  %s %s", f.ID, redact.Policy{}.Text(f.Says).String())
			}
		}
	}
}
