package redact

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
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

// BenchmarkNet is the outgoing net in MB/s beside its floors in the same run: a search for one byte
// that is not there, and the regular expression that most bots would use.
func BenchmarkNet(b *testing.B) {
	kit := blockKit(b)
	prose := bytes.Repeat([]byte(strings.Repeat("Every check passes: production would accept this token. ", 70)), 16)
	run := strings.Repeat("aB3", 13)
	pattern := regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)
	canary := someCanary()
	texts := []struct {
		name string
		b    []byte
	}{
		{"BlockKit", kit},
		{"Prose", prose},
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
			{"regexp", pattern.Match},
			{"memchr", func(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 }},
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
}

// BenchmarkNewCanary is what a submission pays for its own net.
func BenchmarkNewCanary(b *testing.B) {
	token, members := NewSecret(mintJWS(`{"alg":"RS256","kid":"prod-1"}`, somePayload+strings.Repeat(" ", 400))), someMembers()
	b.ReportAllocs()
	for b.Loop() {
		Policy{}.Canary(token, members, "production", "https://issuer.example")
	}
}
