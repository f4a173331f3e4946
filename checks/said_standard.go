package checks

import "jwt-check-bot/redact"

// What servers say in the words of the RFCs, and about the size of a request, whatever they run; and
// what clients say where no answer came.

var rfcSayings = family{
	source: "RFC 6750 §3.1, RFC 9449 §7.1, §9; RFC 9470 §3",
	sayings: []saying{
		say("rfc.insufficient_scope", InsufficientScope, "insufficient_scope"),
		hint("rfc.step_up", MissingClaim,
			redact.Msg("the user's login is too old or too weak for this call (insufficient_user_authentication)"),
			redact.Msg("Have the client send the user to log in again with the acr_values or max_age of the challenge (RFC 9470 §4)"),
			insufficientLogin),
		hint("rfc.dpop_nonce", SenderConstrained,
			redact.Msg("the DPoP proof needs the server's nonce (use_dpop_nonce), which is no fault of the token"),
			redact.Msg("Have the client repeat the request with a proof that holds the DPoP-Nonce of this answer; a client library that knows RFC 9449 §9 does so by itself"),
			useDPoPNonce),
		hint("rfc.dpop_proof", SenderConstrained,
			redact.Msg("the DPoP proof does not fit the request (invalid_dpop_proof)"),
			redact.Msg("Look at the proof: htm and htu of this very request without query, a fresh iat and jti, ath of this token, the key of cnf.jkt"),
			invalidDPoPProof),
		hint("rfc.invalid_request", HeaderConstruction,
			redact.Msg("the request is malformed (invalid_request): a token twice, or in a form that it does not take"),
			redact.Msg("Log the Authorization header where the client sends it: one scheme, one space, one token, and no second token in the query or the body"),
			`error="invalid_request"`, `"error":"invalid_request"`),
		hint("rfc.invalid_token", "",
			redact.Msg("the token is no good (invalid_token), without a reason that is known here: expired, revoked, malformed or something else"),
			redact.Msg("Read the API's own log of that second: it has the reason that the answer keeps back"),
			invalidToken),
		hint("rfc.invalid_client", "",
			redact.Msg("the client did not authenticate (invalid_client): that is the answer of a token endpoint, not of an API"),
			redact.Msg("Look at the client's ID and secret and at the way it sends them; no access token is involved yet"),
			invalidClient),
		hint("rfc.invalid_grant", "",
			redact.Msg("the grant is no good (invalid_grant): the code or refresh token was used, expired or revoked; that is the answer of a token endpoint"),
			redact.Msg("Find out why the client could not refresh; the access token that it still sends will be expired"),
			"invalid_grant"),
	},
}

var sizeSayings = family{
	source: "RFC 6585 §5, RFC 9110 §15.5.14, §15.5.15",
	sayings: []saying{
		say("size.headers", HeaderTooLarge,
			"request header or cookie too large",                                      // nginx, 400 and 494
			"request header fields too large",                                         // RFC 6585 §5
			"size of the request headers is too long",                                 // http.sys
			"size of a request header field exceeds",                                  // Apache httpd
			"request header is too large",                                             // Tomcat
			"request headers too long",                                                // Kestrel
			"request headers are too large", "header overflow", "hpe_header_overflow", // Node.js
			"limit of request headers fields size", "limit request headers fields size", "limit request line", // gunicorn
			"request headers exceed*limit", "header field too long", "headers are too large", "headers too large", "header too large",
			"total size of headers received is too large", "request header too large", "header size exceeded", "http1.headers_too_large"),
	},
}

var transportSayings = family{
	source: "curl.se/docs/sslcerts.html, pkg.go.dev/crypto/x509, fetch.spec.whatwg.org §3.2",
	sayings: []saying{
		hint("net.tls", "",
			redact.Msg("the TLS connection failed, so no token was looked at"),
			redact.Msg("Look at the certificate of the server and at what the client trusts: its dates, the names in it, the intermediate certificates, the clock of the client"),
			"ssl certificate problem", "certificate signed by unknown authority", "failed to verify certificate", "unable to get local issuer certificate",
			"self-signed certificate", "self signed certificate", "certificate has expired", "certificate verify failed", "pkix path building failed"),
		hint("net.cors", "",
			redact.Msg("the browser keeps the answer from the page (CORS), whatever it says about the token"),
			redact.Msg("Have the API answer the preflight (OPTIONS, which carries no Authorization) without a token, and allow this origin and the Authorization header, also on its 401s; then look at the answer itself in the browser's network tab"),
			"blocked by cors policy", "cross-origin request blocked"),
		hint("net.unreachable", "",
			redact.Msg("no connection came about"),
			redact.Msg("Find out which address that was, the API's or another's: its name, its port, whether something listens there. No token was looked at there"),
			"could not resolve host", "no such host", "connection refused", "econnrefused", "enotfound", "name or service not known"),
	},
}
