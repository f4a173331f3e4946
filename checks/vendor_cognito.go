package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// Amazon Cognito user pools.

var cognitoQuirk = Check{
	ID:       "vendor.cognito_quirk",
	Subject:  "Amazon Cognito",
	Title:    "Amazon Cognito does something that explains this",
	Doc:      "Its access tokens have no aud unless the client asked for a resource binding: the app client is in client_id, which API Gateway compares where aud is absent. ID and access tokens are signed with different keys of the same set. Pools with multi-region replication have an issuer host of their own. Groups are in cognito:groups, and custom scopes come from the OAuth endpoints only.",
	Cite:     "Amazon Cognito Developer Guide, Understanding the access token; https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&cognito) },
}

var cognito = vendor{quirks: []quirk{
	{
		explains: []Cause{AudienceMismatch},
		when: func(p *Pass) bool {
			client, _ := p.claims.str("client_id")
			return !p.has("aud") && slices.Contains(p.Profile.Audience, client)
		},
		fact: redact.Msg("a Cognito access token has no aud unless a resource binding was asked for; the accepted value stands in client_id"),
		mend: redact.Msg("Have the API compare client_id where aud is absent, as API Gateway does; in this profile require client_id instead of an audience"),
	},
	{
		explains: []Cause{AudienceMismatch},
		when:     func(p *Pass) bool { return !p.has("aud") && p.has("client_id") },
		fact:     redact.Msg("a Cognito access token has no aud unless a resource binding was asked for; its app client is in client_id"),
		mend:     redact.Msg("Have the API compare client_id with its app clients, as API Gateway does where aud is absent, or have the client ask for a resource binding (the resource parameter)"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			iss, _ := p.claims.str("iss")
			got, want := splitAddress(iss), splitAddress(p.Profile.Issuer)
			return got.path == want.path && strings.TrimPrefix(got.host, "issuer.") == strings.TrimPrefix(want.host, "issuer.")
		},
		fact: redact.Msg("it is the same user pool: pools with multi-region replication write issuer. in front of the host of iss"),
		mend: redact.Msg("Have the API expect the issuer that the pool's tokens name now, or both spellings; the key set stands under either"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when:     func(p *Pass) bool { return isCognitoHost(splitAddress(p.Profile.Issuer).host) },
		fact:     redact.Msg("iss names another region or user pool"),
		mend:     redact.Msg("Compare region and pool ID in the client's configuration with those that the API expects"),
	},
	{
		explains: []Cause{UnknownKey},
		fact:     redact.Msg("a user pool has two keys, one for ID tokens and one for access tokens, in one key set"),
		mend:     redact.Msg("Check that the key set is that of the pool in iss (iss + /.well-known/jwks.json) and that both of its keys are known, not only one copied from it"),
	},
	{
		explains: []Cause{InsufficientScope},
		when:     func(p *Pass) bool { return p.has("cognito:groups") && p.lacks("role", "roles", "groups") },
		fact:     redact.Msg("Cognito writes a user's groups into cognito:groups, not into roles or groups"),
		mend:     redact.Msg("Have the API read cognito:groups, or add the claim in a pre token generation trigger"),
	},
	{
		explains: []Cause{InsufficientScope},
		when: func(p *Pass) bool {
			scope, _ := p.claims.str("scope")
			return scope == "aws.cognito.signin.user.admin" && p.lacks("scope", "scp")
		},
		fact: redact.Msg("tokens from the SDK's sign-in have aws.cognito.signin.user.admin as their only scope; custom scopes come from the OAuth endpoints"),
		mend: redact.Msg("Have the client sign in through the pool's OAuth endpoints (managed login) and ask for the scope there, or add it in a pre token generation trigger"),
	},
}}

// isCognitoHost knows both spellings of the issuer, cognito-idp.REGION and issuer.cognito-idp.REGION.
func isCognitoHost(host string) bool {
	host = strings.TrimPrefix(host, "issuer.")
	return strings.HasPrefix(host, "cognito-idp.") && (strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn"))
}
