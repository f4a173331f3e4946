package main

import (
	"cmp"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/mint"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// world is what an incident happens in: an issuer and an API for production and for staging.
// Everything listens on loopback addresses.
type world struct {
	keys      *mint.Keys
	now       func() time.Time
	issuerURL string
	apiURL    string
	servers   []*http.Server
}

const (
	prodKey    = "prod-2026-11"
	nextKey    = "prod-2026-12" // published already, and not in the API's copy
	stagingKey = "staging-2026-11"
	retiredKey = "prod-2025-04"
	audience   = "https://api.acme.example/orders"
	staging    = "https://api.staging.acme.example/orders"
)

func newWorld(now func() time.Time) (*world, error) {
	w := &world{keys: mint.NewKeys(), now: now}
	for _, name := range []string{prodKey, nextKey, stagingKey, retiredKey} {
		if err := w.keys.Key(name, "RS256"); err != nil {
			return nil, configError("the demo's keys could not be made")
		}
	}
	issuer, apis := http.NewServeMux(), http.NewServeMux()
	issuer.HandleFunc("GET /{env}/.well-known/openid-configuration", w.metadata)
	issuer.HandleFunc("GET /{env}/jwks.json", w.keySet)
	issuer.HandleFunc("POST /prod/introspect", w.introspect)
	apis.Handle("GET /orders", &api{w, "prod", audience, prodKey, now})
	apis.Handle("GET /staging/orders", &api{w, "staging", staging, stagingKey, func() time.Time { return now().Add(-slowClock) }})
	var err error
	if w.issuerURL, err = w.listen(issuer); err == nil {
		w.apiURL, err = w.listen(apis)
	}
	if err != nil {
		w.close()
		return nil, configError("the demo's servers could not listen on 127.0.0.1")
	}
	return w, nil
}

func (w *world) listen(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{
		Handler: w.dated(h), ReadHeaderTimeout: 5 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0), // it prints what a panic says
	}
	w.servers = append(w.servers, s)
	go func() { _ = s.Serve(l) }()
	return "http://" + l.Addr().String(), nil
}

// dated answers with the time of the demo's clock.
func (w *world) dated(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Date", w.now().UTC().Format(http.TimeFormat))
		h.ServeHTTP(rw, r)
	})
}

func (w *world) close() {
	for _, s := range w.servers {
		_ = s.Close()
	}
}

func (w *world) issuer(env string) string { return w.issuerURL + "/" + env }

func (w *world) metadata(rw http.ResponseWriter, r *http.Request) {
	iss := w.issuer(r.PathValue("env"))
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(map[string]any{
		"issuer": iss, "jwks_uri": iss + "/jwks.json", "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (w *world) keySet(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	if r.PathValue("env") == "staging" {
		_, _ = rw.Write(w.keys.JWKS(stagingKey))
		return
	}
	_, _ = rw.Write(w.keys.JWKS(prodKey, nextKey))
}

// environments are the demo's two profiles, as an operator would configure them.
func (w *world) environments() []bot.Environment {
	profile := func(name, env, aud, path string) bot.Environment {
		p := &checks.Profile{
			Name: name, Issuer: w.issuer(env), Audience: []string{aud}, Algorithms: []string{"RS256"},
			Leeway: time.Minute, MaxLifetime: 24 * time.Hour,
			Required: []checks.Requirement{{Claim: "scope", Value: "orders:read"}},
			Routes:   []checks.Route{{Method: "POST", Path: "/orders", Required: []checks.Requirement{{Claim: "scope", Value: "orders:write", Dialect: true}}}},
		}
		return bot.Environment{Profile: p, Keys: keys.Origin{Issuer: p.Issuer}, Ask: probe.Target{ReplayURL: w.apiURL + path}}
	}
	production := profile("production", "prod", audience, "/orders")
	production.Ask.Introspection = probe.Endpoint{
		URL: w.issuer("prod") + "/introspect", Login: outbound.Login{ID: botClient, Secret: redact.NewSecret(botSecret)},
	}
	return []bot.Environment{production, profile("staging", "staging", staging, "/staging/orders")}
}

// ofStaging makes a token of production one of staging.
const ofStaging = `"iss":"STAGING","kid":"` + stagingKey + `","aud":"` + staging + `"`

// incidents of the guide, each with the recipe of its token. Some are replayed, and against staging
// where that is named.
var incidents = []struct {
	id, title, hint, recipe string
	replay                  bool
	profile                 string
}{
	{id: "expired", title: "Expired", hint: "A long-lived browser session whose refresh broke silently", recipe: `{"exp":"now-102s"}`},
	{id: "not-yet-valid", title: "Not yet valid", hint: "The issuer's clock runs five minutes ahead", recipe: `{"nbf":"now+5m","iat":"now+5m","exp":"now+65m"}`},
	{id: "wrong-audience", title: "Wrong audience", hint: "A token for the mobile app, sent to the API", recipe: `{"aud":"mobile-app"}`},
	{id: "missing-scope", title: "Missing scope", hint: "Sound, but not allowed to read orders", recipe: `{"scope":"profile email"}`},
	{id: "staging", title: "Staging token in production", hint: "Same client, other environment", recipe: `{` + ofStaging + `}`},
	{id: "unknown-key", title: "Unknown key", hint: "Signed with a key that the issuer withdrew", recipe: `{"kid":"` + retiredKey + `"}`},
	{id: "none", title: "Algorithm none", hint: "Not signed at all", recipe: `{"alg":"none"}`},
	{id: "doubled-prefix", title: "Bearer Bearer", hint: "An interceptor set the header twice", recipe: `{"$paste":"Authorization: Bearer Bearer {}"}`, replay: true},
	{id: "gateway", title: "Refused by the gateway", hint: "The API never sees it; asks the API", recipe: `{"client_id":"` + kiosk + `"}`, replay: true},
	{id: "stale-keys", title: "Stale key set", hint: "The API has not fetched the issuer's new key; asks the API", recipe: `{"kid":"` + nextKey + `"}`, replay: true},
	{id: "revoked", title: "Revoked session", hint: "Somebody logged out: only the issuer knows", recipe: `{"jti":"` + loggedOut + `"}`},
	{id: "slow-clock", title: "Slow clock", hint: "Staging's API is 94 s behind; asks the API", recipe: `{` + ofStaging + `,"iat":"now-5s","nbf":"now-5s"}`, replay: true, profile: "staging"},
	{id: "client", title: "Accepted on replay", hint: "The API takes it: the client is what is wrong", recipe: `{}`, replay: true},
	{id: "good", title: "A good token", hint: "Nothing wrong with it: look at the client or the API", recipe: `{}`},
}

const goodToken = `{"alg":"RS256","typ":"at+jwt","kid":"` + prodKey + `","iss":"PROD","aud":"` + audience + `",
"sub":"auth0|5f7c8ec7c33c6c004bbafe9f","client_id":"web-shop","scope":"orders:read profile","tenant_id":"acme-europe",
"jti":"7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44","iat":"now-1h","nbf":"now-1h","exp":"now+1h","email":"ana.ruiz@acme.example","cart":{"items":3}}`

// samples mints a fresh token for each incident, for the page's drawer.
func (w *world) samples() []workspace.Sample {
	var list []workspace.Sample
	for _, i := range incidents {
		list = append(list, workspace.Sample{ID: i.id, Title: i.title, Hint: i.hint, Values: w.sample(i.id)})
	}
	return list
}

func (w *world) sample(id string) map[string]string {
	fill := strings.NewReplacer(`"PROD"`, `"`+w.issuer("prod")+`"`, `"STAGING"`, `"`+w.issuer("staging")+`"`).Replace
	for _, i := range incidents {
		if i.id != id {
			continue
		}
		values := map[string]string{"profile": cmp.Or(i.profile, "production"), "token": w.keys.MustMint(w.now(), fill(goodToken), fill(i.recipe))}
		if i.replay {
			values["options"] = "replay"
		}
		return values
	}
	return nil
}
