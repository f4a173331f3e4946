package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// Keycloak, and Red Hat's build of it.

var keycloakQuirk = Check{
	ID:       "vendor.keycloak_quirk",
	Subject:  "Keycloak",
	Title:    "Keycloak does something that explains this",
	Doc:      "aud holds the clients for which the user has a client role, account by default, and what an Audience mapper adds; never the client that got the token, which is azp. The host of iss comes from the hostname setting or from the request. Since version 17 the path has no /auth by default. Roles are in realm_access.roles and resource_access.CLIENT.roles.",
	Cite:     "Keycloak Server Administration Guide, Audience support; https://www.keycloak.org/server/hostname, https://www.keycloak.org/migration/migrating-to-quarkus",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&keycloak) },
}

var keycloak = vendor{quirks: []quirk{
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			iss, _ := p.claims.str("iss")
			got, want := splitAddress(iss), splitAddress(p.Profile.Issuer)
			return got.sameOrigin(want) && got.path != want.path && strings.TrimPrefix(got.path, "/auth") == strings.TrimPrefix(want.path, "/auth")
		},
		fact: redact.Msg("the path starts with /auth up to Keycloak 16 and not from 17 on, unless http-relative-path says otherwise"),
		mend: redact.Msg("Have the API expect the path as the server has it now, or set http-relative-path=/auth on the server for the time of the change"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			iss, _ := p.claims.str("iss")
			got, want := splitAddress(iss), splitAddress(p.Profile.Issuer)
			return isKeycloakPath(want.path) && got.path == want.path && !got.sameOrigin(want)
		},
		fact: redact.Msg("it is the same realm under another URL: Keycloak takes scheme, host and port of iss from its hostname setting, or from the request where that is not fixed"),
		mend: redact.Msg("Set hostname to the public URL (and hostname-backchannel-dynamic for calls from inside), so that every client gets the same iss, and have the API expect that one"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			iss, _ := p.claims.str("iss")
			got, want := splitAddress(iss), splitAddress(p.Profile.Issuer)
			return isKeycloakPath(want.path) && got.sameOrigin(want)
		},
		fact: redact.Msg("iss names another realm of the same server, which is an issuer with keys of its own"),
		mend: redact.Msg("Compare the realm in the client's configuration with the one that the API expects; case counts"),
	},
	{
		explains: []Cause{AudienceMismatch},
		fact:     redact.Msg("Keycloak writes into aud the clients for which the user has a client role, account by default, and never the client that got the token, which is azp"),
		mend:     redact.Msg("Add an Audience mapper for this API to a client scope of the client that asks for the token (or give the user a client role of the API), and get a fresh token"),
	},
	{
		explains: []Cause{InsufficientScope, MissingClaim},
		when:     func(p *Pass) bool { return p.has("resource_access") && p.lacksRole() },
		fact:     redact.Msg("Keycloak writes realm roles into realm_access.roles and a client's roles into resource_access.CLIENT.roles"),
		mend:     redact.Msg("Check that the user has the role, that the client's scope mappings let it into the token, and that the API reads the place where it stands"),
	},
}}

func (p *Pass) lacksRole() bool {
	for _, r := range p.required {
		if (r.Claim == "role" || r.Claim == "roles" || r.Claim == "realm_access.roles" || strings.HasPrefix(r.Claim, "resource_access.")) && !p.meets(r) {
			return true
		}
	}
	return false
}

// isKeycloakPath recognizes /realms/NAME, with whatever the server's relative path puts in front.
func isKeycloakPath(path string) bool {
	_, realm, ok := strings.Cut(path, "/realms/")
	return ok && realm != "" && strings.IndexByte(realm, '/') < 0
}

// hasKeycloakClaims recognizes what Keycloak alone writes: the kind of token in the claim typ, or
// roles by its own names.
func (p *Pass) hasKeycloakClaims() bool {
	switch typ, _ := p.claims.str("typ"); typ {
	case "Bearer", "ID", "Refresh", "Offline", "DPoP":
		return true
	}
	return p.has("realm_access") || p.has("resource_access") || p.has("session_state")
}
