package keys

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"jwt-check-bot/checks"
)

// blemished are entries that can be used, with what costs some library the other keys.
var blemished = []struct {
	name  string
	entry func() any
	flaw  string
	loses checks.Libraries
}{
	{"nothing", func() any { return like("rsa", nil) }, "", 0},
	{"padded", func() any { return like("rsa", members{"e": "AAEAAQ=="}) }, "its numbers are padded with =, which base64url in a JWK is not", checks.GoJose | checks.GoOIDC},
	{"standard base64", func() any { return plusses() }, "its numbers are in standard base64, not base64url", everyLibrary &^ checks.JWX},
	{"another key's certificate", func() any { return like("rsa", members{"x5c": []string{certificate()}}) }, "its certificate (x5c) holds another key", everyLibrary &^ checks.JWX},
	{"its own certificate", func() any { return certifiedEntry() }, "", 0},
	{"bad x5t", func() any { return like("rsa", members{"x5t": "?"}) }, "its certificate's thumbprint (x5t) is not one", checks.GoJose | checks.GoOIDC},
	{"short x5t#S256", func() any { return like("rsa", members{"x5t#S256": "AAAA"}) }, "its certificate's thumbprint (x5t) is not one", checks.GoJose | checks.GoOIDC},
	{"x5t", func() any { return like("rsa", members{"x5t": encode(ones(20)), "x5t#S256": encode(ones(32))}) }, "", 0},
	{"x5t in hexadecimal inside", func() any { return like("rsa", members{"x5t": encode(bytes.Repeat([]byte("ab"), 20))}) }, "", 0},
	{"a member twice", func() any {
		return json.RawMessage(`{"kty":"RSA","kid":"a","kid":"b","e":"AQAB","n":"` + samples().JWK("rsa")["n"].(string) + `"}`)
	}, "a member stands twice in it", checks.GoJose | checks.GoOIDC},
	{"null alg", func() any {
		return json.RawMessage(`{"kty":"RSA","kid":"a","alg":null,"e":"AQAB","n":"` + samples().JWK("rsa")["n"].(string) + `"}`)
	}, "a member of it is null, where it should be left out", checks.JWX},
	{"null kid", func() any {
		return json.RawMessage(`{"kty":"RSA","kid":null,"use":null,"e":"AQAB","n":"` + samples().JWK("rsa")["n"].(string) + `"}`)
	}, "", 0},
	{"empty alg", func() any { return like("rsa", members{"alg": ""}) }, "its alg is empty, where it should be left out", checks.JWX},
	{"unregistered alg", func() any { return like("ec", members{"alg": "ES521"}) }, "its alg ES521 is not a registered one", checks.JWX},
	{"alg that encrypts", func() any { return like("rsa", members{"alg": "RSA-OAEP", "use": "enc"}) }, "", 0},
	{"use signing", func() any { return like("rsa", members{"use": "signing"}) }, "its use signing is not a registered one", checks.JWKSet},
	{"bogus key_ops", func() any { return like("rsa", members{"key_ops": []string{"verify", "bogus"}}) }, "its key_ops name an operation that is not registered", checks.JWKSet},
	{"key_ops", func() any { return like("rsa", members{"key_ops": []string{"verify", "wrapKey"}}) }, "", 0},
}

// plusses is a key whose coordinate has a plus or a slash in standard base64, as nearly all do.
func plusses() members {
	for _, name := range []string{"ec5", "ec3", "ec"} {
		m := respell(name, "x", base64.StdEncoding)
		if bytes.ContainsAny([]byte(m["x"].(string)), "+/") {
			return m
		}
	}
	panic("no key with a plus or a slash")
}

func certifiedEntry() members {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(1700000000, 0), NotAfter: time.Unix(1800000000, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		panic(err)
	}
	return members{"kty": "RSA", "kid": "c", "n": encode(private.N.Bytes()), "e": "AQAB", "x5c": []string{base64.StdEncoding.EncodeToString(der)}}
}

func TestBlemish(t *testing.T) {
	for _, tc := range blemished {
		set, err := Parse(document(tc.entry(), like("rsa", members{"kid": "good"})))
		if err != nil {
			t.Fatal(err)
		}
		k := set.Keys[0]
		if k.Public == nil || !k.Unusable.IsZero() && tc.name != "unregistered alg" {
			t.Errorf("%s: cannot be used: %s", tc.name, shown(k.Unusable))
		}
		if got := shown(k.Flaw); got != tc.flaw || k.Loses != tc.loses {
			t.Errorf("%s: %q, %04b", tc.name, got, k.Loses)
		}
	}
}

func TestCertificateDates(t *testing.T) {
	set, err := Parse(document(certifiedEntry()))
	if err != nil {
		t.Fatal(err)
	}
	if k := set.Keys[0]; k.From.Unix() != 1700000000 || k.To.Unix() != 1800000000 {
		t.Errorf("from %v to %v", k.From, k.To)
	}
}

// TestLosesAsJWXDoes holds what is said of jwx to jwx itself. The other libraries are no dependencies:
// what is said of them was measured.
func TestLosesAsJWXDoes(t *testing.T) {
	hold := func(name string, entry any) {
		b := document(entry, like("rsa", members{"kid": "good"}))
		set, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		_, err = jwk.Parse(b)
		if loses := set.Keys[0].Loses&checks.JWX != 0; loses != (err != nil) {
			t.Errorf("%s: said to lose: %v; loses: %v", name, loses, err != nil)
		}
	}
	for _, tc := range poisoned {
		switch tc.name {
		case "shared secret withheld", "duplicate member", "private RSA", "RSA with an empty n", "post-quantum, private":
			continue // said for another reason, or read in another way
		}
		hold(tc.name, tc.entry())
	}
	for _, tc := range blemished {
		hold(tc.name, tc.entry())
	}
}

func TestWeak(t *testing.T) {
	for name, entry := range map[string]members{
		"1,024 bits": like("small", nil), "e=1": like("rsa", members{"e": "AQ"}), "e=4": like("rsa", members{"e": "BA"}),
		"even": {"kty": "RSA", "e": "AQAB", "n": encode(append(ones(255), 0xfe))}, "ROCA": {"kty": "RSA", "e": "AQAB", "n": encode(flawed().Bytes())},
	} {
		set, err := Parse(document(entry))
		if err != nil || !set.Keys[0].Weak || set.Keys[0].Public != nil {
			t.Errorf("%s: %v, %+v", name, err, set.Keys[0])
		}
		if bits := set.Keys[0].Bits; (bits == 1024) != (name == "1,024 bits") {
			t.Errorf("%s: %d bits", name, bits)
		}
	}
	for _, name := range []string{"rsa", "ec", "ed"} {
		if set, err := Parse(document(like(name, nil))); err != nil || set.Keys[0].Weak {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// flawed is a number of 2,048 bits as the flawed generator makes its moduli: a power of 65537 modulo
// the product of the first 126 primes.
func flawed() *big.Int {
	product := big.NewInt(1)
	for p := int64(2); p <= 701; p++ {
		if big.NewInt(p).ProbablyPrime(0) {
			product.Mul(product, big.NewInt(p))
		}
	}
	n := new(big.Int).Exp(big.NewInt(65537), big.NewInt(123456789), product)
	k := new(big.Int).Lsh(big.NewInt(1), uint(2048-product.BitLen()))
	return n.Add(n, k.Mul(k, product))
}

func TestROCA(t *testing.T) {
	if !roca(flawed()) {
		t.Error("not recognized")
	}
	for range 2000 {
		n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 2048))
		if err != nil {
			t.Fatal(err)
		}
		if roca(n.SetBit(n, 0, 1)) {
			t.Error("a sound modulus is taken for a flawed one")
		}
	}
}
