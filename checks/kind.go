package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// The kind rung: is it an access token at all? What else is signed in the same form has its own
// readers, and RFC 8725 §3.12 wants the rules of each to exclude all others.

var idTokenSent = Check{
	ID:       "kind.id_token_sent",
	Subject:  "Kind of token",
	Title:    "An ID token was sent where an access token belongs",
	Doc:      "An ID token tells the client who signed in: its audience is the client, and an API must not take it for an access token. Look at which field of the token response the client sends, and whether its token request names this API.",
	Cite:     "OpenID Connect Core §2, RFC 9068 §2.1",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(idToken) {
			return nil
		}
		return p.wrongKind(redact.Msg("An ID token was sent where an access token belongs"),
			redact.Msg("Send the access_token of the token response, not the id_token"))
	},
}

var refreshTokenSent = Check{
	ID:       "kind.refresh_token_sent",
	Subject:  "Kind of token",
	Title:    "A refresh token was sent where an access token belongs",
	Doc:      "A refresh token is for the issuer's token endpoint alone and never for an API. It lives long: whoever received it by mistake can keep getting access tokens, so have it revoked.",
	Cite:     "RFC 6749 §1.5, RFC 9700 §4.14",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(refreshToken) {
			return nil
		}
		return p.wrongKind(redact.Msg("A refresh token was sent where an access token belongs"),
			redact.Msg("Send the access_token of the token response; have this refresh token revoked, since the API has seen it"))
	},
}

var dpopProofSent = Check{
	ID:       "kind.dpop_proof_sent",
	Subject:  "Kind of token",
	Title:    "A DPoP proof stands where the access token belongs",
	Doc:      "A DPoP proof is signed by the client for one request and goes into the DPoP header, beside the access token in the Authorization header. Either the two were swapped, or the wrong one was copied.",
	Cite:     "RFC 9449 §4.2, §7.1",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(dpopProof) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is a DPoP proof, not the access token that goes with it"),
			redact.Msg("Put the access token into Authorization with the DPoP scheme, and the proof into the DPoP header; check the access token here, not the proof"))
	},
}

var logoutTokenSent = Check{
	ID:       "kind.logout_token_sent",
	Subject:  "Kind of token",
	Title:    "A logout token was sent where an access token belongs",
	Doc:      "A logout token tells a client that a session has ended. It comes in the body of the issuer's back-channel request and gives no access to anything.",
	Cite:     "OpenID Connect Back-Channel Logout §2.4",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(logoutToken) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is a logout token, which gives no access"),
			redact.Msg("Find out how the logout token got into the Authorization header; send the access token of the session instead"))
	},
}

var securityEventSent = Check{
	ID:       "kind.security_event_sent",
	Subject:  "Kind of token",
	Title:    "A security event token was sent where an access token belongs",
	Doc:      "A security event token (SET) reports that something happened, such as a revoked session. It is delivered to a receiver's endpoint and gives no access to anything.",
	Cite:     "RFC 8417 §2.3, §4.6",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(securityEvent) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is a security event token, which gives no access"),
			redact.Msg("Send the access token that was issued for this API; a transmitter of events authenticates with one too, beside the event"))
	},
}

var assertionSent = Check{
	ID:       "kind.client_assertion_sent",
	Subject:  "Kind of token",
	Title:    "A client assertion was sent where an access token belongs",
	Doc:      "A client assertion proves to the issuer's token endpoint who asks for a token: it is signed by the client and has to be exchanged. Service account keys make such assertions too.",
	Cite:     "RFC 7523 §3",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(clientAssertion) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is an assertion for the issuer's token endpoint, not an access token"),
			redact.Msg("Post it to the issuer's token endpoint and send the access token that comes back"))
	},
}

var customTokenSent = Check{
	ID:       "kind.custom_token_sent",
	Subject:  "Kind of token",
	Title:    "A Firebase custom token was sent instead of the token that it is exchanged for",
	Doc:      "A custom token is signed by a service account and only good for signing in: the client exchanges it and sends the ID token that it gets, which is issued for the project.",
	Cite:     "https://firebase.google.com/docs/auth/admin/create-custom-tokens",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(customToken) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is a Firebase custom token, which has to be exchanged before it is of use"),
			redact.Msg("Sign in with it (signInWithCustomToken) and send the ID token that Firebase returns"))
	},
}

var requestObjectSent = Check{
	ID:       "kind.request_object_sent",
	Subject:  "Kind of token",
	Title:    "An authorization request was sent where an access token belongs",
	Doc:      "A request object (JAR) is the client's own signed authorization request, meant for the issuer's authorization or PAR endpoint.",
	Cite:     "RFC 9101 §4, §10.8",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(requestObject) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is a signed authorization request (JAR), not an access token"),
			redact.Msg("Send it to the issuer's authorization endpoint, and the access token that the flow ends with to the API"))
	},
}

var answerSent = Check{
	ID:       "kind.issuer_answer_sent",
	Subject:  "Kind of token",
	Title:    "A signed answer of the issuer was sent where an access token belongs",
	Doc:      "Issuers sign some of their answers: introspection (RFC 9701), the authorization response (JARM), userinfo. They describe a token or a user and give no access.",
	Cite:     "RFC 9701 §5, JARM §2.1, OpenID Connect Core §5.3.2",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		switch {
		case p.mistaken(introspectionAnswer):
			return p.wrongKind(redact.Msg("This is a signed introspection response, not the token that it describes"),
				redact.Msg("Send the token itself, not what the issuer answered about it"))
		case p.mistaken(authorizationAnswer):
			return p.wrongKind(redact.Msg("This is a signed authorization response (JARM), not an access token"),
				redact.Msg("Exchange the code in it at the token endpoint, and send the access token that comes back"))
		case p.mistaken(userInfo):
			return p.wrongKind(redact.Msg("This is a signed userinfo response, not the access token that fetched it"),
				redact.Msg("Send the token itself, not what the issuer answered about it"))
		}
		return nil
	},
}

var credentialSent = Check{
	ID:       "kind.credential_sent",
	Subject:  "Kind of token",
	Title:    "A verifiable credential or presentation was sent where an access token belongs",
	Doc:      "A credential states something about its subject, and a presentation or proof shows it to one verifier. Neither authorizes a call of an API.",
	Cite:     "W3C VC-JOSE-COSE §3.1, RFC 9901 §4",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(credential) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is a verifiable credential or its proof, not an access token"),
			redact.Msg("Send the access token that was issued for this API"))
	},
}

var statementSent = Check{
	ID:       "kind.entity_statement_sent",
	Subject:  "Kind of token",
	Title:    "A federation's entity statement was sent where an access token belongs",
	Doc:      "An entity statement publishes who somebody is in an OpenID federation, with keys and metadata. It is public and gives no access.",
	Cite:     "OpenID Federation 1.0 §3",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(entityStatement) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is an OpenID Federation entity statement, not an access token"),
			redact.Msg("Send the access token that was issued for this API"))
	},
}

var apiKeySent = Check{
	ID:       "kind.api_key_sent",
	Subject:  "Kind of token",
	Title:    "A project's API key was sent where a user's access token belongs",
	Doc:      "Supabase's anon and service_role keys are JWTs that stand for the project, not for a user. They go into the apikey header; the Authorization header takes the signed-in user's token.",
	Cite:     "https://supabase.com/docs/guides/auth/jwt-fields",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if !p.mistaken(apiKey) {
			return nil
		}
		return p.wrongKind(redact.Msg("This is a Supabase API key ({}), not a user's access token", redact.Operator(p.supabaseRole())),
			redact.Msg("Send the signed-in user's access token (session.access_token) as Bearer; the key belongs into the apikey header of calls to Supabase"))
	},
}

var apiKeyPasted = Check{
	ID:       "kind.api_key_pasted",
	Subject:  "Full-access key",
	Title:    "The token is a key with full access to a database",
	Doc:      "A Supabase service_role key passes by row level security and lives for years. It must never leave the server: whoever has seen it can read and change everything. Rotate it.",
	Cite:     "https://supabase.com/docs/guides/api/api-keys",
	Severity: Security,
	Run: func(p *Pass) *Result {
		// The keys of the local development stack (supabase-demo) are public.
		if t := p.traits(); t.kind != apiKey || p.supabaseRole() != "service_role" || p.string(t.iss) != "supabase" {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("A Supabase service_role key: it gives full access to the project's database and has now been shown; rotate it")}
	},
}

// mistaken reports whether the token is of that kind and would or must be refused for it.
func (p *Pass) mistaken(kind tokenKind) bool {
	t := p.traits()
	if t.kind != kind {
		return false
	}
	switch p.wantsKind() {
	case yes:
		return false
	case no:
		return true
	}
	switch kind {
	case refreshToken, dpopProof, logoutToken, introspectionAnswer: // these no API takes
		return true
	case apiKey:
		return p.string(t.iss) != p.Profile.Issuer
	}
	if p.heard() { // an API to which it is addressed takes it, as Google's and Kubernetes' take ID tokens
		return kindOfType(t.typ) == kind
	}
	return t.certain || len(p.Profile.Audience) > 0
}

type answer uint8

const (
	unsaid answer = iota
	yes
	no
)

// wantsKind is what the profile's own rules say about a token of this kind: by the types that it
// accepts, and by what it requires of the claims in which issuers write the kind.
func (p *Pass) wantsKind() answer {
	// JWT is the type of every kind, so accepting it says nothing.
	if t := p.traits(); len(p.Profile.Types) > 0 && t.typ != "" && p.acceptsType() {
		return yes
	}
	said := unsaid
	for _, r := range p.required {
		if r.Value == "" || !slices.Contains(declarations[:], r.Claim) {
			continue
		}
		if _, ok := p.claims.find(r.Claim); ok && p.meets(r) {
			said = yes
		} else if ok {
			return no
		}
	}
	if said == unsaid && len(p.Profile.Types) > 0 && !p.acceptsType() && p.traits().certain {
		return no
	}
	return said
}

func (p *Pass) wrongKind(says, next redact.Message) *Result {
	want := redact.Msg("an access token")
	if len(p.Profile.Audience) > 0 {
		want = redact.Msg("an access token for {}", operators(p.Profile.Audience))
	}
	return &Result{Outcome: Failed, Says: says, Want: want, Got: redact.Msg("{}", redact.Items(p.signs())), Next: p.vendorAdvice(WrongTokenType, next)}
}

var idTokenTaken = Check{
	ID:       "kind.id_token_taken",
	Subject:  "Kind of token",
	Title:    "It is an ID token that is addressed to this API",
	Doc:      "Some APIs take ID tokens on purpose, and this one's audience is right. An API that insists on access tokens refuses it all the same: require the claim that says the kind (token_use=access, typ=Bearer) in the profile if yours does.",
	Cite:     "RFC 9068 §2.1",
	Severity: Info,
	Run: func(p *Pass) *Result {
		t := p.traits()
		if t.kind != idToken || t.has&hasDeclared == 0 || !p.heard() || p.mistaken(idToken) || p.wantsKind() == yes {
			return nil
		}
		return pass(redact.Msg("an ID token ({}) that is addressed to this API; one that insists on access tokens refuses it", redact.Items(p.declared(nil))))
	},
}

var atJWTIncomplete = Check{
	ID:       "kind.at_jwt_incomplete",
	Subject:  "RFC 9068 claims",
	Title:    "The type promises an RFC 9068 access token, and claims that it must have are missing",
	Doc:      "A token whose typ is at+jwt must have iss, exp, aud, sub, client_id, iat and jti. A verifier that goes by the RFC may refuse it, and the next API that trusts this issuer may be such a one.",
	Cite:     "RFC 9068 §2.2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().typ != atJWT {
			return nil
		}
		var missing []redact.Message
		for _, name := range [...]string{"exp", "aud", "sub", "client_id", "iat", "jti"} {
			// A missing aud is a failure of its own where the profile has an audience.
			if _, ok := p.claims.find(name); !ok && (name != "aud" || len(p.Profile.Audience) == 0) {
				missing = append(missing, redact.Msg("{}", redact.Operator(name)))
			}
		}
		if len(missing) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("typ says at+jwt, and what such a token must have is missing: {}", redact.Items(missing))}
	},
}

var typNotAccepted = Check{
	ID:       "kind.typ_not_accepted",
	Subject:  "Type",
	Title:    "The token's type is not one that the API accepts",
	Doc:      "The header's typ keeps tokens of one kind from being used as another. An access token by RFC 9068 says at+jwt; an ID token or a logout token does not.",
	Cite:     "RFC 8725 §3.11, RFC 9068 §2.1",
	Severity: Blocks,
	Cause:    WrongTokenType,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || len(p.Profile.Types) == 0 {
			return nil
		}
		shown := redact.Show(p.value(redact.HeaderParameter, "typ"))
		if p.acceptsType() {
			return pass(redact.Msg("{}", shown))
		}
		next := redact.Msg("Send the access token that was issued for this API, not an ID or refresh token")
		if t := p.traits(); t.kind == accessToken && t.typ == "" {
			next = redact.Msg("Nothing else says that it is no access token: if it is one, its issuer does not type them, and either the issuer or the API's list of types has to change")
		}
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("Wrong type of token: typ is {}, and {} accepts {}", shown, p.Profile.label(), operators(p.Profile.Types)),
			Want:    redact.Msg("{}", operators(p.Profile.Types)),
			Got:     redact.Msg("{}", shown),
			Next:    p.vendorAdvice(WrongTokenType, next),
		}
	},
}

// acceptsType reports whether typ is one of the types that the profile accepts.
func (p *Pass) acceptsType() bool {
	typ, ok := p.head.str("typ")
	return ok && slices.ContainsFunc(p.Profile.Types, func(t string) bool { return mediaType(t) == mediaType(typ) })
}

// mediaType compares as RFC 7515 §4.1.9 says: without regard to case, and with `application/`
// understood where there is no slash.
func mediaType(typ string) string {
	return strings.TrimPrefix(strings.ToLower(typ), "application/")
}
