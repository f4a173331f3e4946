package redact

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
)

// member builds a Value from a JSON object of one member.
func member(place Place, name, raw string) Value {
	src := name + raw
	return NewValue(place, Range(0, len(name)), Range(len(name), len(src)), func() string { return src })
}

func TestPolicyShowsOnlyWhatTheTableNames(t *testing.T) {
	long := strings.Repeat("Ab3", 15)
	for _, c := range []struct {
		place      Place
		name, raw  string
		want       string
		visibility Visibility
	}{
		{HeaderParameter, "alg", `"RS256"`, "RS256", Shown},
		{Claim, "alg", `"RS256"`, "string, 5 characters", Hidden},
		{HeaderParameter, "kid", `"` + long + `"`, "Ab3Ab3Ab3A…Ab3Ab3", Shown},
		{Claim, "iss", `"https://issuer.example/"`, "https://issuer.example/", Shown},
		{Claim, "iss", `"https://user:pw@issuer.example/"`, "string, 31 characters", Hidden},
		{Claim, "iss", `["a"]`, "array, 1 element", Hidden},
		{Claim, "aud", `["api://orders","mobile"]`, "api://orders mobile", Shown},
		{Claim, "aud", `"ana@example.com"`, "[hidden]", Shown},
		{Claim, "exp", `1700000000`, "1700000000", Shown},
		{Claim, "exp", `"1700000000"`, "string, 10 characters", Hidden},
		{Claim, "scope", `"orders:read orders:write"`, "orders:read orders:write", Shown},
		{Claim, "sub", `"auth0|5f7c8ec7c33c6c004bbafe9f"`, "au…9f", Masked},
		{Claim, "sub", `"short"`, "…", Masked},
		{Claim, "sub", `{"a":1}`, "object, 1 member", Hidden},
		{Claim, "email", `"ana@example.com"`, "string, 15 characters", Hidden},
		{Claim, "note", `"<!channel> hi"`, "string, 13 characters", Hidden},
		{Claim, "client_id", `"` + "eyJ" + long + `"`, "string, 48 characters", Hidden},
		{Claim, "admin", `true`, "boolean", Hidden},
		{Claim, "resource_access.web.roles", `["buyer"]`, "buyer", Shown},
	} {
		_, got, visibility := Policy{}.Value(member(c.place, c.name, c.raw))
		if got.String() != c.want || visibility != c.visibility {
			t.Errorf("%s: got %q (%v), want %q (%v)", c.name, got.String(), visibility, c.want, c.visibility)
		}
	}
}

func TestShowClaimsWidensButNotPastTheGuards(t *testing.T) {
	p := Policy{}.With("tier", "contact")
	if _, got, v := p.Value(member(Claim, "tier", `"gold"`)); got.String() != "gold" || v != Shown {
		t.Errorf("tier: %q %v", got.String(), v)
	}
	if _, got, _ := p.Value(member(Claim, "contact", `"ana@example.com"`)); strings.Contains(got.String(), "ana") {
		t.Errorf("contact shown: %q", got.String())
	}
	if _, got, _ := p.Value(member(Claim, "contact", `"4111 1111 1111 1111"`)); strings.Contains(got.String(), "4111") {
		t.Errorf("card shown: %q", got.String())
	}
}

func TestNamesAreContentToo(t *testing.T) {
	for _, name := range []string{"ana@example.com", "+34 600 000 000", "user123456789", strings.Repeat("x", 90)} {
		got, _, _ := Policy{}.Value(member(Claim, name, `1`))
		if !strings.HasPrefix(got.String(), "(a name not shown") {
			t.Errorf("shown: %q", got.String())
		}
	}
	if got, _, _ := (Policy{}).Value(member(Claim, "https://shop.example/tier", `1`)); got.String() != "https://shop.example/tier" {
		t.Errorf("namespaced name: %q", got.String())
	}
}

func TestHostileTextBecomesInert(t *testing.T) {
	got := Policy{}.Text(Msg("found {}", Public("<!channel> <@U1> a&b \u202eevil\u200b\x1b[0m\n*bold*"))).String()
	if strings.ContainsAny(got, "<>&\n\x1b\u202e\u200b") {
		t.Errorf("not inert: %q", got)
	}
}

func TestAWithheldSentence(t *testing.T) {
	got := Policy{}.Text(Msg("signature {}", Word(literal(strings.Repeat("a", 40)))))
	if got.String() != withheld {
		t.Errorf("got %q", got.String())
	}
}

// TestHiddenValuesInSentences: what stands for a hidden value does not read as the sentence's own words.
func TestHiddenValuesInSentences(t *testing.T) {
	for raw, want := range map[string]string{
		`"ana@example.com"`: "kid (hidden: string, 15 characters) is unknown",
		`["a"]`:             "kid (hidden: array, 1 element) is unknown",
		`null`:              "kid null is unknown",
		`"prod-1"`:          "kid prod-1 is unknown",
		``:                  "kid absent is unknown",
	} {
		if got := (Policy{}).Text(Msg("kid {} is unknown", Show(member(HeaderParameter, "kid", raw)))).String(); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 3 * time.Millisecond: "3 ms", 42 * time.Second: "42 s", 185 * time.Second: "3 min 5 s",
		math.MinInt64: "over 290 years", math.MaxInt64: "over 290 years", longAge: "290 y", -longAge: "290 y",
		2*time.Hour + 14*time.Minute: "2 h 14 min", -76 * time.Hour: "3 d 4 h", 24 * time.Hour: "1 d", 400 * 24 * time.Hour: "1 y 35 d",
	} {
		if got := age(d); got != want {
			t.Errorf("age(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestHeldTypesPrintOneMask(t *testing.T) {
	const canary = "canary-of-a-secret"
	held := []any{NewSecret(canary), member(Claim, "sub", `"`+canary+`"`), Secret{}, Value{}}
	for _, h := range held {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			for _, v := range []any{h, []any{h}, map[string]any{"k": h}, struct{ F any }{h}, &h} {
				if out := fmt.Sprintf(verb, v); strings.Contains(out, canary) || strings.Contains(out, fmt.Sprintf("%x", canary)) {
					t.Errorf("%T %s leaks", h, verb)
				}
			}
		}
		if out := fmt.Sprint(h); out != Mask {
			t.Errorf("%T prints %q", h, out)
		}
		j, err := json.Marshal(map[string]any{"k": h})
		if err != nil || strings.Contains(string(j), canary) || !strings.Contains(string(j), Mask) {
			t.Errorf("%T as JSON: %s %v", h, j, err)
		}
		if x, err := xml.Marshal(h); err == nil && strings.Contains(string(x), canary) {
			t.Errorf("%T as XML leaks", h)
		}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "k", h)
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "k", h)
		if strings.Contains(log.String(), canary) {
			t.Errorf("%T in slog leaks", h)
		}
	}
}

func TestSecretsDecodeInfallibly(t *testing.T) {
	for in, want := range map[string]string{`"a\u0062c"`: "abc", `null`: "", `12`: "12", `{"a":1}`: `{"a":1}`} {
		var s Secret
		if err := json.Unmarshal([]byte(in), &s); err != nil || s.Expose() != want || s.Len() != len(want) {
			t.Errorf("%s: %q %v", in, s.Expose(), err)
		}
	}
}

func TestLeaks(t *testing.T) {
	run := strings.Repeat("aB3-_", 8)
	for _, c := range []struct {
		in   string
		want bool
	}{
		{"", false}, {run[:39], false}, {run, true}, {"x." + run, true}, {strings.Repeat("word ", 50), false},
		{strings.Repeat(".", 77) + run + "..", true}, {run[:39] + "." + run[:39], false}, {run[:20] + " " + run + "!", true},
	} {
		if got := Leaks(c.in); got != c.want {
			t.Errorf("Leaks(%q) = %v", c.in, got)
		}
	}
}
