package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// What can be said of an algorithm that the profile does not accept.

// strangeAlg describes the algorithm, and adds to the headline what it most needs.
func (p *Pass) strangeAlg(alg redact.Hole) (got, why redact.Message) {
	trimmed := strings.Trim(p.alg, " \t\r\n\x00")
	switch {
	case p.confused():
		return redact.Msg("{}: a shared secret, where {} trusts public keys. Algorithm confusion looks like this: an attacker signs with the published key as the secret", alg, p.Profile.label()),
			redact.Msg(": algorithm confusion, or an old auth service")
	case trimmed != p.alg && p.knows(trimmed):
		return redact.Msg("{}: white space counts", alg), redact.Message{}
	case p.knows(trimmed) && !KnownAlgorithm(p.alg):
		return redact.Msg("{}: the letters' case counts", alg), redact.Msg(": the letters' case counts")
	case KnownAlgorithm(p.alg) && !slices.ContainsFunc(p.Profile.Algorithms, isKeyPair):
		return redact.Msg("{}: a key pair, where {} trusts a shared secret; the issuer may have moved on to signing keys", alg, p.Profile.label()), redact.Message{}
	case KnownAlgorithm(p.alg):
		return redact.Msg("{}", alg), redact.Message{}
	}
	return redact.Msg("{}, {}", alg, redact.Part(strangeName(p.alg))), redact.Message{}
}

// algElsewhere finds the other profile whose issuer the token names and which accepts its algorithm, and
// reports whether a key of that one verifies it; nil where there is none, where its keys are there and
// do not verify the token, or where only they could tell it from an attack.
func (p *Pass) algElsewhere() (other *Profile, verified bool) {
	iss, ok := p.claims.str("iss")
	if !ok || iss == p.Profile.Issuer {
		return nil, false
	}
	for i, other := range p.Profiles {
		if other.Issuer != iss || !other.accepts(p.alg) {
			continue
		}
		if c := p.choose(other, p.keyEvidence(i)); c.verified || !c.why.IsZero() && !p.confused() {
			return other, c.verified
		}
	}
	return nil, false
}

// confused reports whether the token was signed with a shared secret and the profile accepts
// signatures of key pairs only (RFC 8725 §2.1).
func (p *Pass) confused() bool {
	return isHMAC(p.alg) && !slices.ContainsFunc(p.Profile.Algorithms, isHMAC)
}

func isHMAC(alg string) bool    { return alg == "HS256" || alg == "HS384" || alg == "HS512" }
func isKeyPair(alg string) bool { return !isHMAC(alg) }

// knows reports whether name is an algorithm that can be verified or that the profile lists, but for
// the letters' case.
func (p *Pass) knows(name string) bool {
	same := func(a string) bool { return strings.EqualFold(a, name) }
	return slices.ContainsFunc(p.Profile.Algorithms, same) || slices.ContainsFunc(Algorithms(), same)
}

// strangeName says what else a name is: registered but rare, registered for something else, or made up.
func strangeName(alg string) redact.Message {
	switch alg {
	case "ES256K":
		return redact.Msg("which is ECDSA on secp256k1 (RFC 8812) and known to few verifiers")
	case "Ed448":
		return redact.Msg("which is EdDSA on Ed448 (RFC 9864) and known to few verifiers")
	case "ML-DSA-44", "ML-DSA-65", "ML-DSA-87":
		return redact.Msg("which is post-quantum (RFC 9964) and known to few verifiers")
	case "RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "dir", "A128KW", "A192KW", "A256KW",
		"A128GCMKW", "A192GCMKW", "A256GCMKW", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW",
		"PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW":
		return redact.Msg("which encrypts keys and signs nothing")
	}
	return redact.Msg("which is no algorithm of the JOSE registry")
}

var algRenamed = Check{
	ID:       "header.alg_renamed",
	Subject:  "Algorithm",
	Title:    "The algorithm has another name than the one that the profile lists",
	Doc:      "Ed25519 (RFC 9864) is the new name of what EdDSA means with an Ed25519 key. Issuers change over at different times; a verifier that compares names refuses the token until its list has both.",
	Cite:     "RFC 9864 §2.2, §4.1.2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || !isEd25519(p.alg) || !p.Profile.accepts(p.alg) || slices.Contains(p.Profile.Algorithms, p.alg) {
			return nil
		}
		other := redact.Word("EdDSA")
		if p.alg == "EdDSA" {
			other = redact.Word("Ed25519")
		}
		return &Result{Outcome: Failed, Says: redact.Msg("alg is {} and the profile lists {}: the same algorithm, but a verifier that compares names refuses the token", redact.Show(p.value(redact.HeaderParameter, "alg")), other)}
	},
}
