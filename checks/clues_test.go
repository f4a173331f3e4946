package checks_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// Clues about signatures that recipes cannot make.

// handmade is a good token of production with this header and whatever sign makes of its input.
func handmade(t *testing.T, header string, keys []checks.Key, sign func(input []byte) []byte) *checks.Report {
	t.Helper()
	w := theWorld()
	c := w.incident(t, "", "", `{}`)
	claims := `{"iss":"https://login.example/prod","aud":"api://orders","sub":"someone","client_id":"web","exp":1795600000,"iat":1795427000,"jti":"1"}`
	input := encoded(header) + "." + encoded(claims)
	token, err := checks.Parse(redact.NewSecret(input + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(input)))))
	if err != nil {
		t.Fatal(err)
	}
	c.Token, c.Profiles = token, []*checks.Profile{c.Profile}
	c.Evidence.Keys = []checks.KeyEvidence{w.fetched(checks.NewKeySet(keys))}
	return checks.Run(c, checks.Ladder())
}

func rsaKey(t *testing.T) (*rsa.PrivateKey, checks.Key) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return private, checks.Key{ID: "r", Type: "RSA", Public: &private.PublicKey}
}

// TestSaltLength: RFC 7518 §3.5 wants a salt as long as the hash, which crypto/rsa and golang-jwt do not.
func TestSaltLength(t *testing.T) {
	private, key := rsaKey(t)
	for salt, want := range map[int]checks.Cause{20: checks.BadSignature, 32: checks.None} {
		r := handmade(t, `{"alg":"PS256","kid":"r"}`, []checks.Key{key}, func(input []byte) []byte {
			sum := sha256.Sum256(input)
			signature, err := rsa.SignPSS(rand.Reader, private, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: salt})
			if err != nil {
				t.Fatal(err)
			}
			return signature
		})
		if r.Cause != want {
			t.Errorf("salt of %d bytes: cause %s", salt, r.Cause)
		}
		if _, says := answerOf(r, "signature.value_wrong"); salt == 20 && !strings.Contains(says, "a salt of another length than the hash") {
			t.Error(says)
		}
	}
}

// TestAlgorithmConfusion: every form in which a public key is at hand is recognized as the secret.
func TestAlgorithmConfusion(t *testing.T) {
	private, key := rsaKey(t)
	point, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := []checks.Key{key, {ID: "e", Type: "EC", Curve: "P-256", Public: &point.PublicKey}}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	pkix := func(public any) []byte {
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(&private.PublicKey)
	for name, secret := range map[string]string{
		"PKIX, PEM":                      block("PUBLIC KEY", pkix(&private.PublicKey)),
		"PKIX, PEM without a line break": strings.TrimSpace(block("PUBLIC KEY", pkix(&private.PublicKey))),
		"PKIX, DER":                      string(pkix(&private.PublicKey)),
		"PKCS #1, PEM":                   block("RSA PUBLIC KEY", pkcs1),
		"PKCS #1, DER":                   string(pkcs1),
		"modulus":                        string(private.N.Bytes()),
		"EC, PEM":                        block("PUBLIC KEY", pkix(&point.PublicKey)),
	} {
		r := handmade(t, `{"alg":"HS256"}`, keys, func(input []byte) []byte {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(input)
			return mac.Sum(nil)
		})
		if r.Cause != checks.AlgorithmMismatch {
			t.Errorf("%s: cause %s", name, r.Cause)
		}
		expectFailed(t, r, "signature.key_confused")
	}
}

// TestManyKeys: a token without kid is tried with many keys, but not with any number of them.
func TestManyKeys(t *testing.T) {
	_, other := rsaKey(t)
	private, mine := rsaKey(t)
	sign := func(input []byte) []byte {
		sum := sha256.Sum256(input)
		signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
	for at, want := range map[int]checks.Cause{0: checks.None, 99: checks.None, 100: checks.Unknown, 999: checks.Unknown} {
		keys := make([]checks.Key, 1000)
		for i := range keys {
			keys[i] = other
			keys[i].ID = fmt.Sprint(i)
			keys[i].Type = "RSA"
		}
		keys[at].Public = mine.Public
		if r := handmade(t, `{"alg":"RS256"}`, keys, sign); r.Cause != want {
			t.Errorf("key %d: cause %s", at, r.Cause)
		}
		if r := handmade(t, fmt.Sprintf(`{"alg":"RS256","kid":"%d"}`, at), keys, sign); r.Cause != checks.None {
			t.Errorf("key %d, named: cause %s", at, r.Cause)
		}
	}
	// The twenty keys that a wrong signature is tried with are no verdict: what lies behind stays unsaid.
	keys := []checks.Key{{ID: "named", Type: "RSA", Public: other.Public}}
	for i := range 30 {
		keys = append(keys, checks.Key{ID: fmt.Sprint(i), Type: "RSA", Public: other.Public})
	}
	keys[30].Public = mine.Public
	r := handmade(t, `{"alg":"RS256","kid":"named"}`, keys, sign)
	if _, says := answerOf(r, "signature.value_wrong"); r.Cause != checks.BadSignature || strings.Contains(says, "verifies with") {
		t.Errorf("cause %s: %s", r.Cause, says)
	}
}

// TestStrangeSignatures: no length and no bytes of a signature make a check fail by a fault of its own.
func TestStrangeSignatures(t *testing.T) {
	w := theWorld()
	keys := w.keySet("prod-1", "prod-ps", "prod-es", "prod-es384", "prod-es512", "prod-ed").Keys
	keys = append(keys, checks.Key{ID: "unusable", Type: "RSA", Unusable: redact.Msg("its modulus is missing")}, checks.Key{})
	der, _ := base64.RawURLEncoding.DecodeString("MAYCAQECAQE")
	var signatures [][]byte
	for _, n := range []int{1, 31, 64, 70, 96, 132, 256, 512} {
		zero, ones := make([]byte, n), make([]byte, n)
		for i := range ones {
			ones[i] = 0xff
		}
		signatures = append(signatures, zero, ones, append(slices.Clone(der), zero...))
	}
	huge := new(big.Int).Lsh(big.NewInt(1), 4000).Bytes()
	signatures = append(signatures, der, append([]byte{0x30, 0x82, 0x01, 0xfb, 0x02, 0x82, 0x01, 0xf4}, huge...))
	for _, alg := range []string{"RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "ES", "none"} {
		for _, key := range []string{"prod-1", "prod-es", "unusable", "nobody", ""} {
			header := fmt.Sprintf(`{"alg":%q,"kid":%q,"jwk":{"kty":"EC","crv":"P-256","x":"AA","y":""},"x5c":["AAAA"]}`, alg, key)
			for _, signature := range signatures {
				r := handmade(t, header, keys, func([]byte) []byte { return signature })
				for _, f := range r.Findings {
					var policy redact.Policy
					if strings.Contains(policy.Text(f.Says).String(), "a fault of its own") {
						t.Fatalf("%s, key %q, %d bytes: %s", alg, key, len(signature), f.ID)
					}
				}
				if r.Verdict == checks.Accept {
					t.Fatalf("%s, key %q, %d bytes: accepted", alg, key, len(signature))
				}
			}
		}
	}
}
