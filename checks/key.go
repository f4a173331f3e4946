package checks

import (
	"strings"
	"unicode"

	"jwt-check-bot/redact"
)

// The key rung: the one that signed the token, looked up at the issuer.

var keyUnknown = Check{
	ID:       "key.kid_unknown",
	Subject:  "Key (kid)",
	Title:    "The key that signed the token is not in the issuer's key set",
	Doc:      "The issuer rotated its keys and withdrew this one, or the token comes from somewhere else. The key set was fetched afresh for this answer. A verifier with an old cached set fails the other way round: with new keys.",
	Cite:     "RFC 7515 §4.1.4, RFC 7517 §4.5",
	Severity: Blocks,
	Cause:    UnknownKey,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || p.kidMistyped() {
			return nil
		}
		c := p.choice()
		if stop := p.keyless(c); stop != nil {
			return stop
		}
		if c.unknown {
			return p.unknownKey(c)
		}
		switch {
		case c.key.Type == "oct":
			return keyIsSecret
		case p.keyID() == "":
			return pass(redact.Msg("{}; {} of the issuer's key set verifies", redact.Part(p.noKid()), c.key.label()))
		}
		return pass(redact.Msg("{} is in the issuer's key set", redact.Show(p.value(redact.HeaderParameter, "kid"))))
	},
}

var keyIsSecret = pass(redact.Msg("the profile's HMAC secret"))

// noKid says how a token names no key: many verifiers take an empty kid for a name, and find nothing.
func (p *Pass) noKid() redact.Message {
	if p.head.has("kid") {
		return redact.Msg("an empty kid")
	}
	return redact.Msg("no kid")
}

func (p *Pass) unknownKey(c *keyChoice) *Result {
	kid := redact.Show(p.value(redact.HeaderParameter, "kid"))
	r := &Result{
		Outcome: Failed,
		Says:    redact.Msg("Unknown key: kid {} is not in the issuer's key set", kid),
		Want:    p.publishedKeys(),
		Got:     redact.Msg("kid {}", kid),
		Next:    p.vendorAdvice(UnknownKey, redact.Msg("Get a fresh token; if new tokens have this kid too, ask the issuer why its key set lacks it")),
	}
	set := p.evidence().Set
	switch {
	case len(set.Keys) == 0:
		r.Says = redact.Msg("Unknown key: the issuer's key set is empty")
		r.Want = redact.Msg("a key set with the issuer's keys in it")
		r.Next = redact.Msg("Ask the issuer why its key set is empty: every token of it is refused")
	case set.usable == 0:
		r.Says = redact.Msg("Unknown key: none of the {} entries of the issuer's key set can be used (the first: {})", redact.Count(len(set.Keys)), redact.Part(set.Keys[0].Unusable))
		r.Want = redact.Msg("a key set with a key that can be used")
		r.Next = redact.Msg("Ask the issuer to mend its key set: every token of it is refused")
	case p.keyID() == "":
		r.Says = redact.Msg("Unknown key: the token names none, and no key of the issuer's set verifies it")
		r.Next = p.vendorAdvice(UnknownKey, redact.Msg("Get a fresh token; if new tokens fail as well, ask the issuer which key signs them, and to name it (kid)"))
	}
	clue := p.diagnose(c)
	if p.keyID() == "" {
		r.Got = p.noKid()
	} else if near, by := set.nearest(p.keyID()); near != nil {
		r.Says = redact.Msg("{}; {} is, which differs only by {}", redact.Part(r.Says), near.label(), redact.Part(by))
		r.Got = redact.Msg("kid {}: only {} differs from {}", kid, redact.Part(by), near.label())
		r.Next = redact.Msg("Ask who writes kid into the token: it has to be the key set's, to the character")
		if clue.key == near {
			r.Says = redact.Msg("{}, and verifies the signature", redact.Part(r.Says))
			return r
		}
	}
	if !clue.says.IsZero() {
		r.Says, r.Next = redact.Msg("{}; {}", redact.Part(r.Says), redact.Part(clue.says)), clue.next
	}
	return r
}

// nearest finds the one key whose ID differs from kid by what a hand or a configuration file puts
// there. IDs that differ by a digit are neighbours in a row, and so different keys.
func (s *KeySet) nearest(kid string) (near *Key, by redact.Message) {
	for i := range s.Keys {
		k := &s.Keys[i]
		if k.ID == "" || len(k.ID) > 2*len(kid)+64 || len(kid) > 2*len(k.ID)+64 {
			continue
		}
		var what redact.Message
		if without(k.ID, unicode.IsSpace) == without(kid, unicode.IsSpace) {
			what = redact.Msg("white space")
		} else if strings.EqualFold(k.ID, kid) {
			what = redact.Msg("upper and lower case")
		} else if a, b, ok := oneCharacter(k.ID, kid); ok && !digits(a+b) {
			what = redact.Msg("one character")
		} else {
			continue
		}
		if near != nil {
			return nil, redact.Message{}
		}
		near, by = k, what
	}
	return near, by
}

// keyless answers for a check that needs a key where there is none to judge; nil where there is one.
func (p *Pass) keyless(c *keyChoice) *Result {
	switch {
	case c.missing:
		return &Result{Outcome: CannotSay, Says: c.why, Next: c.mend}
	case !c.why.IsZero():
		return notReached(c.why)
	case !c.verified && p.foreignIssuer():
		return notReached(redact.Msg("the token names another issuer, whose keys {} does not trust", p.Profile.label()))
	case !c.verified:
		if other, _ := p.otherEnvironment(); other != nil {
			return notReached(redact.Msg("it was signed with a key of {}", other.label()))
		}
	}
	return nil
}

// publishedKeys lists the key set's key IDs, as far as anybody reads on, for a token that names none of them.
func (p *Pass) publishedKeys() redact.Message {
	const many = 20
	var ids []redact.Message
	rest := 0
	for i := range p.evidence().Set.Keys {
		switch k := &p.evidence().Set.Keys[i]; {
		case k.ID == "":
		case len(ids) == many:
			rest++
		default:
			ids = append(ids, redact.Msg("{}", redact.Public(k.ID)))
		}
	}
	if rest > 0 {
		return redact.Msg("one of {} and {} more", redact.Items(ids), redact.Count(rest))
	}
	if len(ids) == 0 {
		return redact.Msg("a key of the issuer's set, which names none of its keys")
	}
	return redact.Msg("one of {}", redact.Items(ids))
}

var keyUnusable = Check{
	ID:       "key.use_contradicts",
	Subject:  "Key usable",
	Title:    "The key that the token names cannot be used for it",
	Doc:      "What the issuer published with the key (use, key_ops, alg, type, curve, size) contradicts the token's algorithm, so a verifier must not use it.",
	Cite:     "RFC 7517 §4.2 to §4.4, RFC 7518 §3, RFC 8725 §3.1",
	Severity: Blocks,
	Cause:    UnusableKey,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		c := p.choice()
		if p.keyless(c) != nil || c.unknown || c.unusable.IsZero() {
			return nil
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Unusable key: {}", redact.Part(c.unusable)),
			Want:    redact.Msg("a key for {}", redact.Show(p.value(redact.HeaderParameter, "alg"))),
			Got:     c.unusable,
			Next:    redact.Msg("Ask the issuer to publish the key as it is used, or to sign with a key that fits"),
		}
		if p.brief {
			return r
		}
		// Two questions: may the key be used, and did it sign? A verifier stops at the first.
		if couldSign(c.key.Public, p.alg) && p.verify(c.key.Public) {
			r.Says = redact.Msg("{}; the signature itself verifies with it", redact.Part(r.Says))
		} else if clue := p.diagnose(c); !clue.says.IsZero() {
			r.Says, r.Next = redact.Msg("{}; {}", redact.Part(r.Says), redact.Part(clue.says)), clue.next
		}
		return r
	},
}
