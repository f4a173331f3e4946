package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// trait is one thing that the names in a token tell about it.
type trait uint64

const (
	hasNonce      trait = 1 << iota
	hasHash             // at_hash, c_hash or s_hash: of what an ID token was issued together with
	hasClient           // azp, client_id, appid or cid
	hasAccess           // scopes and the like, which ID tokens do not have
	hasDeclared         // a claim in which some issuers write the token's kind
	hasPerson           // who the user is
	hasAuthTime         // when the user signed in
	hasMethod           // htm
	hasURI              // htu
	hasEvents           // events, whatever it holds
	hasRequest          // response_type
	hasAnswer           // token_introspection
	hasCode             // code or error, of an authorization response
	hasState            // state
	hasCredential       // vc, vp or vct
	hasFederation       // authority_hints, or metadata
	hasKeys             // jwks
	hasActor            // act or may_act
	hasBinding          // cnf
	hasIdentity         // jti, iat or exp: what every token has and a signed userinfo answer need not

	// In the header.
	hasBrought     // jku, jwk, x5u or x5c
	hasThumbprint  // x5t or x5t#S256
	hasContentType // cty
	hasExtension   // crit, b64 or zip
	hasJWE         // what only encrypted tokens have
	hasReplica     // a claim's name

	// Signs of a slip, for the checks that look closer.
	oddType        // a claim of a type that verifiers do not expect
	oddName        // perhaps a well-known claim under another spelling
	oddValue       // perhaps a placeholder
	emptySubject   // sub is there and says nothing
	severalPersons // more than one claim about who the user is
	oddNumber      // perhaps one that a double does not hold
	showsSecret    // a claim that holds a credential
	showsPerson    // a claim with a payment card, a telephone number, an address or a birth date
)

// traits are what one look at all names tells, so that most checks need no look of their own.
type traits struct {
	seen          bool
	has           trait
	kind          tokenKind
	certain       bool    // by one piece of evidence that no access token has; else several hint at it
	typ           string  // the header's, as a media type; empty for none and for the ordinary JWT
	iss, sub, aud *member // the last of that name
	client        *member // the claim that names the client
}

// traits looks once.
func (p *Pass) traits() *traits {
	t := &p.look
	if !t.seen {
		t.seen = true
		if p.form == formJWS {
			t.readHeader(&p.head)
			for i := range p.claims.members {
				t.readClaim(&p.claims, &p.claims.members[i])
				t.readValue(&p.claims, &p.claims.members[i])
			}
			t.kind, t.certain = p.classify(t)
		}
	}
	return t
}

func (t *traits) readHeader(head *object) {
	for i := range head.members {
		m := &head.members[i]
		switch m.name {
		case "alg", "kid":
		case "typ":
			t.typ = typeOf(head, m)
		case "jku", "jwk", "x5u", "x5c":
			t.has |= hasBrought
		case "x5t", "x5t#S256":
			t.has |= hasThumbprint
		case "cty":
			t.has |= hasContentType
		case "crit", "b64", "zip":
			t.has |= hasExtension
		case "enc", "epk", "apu", "apv", "p2c", "p2s", "iv", "tag":
			t.has |= hasJWE
		case "iss", "sub", "aud", "exp", "nbf", "iat", "jti":
			t.has |= hasReplica
		}
	}
}

// typeOf returns typ as a media type. The two usual values cost nothing.
func typeOf(head *object, m *member) string {
	if m.kind != '"' {
		return ""
	}
	switch typ := unquote(head.raw(*m)); typ {
	case "JWT", "":
		return ""
	case atJWT:
		return typ
	default:
		if typ = mediaType(typ); typ == "jwt" {
			return ""
		}
		return typ
	}
}

func (t *traits) readClaim(claims *object, m *member) {
	text := m.kind == '"'
	switch m.name {
	case "iss":
		t.iss = m
		t.value(claims, m)
	case "sub":
		t.sub = m
		if text && m.json.To-m.json.From == 2 {
			t.has |= emptySubject
		}
		t.value(claims, m)
	case "aud":
		t.aud = m
		t.value(claims, m)
	case "exp", "iat":
		t.has |= hasIdentity
	case "jti":
		t.has |= hasIdentity
		t.value(claims, m)
	case "nbf":
	case "azp", "client_id", "appid", "cid":
		t.has |= hasClient
		if t.client == nil || m.name == "azp" {
			t.client = m
		}
		t.unless(text, oddType)
		t.value(claims, m)
	case "tid", "tenant_id", "org_id":
		t.unless(text, oddType)
		t.value(claims, m)
	case "nonce":
		t.has |= hasNonce
		t.unless(text, oddType)
	case "at_hash", "c_hash", "s_hash":
		t.has |= hasHash
	case "scope":
		t.has |= hasAccess
		// RFC 9068 §2.2.3 wants RFC 8693's string; other issuers have their own ways.
		t.unless(text || m.kind == '[' && t.typ != atJWT, oddType)
	case "scp", "permissions":
		t.has |= hasAccess
		t.unless(text || m.kind == '[', oddType)
	case "realm_access", "resource_access", "authorization_details", "authorities", "gty", "azpacr", "appidacr", "entitlements":
		t.has |= hasAccess
	case "roles", "groups":
		t.unless(text || m.kind == '[', oddType)
	case "acr":
		t.unless(text, oddType)
	case "amr":
		t.unless(text || m.kind == '[', oddType)
	case "auth_time":
		t.has |= hasAuthTime
		t.unless(m.kind == '0' || text && isDate(claims.raw(*m)), oddType)
	case "act", "may_act":
		t.has |= hasActor
		t.unless(m.kind == '{', oddType)
	case "cnf":
		t.has |= hasBinding
	case "name", "given_name", "family_name", "nickname", "preferred_username", "picture", "email", "email_verified":
		if t.has&hasPerson != 0 {
			t.has |= severalPersons
		}
		t.has |= hasPerson
		t.unless(!text || !mayBeTemplate(claims.raw(*m)), oddValue)
	case "token_use", "typ", "type", "token_type", "tokenName":
		t.has |= hasDeclared
	case "htm":
		t.has |= hasMethod
	case "htu":
		t.has |= hasURI
	case "events":
		t.has |= hasEvents
	case "response_type":
		t.has |= hasRequest
	case "token_introspection":
		t.has |= hasAnswer
	case "code", "error":
		t.has |= hasCode
	case "state":
		t.has |= hasState
	case "vc", "vp", "vct":
		t.has |= hasCredential
	case "authority_hints", "metadata":
		t.has |= hasFederation
	case "jwks":
		t.has |= hasKeys
	default:
		if mayBeMisspelt(m.name) {
			t.has |= oddName
		}
		if text && mayBeTemplate(claims.raw(*m)) {
			t.has |= oddValue
		}
	}
}

// readValue looks at what a claim holds, whatever its name.
func (t *traits) readValue(claims *object, m *member) {
	t.unless(!holdsSecret(claims, m), showsSecret)
	t.unless(!holdsPerson(claims, m), showsPerson)
	switch raw := claims.raw(*m); m.kind {
	case '0':
		t.unless(len(raw) <= 15 && !strings.ContainsAny(raw, "eE"), oddNumber)
	case '{', '[':
		t.unless(!holdsDigit(raw), oddNumber)
	}
}

func (t *traits) unless(ok bool, odd trait) {
	if !ok {
		t.has |= odd
	}
}

// value looks whether an identifier may be a placeholder: those are short words, or templates.
func (t *traits) value(claims *object, m *member) {
	if raw := claims.raw(*m); m.kind == '"' && (len(raw) <= longestPlaceholder+2 || mayBeTemplate(raw)) && isPlaceholder(raw[1:len(raw)-1]) {
		t.has |= oddValue
	}
}

// string returns the claim's string, empty where it is absent or something else.
func (p *Pass) string(m *member) string {
	if m == nil || m.kind != '"' {
		return ""
	}
	return unquote(p.claims.raw(*m))
}

// selfIssued reports whether iss and sub are the same.
func (p *Pass) selfIssued(t *traits) bool {
	iss := p.string(t.iss)
	return iss != "" && iss == p.string(t.sub)
}

// heard reports whether aud holds one of the values that the profile accepts.
func (p *Pass) heard() bool {
	list, _ := p.audiences()
	for _, want := range p.Profile.Audience {
		for _, aud := range list {
			if aud == want {
				return true
			}
		}
	}
	return false
}

// claim returns a member as it may be shown.
func (p *Pass) claim(m *member) redact.Value {
	return redact.NewValue(redact.Claim, m.at, m.json, p.payload)
}

// isTokenEndpoint recognizes the usual paths of one. Nothing else is a token endpoint for sure, and no
// API has such an address.
func isTokenEndpoint(aud string) bool {
	if !strings.HasPrefix(aud, "https://") && !strings.HasPrefix(aud, "http://") {
		return false
	}
	path := strings.TrimSuffix(aud, "/")
	return strings.HasSuffix(path, "/token") || strings.HasSuffix(path, "/token.oauth2") || strings.HasSuffix(path, "/access_token")
}
