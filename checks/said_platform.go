package checks

import "jwt-check-bot/redact"

// What identity platforms, databases and clusters say.

var platforms = []*family{
	{
		name: redact.Msg("Firebase Admin"), source: "github.com/firebase/firebase-admin-node src/auth/token-verifier.ts",
		sayings: []saying{
			say("firebase.expired", Expired, "firebase id token has expired", "auth/id-token-expired", "firebase session cookie has expired"),
			say("firebase.audience", AudienceMismatch, "has incorrect \"aud\" (audience) claim"),
			say("firebase.issuer", IssuerMismatch, "has incorrect \"iss\" (issuer) claim"),
			hint("firebase.key", UnknownKey, redact.Msg("it has no key for this token, most often because the token is older than the keys"),
				redact.Msg("Get a fresh ID token; if new ones fail too, compare the project of client and server"), "which does not correspond to a known public key", "claim does not correspond to a known public key"),
			say("firebase.signature", BadSignature, "firebase id token has invalid signature"),
			say("firebase.malformed", NotAJWT, "decoding firebase id token failed"),
			say("firebase.kind", WrongTokenType, "expects an id token, but was given", "firebase id token has no \"kid\" claim"),
			say("firebase.revoked", Revoked, "auth/id-token-revoked", "the firebase id token has been revoked", "auth/user-disabled"),
			say("firebase.algorithm", AlgorithmMismatch, "firebase id token has incorrect algorithm"),
		},
	},
	{
		name: redact.Msg("Keycloak"), source: "github.com/keycloak/keycloak core TokenVerifier.java, services",
		sayings: []saying{
			say("keycloak.inactive", Expired, "token is not active"),
			say("keycloak.session", Revoked, "session not active", "user session not found", "stale token", "not-before policy", "user disabled", "client disabled"),
			say("keycloak.issuer", IssuerMismatch, "invalid token issuer. expected"),
			say("keycloak.audience", AudienceMismatch, "expected audience not available in the token"),
			say("keycloak.type", WrongTokenType, "token type is incorrect"),
			say("keycloak.key", UnknownKey, "didn't find publickey for"),
			say("keycloak.signature", BadSignature, "invalid token signature"),
		},
	},
	{
		name: redact.Msg("Okta"), source: "github.com/okta/okta-jwt-verifier-js, developer.okta.com error codes",
		sayings: []saying{
			say("okta.expired", Expired, "e0000011*expired", "jwt is expired"),
			say("okta.audience", AudienceMismatch, "audience claim * does not match expected audience", "claim 'aud' value"),
			say("okta.issuer", IssuerMismatch, "issuer * does not match expected issuer", "claim 'iss' value"),
			say("okta.key", UnknownKey, "error while resolving signing key for kid"),
			hint("okta.invalid", "", redact.Msg("Okta does not take this token (E0000011): expired, revoked or for another audience"),
				redact.Msg("Check exp and the issuer: Okta's own API takes tokens of the org's authorization server only"), "e0000011"),
		},
	},
	{
		name: redact.Msg("Auth0"), source: "auth0.com/docs Management API errors",
		sayings: []saying{
			say("auth0.expired", Expired, "expired token received for json web token validation"),
			say("auth0.signature", BadSignature, "invalid signature received for json web token validation"),
			say("auth0.scope", InsufficientScope, "insufficient scope, expected any of"),
			say("auth0.audience", AudienceMismatch, "bad audience:"),
			say("auth0.header", HeaderConstruction, "bad http authentication header format"),
			say("auth0.malformed", NotAJWT, "invalid token format received for json web token validation"),
		},
	},
	{
		name: redact.Msg("Supabase"), source: "github.com/supabase/auth internal/api/auth.go, supabase.com/docs auth error codes",
		sayings: []saying{
			say("supabase.expired", Expired, "unable to parse or verify signature*token is expired"),
			say("supabase.header", HeaderConstruction, "this endpoint requires a bearer token", "no_authorization"),
			say("supabase.session", Revoked, "session_not_found", "session from session_id claim in jwt does not exist"),
			say("supabase.key_sent", WrongTokenType, "invalid claim: missing sub claim"),
			say("supabase.signature", BadSignature, "unable to parse or verify signature*signature is invalid"),
			hint("supabase.jwt", "", redact.Msg("Supabase does not take this JWT (bad_jwt)"), redact.Msg("Check which project issued it and whether its signing keys were rotated"), "bad_jwt"),
		},
	},
	{
		name: redact.Msg("PostgREST or Hasura"), source: "docs.postgrest.org errors, github.com/hasura/graphql-engine JWT, hackage.haskell.org/package/jose",
		sayings: []saying{
			say("hasura.expired", Expired, "could not verify jwt: jwtexpired", "\"message\":\"jwt expired\",\"code\":\"pgrst", "pgrst303*jwt expired", "pgrst301*jwt expired"),
			say("hasura.signature", BadSignature, "jwserror jwsinvalidsignature"),
			say("hasura.audience", AudienceMismatch, "jwtnotinaudience", "jwt not in audience"),
			say("hasura.issuer", IssuerMismatch, "jwtnotinissuer"),
			say("hasura.early", NotYetValid, "jwtnotyetvalid", "jwt not yet valid\",\"code\":\"pgrst", "pgrst303*jwt not yet valid"),
			say("hasura.issued", ClockSkew, "jwtissuedatfuture", "jwt issued at future"),
			say("hasura.malformed", NotAJWT, "compactdecodeerror", "jwserror (jsondecodeerror"),
			say("hasura.key", UnknownKey, "no suitable key or wrong key type"),
			say("hasura.header", HeaderConstruction, "missing 'authorization' or 'cookie' header in jwt authentication mode", "missing authorization header in jwt authentication mode", "pgrst302"),
			say("hasura.claim", MissingClaim, "claims key: '*' not found", "x-hasura-default-role * not found", "jwt claim: key"),
			say("hasura.role", InsufficientScope, "your current role is not in allowed roles"),
		},
	},
	{
		name: redact.Msg("Kubernetes"), source: "github.com/kubernetes/kubernetes pkg/serviceaccount, staging/src/k8s.io/apiserver",
		sayings: []saying{
			say("kubernetes.expired", Expired, "service account token has expired", "invalid bearer token, token has expired"),
			say("kubernetes.early", NotYetValid, "service account token is not valid yet"),
			say("kubernetes.revoked", Revoked, "service account token has been invalidated"),
			say("kubernetes.audience", AudienceMismatch, "is invalid for the target audiences"),
			say("kubernetes.anonymous", HeaderConstruction, "user \"system:anonymous\" cannot"),
			hint("kubernetes.forbidden", InsufficientScope, redact.Msg("the user or service account is known and has no role for this call"),
				redact.Msg("Look at the RoleBindings of this service account: kubectl auth can-i with --as shows what it may"), "is forbidden: user \"*\" cannot"),
			say("kubernetes.fetch", Unknown, "oidc: authenticator not initialized"),
		},
	},
	{
		name: redact.Msg("Vault"), source: "github.com/hashicorp/vault-plugin-auth-jwt path_login.go, github.com/hashicorp/cap",
		sayings: []saying{
			say("vault.audience", AudienceMismatch, "audience claim does not match any bound audience", "audience claim found in jwt but no audiences bound to the role"),
			say("vault.issuer", IssuerMismatch, "invalid issuer (iss) claim"),
			say("vault.expired", Expired, "invalid expiration time (exp) claim"),
			say("vault.early", NotYetValid, "invalid not before (nbf) claim"),
			say("vault.claim", MissingClaim, "error validating claims: claim \"*\" does not match", "sub claim does not match bound subject"),
			say("vault.signature", BadSignature, "no known key successfully validated the token signature", "error verifying token signature"),
		},
	},
	{
		name: redact.Msg("Google Cloud"), source: "cloud.google.com/iap/docs signed headers, cloud.google.com/apis/design/errors",
		sayings: []saying{
			say("google.scope", InsufficientScope, "access_token_scope_insufficient", "request had insufficient authentication scopes"),
			say("google.expired", Expired, "access_token_expired"),
			say("google.missing", HeaderConstruction, "credentials_missing"),
			hint("google.credentials", "", redact.Msg("Google does not take these credentials, and does not say why"),
				redact.Msg("Check that an OAuth access token was sent, not an ID token or an API key, and that it has not expired"), "request had invalid authentication credentials"),
			say("google.iap_audience", AudienceMismatch, "invalid iap credentials: jwt audience doesn't match this application"),
			say("google.iap_signature", BadSignature, "invalid iap credentials: jwt signature is invalid"),
			say("google.iap_malformed", NotAJWT, "invalid iap credentials: unable to parse jwt"),
			say("google.iap_empty", HeaderConstruction, "invalid iap credentials: empty token"),
			say("google.iap_expired", Expired, "invalid iap credentials: expired jwt"),
			hint("google.run", "", redact.Msg("Cloud Run could not verify the token"),
				redact.Msg("Send an ID token whose aud is the service's own URL, by an account that may invoke it: Cloud Run takes no access tokens"), "the access token could not be verified"),
		},
	},
	{
		name: redact.Msg("Microsoft Entra or Graph"), source: "learn.microsoft.com/graph errors, learn.microsoft.com/azure ARM errors",
		sayings: []saying{
			say("graph.audience", AudienceMismatch, "access token validation failure. invalid audience"),
			say("graph.expired", Expired, "lifetime validation failed, the token is expired", "expiredauthenticationtoken"),
			say("graph.malformed", NotAJWT, "compacttoken parsing failed", "80049217", "jwt parsing failed"),
			say("graph.tenant", IssuerMismatch, "invalidauthenticationtokentenant", "the access token is from the wrong issuer"),
			say("graph.signature", BadSignature, "access token validation failure. invalid signature"),
			say("graph.empty", HeaderConstruction, "access token is empty"),
			hint("graph.invalid", "", redact.Msg("Microsoft does not take this token (InvalidAuthenticationToken)"),
				redact.Msg("Compare the token's aud with the API: Graph's tokens are for Graph alone"), "invalidauthenticationtoken"),
			say("graph.scope", InsufficientScope, "insufficient privileges to complete the operation", "authorization_requestdenied", "missing scope permissions on the request"),
		},
	},
	{
		name: redact.Msg("Amazon Cognito"), source: "docs.aws.amazon.com/cognito, github.com/awslabs/aws-jwt-verify src/error.ts",
		sayings: []saying{
			say("cognito.expired", Expired, "access token has expired", "jwtexpirederror"),
			say("cognito.revoked", Revoked, "access token has been revoked"),
			say("cognito.signature", BadSignature, "could not verify signature for access token", "jwtinvalidsignatureerror"),
			say("cognito.use", WrongTokenType, "token use not allowed", "cognitojwtinvalidtokenuseerror"),
			say("cognito.client", AudienceMismatch, "client id not allowed", "cognitojwtinvalidclientiderror"),
			say("cognito.audience", AudienceMismatch, "audience not allowed:"),
			say("cognito.issuer", IssuerMismatch, "issuer not allowed:"),
			say("cognito.key", UnknownKey, "kidnotfoundinjwkserror", "jwk for kid * not found"),
		},
	},
	{
		name: redact.Msg("GitHub"), source: "docs.github.com GitHub Apps, generating a JWT",
		sayings: []saying{
			hint("github.ahead", ClockSkew, redact.Msg("exp lies too far ahead of its clock, as when the client's clock is ahead"),
				redact.Msg("Synchronise the clock of the machine that makes the JWT (NTP), set iat 60 s into the past, and exp no more than 10 min ahead"),
				"'expiration time' claim ('exp') is too far in the future", "'expiration' claim ('exp') is too far in the future"),
			say("github.issued", MalformedClaim, "'issued at' claim ('iat') must be an integer", "'expiration time' claim ('exp') must be a numeric value"),
			say("github.malformed", NotAJWT, "a json web token could not be decoded"),
		},
	},
}
