package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestDoctorAsksWithoutAToken: the configured servers answer or do not, and no token is sent to any.
func TestDoctorAsksWithoutAToken(t *testing.T) {
	var tokens atomic.Int32
	mux := http.NewServeMux()
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" && !strings.HasPrefix(r.Header.Get("Authorization"), "Basic ") || r.PostFormValue("token") != "" {
				tokens.Add(1)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	mux.HandleFunc("GET /401", answer(401, ""))
	mux.HandleFunc("GET /200", answer(200, ""))
	mux.HandleFunc("GET /302", answer(302, ""))
	mux.HandleFunc("GET /500", answer(500, ""))
	mux.HandleFunc("POST /invalid", answer(400, `{"error":"invalid_request"}`))
	mux.HandleFunc("POST /inactive", answer(200, `{"active":false}`))
	mux.HandleFunc("POST /unknown", answer(401, ""))
	mux.HandleFunc("POST /token", answer(200, `{"access_token":"x","token_type":"Bearer"}`))
	server := httptest.NewServer(mux)
	defer server.Close()
	gone := httptest.NewServer(mux)
	gone.Close()

	for _, c := range []struct {
		replay, introspection, canary string
		status                        int
		lines                         []string
	}{
		{server.URL + "/401", server.URL + "/invalid", server.URL + "/token", 0, []string{
			"ok   profile production: replay: the API answers 401 without a token, as it should",
			"ok   profile production: introspection: the issuer serves the bot's client",
			"ok   profile production: canary: the issuer serves the bot's client"}},
		{server.URL + "/200", server.URL + "/inactive", "", 0, []string{
			"warn profile production: replay: the API answers 200 without a token, so its answer to one says nothing. Set JWT_CHECK_PRODUCTION_REPLAY_URL to",
			"ok   profile production: introspection: "}},
		{server.URL + "/302", server.URL + "/unknown", server.URL + "/unknown", 2, []string{
			`warn profile production: replay: the API redirects \(302\)`,
			`fail profile production: introspection: it refused the bot's own credentials \(401\). Check JWT_CHECK_PRODUCTION_INTROSPECTION_CLIENT_ID and its secret`,
			"fail profile production: canary: it refused the bot's own credentials"}},
		{server.URL + "/500", "", server.URL + "/inactive", 2, []string{
			"warn profile production: replay: the API answers 500 without a token, which is no verdict",
			"fail profile production: canary: the token endpoint's answer holds no access_token"}},
		{gone.URL, gone.URL, gone.URL, 3, []string{
			"fail profile production: replay: no answer: the connection was refused. Check JWT_CHECK_PRODUCTION_REPLAY_URL",
			"fail profile production: introspection: the connection was refused. Check the URL",
			"fail profile production: canary: the connection was refused. Check the URL"}},
	} {
		profileVariables(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(productionKeys(t)) })
		for name, url := range map[string]string{"INTROSPECTION": c.introspection, "CANARY": c.canary} {
			id, secret, variable := "bot", "s", name+"_URL"
			if name == "CANARY" {
				variable = "CANARY_TOKEN_URL"
			}
			if url == "" {
				id, secret = "", ""
			}
			t.Setenv("JWT_CHECK_PRODUCTION_"+variable, url)
			t.Setenv("JWT_CHECK_PRODUCTION_"+name+"_CLIENT_ID", id)
			t.Setenv("JWT_CHECK_PRODUCTION_"+name+"_CLIENT_SECRET", secret)
		}
		t.Setenv("JWT_CHECK_PRODUCTION_REPLAY_URL", c.replay)
		lines, status := consult(t, 10*time.Second)
		wantLines(t, lines, c.lines...)
		if status != c.status {
			t.Errorf("status %d, want %d:\n%s", status, c.status, lines)
		}
	}
	if n := tokens.Load(); n != 0 {
		t.Errorf("%d tokens were sent", n)
	}
}
