package checks_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/redact"
)

// rekey gives a case the keys that a recipe's `keys:` line names, in place of its profile's. That is
// then the only profile: others have the same issuer, and its real keys.
func (w *world) rekey(t testing.TB, c *checks.Case, name string) {
	t.Helper()
	if name == "" {
		return
	}
	change, ok := otherKeys[name]
	if !ok {
		t.Fatalf("no keys %q", name)
	}
	at := slices.Index(c.Profiles, c.Profile)
	profile, e := *c.Profile, c.Evidence.Keys[at]
	change(w, &profile, &e)
	c.Profile, c.Profiles, c.Evidence.Keys = &profile, []*checks.Profile{&profile}, []checks.KeyEvidence{e}
}

// otherKeys are what a profile's keys may be instead.
var otherKeys = map[string]func(*world, *checks.Profile, *checks.KeyEvidence){
	"one":            set(`prod-1`),
	"two":            set(`prod-1 prod-2`),
	"none":           set(``),
	"one, no kid":    set(`prod-1 {"kid":null}`),
	"RSA and EC":     set(`prod-1; prod-es`),
	"in capitals":    set(`prod-1 {"kid":"PROD-KEY-OF-2026"}; prod-es`),
	"neighbours":     set(`prod-2 {"kid":"production-1"}; prod-es {"kid":"production-2"}`),
	"for PS256":      set(`prod-1 {"alg":"PS256"}`),
	"for ES521":      set(`prod-es512 {"alg":"ES521"}`),
	"for encryption": set(`prod-1 {"key_ops":["encrypt"]}`),
	"no EC point":    set(`prod-es {"y":"AAAA"}`),
	"all unusable":   set(`{"kty":"AKP","kid":"pq-1","alg":"ML-DSA-65","pub":"AAAA"}; prod-1 {"kid":"x","n":"!"}`),
	"private":        set(`prod-1; prod-2 {"d":"AQAB"}; prod-es {"d":"AQAB"}`),
	"shared secret":  set(`prod-1; {"kty":"oct","kid":"hmac-1","k":"AAAA"}`),
	"short modulus":  set(`prod-1; prod-1024`),
	"post-quantum":   set(`prod-1; {"kty":"AKP","kid":"pq-1","alg":"ML-DSA-65","pub":"AAAA"}`),
	"padded":         set(`prod-1 {"e":"AAEAAQ=="}; prod-2; {"kty":"OKP","crv":"X25519","kid":"x-1","x":"AAAA"}`),
	"twins, first":   set(`prod-1; prod-2 {"kid":"prod-1"}`),
	"twins, last":    set(`prod-2 {"kid":"prod-1"}; prod-1`),
	"twins, others":  set(`prod-1; prod-2; prod-4096 {"kid":"prod-2"}`),
	"alternatives":   set(`prod-1; prod-es {"kid":"prod-1"}`),
	"stale": func(w *world, _ *checks.Profile, e *checks.KeyEvidence) {
		e.Fetched, e.Fresh, e.Problem = now.Add(-42*time.Minute), false, redact.Msg("the issuer's key set could not be refreshed: it did not answer in time")
	},
	"stale file": func(w *world, _ *checks.Profile, e *checks.KeyEvidence) {
		e.Fetched, e.Fresh, e.Problem = time.Time{}, false, redact.Msg("the key set file could not be refreshed: there is no such file")
	},
	"unreachable": func(_ *world, _ *checks.Profile, e *checks.KeyEvidence) {
		*e = checks.KeyEvidence{Problem: redact.Msg("the issuer's key set could not be had: it did not answer in time")}
	},
	"certified until yesterday": certified(-400*24*time.Hour, -24*time.Hour),
	"certified from tomorrow":   certified(24*time.Hour, 400*24*time.Hour),
	"certified":                 certified(-24*time.Hour, 400*24*time.Hour),
	"the secret is public": func(w *world, _ *checks.Profile, e *checks.KeyEvidence) {
		e.Set = checks.NewKeySet([]checks.Key{{ID: "prod-ed", Type: "OKP", Curve: "Ed25519", Public: ed25519.PublicKey(w.secret())}})
	},
	"HS512":                       func(_ *world, p *checks.Profile, _ *checks.KeyEvidence) { p.Algorithms = []string{"HS512"} },
	"secret of the documentation": secret(func([]byte) string { return "a-string-secret-at-least-256-" + "bits-long" }),
	"secret in base64":            secret(base64.StdEncoding.EncodeToString),
	"secret in base64url":         secret(base64.RawURLEncoding.EncodeToString),
	"secret in hexadecimal":       secret(func(b []byte) string { return fmt.Sprintf("%x", b) }),
	"secret with a line break":    secret(func(b []byte) string { return string(b) + "\n" }),
}

func (w *world) secret() []byte { return w.keys.Public("secret").([]byte) }

func secret(spell func([]byte) string) func(*world, *checks.Profile, *checks.KeyEvidence) {
	return func(w *world, p *checks.Profile, _ *checks.KeyEvidence) {
		p.Secret = redact.NewSecret(spell(w.secret()))
	}
}

func certified(from, to time.Duration) func(*world, *checks.Profile, *checks.KeyEvidence) {
	return func(w *world, _ *checks.Profile, e *checks.KeyEvidence) {
		e.Set = w.keySet("prod-1")
		e.Set.Keys[0].From, e.Set.Keys[0].To = now.Add(from), now.Add(to)
	}
}

// set is a key set as an issuer publishes it, read by package keys. Its entries are separated by
// semicolons: a key of the fixture, with members that replace its own or, if null, are taken away.
func set(entries string) func(*world, *checks.Profile, *checks.KeyEvidence) {
	return func(w *world, _ *checks.Profile, e *checks.KeyEvidence) {
		list := []map[string]any{}
		for _, entry := range strings.FieldsFunc(entries, func(r rune) bool { return r == ';' }) {
			names, members, _ := strings.Cut(entry, "{")
			for _, name := range append(strings.Fields(names), "")[:max(1, len(strings.Fields(names)))] {
				jwk := map[string]any{}
				if name != "" {
					jwk = w.keys.JWK(name)
				}
				if members != "" {
					if err := json.Unmarshal([]byte("{"+members), &jwk); err != nil {
						panic(err)
					}
				}
				for member, value := range jwk {
					if value == nil {
						delete(jwk, member)
					}
				}
				list = append(list, jwk)
			}
		}
		document, err := json.Marshal(map[string]any{"keys": list})
		if err != nil {
			panic(err)
		}
		if e.Set, err = keys.Parse(document); err != nil {
			panic(err)
		}
	}
}

var namedKey = regexp.MustCompile(`"<(jwk) of ([a-z0-9-]+)>"`)

// withKeys fills in the public keys that a recipe names, as `"<jwk of stranger>"`.
func (w *world) withKeys(t testing.TB, recipe string) string {
	return namedKey.ReplaceAllStringFunc(recipe, func(hole string) string {
		jwk, err := json.Marshal(w.keys.JWK(namedKey.FindStringSubmatch(hole)[2]))
		if err != nil {
			t.Fatal(err)
		}
		return string(jwk)
	})
}
