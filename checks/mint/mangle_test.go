package mint

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/bits"
	"slices"
	"strings"
	"testing"
)

// differing counts the bits in which two parts of tokens differ.
func differing(t *testing.T, a, b string) int {
	t.Helper()
	x, y := decode(t, a), decode(t, b)
	if len(x) != len(y) {
		t.Fatalf("%d bytes, then %d", len(x), len(y))
	}
	n := 0
	for i := range x {
		n += bits.OnesCount8(x[i] ^ y[i])
	}
	return n
}

func TestMangle(t *testing.T) {
	recipe := `{"alg":"RS256","kid":"rsa","iss":"https://issuer.example","exp":"now+1h","scope":"orders:read"}`
	token := shared().MustMint(now, recipe)
	parts := strings.Split(token, ".")
	for _, tt := range []struct{ mangle, want string }{
		{`"truncate 10"`, token[:len(token)-10]},
		{`"keep 10"`, token[:10]},
		{`"drop signature"`, parts[0] + "." + parts[1] + "."},
		{`"two parts"`, parts[0] + "." + parts[1]},
		{`"four parts"`, token + "." + parts[2]},
		{`"upper"`, strings.ToUpper(token)},
		{`["drop signature","truncate 1"]`, parts[0] + "." + parts[1]},
		{`[]`, token},
	} {
		if got := shared().MustMint(now, recipe, `{"$mangle":`+tt.mangle+`}`); got != tt.want {
			t.Errorf("%s: another text than expected (%d characters, want %d)", tt.mangle, len(got), len(tt.want))
		}
	}
}

func TestMangleFlip(t *testing.T) {
	for _, alg := range []string{"RS256", "HS256"} {
		recipe := `{"alg":"` + alg + `","kid":"` + map[string]string{"RS256": "rsa", "HS256": "secret"}[alg] + `","exp":"now+1h","scope":"orders:read"}`
		whole := strings.Split(shared().MustMint(now, recipe), ".")
		for part, what := range map[int]string{1: "flip payload", 2: "flip signature"} {
			flipped := strings.Split(shared().MustMint(now, recipe, `{"$mangle":"`+what+`"}`), ".")
			for i := range whole {
				want := 0
				if i == part {
					want = 1
				}
				if got := differing(t, whole[i], flipped[i]); got != want {
					t.Errorf("%s: part %d differs in %d bits, want %d", what, i, got, want)
				}
			}
			if !json.Valid(decode(t, flipped[1])) {
				t.Errorf("%s: the payload is no longer JSON", what)
			}
		}
	}
	for _, raw := range []string{`"no JSON"`, `"{}"`} { // nothing to flip that leaves JSON
		recipe := `{"alg":"HS256","kid":"secret","$raw_payload":` + raw + `}`
		whole := strings.Split(shared().MustMint(now, recipe), ".")
		flipped := strings.Split(shared().MustMint(now, recipe, `{"$mangle":"flip payload"}`), ".")
		if got := differing(t, whole[1], flipped[1]); got != 1 {
			t.Errorf("%s: differs in %d bits", raw, got)
		}
	}
}

func TestManglePad(t *testing.T) {
	for _, recipe := range []string{`{"alg":"RS256","kid":"rsa"}`, `{"alg":"none","$raw_header":"abc","$raw_payload":"abc"}`} {
		got := shared().MustMint(now, recipe, `{"$mangle":"pad"}`)
		if !strings.HasSuffix(got, "=") || strings.ReplaceAll(got, "=", "") != shared().MustMint(now, recipe) {
			t.Errorf("%s: not the same with = at the end", recipe)
		}
	}
	for i, part := range strings.Split(shared().MustMint(now, `{"alg":"RS256","kid":"rsa","$mangle":"pad"}`), ".") {
		if _, err := base64.URLEncoding.DecodeString(part); err != nil {
			t.Errorf("part %d is not padded base64url", i)
		}
	}
}

func TestMangleStd(t *testing.T) {
	for range 20 { // each with a secret of its own: a quarter of HS256 signatures look alike in both alphabets
		keys := NewKeys()
		got := keys.MustMint(now, `{"alg":"HS256","kid":"k","exp":"now+1h","$mangle":"std"}`)
		if !strings.ContainsAny(got, "+/") || strings.ContainsAny(got, "-_") {
			t.Fatal("not in the standard alphabet, or no telling which")
		}
		if err := verify(strings.NewReplacer("+", "-", "/", "_").Replace(got), "HS256", keys.Public("k")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMangleBreaks(t *testing.T) {
	token := shared().MustMint(now, `{"alg":"RS256","kid":"rsa"}`)
	for what, separator := range map[string]string{"newline 64": "\n", "space 64": " "} {
		got := shared().MustMint(now, `{"alg":"RS256","kid":"rsa","$mangle":"`+what+`"}`)
		lines := strings.Split(got, separator)
		if strings.Join(lines, "") != token || len(lines) != (len(token)+63)/64 {
			t.Errorf("%s: not the token in pieces", what)
		}
		for _, line := range lines[:len(lines)-1] {
			if len(line) != 64 {
				t.Errorf("%s: a piece of %d", what, len(line))
			}
		}
	}
	whole := shared().MustMint(now, `{"alg":"RS256","kid":"rsa","$mangle":"newline 9999"}`)
	if whole != token {
		t.Error("a break where none is due")
	}
}

func TestMangleDER(t *testing.T) {
	token := shared().MustMint(now, `{"alg":"ES256","kid":"p256","$mangle":"der"}`)
	_, _, signature := split(t, token)
	digest := sha256.Sum256([]byte(token[:strings.LastIndexByte(token, '.')]))
	if !ecdsa.VerifyASN1(shared().Public("p256").(*ecdsa.PublicKey), digest[:], signature) {
		t.Error("not an ASN.1 signature of the token")
	}
}

func TestMangleNoncanonical(t *testing.T) {
	for alg, key := range map[string]string{"RS256": "rsa", "ES256": "p256", "HS256": "secret", "HS512": "made-512", "EdDSA": "ed"} {
		recipe := `{"alg":"` + alg + `","kid":"` + key + `","exp":"now+1h"}`
		token := shared().MustMint(now, recipe, `{"$mangle":"noncanonical"}`)
		part := token[strings.LastIndexByte(token, '.')+1:]
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err == nil {
			t.Errorf("%s: canonical", alg)
		}
		if err := verify(token[:len(token)-len(part)]+encode(decode(t, part)), alg, shared().Public(key)); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

func TestMangleErrors(t *testing.T) {
	for _, tt := range []struct{ recipe, want string }{
		{`{"$mangle":["upper","private"]}`, "item 2: no such thing to do with a token"},
		{`{"$mangle":""}`, "item 1: no such thing to do with a token"},
		{`{"$mangle":"truncate"}`, "item 1: no such thing to do with a token"},
		{`{"$mangle":"truncate x"}`, "item 1: the number is not one above 0"},
		{`{"$mangle":"newline 0"}`, "item 1: the number is not one above 0"},
		{`{"$mangle":"truncate 99999"}`, "item 1: the token is shorter than that"},
		{`{"$mangle":["two parts","flip payload"]}`, "item 2: no such thing to do with a token, or not with one of other than three parts"},
		{`{"$mangle":["drop signature","flip signature"]}`, "item 2: that part is empty or no longer base64url"},
		{`{"$mangle":"der"}`, "item 1: der is for ECDSA signatures only"},
		{`{"$sign":false,"$mangle":"noncanonical"}`, "item 1: the signature's last character has no unused bits; take an alg whose signature is no multiple of 3 bytes"},
	} {
		pasted, err := shared().Mint(now, `{"alg":"RS256","kid":"rsa"}`, tt.recipe)
		if err == nil || err.Error() != "mint: $mangle: "+tt.want || pasted != "" {
			t.Errorf("%s\n got %v\nwant mint: $mangle: %s", tt.recipe, err, tt.want)
		}
	}
}

func TestJWE(t *testing.T) {
	for _, tt := range []struct {
		recipe, header string
		sizes          []int
	}{
		{`{"$jwe":true,"sub":"u"}`, `{"alg":"RSA-OAEP-256","enc":"A256GCM"}`, []int{256, 12, 11, 16}},
		{`{"alg":"RS256","typ":"JWT","kid":"rsa","$jwe":true,"sub":"u"}`, `{"alg":"RSA-OAEP-256","typ":"JWT","kid":"rsa","enc":"A256GCM"}`, []int{256, 12, 11, 16}},
		{`{"alg":"dir","enc":"A128CBC-HS256","$jwe":true,"sub":"u"}`, `{"alg":"dir","enc":"A128CBC-HS256"}`, []int{0, 16, 16, 16}},
		{`{"alg":"A128KW","enc":"A192CBC-HS384","$jwe":true}`, `{"alg":"A128KW","enc":"A192CBC-HS384"}`, []int{56, 16, 16, 24}},
		{`{"alg":"A256GCMKW","enc":"A256CBC-HS512","$jwe":true}`, `{"alg":"A256GCMKW","enc":"A256CBC-HS512"}`, []int{64, 16, 16, 32}},
		{`{"alg":"ECDH-ES","enc":"A192GCM","$jwe":true}`, `{"alg":"ECDH-ES","enc":"A192GCM"}`, []int{0, 12, 2, 16}},
		{`{"alg":"ECDH-ES+A256KW","enc":"A128GCM","$jwe":true}`, `{"alg":"ECDH-ES+A256KW","enc":"A128GCM"}`, []int{24, 12, 2, 16}},
	} {
		parts := strings.Split(shared().MustMint(now, tt.recipe), ".")
		if got := string(decode(t, parts[0])); got != tt.header {
			t.Errorf("%s\n got %s\nwant %s", tt.recipe, got, tt.header)
		}
		var sizes []int
		for _, part := range parts[1:] {
			sizes = append(sizes, len(decode(t, part)))
		}
		if !slices.Equal(sizes, tt.sizes) {
			t.Errorf("%s: parts of %d bytes, want %d", tt.recipe, sizes, tt.sizes)
		}
	}
	for recipe, want := range map[string]string{
		`{"$jwe":true,"enc":"private"}`: "mint: enc: no such content encryption",
		`{"$jwe":true,"alg":"private"}`: "mint: alg: no such key management",
	} {
		if _, err := shared().Mint(now, recipe); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", recipe, err, want)
		}
	}
}
