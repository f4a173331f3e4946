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
	Doc:      "The token is sound but does not allow this call; the right answer would be 403. The client has to ask for the scope, and the user or client has to be granted it.",
	Cite:     "RFC 6750 §3.1, RFC 9068 §2.2.3",
	Severity: Blocks,
	Cause:    InsufficientScope,
	Run: func(p *Pass) Result {
		missing, met := p.tick(true)
		if len(missing) > 0 {
			return Result{
				Outcome: Failed,
				Says:    redact.Msg("Not permitted: {} is missing", redact.Items(missing)),
				Want:    redact.Msg("{}", redact.Items(append(met, missing...))),
				Got:     p.accessHeld(),
				Next:    redact.Msg("Have the client request it in its token request, and check that the user or client has been granted it"),
			}
		}
		if len(met) == 0 {
			return Result{}
		}
		return pass(redact.Msg("{}", redact.Items(met)))
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
	Run: func(p *Pass) Result {
		if p.form != formJWS {
			return Result{}
		}
		missing, met := p.tick(false)
		if _, ok := p.claims.find("iss"); !ok {
			missing = append([]redact.Message{redact.Msg("iss")}, missing...)
		}
		if len(missing) > 0 {
			return Result{
				Outcome: Failed,
				Says:    redact.Msg("Missing claim: {} is absent or has another value", redact.Items(missing)),
				Want:    redact.Msg("{}", redact.Items(append(met, missing...))),
				Next:    redact.Msg("Ask the issuer to add the claim for this client (claim mapping, custom claim action), or use the grant that carries it"),
			}
		}
		if len(met) == 0 {
			return Result{}
		}
		return pass(redact.Msg("{}", redact.Items(met)))
	},
}

// tick goes through the requirements about access (scopes, roles, permissions) or those about other
// claims, and returns the ones that are missing and the ones that are met.
func (p *Pass) tick(access bool) (missing, met []redact.Message) {
	if p.form != formJWS {
		return nil, nil
	}
	for _, r := range p.required {
		if isAccess(r.Claim) != access {
			continue
		}
		m := redact.Msg("{}", redact.Operator(r.String()))
		if p.meets(r) {
			met = append(met, m)
		} else {
			missing = append(missing, m)
		}
	}
	return missing, met
}

func isAccess(claim string) bool {
	switch claim {
	case "scope", "scp", "role", "roles", "permissions", "groups", "cognito:groups", "realm_access.roles":
		return true
	}
	return strings.HasPrefix(claim, "resource_access.")
}

// Where scopes and roles stand, by vendor (RFC 8693 §4.2, RFC 9068 §2.2.3.1, Entra ID, Auth0, Keycloak).
var (
	scopeClaims = []string{"scope", "scp"}
	roleClaims  = []string{"role", "roles", "realm_access.roles", "permissions"}
)

func (p *Pass) meets(r Requirement) bool {
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

// holds reports whether a claim has the value: as an element of a list, as a word of a string of
// scopes, or as the whole. Any value but null will do where none is asked for.
func holds(claim, raw, want string) bool {
	if want == "" {
		return raw != "null"
	}
	switch raw[0] {
	case '"':
		s := unquote(raw)
		return s == want || isAccess(claim) && slices.Contains(strings.Fields(s), want)
	case '[':
		list, _ := elements(raw)
		return slices.Contains(list, want)
	}
	return raw == want
}

// accessHeld shows what the token has instead.
func (p *Pass) accessHeld() redact.Message {
	var held []redact.Message
	for _, name := range [...]string{"scope", "scp", "roles", "permissions", "realm_access.roles"} {
		if _, _, ok := p.claims.at(name); ok {
			held = append(held, redact.Msg("{} {}", redact.Operator(name), redact.Show(p.value(redact.Claim, name))))
		}
	}
	if len(held) == 0 {
		return redact.Msg("no scope, role or permission at all")
	}
	return redact.Msg("{}", redact.Items(held))
}
