package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// tokenKind is what kind of token this is.
type tokenKind uint8

const (
	accessToken tokenKind = iota // or nothing that says otherwise
	idToken
	refreshToken
	dpopProof
	logoutToken
	securityEvent
	clientAssertion
	customToken
	requestObject
	introspectionAnswer
	authorizationAnswer
	userInfo
	credential
	entityStatement
	apiKey
)

const (
	atJWT          = "at+jwt" // RFC 9068 §2.1
	backchannel    = "events.http://schemas.openid.net/event/backchannel-logout"
	firebaseCustom = "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"
)

// kindOfType is the kind that an explicit type stands for (RFC 8725 §3.11).
func kindOfType(typ string) tokenKind {
	switch typ {
	case "dpop+jwt":
		return dpopProof
	case "id_token", "id_token+jwt":
		return idToken
	case "rt+jwt", "refresh+jwt", "refresh_token":
		return refreshToken
	case "logout+jwt":
		return logoutToken
	case "secevent+jwt":
		return securityEvent
	case "client-authentication+jwt", "oauth-client-attestation+jwt", "oauth-client-attestation-pop+jwt", "oauth-id-jag+jwt":
		return clientAssertion
	case "oauth-authz-req+jwt":
		return requestObject
	case "token-introspection+jwt":
		return introspectionAnswer
	case "vc+jwt", "vp+jwt", "vc+sd-jwt", "vp+sd-jwt", "dc+sd-jwt", "kb+jwt", "openid4vci-proof+jwt", "statuslist+jwt":
		return credential
	case "entity-statement+jwt", "trust-mark+jwt", "resolve-response+jwt":
		return entityStatement
	}
	return accessToken
}

// classify says what kind of token this is, and whether one piece of evidence makes it certain. What
// most tokens have costs a comparison of bits.
func (p *Pass) classify(t *traits) (kind tokenKind, certain bool) {
	if t.typ != "" && t.typ != atJWT {
		if kind := kindOfType(t.typ); kind != accessToken {
			return kind, true
		}
	}
	if t.has&(hasMethod|hasURI) == hasMethod|hasURI { // RFC 9449 §4.2: required, and in no other token
		return dpopProof, true
	}
	if t.has&hasEvents != 0 {
		if _, _, ok := p.claims.at(backchannel); ok { // OpenID Connect Back-Channel Logout §2.4
			return logoutToken, true
		}
		if p.hasEvents() {
			return securityEvent, true
		}
	}
	declared := accessToken
	if t.has&hasDeclared != 0 {
		var explicit bool
		if declared, explicit = p.declaredKind(); declared != accessToken {
			return declared, true
		} else if explicit {
			return accessToken, true
		}
	}
	if kind, certain := p.kindByAudience(t); kind != accessToken {
		return kind, certain
	}
	if kind := p.kindByClaims(t); kind != accessToken {
		return kind, true
	}
	if t.typ == atJWT {
		return p.idTokenByHash(t)
	}
	return p.kindByHints(t)
}

// hasEvents reports whether events is what RFC 8417 §2.2 makes of it: an object whose members are
// named by URIs. An application's own claim of that name is not.
func (p *Pass) hasEvents() bool {
	m, _ := p.claims.find("events")
	if m.kind != '{' {
		return false
	}
	events, err := scanObject(p.claims.raw(m))
	if err != nil || len(events.members) == 0 {
		return false
	}
	name := events.members[0].name
	return strings.Contains(name, "://") || strings.HasPrefix(name, "urn:")
}

// declarations are the claims in which some issuers write the token's kind: Amazon Cognito's
// token_use, Keycloak's typ, ForgeRock's tokenName, and what Python's JWT libraries write.
var declarations = [...]string{"token_use", "typ", "tokenName", "token_type", "type"}

// declaredKind is the kind that the token says it is, and whether it says that it is an access token.
func (p *Pass) declaredKind() (kind tokenKind, access bool) {
	for _, name := range declarations {
		value, ok := p.claims.str(name)
		if !ok || len(value) > len("Serialized-ID") {
			continue
		}
		switch strings.ToLower(value) {
		case "refresh", "offline", "refresh_token":
			return refreshToken, false
		case "access", "access_token", "bearer", "dpop":
			access = true
		case "id", "id_token", "serialized-id":
			if name != "type" { // a word that applications use for other things
				kind = idToken
			}
		case "logout":
			if name == "typ" {
				kind = logoutToken
			}
		}
	}
	return kind, access
}

// kindByAudience recognizes what is meant for the issuer rather than for an API (RFC 7523 §3).
func (p *Pass) kindByAudience(t *traits) (kind tokenKind, certain bool) {
	self, aud := p.selfIssued(t), p.string(t.aud)
	if self && aud == "" {
		if list, _ := p.audiences(); len(list) > 0 {
			aud = list[0]
		}
	}
	switch {
	case aud == firebaseCustom:
		return customToken, true
	case isTokenEndpoint(aud):
		return clientAssertion, self || strings.HasSuffix(p.string(t.iss), ".gserviceaccount.com")
	case self && aud == p.Profile.Issuer:
		return clientAssertion, true
	}
	return accessToken, false
}

// kindByClaims recognizes what has a claim, or a pair of claims, that no access token has.
func (p *Pass) kindByClaims(t *traits) tokenKind {
	switch {
	case t.has&(hasRequest|hasClient) == hasRequest|hasClient && p.string(t.client) != "": // RFC 9101 §4
		return requestObject
	case t.has&hasAnswer != 0: // RFC 9701 §5
		return introspectionAnswer
	case t.has&(hasCode|hasState) == hasCode|hasState && t.sub == nil && t.aud != nil: // JARM §2.1
		return authorizationAnswer
	case t.has&hasCredential != 0 && p.hasCredential():
		return credential
	case t.has&(hasFederation|hasKeys) == hasFederation|hasKeys: // OpenID Federation 1.0 §3
		return entityStatement
	case p.supabaseRole() != "":
		return apiKey
	}
	return accessToken
}

// hasCredential reports whether vc or vp is an object, or an SD-JWT VC's type stands beside its
// digests (RFC 9901).
func (p *Pass) hasCredential() bool {
	for _, name := range [...]string{"vc", "vp"} {
		if m, ok := p.claims.find(name); ok && m.kind == '{' {
			return true
		}
	}
	_, typed := p.claims.str("vct")
	_, digests := p.claims.find("_sd_alg")
	return typed && digests
}

// supabaseRole is the role of a Supabase project's API key, empty for all else.
func (p *Pass) supabaseRole() string {
	if iss := p.string(p.look.iss); iss != "supabase" && iss != "supabase-demo" {
		return ""
	}
	role, _ := p.claims.str("role")
	if role != "anon" && role != "service_role" {
		return ""
	}
	return role
}

// idTokenByHash: the hash of an access token or a code is in the ID token that came with it, and
// nowhere else (OpenID Connect Core §3.1.3.6, §3.3.2.11).
func (p *Pass) idTokenByHash(t *traits) (kind tokenKind, certain bool) {
	if t.has&hasHash != 0 {
		return idToken, true
	}
	return accessToken, false
}

// kindByHints weighs what each says little alone. An access token may have a nonce (older Keycloak's
// do), its audience may be the client (an application that calls itself), and it may say who the user
// is; but what has none of a scope's kind, and two of these, is an ID token.
func (p *Pass) kindByHints(t *traits) (kind tokenKind, certain bool) {
	if t.has&hasHash != 0 {
		return idToken, true
	}
	if t.has&hasAccess != 0 {
		return accessToken, false
	}
	nonce, person := t.has&hasNonce != 0, t.has&(hasPerson|hasAuthTime) != 0
	if nonce || person && t.client != nil {
		list, _ := p.audiences()
		forClient := len(list) == 1 && p.forClient(list)
		switch {
		case nonce && (forClient || t.client == nil):
			return idToken, forClient
		case person && forClient:
			return idToken, false
		}
	}
	if t.has&(severalPersons|hasIdentity|hasAuthTime) == severalPersons && t.sub != nil && t.aud != nil { // OpenID Connect Core §5.3.2
		return userInfo, false
	}
	return accessToken, false
}

// signs names the evidence for the token's kind.
func (p *Pass) signs() []redact.Message {
	t := p.traits()
	var signs []redact.Message
	there := func(names ...string) {
		for _, name := range names {
			if m, ok := p.claims.find(name); ok {
				signs = append(signs, redact.Msg("{} is there", redact.Name(p.claim(&m))))
			}
		}
	}
	if t.typ != "" && kindOfType(t.typ) == t.kind {
		return append(signs, redact.Msg("typ is {}", redact.Show(p.value(redact.HeaderParameter, "typ"))))
	}
	if t.has&hasDeclared != 0 {
		signs = p.declared(signs)
	}
	switch t.kind {
	case idToken:
		there("nonce", "at_hash", "c_hash", "s_hash")
		if list, _ := p.audiences(); p.forClient(list) {
			signs = append(signs, redact.Msg("aud is the client itself"))
		}
		if t.has&hasAccess == 0 {
			signs = append(signs, redact.Msg("there is no scope"))
		}
	case dpopProof:
		there("htm", "htu")
	case logoutToken, securityEvent:
		there("events")
	case clientAssertion, customToken:
		if p.selfIssued(t) {
			signs = append(signs, redact.Msg("iss and sub are the same"))
		}
		signs = append(signs, redact.Msg("aud is {}", redact.Show(p.claim(t.aud))))
	case requestObject:
		there("response_type", "client_id")
	case introspectionAnswer:
		there("token_introspection")
	case authorizationAnswer:
		there("code", "error", "state")
	case userInfo:
		there("name", "given_name", "family_name", "preferred_username", "email")
		signs = append(signs, redact.Msg("there is no exp, iat or jti"))
	case credential:
		there("vc", "vp", "vct", "_sd_alg")
	case entityStatement:
		there("authority_hints", "metadata", "jwks")
	case apiKey:
		signs = append(signs, redact.Msg("iss is {}", redact.Show(p.claim(t.iss))), redact.Msg("role is {}", redact.Operator(p.supabaseRole())))
	}
	return signs
}

// declared adds what the token says of itself. The word is ours: the claim's value is one of few.
func (p *Pass) declared(signs []redact.Message) []redact.Message {
	for _, name := range declarations {
		m, ok := p.claims.find(name)
		if !ok || m.kind != '"' {
			continue
		}
		word := redact.Hole{}
		switch strings.ToLower(p.string(&m)) {
		case "refresh", "refresh_token":
			word = redact.Word("refresh")
		case "offline":
			word = redact.Word("offline")
		case "id", "id_token", "serialized-id":
			word = redact.Word("ID")
		case "logout":
			word = redact.Word("logout")
		default:
			continue
		}
		signs = append(signs, redact.Msg("{} says {}", redact.Name(p.claim(&m)), word))
	}
	return signs
}
