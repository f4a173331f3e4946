package checks_test

import (
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

const (
	tenant      = "11111111-2222-4333-8444-555555555555"
	otherTenant = "99999999-8888-4777-8666-555555555555"
	apiClient   = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
	appClient   = "cccccccc-dddd-4eee-8fff-abababababab"
	issuerV1    = "https://sts.windows.net/" + tenant + "/"
	issuerV2    = "https://login.microsoftonline.com/" + tenant + "/v2.0"
)

// anyIssuer is what tokens of all vendors have; a vendor's own claims are merged into it.
const anyIssuer = `{"alg":"RS256","typ":"JWT","kid":"prod-1","iat":"now-5m","nbf":"now-5m","exp":"now+55m","sub":"7d9c2b1e33aa"}`

// vendorCase is one vendor: a good token of its, the profile that accepts that, and how it fails.
type vendorCase struct {
	name, check string // check: the ID of what has something to say of this vendor
	profile     checks.Profile
	good        string // claims
	note        string // what a good token's note says; none: a good token has no note
	failures    []vendorFailure
}

type vendorFailure struct {
	name    string
	profile func(*checks.Profile) // what the profile has otherwise
	recipe  string                // what the token has otherwise
	cause   checks.Cause
	note    string // words of the note
	next    string // words of the next step, where the check that leads has the vendor's
}

var vendorCases = []vendorCase{
	{
		name: "Entra v1", check: "vendor.entra_quirk",
		profile: checks.Profile{Issuer: issuerV1, Audience: []string{"api://" + apiClient, apiClient}},
		good:    `{"iss":"` + issuerV1 + `","aud":"api://` + apiClient + `","ver":"1.0","appid":"` + appClient + `","tid":"` + tenant + `","scp":"access_as_user"}`,
		failures: []vendorFailure{
			{"v2.0 expected", expects(issuerV2), `{}`, checks.IssuerMismatch, "it is a v1.0 token and the API expects v2.0", "requestedAccessTokenVersion"},
			{"v2.0 of another tenant expected", expects("https://login.microsoftonline.com/" + otherTenant + "/v2.0"), `{}`, checks.IssuerMismatch, "it is a v1.0 token", "requestedAccessTokenVersion"},
			{"the client ID expected", accepts(apiClient), `{}`, checks.AudienceMismatch, "in a v1.0 token aud is the API's URI or its client ID", "makes aud the client ID always"},
			{"another tenant", nil, `{"iss":"https://sts.windows.net/` + otherTenant + `/"}`, checks.IssuerMismatch, "iss names another tenant", "authority of the expected tenant"},
		},
	},
	{
		name: "Entra v2", check: "vendor.entra_quirk",
		profile: checks.Profile{Issuer: issuerV2, Audience: []string{apiClient}},
		good:    `{"iss":"` + issuerV2 + `","aud":"` + apiClient + `","ver":"2.0","azp":"` + appClient + `","tid":"` + tenant + `","scp":"access_as_user"}`,
		failures: []vendorFailure{
			{"v1.0 expected", expects(issuerV1), `{}`, checks.IssuerMismatch, "it is a v2.0 token and the API expects v1.0", "back to 1"},
			{"api:// expected", accepts("api://orders"), `{}`, checks.AudienceMismatch, "in a v2.0 token aud is always the API's client ID, a GUID", "accept its client ID"},
			{"api:// of the same ID expected", accepts("api://" + apiClient), `{}`, checks.AudienceMismatch, "in a v2.0 token aud is always the API's client ID, a GUID", "accept its client ID"},
			{"the metadata's placeholder", expects("https://login.microsoftonline.com/{tenantid}/v2.0"), `{}`, checks.IssuerMismatch, "placeholders that no token has", "put the token's tid"},
			{"common as issuer", expects("https://login.microsoftonline.com/common/v2.0"), `{}`, checks.IssuerMismatch, "placeholders that no token has", "accept only the tenants that it serves"},
			{"a personal account", nil, `{"iss":"https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}`, checks.IssuerMismatch, "personal Microsoft accounts", "work or school account"},
			{"claims mapping", nil, `{"kid":"of-the-app","$key":"stranger"}`, checks.UnknownKey, "a signing key of their own", "?appid="},
			{"app-only", needs("scope=orders.read"), `{"scp":null,"roles":["Orders.Read.All"],"idtyp":"app"}`, checks.InsufficientScope, "app-only token", "app role"},
			{"groups left out", needs("groups=orders-team"), `{"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.microsoft.com/v1.0/x"}}}`, checks.InsufficientScope, "too many of them", "read the groups from Microsoft Graph"},
			{"groups left out, all well", nil, `{"hasgroups":true}`, checks.None, "an API that decides by groups finds none", ""},
			{"client_id required", needs("client_id"), `{}`, checks.MissingClaim, "names the client in appid in v1.0 tokens", "read appid or azp"},
			{"an optional claim", needs("upn"), `{}`, checks.MissingClaim, "puts few claims into access tokens", "optional claim"},
		},
	},
	{
		name: "Entra External ID", check: "vendor.entra_quirk",
		profile: checks.Profile{Issuer: "https://" + tenant + ".ciamlogin.com/" + tenant + "/v2.0", Audience: []string{apiClient}},
		good:    `{"iss":"https://` + tenant + `.ciamlogin.com/` + tenant + `/v2.0","aud":"` + apiClient + `","ver":"2.0","azp":"` + appClient + `","tid":"` + tenant + `","scp":"access_as_user"}`,
		failures: []vendorFailure{
			{"the tenant's name expected", expects("https://contoso.ciamlogin.com/" + tenant + "/v2.0"), `{}`, checks.IssuerMismatch, "writes the tenant's ID into the host", "the tenant's metadata names"},
		},
	},
	{
		name: "Azure AD B2C", check: "vendor.entra_quirk",
		profile: checks.Profile{Issuer: "https://contoso.b2clogin.com/" + tenant + "/v2.0/", Audience: []string{apiClient}},
		good:    `{"iss":"https://contoso.b2clogin.com/` + tenant + `/v2.0/","aud":"` + apiClient + `","ver":"1.0","azp":"` + appClient + `","tfp":"B2C_1_signin","scp":"read"}`,
		failures: []vendorFailure{
			{"the policy's issuer expected", expects("https://contoso.b2clogin.com/tfp/" + tenant + "/b2c_1_signin/v2.0/"), `{}`, checks.IssuerMismatch, "IssuanceClaimPattern", "this very user flow or policy"},
		},
	},
	{
		name: "Microsoft Graph", check: "vendor.graph_token",
		profile: checks.Profile{Issuer: issuerV1, Audience: []string{"https://graph.microsoft.com"}},
		good:    `{"iss":"` + issuerV1 + `","aud":"https://graph.microsoft.com","ver":"1.0","appid":"` + appClient + `","tid":"` + tenant + `","scp":"User.Read"}`,
		failures: []vendorFailure{
			{"sent to an API", both(expects(issuerV2), accepts(apiClient)), `{"nonce-in-header":"a1b2c3","kid":"of-graph","$key":"stranger"}`, checks.IssuerMismatch, "the token is for Microsoft Graph", "request a scope of this API"},
			{"sent to an API that takes v1.0", accepts(apiClient), `{"aud":"00000003-0000-0000-c000-000000000000","nonce-in-header":"a1b2c3","$mangle":"flip signature"}`, checks.BadSignature, "the token is for Microsoft Graph", "request a scope of this API"},
			{"sent to an API, and nothing else wrong", accepts(apiClient), `{}`, checks.AudienceMismatch, "the token is for Microsoft Graph", "request a scope of this API"},
		},
	},
	{
		name: "Auth0", check: "vendor.auth0_quirk",
		profile: checks.Profile{Issuer: "https://acme.eu.auth0.com/", Audience: []string{"https://orders.example/api"}},
		good:    `{"iss":"https://acme.eu.auth0.com/","aud":["https://orders.example/api","https://acme.eu.auth0.com/userinfo"],"azp":"web","scope":"openid orders:read","permissions":["orders:read"]}`,
		failures: []vendorFailure{
			{"no audience asked for", nil, `{"$jwe":true,"$header":{"alg":"dir","enc":"A256GCM","iss":"https://acme.eu.auth0.com/"}}`, checks.EncryptedToken, "when the request names no audience", "send audience (the API's identifier)"},
			{"without the slash", expects("https://acme.eu.auth0.com"), `{}`, checks.IssuerMismatch, "Auth0's issuer ends with a slash", "Put the slash"},
			{"a custom domain expected", expects("https://login.acme.example/"), `{}`, checks.IssuerMismatch, "the domain that the client called", "use the domain that the API expects"},
			{"for /userinfo only", nil, `{"aud":"https://acme.eu.auth0.com/userinfo"}`, checks.AudienceMismatch, "without either the token is for /userinfo", "this API's identifier as audience"},
			{"for the Management API", nil, `{"aud":"https://acme.eu.auth0.com/api/v2/"}`, checks.AudienceMismatch, "Auth0's own Management API", "this API's identifier as audience"},
			{"no permissions", needs("permissions=orders:write"), `{"permissions":[]}`, checks.InsufficientScope, "Add Permissions in the Access Token", "RBAC settings"},
			{"no namespaced claim", needs("https://acme.example/roles"), `{}`, checks.InsufficientScope, "set by an Action", "post-login Action"},
			{"no namespaced claim, machine to machine", needs("https://acme.example/roles"), `{"gty":"client-credentials"}`, checks.InsufficientScope, "post-login Actions do not run", "credentials-exchange"},
			{"another claim of a namespace", needs("https://acme.example/tier"), `{}`, checks.MissingClaim, "set by an Action", "post-login Action"},
			{"no permissions, machine to machine", needs("permissions=orders:write"), `{"permissions":null,"gty":"client-credentials"}`, checks.InsufficientScope, "Add Permissions in the Access Token", "RBAC settings"},
		},
	},
	{
		name: "Okta, custom server", check: "vendor.okta_quirk",
		profile: checks.Profile{Issuer: "https://acme.okta.com/oauth2/default", Audience: []string{"api://default"}},
		good:    `{"iss":"https://acme.okta.com/oauth2/default","aud":"api://default","ver":1,"jti":"AT.x1","cid":"0oa1","uid":"00u1","scp":["orders:read"]}`,
		failures: []vendorFailure{
			{"another audience expected", accepts("api://orders"), `{}`, checks.AudienceMismatch, "what the authorization server's settings say", "accept the authorization server's audience"},
			{"the custom URL expected", expects("https://id.acme.example/oauth2/default"), `{}`, checks.IssuerMismatch, "Issuer setting", "Set the authorization server's Issuer"},
			{"the custom URL found", nil, `{"iss":"https://id.acme.example/oauth2/default"}`, checks.IssuerMismatch, "Issuer setting", "Set the authorization server's Issuer"},
			{"another server", nil, `{"iss":"https://acme.okta.com/oauth2/aus1"}`, checks.IssuerMismatch, "an issuer of its own", "use the authorization server that the API trusts"},
			{"azp required", needs("azp"), `{}`, checks.MissingClaim, "names the client in cid", "read cid"},
		},
	},
	{
		name: "Okta, org server", check: "vendor.okta_org_token",
		profile: checks.Profile{Issuer: "https://acme.okta.com", Audience: []string{"https://acme.okta.com"}},
		good:    `{"iss":"https://acme.okta.com","aud":"https://acme.okta.com","ver":1,"jti":"AT.x1","cid":"0oa1","uid":"00u1","scp":["openid"]}`,
		note:    "only Okta itself may validate",
		failures: []vendorFailure{
			{"sent to an API", both(expects("https://acme.okta.com/oauth2/default"), accepts("api://default")), `{}`, checks.IssuerMismatch, "only Okta itself may validate", "use a custom authorization server"},
			{"its key is not there", nil, `{"kid":"of-the-org","$key":"stranger"}`, checks.UnknownKey, "only Okta itself may validate", "use a custom authorization server"},
		},
	},
	{
		name: "Cognito", check: "vendor.cognito_quirk",
		profile: checks.Profile{Issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12", Required: []checks.Requirement{{Claim: "client_id", Value: "1example23456789"}}},
		good:    `{"iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12","client_id":"1example23456789","token_use":"access","scope":"orders/read"}`,
		failures: []vendorFailure{
			{"aud expected, which client_id has", accepts("1example23456789"), `{}`, checks.AudienceMismatch, "the accepted value stands in client_id", "compare client_id"},
			{"aud expected", accepts("https://orders.example"), `{}`, checks.AudienceMismatch, "no aud unless a resource binding", "resource parameter"},
			{"the other spelling", nil, `{"iss":"https://issuer.cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12"}`, checks.IssuerMismatch, "it is the same user pool", "both spellings"},
			{"another pool", nil, `{"iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Zz99"}`, checks.IssuerMismatch, "another region or user pool", "pool ID"},
			{"one key of two known", nil, `{"kid":"of-id-tokens","$key":"stranger"}`, checks.UnknownKey, "two keys", "both of its keys"},
			{"groups", needs("role=admin"), `{"cognito:groups":["admin"]}`, checks.InsufficientScope, "into cognito:groups", "read cognito:groups"},
			{"the SDK's scope", needs("scope=orders/read"), `{"scope":"aws.cognito.signin.user.admin"}`, checks.InsufficientScope, "only scope", "OAuth endpoints"},
		},
	},
	{
		name: "Google", check: "vendor.google_quirk",
		profile: checks.Profile{Issuer: "https://accounts.google.com", Audience: []string{"123-web.apps.googleusercontent.com"}},
		good:    `{"iss":"https://accounts.google.com","aud":"123-web.apps.googleusercontent.com","azp":"123-android.apps.googleusercontent.com","email_verified":true}`,
		failures: []vendorFailure{
			{"without https://", nil, `{"iss":"accounts.google.com"}`, checks.IssuerMismatch, "writes iss both as", "both spellings"},
			{"the other way round", expects("accounts.google.com"), `{}`, checks.IssuerMismatch, "writes iss both as", "both spellings"},
			{"another client's", nil, `{"aud":"123-ios.apps.googleusercontent.com"}`, checks.AudienceMismatch, "aud is the OAuth client ID", "server client ID"},
		},
	},
	{
		name: "Google IAP", check: "vendor.google_iap_token",
		profile: checks.Profile{Issuer: "https://cloud.google.com/iap", Audience: []string{"/projects/1234/apps/acme"}, Algorithms: []string{"ES256"}},
		good:    `{"alg":"ES256","kid":"prod-es","iss":"https://cloud.google.com/iap","aud":"/projects/1234/apps/acme","exp":"now+5m"}`,
		failures: []vendorFailure{
			{"RS256 expected", signedWith("RS256"), `{}`, checks.AlgorithmMismatch, "IAP signs with ES256", "gstatic.com/iap/verify/public_key-jwk"},
			{"another backend", nil, `{"aud":"/projects/1234/global/backendServices/77"}`, checks.AudienceMismatch, "IAP's aud names the backend", "this backend's aud"},
			{"Google's key set", nil, `{"kid":"of-iap","$key":"another-es"}`, checks.UnknownKey, "keys of its own", "gstatic.com/iap/verify/public_key-jwk"},
			{"sent instead of the client's token", both(expects("https://login.example/prod"), signedWith("ES256")), `{}`, checks.IssuerMismatch, "the assertion that IAP adds", "the client's own token"},
		},
	},
	{
		name: "Google service account", check: "vendor.google_assertion",
		profile: checks.Profile{Issuer: "robot@acme.iam.gserviceaccount.com", Audience: []string{"https://orders.example"}},
		good:    `{"iss":"robot@acme.iam.gserviceaccount.com","aud":"https://orders.example"}`,
		failures: []vendorFailure{
			{"an assertion", expects("https://accounts.google.com"), `{"aud":"https://oauth2.googleapis.com/token","scope":"https://www.googleapis.com/auth/cloud-platform"}`, checks.WrongTokenType, "asks Google's token endpoint", "as Google's libraries do"},
			{"a Firebase custom token", expects("https://securetoken.google.com/acme"), `{"aud":"https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit","uid":"u1"}`, checks.WrongTokenType, "a Firebase custom token", "signInWithCustomToken"},
		},
	},
	{
		name: "Firebase", check: "vendor.firebase_quirk",
		profile: checks.Profile{Issuer: "https://securetoken.google.com/acme", Audience: []string{"acme"}},
		good:    `{"iss":"https://securetoken.google.com/acme","aud":"acme","auth_time":"now-5m","user_id":"u1","firebase":{"sign_in_provider":"password"}}`,
		failures: []vendorFailure{
			{"a session cookie", nil, `{"iss":"https://session.firebase.google.com/acme"}`, checks.IssuerMismatch, "a Firebase session cookie", "getIdToken"},
			{"a session cookie expected", expects("https://session.firebase.google.com/acme"), `{}`, checks.IssuerMismatch, "expects a session cookie", "createSessionCookie"},
			{"another project", nil, `{"iss":"https://securetoken.google.com/acme-staging","aud":"acme-staging"}`, checks.IssuerMismatch, "iss ends with the Firebase project's ID", "Firebase configuration"},
		},
	},
	{
		name: "Keycloak", check: "vendor.keycloak_quirk",
		profile: checks.Profile{Issuer: "https://id.acme.example/realms/prod", Audience: []string{"orders"}},
		good:    `{"iss":"https://id.acme.example/realms/prod","aud":["orders","account"],"typ":"JWT","$claims":{"typ":"Bearer"},"azp":"web","realm_access":{"roles":["user"]},"resource_access":{"orders":{"roles":["reader"]}},"scope":"email profile"}`,
		failures: []vendorFailure{
			{"aud account", nil, `{"aud":"account"}`, checks.AudienceMismatch, "account by default", "Audience mapper"},
			{"no aud", nil, `{"aud":null}`, checks.AudienceMismatch, "never the client that got the token", "Audience mapper"},
			{"old path", nil, `{"iss":"https://id.acme.example/auth/realms/prod"}`, checks.IssuerMismatch, "/auth up to Keycloak 16", "http-relative-path"},
			{"internal URL", nil, `{"iss":"http://keycloak:8080/realms/prod"}`, checks.IssuerMismatch, "the same realm under another URL", "Set hostname"},
			{"another realm", nil, `{"iss":"https://id.acme.example/realms/staging"}`, checks.IssuerMismatch, "another realm of the same server", "Compare the realm"},
			{"a role elsewhere", needs("role=admin"), `{}`, checks.InsufficientScope, "realm_access.roles", "reads the place where it stands"},
		},
	},
	{
		name: "Kubernetes, bound", check: "vendor.kubernetes_bound",
		profile: checks.Profile{Issuer: "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC123", Audience: []string{"https://orders.example"}},
		good:    `{"iss":"https://oidc.eks.eu-west-1.amazonaws.com/id/ABC123","aud":["https://orders.example"],"sub":"system:serviceaccount:shop:web","kubernetes.io":{"namespace":"shop","serviceaccount":{"name":"web","uid":"u"},"pod":{"name":"web-1","uid":"p"}}}`,
		note:    "was deleted or made anew",
		failures: []vendorFailure{
			{"the API server's audience", nil, `{"aud":["https://kubernetes.default.svc"]}`, checks.AudienceMismatch, "the cluster's own API server", "projected serviceAccountToken volume"},
			{"another cluster", nil, `{"iss":"https://westeurope.oic.prod-aks.azure.com/x/y/"}`, checks.IssuerMismatch, "--service-account-issuer", "the cluster that the workload runs in"},
			{"another API server's key", nil, `{"kid":"of-the-other","$key":"stranger"}`, checks.UnknownKey, "the same service account keys", "the same signing key"},
		},
	},
	{
		name: "Kubernetes on an issuer of one's own", check: "vendor.kubernetes_bound",
		profile: checks.Profile{Issuer: "https://clusters.acme.example/one", Audience: []string{"https://orders.example"}},
		good:    `{"iss":"https://clusters.acme.example/one","aud":["https://orders.example"],"sub":"system:serviceaccount:shop:web","kubernetes.io":{"namespace":"shop"}}`,
		note:    "was deleted or made anew",
	},
	{
		name: "Kubernetes, legacy", check: "vendor.kubernetes_legacy",
		profile: checks.Profile{Issuer: "kubernetes/serviceaccount"},
		good:    `{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:shop:web","kubernetes.io/serviceaccount/namespace":"shop"}`,
		failures: []vendorFailure{
			{"sent to an API", expects("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC123"), `{"exp":null,"nbf":null,"iat":null,"kid":"","$key":"stranger"}`, checks.IssuerMismatch, "a service account token from a Secret", "use a bound token"},
			{"an empty kid", nil, `{"kid":"","$key":"stranger"}`, checks.UnknownKey, "nobody outside its cluster can find its key", "use a bound token"},
		},
	},
	{
		name: "GitHub Actions", check: "vendor.github_quirk",
		profile: checks.Profile{Issuer: "https://token.actions.githubusercontent.com", Audience: []string{"https://orders.example"}},
		good:    `{"iss":"https://token.actions.githubusercontent.com","aud":"https://orders.example","sub":"repo:acme/shop:ref:refs/heads/main","repository":"acme/shop","workflow_ref":"acme/shop/.github/workflows/x.yml@refs/heads/main"}`,
		failures: []vendorFailure{
			{"the default audience", nil, `{"aud":"https://github.com/acme"}`, checks.AudienceMismatch, "the URL of the repository's owner", "core.getIDToken"},
			{"an enterprise server", nil, `{"iss":"https://github.acme.example/_services/token"}`, checks.IssuerMismatch, "issuers of their own", "the GitHub that runs the job"},
			{"data residency", nil, `{"iss":"https://token.actions.acme.ghe.com"}`, checks.IssuerMismatch, "issuers of their own", "the GitHub that runs the job"},
			{"where a user's token is expected", expects("https://login.example/prod"), `{}`, checks.IssuerMismatch, "the ID token of a job", "token exchange"},
			{"immutable sub", needs("sub=repo:acme/shop:ref:refs/heads/main"), `{"sub":"repo:acme@123456/shop@456789:ref:refs/heads/main"}`, checks.MissingClaim, "immutable form", "with the IDs of owner and repository"},
			{"immutable sub, all well", nil, `{"sub":"repo:acme@123456/shop@456789:ref:refs/heads/main"}`, checks.None, "do not match", ""},
			{"a pull request", needs("sub=repo:acme/shop:ref:refs/heads/main"), `{"sub":"repo:acme/shop:pull_request"}`, checks.MissingClaim, "sub names the environment", "how this job runs"},
		},
	},
	{
		name: "Supabase", check: "vendor.supabase_quirk",
		profile: checks.Profile{Issuer: "https://abcd.supabase.co/auth/v1", Audience: []string{"authenticated"}, Algorithms: []string{"ES256"}},
		good:    `{"alg":"ES256","kid":"prod-es","iss":"https://abcd.supabase.co/auth/v1","aud":"authenticated","role":"authenticated"}`,
		failures: []vendorFailure{
			{"pinned to the secret", signedWith("HS256"), `{}`, checks.AlgorithmMismatch, "has moved from the shared secret", "/auth/v1/.well-known/jwks.json"},
			{"an old session", nil, `{"alg":"HS256","kid":null,"$key":"secret"}`, checks.AlgorithmMismatch, "legacy secret", "sign in anew"},
			{"another audience expected", accepts("orders"), `{}`, checks.AudienceMismatch, "is authenticated, whatever the API", "accept authenticated"},
			{"another project", nil, `{"iss":"https://wxyz.supabase.co/auth/v1"}`, checks.IssuerMismatch, "for each project", "Supabase URL"},
		},
	},
}

func expects(issuer string) func(*checks.Profile) {
	return func(p *checks.Profile) { p.Issuer = issuer }
}

func accepts(audience string) func(*checks.Profile) {
	return func(p *checks.Profile) { p.Audience = []string{audience} }
}

func signedWith(alg string) func(*checks.Profile) {
	return func(p *checks.Profile) { p.Algorithms = []string{alg} }
}

func needs(typed string) func(*checks.Profile) {
	return func(p *checks.Profile) {
		required, err := p.Requirements(typed)
		if err != nil {
			panic(err)
		}
		p.Required = required
	}
}

func both(a, b func(*checks.Profile)) func(*checks.Profile) {
	return func(p *checks.Profile) { a(p); b(p) }
}

// vendorReport judges a token by a profile of its own, which has the production keys.
func vendorReport(t *testing.T, profile checks.Profile, recipes ...string) *checks.Report {
	t.Helper()
	w := theWorld()
	profile.Name, profile.Leeway, profile.MaxLifetime = "vendor", time.Minute, 24*time.Hour
	if profile.Algorithms == nil {
		profile.Algorithms = []string{"RS256"}
	}
	pasted, err := w.keys.Mint(now, append([]string{anyIssuer}, recipes...)...)
	if err != nil {
		t.Fatal(err)
	}
	token, err := checks.Parse(redact.NewSecret(pasted))
	if err != nil {
		t.Fatal(err)
	}
	return checks.Run(&checks.Case{
		Token: token, Profile: &profile, Profiles: []*checks.Profile{&profile}, Now: now,
		Evidence: checks.Evidence{Keys: w.evidence.Keys[:1]},
	}, checks.Ladder())
}

// notesOf returns the notes of the report, by check.
func notesOf(r *checks.Report) map[string]string {
	notes := map[string]string{}
	for _, f := range r.Findings {
		if f.Severity == checks.Info {
			notes[f.ID] = redact.Policy{}.Text(f.Says).String()
		}
	}
	return notes
}

// TestVendors: a good token of each vendor is accepted without a warning, with one note at most; and
// each of its typical failures is explained, by the note and by the next step.
func TestVendors(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.name, func(t *testing.T) {
			r := vendorReport(t, v.profile, v.good)
			if r.Cause != checks.None {
				t.Fatalf("good token: %s", r.Cause)
			}
			for _, f := range r.Findings {
				if f.Status() != "pass" {
					t.Errorf("good token: %s %s: %s", f.Status(), f.ID, redact.Policy{}.Text(f.Says))
				}
			}
			if notes := notesOf(r); len(notes) > 1 || !strings.Contains(notes[v.check], v.note) || v.note == "" && len(notes) > 0 {
				t.Errorf("good token: notes %v, want %q", notes, v.note)
			}
			for _, f := range v.failures {
				profile := v.profile
				if f.profile != nil {
					f.profile(&profile)
				}
				r := vendorReport(t, profile, v.good, f.recipe)
				if r.Cause != f.cause {
					t.Errorf("%s: cause %s, want %s", f.name, r.Cause, f.cause)
				}
				if got := notesOf(r)[v.check]; !strings.Contains(got, f.note) || f.note == "" {
					t.Errorf("%s: note %q\nwant … %s", f.name, got, f.note)
				}
				if next := (redact.Policy{}).Text(r.Next()).String(); f.next != "" && !strings.Contains(next, f.next) {
					t.Errorf("%s: next %q\nwant … %s", f.name, next, f.next)
				}
			}
		})
	}
}

// TestUnknownIssuers: of an issuer that is not a vendor's, no vendor is named, whatever else the
// token has, and however like a vendor's its name looks.
func TestUnknownIssuers(t *testing.T) {
	everything := `{"ver":"2.0","tid":"` + tenant + `","gty":"client-credentials","cid":"0oa1","token_use":"access","hasgroups":true,
"kubernetes.io":{"namespace":"shop"},"sub":"system:serviceaccount:shop:web","repository":"a/b","workflow_ref":"c","realm_access":{"roles":["x"]},
"role":"service_role","ref":"abcd","firebase":{},"aud":"https://graph.microsoft.com"}`
	for _, iss := range []string{
		"https://login.example/prod", "https://login.microsoftonline.com.evil.example/" + tenant + "/v2.0", "https://evil.example/login.microsoftonline.com/v2.0",
		"https://sts.windows.net@evil.example/" + tenant + "/", "https://evil-auth0.com/", "https://auth0.com.evil.example/", "https://notokta.com/oauth2",
		"https://cognito-idp.evil.example/pool", "https://accounts.google.com.evil.example", "http://accounts.google.com", "https://accounts.google.com:8443",
		"https://evil.example/?/realms/x/y", "https://token.actions.githubusercontent.com.evil.example", "https://supabase.co.evil.example/auth/v1",
		"https://clusters.evil.example/one", "supabase-not", "robot@gserviceaccount.com.evil.example", "", "https://", "://", "kubernetes/serviceaccounts",
		"https://oidc.eks.evil.example/id/A", strings.Repeat("https://x.auth0.com/", 100),
	} {
		r := vendorReport(t, checks.Profile{Issuer: "https://acme.example", Audience: []string{"orders"}}, everything, `{"iss":"`+iss+`"}`)
		for id, note := range notesOf(r) {
			if strings.HasPrefix(id, "vendor.") {
				t.Errorf("%q: %s: %s", iss, id, note)
			}
		}
		for _, name := range []string{"Entra", "Graph", "Auth0", "Okta", "Cognito", "Google", "IAP", "Firebase", "Keycloak", "Kubernetes", "GitHub", "Supabase"} {
			if next := (redact.Policy{}).Text(r.Next()).String(); strings.Contains(next, name) {
				t.Errorf("%q: next names %s: %s", iss, name, next)
			}
		}
	}
}

// TestVendorKeepsOut: where the vendor explains nothing, the check's own advice stands.
func TestVendorKeepsOut(t *testing.T) {
	entra := checks.Profile{Issuer: issuerV2, Audience: []string{apiClient}}
	needs("tid=another")(&entra)
	r := vendorReport(t, entra, `{"iss":"`+issuerV2+`","aud":"`+apiClient+`","ver":"2.0","tid":"`+tenant+`"}`)
	if notes := notesOf(r); r.Cause != checks.MissingClaim || len(notes) > 0 {
		t.Errorf("a claim with another value: %s, %v", r.Cause, notes)
	}
	if r := vendorReport(t, entra, `{"iss":"`+issuerV2+`","aud":"`+apiClient+`","tid":"another","exp":"now-1h"}`); r.Cause != checks.Expired || len(notesOf(r)) > 0 {
		t.Errorf("an expired token: %s, %v", r.Cause, notesOf(r))
	}
}
