package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"jwt-check-bot/checks"
)

// challenges are fields as servers send them, and what stands in them: scheme, error, parameters asked for.
var challenges = []struct {
	fields []string
	want   string
}{
	{[]string{`Bearer`}, "Bearer"},
	{[]string{`Bearer realm="example"`}, "Bearer realm=example"},
	{[]string{`Bearer realm="example", error="invalid_token", error_description="The access token expired"`}, // RFC 6750 §3
		"Bearer invalid_token realm=example error_description=The access token expired"},
	{[]string{`Bearer scope="" error="invalid_token" error_description="the token has expired"`}, // API Gateway: no commas
		"Bearer invalid_token error_description=the token has expired scope="},
	{[]string{`Bearer error="insufficient_scope", scope="orders:read orders:write"`}, "Bearer insufficient_scope scope=orders:read orders:write"},
	{[]string{`Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5"`}, // RFC 9470 §3
		"Bearer insufficient_user_authentication error_description=More recent authentication is required max_age=5"},
	{[]string{`DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"`}, // RFC 9449 §9
		"DPoP use_dpop_nonce error_description=Resource server requires nonce in DPoP proof"},
	{[]string{`Bearer, DPoP algs="ES256 PS256"`}, "Bearer | DPoP algs=ES256 PS256"}, // RFC 9449 §7.2
	{[]string{`Bearer resource_metadata="https://resource.example.com/.well-known/oauth-protected-resource"`}, // RFC 9728 §5.1
		"Bearer resource_metadata=https://resource.example.com/.well-known/oauth-protected-resource"},
	{[]string{`Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple"`}, " realm=apps | Basic realm=simple"}, // RFC 9110 §11.6.1
	{[]string{`Negotiate, NTLM, Basic realm="x"`}, "Negotiate | NTLM | Basic realm=x"},
	{[]string{`Negotiate YIIBzg==, Bearer error=invalid_token`}, "Negotiate | Bearer invalid_token"},
	{[]string{`NTLM TlRMTVNTUAAC/+a`, `bearer ERROR="Invalid_Token"`}, "NTLM | Bearer invalid_token"},
	{[]string{`Bearer realm="a, DPoP error=\"x\", b", error="invalid_request"`}, `Bearer invalid_request realm=a, DPoP error="x", b`},
	{[]string{`Bearer realm='it', error='invalid_token'`}, "Bearer invalid_token realm=it"},
	{[]string{`Bearer error = "invalid_token" , scope = "a"`}, "Bearer invalid_token scope=a"},
	{[]string{`Bearer error="invalid_token", error="insufficient_scope"`}, "Bearer invalid_token"},
	{[]string{`Bearer error="something_else"`}, "Bearer"},
	{[]string{`error="invalid_token"`}, ""},
	{[]string{``}, ""},
	{[]string{`, ,,`, `;;; =x, "quoted", Bearer realm="never ends`}, "Bearer realm=never ends"},
	{[]string{`Bearer (junk), Basic realm="x"`}, "Bearer | Basic realm=x"},
	{[]string{"Bearer realm=\"x\",\r\n\terror=\"invalid_token\""}, "Bearer invalid_token realm=x"},
	{[]string{`Bearer realm="x", DPoP, Basic realm="y", Digest realm="z", qop="auth, auth-int", nonce="n"`}, "Bearer realm=x | DPoP | Basic realm=y | Digest realm=z"},
}

func TestChallenges(t *testing.T) {
	for _, c := range challenges {
		var got []string
		for _, one := range checks.ParseChallenges(c.fields...) {
			s := one.Scheme()
			if code := one.Code(); code != "" {
				s += " " + code
			}
			for _, name := range []string{"realm", "error_description", "scope", "max_age", "algs", "resource_metadata"} {
				if one.Has(name) {
					s += " " + name + "=" + one.Param(name).Expose()
				}
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " | "); s != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.fields, s, c.want)
		}
	}
	var zero checks.Challenge
	if zero.Scheme() != "" || zero.Code() != "" || zero.Has("realm") || zero.Param("realm").Len() != 0 || fmt.Sprint(zero) != "[redacted]" {
		t.Error("the zero challenge asks for something")
	}
}

// TestChallengesBounded: neither many fields nor long ones cost more than their bounds.
func TestChallengesBounded(t *testing.T) {
	many := strings.Repeat("Basic realm=x,", 100_000)
	if n := len(checks.ParseChallenges(many, many)); n > 32 {
		t.Errorf("%d challenges", n)
	}
	long := checks.ParseChallenges(`Bearer realm="` + strings.Repeat("x", 10_000) + `", error="invalid_token"`)
	if len(long) != 1 || long[0].Param("realm").Len() != 0 || long[0].Code() != "invalid_token" {
		t.Error("a parameter that is too long is kept, or costs the others")
	}
}

// FuzzChallenges: whatever a server sends is read within bounds, and prints as the mask.
func FuzzChallenges(f *testing.F) {
	for _, c := range challenges {
		f.Add(strings.Join(c.fields, "\n"))
	}
	f.Fuzz(func(t *testing.T, s string) {
		list := checks.ParseChallenges(strings.Split(s, "\n")...)
		if len(list) > 32 {
			t.Fatalf("%d challenges", len(list))
		}
		for _, c := range list {
			if c.Param("scope").Len() > len(s) || fmt.Sprintf("%+v", c) != "[redacted]" {
				t.Error("longer than what was sent, or printed")
			}
			c.Scheme()
			c.Code()
		}
	})
}
