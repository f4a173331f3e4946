package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/mint"
)

// samples are good keys, one of each kind, by their kid.
var samples = sync.OnceValue(func() *mint.Keys {
	k := mint.NewKeys()
	for name, alg := range map[string]string{"rsa": "RS256", "small": "RS256/1024", "ec": "ES256", "ec3": "ES384", "ec5": "ES512", "ed": "EdDSA"} {
		if err := k.Key(name, alg); err != nil {
			panic(err)
		}
	}
	return k
})

type members = map[string]any

// like is a sample with other members; nil deletes one.
func like(name string, others members) members {
	m := samples().JWK(name)
	maps.Copy(m, others)
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
	return m
}

func respell(name, member string, to *base64.Encoding) members {
	b, err := base64.RawURLEncoding.DecodeString(samples().JWK(name)[member].(string))
	if err != nil {
		panic(err)
	}
	return like(name, members{member: to.EncodeToString(b)})
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func ones(n int) []byte { return bytes.Repeat([]byte{0xff}, n) }

// offCurve moves the point of ec.
func offCurve() members {
	x, _ := base64.RawURLEncoding.DecodeString(samples().JWK("ec")["x"].(string))
	x[31] ^= 1
	return like("ec", members{"x": encode(x)})
}

// five is the point of P-256 at x = 5, with that many leading zeros.
func five(zeros int) func() any {
	x := encode(append(make([]byte, zeros), 5))
	return object(members{"kty": "EC", "crv": "P-256", "kid": "five", "x": x, "y": "RZJDuapYGAb-kTvOmYF63hHKUDxk2aPFM0FcCDJI-8w"})
}

func certificate() string {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// poisoned are entries that cost some library the whole set (or would cost us time), with what is
// said about each; nothing for those that can be used.
var poisoned = []struct {
	name     string
	entry    func() any
	id       string
	unusable string
	private  bool
}{
	{"post-quantum", object(members{"kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AAAA"}), "pq", "its type AKP is not one that the bot can verify with", false},
	{"post-quantum, private", object(members{"kty": "AKP", "kid": "pq", "priv": "AAAA"}), "pq", "its type AKP is not one that the bot can verify with", true},
	{"unknown type", object(members{"kty": "XYZ", "kid": "x"}), "x", "its type XYZ is not one that the bot can verify with", false},
	{"no type", func() any { return like("rsa", members{"kid": "x", "kty": nil}) }, "x", "it has no type (kty)", false},
	{"type in lower case", func() any { return like("rsa", members{"kid": "x", "kty": "rsa"}) }, "x", "its type rsa is not one that the bot can verify with", false},
	{"type not a string", func() any { return like("rsa", members{"kid": "x", "kty": 1}) }, "x", "its type (kty) is not a string", false},
	{"null", object(nil), "", "its entry in the key set is not a JSON object", false},
	{"a string", func() any { return "key" }, "", "its entry in the key set is not a JSON object", false},
	{"an array", func() any { return []any{members{}} }, "", "its entry in the key set is not a JSON object", false},
	{"secp256k1 with alg", func() any { return like("ec", members{"kid": "k1", "crv": "secp256k1", "alg": "ES256K"}) }, "k1", "its curve secp256k1 is not one that the bot can verify with", false},
	{"secp256k1 without alg", func() any { return like("ec", members{"kid": "k1", "crv": "secp256k1", "alg": nil}) }, "k1", "its curve secp256k1 is not one that the bot can verify with", false},
	{"EC without curve", func() any { return like("ec", members{"crv": nil}) }, "ec", "it has no curve (crv)", false},
	{"Ed448", object(members{"kty": "OKP", "crv": "Ed448", "kid": "ed4", "x": encode(ones(57))}), "ed4", "its curve Ed448 is not one that the bot can verify with", false},
	{"X25519", object(members{"kty": "OKP", "crv": "X25519", "kid": "x2", "x": encode(ones(32))}), "x2", "its curve X25519 is for encryption, not for signatures", false},
	{"Ed25519 cut short", object(members{"kty": "OKP", "crv": "Ed25519", "kid": "x", "x": encode(ones(31))}), "x", "its public key (x) has the wrong length for Ed25519", false},
	{"Ed25519 without x", object(members{"kty": "OKP", "crv": "Ed25519", "kid": "x"}), "x", "its public key (x) is missing or not a string", false},
	{"RSA bad base64", func() any { return like("rsa", members{"kid": "x", "n": "!!!!"}) }, "x", "its modulus (n) is not base64url", false},
	{"RSA bad base64 in e", func() any { return like("rsa", members{"kid": "x", "e": "AQA?"}) }, "x", "its exponent (e) is not base64url", false},
	{"RSA without n", func() any { return like("rsa", members{"kid": "x", "n": nil}) }, "x", "its modulus (n) is missing or not a string", false},
	{"RSA with an empty n", func() any { return like("rsa", members{"kid": "x", "n": ""}) }, "x", "its modulus (n) is missing or not a string", false},
	{"RSA without e", func() any { return like("rsa", members{"kid": "x", "e": nil}) }, "x", "its exponent (e) is missing or not a string", false},
	{"RSA with e as a number", func() any { return like("rsa", members{"kid": "x", "e": 65537}) }, "x", "its exponent (e) is missing or not a string", false},
	{"RSA e=1", func() any { return like("rsa", members{"kid": "x", "e": "AQ"}) }, "x", "its RSA exponent is 1, where an odd number from 3 is needed", false},
	{"RSA e=0", func() any { return like("rsa", members{"kid": "x", "e": "AA"}) }, "x", "its RSA exponent is 0, where an odd number from 3 is needed", false},
	{"RSA e even", func() any { return like("rsa", members{"kid": "x", "e": "AQAA"}) }, "x", "its RSA exponent is 65536, where an odd number from 3 is needed", false},
	{"RSA e=2³¹−1", func() any { return like("rsa", members{"kid": "x", "e": "f____w"}) }, "x", "", false},
	{"RSA e=2³¹+1", func() any { return like("rsa", members{"kid": "x", "e": "gAAAAQ"}) }, "x", "its RSA exponent has more than 31 bits, which few libraries take", false},
	{"RSA e of 33 bits", func() any { return like("rsa", members{"kid": "x", "e": "AQAAAAE"}) }, "x", "its RSA exponent has more than 31 bits, which few libraries take", false},
	{"RSA e of 2048 bits", func() any { return like("rsa", members{"kid": "x", "e": encode(ones(256))}) }, "x", "its RSA exponent has more than 31 bits, which few libraries take", false},
	{"RSA e of 33 bits, padded", func() any { return like("rsa", members{"kid": "x", "e": "AQAAAAE="}) }, "x", "its RSA exponent has more than 31 bits, which few libraries take", false},
	{"RSA e with leading zeros", func() any { return like("rsa", members{"kid": "x", "e": encode([]byte{0, 0, 0, 0, 0, 1, 0, 1})}) }, "x", "", false},
	{"RSA 512 bit", object(members{"kty": "RSA", "kid": "x", "e": "AQAB", "n": encode(ones(64))}), "x", "its RSA modulus has 512 bits, where 2,048 to 8,192 are allowed", false},
	{"RSA 1024 bit", func() any { return like("small", nil) }, "small", "its RSA modulus has 1024 bits, where 2,048 to 8,192 are allowed", false},
	{"RSA 8192 bit", object(members{"kty": "RSA", "kid": "x", "e": "AQAB", "n": encode(ones(1024))}), "x", "", false},
	{"RSA 8200 bit", object(members{"kty": "RSA", "kid": "x", "e": "AQAB", "n": encode(ones(1025))}), "x", "its RSA modulus has 8200 bits, where 2,048 to 8,192 are allowed", false},
	{"RSA 16384 bit", object(members{"kty": "RSA", "kid": "x", "e": "AQAB", "n": encode(ones(2048))}), "x", "its RSA modulus has 16384 bits, where 2,048 to 8,192 are allowed", false},
	{"RSA even modulus", object(members{"kty": "RSA", "kid": "x", "e": "AQAB", "n": encode(append(ones(255), 0xfe))}), "x", "its RSA modulus is an even number, so it is none", false},
	{"EC off the curve", func() any { return offCurve() }, "ec", "its point (x, y) is not on its curve P-256", false},
	{"EC point of another curve", func() any { return like("ec", members{"crv": "P-384"}) }, "ec", "a coordinate (x, y) has the wrong length for its curve P-384", false},
	{"EC without y", func() any { return like("ec", members{"y": nil}) }, "ec", "a coordinate (x, y) is missing or not a string", false},
	{"EC at infinity", func() any { return like("ec", members{"x": encode(make([]byte, 32)), "y": encode(make([]byte, 32))}) }, "ec", "its point (x, y) is not on its curve P-256", false},
	{"EC huge coordinate", func() any { return like("ec", members{"x": encode(ones(4096))}) }, "ec", "a coordinate (x, y) is too long for its curve P-256", false},
	{"EC bad base64", func() any { return like("ec", members{"x": "%"}) }, "ec", "a coordinate (x, y) is not base64url", false},
	{"numeric kid", func() any { return like("rsa", members{"kid": 7}) }, "", "its kid is not a string", false},
	{"use not a string", func() any { return like("rsa", members{"kid": "x", "use": []string{"sig"}}) }, "x", "its use is not a string", false},
	{"key_ops not an array", func() any { return like("rsa", members{"kid": "x", "key_ops": "verify"}) }, "x", "its key_ops are not an array of strings", false},
	{"alg not a string", func() any { return like("rsa", members{"kid": "x", "alg": 256}) }, "x", "its alg is not a string", false},
	{"unregistered alg", func() any { return like("rsa", members{"kid": "x", "alg": "RSA-SHA-256"}) }, "x", "its alg RSA-SHA-256 is not a registered one", false},
	{"use signing", func() any { return like("rsa", members{"kid": "x", "use": "signing"}) }, "x", "", false},
	{"bogus key_ops", func() any { return like("rsa", members{"kid": "x", "key_ops": []string{"verify", "bogus"}}) }, "x", "", false},
	{"nulls", func() any {
		return members{"kty": "RSA", "kid": "x", "n": samples().JWK("rsa")["n"], "e": "AQAB", "alg": nil, "use": nil, "key_ops": nil, "crv": nil, "x5c": nil, "d": nil, "k": nil}
	}, "x", "", false},
	{"bad x5c", func() any { return like("rsa", members{"kid": "x", "x5c": []string{"not a certificate"}}) }, "x", "its certificate chain (x5c) cannot be read", false},
	{"good x5c", func() any { return like("rsa", members{"kid": "x", "x5c": []string{certificate()}}) }, "x", "", false},
	{"x5c of base64url, no certificate", func() any { return like("rsa", members{"kid": "x", "x5c": []string{"AAAA"}}) }, "x", "its certificate chain (x5c) cannot be read", false},
	{"x5c of numbers", func() any { return like("rsa", members{"kid": "x", "x5c": []int{1}}) }, "x", "its certificate chain (x5c) cannot be read", false},
	{"empty x5c", func() any { return like("rsa", members{"kid": "x", "x5c": []string{}}) }, "x", "", false},
	{"bad x5t", func() any { return like("rsa", members{"kid": "x", "x5t": "?"}) }, "x", "", false},
	{"RSA n in padded standard base64", func() any { return respell("rsa", "n", base64.StdEncoding) }, "rsa", "", false},
	{"RSA e in padded base64url", func() any { return like("rsa", members{"e": "AAEAAQ=="}) }, "rsa", "", false},
	{"RSA 1024 bit in padded standard base64", func() any { return respell("small", "n", base64.StdEncoding) }, "small", "its modulus (n) is not base64url", false},
	{"EC in padded standard base64", func() any { return respell("ec", "x", base64.StdEncoding) }, "ec", "", false},
	{"EC with leading zeros", five(31), "five", "", false},
	{"EC without leading zeros", five(0), "five", "a coordinate (x, y) has the wrong length for its curve P-256", false},
	{"Ed25519 in padded standard base64", func() any { return respell("ed", "x", base64.StdEncoding) }, "ed", "", false},
	{"shared secret", object(members{"kty": "oct", "kid": "hmac", "alg": "HS256", "k": encode(ones(32))}), "hmac", "it is a shared secret, published in a key set: it proves nothing, and has to be replaced", true},
	{"shared secret withheld", object(members{"kty": "oct", "kid": "hmac"}), "hmac", "it is a shared secret, published in a key set: it proves nothing, and has to be replaced", true},
	{"private RSA", func() any { return like("rsa", members{"d": "AQAB"}) }, "rsa", "", true},
	{"private EC", func() any { return like("ec", members{"d": encode(ones(32))}) }, "ec", "", true},
	{"private Ed25519", func() any { return like("ed", members{"d": encode(ones(32))}) }, "ed", "", true},
	{"duplicate kid", func() any { return like("ec", members{"kid": "good"}) }, "good", "", false},
	{"duplicate member", func() any { return json.RawMessage(`{"kty":"EC","kty":"oct","kid":"a","kid":"b"}`) }, "b", "it is a shared secret, published in a key set: it proves nothing, and has to be replaced", true},
	{"escaped names and values", func() any { return json.RawMessage(`{"k\u0074y":"\u0041KP","kid":"\u00e9\/"}`) }, "é/", "its type AKP is not one that the bot can verify with", false},
}

func object(m members) func() any {
	return func() any {
		if m == nil {
			return nil
		}
		return m
	}
}

func document(entries ...any) []byte {
	b, err := json.Marshal(members{"keys": entries})
	if err != nil {
		panic(err)
	}
	return b
}

func TestPoisonedEntryCostsNoOther(t *testing.T) {
	for _, tc := range poisoned {
		t.Run(tc.name, func(t *testing.T) {
			set, err := Parse(document(tc.entry(), like("rsa", members{"kid": "good"})))
			if err != nil {
				t.Fatal(err)
			}
			if len(set.Keys) != 2 || set.Keys[1].Public == nil || !set.Has("good") {
				t.Fatal("the good key is lost")
			}
			k := set.Keys[0]
			if k.ID != tc.id || set.Has(k.ID) != (tc.id != "") {
				t.Errorf("ID %q", k.ID)
			}
			if got := shown(k.Unusable); got != tc.unusable {
				t.Errorf("unusable: %q", got)
			}
			if k.Private != tc.private {
				t.Errorf("private: %v", k.Private)
			}
			checkKey(t, k)
		})
	}
}

// checkKey says what holds for every key.
func checkKey(t *testing.T, k checks.Key) {
	t.Helper()
	if k.Public == nil && k.Unusable.IsZero() {
		t.Errorf("public %T, unusable %q", k.Public, shown(k.Unusable))
	}
	switch pub := k.Public.(type) {
	case nil, *ecdsa.PublicKey:
	case *rsa.PublicKey:
		if n := pub.N.BitLen(); n < 2048 || n > 8192 || pub.E < 3 || pub.E > 1<<31-1 {
			t.Errorf("%d bits, exponent %d", n, pub.E)
		}
	case ed25519.PublicKey:
		if len(pub) != ed25519.PublicKeySize {
			t.Errorf("%d bytes", len(pub))
		}
	default:
		t.Errorf("public is a %T", k.Public)
	}
}

func TestMembers(t *testing.T) {
	set, err := Parse(document(
		like("rsa", members{"key_ops": []string{"verify"}, "issuer": "https://login.example"}),
		like("ec", nil), like("ec3", nil), like("ec5", nil), like("ed", members{"use": nil, "alg": nil})))
	if err != nil {
		t.Fatal(err)
	}
	public := func(name string) any { return samples().Public(name) }
	for i, k := range []checks.Key{
		{ID: "rsa", Type: "RSA", Use: "sig", Alg: "RS256", Ops: []string{"verify"}, Public: public("rsa")},
		{ID: "ec", Type: "EC", Curve: "P-256", Use: "sig", Alg: "ES256", Public: public("ec")},
		{ID: "ec3", Type: "EC", Curve: "P-384", Use: "sig", Alg: "ES384", Public: public("ec3")},
		{ID: "ec5", Type: "EC", Curve: "P-521", Use: "sig", Alg: "ES512", Public: public("ec5")},
		{ID: "ed", Type: "OKP", Curve: "Ed25519", Public: public("ed")},
	} {
		if !reflect.DeepEqual(set.Keys[i], k) {
			t.Errorf("got  %+v\nwant %+v", set.Keys[i], k)
		}
	}
}

func TestNotAKeySet(t *testing.T) {
	for _, tc := range []struct{ document, says string }{
		{``, "the document is empty"},
		{`null`, "the document is not a JSON object"},
		{`[]`, "the document is not a JSON object"},
		{`"keys"`, "the document is not a JSON object"},
		{`{"keys":[]} {}`, "the document is not JSON"},
		{`{"keys":[]`, "the document is not JSON"},
		{`{"keys":[{]}`, "the document is not JSON"},
		{`{"keys":`, "the document is not JSON"},
		{`keys: []`, "the document is not JSON"},
		{`{"keys":null}`, "the document's keys member is not an array"},
		{`{"keys":{}}`, "the document's keys member is not an array"},
		{`{"Keys":[]}`, "the document has no keys array, so it is not a JWK Set"},
		{`{}`, "the document has no keys array, so it is not a JWK Set"},
		{`{"kty":"RSA","n":"AQAB","e":"AQAB"}`, "the document is a single key (a JWK), not a key set with a keys array"},
		{`{"issuer":"https://a.example","jwks_uri":"https://a.example/keys"}`, "the document is the issuer's metadata, not a key set: its jwks_uri names that"},
		{`{"1a2b":"-----BEGIN CERTIFICATE-----\nMII"}`, "the document is a map of X.509 certificates, not a JWK Set"},
		{`{"keys":[` + strings.Repeat(`{},`, maxKeys) + `{}]}`, "the key set holds more than 1000 keys"},
	} {
		set, err := Parse([]byte(tc.document))
		if set != nil || err == nil || err.Error() != tc.says {
			t.Errorf("%.40s: %v", tc.document, err)
		}
	}
	for document, n := range map[string]int{
		`{"keys":[]}`:                                     0,
		`{"a":{"keys":1},"keys":[{}],"b":[1]}`:            1,
		`{"keys":[1,2],"keys":[3]}`:                       1, // the last counts
		"{\"keys\":[{\"kid\":\"\xff\"}]}":                 1,
		`{"keys":[` + strings.Repeat(`{},`, 999) + `{}]}`: 1000,
	} {
		if set, err := Parse([]byte(document)); err != nil || len(set.Keys) != n {
			t.Errorf("%.40s: %v", document, err)
		}
	}
}

func TestPrivateMaterialIsNotKept(t *testing.T) {
	secret := encode(bytes.Repeat([]byte("hunter2"), 40))
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} {
		for _, sample := range []string{"rsa", "ec", "ed"} {
			for _, kty := range []any{samples().JWK(sample)["kty"], "oct", "AKP"} {
				entry := like(sample, members{"kty": kty, name: secret})
				set, err := Parse(document(entry))
				if err != nil || !set.Keys[0].Private {
					t.Errorf("%v %s: not noticed", kty, name)
					continue
				}
				kept, err := json.Marshal(set.Keys)
				if err != nil || strings.Contains(string(kept), "hunter2") || strings.Contains(string(kept), secret) {
					t.Errorf("%v %s: kept", kty, name)
				}
			}
		}
	}
}

// agree compares a set with what jwx makes of the same document: where both can use a key, it is the
// same key.
func agree(t *testing.T, b []byte, set *checks.KeySet) (compared int) {
	t.Helper()
	theirs, err := jwk.Parse(b, jwk.WithStrictKeySetParsing(false))
	if err != nil || theirs.Len() != len(set.Keys) {
		return 0
	}
	for i, k := range set.Keys {
		key, _ := theirs.Key(i)
		if k.Public == nil || jwk.IsUnsupportedKey(key) {
			continue
		}
		public, err := key.PublicKey()
		if err != nil {
			continue
		}
		var raw any
		if jwk.Export(public, &raw) != nil {
			continue
		}
		equal := false
		switch pub := k.Public.(type) {
		case *rsa.PublicKey:
			equal = pub.Equal(raw.(*rsa.PublicKey))
		case *ecdsa.PublicKey:
			equal = pub.Equal(raw.(*ecdsa.PublicKey))
		case ed25519.PublicKey:
			equal = pub.Equal(raw.(ed25519.PublicKey))
		}
		if !equal {
			t.Errorf("key %d is another than the one that jwx reads", i)
		}
		compared++
	}
	return compared
}

func TestSameKeysAsJWX(t *testing.T) {
	var entries []any
	usable := 0
	for _, tc := range poisoned {
		if tc.name == "duplicate member" {
			continue // jwx takes its type from the first
		}
		entries = append(entries, tc.entry())
		if tc.unusable == "" {
			usable++
		}
	}
	b := document(entries...)
	set, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if n := agree(t, b, set); n < usable-5 { // jwx refuses private keys that do not fit, and null for a name
		t.Errorf("%d of %d usable keys compared", n, usable)
	}
	if !slices.ContainsFunc(set.Keys, func(k checks.Key) bool { return k.ID == "good" }) {
		t.Error("the duplicate kid is lost")
	}
}

func FuzzParse(f *testing.F) {
	seeds := 0
	for _, tc := range poisoned {
		f.Add(document(tc.entry(), like("ec", members{"kid": "good"})))
		seeds++
	}
	for _, s := range []string{`{"keys":[{}],"keys":[1]}`, `{"kty":"RSA"}`, `{"jwks_uri":"https://a.example"}`, `[`, "", "\xef\xbb\xbf{}"} {
		f.Add([]byte(s))
		seeds++
	}
	if seeds < 50 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		original := bytes.Clone(b)
		set, err := Parse(b)
		if !bytes.Equal(b, original) {
			t.Fatal("the document was changed")
		}
		if err != nil {
			if set != nil || !strings.HasPrefix(err.Error(), "the ") {
				t.Errorf("%v, %v", set, err)
			}
			return
		}
		if len(set.Keys) > maxKeys {
			t.Errorf("%d keys", len(set.Keys))
		}
		for _, k := range set.Keys {
			checkKey(t, k)
			if k.ID != "" && !set.Has(k.ID) {
				t.Error("a key is not in the index")
			}
		}
		agree(t, b, set)
	})
}
