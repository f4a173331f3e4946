package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// saying is one thing that a verifier or a gateway says about a token, and what it means. It is data:
// the texts that it must match and those that it must not stand in testdata/answers, under its ID.
type saying struct {
	id    string         // of testdata/answers
	cause Cause          // empty where the words alone tell none
	words []string       // any of them, in lower case; * stands for up to 200 bytes
	means redact.Message // what follows "it says that"; empty: the cause's own
	next  redact.Message // empty: the cause's own
}

// say is a saying that means what its cause means.
func say(id string, cause Cause, words ...string) saying {
	return saying{id: id, cause: cause, words: words}
}

// hint is one whose meaning, or the way out, is its own.
func hint(id string, cause Cause, means, next redact.Message, words ...string) saying {
	return saying{id, cause, words, means, next}
}

// family is the sayings of one piece of software, or of several that share a verifier.
type family struct {
	name    redact.Message // as it is shown; empty for words that several use
	source  Citation       // where they stand
	generic bool           // its words count only where no other family's tell a cause
	sayings []saying
}

// families are all that is known of what servers say. Their order decides nothing.
func families() []*family {
	return slices.Concat([]*family{&rfcSayings, &sizeSayings, &transportSayings}, gateways, libraries, frameworks, platforms)
}

// meaning is what each cause means in a server's mouth, and who does what about it.
var meanings = map[Cause]struct{ means, next redact.Message }{
	HeaderConstruction: {redact.Msg("it found no usable Authorization header"),
		redact.Msg("Log the Authorization header where the client sends it and where the server receives it, without its value: look for a doubled or missing Bearer, a redirect to another host, a proxy that strips it")},
	HeaderTooLarge: {redact.Msg("the request's header fields are too large"),
		redact.Msg("Make the token smaller (group lists out of it, fewer scopes) and drop cookies that the API does not need; or raise the limit of the hop that refused")},
	NotAJWT: {redact.Msg("what it received is no whole JWT"),
		redact.Msg("Look at what the client puts into the header: a whole JWT has two dots and nothing round it")},
	EncryptedToken: {redact.Msg("it cannot decrypt the token"),
		redact.Msg("Ask the issuer for a signed token for this API, or give the API the decryption key")},
	AlgorithmNone: {redact.Msg("the token is not signed"),
		redact.Msg("Find out who makes unsigned tokens, and have the issuer sign them")},
	WrongTokenType: {redact.Msg("it is another kind of token than the API takes"),
		redact.Msg("Send the access token that was issued for this API, not an ID or refresh token")},
	AlgorithmMismatch: {redact.Msg("the token's algorithm is not one that it accepts"),
		redact.Msg("Compare the token's alg with the API's list of algorithms, and with the key that it has configured")},
	UnsupportedHeader: {redact.Msg("the token's header has what the verifier must refuse"),
		redact.Msg("Ask the issuer to leave crit, b64 and zip out of the header")},
	IssuerMismatch: {redact.Msg("the issuer is not the one that it trusts"),
		redact.Msg("Compare the token's iss with the API's configuration, character by character: a trailing slash counts")},
	UnknownKey: {redact.Msg("it has no key for this token"),
		redact.Msg("Compare the token's kid with the issuer's key set, and have the API fetch that set again: its copy may be old, or of another issuer")},
	UnusableKey: {redact.Msg("the key cannot be used for this token"),
		redact.Msg("Compare the key's type, use and size with the token's alg")},
	BadSignature: {redact.Msg("the signature does not verify"),
		redact.Msg("Check that the API has this issuer's keys, and that nobody changed the token on its way; with a shared secret compare its encoding (plain, base64)")},
	MalformedClaim: {redact.Msg("a claim has the wrong type or an impossible value"),
		redact.Msg("Ask the issuer to mend the claim")},
	Expired: {redact.Msg("the token has expired"),
		redact.Msg("Get a fresh token and repeat the request; if it recurs, look at why the client did not refresh before exp")},
	NotYetValid: {redact.Msg("the token is not valid yet"),
		redact.Msg("Compare the clocks of issuer and API with UTC (NTP)")},
	ClockSkew: {redact.Msg("the token was issued in the server's future"),
		redact.Msg("Compare the clocks of issuer and API with UTC (NTP) and mend the one that is off")},
	AudienceMismatch: {redact.Msg("the token is for another audience"),
		redact.Msg("Have the client ask for a token for this API, or correct the audience that the API is configured with")},
	InsufficientScope: {redact.Msg("the token does not permit this call"),
		redact.Msg("Have the client request the scope or role, and check that the user or client has been granted it")},
	MissingClaim: {redact.Msg("a claim that it requires is not there or has another value"),
		redact.Msg("Ask the issuer to add the claim for this client, or use the grant that carries it")},
	SenderConstrained: {redact.Msg("it wants a proof of the key that the token is bound to"),
		redact.Msg("Send the token with the DPoP scheme and a proof (or the client's certificate) made for this very request")},
	Revoked: {redact.Msg("the token or its session was revoked"),
		redact.Msg("Log in again, or get a fresh token; if it was not meant, ask the issuer who ended the session")},
	Unknown: {redact.Msg("it could not get the issuer's keys"),
		redact.Msg("Find out why the API cannot reach the issuer's metadata or key set: DNS, TLS, a proxy, a time-out")},
}

func (s *saying) meaning() redact.Message {
	if s.means.IsZero() {
		return meanings[s.cause].means
	}
	return s.means
}

func (s *saying) advice() redact.Message {
	if s.next.IsZero() {
		return meanings[s.cause].next
	}
	return s.next
}
