package checks

import (
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"testing/quick"

	"jwt-check-bot/redact"
)

func said(m redact.Message) string { return redact.Policy{}.Text(m).String() }

// TestNearMiss: each small difference is named exactly, and from either side as one.
func TestNearMiss(t *testing.T) {
	const guid = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
	for _, c := range []struct{ got, want, by, back string }{
		{"https://id.example/", "https://id.example", "a trailing slash that it should not have", "a trailing slash that is missing"},
		{"api://orders//", "api://orders/", "a trailing slash that it should not have", "a trailing slash that is missing"},
		{" https://id.example", "https://id.example", "white space", "white space"},
		{"https://id.example\u00a0", "https://id.example", "white space", "white space"},
		{`"https://id.example"`, "https://id.example", "quotation marks around it", "quotation marks around it"},
		{"http://id.example/x", "https://id.example/x", "the scheme, which is http instead of https", "the scheme, which is https instead of http"},
		{"wss://id.example/x", "https://id.example/x", "the scheme", "the scheme"},
		{"id.example/x", "https://id.example/x", "the scheme, which is missing", "the scheme, which it should not have"},
		{"https://id.example:443/x", "https://id.example/x", "the default port, which is written out", "the default port, which is left out"},
		{"http://id.example:80/x", "http://id.example/x", "the default port, which is written out", "the default port, which is left out"},
		{"https://id.example:8443/x", "https://id.example/x", "the port", "the port"},
		{"https://ID.example/x", "https://id.example/x", "upper and lower case in the host", "upper and lower case in the host"},
		{"https://id.example/realms/Prod", "https://id.example/realms/prod", "upper and lower case in the path", "upper and lower case in the path"},
		{"api://Orders", "api://orders", "upper and lower case", "upper and lower case"},
		{"Mobile-App", "mobile-app", "upper and lower case", "upper and lower case"},
		{"https://www.id.example/x", "https://id.example/x", "www. in front of the host, which it should not have", "www. in front of the host, which is missing"},
		{"https://keycloak.svc.cluster.local/x", "https://keycloak/x", "the host: one is an internal name of the other", "the host: one is an internal name of the other"},
		{"https://id.internal.acme.example/x", "https://id.acme.example/x", "the host: one is an internal name of the other", "the host: one is an internal name of the other"},
		{"https://id-internal.acme.example", "https://id.acme.example", "the host: one is an internal name of the other", "the host: one is an internal name of the other"},
		{"https://id.example/auth/realms/p", "https://id.example/realms/p", "the path prefix /auth", "the path prefix /auth"},
		{"https://id.example/p", "https://id.example/realms/p", "the path prefix /realms", "the path prefix /realms"},
		{"https://login.microsoftonline.com/" + guid, "https://login.microsoftonline.com/" + guid + "/v2.0", "the version in the path", "the version in the path"},
		{"https://id.example/v1/x", "https://id.example/v2/x", "the version in the path", "the version in the path"},
		{"https://sts.windows.net/" + guid + "/", "https://login.microsoftonline.com/" + guid + "/v2.0",
			"the version of Entra ID's tokens: v1.0 says sts.windows.net, v2.0 login.microsoftonline.com", "the version of Entra ID's tokens: v1.0 says sts.windows.net, v2.0 login.microsoftonline.com"},
		{"orders", "api://orders", "the prefix api://, which is missing", "the prefix api://, which it should not have"},
		{guid, "api://" + guid, "the prefix api://, which is missing", "the prefix api://, which it should not have"},
		{guid, "api://acme.example/" + guid, "the URI around the bare ID", "the URI around the bare ID"},
		{"https%3A%2F%2Fid.example%2Fx", "https://id.example/x", "percent-encoding", "percent-encoding"},
		{"https://\u0456d.example", "https://id.example", "a character that only looks the same", "a character that only looks the same"},
		{"https://id\u2024example", "https://id.example", "a character that only looks the same", "a character that only looks the same"},
		{"\uff41pi://orders", "api://orders", "a character that only looks the same", "a character that only looks the same"},
		{"api://or\u200bders", "api://orders", "an invisible character", "an invisible character"},
		{"\ufeffapi://orders", "api://orders", "an invisible character", "an invisible character"},
		{"https://login.exmple/prod", "https://login.example/prod", "one character", "one character"},
		{"https://lögin.example/prod", "https://lägin.example/prod", "one character", "one character"},
		{"https://id.eu-west-1.example", "https://id.eu-west-2.example", "one digit", "one digit"},
	} {
		if got := said(nearMiss(c.got, c.want)); got != c.by {
			t.Errorf("%q for %q: %q, want %q", c.got, c.want, got, c.by)
		}
		if got := said(nearMiss(c.want, c.got)); got != c.back {
			t.Errorf("%q for %q: %q, want %q", c.want, c.got, got, c.back)
		}
	}
}

// TestNoMiss: what differs in more than one small thing is no near miss.
func TestNoMiss(t *testing.T) {
	for _, c := range [][2]string{
		{"https://id.example", "https://id.example"}, {"", "https://id.example"}, {"https://id.example", ""},
		{"https://evil.example/", "https://login.example/prod"}, {"https://login.example/staging", "https://login.example/prod"},
		{"https://login.example", "https://login.example/prod"}, {"http://login.example:8080/prod", "https://login.example/prod"},
		{"http://login.example/prod/", "https://login.example/prod"}, {"HTTPS://LOGIN.example/prod/", "https://login.example/prod"},
		{"mobile-app", "api://orders"}, {"web", "wed"}, {"account", "orders"}, {"api://billing", "api://orders"},
		{"https://acme.okta.com", "https://acme.okta.com/oauth2/default"},
		{"https://sts.windows.net/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/", "https://login.microsoftonline.com/11111111-bbbb-4ccc-8ddd-eeeeeeeeeeee/v2.0"},
		{"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "api://orders"}, {"https://auth.example/realms/a", "https://auth.example/realms/b/c"},
		{"https://orders.internal", "https://billing.internal"}, {"/", "//x"}, {"://", "https://"},
	} {
		if by := nearMiss(c[0], c[1]); !by.IsZero() {
			t.Errorf("%q for %q: %q", c[0], c[1], said(by))
		}
	}
}

// TestNearest: of several accepted values the nearest is named.
func TestNearest(t *testing.T) {
	for _, c := range []struct {
		found, accepted []string
		want, by        string
	}{
		{[]string{"api://orders/"}, []string{"api://order", "api://orders", "orders/"}, "api://orders", "a trailing slash that it should not have"},
		{[]string{"api://ordels", "Orders"}, []string{"api://orders", "orders"}, "orders", "upper and lower case"},
		{[]string{"mobile", "https://x.example/userinfo"}, []string{"api://orders"}, "", ""},
		{nil, []string{"api://orders"}, "", ""},
		{[]string{"x"}, nil, "", ""},
	} {
		if want, by := nearest(c.found, c.accepted); want != c.want || said(by) != c.by {
			t.Errorf("%v: %q by %q, want %q by %q", c.found, want, said(by), c.want, c.by)
		}
	}
}

// TestNearMissProperties: random URLs that have nothing to do with each other are never near, and
// nearness has two sides.
func TestNearMissProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		b := make([]byte, 6+r.IntN(8))
		for i := range b {
			b[i] = "abcdefghijklmnopqrstuvwxyz"[r.IntN(26)]
		}
		return string(b)
	}
	forms := []func() string{
		func() string { return "https://" + word() + ".example/" + word() },
		func() string { return "https://login." + word() + ".example/realms/" + word() },
		func() string { return "http://" + word() + ":8080" },
		func() string { return "api://" + word() },
		func() string { return "https://" + word() + ".example/" + word() + "/v2.0" },
		word,
	}
	for range 20_000 {
		form := forms[r.IntN(len(forms))]
		if got, want := form(), form(); !nearMiss(got, want).IsZero() {
			t.Fatalf("%q for %q: %q", got, want, said(nearMiss(got, want)))
		}
		if got, want := form(), forms[r.IntN(len(forms))](); !nearMiss(got, want).IsZero() {
			t.Fatalf("%q for %q: %q", got, want, said(nearMiss(got, want)))
		}
	}
	twoSided := func(a, b string) bool {
		return nearMiss(a, b).IsZero() == nearMiss(b, a).IsZero() && nearMiss(a, a).IsZero()
	}
	if err := quick.Check(twoSided, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
	edits := []func(string) string{
		func(s string) string { return s + "/" }, strings.ToUpper, url.PathEscape, func(s string) string { return " " + s },
		func(s string) string { return strings.Replace(s, "a", "\u0430", 1) }, func(s string) string { return s[:len(s)/2] + s[len(s)/2+1:] },
		func(s string) string { return s + "\x00" }, func(s string) string { return s[1:] },
	}
	for range 20_000 {
		a := forms[r.IntN(len(forms))]()
		b := a
		for range 1 + r.IntN(3) {
			b = edits[r.IntN(len(edits))](b)
		}
		if !twoSided(a, b) {
			t.Fatalf("%q and %q: %q, and %q", a, b, said(nearMiss(a, b)), said(nearMiss(b, a)))
		}
	}
}

// TestNearMissAtSize: 64 KiB of whatever there may be in a token end in a count of steps, not in a
// hang: twice the size may not be asked for more than twice, and a list of 10,000 not for all.
func TestNearMissAtSize(t *testing.T) {
	const want = "https://login.example/prod"
	for _, unit := range []string{"a", "/", "%2", "%2F", "\u200b", " ", "é", "https://", "api://", ".internal", "/v1", "/auth", "\"", "\xff"} {
		long := strings.Repeat(unit, 64<<10/len(unit))
		for _, pair := range [][2]string{{long, want}, {want, long}, {want + long, want}, {long, long + "x"}, {long, long + "/"}, {"https://x/" + long, "https://x/" + long + "/v2.0"}} {
			nearMiss(pair[0], pair[1])
		}
	}
	list := make([]string, 10_000)
	for i := range list {
		list[i] = "aud"
	}
	list[9_999] = want + "/"
	if _, by := nearest(list, []string{want}); !by.IsZero() {
		t.Error("the last of 10,000 was compared")
	}
}

func FuzzNearMiss(f *testing.F) {
	f.Add("https://id.example/", "https://id.example")
	f.Add("https://\u0456d.example:443/auth/realms/x", "http://id.example/realms/x/v2.0")
	f.Add("api://%2F", "\xff\xfe")
	f.Fuzz(func(t *testing.T, a, b string) {
		if nearMiss(a, b).IsZero() != nearMiss(b, a).IsZero() {
			t.Errorf("%q, %q: near from one side only", a, b)
		}
		_ = splitAddress(a).sameOrigin(splitAddress(b))
	})
}
