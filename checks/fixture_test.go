package checks_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"sync"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/mint"
	"jwt-check-bot/redact"
)

// now is the instant at which every recipe is minted and judged.
var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// good is what each recipe starts from: an ideal access token by RFC 9068 of the production profile.
const good = `{"alg":"RS256","typ":"at+jwt","kid":"prod-1","iss":"https://login.example/prod","aud":"api://orders",
"sub":"auth0|5f7c8ec7c33c6c004bbafe9f","client_id":"web","iat":"now-5m","nbf":"now-5m","exp":"now+55m",
"jti":"7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44","scope":"orders:read orders:list"}`

// world holds the keys of two issuers and the profiles that trust them. Keys are slow to make, so
// all tests share one; nothing in it changes.
type world struct {
	keys     *mint.Keys
	profiles []*checks.Profile
	evidence checks.Evidence
}

var theWorld = sync.OnceValue(func() *world {
	w := &world{keys: mint.NewKeys()}
	for name, alg := range map[string]string{
		"prod-1": "RS256", "prod-2": "RS256", "prod-ps": "PS256", "prod-es": "ES256", "prod-ed": "EdDSA", "prod-es384": "ES384",
		"prod-es512": "ES512", "prod-enc": "RS256", "prod-4096": "RS256/4096", "staging-1": "RS256", "stranger": "RS256",
		"prod-1024": "RS256/1024", "stranger-384": "ES384", "stranger-ed": "EdDSA",
		"secret": "HS256", "other-secret": "HS256",
	} {
		if err := w.keys.Key(name, alg); err != nil {
			panic(err)
		}
	}
	base := checks.Profile{
		Name: "production", Issuer: "https://login.example/prod", Audience: []string{"api://orders"},
		Algorithms: []string{"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"}, Leeway: time.Minute, MaxLifetime: 24 * time.Hour,
	}
	base.Routes, _ = checks.ParseRoutes("POST /orders: scope=orders:write; GET /orders: scope=orders:read; GET /admin: role=admin")
	typed, legacy, staging := base, base, base
	staging.Name, staging.Issuer, staging.Audience = "staging", "https://login.example/staging", []string{"api://orders-staging"}
	typed.Name, typed.Types = "typed", []string{"at+jwt"}
	legacy.Name, legacy.Issuer, legacy.Algorithms = "legacy", "https://legacy.example", []string{"HS256"}
	legacy.Secret = redact.NewSecret(string(w.keys.Public("secret").([]byte)))
	strict := base // takes a requirement by its claim's name, as REQUIRED_CLAIMS does
	strict.Name, strict.Required = "strict", []checks.Requirement{{Claim: "scope", Value: "orders:write"}}
	w.profiles = []*checks.Profile{&base, &staging, &typed, &legacy, &strict}

	production := w.keySet("prod-1", "prod-2", "prod-ps", "prod-es", "prod-es384", "prod-es512", "prod-ed", "prod-enc", "prod-4096")
	for i := range production.Keys {
		if production.Keys[i].ID == "prod-enc" {
			production.Keys[i].Use = "enc"
		}
	}
	// Environments that were set up alike name their keys alike.
	staging1 := w.keySet("staging-1", "staging-1")
	staging1.Keys[1].ID = "prod-2"
	staging1 = checks.NewKeySet(staging1.Keys)
	w.evidence.Keys = []checks.KeyEvidence{w.fetched(production), w.fetched(staging1), w.fetched(production), {}, w.fetched(production)}
	return w
})

func (w *world) fetched(set *checks.KeySet) checks.KeyEvidence {
	return checks.KeyEvidence{Set: set, Source: redact.Msg("the issuer's key set"), Fetched: now, Fresh: true}
}

func (w *world) keySet(names ...string) *checks.KeySet {
	var keys []checks.Key
	for _, name := range names {
		k := checks.Key{ID: name, Use: "sig", Type: "RSA", Public: w.keys.Public(name)}
		switch pub := k.Public.(type) {
		case *ecdsa.PublicKey:
			k.Type, k.Curve = "EC", pub.Curve.Params().Name
		case ed25519.PublicKey:
			k.Type, k.Curve = "OKP", "Ed25519"
		}
		keys = append(keys, k)
	}
	return checks.NewKeySet(keys)
}

// incident builds the case that a recipe describes.
func (w *world) incident(t testing.TB, profile, require string, recipe string) *checks.Case {
	t.Helper()
	pasted, err := w.keys.Mint(now, good, recipe)
	if err != nil {
		t.Fatalf("recipe: %v", err)
	}
	token, err := checks.Parse(redact.NewSecret(pasted))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	c := &checks.Case{Token: token, Profiles: w.profiles, Evidence: w.evidence, Now: now}
	for _, p := range w.profiles {
		if p.Name == profile || profile == "" && c.Profile == nil {
			c.Profile = p
		}
	}
	if c.Profile == nil {
		t.Fatalf("no profile %q", profile)
	}
	if c.Required, err = c.Profile.Requirements(require); err != nil {
		t.Fatalf("require: %v", err)
	}
	return c
}
