package checks

import "jwt-check-bot/redact"

// What web frameworks and their extensions say, and what so many say that it names nobody.

var frameworks = []*family{
	{
		name: redact.Msg("Django or Flask"), source: "github.com/jazzband/djangorestframework-simplejwt, github.com/vimalloc/flask-jwt-extended, github.com/encode/django-rest-framework",
		sayings: []saying{
			say("django.missing", HeaderConstruction, "authentication credentials were not provided", "authorization header must contain two space-delimited values", "bad_authorization_header",
				`"msg":"missing authorization header"`, "bad authorization header. expected", "missing 'bearer' type in 'authorization' header"),
			say("django.expired", Expired, `"msg":"token has expired"`),
			hint("django.not_valid", "", redact.Msg("the token is no good or has expired, and Simple JWT does not say which"),
				redact.Msg("Check exp first; if that is right, compare the signing key and the token's type (token_type access) with the API's settings"),
				"token_not_valid", "given token not valid for any token type"),
			say("django.blacklisted", Revoked, "token is blacklisted"),
			say("django.type", WrongTokenType, "token has wrong type", "only non-refresh tokens are allowed", "wrong token type", "only refresh tokens are allowed"),
			say("django.user", Revoked, "user_not_found", "user is inactive"),
			say("django.id", MissingClaim, "token contained no recognizable user identification"),
		},
	},
	{
		name: redact.Msg("FastAPI"), source: "github.com/fastapi/fastapi security/oauth2.py, fastapi.tiangolo.com tutorial",
		sayings: []saying{
			say("fastapi.missing", HeaderConstruction, `"detail":"not authenticated"`),
			hint("fastapi.refused", "",
				redact.Msg("the token is no good, and it does not say why: the words of FastAPI's tutorial, which every failure gets"),
				redact.Msg("Read the API's own log of that second, or have its exception handler log the reason (expired, signature, a sub that no user has)"),
				"could not validate credentials"),
		},
	},
	{
		name: redact.Msg("Laravel"), source: "github.com/laravel/framework Auth/AuthenticationException.php",
		sayings: []saying{
			hint("laravel.refused", "",
				redact.Msg("nobody is logged in, and it does not say why: no token came, or the guard does not know it"),
				redact.Msg("Check that the Authorization header arrives (Apache drops it without a rewrite rule), which guard the route names, and whether the token was deleted or has expired there"),
				`"message":"unauthenticated."`),
		},
	},
	{
		name: redact.Msg("LexikJWTAuthenticationBundle"), source: "github.com/lexik/LexikJWTAuthenticationBundle Exception",
		sayings: []saying{
			say("lexik.missing", HeaderConstruction, `"code":401,"message":"jwt token not found"`),
			say("lexik.expired", Expired, "expired jwt token"),
			hint("lexik.refused", "",
				redact.Msg("the token is no good, and it does not say why: signature, form or times"),
				redact.Msg("Compare the public key that the API is configured with (JWT_PUBLIC_KEY) with the issuer's, and look at exp, iat and nbf"),
				`"code":401,"message":"invalid jwt token"`),
		},
	},
	{
		source: "shared by many libraries", generic: true,
		sayings: []saying{
			say("common.expired", Expired, "token expired", "token is expired", "token has expired", "token was expired", "expired token", "jwt has expired", "expired jwt", "signature has expired", "id token expired",
				"expired access token", "token_expired", "token-expired", "expired_token", "tokenexpired", "jwtexpired"),
			say("common.early", NotYetValid, "token not yet valid", "token is not yet valid", "token not valid yet", "token is not valid yet", "jwt is not yet valid", "jwtnotyetvalid"),
			say("common.signature", BadSignature, "invalid token signature", "token signature verification failed", "signature verification failed", "jwt signature verification failed", "jwt validation failed: invalid signature",
				"invalid jwt signature", "signature validation failed", "jwsinvalidsignature", `"message":"invalid signature"`, `"error":"invalid signature"`, "jwt signature is invalid", "token signature is not valid", "token signature is invalid"),
			say("common.audience", AudienceMismatch, "invalid audience", "audience validation failed", "audience mismatch", "incorrect audience", "wrong audience", "aud claim mismatch", "jwtnotinaudience", "token audience is not valid", "the audience is invalid", "audience not allowed"),
			say("common.issuer", IssuerMismatch, "invalid issuer", "issuer validation failed", "issuer mismatch", "wrong issuer", "untrusted issuer", "unknown issuer", "iss claim mismatch", "jwtnotinissuer", "the issuer is invalid", "issuer does not match"),
			say("common.key", UnknownKey, "unknown kid", "kid not found", "no matching key for kid", "no matching jwk", "signing key not found", "public key not found", "unable to find key with kid", "no key found for kid", "unable to find a signing key that matches"),
			say("common.algorithm", AlgorithmMismatch, "algorithm not allowed", "unsupported jwt algorithm", "token algorithm not allowed", "alg not allowed", "invalid jwt algorithm"),
			say("common.malformed", NotAJWT, "malformed token", "malformed jwt", "compactdecodeerror", "token malformed", "jwt is malformed", "invalid jwt format", "token is not a jwt", "not a valid jwt", "invalid number of segments", "wrong number of segments", "token is malformed"),
			say("common.missing", HeaderConstruction, "missing bearer token", "missing authorization header", "no bearer token", "no authorization header", "authorization header is missing", "authorization header missing", "missing token",
				"no token provided", "token not provided", "jwt token not found", "bearer token missing", "authorization header not found", "invalid authorization header", "malformed authorization header", "authorization header is required"),
			hint("common.refused", "", redact.Msg("the token did not verify, and it does not say why"),
				redact.Msg("Read the API's own log of that second: it has the reason that the answer keeps back"),
				"failed to verify jwt", "jwt verification failed", "token verification failed", "token validation failed", "jwt validation failed"),
			say("common.revoked", Revoked, "token has been revoked", "token is revoked", "token revoked", "session has been revoked", "token was revoked", "access token revoked"),
			say("common.scope", InsufficientScope, "insufficient scope", "insufficient scopes", "missing required scope", "missing scope", "insufficient permissions", "required scope"),
		},
	},
}
