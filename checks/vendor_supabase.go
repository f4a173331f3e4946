package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// Supabase: users' tokens. A project's API keys, which are tokens too, are the kind rung's.

var supabaseQuirk = Check{
	ID:       "vendor.supabase_quirk",
	Subject:  "Supabase",
	Title:    "Supabase does something that explains this",
	Doc:      "Projects move from a shared secret (HS256) to signing keys (ES256 or RS256) with a key set at /auth/v1/.well-known/jwks.json. An API that is pinned to one of them refuses the tokens of the other. aud of a signed-in user is authenticated.",
	Cite:     "https://supabase.com/docs/guides/auth/signing-keys, jwt-fields",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&supabase) },
}

var supabase = vendor{quirks: []quirk{
	{
		explains: []Cause{AlgorithmMismatch},
		when:     func(p *Pass) bool { return !strings.HasPrefix(p.alg, "HS") },
		fact:     redact.Msg("the project has moved from the shared secret (HS256) to signing keys"),
		mend:     redact.Msg("Have the API verify with the key set at https://PROJECT.supabase.co/auth/v1/.well-known/jwks.json and accept its algorithm; keep HS256 beside it only while old sessions last"),
	},
	{
		explains: []Cause{AlgorithmMismatch},
		fact:     redact.Msg("it was signed with the project's legacy secret (HS256), as sessions from before the move to signing keys are"),
		mend:     redact.Msg("Have the user sign in anew or the client refresh its session; if new tokens are HS256 too, the project has not moved: rotate to a signing key there"),
	},
	{
		explains: []Cause{AudienceMismatch},
		fact:     redact.Msg("aud of a signed-in user's token is authenticated, whatever the API"),
		mend:     redact.Msg("Have the API accept authenticated as aud, and decide by iss, role and sub"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when:     func(p *Pass) bool { return strings.HasSuffix(splitAddress(p.Profile.Issuer).host, ".supabase.co") },
		fact:     redact.Msg("iss is https://PROJECT.supabase.co/auth/v1 for each project"),
		mend:     redact.Msg("Compare the project in the client's Supabase URL with the one that the API expects"),
	},
}}
