package checks_test

import (
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// api is a profile of an API as operators set them up.
func api(issuer string, audience ...string) *checks.Profile {
	return &checks.Profile{
		Name: "api", Issuer: issuer, Audience: audience, Leeway: time.Minute,
		Algorithms: []string{"RS256", "ES256", "HS256"}, Secret: redact.NewSecret("a secret that is long enough for any hash of the family"),
	}
}

// report judges a token that stands for itself: nothing of good is in it.
func kindReport(t *testing.T, p *checks.Profile, recipe string) *checks.Report {
	t.Helper()
	pasted, err := theWorld().keys.Mint(now, `{"alg":"RS256","kid":"k1","$key":"prod-1","iat":"now-5m","exp":"now+55m"}`, recipe)
	if err != nil {
		t.Fatal(err)
	}
	token, err := checks.Parse(redact.NewSecret(pasted))
	if err != nil {
		t.Fatal(err)
	}
	return checks.Run(&checks.Case{Token: token, Profile: p, Profiles: []*checks.Profile{p}, Now: now}, checks.Ladder())
}

const (
	entraV1  = "https://sts.windows.net/6c3f1e2a-9d47-4c1b-8e55-0f2b7a1d9c34/"
	entraV2  = "https://login.microsoftonline.com/6c3f1e2a-9d47-4c1b-8e55-0f2b7a1d9c34/v2.0"
	auth0    = "https://acme.eu.auth0.com/"
	okta     = "https://acme.okta.com/oauth2/default"
	cognito  = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E"
	keycloak = "https://sso.acme.example/realms/shop"
)

// TestKinds: what is no access token is named, with the evidence for it.
func TestKinds(t *testing.T) {
	plain := api("https://login.example/prod", "api://orders")
	open := api("https://login.example/prod")
	typed := api("https://login.example/prod", "api://orders")
	typed.Types = []string{"at+jwt"}
	anyJWT := api(keycloak, "orders-api")
	anyJWT.Types = []string{"JWT"}
	for _, c := range []struct {
		name    string
		profile *checks.Profile
		recipe  string
		id, got string
	}{
		{"Auth0 ID token", api(auth0, "https://api.acme.example"), `{"typ":"JWT","iss":"` + auth0 + `","aud":"kT8vX2pQ","sub":"auth0|5f7c","nickname":"ana","name":"Ana","picture":"https://x.example/a.png","email_verified":true,"sid":"s1","nonce":"n1"}`,
			"id_token_sent", "nonce is there, there is no scope"},
		{"Entra v2 ID token", api(entraV2, "9a1c"), `{"typ":"JWT","iss":"` + entraV2 + `","aud":"77fe","ver":"2.0","tid":"6c3f","oid":"o1","name":"Ana","preferred_username":"ana","nonce":"n1","sub":"s1","uti":"u1","rh":"0."}`,
			"id_token_sent", "nonce is there, there is no scope"},
		{"Okta ID token", api(okta, "api://default"), `{"iss":"` + okta + `","aud":"0oa1b2c3","sub":"00u1","ver":1,"jti":"ID.x1","amr":["pwd"],"idp":"00o1","auth_time":"now-6m","at_hash":"h1","preferred_username":"ana"}`,
			"id_token_sent", "at_hash is there, there is no scope"},
		{"Cognito ID token", api(cognito, "another-client"), `{"iss":"` + cognito + `","aud":"3n4b5c6d","sub":"s1","token_use":"id","cognito:username":"ana","auth_time":"now-6m","origin_jti":"o1"}`,
			"id_token_sent", "token_use says ID, there is no scope"},
		{"Cognito ID token, no audience configured", api(cognito), `{"iss":"` + cognito + `","aud":"3n4b5c6d","sub":"s1","token_use":"id"}`, "id_token_sent", "token_use says ID"},
		{"Keycloak ID token", api(keycloak, "orders-api"), `{"typ":"JWT","iss":"` + keycloak + `","aud":"web","azp":"web","sub":"s1","nonce":"n1","at_hash":"h1","sid":"x","$claims":{"typ":"ID"}}`,
			"id_token_sent", "typ says ID, nonce is there, at_hash is there, aud is the client itself, there is no scope"},
		{"Keycloak ID token, where JWT is accepted", anyJWT, `{"typ":"JWT","iss":"` + keycloak + `","aud":"web","azp":"web","sub":"s1","$claims":{"typ":"ID"}}`, "id_token_sent", "typ says ID"},
		{"hybrid flow", plain, `{"iss":"https://login.example/prod","aud":"web","sub":"s1","c_hash":"h1"}`, "id_token_sent", "c_hash is there"},
		{"no audience configured", open, `{"iss":"https://login.example/prod","aud":"web","azp":"web","sub":"s1","nonce":"n1"}`, "id_token_sent", "nonce is there, aud is the client itself, there is no scope"},
		{"a person and its own client", plain, `{"iss":"https://login.example/prod","aud":"web","azp":"web","sub":"s1","email":"a"}`, "id_token_sent", "aud is the client itself, there is no scope"},
		{"where at+jwt is demanded", typed, `{"typ":"JWT","iss":"https://login.example/prod","aud":"api://orders","sub":"s1","at_hash":"h1"}`, "id_token_sent", "at_hash is there"},

		{"Keycloak refresh token", api(keycloak, "orders-api"), `{"alg":"HS512","typ":"JWT","$key":"kc-512","iss":"` + keycloak + `","aud":"` + keycloak + `","sub":"s1","azp":"web","scope":"openid","$claims":{"typ":"Refresh"}}`, "refresh_token_sent", "typ says refresh"},
		{"Keycloak offline token", api(keycloak), `{"iss":"` + keycloak + `","aud":"` + keycloak + `","azp":"web","scope":"openid offline_access","$claims":{"typ":"Offline"}}`, "refresh_token_sent", "typ says offline"},
		{"Django refresh token", open, `{"token_type":"refresh","jti":"j1","user_id":7}`, "refresh_token_sent", "token_type says refresh"},
		{"Flask refresh token", plain, `{"fresh":false,"jti":"j1","type":"refresh","sub":"7","aud":"api://orders"}`, "refresh_token_sent", "type says refresh"},
		{"ForgeRock refresh token", plain, `{"iss":"https://login.example/prod","tokenName":"refresh_token","aud":"web","scope":["read"]}`, "refresh_token_sent", "tokenName says refresh"},

		{"DPoP proof by its type", plain, `{"alg":"ES256","typ":"dpop+jwt","kid":null,"$key":"prod-es","jwk":{"kty":"EC","crv":"P-256","x":"x","y":"y"},"exp":null,"jti":"j1","htm":"GET","htu":"https://api.example/orders"}`, "dpop_proof_sent", "typ is dpop+jwt"},
		{"DPoP proof by its claims", open, `{"typ":"JWT","htm":"GET","htu":"https://api.example/orders","jti":"j1","exp":null}`, "dpop_proof_sent", "htm is there, htu is there"},

		{"logout token by its type", plain, `{"typ":"logout+jwt","iss":"https://login.example/prod","aud":"web","sid":"s","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}`, "logout_token_sent", "typ is logout+jwt"},
		{"logout token by its event", plain, `{"typ":"JWT","iss":"https://login.example/prod","aud":"web","sid":"s","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}`, "logout_token_sent", "events is there"},
		{"SET by its type", plain, `{"typ":"secevent+jwt","iss":"https://login.example/prod","aud":"api://orders","events":{}}`, "security_event_sent", "typ is secevent+jwt"},
		{"SET by its event", open, `{"iss":"https://login.example/prod","exp":null,"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"x":1}}}`, "security_event_sent", "events is there"},

		{"client assertion for a token endpoint", plain, `{"iss":"web","sub":"web","aud":"https://login.example/prod/oauth2/token","jti":"j1"}`, "client_assertion_sent", "iss and sub are the same, aud is https://login.example/prod/oauth2/token"},
		{"client assertion for the issuer", open, `{"iss":"web","sub":"web","aud":["https://login.example/prod"],"jti":"j1"}`, "client_assertion_sent", "iss and sub are the same"},
		{"client assertion by its type", plain, `{"typ":"client-authentication+jwt","iss":"web","sub":"web","aud":"x"}`, "client_assertion_sent", "typ is client-authentication+jwt"},
		{"service account's assertion", open, `{"iss":"robot@acme.iam.gserviceaccount.com","aud":"https://oauth2.googleapis.com/token","scope":"https://www.googleapis.com/auth/cloud-platform"}`, "client_assertion_sent", "aud is https://oauth2.googleapis.com/token"},
		{"Firebase custom token", api("https://securetoken.google.com/acme", "acme"), `{"iss":"robot@acme.iam.gserviceaccount.com","sub":"robot@acme.iam.gserviceaccount.com","aud":"https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit","uid":"u1"}`, "custom_token_sent", "iss and sub are the same"},
		{"Firebase custom token, no audience configured", open, `{"iss":"robot@acme.iam.gserviceaccount.com","sub":"robot@acme.iam.gserviceaccount.com","aud":"https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit","uid":"u1","claims":{"tier":1}}`, "custom_token_sent", ""},

		{"request object by its type", plain, `{"typ":"oauth-authz-req+jwt","iss":"web","aud":"https://login.example/prod"}`, "request_object_sent", "typ is oauth-authz-req+jwt"},
		{"request object by its claims", open, `{"iss":"web","aud":"https://login.example/prod","client_id":"web","response_type":"code","redirect_uri":"https://web.example/cb","scope":"openid","nonce":"n"}`, "request_object_sent", "response_type is there, client_id is there"},
		{"introspection response by its type", plain, `{"typ":"token-introspection+jwt","iss":"https://login.example/prod","aud":"api://orders"}`, "issuer_answer_sent", "typ is token-introspection+jwt"},
		{"introspection response by its claim", plain, `{"iss":"https://login.example/prod","aud":"api://orders","token_introspection":{"active":true}}`, "issuer_answer_sent", "token_introspection is there"},
		{"JARM", plain, `{"iss":"https://login.example/prod","aud":"web","code":"c","state":"s"}`, "issuer_answer_sent", "code is there, state is there"},
		{"JARM with an error", plain, `{"iss":"https://login.example/prod","aud":"web","error":"access_denied","state":"s"}`, "issuer_answer_sent", "error is there, state is there"},
		{"userinfo", plain, `{"iss":"https://login.example/prod","aud":"web","sub":"s1","name":"Ana","email":"a","exp":null,"iat":null}`, "issuer_answer_sent", "name is there, email is there, there is no exp, iat or jti"},
		{"userinfo of a subject with a picture", plain, `{"iss":"https://login.example/prod","aud":"web","sub":"s1","given_name":"Ana","picture":"p","exp":null,"iat":null}`, "issuer_answer_sent", "given_name is there"},

		{"credential by its type", open, `{"typ":"vc+jwt","iss":"did:web:acme.example","sub":"did:key:z6Mk"}`, "credential_sent", "typ is vc+jwt"},
		{"credential by its claim", plain, `{"typ":"JWT","iss":"did:web:acme.example","vc":{"type":["VerifiableCredential"]}}`, "credential_sent", "vc is there"},
		{"key binding", plain, `{"typ":"kb+jwt","aud":"https://verifier.example","nonce":"n","sd_hash":"h"}`, "credential_sent", "typ is kb+jwt"},
		{"entity statement by its type", open, `{"typ":"entity-statement+jwt","iss":"https://op.example","sub":"https://op.example"}`, "entity_statement_sent", "typ is entity-statement+jwt"},
		{"entity statement by its claims", plain, `{"iss":"https://op.example","sub":"https://op.example","jwks":{"keys":[]},"metadata":{},"authority_hints":["https://ta.example"]}`, "entity_statement_sent", "authority_hints is there, metadata is there, jwks is there"},
		{"Supabase anon key", api("https://abcdefgh.supabase.co/auth/v1", "authenticated"), `{"alg":"HS256","kid":null,"$key":"other-secret","iss":"supabase","ref":"abcdefgh","role":"anon"}`, "api_key_sent", "iss is supabase, role is anon"},
		{"Supabase service_role key", api("https://abcdefgh.supabase.co/auth/v1"), `{"alg":"HS256","kid":null,"$key":"other-secret","iss":"supabase","ref":"abcdefgh","role":"service_role"}`, "api_key_sent", "role is service_role"},
	} {
		r := kindReport(t, c.profile, c.recipe)
		f := find(r, "kind."+c.id)
		if f == nil || f.Outcome != checks.Failed || r.Cause != checks.WrongTokenType || r.Lead != f {
			t.Errorf("%s: not led by kind.%s but %s", c.name, c.id, r.Cause)
			continue
		}
		var policy redact.Policy
		if got := policy.Text(f.Got).String(); !strings.Contains(got, c.got) || got == "" {
			t.Errorf("%s: evidence %q, want %q", c.name, got, c.got)
		}
		for _, text := range []redact.Message{f.Says, f.Want, f.Next} {
			if text.IsZero() {
				t.Errorf("%s: says %q, want %q, next %q", c.name, policy.Text(f.Says), policy.Text(f.Want), policy.Text(f.Next))
			}
		}
	}
}

func find(r *checks.Report, id string) *checks.Finding {
	for i := range r.Findings {
		if r.Findings[i].ID == id {
			return &r.Findings[i]
		}
	}
	return nil
}

// TestAccessTokens: tokens as well-known issuers write them are accused of nothing, and nothing in
// them is called odd.
func TestAccessTokens(t *testing.T) {
	wantsID := api(cognito)
	wantsID.Required = []checks.Requirement{{Claim: "token_use", Value: "id"}}
	receiver := api("https://login.example/prod", "web")
	receiver.Types = []string{"logout+jwt", "secevent+jwt"}
	const rfc = `"iss":"https://login.example/prod","aud":"api://orders","sub":"s1","client_id":"web","jti":"j1"`
	plain, open := api("https://login.example/prod", "api://orders"), api("https://login.example/prod")
	for _, c := range []struct {
		name    string
		profile *checks.Profile
		recipe  string
	}{
		{"RFC 9068", plain, `{"typ":"at+jwt",` + rfc + `,"scope":"orders:read"}`},
		{"RFC 9068 with a user's claims", open, `{"typ":"application/at+jwt",` + rfc + `,"nonce":"n1","auth_time":"now-6m","acr":"1","amr":["pwd"],"email":"a","name":"Ana","groups":["x"],"roles":["y"],"entitlements":["z"]}`},
		{"Entra v1, delegated", api(entraV1, "api://9a1c"), `{"typ":"JWT","x5t":"t1","iss":"` + entraV1 + `","aud":"api://9a1c","appid":"77fe","appidacr":"0","scp":"Orders.Read","ver":"1.0","tid":"6c3f","oid":"o1","sub":"s1","name":"Ana","given_name":"Ana","family_name":"Ode","unique_name":"u","upn":"u","ipaddr":"203.0.113.7","amr":["pwd","mfa"],"acr":"1","aio":"x","uti":"u"}`},
		{"Entra v1, application alone", api(entraV1), `{"typ":"JWT","x5t":"t1","iss":"` + entraV1 + `","aud":"api://9a1c","appid":"77fe","appidacr":"1","idp":"` + entraV1 + `","idtyp":"app","oid":"o1","sub":"o1","tid":"6c3f","ver":"1.0","roles":["Orders.Read"]}`},
		{"Entra v2", api(entraV2, "9a1c"), `{"typ":"JWT","iss":"` + entraV2 + `","aud":"9a1c","azp":"77fe","azpacr":"0","scp":"Orders.Read","ver":"2.0","tid":"6c3f","oid":"o1","sub":"s1","name":"Ana","preferred_username":"ana","uti":"u"}`},
		{"Entra v2, an application that calls itself", api(entraV2), `{"typ":"JWT","iss":"` + entraV2 + `","aud":"77fe","azp":"77fe","azpacr":"1","scp":"access_as_user","ver":"2.0","tid":"6c3f","oid":"o1","sub":"s1","name":"Ana","preferred_username":"ana"}`},
		{"Entra v2, itself, for another API", api(entraV2, "9a1c"), `{"typ":"JWT","iss":"` + entraV2 + `","aud":"77fe","azp":"77fe","azpacr":"1","roles":["X"],"idtyp":"app","ver":"2.0","tid":"6c3f","oid":"o1","sub":"o1"}`},
		{"Auth0", api(auth0, "https://api.acme.example"), `{"typ":"JWT","iss":"` + auth0 + `","sub":"auth0|5f7c","aud":["https://api.acme.example","https://acme.eu.auth0.com/userinfo"],"azp":"kT8vX2pQ","scope":"openid profile orders:read","permissions":["orders:read"],"https://acme.example/roles":["buyer"]}`},
		{"Auth0, machine to machine", api(auth0, "https://other.example"), `{"typ":"JWT","iss":"` + auth0 + `","sub":"kT8vX2pQ@clients","aud":"https://api.acme.example","azp":"kT8vX2pQ","gty":"client-credentials"}`},
		{"Okta custom", api(okta, "api://default"), `{"iss":"` + okta + `","aud":"api://default","ver":1,"jti":"AT.x1","cid":"0oa1b2c3","uid":"00u1","scp":["openid","orders.read"],"auth_time":"now-6m","sub":"ana"}`},
		{"Cognito access", api(cognito), `{"iss":"` + cognito + `","sub":"s1","client_id":"3n4b5c6d","token_use":"access","scope":"aws.cognito.signin.user.admin","auth_time":"now-6m","origin_jti":"o1","event_id":"e1","jti":"j1","username":"ana","cognito:groups":["x"],"version":2}`},
		{"Cognito ID token, which the API takes", api(cognito, "3n4b5c6d"), `{"iss":"` + cognito + `","aud":"3n4b5c6d","sub":"s1","token_use":"id","at_hash":"h","cognito:username":"ana","email_verified":true}`},
		{"Cognito ID token, which the API demands", wantsID, `{"iss":"` + cognito + `","aud":"3n4b5c6d","sub":"s1","token_use":"id"}`},
		{"Keycloak access", api(keycloak, "account"), `{"typ":"JWT","iss":"` + keycloak + `","aud":"account","azp":"web","sub":"s1","nonce":"n1","session_state":"x","sid":"x","acr":"1","allowed-origins":["*"],"realm_access":{"roles":["user"]},"resource_access":{"account":{"roles":["x"]}},"scope":"openid email","email_verified":true,"name":"Ana","preferred_username":"ana","$claims":{"typ":"Bearer"}}`},
		{"Keycloak, no audience at all", api(keycloak), `{"typ":"JWT","iss":"` + keycloak + `","azp":"web","sub":"s1","name":"Ana","preferred_username":"ana","sid":"x","$claims":{"typ":"Bearer"}}`},
		{"Keycloak lightweight", api(keycloak, "orders-api"), `{"typ":"JWT","iss":"` + keycloak + `","aud":"web","azp":"web","sid":"x","$claims":{"typ":"Bearer"}}`},
		{"Keycloak, bound by DPoP", api(keycloak, "account"), `{"typ":"JWT","iss":"` + keycloak + `","aud":"account","azp":"web","sub":"s1","scope":"x","$claims":{"typ":"DPoP"}}`},
		{"Google ID token to Cloud Run", api("https://accounts.google.com", "https://orders-x1.run.app"), `{"typ":"JWT","iss":"https://accounts.google.com","aud":"https://orders-x1.run.app","azp":"1122","sub":"1122","email":"a","email_verified":true}`},
		{"Google ID token to IAP", api("https://accounts.google.com", "77.apps.googleusercontent.com"), `{"typ":"JWT","iss":"https://accounts.google.com","aud":"77.apps.googleusercontent.com","azp":"77.apps.googleusercontent.com","sub":"1122","hd":"acme.example","email":"a","email_verified":true,"at_hash":"h","nonce":"n"}`},
		{"Google IAP's own", api("https://cloud.google.com/iap", "/projects/1/apps/acme"), `{"alg":"ES256","typ":"JWT","$key":"prod-es","iss":"https://cloud.google.com/iap","aud":"/projects/1/apps/acme","sub":"accounts.google.com:11","email":"a","hd":"acme.example"}`},
		{"Google, for another service", api("https://accounts.google.com", "https://other.run.app"), `{"iss":"https://accounts.google.com","aud":"https://orders-x1.run.app","azp":"1122","sub":"1122","email":"a","email_verified":true}`},
		{"Google service account's own token for an API", open, `{"iss":"robot@acme.iam.gserviceaccount.com","sub":"robot@acme.iam.gserviceaccount.com","aud":"https://pubsub.googleapis.com/"}`},
		{"Firebase ID token", api("https://securetoken.google.com/acme", "acme"), `{"typ":"JWT","iss":"https://securetoken.google.com/acme","aud":"acme","auth_time":"now-6m","user_id":"u1","sub":"u1","name":"Ana","picture":"p","email":"a","email_verified":true,"firebase":{"identities":{},"sign_in_provider":"password"}}`},
		{"Kubernetes bound", api("https://kubernetes.default.svc.cluster.local", "https://kubernetes.default.svc.cluster.local"), `{"iss":"https://kubernetes.default.svc.cluster.local","aud":["https://kubernetes.default.svc.cluster.local"],"sub":"system:serviceaccount:shop:orders","jti":"j1","nbf":"now-5m","kubernetes.io":{"namespace":"shop","serviceaccount":{"name":"orders","uid":"u"},"pod":{"name":"p","uid":"u"},"warnafter":1795431600}}`},
		{"Kubernetes for Vault", open, `{"iss":"https://oidc.eks.eu-west-1.amazonaws.com/id/AB12","aud":["vault"],"sub":"system:serviceaccount:shop:orders","kubernetes.io":{"namespace":"shop"}}`},
		{"Kubernetes with an OIDC provider", api("https://dex.acme.example", "kubernetes"), `{"iss":"https://dex.acme.example","aud":"kubernetes","sub":"s1","at_hash":"h","nonce":"n","email":"a","groups":["x"],"name":"Ana"}`},
		{"GitHub Actions", api("https://token.actions.githubusercontent.com", "https://github.com/acme"), `{"typ":"JWT","x5t":"t","iss":"https://token.actions.githubusercontent.com","aud":"https://github.com/acme","sub":"repo:acme/orders:ref:refs/heads/main","jti":"j","ref":"refs/heads/main","sha":"abc","repository":"acme/orders","repository_owner":"acme","actor":"ana","event_name":"push","ref_type":"branch","job_workflow_ref":"x","runner_environment":"github-hosted","nbf":"now-5m"}`},
		{"GitLab CI", open, `{"iss":"https://gitlab.example","aud":"https://vault.example","sub":"project_path:acme/orders:ref_type:branch:ref:main","user_login":"ana","user_email":"a","namespace_path":"acme","pipeline_source":"push","ref":"main","ref_type":"branch"}`},
		{"Supabase user", api("https://abcdefgh.supabase.co/auth/v1", "authenticated"), `{"typ":"JWT","iss":"https://abcdefgh.supabase.co/auth/v1","aud":"authenticated","sub":"s1","email":"a","phone":"","app_metadata":{"provider":"email"},"user_metadata":{},"role":"authenticated","aal":"aal1","amr":[{"method":"password","timestamp":1795431600}],"session_id":"x","is_anonymous":false}`},
		{"Supabase key where the API trusts such keys", api("supabase"), `{"alg":"HS256","kid":null,"$key":"other-secret","iss":"supabase","ref":"abcdefgh","role":"anon"}`},
		{"Duende", plain, `{"typ":"JWT",` + rfc + `,"scope":["orders.read","offline_access"],"amr":["pwd"],"idp":"local","auth_time":"now-6m"}`},
		{"ADFS", plain, `{"typ":"JWT","x5t":"t","iss":"https://login.example/prod","aud":"api://orders","sub":"s1","apptype":"Public","appid":"77fe","authmethod":"urn:x","auth_time":"2026-11-23T09:55:00.000Z","ver":"1.0","scp":"openid"}`},
		{"WSO2", open, `{"iss":"https://wso2.example/oauth2/token","sub":"ana","aud":"77fe","azp":"77fe","aut":"APPLICATION_USER","scope":"default","jti":"j1"}`},
		{"ForgeRock", plain, `{"typ":"JWT","iss":"https://login.example/prod","sub":"ana","aud":"web","cts":"OAUTH2_STATELESS_GRANT","tokenName":"access_token","token_type":"Bearer","scope":["orders"],"grant_type":"authorization_code","nonce":"n","auth_time":"now-6m","realm":"/"}`},
		{"Flask", open, `{"fresh":true,"jti":"j1","type":"access","sub":"7","nbf":"now-5m"}`},
		{"Django", open, `{"token_type":"access","jti":"j1","user_id":7}`},
		{"home-made with a nonce and a name", open, `{"sub":"7","nonce":"n","name":"Ana","role":"admin","type":"user"}`},
		{"an application's own events", open, `{"sub":"7","events":{"concert":["read"]}}`},
		{"an application's own words", open, `{"sub":"7","state":"CA","code":"94103","metadata":{"a":1},"typ":"JWT"}`},
		{"Cloudflare Access", open, `{"iss":"https://acme.cloudflareaccess.com","aud":["77fe"],"email":"a","type":"app","identity_nonce":"n","sub":"s1","country":"ES"}`},
		{"SPIFFE", open, `{"aud":["spiffe://acme.example/orders"],"sub":"spiffe://acme.example/web"}`},
		{"receiver of logout tokens", receiver, `{"typ":"logout+jwt","iss":"https://login.example/prod","aud":"web","sid":"s","jti":"j","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}`},
		{"receiver of events", receiver, `{"typ":"secevent+jwt","iss":"https://login.example/prod","aud":"web","jti":"j","events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{}}}`},
	} {
		r := kindReport(t, c.profile, c.recipe)
		var policy redact.Policy
		for _, f := range r.Findings {
			mine := f.Rung() == "kind" || f.Rung() == "header" || f.Rung() == "claims" || f.Rung() == "binding"
			if mine && f.Outcome == checks.Failed && f.Cause != checks.AlgorithmMismatch {
				t.Errorf("%s: %s: %s (%s)", c.name, f.ID, policy.Text(f.Says), policy.Text(f.Got))
			}
			if mine && f.Severity == checks.Info && f.ID != "kind.id_token_taken" {
				t.Errorf("%s: note %s: %s", c.name, f.ID, policy.Text(f.Says))
			}
		}
	}
}

// TestWantedKind: what the profile demands of the claims that declare a kind decides.
func TestWantedKind(t *testing.T) {
	p := api(cognito, "3n4b5c6d")
	p.Required = []checks.Requirement{{Claim: "token_use", Value: "access"}}
	r := kindReport(t, p, `{"iss":"`+cognito+`","aud":"3n4b5c6d","sub":"s1","token_use":"id"}`)
	if r.Cause != checks.WrongTokenType || r.Lead.ID != "kind.id_token_sent" {
		t.Errorf("cause %s", r.Cause)
	}
}
