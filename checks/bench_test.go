package checks_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// BenchmarkCheck is parse and all checks of a token of about 900 bytes.
func BenchmarkCheck(b *testing.B) {
	w := theWorld()
	for _, c := range []struct{ name, recipe string }{
		{"RS256", `{}`}, {"PS256", `{"alg":"PS256","kid":"prod-ps"}`}, {"ES256", `{"alg":"ES256","kid":"prod-es"}`}, {"EdDSA", `{"alg":"EdDSA","kid":"prod-ed"}`},
	} {
		pasted := w.keys.MustMint(now, good, c.recipe, pad900)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				token, _ := checks.Parse(redact.NewSecret(pasted))
				r := checks.Run(&checks.Case{Token: token, Profile: w.profiles[0], Profiles: w.profiles, Evidence: w.evidence, Now: now}, ladder)
				if r.Cause != checks.None {
					b.Fatal(r.Cause)
				}
			}
		})
	}
	pasted := w.keys.MustMint(now, good, pad900)
	pub := w.keys.Public("prod-1").(*rsa.PublicKey)
	b.Run("floor/RS256", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			i := strings.LastIndexByte(pasted, '.')
			sig, _ := base64.RawURLEncoding.DecodeString(pasted[i+1:])
			sum := sha256.Sum256([]byte(pasted[:i]))
			if rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], sig) != nil {
				b.Fatal()
			}
		}
	})
}

var ladder = checks.Ladder()

const pad900 = `{"email_verified":true,"groups":["orders-team","on-call","payments"],"locale":"en","name_hidden":"a hidden claim of some length, as real tokens have"}`
