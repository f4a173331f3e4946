package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/mint"
)

// world is what an incident happens in: an issuer for production and one for staging, and an API
// that verifies for real. Everything listens on loopback addresses.
type world struct {
	keys      *mint.Keys
	now       func() time.Time
	issuerURL string
	apiURL    string
	servers   []*http.Server
}

const (
	prodKey    = "prod-2026-11"
	stagingKey = "staging-2026-11"
	retiredKey = "prod-2025-04"
	audience   = "https://api.acme.example/orders"
)

func newWorld(now func() time.Time) (*world, error) {
	w := &world{keys: mint.NewKeys(), now: now}
	for _, name := range []string{prodKey, stagingKey, retiredKey} {
		if err := w.keys.Key(name, "RS256"); err != nil {
			return nil, configError("the demo's keys could not be made")
		}
	}
	issuer, api := http.NewServeMux(), http.NewServeMux()
	issuer.HandleFunc("GET /{env}/.well-known/openid-configuration", w.metadata)
	issuer.HandleFunc("GET /{env}/jwks.json", w.keySet)
	api.HandleFunc("GET /orders", w.orders)
	var err error
	if w.issuerURL, err = w.listen(issuer); err == nil {
		w.apiURL, err = w.listen(api)
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
	_, _ = rw.Write(w.keys.JWKS(prodKey))
}

// orders is the API's endpoint: it verifies as a careful service does, and says as little.
func (w *world) orders(rw http.ResponseWriter, r *http.Request) {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		rw.Header().Set("WWW-Authenticate", "Bearer")
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(bearer, claims, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != prodKey {
			return nil, jwt.ErrTokenUnverifiable
		}
		return w.keys.Public(prodKey), nil
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(w.issuer("prod")), jwt.WithAudience(audience),
		jwt.WithLeeway(time.Minute), jwt.WithIssuedAt(), jwt.WithTimeFunc(w.now))
	if err != nil {
		rw.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	if scope, _ := claims["scope"].(string); !strings.Contains(" "+scope+" ", " orders:read ") {
		rw.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="orders:read"`)
		rw.WriteHeader(http.StatusForbidden)
		return
	}
	_, _ = fmt.Fprintln(rw, `{"orders":[]}`)
}

// call sends a token to the API and returns the answer's first lines.
func (w *world) call(ctx context.Context, token string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.apiURL+"/orders", nil)
	if err != nil {
		return "no answer"
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "no answer"
	}
	defer resp.Body.Close()
	answer := "HTTP/1.1 " + resp.Status
	if challenge := resp.Header.Get("WWW-Authenticate"); challenge != "" {
		answer += "\nWWW-Authenticate: " + challenge
	}
	return answer
}

// environments are the demo's two profiles, as an operator would configure them.
func (w *world) environments() []bot.Environment {
	profile := func(name, env, aud string) bot.Environment {
		p := &checks.Profile{
			Name: name, Issuer: w.issuer(env), Audience: []string{aud}, Algorithms: []string{"RS256"},
			Leeway: time.Minute, MaxLifetime: 24 * time.Hour,
			Required: []checks.Requirement{{Claim: "scope", Value: "orders:read"}},
			Routes:   []checks.Route{{Method: "POST", Path: "/orders", Required: []checks.Requirement{{Claim: "scope", Value: "orders:write", Dialect: true}}}},
		}
		return bot.Environment{Profile: p, Keys: keys.Origin{Issuer: p.Issuer}}
	}
	return []bot.Environment{profile("production", "prod", audience), profile("staging", "staging", "https://api.staging.acme.example/orders")}
}

// incidents of the guide, each with the recipe of its token.
var incidents = []struct{ id, title, hint, recipe string }{
	{"expired", "Expired", "A long-lived browser session whose refresh broke silently", `{"exp":"now-102s"}`},
	{"not-yet-valid", "Not yet valid", "The issuer's clock runs five minutes ahead", `{"nbf":"now+5m","iat":"now+5m","exp":"now+65m"}`},
	{"wrong-audience", "Wrong audience", "A token for the mobile app, sent to the API", `{"aud":"mobile-app"}`},
	{"missing-scope", "Missing scope", "Sound, but not allowed to read orders", `{"scope":"profile email"}`},
	{"staging", "Staging token in production", "Same client, other environment", `{"iss":"STAGING","kid":"` + stagingKey + `","aud":"https://api.staging.acme.example/orders"}`},
	{"unknown-key", "Unknown key", "Signed with a key that the issuer withdrew", `{"kid":"` + retiredKey + `"}`},
	{"none", "Algorithm none", "Not signed at all", `{"alg":"none"}`},
	{"doubled-prefix", "Bearer Bearer", "An interceptor set the header twice", `{"$paste":"Authorization: Bearer Bearer {}"}`},
	{"good", "A good token", "Nothing wrong with it: look at the client or the API", `{}`},
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
		if i.id == id {
			return map[string]string{"profile": "production", "token": w.keys.MustMint(w.now(), fill(goodToken), fill(i.recipe))}
		}
	}
	return nil
}
