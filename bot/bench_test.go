package bot

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/mint"
	"jwt-check-bot/redact"
)

// BenchmarkRender is all that follows a check: redaction, blocks and their JSON, beside a raw RS256
// verify in alternating slices of one run, since only such a ratio holds on a noisy machine.
func BenchmarkRender(b *testing.B) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	ring := mint.NewKeys()
	if err := ring.Key("prod-1", "RS256"); err != nil {
		b.Fatal(err)
	}
	public := ring.Public("prod-1").(*rsa.PublicKey)
	profile := &checks.Profile{
		Name: "production", Issuer: "https://login.example/prod", Audience: []string{"api://orders"},
		Algorithms: []string{"RS256"}, Leeway: time.Minute, MaxLifetime: 24 * time.Hour,
	}
	evidence := checks.Evidence{Keys: []checks.KeyEvidence{{
		Set:    checks.NewKeySet([]checks.Key{{ID: "prod-1", Use: "sig", Type: "RSA", Public: public}}),
		Source: redact.Msg("the issuer's key set"), Fetched: now, Fresh: true,
	}}}
	const recipe = `{"alg":"RS256","typ":"at+jwt","kid":"prod-1","iss":"https://login.example/prod","aud":"api://orders",
"sub":"auth0|5f7c8ec7c33c6c004bbafe9f","client_id":"web","iat":"now-5m","nbf":"now-5m","exp":"now+55m",
"jti":"7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44","scope":"orders:read orders:list","email_verified":true,"locale":"en",
"groups":["orders-team","on-call","payments"],"name_hidden":"a hidden claim of some length, as real tokens have"}`
	for _, c := range []struct{ name, change string }{{"accepted", `{}`}, {"rejected", `{"exp":"now-1h","aud":"mobile-app"}`}} {
		b.Run(c.name, func(b *testing.B) {
			pasted := ring.MustMint(now, recipe, c.change)
			token, err := checks.Parse(redact.NewSecret(pasted))
			if err != nil {
				b.Fatal(err)
			}
			report := checks.Run(&checks.Case{Token: token, Profile: profile, Profiles: []*checks.Profile{profile}, Evidence: evidence, Now: now}, checks.Ladder())
			render := func() {
				m := summaryMessage(Summarize(report), "U0ANA")
				slack.AckUpdate(slack.Modal{Title: m.Text, Blocks: m.Blocks})
			}
			raw := func() {
				i := strings.LastIndexByte(pasted, '.')
				sig, _ := base64.RawURLEncoding.DecodeString(pasted[i+1:])
				sum := sha256.Sum256([]byte(pasted[:i]))
				if rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], sig) != nil {
					b.Fatal("does not verify")
				}
			}
			var took, ratios []float64
			for round := 0; b.Loop(); round++ {
				first, second := render, raw
				if round%2 == 1 {
					first, second = raw, render
				}
				a, z := nanoseconds(first), nanoseconds(second)
				if round%2 == 1 {
					a, z = z, a
				}
				took, ratios = append(took, a), append(ratios, a/z)
			}
			slices.Sort(took)
			slices.Sort(ratios)
			b.ReportMetric(took[len(took)/2], "ns/op")
			b.ReportMetric(ratios[len(ratios)/2], "x-raw-RS256")
			b.ReportMetric(testing.AllocsPerRun(10, render), "allocs")
		})
	}
}

// nanoseconds is what a call takes, measured over a few milliseconds.
func nanoseconds(run func()) float64 {
	start := time.Now()
	for calls := 0; ; {
		for range 16 {
			run()
		}
		calls += 16
		if took := time.Since(start); took >= 2*time.Millisecond {
			return float64(took) / float64(calls)
		}
	}
}
