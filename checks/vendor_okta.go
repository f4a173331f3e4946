package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// Auth0 and Okta.

var auth0Quirk = Check{
	ID:       "vendor.auth0_quirk",
	Subject:  "Auth0",
	Title:    "Auth0 does something that explains this",
	Doc:      "Without an audience in the request, Auth0 gives out a token for its own /userinfo alone, opaque or encrypted. Its issuer ends with a slash, and is the domain that the client called: the tenant's or a custom one. Permissions are in the token only where the API's RBAC settings put them there, and custom claims where an Action of that flow sets them.",
	Cite:     "https://auth0.com/docs/secure/tokens/access-tokens/get-access-tokens; Auth0 docs, Enable Role-Based Access Control for APIs; Actions triggers",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&auth0) },
}

var auth0 = vendor{quirks: []quirk{
	{
		explains: []Cause{EncryptedToken},
		when:     func(p *Pass) bool { return p.alg == "dir" },
		fact:     redact.Msg("it is what Auth0 gives out when the request names no audience: good for /userinfo, and for nobody else to read"),
		mend:     redact.Msg("Have the client send audience (the API's identifier) when it asks for the token, or set a default audience in the tenant's settings"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when:     func(p *Pass) bool { iss, _ := p.claims.str("iss"); return iss == p.Profile.Issuer+"/" },
		fact:     redact.Msg("Auth0's issuer ends with a slash"),
		mend:     redact.Msg("Put the slash at the end of the issuer that the API expects"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool { // a custom domain has no path
			want := splitAddress(p.Profile.Issuer)
			return !strings.HasSuffix(want.host, ".auth0.com") && (want.path == "" || want.path == "/")
		},
		fact: redact.Msg("iss is the domain that the client called: the tenant's own, or a custom domain"),
		mend: redact.Msg("Have the client use the domain that the API expects; if that is a custom domain of this tenant, in every place where the client names the Auth0 domain"),
	},
	{
		explains: []Cause{AudienceMismatch},
		when: func(p *Pass) bool {
			return p.audienceHas(func(aud string) bool { return strings.HasSuffix(aud, ".auth0.com/api/v2/") })
		},
		fact: redact.Msg("aud is Auth0's own Management API"),
		mend: redact.Msg("Have the client send this API's identifier as audience; a token for the Management API does not belong to any other API"),
	},
	{
		explains: []Cause{AudienceMismatch},
		fact:     redact.Msg("aud is what the client sent as audience, or the tenant's default audience; without either the token is for /userinfo alone"),
		mend:     redact.Msg("Have the client send this API's identifier as audience, to the letter, when it asks for the token"),
	},
	{
		explains: []Cause{InsufficientScope, MissingClaim},
		when: func(p *Pass) bool {
			gty, _ := p.claims.str("gty")
			return gty == "client-credentials" && p.absent(func(name string) bool { return isNamespaced(name) || !isAccess(name) })
		},
		fact: redact.Msg("it comes from the client credentials flow, in which post-login Actions do not run"),
		mend: redact.Msg("Set the claim in an Action of the credentials-exchange trigger (machine to machine), under a namespace of your own"),
	},
	{
		explains: []Cause{InsufficientScope, MissingClaim},
		when:     func(p *Pass) bool { return p.absent(isNamespaced) },
		fact:     redact.Msg("claims with a namespace are set by an Action, and only where that is deployed and part of the login flow"),
		mend:     redact.Msg("Check that the post-login Action is deployed, stands in the login flow and sets the claim on the access token, not only on the ID token"),
	},
	{
		explains: []Cause{InsufficientScope},
		when:     func(p *Pass) bool { t := p.tick(true); return !t.granted() },
		fact:     redact.Msg("permissions are in the token only where the API has RBAC and “Add Permissions in the Access Token” switched on, and with RBAC scope is what was asked for as far as it is assigned"),
		mend:     redact.Msg("Check the API's RBAC settings, what is assigned to the user or client, and that the client asks for the scope; then get a fresh token"),
	},
}}

// isNamespaced recognizes a claim that only an Action sets, be it about roles or about anything else.
func isNamespaced(claim string) bool { return strings.Contains(claim, "://") }

var oktaQuirk = Check{
	ID:       "vendor.okta_quirk",
	Subject:  "Okta",
	Title:    "Okta does something that explains this",
	Doc:      "Each custom authorization server has one audience, which its settings name (api://default for the default one). Its issuer is the organization's URL or the custom URL, as the settings say. The client is in cid, and the scopes are an array, scp.",
	Cite:     "https://developer.okta.com/docs/guides/validate-access-tokens, concepts/auth-servers",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&okta) },
}

var okta = vendor{quirks: []quirk{
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			iss, _ := p.claims.str("iss")
			got, want := splitAddress(iss), splitAddress(p.Profile.Issuer)
			return got.path == want.path && got.host != want.host
		},
		fact: redact.Msg("the authorization server's Issuer setting decides whether iss has the organization's URL, the custom URL, or the one that the client called"),
		mend: redact.Msg("Set the authorization server's Issuer to the URL that the API expects, or have the API expect this one"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when:     func(p *Pass) bool { return isOktaHost(splitAddress(p.Profile.Issuer).host) },
		fact:     redact.Msg("each authorization server of an organization is an issuer of its own, with its own keys"),
		mend:     redact.Msg("Have the client use the authorization server that the API trusts: it stands in the path of the authorize and token URLs"),
	},
	{
		explains: []Cause{AudienceMismatch},
		fact:     redact.Msg("aud is what the authorization server's settings say, api://default for the default one"),
		mend:     redact.Msg("Have the API accept the authorization server's audience, or change that in the authorization server's settings"),
	},
	{
		explains: []Cause{MissingClaim},
		when:     func(p *Pass) bool { return p.has("cid") && p.lacks("azp", "client_id") },
		fact:     redact.Msg("Okta names the client in cid, not in azp or client_id"),
		mend:     redact.Msg("Have the API read cid for Okta's tokens"),
	},
	{
		explains: []Cause{MissingClaim},
		when:     func(p *Pass) bool { return p.absent(anyClaim) },
		fact:     redact.Msg("custom claims are set on the authorization server, for access tokens and for ID tokens apart"),
		mend:     redact.Msg("Add the claim to the authorization server (Claims), for the access token, in the scopes that the client asks for"),
	},
}}

var oktaOrgQuirk = Check{
	ID:       "vendor.okta_org_token",
	Subject:  "Okta",
	Title:    "The token comes from Okta's org authorization server",
	Doc:      "Only Okta itself may consume or validate the access tokens of an org authorization server; to everybody else they are opaque and may change. For your own API use a custom authorization server, or introspect the token.",
	Cite:     "https://developer.okta.com/docs/guides/validate-access-tokens",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&oktaOrg) },
}

var oktaOrg = vendor{quirks: []quirk{
	{
		explains: []Cause{IssuerMismatch, UnknownKey, BadSignature, AudienceMismatch, InsufficientScope, MissingClaim, None},
		when:     func(p *Pass) bool { return p.has("cid") }, // an access token; ID tokens have none
		fact:     redact.Msg("it comes from the org authorization server, whose access tokens only Okta itself may validate"),
		mend:     redact.Msg("Have the client use a custom authorization server (https://ORG.okta.com/oauth2/default, say), whose tokens an API may validate; a token of the org server can only be introspected"),
	},
}}

func isOktaHost(host string) bool {
	return strings.HasSuffix(host, ".okta.com") || strings.HasSuffix(host, ".oktapreview.com") || strings.HasSuffix(host, ".okta-emea.com")
}

// hasOktaClaims recognizes an access token of Okta's on a custom domain.
func (p *Pass) hasOktaClaims() bool {
	ver, ok := p.claims.find("ver")
	return ok && p.claims.raw(ver) == "1" && p.has("cid") && p.has("jti") && (p.has("uid") || p.has("scp"))
}
