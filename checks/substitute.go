package checks

import (
	"encoding/base64"
	"strings"

	"jwt-check-bot/redact"
)

// substitute is something that was pasted in place of a JWT.
type substitute struct {
	says   redact.Message // what it is, with its article
	secret bool           // it lives long: exposed, it must be replaced
	opaque bool           // an access token all the same, that only its issuer can read
}

// Credentials by the prefix that their makers publish so that they can be recognized. Each is split,
// so that no scanner of source code takes this list for a leak.
var byPrefix = []struct {
	prefix string
	substitute
}{
	{"gh" + "p_", substitute{redact.Msg("a GitHub personal access token"), true, false}},
	{"github" + "_pat_", substitute{redact.Msg("a GitHub fine-grained personal access token"), true, false}},
	{"gh" + "o_", substitute{redact.Msg("a GitHub OAuth access token"), true, true}},
	{"gh" + "u_", substitute{redact.Msg("a GitHub App user access token"), false, true}},
	{"gh" + "s_", substitute{redact.Msg("a GitHub App installation token"), false, true}},
	{"gh" + "r_", substitute{redact.Msg("a GitHub refresh token"), true, false}},
	{"gl" + "pat-", substitute{redact.Msg("a GitLab personal access token"), true, false}},
	{"gl" + "oas-", substitute{redact.Msg("a GitLab OAuth application secret"), true, false}},
	{"gl" + "dt-", substitute{redact.Msg("a GitLab deploy token"), true, false}},
	{"gl" + "rt-", substitute{redact.Msg("a GitLab runner token"), true, false}},
	{"gl" + "ptt-", substitute{redact.Msg("a GitLab pipeline trigger token"), true, false}},
	{"gl" + "cbt-", substitute{redact.Msg("a GitLab CI/CD job token"), false, false}},
	{"xox" + "b-", substitute{redact.Msg("a Slack bot token"), true, false}},
	{"xox" + "p-", substitute{redact.Msg("a Slack user token"), true, false}},
	{"xox" + "e.", substitute{redact.Msg("a Slack token with rotation"), true, false}},
	{"xox" + "e-", substitute{redact.Msg("a Slack refresh token"), true, false}},
	{"xox", substitute{redact.Msg("a Slack token"), true, false}},
	{"xapp" + "-", substitute{redact.Msg("a Slack app-level token"), true, false}},
	{"sk_" + "live_", substitute{redact.Msg("a Stripe secret key"), true, false}},
	{"sk_" + "test_", substitute{redact.Msg("a Stripe secret key of test mode"), true, false}},
	{"rk_" + "live_", substitute{redact.Msg("a Stripe restricted key"), true, false}},
	{"pk_" + "live_", substitute{redact.Msg("a Stripe publishable key"), false, false}},
	{"wh" + "sec_", substitute{redact.Msg("a webhook signing secret"), true, false}},
	{"AKI" + "A", substitute{redact.Msg("an AWS access key ID"), true, false}},
	{"ASI" + "A", substitute{redact.Msg("an AWS temporary access key ID"), false, false}},
	{"ya" + "29.", substitute{redact.Msg("a Google OAuth access token, which is opaque"), false, true}},
	{"1/" + "/0", substitute{redact.Msg("a Google OAuth refresh token"), true, false}},
	{"AI" + "za", substitute{redact.Msg("a Google API key"), true, false}},
	{"GOC" + "SPX-", substitute{redact.Msg("a Google OAuth client secret"), true, false}},
	{"Atz" + "a|", substitute{redact.Msg("a Login with Amazon access token, which is opaque"), false, true}},
	{"Atz" + "r|", substitute{redact.Msg("a Login with Amazon refresh token"), true, false}},
	{"hv" + "s.", substitute{redact.Msg("a HashiCorp Vault service token"), true, false}},
	{"hv" + "b.", substitute{redact.Msg("a HashiCorp Vault batch token"), false, false}},
	{"sk-" + "ant-", substitute{redact.Msg("an Anthropic API key"), true, false}},
	{"sk-" + "proj-", substitute{redact.Msg("an OpenAI API key"), true, false}},
	{"SG" + ".", substitute{redact.Msg("a SendGrid API key"), true, false}},
	{"np" + "m_", substitute{redact.Msg("an npm access token"), true, false}},
	{"py" + "pi-", substitute{redact.Msg("a PyPI API token"), true, false}},
	{"dck" + "r_pat_", substitute{redact.Msg("a Docker personal access token"), true, false}},
	{"do" + "p_v1_", substitute{redact.Msg("a DigitalOcean personal access token"), true, false}},
	{"do" + "o_v1_", substitute{redact.Msg("a DigitalOcean OAuth token"), false, true}},
	{"sh" + "pat_", substitute{redact.Msg("a Shopify access token"), true, false}},
	{"gl" + "sa_", substitute{redact.Msg("a Grafana service account token"), true, false}},
	{"dp." + "pt.", substitute{redact.Msg("a Doppler personal token"), true, false}},
	{"ATAT" + "T3", substitute{redact.Msg("an Atlassian API token"), true, false}},
	{"lin_" + "api_", substitute{redact.Msg("a Linear API key"), true, false}},
	{"PM" + "AK-", substitute{redact.Msg("a Postman API key"), true, false}},
	{"rubygems" + "_", substitute{redact.Msg("a RubyGems API key"), true, false}},
	{"sb" + "_secret_", substitute{redact.Msg("a Supabase secret key"), true, false}},
	{"sb" + "_publishable_", substitute{redact.Msg("a Supabase publishable key"), false, false}},
	{"hf" + "_", substitute{redact.Msg("a Hugging Face token"), true, false}},
}

// minPrefixed is as short as one with such a prefix may be: a word may start with the same letters.
const minPrefixed = 16

// The kinds that have another form than a prefix.
var (
	privateKeyPEM  = substitute{says: redact.Msg("a private key (PEM)"), secret: true}
	privateJWK     = substitute{says: redact.Msg("a private or secret key (JWK)"), secret: true}
	publicPEM      = substitute{says: redact.Msg("a public key or certificate (PEM), not a token that it verifies")}
	publicJWK      = substitute{says: redact.Msg("a public key (JWK), not a token that it verifies")}
	keySetJWK      = substitute{says: redact.Msg("a key set (JWK Set), not a token that it verifies")}
	keyFile        = substitute{says: redact.Msg("a service account's key file"), secret: true}
	clientSecret   = substitute{says: redact.Msg("a client's ID and secret, with which a token is asked for"), secret: true}
	basicLogin     = substitute{says: redact.Msg("Basic credentials (name and password)"), secret: true}
	awsSignature   = substitute{says: redact.Msg("an AWS request signature (Signature Version 4)")}
	spnego         = substitute{says: redact.Msg("a Kerberos or NTLM credential")}
	samlAssertion  = substitute{says: redact.Msg("a SAML message (XML), which an API that takes JWTs does not read"), opaque: true}
	pasetoPublic   = substitute{says: redact.Msg("a PASETO (signed), another format than JWT"), opaque: true}
	pasetoLocal    = substitute{says: redact.Msg("a PASETO (encrypted), another format than JWT"), opaque: true}
	fernet         = substitute{says: redact.Msg("a Fernet token (encrypted with a shared key)"), opaque: true}
	macaroon       = substitute{says: redact.Msg("a macaroon, another format than JWT"), opaque: true}
	sdJWT          = substitute{says: redact.Msg("an SD-JWT (RFC 9901): a signed token with disclosures behind it (~), which an API that takes plain JWTs refuses")}
	uuid           = substitute{says: redact.Msg("an opaque token (a UUID)"), opaque: true}
	jwsFlattened   = substitute{says: redact.Msg("a JWS in the flattened JSON serialization (RFC 7515 §7.2.2), where a JWT is compact")}
	jwsGeneral     = substitute{says: redact.Msg("a JWS in the general JSON serialization (RFC 7515 §7.2.1), where a JWT is compact")}
	jweFlattened   = substitute{says: redact.Msg("a JWE in the flattened JSON serialization (RFC 7516 §7.2.2), where a JWT is compact")}
	jweGeneral     = substitute{says: redact.Msg("a JWE in the general JSON serialization (RFC 7516 §7.2.1), where a JWT is compact")}
	errorResponse  = substitute{says: redact.Msg("an error response of the token endpoint: no token was issued")}
	emptyResponse  = substitute{says: redact.Msg("a token response that holds no access token")}
	challenge      = substitute{says: redact.Msg("a server's answer (the challenge, WWW-Authenticate), not the Authorization header of the request")}
	introspection  = substitute{says: redact.Msg("an introspection response (RFC 7662), not the token that it is about")}
	issuerMetadata = substitute{says: redact.Msg("an issuer's metadata document")}
	decodedToken   = substitute{says: redact.Msg("the decoded content of a token; its encoded form, with two dots, is needed")}
	bareRequest    = substitute{says: redact.Msg("an HTTP request without an Authorization header")}
)

var (
	pasetoForm = lazily(`^v[1-4]\.(public|local)\.[A-Za-z0-9_-]+`)
	uuidForm   = lazily(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	samlField  = lazily(`(?i)\bSAML(Response|Request|art)=`)
	secretPair = lazily(`(?i)client_secret["']?\s*[:=]\s*["']?[^\s"'&,<>{}$]{6,}`)
)

// substitute returns what was pasted in place of a JWT, or nil.
func (p *paste) substitute(s string) *substitute {
	token := p.token
	switch {
	case p.more.kind != nil && token == "":
		return p.more.kind
	case strings.Contains(s, "-----BEGIN") && !isWhole(token):
		if strings.Contains(s, "PRIVATE KEY-----") {
			return &privateKeyPEM
		}
		return &publicPEM
	case startsToken(token):
		if before, _, ok := strings.Cut(token, "~"); ok && strings.Count(before, ".") == 2 {
			return &sdJWT
		}
		return nil
	case samlField().MatchString(s) || isXML(s) && strings.Contains(strings.ToLower(s), "saml"):
		return &samlAssertion
	case token == "" && requestStart().MatchString(s) && !p.header() && strings.Contains(s, " HTTP/"):
		return &bareRequest
	case token == "" && !p.header():
		return prefixedIn(s)
	}
	if c := p.substituteByScheme(token); c != nil {
		return c
	}
	return substituteByForm(token)
}

// substituteByScheme goes by the scheme.
func (p *paste) substituteByScheme(token string) *substitute {
	if p.artefacts&otherScheme == 0 {
		return nil
	}
	switch p.more.scheme {
	case "Basic":
		return &basicLogin
	case "AWS4-HMAC-SHA256":
		return &awsSignature
	case "Negotiate", "NTLM":
		return &spnego
	}
	return nil
}

// substituteByForm goes by the candidate itself.
func substituteByForm(token string) *substitute {
	if c := prefixed(token); c != nil {
		return c
	}
	if m := pasetoForm().FindStringSubmatch(token); m != nil {
		if m[1] == "local" {
			return &pasetoLocal
		}
		return &pasetoPublic
	}
	if uuidForm().MatchString(token) {
		return &uuid
	}
	head := decodedHead(token)
	switch {
	case strings.HasPrefix(token, "gA"+"AAAA") && len(token) >= 100:
		return &fernet
	case isXML(head) && (strings.Contains(strings.ToLower(head), "saml") || strings.Contains(head, "Assertion")):
		return &samlAssertion
	case len(head) > 12 && head[:2] == "00" && strings.HasPrefix(head[4:], "location "), strings.HasPrefix(head, "\x02\x01"):
		return &macaroon
	}
	return nil
}

func prefixed(token string) *substitute {
	if len(token) < minPrefixed {
		return nil
	}
	for i := range byPrefix {
		if strings.HasPrefix(token, byPrefix[i].prefix) {
			return &byPrefix[i].substitute
		}
	}
	return nil
}

// prefixedIn looks for one among words.
func prefixedIn(s string) *substitute {
	for piece := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`=:,;()<>", r) }) {
		if c := prefixed(piece); c != nil {
			return c
		}
	}
	return nil
}

var xmlStart = lazily(`^<(\?xml|!--|[A-Za-z][\w.-]*[:\s>])`)

func isXML(s string) bool { return xmlStart().MatchString(s) }

// decodedHead decodes the start of base64 in either alphabet; empty for anything else.
func decodedHead(s string) string {
	head := strings.NewReplacer("-", "+", "_", "/").Replace(s[:min(len(s), 400)])
	head = strings.TrimRight(head, "=")
	b, err := base64.RawStdEncoding.DecodeString(head[:len(head)/4*4])
	if err != nil {
		return ""
	}
	return string(b)
}

// secretIn returns what secret the paste holds, be it the candidate itself or beside it.
func (p *paste) secretIn(s string) redact.Message {
	switch {
	case p.more.kind != nil && p.more.kind.secret:
		return p.more.kind.says
	case strings.Contains(s, "PRIVATE KEY-----"):
		return privateKeyPEM.says
	case secretPair().MatchString(s):
		return redact.Msg("a client secret")
	case p.more.refresh:
		return redact.Msg("a refresh token")
	}
	return redact.Message{}
}

// kind says what a JSON text is that holds no token.
func (o *members) kind(s string) *substitute {
	has := func(names ...string) bool {
		for _, name := range names {
			if !o.names[name] {
				return false
			}
		}
		return true
	}
	switch {
	case has("payload", "signatures"):
		return &jwsGeneral
	case has("payload", "signature"):
		return &jwsFlattened
	case has("ciphertext", "recipients"):
		return &jweGeneral
	case has("ciphertext"):
		return &jweFlattened
	case has("kty") && o.private:
		return &privateJWK
	case has("kty"):
		return &publicJWK
	case has("keys") && o.private:
		return &privateJWK
	case has("keys"):
		return &keySetJWK
	case has("private_key"):
		return &keyFile
	case o.secret && o.token == "":
		return &clientSecret
	case has("active") && !has("access_token"):
		return &introspection
	case has("issuer", "jwks_uri"):
		return &issuerMetadata
	case has("error"):
		return &errorResponse
	case o.challenge:
		return &challenge
	case has("token_type"), has("access_token"):
		return &emptyResponse
	case has("alg"), has("header", "payload"), has("iss"), has("sub", "exp"), has("exp", "iat"):
		return &decodedToken
	}
	return nil
}
