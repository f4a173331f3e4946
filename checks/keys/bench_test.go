package keys

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"jwt-check-bot/checks/mint"
)

// thousand is a key set of n keys of one kind: four different ones in turn, under many kids.
func thousand(alg string, n int) []byte {
	k := mint.NewKeys()
	var entries []any
	for i := range n {
		name := fmt.Sprint("key-", i%4)
		if err := k.Key(name, alg); err != nil {
			panic(err)
		}
		m := k.JWK(name)
		m["kid"] = fmt.Sprint("key-", i)
		entries = append(entries, m)
	}
	return document(entries...)
}

// BenchmarkParse reads a set of 1,000 keys, and reports the time beside that of jwx for the same
// set, in alternation.
func BenchmarkParse(b *testing.B) {
	for _, alg := range []string{"RS256", "ES256", "EdDSA"} {
		set := thousand(alg, 1000)
		b.Run(alg, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(set); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(paired(20, func() { _, _ = Parse(set) }, func() {
				_, _ = jwk.Parse(set, jwk.WithStrictKeySetParsing(false))
			}), "x-jwx")
		})
	}
}

// BenchmarkRefuseHugeKey reads an RSA key of 16,384 bits with a large exponent, and reports the time
// beside that of one RS256 verification.
func BenchmarkRefuseHugeKey(b *testing.B) {
	huge := document(members{"kty": "RSA", "kid": "x", "n": encode(ones(2048)), "e": encode(ones(2048))})
	public := samples().Public("rsa").(*rsa.PublicKey)
	sum, signature := make([]byte, 32), make([]byte, 256)
	signature[255] = 1
	verify := func() { _ = rsa.VerifyPKCS1v15(public, crypto.SHA256, sum, signature) }
	r := newReader(huge)
	r.enter('{')
	r.name()
	r.enter('[')
	e := readEntry(r)
	b.ReportAllocs()
	for b.Loop() {
		e.key()
	}
	b.ReportMetric(paired(200, func() { e.key() }, verify), "x-verify")
	b.ReportMetric(paired(200, func() { _, _ = Parse(huge) }, verify), "parsed-x-verify")
}

// paired is the median of the ratios of two works' times, done in turn.
func paired(n int, a, b func()) float64 {
	ratios := make([]float64, n)
	timed := func(f func()) time.Duration {
		start := time.Now()
		f()
		return time.Since(start)
	}
	for i := range ratios {
		var ours, theirs time.Duration
		if i%2 == 0 {
			ours, theirs = timed(a), timed(b)
		} else {
			theirs, ours = timed(b), timed(a)
		}
		ratios[i] = float64(ours) / float64(theirs)
	}
	slices.Sort(ratios)
	return ratios[n/2]
}
