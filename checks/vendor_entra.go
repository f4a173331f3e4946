package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// Microsoft Entra ID: workforce tenants of all clouds, External ID (ciamlogin.com) and Azure AD B2C.

var entraQuirk = Check{
	ID:       "vendor.entra_quirk",
	Subject:  "Microsoft Entra ID",
	Title:    "Microsoft Entra ID does something that explains this",
	Doc:      "It has two versions of access tokens, with other issuers and audiences, and the API's app registration chooses between them, not the endpoint that the client calls. In multi-tenant metadata the issuer is a template. Apps with claims mapping have signing keys of their own. App-only tokens have roles and no scp. From about 200 groups on, the groups are left out.",
	Cite:     "https://learn.microsoft.com/entra/identity-platform/access-tokens, access-token-claims-reference, claims-validation",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&entra) },
}

const consumerTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

var entra = vendor{quirks: []quirk{
	{
		explains: []Cause{IssuerMismatch},
		when:     func(p *Pass) bool { _, _, multi := entraIssuer(p.Profile.Issuer); return multi },
		fact:     redact.Msg("iss names the tenant that the account belongs to; {tenantid}, common, organizations and consumers are placeholders that no token has"),
		mend:     redact.Msg("Have the API put the token's tid in place of {tenantid} in the metadata's issuer before it compares, and accept only the tenants that it serves"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when:     func(p *Pass) bool { return p.entraVersions(1, 2) },
		fact:     redact.Msg("it is a v1.0 token and the API expects v2.0; the API's app registration decides that, not the endpoint that the client calls"),
		mend:     redact.Msg("Set requestedAccessTokenVersion (accessTokenAcceptedVersion in the older manifest) to 2 in the API's app registration and get a fresh token, or have the API expect v1.0: issuer https://sts.windows.net/TENANT/ and metadata without /v2.0"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when:     func(p *Pass) bool { return p.entraVersions(2, 1) },
		fact:     redact.Msg("it is a v2.0 token and the API expects v1.0; the API's app registration decides that, not the endpoint that the client calls"),
		mend:     redact.Msg("Have the API expect v2.0: issuer and metadata with /v2.0, and its client ID as aud; or set requestedAccessTokenVersion (accessTokenAcceptedVersion) back to 1 in its app registration"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			want, _, _ := entraIssuer(p.Profile.Issuer)
			return p.entraTenant() == consumerTenant && want != "" && want != consumerTenant
		},
		fact: redact.Msg("the tenant in iss is that of all personal Microsoft accounts, not an organization's"),
		mend: redact.Msg("Have the person sign in with a work or school account, or accept personal accounts and their issuer on purpose"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			iss, _ := p.claims.str("iss")
			got, want := splitAddress(iss), splitAddress(p.Profile.Issuer)
			return strings.HasSuffix(got.host, ".ciamlogin.com") && strings.HasSuffix(want.host, ".ciamlogin.com") && got.host != want.host && got.path == want.path
		},
		fact: redact.Msg("External ID writes the tenant's ID into the host of iss, while its endpoints have the tenant's name there"),
		mend: redact.Msg("Have the API expect the issuer that the tenant's metadata names: https://TENANT_ID.ciamlogin.com/TENANT_ID/v2.0"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			iss, _ := p.claims.str("iss")
			return strings.HasSuffix(splitAddress(iss).host, ".b2clogin.com") && isEntraHost(splitAddress(p.Profile.Issuer).host)
		},
		fact: redact.Msg("in Azure AD B2C the policy's IssuanceClaimPattern decides whether iss is https://NAME.b2clogin.com/TENANT_ID/v2.0/ or has /tfp/ and the policy in it; either way it ends with a slash"),
		mend: redact.Msg("Have the API expect the issuer that the metadata of this very user flow or policy names, slash included"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			want, _, _ := entraIssuer(p.Profile.Issuer)
			return want != "" && p.entraTenant() != want
		},
		fact: redact.Msg("iss names another tenant: with common or organizations as authority the account's home tenant issues the token"),
		mend: redact.Msg("Have the client sign in at the authority of the expected tenant, and guests too; or register the API as multi-tenant and accept this tenant on purpose"),
	},
	{
		explains: []Cause{UnknownKey},
		fact:     redact.Msg("the tenant's key set lacks the keys of apps that have a signing key of their own, as claims mapping gives them"),
		mend:     redact.Msg("If the API's app registration has claims mapping or a signing key of its own, add ?appid=ITS_CLIENT_ID to the metadata or key set URL; otherwise get a fresh token, and ask the issuer if its kid is not there either"),
	},
	{
		explains: []Cause{AudienceMismatch},
		when:     func(p *Pass) bool { return p.entraVersion() == 2 && !slices.ContainsFunc(p.Profile.Audience, isGUID) },
		fact:     redact.Msg("in a v2.0 token aud is always the API's client ID, a GUID; an api:// URI stands in v1.0 tokens only"),
		mend:     redact.Msg("Have the API accept its client ID (the GUID of its app registration) as aud; if the GUID in aud is another app's, have the client request a scope of this API"),
	},
	{
		explains: []Cause{AudienceMismatch},
		when: func(p *Pass) bool {
			return p.entraVersion() == 1 && slices.ContainsFunc(p.Profile.Audience, isGUID) && !p.audienceHas(isGUID)
		},
		fact: redact.Msg("in a v1.0 token aud is the API's URI or its client ID, as the client asked for it"),
		mend: redact.Msg("Have the API accept its application ID URI beside its client ID, or set requestedAccessTokenVersion (accessTokenAcceptedVersion) to 2 in its app registration, which makes aud the client ID always"),
	},
	{
		explains: []Cause{InsufficientScope, MissingClaim},
		when:     func(p *Pass) bool { return p.groupsLeftOut() && p.lacks("groups") },
		fact:     redact.Msg("the groups were left out because there are too many of them, and the token says instead where to look them up (overage)"),
		mend:     redact.Msg("Have the API read the groups from Microsoft Graph, or emit only groups assigned to the application, or use app roles"),
	},
	{
		explains: []Cause{InsufficientScope},
		when:     func(p *Pass) bool { return p.appOnly() && p.lacks("scope", "scp") },
		fact:     redact.Msg("it is an app-only token, without a user: such have roles and never scp"),
		mend:     redact.Msg("Give the client an app role of the API, with admin consent, and have the API check roles for clients without a user; or use a flow with a signed-in user"),
	},
	{
		explains: []Cause{MissingClaim},
		when: func(p *Pass) bool {
			return p.lacks("client_id", "azp", "appid", "cid") && (p.has("azp") || p.has("appid"))
		},
		fact: redact.Msg("Entra ID names the client in appid in v1.0 tokens and in azp in v2.0 tokens"),
		mend: redact.Msg("Have the API read appid or azp, by the version that it accepts"),
	},
	{
		explains: []Cause{MissingClaim},
		when:     func(p *Pass) bool { return p.absent(anyClaim) },
		fact:     redact.Msg("Entra ID puts few claims into access tokens by itself, and v2.0 fewer than v1.0"),
		mend:     redact.Msg("Add it to the access token as an optional claim in the API's app registration (Token configuration)"),
	},
	{
		explains: []Cause{None},
		when:     (*Pass).groupsLeftOut,
		fact:     redact.Msg("the groups were left out because there are too many of them: an API that decides by groups finds none, unless it asks Microsoft Graph"),
	},
}}

var graphQuirk = Check{
	ID:       "vendor.graph_token",
	Subject:  "Microsoft Graph",
	Title:    "The token is for Microsoft Graph",
	Doc:      "Graph's access tokens are for Graph alone, in a format of its own: with a nonce in the header, the signature does not verify for anybody else. A client gets one when it asks for Graph's scopes, such as User.Read. It has to ask for a scope of your API.",
	Cite:     "https://learn.microsoft.com/entra/identity-platform/access-tokens (Validate tokens)",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&graph) },
}

var graph = vendor{quirks: []quirk{
	{
		explains: []Cause{IssuerMismatch, UnknownKey, BadSignature, AudienceMismatch, InsufficientScope, MissingClaim},
		when:     func(p *Pass) bool { return !slices.ContainsFunc(p.Profile.Audience, isGraph) },
		fact:     redact.Msg("the token is for Microsoft Graph, not for this API, and in a format that only Graph can validate"),
		mend:     redact.Msg("Have the client request a scope of this API (api://CLIENT_ID/NAME, or CLIENT_ID/.default) in a token request of its own; a request for Graph's scopes, such as User.Read, gives a token for Graph"),
	},
}}

func isGraph(aud string) bool {
	return aud == "00000003-0000-0000-c000-000000000000" || strings.TrimSuffix(aud, "/") == "https://graph.microsoft.com"
}

func (p *Pass) forGraph() bool { return p.audienceHas(isGraph) }

func isEntraHost(host string) bool {
	switch host {
	case "sts.windows.net", "sts.chinacloudapi.cn", "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn":
		return true
	}
	return strings.HasSuffix(host, ".ciamlogin.com") || strings.HasSuffix(host, ".b2clogin.com")
}

// entraIssuer takes an issuer apart: its tenant, its version, and whether it is a placeholder for all
// tenants. The zero values are those of no such issuer.
func entraIssuer(iss string) (tenant string, version int, multi bool) {
	a := splitAddress(iss)
	if !isEntraHost(a.host) {
		return "", 0, false
	}
	version = 1
	if strings.HasSuffix(strings.TrimSuffix(a.path, "/"), "/v2.0") {
		version = 2
	}
	tenant, _, _ = strings.Cut(strings.TrimPrefix(a.path, "/"), "/")
	switch tenant {
	case "{tenantid}", "common", "organizations", "consumers":
		return "", version, true
	}
	return tenant, version, false
}

// sameTenantOtherVersion is the commonest near miss of all at Entra ID: the URLs have little in common.
func sameTenantOtherVersion(g, w address) bool {
	got, gv, _ := entraIssuer(g.text)
	want, wv, _ := entraIssuer(w.text)
	return got != "" && got == want && gv != wv
}

func (p *Pass) entraTenant() string {
	iss, _ := p.claims.str("iss")
	tenant, _, _ := entraIssuer(iss)
	return tenant
}

// entraVersion is the access token's version: ver, where the token says it, or what iss shows.
func (p *Pass) entraVersion() int {
	switch ver, _ := p.claims.str("ver"); ver {
	case "1.0":
		return 1
	case "2.0":
		return 2
	}
	iss, _ := p.claims.str("iss")
	_, version, _ := entraIssuer(iss)
	return version
}

// entraVersions reports whether the token's issuer is of one version and the expected one of another.
func (p *Pass) entraVersions(got, want int) bool {
	iss, _ := p.claims.str("iss")
	_, g, _ := entraIssuer(iss)
	_, w, _ := entraIssuer(p.Profile.Issuer)
	return g == got && w == want
}

// groupsLeftOut reports an overage: the groups stand elsewhere (distributed claims, OpenID Connect
// Core §5.6.2), or the token says only that there are some.
func (p *Pass) groupsLeftOut() bool {
	if _, ok := p.claims.find("groups"); ok {
		return false
	}
	_, _, ok := p.claims.at("_claim_names.groups")
	return ok || p.has("hasgroups")
}

func (p *Pass) appOnly() bool {
	idtyp, _ := p.claims.str("idtyp")
	return idtyp == "app" || !p.has("scp") && p.has("roles")
}
