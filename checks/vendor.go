package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// The vendor rung: what a well-known issuer does differently, said where it explains the case at hand.
//
// A vendor is recognized by iss: by a host that is its own, or, where its issuers have hosts of the
// customer's, by the form of iss together with claims that it alone writes. Of any other issuer
// nothing is said, whatever claims its tokens have.

// vendor is an issuer of that kind and what there is to know of it.
type vendor struct {
	quirks []quirk // the first one that fits is said
}

// quirk is one thing to know: a fact, which becomes a note, and what it means for what to do, which
// the finding that it explains says as its Next.
type quirk struct {
	explains []Cause          // None: an API that refuses a token in which everything is well
	when     func(*Pass) bool // nil: always
	fact     redact.Message
	mend     redact.Message
}

// vendorAdvice is what to do about a failure where the token's issuer explains it, and otherwise what
// the check says itself.
func (p *Pass) vendorAdvice(failed Cause, otherwise redact.Message) redact.Message {
	if q := p.vendor().explain(p, failed); q != nil && !q.mend.IsZero() {
		return q.mend
	}
	return otherwise
}

func (v *vendor) explain(p *Pass, cause Cause) *quirk {
	for i := range v.quirks {
		if q := &v.quirks[i]; slices.Contains(q.explains, cause) && (q.when == nil || q.when(p)) {
			return q
		}
	}
	return nil
}

// noteOf says what is to be known of a vendor about the first failure that it explains, or about a
// token in which all is well.
func (p *Pass) noteOf(v *vendor) *Result {
	if p.vendor() != v {
		return nil
	}
	return p.note(v)
}

func (p *Pass) note(v *vendor) *Result {
	failed := p.failed
	if len(failed) == 0 {
		failed = []Cause{None}
	}
	for _, cause := range failed {
		if q := v.explain(p, cause); q != nil {
			return pass(q.fact)
		}
	}
	return nil
}

// unknownVendor is an issuer of which nothing is known.
var unknownVendor vendor

// vendor is who issued the token, looked up once.
func (p *Pass) vendor() *vendor {
	if p.issuedBy == nil {
		p.issuedBy = p.recognize()
	}
	return p.issuedBy
}

func (p *Pass) recognize() *vendor {
	iss, ok := p.claims.str("iss")
	if p.form == formJWE { // Auth0 names itself in the header
		iss, ok = p.head.str("iss")
	}
	if !ok || len(iss) > 512 {
		return &unknownVendor
	}
	switch iss {
	case "accounts.google.com":
		return &google
	case "kubernetes/serviceaccount":
		return &kubernetesLegacy
	}
	a := splitAddress(iss)
	if !a.absolute {
		if at := strings.IndexByte(iss, '@'); at > 0 && strings.HasSuffix(iss, ".gserviceaccount.com") {
			return &googleServiceAccount
		}
		return &unknownVendor
	}
	if v := p.byHost(a); v != nil {
		return v
	}
	if v := p.byForm(a); v != nil {
		return v
	}
	return &unknownVendor
}

// byHost recognizes an issuer whose host is the vendor's own.
func (p *Pass) byHost(a address) *vendor {
	if a.scheme != "https" || a.port != "" {
		return nil
	}
	switch a.host {
	case "accounts.google.com":
		return &google
	case "cloud.google.com":
		if a.path == "/iap" {
			return &googleIAP
		}
		return nil
	case "securetoken.google.com", "session.firebase.google.com":
		return &firebase
	case "token.actions.githubusercontent.com":
		return &github
	}
	switch {
	case isEntraHost(a.host):
		if p.forGraph() {
			return &graph
		}
		return &entra
	case strings.HasSuffix(a.host, ".auth0.com"):
		return &auth0
	case isOktaHost(a.host):
		if strings.HasPrefix(a.path, "/oauth2/") {
			return &okta
		}
		return &oktaOrg
	case isCognitoHost(a.host):
		return &cognito
	case strings.HasPrefix(a.host, "token.actions.") && strings.HasSuffix(a.host, ".ghe.com"):
		return &github
	case strings.HasSuffix(a.host, ".supabase.co") && a.path == "/auth/v1":
		return &supabase
	}
	return nil
}

// byForm recognizes an issuer on a customer's host.
func (p *Pass) byForm(a address) *vendor {
	switch {
	case isKeycloakPath(a.path) && p.hasKeycloakClaims():
		return &keycloak
	case strings.HasPrefix(a.path, "/oauth2/") && p.hasOktaClaims():
		return &okta
	case a.path == "/_services/token" && p.has("repository") && p.has("workflow_ref"):
		return &github
	case p.isServiceAccount() && (isClusterHost(a) || p.isConfigured(a.text)):
		return &kubernetes
	}
	return nil
}

func (p *Pass) has(claim string) bool {
	_, ok := p.claims.find(claim)
	return ok
}

// isConfigured reports whether some profile trusts the issuer.
func (p *Pass) isConfigured(iss string) bool {
	return slices.ContainsFunc(p.Profiles, func(profile *Profile) bool { return profile.Issuer == iss })
}

// absent reports whether a required claim of such a name is not there at all; anyClaim takes any.
func (p *Pass) absent(is func(name string) bool) bool {
	return slices.ContainsFunc(p.required, func(r Requirement) bool {
		_, _, ok := p.claims.at(r.Claim)
		return !ok && is(r.Claim)
	})
}

func anyClaim(string) bool { return true }

// lacks reports whether a requirement on one of these claims is not met.
func (p *Pass) lacks(claims ...string) bool {
	return slices.ContainsFunc(p.required, func(r Requirement) bool { return slices.Contains(claims, r.Claim) && !p.meets(r) })
}

// audienceHas reports whether one of the token's aud values is such.
func (p *Pass) audienceHas(is func(string) bool) bool {
	list, _ := p.audiences()
	return slices.ContainsFunc(list[:min(maxCompared, len(list))], is)
}
