package keys

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMetadataAddresses(t *testing.T) {
	for _, tc := range []struct{ issuer, connect, oauth string }{
		{"https://a.example", "https://a.example/.well-known/openid-configuration", "https://a.example/.well-known/oauth-authorization-server"},
		{"https://a.example/", "https://a.example/.well-known/openid-configuration", "https://a.example/.well-known/oauth-authorization-server"},
		{"https://a.example/t/v2.0", "https://a.example/t/v2.0/.well-known/openid-configuration", "https://a.example/.well-known/oauth-authorization-server/t/v2.0"},
		{"https://a.example/t%20u/", "https://a.example/t%20u/.well-known/openid-configuration", "https://a.example/.well-known/oauth-authorization-server/t%20u"},
	} {
		connect, oauth, f := wellKnown(tc.issuer)
		if f != nil || connect != tc.connect || oauth != tc.oauth {
			t.Errorf("%s: %s, %s, %v", tc.issuer, connect, oauth, f)
		}
	}
	for _, bad := range []string{"kubernetes/serviceaccount", "supabase", "ftp://a.example", "https://", "https://a.example?x=1", "https://a.example/#f", "https://u:p@a.example", "https://a b", "\x00"} {
		if _, _, f := wellKnown(bad); f == nil {
			t.Errorf("%q: no fault", bad)
		}
	}
}

func TestIssuerMustNameItself(t *testing.T) {
	for _, tc := range []struct{ named, problem string }{
		{`"issuer":"https://other.example",`, "the metadata names another issuer: https://other.example instead of ISSUER"},
		{`"issuer":"ISSUER/",`, "the metadata names another issuer: ISSUER/ instead of ISSUER"},
		{`"issuer":"https://login.example/{tenantid}/v2.0",`, "the metadata names another issuer: https://login.example/{tenantid}/v2.0 instead of ISSUER; its {tenantid} stands for any tenant, and is matched literally only"},
		{`"Issuer":"ISSUER",`, "the metadata names no issuer"},
		{`"issuer":["ISSUER"],`, "the metadata names no issuer"},
		{`"issuer":"https://other.example","issuer":"ISSUER",`, ""}, // the last counts, as in most parsers
	} {
		i := newIssuer(t, (*httptest.Server).Start)
		i.publish("one")
		i.json(metadataPath, strings.ReplaceAll("{"+tc.named+`"jwks_uri":"ISSUER/keys"}`, "ISSUER", i.URL))
		e := newSource(t, Options{}).get1(Origin{Issuer: i.URL}, "one")
		if tc.problem == "" {
			want(t, e, true, "", "one")
			continue
		}
		want(t, e, false, "the key set of "+i.URL+" could not be had: "+strings.ReplaceAll(tc.problem, "ISSUER", i.URL))
		if i.asked(oauthPath) != 0 || i.asked("/keys") != 0 {
			t.Errorf("%s: asked on", tc.named)
		}
	}
}

// TestMend: an answer that shows that an address is wrong says which variable to set; a fault of the
// network or of the issuer's does not.
func TestMend(t *testing.T) {
	const set = "Set JWT_CHECK_…_ISSUER to exactly "
	for _, tc := range []struct{ issuer, metadata, keysURL, mend string }{
		{"ISSUER", `{"issuer":"ISSUER/","jwks_uri":"ISSUER/keys"}`, "", set + "ISSUER/, if that is the iss of its tokens: a slash at the end counts"},
		{"ISSUER", `{"issuer":"https://login.example/{tenantid}/v2.0"}`, "", "Set JWT_CHECK_…_ISSUER to the issuer of your own tenant, as iss in its tokens has it"},
		{"ISSUER", `{"issuer":"ISSUER"}`, "", "Set JWT_CHECK_…_JWKS_URL to the issuer's key set"},
		{"ISSUER", `{}`, "", shown(mendIssuer)},
		{"ISSUER/nowhere", `{}`, "", shown(mendIssuer)},
		{"ISSUER", `{"issuer":"ISSUER","jwks_uri":"ISSUER/nowhere"}`, "", ""}, // the issuer's own fault
		{"ISSUER", `{}`, "ISSUER/nowhere", "The address is not that of the key set"},
		{"ISSUER", `{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, "ISSUER" + metadataPath, "The address is not that of the key set"},
		{"ISSUER", `{}`, "ISSUER/broken", ""},
		{"ISSUER", `{}`, "http://127.0.0.1:1/keys", ""},
	} {
		i := newIssuer(t, (*httptest.Server).Start)
		i.json(metadataPath, strings.ReplaceAll(tc.metadata, "ISSUER", i.URL))
		i.page("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		origin := Origin{Issuer: strings.ReplaceAll(tc.issuer, "ISSUER", i.URL), JWKSURL: strings.ReplaceAll(tc.keysURL, "ISSUER", i.URL)}
		e := newSource(t, Options{}).get1(origin, "one")
		if got := shown(e.Mend); e.Set != nil || !strings.HasPrefix(got, strings.ReplaceAll(tc.mend, "ISSUER/", i.URL+"/")) || (got == "") != (tc.mend == "") {
			t.Errorf("%v: %q", tc, got)
		}
	}
}

func TestSecondAddress(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).Start)
	i.json(oauthPath+"/tenant", `{"issuer":"`+i.URL+`/tenant","jwks_uri":"`+i.URL+`/keys"}`)
	i.json("/keys", jwks("one"))
	want(t, newSource(t, Options{}).get1(Origin{Issuer: i.URL + "/tenant"}, "one"), true, "", "one")
}

func TestNoMetadata(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).Start)
	i.page(oauthPath, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!doctype html><title>Sign in</title>"))
	})
	o := Origin{Issuer: i.URL}
	want(t, newSource(t, Options{}).get1(o, ""), false, "the key set of "+i.URL+" could not be had: its metadata could not be read "+
		"(OpenID Connect: it answered with status 404; OAuth: it answered with an HTML page instead of JSON, as a login or error page would be)")

	i.json(metadataPath, `[]`)
	want(t, newSource(t, Options{}).get1(o, ""), false, "the key set of "+i.URL+" could not be had: its metadata could not be read (the document is not a JSON object)")

	i.json(metadataPath, `{"issuer":"`+i.URL+`"}`)
	want(t, newSource(t, Options{}).get1(o, ""), false, "the key set of "+i.URL+" could not be had: the metadata names no key set (jwks_uri)")

	i.Close() // nothing listens any more: no second try
	want(t, newSource(t, Options{}).get1(o, ""), false, "the key set of "+i.URL+" could not be had: its metadata could not be read (the connection was refused)")

	want(t, newSource(t, Options{}).get1(Origin{Issuer: "kubernetes/serviceaccount"}, ""), false,
		"the key set of kubernetes/serviceaccount could not be had: the issuer is not a URL, so that its keys cannot be discovered; a key set has to be configured")
}

func TestMovedKeySetIsFound(t *testing.T) {
	c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
	i.publish("one")
	s := newSource(t, Options{Now: c.now})
	o := Origin{Issuer: i.URL}
	want(t, s.get1(o, "one"), true, "", "one")

	i.page("/keys", http.NotFound)
	i.json(metadataPath, `{"issuer":"`+i.URL+`","jwks_uri":"`+i.URL+`/moved"}`)
	i.json("/moved", jwks("two"))
	c.advance(s.options.Cooldown)
	want(t, s.get1(o, "two"), false, "the key set of "+i.URL+" could not be refreshed: it answered with status 404", "one")
	c.advance(s.options.Cooldown)
	want(t, s.get1(o, "two"), true, "", "two")
}
