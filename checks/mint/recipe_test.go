package mint

import (
	"strings"
	"testing"
)

func TestRecipe(t *testing.T) {
	for _, tt := range []struct {
		name            string
		recipes         []string
		header, payload string
	}{
		{"order kept", []string{`{"z":1,"typ":"JWT","a":2,"alg":"HS256","kid":"secret","m":3}`},
			`{"typ":"JWT","alg":"HS256","kid":"secret"}`, `{"z":1,"a":2,"m":3}`},
		{"header members",
			[]string{`{"$sign":false,"alg":"X","typ":1,"kid":2,"cty":3,"crit":["exp"],"b64":false,"jku":4,"jwk":{"kty": "oct"},"x5u":5,"x5c":[],"x5t":6,"x5t#S256":7}`,
				`{"zip":1,"enc":2,"epk":3,"apu":4,"apv":5,"p2c":6,"p2s":7,"nonce-in-header":"h","nonce":"c"}`},
			`{"alg":"X","typ":1,"kid":2,"cty":3,"crit":["exp"],"b64":false,"jku":4,"jwk":{"kty":"oct"},"x5u":5,"x5c":[],"x5t":6,"x5t#S256":7,` +
				`"zip":1,"enc":2,"epk":3,"apu":4,"apv":5,"p2c":6,"p2s":7,"nonce":"h"}`, `{"nonce":"c"}`},
		{"replaced in place", []string{`{"alg":"none","a":1,"b":2,"c":3}`, `{"d":4,"b":"two"}`},
			`{"alg":"none"}`, `{"a":1,"b":"two","c":3,"d":4}`},
		{"deleted", []string{`{"alg":"none","typ":"JWT","a":1,"b":2}`, `{"typ":null,"a":null,"absent":null}`},
			`{"alg":"none"}`, `{"b":2}`},
		{"deleted and said again", []string{`{"alg":"none","a":1,"b":2}`, `{"a":null}`, `{"a":3}`},
			`{"alg":"none"}`, `{"b":2,"a":3}`},
		{"null of the first recipe stays", []string{`{"alg":"none","exp":null}`, `{}`}, `{"alg":"none"}`, `{"exp":null}`},
		{"forced", []string{`{"$sign":false,"alg":"none","exp":"now","$claims":{"typ":"ID","kid":"x"}}`, `{"$claims":{"exp":null,"$ref":1},"$header":{"iss":"h","alg":null}}`},
			`{"alg":null,"iss":"h"}`, `{"exp":null,"typ":"ID","kid":"x","$ref":1}`},
		{"forced times", []string{`{"alg":"none","$claims":{"exp":"now"},"$header":{"exp":"now"}}`},
			`{"alg":"none","exp":"now"}`, `{"exp":1795428000}`},
		{"values verbatim", []string{`{"alg":"none","a":1e300,"b":12345678901234567890123,"c":1.50,"d":"<&>é\u00e9\ud800","e":{"y":1,"x":[ 1, 2 ]},"<n>":-0}`},
			`{"alg":"none"}`, `{"a":1e300,"b":12345678901234567890123,"c":1.50,"d":"<&>é\u00e9\ud800","e":{"y":1,"x":[1,2]},"<n>":-0}`},
		{"raw", []string{`{"alg":"none","a":1,"$raw_header":"{\"alg\":\"none\",\"alg\":\"HS256\"}","$raw_payload":"{\"exp\":1,\"exp\":2}"}`},
			`{"alg":"none","alg":"HS256"}`, `{"exp":1,"exp":2}`},
		{"raw in hex", []string{`{"alg":"none","$raw_header_hex":"7b7d","$raw_payload_hex":"7b2261223A22ff227d"}`}, `{}`, "{\"a\":\"\xff\"}"},
		{"raw and empty", []string{`{"alg":"none","a":1,"$raw_header":"","$raw_payload_hex":""}`}, ``, ``},
		{"raw taken back", []string{`{"alg":"none","a":1,"$raw_payload":"x"}`, `{"$raw_payload":null}`}, `{"alg":"none"}`, `{"a":1}`},
		{"nothing", []string{`{"$sign":false}`}, `{}`, `{}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header, payload, _ := split(t, shared().MustMint(now, tt.recipes...))
			if header != tt.header {
				t.Errorf("header\n got %s\nwant %s", header, tt.header)
			}
			if payload != tt.payload {
				t.Errorf("payload\n got %s\nwant %s", payload, tt.payload)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	for _, tt := range []struct{ member, want string }{
		{`"exp":"now"`, `1795428000`},
		{`"exp":"now+1h"`, `1795431600`},
		{`"nbf":"now-1h"`, `1795424400`},
		{`"iat":"now+90s"`, `1795428090`},
		{`"auth_time":"now-30d"`, `1792836000`},
		{`"updated_at":"now-1h30m"`, `1795422600`},
		{`"exp":"now+400000d"`, `36355428000`},
		{`"exp":"now-900000000s"`, `895428000`},
		{`"exp":"now ms"`, `1795428000000`},
		{`"exp":"now+1h ms"`, `1795431600000`},
		{`"exp":"now+1h str"`, `"1795431600"`},
		{`"exp":"now+1h float"`, `1795431600.5`},
		{`"exp":"1795431600"`, `"1795431600"`},
		{`"exp":"tomorrow"`, `"tomorrow"`},
		{`"exp":1e300`, `1e300`},
		{`"exp":-1`, `-1`},
		{`"exp":["now"]`, `["now"]`},
		{`"note":"now+1h"`, `"now+1h"`},
	} {
		_, payload, _ := split(t, shared().MustMint(now, `{"alg":"none",`+tt.member+`}`))
		_, got, _ := strings.Cut(strings.TrimSuffix(payload, "}"), ":")
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.member, got, tt.want)
		}
	}
}

func TestRecipeErrors(t *testing.T) {
	for _, tt := range []struct{ recipe, want string }{
		{``, "recipe 1: not one JSON object"},
		{`[]`, "recipe 1: not one JSON object"},
		{`{"a":1`, "recipe 1: not one JSON object"},
		{`{"a":1} {}`, "recipe 1: not one JSON object"},
		{`{"a":1,}`, "recipe 1: not one JSON object"},
		{`{"a":private}`, "recipe 1: a: not JSON"},
		{`{"a":1,"a":2}`, "recipe 1: a: said twice"},
		{`{"$typo":1}`, "$typo: no such order"},
		{`{"$typo":null}`, "$typo: no such order"},
		{`{"$header":null}`, "$header: not one JSON object"},
		{`{"$claims":[1]}`, "$claims: not one JSON object"},
		{`{"$claims":{"a":1,"a":2}}`, "$claims: a: said twice"},
		{`{"$key":1}`, "$key: not a string"},
		{`{"$alg":true}`, "$alg: not a string"},
		{`{"$sign":"no"}`, "$sign: not true or false"},
		{`{"$jwe":1}`, "$jwe: not true or false"},
		{`{"$paste":{}}`, "$paste: not a string"},
		{`{"$mangle":7}`, "$mangle: not a string or a list of strings"},
		{`{"$raw_header":1}`, "$raw_header: not a string"},
		{`{"$raw_payload_hex":"private"}`, "$raw_payload_hex: not hex digits"},
		{`{"$raw_payload":"","$raw_payload_hex":""}`, "$raw_payload_hex: the bytes of this part are given already"},
		{`{"alg":"RS256"}`, "$key: needed, because no kid names a key"},
		{`{"alg":"RS256","kid":7}`, "$key: needed, because no kid names a key"},
		{`{"alg":"private","kid":"nobody"}`, "alg: no such signature algorithm; say how to sign with $alg, or $sign false"},
		{`{"kid":"nobody"}`, "alg: no such signature algorithm; say how to sign with $alg, or $sign false"},
		{`{"alg":"RS256","kid":"rsa","$alg":"private"}`, "$alg: no such signature algorithm"},
		{`{"alg":"HS256","kid":"rsa"}`, "key rsa: made for another kind of alg; name another with $key, or sign with $alg"},
		{`{"alg":"ES384","kid":"p256"}`, "key p256: made for another kind of alg; name another with $key, or sign with $alg"},
		{`{"exp":"now+1x"}`, "exp: no such time; say now, now-1h30m or now+30d, then nothing, ms, str or float"},
		{`{"exp":"now+"}`, "exp: no such time; say now, now-1h30m or now+30d, then nothing, ms, str or float"},
		{`{"nbf":"now+1"}`, "nbf: no such time; say now, now-1h30m or now+30d, then nothing, ms, str or float"},
		{`{"iat":"now 1h"}`, "iat: no such time; say now, now-1h30m or now+30d, then nothing, ms, str or float"},
		{`{"exp":"now+1234567890s"}`, "exp: no such time; say now, now-1h30m or now+30d, then nothing, ms, str or float"},
	} {
		pasted, err := shared().Mint(now, tt.recipe)
		if err == nil || err.Error() != "mint: "+tt.want || pasted != "" {
			t.Errorf("%s\n got %v\nwant mint: %s", tt.recipe, err, tt.want)
		}
	}
	if _, err := shared().Mint(now); err == nil || err.Error() != "mint: no recipe" {
		t.Errorf("no recipe: %v", err)
	}
	if _, err := shared().Mint(now, `{}`, `{"a":}`); err == nil || err.Error() != "mint: recipe 2: a: not JSON" {
		t.Errorf("second recipe: %v", err)
	}
}

func TestPaste(t *testing.T) {
	base := `{"alg":"HS256","kid":"secret","exp":"now+1h"}`
	token := shared().MustMint(now, base)
	for _, tt := range []struct{ recipe, want string }{
		{`{"$paste":"Authorization: Bearer Bearer {}"}`, "Authorization: Bearer Bearer " + token},
		{`{"$paste":"\"{}\""}`, `"` + token + `"`},
		{`{"$paste":"{\"access_token\":\"{}\",\"token_type\":\"Bearer\"}"}`, `{"access_token":"` + token + `","token_type":"Bearer"}`},
		{`{"$paste":"Bearer {} {}"}`, "Bearer " + token + " " + token},
		{`{"$paste":"undefined"}`, "undefined"},
		{`{"$paste":""}`, ""},
		{`{"$paste":"Bearer {}","$mangle":"keep 5"}`, "Bearer " + token[:5]},
	} {
		if got := shared().MustMint(now, base, tt.recipe); got != tt.want {
			t.Errorf("%s: another text than expected (%d characters, want %d)", tt.recipe, len(got), len(tt.want))
		}
	}
}
