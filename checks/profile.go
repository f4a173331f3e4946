package checks

import (
	"time"

	"jwt-check-bot/redact"
)

// Profile is what one environment's API expects of a token. It comes from configuration.
type Profile struct {
	Name        string
	Issuer      string
	Audience    []string // accepted values; none: not checked
	Algorithms  []string // accepted `alg` values
	Leeway      time.Duration
	MaxLifetime time.Duration // longest exp−iat without a warning
	Types       []string      // accepted `typ` values; none: not checked
	Required    []Requirement
	Routes      []Route
	Secret      redact.Secret // HMAC secret; empty where keys come from a key set
	Policy      redact.Policy
}

func (p *Profile) label() redact.Hole { return redact.Operator(p.Name) }

// accepts reports whether the profile accepts the algorithm. RFC 9864's fully specified Ed25519 is
// the algorithm that EdDSA names with an Ed25519 key.
func (p *Profile) accepts(alg string) bool {
	for _, a := range p.Algorithms {
		if a == alg || isEd25519(a) && isEd25519(alg) {
			return true
		}
	}
	return false
}

func isEd25519(alg string) bool { return alg == "EdDSA" || alg == "Ed25519" }

// symmetric reports whether the profile's tokens are signed with a shared secret.
func (p *Profile) symmetric() bool { return p.Secret.Len() > 0 }

// operators turns configured words into parts of a sentence.
func operators(list []string) redact.Hole {
	ms := make([]redact.Message, len(list))
	for i, s := range list {
		ms[i] = redact.Msg("{}", redact.Operator(s))
	}
	return redact.Items(ms)
}
