package mint

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// shared is one ring for all tests, because RSA keys take long to make.
var shared = sync.OnceValue(func() *Keys {
	keys := NewKeys()
	for name, alg := range map[string]string{
		"rsa": "RS256", "pss": "PS256", "p256": "ES256", "p384": "ES384", "p521": "ES512", "ed": "EdDSA", "secret": "HS256",
	} {
		if err := keys.Key(name, alg); err != nil {
			panic(err)
		}
	}
	return keys
})

// verify asks golang-jwt whether a token is signed with alg and the key of that name.
func verify(token, alg string, key any) error {
	_, err := jwt.NewParser(jwt.WithValidMethods([]string{alg}), jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithStrictDecoding(), jwt.WithExpirationRequired()).Parse(token, func(*jwt.Token) (any, error) { return key, nil })
	return err
}

func decode(t *testing.T, part string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatalf("not base64url: %v", err)
	}
	return b
}

// split returns header and payload as text, and the signature's bytes.
func split(t *testing.T, token string) (header, payload string, signature []byte) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts, want 3", len(parts))
	}
	return string(decode(t, parts[0])), string(decode(t, parts[1])), decode(t, parts[2])
}

func TestMintVerifies(t *testing.T) {
	for _, tt := range []struct{ alg, key string }{
		{"RS256", "rsa"}, {"RS384", "rsa"}, {"RS512", "rsa"}, {"PS256", "rsa"}, {"PS256", "pss"}, {"PS384", "pss"}, {"PS512", "pss"},
		{"ES256", "p256"}, {"ES384", "p384"}, {"ES512", "p521"}, {"EdDSA", "ed"},
		{"HS256", "secret"}, {"HS384", "made-384"}, {"HS512", "made-512"}, {"ES256", "made-p256"},
	} {
		t.Run(tt.alg+" "+tt.key, func(t *testing.T) {
			token := shared().MustMint(now, `{"alg":"`+tt.alg+`","kid":"`+tt.key+`","exp":"now+1h"}`)
			if err := verify(token, tt.alg, shared().Public(tt.key)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMintMadeSecretHasTheHashSize(t *testing.T) {
	for alg, want := range map[string]int{"HS256": 32, "HS384": 48, "HS512": 64} {
		keys := NewKeys()
		keys.MustMint(now, `{"alg":"`+alg+`","kid":"k"}`)
		if got := len(keys.Public("k").([]byte)); got != want {
			t.Errorf("%s: %d bytes, want %d", alg, got, want)
		}
	}
}

func TestMintSameKeyEachTime(t *testing.T) {
	recipe := `{"alg":"RS256","kid":"rsa","iss":"https://issuer.example","exp":"now+1h","n":1e300}`
	first, second := shared().MustMint(now, recipe), shared().MustMint(now, recipe)
	if first != second {
		t.Error("RS256: two tokens of one recipe differ")
	}
	one := strings.Split(shared().MustMint(now, recipe, `{"alg":"ES256","kid":"p256"}`), ".")
	two := strings.Split(shared().MustMint(now, recipe, `{"alg":"ES256","kid":"p256"}`), ".")
	if one[0] != two[0] || one[1] != two[1] {
		t.Error("ES256: header or payload of one recipe differ")
	}
}

func TestMintSigner(t *testing.T) {
	base := `{"alg":"RS256","kid":"rsa","exp":"now+1h"}`
	for _, tt := range []struct{ name, recipe, alg, key string }{
		{"$key", `{"$key":"other-rsa"}`, "RS256", "other-rsa"},
		{"no kid", `{"kid":null,"$key":"rsa"}`, "RS256", "rsa"},
		{"empty kid", `{"kid":"","$key":"rsa"}`, "RS256", "rsa"},
		{"kid that is no string", `{"kid":7,"$key":"rsa"}`, "RS256", "rsa"},
		{"confusion", `{"alg":"HS256","$key":"secret"}`, "HS256", "secret"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token := shared().MustMint(now, base, tt.recipe)
			if err := verify(token, tt.alg, shared().Public(tt.key)); err != nil {
				t.Error(err)
			}
		})
	}
	// The header does not say how these are signed.
	for _, tt := range []struct {
		name, recipe string
		method       jwt.SigningMethod
		key          string
	}{
		{"$alg", `{"$alg":"PS256"}`, jwt.SigningMethodPS256, "rsa"},
		{"no alg", `{"alg":null}`, jwt.SigningMethodRS256, "rsa"},
		{"alg in lower case", `{"alg":"rs256"}`, jwt.SigningMethodRS256, "rsa"},
		{"none, signed", `{"alg":"none","kid":null,"$alg":"HS256","$key":"secret"}`, jwt.SigningMethodHS256, "secret"},
		{"Ed25519", `{"alg":"Ed25519","kid":"ed"}`, jwt.SigningMethodEdDSA, "ed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token := shared().MustMint(now, base, tt.recipe)
			_, _, signature := split(t, token)
			if err := tt.method.Verify(token[:strings.LastIndexByte(token, '.')], signature, shared().Public(tt.key)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMintUnsigned(t *testing.T) {
	for _, recipe := range []string{
		`{"alg":"none"}`, `{"alg":"None"}`, `{"alg":"nOnE","kid":"rsa"}`, `{"alg":"RS256","kid":"rsa","$sign":false}`, `{"$sign":false}`,
	} {
		if token := shared().MustMint(now, recipe); strings.Count(token, ".") != 2 || !strings.HasSuffix(token, ".") {
			t.Errorf("%s: has a signature", recipe)
		}
	}
}

func TestKey(t *testing.T) {
	keys := NewKeys()
	for _, tt := range []struct{ name, alg, err string }{
		{"small", "RS256/1024", ""},
		{"small", "RS256", ""},
		{"small", "RS256/1024", ""},
		{"small", "RS256/2048", "mint: key small: the ring has it already, for another alg or size"},
		{"small", "PS256", "mint: key small: the ring has it already, for another alg or size"},
		{"short", "HS256/8", ""},
		{"ed", "Ed25519", ""},
		{"a", "ES256K", "mint: key a: alg: no such signature algorithm"},
		{"a", "", "mint: key a: alg: no such signature algorithm"},
		{"a", "RS256/big", "mint: key a: size: not a number"},
		{"a", "RS256/512", "mint: key a: size: RSA takes 1024 to 8192 bits, HS 1 to 1024 bytes, others none"},
		{"a", "ES256/256", "mint: key a: size: RSA takes 1024 to 8192 bits, HS 1 to 1024 bytes, others none"},
	} {
		var got string
		if err := keys.Key(tt.name, tt.alg); err != nil {
			got = err.Error()
		}
		if got != tt.err {
			t.Errorf("Key(%q, %q): %q, want %q", tt.name, tt.alg, got, tt.err)
		}
	}
	if got := keys.Public("small").(*rsa.PublicKey).N.BitLen(); got != 1024 {
		t.Errorf("small: %d bits", got)
	}
	if got := len(keys.Public("short").([]byte)); got != 8 {
		t.Errorf("short: %d bytes", got)
	}
}

func TestJWKS(t *testing.T) {
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(shared().JWKS("p521", "secret", "rsa", "ed", "pss", "p256", "p384"), &set); err != nil {
		t.Fatal(err)
	}
	public := func(t *testing.T, jwk map[string]string) any {
		number := func(name string) *big.Int { return new(big.Int).SetBytes(decode(t, jwk[name])) }
		switch jwk["kty"] {
		case "RSA":
			return &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}
		case "EC":
			key, err := ecdsa.ParseUncompressedPublicKey(shared().Public(jwk["kid"]).(*ecdsa.PublicKey).Curve,
				append(append([]byte{4}, decode(t, jwk["x"])...), decode(t, jwk["y"])...))
			if err != nil {
				t.Fatal(err)
			}
			return key
		default:
			return ed25519.PublicKey(decode(t, jwk["x"]))
		}
	}
	want := []struct{ kid, alg, kty, crv string }{
		{"p521", "ES512", "EC", "P-521"}, {"rsa", "RS256", "RSA", ""}, {"ed", "EdDSA", "OKP", "Ed25519"},
		{"pss", "PS256", "RSA", ""}, {"p256", "ES256", "EC", "P-256"}, {"p384", "ES384", "EC", "P-384"},
	}
	if len(set.Keys) != len(want) {
		t.Fatalf("%d keys, want %d", len(set.Keys), len(want))
	}
	allowed := map[string]bool{"kid": true, "use": true, "alg": true, "kty": true, "crv": true, "n": true, "e": true, "x": true, "y": true}
	for i, w := range want {
		jwk := set.Keys[i]
		if jwk["kid"] != w.kid || jwk["alg"] != w.alg || jwk["kty"] != w.kty || jwk["crv"] != w.crv || jwk["use"] != "sig" {
			t.Errorf("key %d: %v, want %v", i, jwk, w)
		}
		for name := range jwk {
			if !allowed[name] {
				t.Errorf("%s: member %s", w.kid, name)
			}
		}
		token := shared().MustMint(now, `{"alg":"`+w.alg+`","kid":"`+w.kid+`","exp":"now+1h"}`)
		if err := verify(token, w.alg, public(t, jwk)); err != nil {
			t.Errorf("%s: read back from its JWK: %v", w.kid, err)
		}
	}
	if got := string(shared().JWKS()); got != `{"keys":[]}` {
		t.Errorf("no keys: %s", got)
	}
	if !bytes.Equal(shared().JWKS("rsa", "ed"), shared().JWKS("rsa", "ed")) {
		t.Error("two sets of the same keys differ")
	}
}

func TestJWKIsACopy(t *testing.T) {
	shared().JWK("rsa")["alg"] = "changed"
	if shared().JWK("rsa")["alg"] != "RS256" {
		t.Error("the ring's key was changed through its JWK")
	}
	if shared().JWK("secret") != nil {
		t.Error("a secret has a public JWK")
	}
	shared().Public("secret").([]byte)[0] ^= 1
	if err := verify(shared().MustMint(now, `{"alg":"HS256","kid":"secret","exp":"now+1h"}`), "HS256", shared().Public("secret")); err != nil {
		t.Error("the ring's secret was changed through Public")
	}
}

func TestUnknownNamePanics(t *testing.T) {
	for name, call := range map[string]func(){
		"JWKS":     func() { shared().JWKS("nobody") },
		"JWK":      func() { shared().JWK("nobody") },
		"Public":   func() { shared().Public("nobody") },
		"MustMint": func() { shared().MustMint(now, `[]`) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

func TestKeysConcurrently(t *testing.T) {
	keys := NewKeys()
	var all sync.WaitGroup
	tokens := make([]string, 8)
	for i := range tokens {
		all.Go(func() {
			if err := keys.Key("k", "HS256"); err != nil {
				t.Error(err)
			}
			tokens[i] = keys.MustMint(now, `{"alg":"HS256","kid":"k"}`)
			keys.JWKS("k")
		})
	}
	all.Wait()
	for _, token := range tokens {
		if token != tokens[0] {
			t.Fatal("one name came to two keys")
		}
	}
}
