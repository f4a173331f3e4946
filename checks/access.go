package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// The access rung: what the endpoint requires, ticked off against the claims.

var scopeMissing = Check{
	ID:       "access.scope_missing",
	Subject:  "Scopes and roles",
	Title:    "A required scope, role or permission is not there",
	Doc:      "The token is sound but does not allow this call; the right answer would be 403 with insufficient_scope, and an API that answers 401 mislabels it. The client has to ask for the scope, and the user or client has to be granted it.",
	Cite:     "RFC 6750 §3.1, RFC 9068 §2.2.3",
	Severity: Blocks,
	Cause:    InsufficientScope,
	Run: func(p *Pass) *Result {
		t := p.tick(true)
		if len(t.checklist) == 0 {
			return nil
		}
		if len(t.missing) == 0 {
			return pass(redact.Msg("{}", redact.Items(t.checklist)))
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Not permitted: {} is missing", redact.Items(t.missing)),
			Want:    redact.Msg("{}", redact.Items(t.checklist)),
			Got:     p.accessHeld(),
			Next:    p.vendorAdvice(InsufficientScope, redact.Msg("Have the client request it in its token request, and check that the user or client has been granted it")),
		}
		if t.granted() {
			r.Says = redact.Msg("Not permitted: {} is missing, but {}", redact.Items(t.missing), redact.Items(t.near))
			r.Next = p.vendorAdvice(InsufficientScope, redact.Msg("Make the issuer and the API agree on where the grant stands and how it is written: the issuer's claim mapping, or what the API's guard reads"))
		}
		return r
	},
}

var claimMissing = Check{
	ID:       "access.claim_missing",
	Subject:  "Required claims",
	Title:    "A required claim is absent or has another value",
	Doc:      "The API's route guard reads a claim that the issuer did not put into the token: a mapping, a custom claim action, or the kind of grant.",
	Cite:     "RFC 7519 §4",
	Severity: Blocks,
	Cause:    MissingClaim,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		t := p.tick(false)
		missing, checklist, absent := t.missing, t.checklist, t.absent
		if _, ok := p.claims.find("iss"); !ok {
			absent++
			missing = append(missing, redact.Msg("iss is absent"))
			checklist = append(checklist, redact.Msg("✗ iss"))
		}
		if len(checklist) == 0 {
			return nil
		}
		if len(missing) == 0 {
			return pass(redact.Msg("{}", redact.Items(checklist)))
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Missing claim: {}", redact.Items(missing)),
			Want:    redact.Msg("{}", redact.Items(checklist)),
			Next:    redact.Msg("Ask the issuer to add the claim for this client (claim mapping, custom claim action), or use the grant that carries it"),
		}
		if absent == 0 {
			r.Says = redact.Msg("Wrong claim value: {}", redact.Items(missing))
			r.Next = redact.Msg("Compare who or what the token was issued for with what the API requires: get one for the right tenant, client or user, or ask the issuer to correct the value")
		}
		r.Next = p.vendorAdvice(MissingClaim, r.Next)
		return r
	},
}

// ticks are requirements, gone through. They are the operator's or the requester's words, so nothing of
// the token is said.
type ticks struct {
	checklist []redact.Message // all of them, with a tick or the nearest thing found
	missing   []redact.Message
	near      []redact.Message // the nearest things, of those that are missing
	absent    int              // of how many the claim is not there at all
}

// granted reports whether all that is missing has been granted, elsewhere or written otherwise.
func (t *ticks) granted() bool { return len(t.near) > 0 && len(t.near) == len(t.missing) }

// tick goes through the requirements about access (scopes, roles, permissions) or those about other
// claims.
func (p *Pass) tick(access bool) (t ticks) {
	if p.form != formJWS {
		return t
	}
	for _, several := range p.required {
		if isAccess(several.Claim) != access {
			continue
		}
		for r := range several.each {
			name := redact.Operator(r.String())
			if p.meets(r) {
				t.checklist = append(t.checklist, redact.Msg("✓ {}", name))
				continue
			}
			raw, _, there := p.claims.at(r.Claim)
			if !there {
				t.absent++
			}
			if access {
				t.missing = append(t.missing, redact.Msg("{}", name))
			} else {
				t.missing = append(t.missing, r.unmet(raw))
			}
			near, granted := p.nearest(r)
			if near.IsZero() {
				t.checklist = append(t.checklist, redact.Msg("✗ {}", name))
				continue
			}
			t.checklist = append(t.checklist, redact.Msg("✗ {} ({})", name, redact.Part(near)))
			if granted {
				t.near = append(t.near, near)
			}
		}
	}
	return t
}

// unmet says in what way a claim is not as required; raw is empty where it is absent.
func (r Requirement) unmet(raw string) redact.Message {
	claim, want := redact.Operator(r.Claim), redact.Operator(r.Value)
	switch {
	case raw == "":
		return redact.Msg("{} is absent", claim)
	case raw == "null":
		return redact.Msg("{} is null", claim)
	case raw[0] == '[':
		return redact.Msg("{} does not contain {}", claim, want)
	}
	return redact.Msg("{} has another value than {}", claim, want)
}

// Where scopes and roles stand, by vendor (RFC 8693 §4.2, RFC 9068 §2.2.3.1, Entra ID, Auth0, Keycloak).
var (
	scopeClaims = []string{"scope", "scp"}
	roleClaims  = []string{"role", "roles", "realm_access.roles", "permissions"}
)

// grantClaims are all places in which a grant may stand, for a hint.
var grantClaims = []string{"scope", "scp", "roles", "role", "permissions", "realm_access.roles", "groups", "cognito:groups", "entitlements", "authorities", "scopes", "permission"}

func (p *Pass) meets(several Requirement) bool {
	for r := range several.each {
		if !p.meetsOne(r) {
			return false
		}
	}
	return true
}

func (p *Pass) meetsOne(r Requirement) bool {
	places := []string{r.Claim}
	if r.Dialect && r.Claim == "scope" {
		places = scopeClaims
	} else if r.Dialect && r.Claim == "role" {
		places = roleClaims
	}
	for _, place := range places {
		if raw, _, ok := p.claims.at(place); ok && holds(place, raw, r.Value) {
			return true
		}
	}
	return false
}

// words returns a claim's grants, however they are written.
func words(raw string) []string {
	switch raw[0] {
	case '"':
		return strings.Fields(unquote(raw))
	case '[':
		list, _ := elements(raw)
		return list
	}
	return nil
}

// nearest names the nearest thing to a requirement that the token has, and reports whether that is the
// grant itself, elsewhere or written otherwise.
func (p *Pass) nearest(r Requirement) (near redact.Message, granted bool) {
	if r.Value == "" {
		if raw, _, ok := p.claims.at(r.Claim); ok && raw != "null" {
			return redact.Msg("it is empty"), false
		}
		return p.nearestName(r.Claim), false
	}
	for _, claim := range append([]string{r.Claim}, grantClaims...) {
		raw, _, ok := p.claims.at(claim)
		if !ok || raw == "" {
			continue
		}
		if claim != r.Claim && isAccess(r.Claim) && slices.Contains(words(raw), r.Value) {
			return redact.Msg("{} holds it", redact.Operator(claim)), true
		}
		if near := nearGrant(words(raw), r.Value); !near.IsZero() {
			return redact.Msg("{} holds it {}", redact.Operator(claim), redact.Part(near)), true
		}
	}
	if _, _, ok := p.claims.at(r.Claim); ok {
		return redact.Msg("the claim is there with another value"), false
	}
	return p.nearestName(r.Claim), false
}

// nearGrant finds want among words under a spelling that guards do not take for it.
func nearGrant(list []string, want string) redact.Message {
	for _, w := range list {
		switch {
		case w == want:
		case strings.EqualFold(w, want):
			return redact.Msg("in other upper and lower case")
		case strings.HasSuffix(w, "/"+want):
			return redact.Msg("with a prefix in front, as the API's identifier")
		case strings.HasSuffix(want, "/"+w):
			return redact.Msg("without the prefix in front")
		case strings.ContainsAny(w, ",+") && slices.Contains(strings.FieldsFunc(w, func(r rune) bool { return r == ',' || r == '+' }), want):
			return redact.Msg("behind a comma or plus sign, where a space belongs (RFC 6749 §3.3)")
		case strings.Contains(w, "%20") && slices.Contains(strings.Split(w, "%20"), want):
			return redact.Msg("behind %20, where a space belongs (RFC 6749 §3.3)")
		}
	}
	return redact.Message{}
}

// spellings are names that are often taken for each other.
var spellings = [][]string{
	{"scope", "scp", "scopes"}, {"role", "roles"}, {"permission", "permissions"}, {"group", "groups"},
	{"tenant_id", "tid", "tenant", "org_id", "organization", "org"}, {"client_id", "azp", "cid", "appid"},
	{"sub", "user_id", "uid", "userId"}, {"email", "mail", "upn", "preferred_username"},
}

// nearestName finds a claim whose name is easily taken for the one that is required.
func (p *Pass) nearestName(name string) redact.Message {
	for _, family := range spellings {
		if !slices.Contains(family, name) {
			continue
		}
		for _, other := range family {
			if _, ok := p.claims.find(other); ok && other != name {
				return redact.Msg("there is {} instead", redact.Operator(other))
			}
		}
	}
	for i := range p.claims.members {
		if m := &p.claims.members[i]; m.name != name && strings.EqualFold(m.name, name) {
			return redact.Msg("there is one in other upper and lower case")
		} else if strings.HasSuffix(m.name, "/"+name) {
			return redact.Msg("there is one under a namespace, which the guard may not read")
		}
	}
	return redact.Message{}
}

// accessHeld shows what the token has instead.
func (p *Pass) accessHeld() redact.Message {
	var held []redact.Message
	names := []string{"scope", "scp", "scopes", "roles", "permissions", "realm_access.roles"}
	for _, r := range p.required {
		if isAccess(r.Claim) && !slices.Contains(names, r.Claim) {
			names = append(names, r.Claim)
		}
	}
	for _, name := range names {
		if _, _, ok := p.claims.at(name); ok {
			held = append(held, redact.Msg("{} {}", redact.Operator(name), redact.Show(p.value(redact.Claim, name))))
		}
	}
	if len(held) == 0 {
		return redact.Msg("no scope, role or permission at all")
	}
	return redact.Msg("{}", redact.Items(held))
}

var scopeWildcard = Check{
	ID:       "access.scope_wildcard",
	Subject:  "Scopes and roles",
	Title:    "The token allows everything",
	Doc:      "A scope or permission of * gives whoever finds the token all that the API has. Ask for what the call needs.",
	Cite:     "RFC 9700 §2.3",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		for _, claim := range [...]string{"scope", "scp", "permissions", "roles"} {
			if m, ok := p.claims.find(claim); ok && mayHoldStar(p.claims.raw(m)) && slices.Contains(words(p.claims.raw(m)), "*") {
				return &Result{Outcome: Failed, Says: redact.Msg("{} holds a bare *: the token allows everything", redact.Operator(claim))}
			}
		}
		return nil
	},
}

// mayHoldStar reports whether a star may stand in JSON text, written as such or escaped.
func mayHoldStar(raw string) bool {
	return strings.IndexByte(raw, '*') >= 0 || strings.IndexByte(raw, '\\') >= 0
}
