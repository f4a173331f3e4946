package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// The environment rung: does the token belong to another profile?

var wrongEnvironment = Check{
	ID:       "environment.other_profile",
	Subject:  "Environment",
	Title:    "The token belongs to another environment",
	Doc:      "A token of staging decodes well and is refused by production all the same: other issuer, other keys. Look at which base URL or client registration the client was started with.",
	Cite:     "RFC 8725 §3.8",
	Severity: Blocks,
	Cause:    WrongEnvironment,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		other, by := p.otherEnvironment()
		if other == nil {
			return nil
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Wrong environment: this is a token of {}, not of {}", other.label(), p.Profile.label()),
			Want:    redact.Msg("a token of {}", p.Profile.label()),
			Next:    redact.Msg("Find out why the client got its token from {}: its issuer URL, client registration or base URL; or, if {} was meant, check it against that profile", other.label(), other.label()),
		}
		switch by {
		case byIssuer:
			r.Got = redact.Msg("iss {}", redact.Show(p.value(redact.Claim, "iss")))
			if signed := p.signedElsewhere(other); !signed.IsZero() {
				r.Says = redact.Msg("Wrong environment: it names {}'s issuer, and its signature {}", other.label(), redact.Part(signed))
				r.Got = redact.Msg("{}, and a signature that {}", redact.Part(r.Got), redact.Part(signed))
				r.Next = redact.Msg("Find out where the client got it: anybody can write {}'s issuer into a token, and its signature does not prove that name", other.label())
			}
		case byKey:
			r.Got = redact.Msg("its signature verifies with a key of {}", other.label())
		}
		return r
	},
}

// signedElsewhere says of a token that names another profile's issuer what its signature does, where
// that profile's keys are there and none of them verifies it; zero where they do, or nobody knows.
func (p *Pass) signedElsewhere(other *Profile) redact.Message {
	if p.brief {
		return redact.Message{}
	}
	if c := p.choose(other, p.keyEvidence(slices.Index(p.Profiles, other))); !c.why.IsZero() || c.verified {
		return redact.Message{}
	}
	switch c := p.choice(); {
	case c.verified:
		return redact.Msg("verifies with a key of {} instead", p.Profile.label())
	case c.why.IsZero():
		return redact.Msg("verifies with the keys of neither {} nor {}", other.label(), p.Profile.label())
	}
	return redact.Msg("does not verify with the keys of {}", other.label())
}

type likeness uint8

const (
	byIssuer likeness = iota
	byKey
)

// otherEnvironment finds the profile that the token belongs to, if that is not the chosen one: the
// one whose issuer it names, or, where the chosen profile's own keys do not fit, the one whose key
// signed it.
func (p *Pass) otherEnvironment() (*Profile, likeness) {
	iss, ok := p.claims.str("iss")
	if ok && iss != p.Profile.Issuer {
		for _, other := range p.Profiles {
			if other.Issuer == iss {
				return other, byIssuer
			}
		}
	}
	if p.unsigned() || p.choice().verified {
		return nil, 0
	}
	return p.signer(p.choice()), byKey
}

// signer is the other profile whose key signed the token, looked for once; nil where there is none.
func (p *Pass) signer(c *keyChoice) *Profile {
	if c.compared {
		return c.signer
	}
	c.compared = true
	for i, other := range p.Profiles {
		if other != p.Profile && p.choose(other, p.keyEvidence(i)).verified {
			c.signer = other
			return other
		}
	}
	c.signer = p.signerByAnyKey()
	return c.signer
}

// signerByAnyKey looks further than a verifier does: at the keys that the other profiles have under
// other IDs, as where a token keeps the ID of one environment and is signed with the key of another.
func (p *Pass) signerByAnyKey() *Profile {
	if _, short := p.lengthByAlg(); short || p.brief || p.keyID() == "" || p.form != formJWS {
		return nil // what names no key has been tried with all of them
	}
	tried := 0
	for i, other := range p.Profiles {
		set := p.keyEvidence(i).Set
		if other.Issuer == p.Profile.Issuer || set == nil || !other.accepts(p.alg) {
			continue
		}
		for j := range set.Keys {
			if key := &set.Keys[j]; key.ID != p.keyID() && p.suits(key) {
				if tried++; tried > maxTried {
					return nil
				}
				if p.verify(key.Public) {
					return other
				}
			}
		}
	}
	return nil
}

// evidence is what was learned of the keys of the profile that judges.
func (p *Pass) evidence() KeyEvidence { return p.keyEvidence(p.chosen) }

func (p *Pass) keyEvidence(i int) KeyEvidence {
	if i < 0 || i >= len(p.Evidence.Keys) {
		return KeyEvidence{}
	}
	return p.Evidence.Keys[i]
}
