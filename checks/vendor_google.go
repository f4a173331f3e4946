package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// Google: accounts, Identity-Aware Proxy, service accounts, and Firebase.

var googleQuirk = Check{
	ID:       "vendor.google_quirk",
	Subject:  "Google",
	Title:    "Google does something that explains this",
	Doc:      "Google writes iss with or without https://, and a verifier may accept both, for Google only. What it signs are ID tokens: their aud is an OAuth client ID, which may be another than azp, as with an Android app and its web client. Its access tokens are opaque.",
	Cite:     "https://developers.google.com/identity/sign-in/web/backend-auth",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&google) },
}

var google = vendor{quirks: []quirk{
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			return strings.TrimPrefix(p.Profile.Issuer, "https://") == "accounts.google.com"
		},
		fact: redact.Msg("Google writes iss both as accounts.google.com and as https://accounts.google.com"),
		mend: redact.Msg("Have the API accept both spellings, for Google only"),
	},
	{
		explains: []Cause{AudienceMismatch},
		fact:     redact.Msg("it is a Google ID token: aud is the OAuth client ID, or the URL that a service asked for, and azp the client that got it"),
		mend:     redact.Msg("Have the client ask for a token for this API's client ID (an Android or iOS app: the web client's ID as server client ID; a service: this API's URL as audience), or have the API accept this aud"),
	},
}}

var googleIAPQuirk = Check{
	ID:       "vendor.google_iap_token",
	Subject:  "Google IAP",
	Title:    "The token is an assertion of Google's Identity-Aware Proxy",
	Doc:      "IAP signs its assertions with ES256 and with keys of its own, and sends them in x-goog-iap-jwt-assertion. aud names the backend: /projects/NUMBER/apps/PROJECT, or /projects/NUMBER/global/backendServices/ID.",
	Cite:     "https://cloud.google.com/iap/docs/signed-headers-howto",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&googleIAP) },
}

var googleIAP = vendor{quirks: []quirk{
	{
		explains: []Cause{AlgorithmMismatch, UnknownKey, BadSignature},
		fact:     redact.Msg("IAP signs with ES256 and with keys of its own, not with those of Google accounts"),
		mend:     redact.Msg("Have the API accept ES256 and take the keys from https://www.gstatic.com/iap/verify/public_key-jwk"),
	},
	{
		explains: []Cause{AudienceMismatch},
		fact:     redact.Msg("IAP's aud names the backend: /projects/NUMBER/apps/PROJECT, or /projects/NUMBER/global/backendServices/ID"),
		mend:     redact.Msg("Have the API accept this backend's aud, as the console shows it; if the backend was created anew, its ID is new too"),
	},
	{
		explains: []Cause{IssuerMismatch},
		fact:     redact.Msg("it is the assertion that IAP adds to a request, not the token that the client sent"),
		mend:     redact.Msg("Have the API read the client's own token from Authorization, or verify this one as IAP's: issuer https://cloud.google.com/iap, ES256"),
	},
}}

var googleServiceAccountQuirk = Check{
	ID:       "vendor.google_assertion",
	Subject:  "Google service account",
	Title:    "A service account wrote the token itself",
	Doc:      "A service account signs assertions with its own key to get something better for them: an access or ID token from Google's token endpoint, or a Firebase ID token. The assertion itself is not for an API.",
	Cite:     "RFC 7523 §3, https://developers.google.com/identity/protocols/oauth2/service-account, https://firebase.google.com/docs/auth/admin/create-custom-tokens",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&googleServiceAccount) },
}

var googleServiceAccount = vendor{quirks: []quirk{
	{
		explains: []Cause{WrongTokenType, IssuerMismatch, UnknownKey, BadSignature, AudienceMismatch},
		when: func(p *Pass) bool {
			return p.audienceHas(func(aud string) bool {
				return strings.HasPrefix(aud, "https://identitytoolkit.googleapis.com/")
			})
		},
		fact: redact.Msg("it is a Firebase custom token, which an app exchanges for an ID token"),
		mend: redact.Msg("Have the app sign in with it (signInWithCustomToken) and send the ID token that it gets for it"),
	},
	{
		explains: []Cause{WrongTokenType, IssuerMismatch, UnknownKey, BadSignature, AudienceMismatch},
		when: func(p *Pass) bool {
			return p.audienceHas(func(aud string) bool {
				switch aud {
				case "https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token", "https://accounts.google.com/o/oauth2/token":
					return true
				}
				return false
			})
		},
		fact: redact.Msg("it is an assertion, with which a service account asks Google's token endpoint (aud) for a token (RFC 7523)"),
		mend: redact.Msg("Have the client send it to that endpoint, as Google's libraries do, and this API the token that comes back: an ID token for this API's audience"),
	},
}}

var firebaseQuirk = Check{
	ID:       "vendor.firebase_quirk",
	Subject:  "Firebase",
	Title:    "Firebase does something that explains this",
	Doc:      "iss and aud hold the project's ID. Session cookies look like ID tokens and have another issuer and other keys. All projects share their keys, so iss and aud alone tell them apart.",
	Cite:     "https://firebase.google.com/docs/auth/admin/verify-id-tokens, manage-cookies",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&firebase) },
}

var firebase = vendor{quirks: []quirk{
	{
		explains: []Cause{IssuerMismatch, UnknownKey, BadSignature},
		when:     func(p *Pass) bool { return p.fromFirebase("session.") && !p.expectsFirebase("session.") },
		fact:     redact.Msg("it is a Firebase session cookie: another issuer and other keys than an ID token's"),
		mend:     redact.Msg("Have the client send its ID token (getIdToken), or have the API verify session cookies as such (verifySessionCookie)"),
	},
	{
		explains: []Cause{IssuerMismatch, UnknownKey, BadSignature},
		when:     func(p *Pass) bool { return p.fromFirebase("securetoken.") && p.expectsFirebase("session.") },
		fact:     redact.Msg("it is a Firebase ID token, and the API expects a session cookie: another issuer and other keys"),
		mend:     redact.Msg("Have the server exchange the ID token for a session cookie (createSessionCookie), or have the API verify ID tokens (verifyIdToken)"),
	},
	{
		explains: []Cause{IssuerMismatch, AudienceMismatch},
		when:     func(p *Pass) bool { return p.expectsFirebase("") },
		fact:     redact.Msg("iss ends with the Firebase project's ID, and aud is it"),
		mend:     redact.Msg("Compare the project's ID in the client's Firebase configuration with the one that the API expects in iss and aud"),
	},
}}

// fromFirebase and expectsFirebase tell ID tokens, whose issuer's host starts with securetoken., from
// session cookies, where it is session.
func (p *Pass) fromFirebase(kind string) bool {
	iss, _ := p.claims.str("iss")
	return strings.HasPrefix(splitAddress(iss).host, kind)
}

func (p *Pass) expectsFirebase(kind string) bool {
	switch host := splitAddress(p.Profile.Issuer).host; host {
	case "securetoken.google.com", "session.firebase.google.com":
		return strings.HasPrefix(host, kind)
	}
	return false
}
