package redact

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// blockKit is Block Kit JSON as it is sent, 4 KB and more.
func blockKit(b testing.TB) []byte {
	raw, err := os.ReadFile("../bot/slack/testdata/message.json")
	if err != nil {
		b.Fatal(err)
	}
	var compact bytes.Buffer
	for line := range strings.Lines(string(raw)) {
		compact.WriteString(strings.TrimSpace(line))
	}
	return bytes.Repeat(compact.Bytes(), 16)
}

// jwtRule is the regular expression of gitleaks' rule for JWTs (config/gitleaks.toml, id jwt), here
// run by Go's regexp as gitleaks does, without its keyword search, entropy and allow lists.
var jwtRule = regexp.MustCompile(`\b(ey[a-zA-Z0-9]{17,}\.ey[a-zA-Z0-9\/\\_-]{17,}\.(?:[a-zA-Z0-9\/\\_-]{10,}={0,2})?)(?:[\x60'"\s;]|\\[nr]|$)`)

// BenchmarkNet is the outgoing net in MB/s beside its floors in the same run: any run of 40, skipping
// backwards, and a search for one byte that is not there; and beside the rule that a scanner would use.
func BenchmarkNet(b *testing.B) {
	kit := blockKit(b)
	run := strings.Repeat("aB3", 13)
	canary := someCanary()
	texts := []struct {
		name string
		b    []byte
	}{
		{"BlockKit", kit},
		{"Prose", bytes.Repeat([]byte(strings.Repeat("Every check passes: production would accept this token. ", 70)), 16)},
		{"Runs39", bytes.Repeat([]byte(run+"."), 2000)},
		{"Runs19", bytes.Repeat([]byte(run[:19]+"."), 4000)},
		{"CJK", bytes.Repeat([]byte("秘密ではない文章です"), 3000)},
		{"Paths", bytes.Repeat([]byte("/orders/v1/items"), 5000)},
		{"Escapes", bytes.Repeat([]byte(`\u0020`), 12000)},
		{"Percent", bytes.Repeat([]byte(`%7B%22`), 12000)},
		{"BEGIN", bytes.Repeat([]byte(`-----BEGIN `), 6000)},
	}
	for _, text := range texts {
		for _, net := range []struct {
			name string
			scan func([]byte) bool
		}{
			{"Scan", func(b []byte) bool { return Scan(b) != Nothing }},
			{"Canary", func(b []byte) bool { return canary.In(b) != Nothing }},
			{"floor", Leaks[[]byte]},
			{"memchr", func(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 }},
			{"gitleaks", jwtRule.Match},
		} {
			b.Run(text.name+"/"+net.name, func(b *testing.B) {
				b.SetBytes(int64(len(text.b)))
				b.ReportAllocs()
				for b.Loop() {
					if net.scan(text.b) {
						b.Fatal("found")
					}
				}
			})
		}
	}
	// The ratios, alternating in slices of milliseconds: all that holds on a noisy machine.
	b.Run("BlockKit/paired", func(b *testing.B) {
		ours := func() { _ = Scan(kit) }
		var floor, rule []float64
		for b.Loop() {
			a := slice(ours)
			floor = append(floor, float64(a)/float64(slice(func() { _ = Leaks(kit) })))
			rule = append(rule, float64(slice(func() { _ = jwtRule.Match(kit) }))/float64(a))
		}
		slices.Sort(floor)
		slices.Sort(rule)
		b.ReportMetric(floor[len(floor)/2], "x-floor")
		b.ReportMetric(rule[len(rule)/2], "x-faster-than-gitleaks")
		b.ReportMetric(0, "ns/op")
	})
}

// slice is the time that f takes, measured over a few milliseconds.
func slice(f func()) time.Duration {
	start := time.Now()
	for n := 1; ; n++ {
		f()
		if d := time.Since(start); d >= 2*time.Millisecond {
			return d / time.Duration(n)
		}
	}
}

// BenchmarkNewCanary is what a submission pays for its own net.
func BenchmarkNewCanary(b *testing.B) {
	token, members := NewSecret(mintJWS(`{"alg":"RS256","kid":"prod-1"}`, somePayload+strings.Repeat(" ", 400))), someMembers()
	b.ReportAllocs()
	for b.Loop() {
		Policy{}.Canary(token, members, "production", "https://issuer.example")
	}
}
