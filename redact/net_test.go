package redact

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var url64 = base64.RawURLEncoding

// mintJWS makes a token of a header, a payload and 64 random bytes; nothing verifies it here.
func mintJWS(header, payload string) string {
	return url64.EncodeToString([]byte(header)) + "." + url64.EncodeToString([]byte(payload)) + "." + url64.EncodeToString(random(64))
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

const somePayload = `{"iss":"https://issuer.example","sub":"auth0|8f7b2c91","aud":"api://orders","exp":1700000000,"email":"ana@shop.example"}`

func someToken() string { return mintJWS(`{"alg":"ES256","typ":"JWT"}`, somePayload) }

// every puts sep behind each n characters of s.
func every(s string, n int, sep string) string {
	var b strings.Builder
	for i, r := range []rune(s) {
		if i > 0 && i%n == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	return b.String()
}

func percentAll(s string) string { return "%" + every(hex.EncodeToString([]byte(s)), 2, "%") }

func jsonAll(s string) string {
	var b strings.Builder
	for _, c := range s {
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String()
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

// spellings are the 14 of performance.md.
func spellings() map[string]string {
	jws := someToken()
	parts := strings.Split(jws, ".")
	jwe := url64.EncodeToString([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)) + "." + url64.EncodeToString(random(256)) + "." +
		url64.EncodeToString(random(12)) + "." + url64.EncodeToString(random(120)) + "." + url64.EncodeToString(random(16))
	none := mintJWS(`{"alg":"none"}`, somePayload)
	return map[string]string{
		"plain":                     jws,
		"header with a space":       mintJWS(`{ "alg":"ES256","typ":"JWT"}`, somePayload),
		"header with LF":            mintJWS("{\n \"alg\":\"ES256\"}", somePayload),
		"header with CRLF":          mintJWS("{\r\n \"alg\":\"ES256\"}", somePayload),
		"payload with a space":      mintJWS(`{"alg":"ES256"}`, "{ "+somePayload[1:]),
		"alg none":                  none[:strings.LastIndex(none, ".")+1],
		"payload and signature":     parts[1] + "." + parts[2],
		"signature alone":           parts[2],
		"payload alone":             parts[1],
		"wrapped at 64":             every(jws, 64, "\n"),
		"followed by a parenthesis": "(see " + jws + ")",
		"a zero-width space inside": jws[:50] + "\u200b" + jws[50:],
		"JWE":                       jwe,
		"base64 of a token":         base64.StdEncoding.EncodeToString([]byte(jws)),
	}
}

// TestTheFourteenSpellings finds each one as it is, and split in every way that a screen does not
// show or a reader would undo; alone, in prose, and inside Block Kit JSON.
func TestTheFourteenSpellings(t *testing.T) {
	all := spellings()
	if len(all) != 14 {
		t.Fatalf("%d spellings", len(all))
	}
	for name, s := range all {
		forms := map[string]string{
			"as it is": s, "in base64": base64.StdEncoding.EncodeToString([]byte(s)), "in hex": hex.EncodeToString([]byte(s)),
			"percent": percentAll(s), "JSON escapes": jsonAll(s), "JSON escapes, twice": strings.ReplaceAll(jsonAll(s), `\`, `\\`),
			"query": url.QueryEscape(s),
		}
		for _, n := range []int{10, 17, 30, 39} {
			for _, sep := range []string{"\u200b", "\u00ad", "\u2060", "\ufeff", "\u200d", "\ufe0f", "\n", "\r\n", "\\", "%E2%80%8B", `\u200b`, `\u00ad`, "%0A", "\u2028"} {
				if sep == "\\" {
					sep = `\n`
				}
				forms[fmt.Sprintf("every %d %q", n, sep)] = every(s, n, sep)
			}
		}
		for how, form := range forms {
			for where, body := range map[string]string{
				"alone": form, "in prose": "The token is " + form + ", as sent.", "in JSON": `{"blocks":[{"type":"section","text":"` + quoted(form) + `"}]}`,
				"in JSON in JSON": `{"text":"` + quoted(`{"text":"`+quoted(form)+`"}`) + `"}`,
			} {
				if Scan(body) == Nothing || Scan([]byte(body)) == Nothing {
					t.Errorf("%s, %s, %s: not found", name, how, where)
				}
			}
		}
	}
}

// TestNetPatterns holds each pattern to what it must find and to what it must let pass.
func TestNetPatterns(t *testing.T) {
	key := func(private bool) string {
		// Of a shorter key than this the body alone is too little to tell from a path; its header is not.
		secret, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		b, kind := []byte(nil), "PUBLIC KEY"
		if b, _ = x509.MarshalPKIXPublicKey(&secret.PublicKey); private {
			b, _ = x509.MarshalPKCS8PrivateKey(secret)
			kind = "PRIVATE KEY"
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	text := func(n int) string { return url64.EncodeToString(random(n)) }
	opaque := func(n int) string { return strings.NewReplacer("-", "x", "_", "y").Replace(text(n))[:n] }
	begin := "-----" + "BEGIN "
	for _, c := range []struct {
		pattern string
		hit     Find
		in      []string // true positives
		out     []string // what only looks similar
	}{
		{"a run of 40", TokenPart,
			[]string{text(30), text(32), hex.EncodeToString(random(20)), strings.Repeat("a", 40), strings.Repeat("-", 40), "enable-role-based-access-control-for-the-apis-7", "jwt_check_check_duration_seconds_Bucket_total", "x." + text(64) + "!"},
			[]string{strings.Repeat("a", 39), "7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44", hex.EncodeToString(random(19)), "Ab3Ab3Ab3A…Ab3Ab3", strings.Repeat("=", 80), strings.Repeat("-", 39), "enable-role-based-access-control-for-the-apis", "jwt_check_check_duration_seconds_bucket_total"}},
		{"split or escaped", SplitToken,
			[]string{every(text(90), 20, "\n"), every(text(90), 9, "\u200b"), percentAll(text(90)), jsonAll(text(90)), every(text(90), 20, "\r\n")},
			[]string{
				"orders:read\norders:write\nprofile\nopenid", "authorization\nconfiguration\nadministration\norganization", "Orders-Read\nOrders-Write\nInvoices-Read\nInvoices-Write",
				"3f9ac41b77d0\n1b77d03f9ac4\nac41b77d03f9\n77d03f9ac41b", "/oauth2/aus1gufhsT4wM9zY0697/v1/keys", "/realms/AcmeCorp/protocol/openid-connect/certs/MyKey",
				"C:\\Program Files\\Contoso\\Orders Api\\bin\\Release", "%7B%22text%22%3A%22Expired%22%7D", "日本語のメッセージはとても長いので四十文字を超えることがあります。それでも秘密ではない文章です",
				"⚠️ not checked\n✅ fine\n❌ failed\n🔥 checkout API answers 401", "…………………………………………", strings.Repeat("\\n", 60), strings.Repeat("/", 90), strings.Repeat("%20", 40),
				"word\\nanother\\nAndYetAnother\\nand\\nSoOn\\nuntil\\nthe\\nend\\nof\\nThe\\nlist",
			}},
		{"a PEM private key", PrivateKey,
			[]string{begin + "PRIVATE KEY-----", begin + "EC PRIVATE KEY-----\nMHc", begin + "RSA%20PRIVATE%20KEY-----", begin + "OPENSSH PRIVATE KEY-----", begin + "PGP PRIVATE KEY BLOCK-----"},
			[]string{begin + "PUBLIC KEY-----", begin + "CERTIFICATE-----", "BEGIN PRIVATE KEY", "a PRIVATE KEY", begin}},
		{"a PEM body", TokenPart, []string{key(true), key(false)}, nil},
		{"a JWK's private member", TokenPart,
			[]string{`{"kty":"OKP","crv":"Ed25519","d":"` + text(32) + `"}`}, []string{`{"kty":"EC","crv":"P-256","x":"` + text(16) + `"}`}},
		{"a short symmetric JWK", Credential,
			[]string{`{"kty":"oct","k":"` + text(16) + `"}`, `{\"k\": \"` + text(16) + `\"}`, `{"d" : "` + text(20) + `"}`},
			[]string{`{"k":"short"}`, `{"kid":"` + text(16) + `"}`, `{"id":"` + text(16) + `"}`, `d:"` + text(16) + `"`}},
		{"a well-known prefix", Credential,
			[]string{
				"xox" + "b-" + opaque(24), "key=" + "sk_" + "live_" + opaque(24), "ghp" + "_" + opaque(35), `"AKI` + `A` + "IOSFODNN7EXAMPLE\"", "ya29" + "." + opaque(30),
				"hvs" + "." + opaque(24), "glpat" + "-" + opaque(20), "(npm" + "_" + opaque(34) + ")", "AIz" + "a" + opaque(35),
			},
			[]string{"ASI" + "A-PACIFIC-PRODUCTION-1", "AKI" + "A", "xox" + "b-", "npm_config_cache_location", "ghp_" + "is-a-prefix", "sk_" + "live_", "AIz" + "amide", "whsec_" + "word", "xapp-1"}},
	} {
		for _, in := range c.in {
			for _, body := range []string{in, `{"type":"plain_text","text":"` + in + `","emoji":false}`} {
				if got := Scan(body); got == Nothing || body == in && c.hit == Credential && got != c.hit {
					t.Errorf("%s: %v in %d bytes", c.pattern, got, len(body))
				}
			}
		}
		for _, out := range c.out {
			for _, body := range []string{out, quoted(out), `{"text":"` + quoted(out) + `"}`} {
				if got := Scan(body); got != Nothing {
					t.Errorf("%s: %v is found in %q", c.pattern, got, body)
				}
			}
		}
	}
}

// typed are the lines of a transcript that people wrote, not the bot.
var typed = regexp.MustCompile(`(?m)^(\d\d:\d\d )?(ana|ben|ci) .*$`)

// TestNetLetsOurOwnTextPass reads what people are shown: a net that stops it would be switched off.
func TestNetLetsOurOwnTextPass(t *testing.T) {
	var files []string
	for _, glob := range []string{"../bot/testdata/*.txtar", "../bot/slack/testdata/*.json", "../README.md", "../bot/manifest.json"} {
		found, _ := filepath.Glob(glob)
		if len(found) == 0 {
			t.Errorf("nothing at %s", glob)
		}
		files = append(files, found...)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b = typed.ReplaceAll(b, nil)
		var compact bytes.Buffer
		if json.Compact(&compact, b) != nil {
			compact.Reset()
		}
		for _, body := range []string{string(b), quoted(string(b)), url.QueryEscape(string(b)), compact.String(), quoted(compact.String())} {
			if f := Scan(body); f != Nothing {
				t.Errorf("%s: %v", name, f)
			}
		}
	}
}
