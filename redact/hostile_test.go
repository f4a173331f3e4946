package redact

import (
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestHostileValuesStayInert shows each value where its claim may be shown.
func TestHostileValuesStayInert(t *testing.T) {
	p := Policy{}.With("extra")
	for _, c := range []struct{ what, raw, want string }{
		{"channel", `"<!channel>"`, "‹!channel›"},
		{"member", `"<@U0123ABC>"`, "‹@U0123ABC›"},
		{"group", `"<!subteam^S1|all>"`, "‹!subteam^S1|all›"},
		{"date", `"<!date^1^{ago}|x>"`, "‹!date^1^{ago}|x›"},
		{"link", `"<https://evil.example|click>"`, "‹https://evil.example|click›"},
		{"mailto", `"mailto:ana@shop.example"`, "string, 23 characters"},
		{"entity", `"&lt;!here&gt;"`, "＆lt;!here＆gt;"},
		{"escapes", `"\u003c!here\u003e"`, "‹!here›"},
		{"code", "\"```rm```\"", "```rm```"},
		{"emoji", `":tada:"`, ":tada:"},
		{"bidi", `"\u202eelimaxe\u202c"`, "·elimaxe·"},
		{"isolate", `"\u2066x\u2069"`, "·x·"},
		{"zero-width", `"a\u200bb\ufeffc\u00add"`, "a·b·c·d"},
		{"line breaks", `"*Next*\n✓ Accepted\r\ncause: none"`, "*Next* ✓ Accepted cause: none"},
		{"separators", `"a\u2028b\u2029c"`, "a b c"},
		{"terminal", `"\u001b[31mred\u0007"`, "·[31mred·"},
		{"tags", `"x\udb40\udc41y"`, "x·y"},
		{"surrogate", `"\ud800x"`, "·x"},
		{"token", `"` + "eyJ" + strings.Repeat("aB3x", 12) + `"`, "string, 51 characters"},
		{"token, short", `"` + "eyJ" + `hbGciOiJub25lIn0.e30."`, "[hidden]"},
		{"card", `"4111-1111-1111-1111"`, "string, 19 characters"},
		{"telephone", `"+34 600 000 000"`, "string, 15 characters"},
		{"UUID", `"00000003-0000-0000-c000-000000000000"`, "00000003-0000-0000-c000-000000000000"}, {"UUID in a URI", `"api://00000002-0000-0ff1-ce00-000000000000/x"`, "api://00000002-0000-0ff1-ce00-000000000000/x"},
		{"no UUID", `"00491711-2345-6789"`, "string, 18 characters"}, {"UUID, and a card", `"00000003-0000-0000-c000-000000000000 4111-1111-1111-1111"`, "string, 56 characters"},
		{"person", `"Ana <ana@shop.example>"`, "string, 22 characters"},
		{"password", `"password=hunter2"`, "string, 16 characters"},
		{"key", `"-----BEGIN ` + `PRIVATE KEY-----"`, "string, 27 characters"},
		{"user in a URL", `"https://a:b@shop.example"`, "string, 24 characters"},
		{"prefix", `"ghp` + `_abc"`, "string, 7 characters"},
		{"query", `"https://shop.example/a?q=hunter2&x=1#y"`, "https://shop.example/a?…"}, {"query without a name", `"https://shop.example/a?hunter2"`, "https://shop.example/a?…"},
		{"fragment", `"https://shop.example/a#sid=hunter2"`, "https://shop.example/a#…"}, {"path parameter", `"https://shop.example/a;sid=hunter2/b"`, "https://shop.example/a;…"},
		{"fragment that is a name", `"https://shop.example/roles#admin"`, "https://shop.example/roles#admin"}, {"question", `"why?"`, "why?"}, {"no address", `"/a?q=hunter2"`, "/a?…"},
		{"queries in a list", `["https://a.example/?q=1","https://b.example/?q=hunter2"]`, "https://a.example/?… https://b.example/?…"},
		{"persons in a list", `["buyer","ana@shop.example"]`, "buyer [hidden]"},
		{"object", `{"a":{"b":"ana@shop.example"},"c":1}`, "object, 2 members"},
		{"mixed list", `[1,{"a":2}]`, "array, 2 elements"},
		{"card, split unseen", `"4111\u200b1111\u200b1111\u200b1111"`, "string, 19 characters"}, {"card, hard spaces", `"4111\u00a01111\u00a01111\u00a01111"`, "string, 19 characters"},
		{"card, wide", `"４１１１１１１１１１１１１１１１"`, "string, 16 characters"}, {"person, wide", `"ana＠shop.example"`, "string, 16 characters"}, {"person, split unseen", `"ana\u200b@\u200bshop.example"`, "string, 18 characters"},
		{"person, quoted", `"\"ana\"@shop.example"`, "string, 18 characters"}, {"person, literal domain", `"ana@[192.0.2.1]"`, "string, 15 characters"}, {"person, plus", `"ana+@shop.example"`, "string, 17 characters"},
		{"telephone, split unseen", `"+34\u00ad600\u00ad000\u00ad000"`, "string, 15 characters"}, {"password, split unseen", `"pass\u200bword=hunter2"`, "string, 17 characters"}, {"prefix, split unseen", `"gh` + `\u2060p_abc"`, "string, 8 characters"},
		{"package", `"https://cdn.example/@acme/shop.js"`, "https://cdn.example/@acme/shop.js"}, {"umlauts", `"Bestellungen für Köln"`, "Bestellungen für Köln"},
		{"token, split unseen", `"` + every("eyJhbGciOiJub25lIn0aB3xaB3xaB3xaB3xaB3xaB3xaB3xaB3x", 9, `\u200b`) + `"`, "string, 56 characters"},
		{"signature, split unseen", `"` + every(strings.Repeat("aB3x", 12), 20, `\u00ad`) + `"`, "string, 50 characters"}, {"signature, in lines", `"` + every(strings.Repeat("aB3x", 12), 20, `\n`) + `"`, "string, 50 characters"},
		{"card as a number", `4111111111111111`, "number"},
		{"card in pieces", `["4111","1111","1111","1111"]`, "array, 4 elements"},
		{"long number", strings.Repeat("9", 400), "number"},
		{"number", `42`, "42"}, {"boolean", `true`, "true"}, {"null", `null`, "null"}, {"empty", `""`, "(empty)"},
	} {
		_, got, _ := p.Value(member(Claim, "extra", c.raw))
		if got.String() != c.want {
			t.Errorf("%s: %q, want %q", c.what, got.String(), c.want)
		}
		for _, text := range []Text{got, p.Text(Msg("{}", Show(member(Claim, "extra", c.raw)))), p.Text(Msg("{}", Public(c.raw))), p.Text(Msg("{}", Operator(c.raw)))} {
			if why := inert(text.String()); why != "" {
				t.Errorf("%s: %s in %q", c.what, why, text.String())
			}
		}
	}
}

// TestNamesThatImitateUsStayInert: a name cannot break its line, and none is long.
func TestNamesThatImitateUsStayInert(t *testing.T) {
	for _, name := range []string{
		"✓ Accepted · cause: none", "Why\n✓ everything", "*Claims, redacted*", "\u202eelif", "<!channel>", ":white_check_mark:", "a b", "exp\u200b", "ехр", // the last in Cyrillic
		"sub is shown because", "https://evil.example/?q=<x>", strings.Repeat("n", 100_000), "\x00", "", "https://a:b@shop.example/x", "eyJ" + strings.Repeat("aB3x", 12),
	} {
		n, _, _ := Policy{}.Value(member(Claim, name, `1`))
		if !strings.HasPrefix(n.String(), "(a name not shown, ") && n.String() != ":white_check_mark:" || inert(n.String()) != "" {
			t.Errorf("%q is shown as %q", name[:min(len(name), 40)], n.String())
		}
	}
}

// TestSizesAreBounded shows what no honest issuer sends; the time is for a test that hangs.
func TestSizesAreBounded(t *testing.T) {
	started := time.Now()
	long, wide := strings.Repeat("long ", 20_000), strings.Repeat(`"w",`, 20_000)
	deep := strings.Repeat(`{"a":[`, 500) + strings.Repeat(`]}`, 500)
	p := Policy{}.With("extra")
	for _, name := range []string{"extra", "aud", "scope", "iss", "kid", "sub", "exp", "roles", "other"} {
		for _, raw := range []string{`"` + long + `"`, `"` + strings.Repeat("x", 100_000) + `"`, `"` + strings.Repeat("é", 50_000) + `"`, "[" + wide + `"w"]`, deep, "[" + deep + "]", strings.Repeat("1", 100_000), `"` + strings.Repeat(`\u003c`, 20_000) + `"`} {
			for _, place := range []Place{Claim, HeaderParameter} {
				v := member(place, name, raw)
				n, s, _ := p.Value(v)
				for _, text := range []Text{n, s, p.Text(Msg("{} {}", Name(v), Show(v)))} {
					if c := utf8.RuneCountInString(text.String()); c > 900 {
						t.Errorf("%s of %d bytes: %d characters", name, len(raw), c)
					}
				}
			}
		}
	}
	items := make([]Message, 10_000)
	for i := range items {
		items[i] = Msg("{}", Name(member(Claim, "claim"+strconv.Itoa(i), `1`)))
	}
	if s := p.Text(Msg("{}", Items(items))).String(); len(s) > 500 || !strings.HasSuffix(s, "… 9980 more") {
		t.Errorf("10,000 claims: %d bytes", len(s))
	}
	m := Msg("end")
	for range 1000 {
		m = Msg("({}{})", Part(m), Part(m))
	}
	if s := p.Text(m).String(); len(s) > 5000 {
		t.Errorf("depth 1,000: %d bytes", len(s))
	}
	if took := time.Since(started); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}
