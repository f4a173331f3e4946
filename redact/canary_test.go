package redact

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// claimsOf are the members of a JSON object as Values.
func claimsOf(payload string) []Value {
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(payload), &m); err != nil {
		panic(err)
	}
	var list []Value
	for name, raw := range m {
		list = append(list, member(Claim, name, string(raw)))
	}
	return list
}

const hostPayload = `{"iss":"https://issuer.example/prod","aud":["api://orders"],"exp":1700000000,"updated_at":1700000001,"scope":"orders:read",
"sub":"auth0|8f7b2c91d0","email":"ana@shop.example","family_name":"Rodriguez","employee":48151623,"note":"a<b & zoë \"quoted\"","typ":"Bearer",
"gty":"client-credentials","amr":["password"],"idp":"https://issuer.example/prod","tenant":"acme-europe","cart":{"items":["canary-of-a-hidden-claim"]},
"realm_access":{"roles":["uma_authorization"]},"long":"` + "the first and the very long part of a value of a claim, and here it ends" + `"}`

func someMembers() []Value { return claimsOf(hostPayload) }

func someCanary() Canary {
	return Policy{}.Canary(NewSecret(someToken()), someMembers(), "production")
}

// writings are the ways in which s may be written.
func writings(s string) map[string]string {
	j, _ := json.Marshal(s)
	return map[string]string{
		"plain": s, "JSON": string(j), "JSON escapes": jsonAll(s), "percent": percentAll(s), "hex": hex.EncodeToString([]byte(s)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(s))),
		"zero-width": every(s, 3, "\u200b"), "soft hyphen, escaped": every(s, 2, `\u00ad`), "lines": every(s, 5, "\n"), "lines, escaped": every(s, 5, `\n`), "backwards": reverse(s), "cleaned": clean(s),
	}
}

func base64s(s string) map[string]string {
	m := map[string]string{}
	for i, before := range []string{"", "=", "; "} {
		for name, e := range map[string]*base64.Encoding{"std": base64.StdEncoding, "url": base64.URLEncoding, "raw": base64.RawURLEncoding} {
			m["base64 "+name+string(rune('0'+i))] = e.EncodeToString([]byte(before + s + ", and so on"))
		}
	}
	return m
}

func TestCanaryFindsEveryPartOfTheToken(t *testing.T) {
	token := someToken()
	c := Policy{}.Canary(NewSecret(token), nil)
	raw, _ := url64.DecodeString(token[strings.LastIndex(token, ".")+1:])
	for at := 0; at+window <= len(token); at++ {
		for how, s := range writings(token[at : at+window]) {
			for _, body := range []string{s, "it is " + s + "!", `{"text":"` + s + `","emoji":false}`, "…" + s} {
				if c.In([]byte(body)) != Submitted {
					t.Errorf("12 bytes at %d, %s: not found", at, how)
				}
			}
		}
		for how, s := range base64s(token[at : at+window]) {
			if c.In([]byte(s)) != Submitted {
				t.Errorf("12 bytes at %d, %s: not found", at, how)
			}
		}
	}
	for at := 0; at+window <= len(raw); at++ {
		piece := raw[at : at+window]
		for _, s := range []string{hex.EncodeToString(piece), base64.StdEncoding.EncodeToString(piece), base64.URLEncoding.EncodeToString(piece), string(piece)} {
			if c.In([]byte("sig "+s)) != Submitted {
				t.Errorf("12 bytes of the signature at %d: not found", at)
			}
		}
	}
}

func TestCanaryFindsHiddenClaims(t *testing.T) {
	c := someCanary()
	for _, v := range []string{"auth0|8f7b2c91d0", "ana@shop.example", "Rodriguez", "48151623", `a<b & zoë "quoted"`, "acme-europe", "canary-of-a-hidden-claim", "the first and the very long part", "value of a claim, and here it ends"} {
		forms := writings(v)
		if len(v) >= 9 {
			for how, s := range base64s(v) {
				forms[how] = s
			}
		}
		for how, s := range forms {
			for _, body := range []string{s, "value: " + s + ".", `{"text":"` + s + `","emoji":false}`} {
				if c.In([]byte(body)) != Submitted {
					t.Errorf("%q, %s: not found in %q", v, how, body)
				}
			}
		}
	}
}

// TestCanaryFindsQueries: what is cut off a value that is shown is hidden.
func TestCanaryFindsQueries(t *testing.T) {
	c := Policy{}.Canary(NewSecret(someToken()), claimsOf(`{"iss":"https://issuer.example/prod?tenant=a-hidden-one&x=1","aud":["https://api.example/#state=another-one"]}`))
	for s, want := range map[string]Find{"a-hidden-one": Submitted, "another-one": Submitted, "https://issuer.example/prod": Nothing, "https://api.example/": Nothing} {
		if got := c.In([]byte("it is " + s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

// TestCanaryLetsPass holds the net to what a message must be able to say, whatever the token holds.
func TestCanaryLetsPass(t *testing.T) {
	c := someCanary()
	for _, s := range []string{
		"", "Bearer", "the grant is client-credentials", "a password", "https://issuer.example/prod", "api://orders", "1700000000 1700000001", "orders:read",
		"uma_authorization", "au…d0", "Rodriguezes", "14815162342", `{"ts":"1700000001.000100"}`, "production", "realm_access", "employee", "family_name",
	} {
		if c.In([]byte(s)) != Nothing || c.In([]byte(`{"text":"`+s+`"}`)) != Nothing {
			t.Errorf("%q is stopped", s)
		}
	}
	for _, glob := range []string{"../bot/testdata/*.txtar", "../bot/slack/testdata/*.json", "../README.md"} {
		files, _ := filepath.Glob(glob)
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			// The email and the name are those of the conversations' own people.
			own := Policy{}.Canary(NewSecret(someToken()), claimsOf(`{"sub":"auth0|000","typ":"Bearer","amr":["password"],"gty":"client-credentials","acr":"urn:mace:bronze","azp":"web-shop","sid":"9b1c"}`))
			if own.In(b) != Nothing {
				t.Errorf("%s is stopped", name)
			}
		}
	}
	for _, paste := range []string{"Bearer Bearer", "undefined", "[object Object]", "not a token at all, but words", "production"} {
		if (Policy{}).Canary(NewSecret(paste), nil, "production").In([]byte("not a token at all, but words; Bearer undefined [object Object] production")) != Nothing {
			t.Errorf("a paste of words stops words: %q", paste)
		}
	}
	if (Canary{}).In([]byte(someToken())) != Nothing || !(Canary{}).IsZero() {
		t.Error("the zero Canary watches something")
	}
}

func TestCanaryIsBounded(t *testing.T) {
	var many strings.Builder
	many.WriteString(`{"x":0`)
	for i := range 10000 {
		many.WriteString(`,"n` + jsonNumber(i) + `":"value ` + jsonNumber(i) + `"`)
	}
	c := Policy{}.Canary(NewSecret(strings.Repeat(someToken()+".", 200)), claimsOf(many.String()+`,"deep":`+strings.Repeat("[", 1000)+`"hidden at the bottom"`+strings.Repeat("]", 1000)+`}`))
	if n := len(c.open()[0].marks); n > 8*maxMarks {
		t.Errorf("%d grams", n)
	}
}

func jsonNumber(i int) string { b, _ := json.Marshal(i); return string(b) }

func TestContextCarriesCanaries(t *testing.T) {
	ctx := WithCanary(context.Background(), Canary{})
	if len(Canaries(ctx)) != 0 {
		t.Error("a zero Canary is carried")
	}
	one := WithCanary(ctx, someCanary())
	two, other := WithCanary(one, someCanary()), WithCanary(one, someCanary())
	if len(Canaries(one)) != 1 || len(Canaries(two)) != 2 || len(Canaries(other)) != 2 {
		t.Error("not as many as were given")
	}
}
