package bot_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"jwt-check-bot/checks/mint"
)

// specimen is one paste, and what of it nobody may ever see.
type specimen struct {
	name   string
	paste  string
	token  string   // the token in it, without what a person copied along
	hidden []string // the values of hidden claims
}

// trialRing has a key of each kind; production publishes all of them.
var trialRing = sync.OnceValue(func() *mint.Keys {
	k := mint.NewKeys()
	for name, alg := range map[string]string{
		"prod-1": "RS256", "staging-1": "RS256", "stranger": "RS256", "ec-256": "ES256", "ec-384": "ES384", "ec-521": "ES512", "ed": "EdDSA", "shared": "HS256",
	} {
		if err := k.Key(name, alg); err != nil {
			panic(err)
		}
	}
	return k
})

// trialKeys is production's key set: without alg, so that one RSA key serves six algorithms.
func trialKeys(names ...string) []byte {
	set := struct {
		Keys []map[string]any `json:"keys"`
	}{}
	for _, name := range names {
		key := trialRing().JWK(name)
		delete(key, "alg")
		set.Keys = append(set.Keys, key)
	}
	b, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	return b
}

// canary is a word that stands nowhere else.
func canary() string {
	var b [13]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])[:25]
}

// specimenOf mints a token with canaries in it: each $N of the recipes is one. What stands in paste
// for {} is the token.
func specimenOf(now time.Time, name, paste string, recipes ...string) specimen {
	s := specimen{name: name}
	words := map[string]string{}
	filled := []string{trialGood}
	filled = append(filled, recipes...)
	for i, r := range filled {
		for n := range 10 {
			place := fmt.Sprintf("$%d", n)
			if !strings.Contains(r, place) {
				continue
			}
			if words[place] == "" {
				words[place] = canary()
				s.hidden = append(s.hidden, words[place])
			}
			r = strings.ReplaceAll(r, place, words[place])
		}
		filled[i] = r
	}
	s.token = trialRing().MustMint(now, filled...)
	s.paste = strings.ReplaceAll(paste, "{}", s.token)
	return s
}

// trialGood is a good token whose claims are canaries where the policy hides or masks them.
const trialGood = `{"alg":"RS256","typ":"at+jwt","kid":"prod-1","iss":"https://login.acme.example/prod","aud":"api://orders",
"sub":"auth0|$0","client_id":"web-shop","scope":"orders:read profile","tenant_id":"$1","jti":"$2","iat":"now-1h","nbf":"now-1h","exp":"now+1h",
"email":"$3@acme.example","family_name":"$4","cart":{"items":["$5"]},"note":"$6"}`

// specimens are some of everything that may be pasted.
func specimens(now time.Time) []specimen {
	var list []specimen
	add := func(kind, recipe string) { list = append(list, specimenOf(now, kind+" "+recipe, "{}", recipe)) }
	for alg, key := range map[string]string{
		"RS256": "prod-1", "RS384": "prod-1", "RS512": "prod-1", "PS256": "prod-1", "PS384": "prod-1", "PS512": "prod-1",
		"ES256": "ec-256", "ES384": "ec-384", "ES512": "ec-521", "EdDSA": "ed", "HS256": "shared", "HS384": "shared", "HS512": "shared",
	} {
		add("algorithm", `{"alg":"`+alg+`","kid":"`+key+`"}`)
	}
	for _, recipe := range []string{
		`{"alg":"none"}`, `{"alg":"NoNe","$sign":false}`, `{"alg":"HS256","$key":"shared"}`, `{"alg":"RSA1_5","enc":"A128GCM","$jwe":true}`,
		`{"kid":"stranger"}`, `{"kid":null,"$key":"prod-1"}`, `{"kid":null,"$key":"stranger"}`, `{"$key":"stranger"}`, `{"alg":"made-up","$alg":"RS256"}`,
		`{"exp":"now-1h"}`, `{"exp":"now ms"}`, `{"exp":"now str"}`, `{"nbf":"now+5m"}`, `{"exp":null}`, `{"aud":"other"}`, `{"scope":null}`,
		`{"iss":"https://login.acme.example/staging","kid":"staging-1","aud":"api://orders-staging"}`, `{"cnf":{"jkt":"$7"}}`,
		`{"jwk":{"kty":"oct","k":"$7"},"jku":"https://evil.example/$8","x5u":"https://evil.example/","x5c":["$9"]}`, `{"crit":["b64"],"b64":false}`,
	} {
		add("kind", recipe)
	}
	for _, mangle := range []string{
		"truncate 1", "truncate 40", "truncate 700", "keep 20", "keep 60", "keep 300", "flip signature", "flip payload", "drop signature", "two parts", "four parts",
		"zero signature", "pad", "std", "noncanonical", "newline 64", "newline 76", "space 40", "upper",
	} {
		add("mangled", `{"$mangle":"`+mangle+`"}`)
	}
	add("mangled", `{"alg":"ES256","kid":"ec-256","$mangle":"der"}`)
	for _, paste := range wrappers {
		list = append(list, specimenOf(now, "paste "+paste, paste, `{}`))
	}
	for _, size := range []int{400, 1500, 5000, 12000, 30000, 44000} { // a third more in base64
		filler := strings.Repeat(canary(), size/25+1)[:size]
		s := specimenOf(now, fmt.Sprintf("size %d", size), "{}", `{"filler":"`+filler+`"}`)
		s.hidden = append(s.hidden, filler[:25])
		list = append(list, s)
	}
	for _, recipe := range hostileRecipes() {
		name := recipe
		if len(name) > 60 {
			name = name[:60]
		}
		list = append(list, specimenOf(now, "hostile "+name, "{}", recipe))
	}
	return list
}

// wrappers are what people copy along.
var wrappers = []string{
	"Authorization: Bearer {}", "Bearer Bearer {}", "bearer  {}", "Authorization: {}", "Basic {}", "Token {}", `"{}"`, "'{}'", "<{}>", "`{}`", "```\n{}\n```",
	`{"access_token":"{}","token_type":"Bearer","expires_in":3600}`, `{"headers":{"Authorization":"Bearer {}"}}`, "curl -H 'Authorization: Bearer {}' https://api.example/",
	"https://app.example/cb#access_token={}&token_type=bearer", "access_token={}", "Cookie: session={}", "%22{}%22", "{}\n{}", "{}, {}", "the token is {} I think",
	"\u200b{}\u200b", "{}…", "{};", "xxxxxxxx{}", "[object Object] {}", "DPoP {}", "Bearer:{}", "{}{}",
}

// hostileRecipes are claims that mean harm: to Slack's parsers, to the layout, to the nets.
func hostileRecipes() []string {
	deep := strings.Repeat(`{"a":`, 900) + `"$7"` + strings.Repeat("}", 900)
	wide := make([]string, 1500)
	for i := range wide {
		wide[i] = fmt.Sprintf(`"claim_%d":"$7 %d"`, i, i)
	}
	long := strings.Repeat("x ", 5000)
	recipes := []string{
		`{"note":"<!channel> $7 <@U0ANA> <https://evil.example/$8|click>"}`, `{"aud":"<!channel>$7@acme.example"}`,
		`{"iss":"https://evil.example/?token=$7$8$9"}`, `{"note":"\u202e$7\u202c \u200b\u200d\ufeff"}`, `{"client_id":"\u202e$7@acme.example"}`,
		`{"note":"\n\n✗ Rejected · expired\n$7"}`, "{\"note\":\"```$7``` *bold* :tada: mailto:$8@acme.example\"}",
		`{"note":"` + long + `$7"}`, `{"aud":["` + long + `$7@acme.example"]}`, `{"deep":` + deep + `}`, `{` + strings.Join(wide, ",") + `}`,
		// What is hidden, copied to where it may be shown.
		`{"sub":"$7@acme.example","client_id":"$7@acme.example","azp":"$7@acme.example"}`, `{"email":"$7@acme.example","kid":"$7@acme.example","$key":"prod-1"}`,
		`{"email":"$7@acme.example","aud":["api://orders","$7@acme.example"]}`, `{"scope":"orders:read $7@acme.example"}`, `{"roles":["$7$8$9","admin"]}`,
		`{"password":"$7$8$9","client_id":"$7$8$9"}`, `{"vip":"$7@acme.example"}`, `{"vip":["$7$8$9"]}`, `{"iss":"$7@acme.example"}`, `{"typ":"$7@acme.example"}`, `{"alg":"$7@acme.example","$alg":"RS256"}`,
		`{"client_id":"eyJ$7.eyJ$8.$9"}`, `{"kid":"eyJ$7.eyJ$8.$9","$key":"prod-1"}`,
		// Names are content too.
		`{"mail of $7@acme.example":1}`, `{"$7":"$8"}`, `{"<@U0ANA> $7":true}`, `{"https://acme.example/claims/$7":["$8"]}`,
		`{"$raw_payload":"{\"sub\":\"$7\",\"sub\":\"$8\",\"exp\":1}"}`, `{"$raw_payload":"$7 is no JSON"}`, `{"$raw_payload":"[\"$7\"]"}`, `{"$raw_header":"{\"alg\":\"RS256\",\"$7\":","$alg":"RS256","$key":"prod-1"}`,
		`{"$raw_payload":"{\"exp\":1e999,\"note\":\"$7\"}"}`, `{"exp":"$7"}`, `{"exp":{"$7":1}}`, `{"aud":{"$7":1}}`, `{"iss":["$7@acme.example"]}`, `{"exp":9e99,"iat":-1e99}`,
	}
	return recipes
}
