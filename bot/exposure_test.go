package bot

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks/mint"
	"jwt-check-bot/redact"
)

var exposureTime = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// exposureTokens are whole tokens of several makes.
func exposureTokens(t testing.TB) map[string]string {
	t.Helper()
	k := mint.NewKeys()
	recipes := map[string]string{
		"RS256": `{"alg":"RS256","kid":"k-RS256","iss":"https://login.example/","sub":"u-1","exp":"now+1h"}`,
		"ES256": `{"alg":"ES256","kid":"k-ES256","typ":"at+jwt","iss":"https://login.example/","aud":["a","b"],"exp":"now+1h"}`,
		"HS256": `{"alg":"HS256","sub":"1","name":"A"}`,
		"EdDSA": `{"alg":"EdDSA","scope":"orders:read orders:write","exp":"now+1h"}`,
	}
	all := map[string]string{}
	for alg, recipe := range recipes {
		if err := k.Key("k-"+alg, alg); err != nil {
			t.Fatal(err)
		}
		all[alg] = k.MustMint(exposureTime, recipe, `{"kid":"k-`+alg+`"}`)
	}
	noise := noisy(400)
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM"}`))
	all["JWE"] = head + "." + noise[:60] + "." + noise[60:76] + "." + noise[76:300] + "." + noise[300:322]
	all["JWE, dir"] = head + ".." + noise[60:76] + "." + noise[76:300] + "." + noise[300:322]
	pretty := base64.RawURLEncoding.EncodeToString([]byte("{\n  \"alg\": \"HS256\"\n}"))
	all["indented"] = pretty + ".e30." + noise[:43]
	return all
}

// noisy is n characters of base64url that are nobody's.
func noisy(n int) string {
	var b strings.Builder
	x := uint32(2463534242)
	for range n {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[x%64])
	}
	return b.String()
}

// inLines breaks s after every n characters.
func inLines(s string, n int, by string) string {
	var lines []string
	for len(s) > n {
		lines, s = append(lines, s[:n]), s[n:]
	}
	return strings.Join(append(lines, s), by)
}

// every replaces each character.
func every(s string, by func(byte) string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteString(by(s[i]))
	}
	return b.String()
}

// TestTokensAreSeen: every token in every spelling.
func TestTokensAreSeen(t *testing.T) {
	percent := func(c byte) string {
		return "%" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15]))
	}
	spellings := map[string]func(string) string{
		"plain":           func(s string) string { return s },
		"in a sentence":   func(s string) string { return "It says 401. The token is " + s + ". Can you look? Thanks" },
		"Bearer":          func(s string) string { return "Authorization: Bearer " + s },
		"glued to Bearer": func(s string) string { return "Bearer" + s },
		"bearer in lines": func(s string) string { return "authorization: bearer\n" + inLines(s, 76, "\n") },
		"backticks":       func(s string) string { return "`" + s + "`" },
		"a block":         func(s string) string { return "```\n" + inLines(s, 64, "\n") + "\n```" },
		"quoted":          func(s string) string { return `{"access_token":"` + s + `","token_type":"Bearer"}` },
		"smart quotes":    func(s string) string { return "“" + s + "”" },
		"angle brackets":  func(s string) string { return "&lt;" + s + "&gt;" },
		"a link": func(s string) string {
			return "<https://api.example/cb?token=" + s + "|https://api.example/cb?token=" + s + ">"
		},
		"in a path":         func(s string) string { return "https://api.example/verify/" + s },
		"bold":              func(s string) string { return "*" + s + "*" },
		"a quotation":       func(s string) string { return "&gt; " + inLines(s, 70, "\n&gt; ") },
		"spaces":            func(s string) string { return inLines(s, 10, " ") },
		"narrow lines":      func(s string) string { return inLines(s, 4, "\r\n") },
		"each character":    func(s string) string { return inLines(s, 1, " ") },
		"zero-width":        func(s string) string { return inLines(s, 3, "\u200b") },
		"soft hyphens":      func(s string) string { return inLines(s, 7, "\u00ad\u2060") },
		"no-break spaces":   func(s string) string { return inLines(s, 8, "\u00a0") },
		"around the dots":   func(s string) string { return strings.ReplaceAll(s, ".", " . ") },
		"dots escaped":      func(s string) string { return strings.ReplaceAll(s, ".", "%2E") },
		"percent-escaped":   func(s string) string { return every(s, percent) },
		"escaped twice":     func(s string) string { return url.QueryEscape(every(s, percent)) },
		"JSON-escaped":      func(s string) string { return strings.ReplaceAll(s, "e", `\u0065`) },
		"line breaks, JSON": func(s string) string { return inLines(s, 60, `\n`) },
		"concatenated":      func(s string) string { return `"` + inLines(s, 40, "\" +\n  \"") + `"` },
		"in the shell":      func(s string) string { return "curl -H 'Authorization: Bearer '\\\n'" + inLines(s, 70, "\\\n") + "'" },
		"without its end":   func(s string) string { return s[:strings.LastIndexByte(s, '.')-1] },
		"padded":            func(s string) string { return strings.ReplaceAll(s, ".", "==.") },
	}
	for name, token := range exposureTokens(t) {
		for spelling, spell := range spellings {
			if name == "indented" && spelling == "without its end" { // a header alone is none
				continue
			}
			if !holdsToken(redact.NewSecret(spell(token))) {
				t.Errorf("%s, %s: not seen", name, spelling)
			}
		}
	}
}

// TestWhatIsAToken is the table of decisions, each with its reason: in a message of a channel, and
// typed to the bot.
func TestWhatIsAToken(t *testing.T) {
	token := exposureTokens(t)["RS256"]
	head, rest, _ := strings.Cut(token, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	noise := noisy(300)
	sha1, sha256 := "3b18e512dba79e4c8300dd08aeb37f8e728b8dad", strings.Repeat("3b18e512dba79e4c", 4)
	for _, c := range []struct {
		name, text    string
		posted, typed bool
	}{
		{"two parts of a token, as one cannot tell cut off from cut short", head + "." + claims, true, true},
		{"the last two parts", claims + "." + signature, true, true},
		{"a signature alone: nothing says that it is one", signature, false, true},
		{"claims alone: like any other base64 of JSON, and no credential", claims, false, true},
		{"an opaque token behind its scheme", "Bearer " + noise[:43], true, true},
		{"a short one", "curl -H 'Authorization: Bearer 9f86d081884c7d659a2feaa0'", true, true},
		{"an opaque token without any mark", noise[:43], false, true},
		{"a password-like word below 40", noise[:30], false, false},
		{"a private key", "-----BEGIN " + "PRIVATE KEY-----\n" + inLines(noise, 64, "\n"), true, true},
		{"a credential with a well-known prefix", "deploy with gh" + "p_" + noise[10:46], true, true},

		{"nothing", "", false, false},
		{"a profile", "production", false, false},
		{"a sentence", "The quick brown fox says that eyJ is how tokens begin. Is that so? I had not known it before.", false, false},
		{"a permalink", "https://acme.slack.com/archives/C0123456789/p1700000000000000?thread_ts=1700000000.000000&amp;cid=C0123456789", false, false},
		{"a permalink in brackets", "<https://acme.slack.com/archives/C0123456789/p1700000000000000>", false, false},
		{"a long channel address", "https://app.slack.com/client/T0123ABCD/C0123ABCDEF/thread/C0123ABCDEF-1700000000.000000", false, false},
		{"a document's address", "https://docs.example/document/d/" + noise[:44] + "/edit#heading=h.gjdgxs", false, false},
		{"a git SHA-1", sha1, false, false},
		{"a SHA-256 in hex", "sha256:" + sha256, false, false},
		{"hashes in a list", sha1 + " " + sha256 + "\n" + strings.ToUpper(sha1), false, false},
		{"a UUID", "6fa459ea-ee8a-3ca4-894e-db77e160355e", false, false},
		{"UUIDs", strings.Repeat("6fa459ea-ee8a-3ca4-894e-db77e160355e ", 5), false, false},
		{"a picture in base64: no dots; to the bot there is no reason to type one", "data:image/png;base64,iVBORw0KGgo" + noise, false, true},
		{"a picture that has eyJ in it, by chance", "iVBORw0KGgo" + noise[:90] + "eyJ" + noise[90:] + ". The next sentence has " + noise[:25], false, true},
		{"an integrity hash", "integrity sha512-" + noise[:86] + "==", false, true},
		{"a cursor: JSON in base64, short", base64.StdEncoding.EncodeToString([]byte(`{"id":123,"dir":"next"}`)), false, false},
		{"a header alone: it holds no secret", head[:30], false, false},
		{"a header in a sentence", head[:30] + " is the header. The rest I can send you in private, tell me", false, true},
		{"an elided token", head + ".eyJz....", false, len(head) >= 40},
		{"elided with an ellipsis", head[:20] + "….eyJz….", false, false},
		{"a placeholder", "Authorization: Bearer <token>", false, false},
		{"a variable", "Authorization: Bearer $ACCESS_TOKEN_OF_THE_STAGING_CLIENT", false, false},
		{"bearer in prose", "bearer tokens are rejected since 2026-11-23T09:50:00Z", false, false},
		{"a slug", "how-to-set-up-the-jwt-check-bot-in-an-incident-channel", false, false},
		{"camel case", "getUserByIdFromCacheOrDatabaseAndThenRefreshItEveryTime", false, false},
		{"requirements", "scope=orders:write, tenant_id=acme-europe-production, realm_access.roles=admin", false, false},
		{"a role's name that is an address", "https://acme.example/claims/roles=OrdersAdministratorsOfTheEuropeanRegion1", false, false},
		{"a route", "POST /api/v2/customers/{customerId}/orders/{orderId}/items", false, false},
		{"other scripts", "Le jeton a expiré à 9 h 50. トークンの有効期限が切れています。", false, false},
	} {
		if got := holdsToken(redact.NewSecret(c.text)); got != c.posted {
			t.Errorf("%s, posted: %v", c.name, got)
		}
		if got := holdsTokenPart(redact.NewSecret(c.text)); got != c.typed {
			t.Errorf("%s, typed to the bot: %v", c.name, got)
		}
	}
}

func FuzzHoldsToken(f *testing.F) {
	tokens := exposureTokens(f)
	for _, token := range tokens {
		f.Add("It is ", " and no longer")
		f.Add(token, "%2")
		f.Add("\"", "\\u00")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before)+len(after) > 4000 {
			return
		}
		_ = holdsTokenPart(redact.NewSecret(before + after))
		// On a line of its own, and not behind what would undo it.
		if !strings.ContainsAny(before, "%\\&") && len(before) < 40 && !holdsToken(redact.NewSecret(before+", "+tokens["ES256"]+", "+after)) {
			t.Error("a token is not seen")
		}
	})
}

// BenchmarkHoldsToken is what every message of a watched channel costs before it is acknowledged.
func BenchmarkHoldsToken(b *testing.B) {
	for name, text := range map[string]string{
		"prose":   strings.Repeat("The checkout API answers 401 since 09:50 UTC, and we do not know why yet. ", 54),
		"hostile": strings.Repeat("eyJ ", 10000),
		"gaps":    strings.Repeat("e   ", 10000),
		"picture": noisy(40000),
	} {
		b.Run(name, func(b *testing.B) {
			s := redact.NewSecret(text)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				holdsToken(s)
			}
		})
	}
}
