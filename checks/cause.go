package checks

// Cause names the one thing that by itself explains a rejection.
type Cause string

// The causes in order of precedence: that of the ladder, in which a verifier meets them.
const (
	HeaderConstruction Cause = "header-construction"
	HeaderTooLarge     Cause = "header-too-large"
	NotAJWT            Cause = "not-a-jwt"
	EncryptedToken     Cause = "encrypted-token"
	AlgorithmNone      Cause = "algorithm-none"
	WrongTokenType     Cause = "wrong-token-type"
	AlgorithmMismatch  Cause = "algorithm-mismatch"
	UnsupportedHeader  Cause = "unsupported-header"
	WrongEnvironment   Cause = "wrong-environment"
	IssuerMismatch     Cause = "issuer-mismatch"
	UnknownKey         Cause = "unknown-key"
	UnusableKey        Cause = "unusable-key"
	BadSignature       Cause = "bad-signature"
	MalformedClaim     Cause = "malformed-claim"
	Expired            Cause = "expired"
	NotYetValid        Cause = "not-yet-valid"
	ClockSkew          Cause = "clock-skew"
	AudienceMismatch   Cause = "audience-mismatch"
	InsufficientScope  Cause = "insufficient-scope"
	MissingClaim       Cause = "missing-claim"
	SenderConstrained  Cause = "sender-constrained"
	Revoked            Cause = "revoked"
	KeyRotated         Cause = "key-rotated"
	ServerSide         Cause = "server-side"
	ClientSide         Cause = "client-side"
	None               Cause = "none"
	Unknown            Cause = "unknown"
)

// Owner is who acts next.
type Owner string

const (
	Client         Owner = "client"
	API            Owner = "api"
	Issuer         Owner = "issuer"
	Infrastructure Owner = "infrastructure"
	Nobody         Owner = "nobody"
)

// Owner returns who acts next when c is the cause.
func (c Cause) Owner() Owner {
	switch c {
	case HeaderConstruction, HeaderTooLarge, NotAJWT, WrongTokenType, WrongEnvironment, Expired,
		AudienceMismatch, InsufficientScope, SenderConstrained, ClientSide:
		return Client
	case KeyRotated, ServerSide:
		return API
	case NotYetValid, ClockSkew, Unknown:
		return Infrastructure
	case None:
		return Nobody
	}
	return Issuer
}

// Verdict says whether the profile would accept the token.
type Verdict string

const (
	Accept       Verdict = "accept"
	Reject       Verdict = "reject"
	CannotDecide Verdict = "unknown"
)

// Verdict returns what c means for the token itself.
func (c Cause) Verdict() Verdict {
	switch c {
	case KeyRotated, ServerSide, ClientSide, None:
		return Accept
	case Unknown:
		return CannotDecide
	}
	return Reject
}
