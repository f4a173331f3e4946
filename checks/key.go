package checks

import "jwt-check-bot/redact"

// The key rung: the one that signed the token, looked up at the issuer.

var keyUnknown = Check{
	ID:       "key.kid_unknown",
	Subject:  "Key (kid)",
	Title:    "The key that signed the token is not in the issuer's key set",
	Doc:      "The issuer rotated its keys and withdrew this one, or the token comes from somewhere else. The key set was fetched afresh for this answer. A verifier with an old cached set fails the other way round: with new keys.",
	Cite:     "RFC 7515 §4.1.4, RFC 7517 §4.5",
	Severity: Blocks,
	Cause:    UnknownKey,
	Run: func(p *Pass) Result {
		if p.form != formJWS {
			return Result{}
		}
		c := p.choice()
		if stop, ok := p.keyless(c); ok {
			return stop
		}
		kid := p.value(redact.HeaderParameter, "kid")
		if !c.unknown {
			if c.key.Type == "oct" {
				return pass(redact.Msg("the profile's HMAC secret"))
			}
			if kid.IsZero() {
				return pass(redact.Msg("no kid; a key of the issuer's set verifies"))
			}
			return pass(redact.Msg("{} is in the issuer's key set", redact.Show(kid)))
		}
		r := Result{
			Outcome: Failed,
			Says:    redact.Msg("Unknown key: kid {} is not in the issuer's key set", redact.Show(kid)),
			Want:    redact.Msg("one of {}", p.publishedKeys()),
			Got:     redact.Msg("kid {}", redact.Show(kid)),
			Next:    redact.Msg("Get a fresh token; if new tokens have this kid too, ask the issuer why its key set lacks it"),
		}
		if kid.IsZero() {
			r.Says = redact.Msg("Unknown key: the token names none, and no key of the issuer's set verifies it")
			r.Got = redact.Msg("no kid")
		}
		return r
	},
}

// keyless answers for a check that needs a key where there is none to judge.
func (p *Pass) keyless(c *keyChoice) (Result, bool) {
	switch {
	case c.missing:
		return cannotSay(redact.Msg("cannot say: {}", redact.Part(c.why))), true
	case !c.why.IsZero():
		return notReached(c.why), true
	case !c.verified && p.foreignIssuer():
		return notReached(redact.Msg("the token names another issuer, whose keys {} does not trust", p.Profile.label())), true
	case !c.verified:
		if other, _ := p.otherEnvironment(); other != nil {
			return notReached(redact.Msg("it was signed with a key of {}", other.label())), true
		}
	}
	return Result{}, false
}

// publishedKeys lists the key set's key IDs, as far as they fit.
func (p *Pass) publishedKeys() redact.Hole {
	var ids []redact.Message
	for i, profile := range p.Profiles {
		if profile != p.Profile || p.keyEvidence(i).Set == nil {
			continue
		}
		for _, k := range p.keyEvidence(i).Set.Keys {
			if k.ID != "" {
				ids = append(ids, redact.Msg("{}", redact.Public(k.ID)))
			}
		}
	}
	if len(ids) == 0 {
		return redact.Word("no named key")
	}
	return redact.Items(ids)
}

var keyUnusable = Check{
	ID:       "key.use_contradicts",
	Subject:  "Key usable",
	Title:    "The key that the token names cannot be used for it",
	Doc:      "What the issuer published with the key (use, key_ops, alg, type, curve, size) contradicts the token's algorithm, so a verifier must not use it.",
	Cite:     "RFC 7517 §4.2 to §4.4, RFC 7518 §3, RFC 8725 §3.1",
	Severity: Blocks,
	Cause:    UnusableKey,
	Run: func(p *Pass) Result {
		if p.form != formJWS {
			return Result{}
		}
		c := p.choice()
		if _, stop := p.keyless(c); stop || c.unknown || c.unusable.IsZero() {
			return Result{}
		}
		return Result{
			Outcome: Failed,
			Says:    redact.Msg("Unusable key: {}", redact.Part(c.unusable)),
			Want:    redact.Msg("a key for {}", redact.Show(p.value(redact.HeaderParameter, "alg"))),
			Got:     c.unusable,
			Next:    redact.Msg("Ask the issuer to publish the key as it is used, or to sign with a key that fits"),
		}
	},
}

var signatureBad = Check{
	ID:       "signature.value_wrong",
	Subject:  "Signature",
	Title:    "The signature does not verify",
	Doc:      "The token was altered on its way, or it was signed with another key than the one it names: another environment, a rotated key under an old ID, another secret.",
	Cite:     "RFC 7515 §5.2",
	Severity: Blocks,
	Cause:    BadSignature,
	Run: func(p *Pass) Result {
		if p.form != formJWS {
			return Result{}
		}
		c := p.choice()
		if stop, ok := p.keyless(c); ok {
			return Result{Outcome: NotReached, Says: stop.Says}
		}
		if _, short := p.shortSignature(); short {
			return notReached(redact.Msg("the signature is cut short"))
		}
		switch {
		case c.verified:
			return pass(redact.Msg("verifies with {}", p.origin(c)))
		case c.unknown:
			return notReached(redact.Msg("there is no key to verify with"))
		case !c.unusable.IsZero():
			return notReached(redact.Msg("the key must not be used"))
		}
		return Result{
			Outcome: Failed,
			Says:    redact.Msg("Bad signature: it does not verify with {}", p.origin(c)),
			Want:    redact.Msg("a signature made with {}", p.origin(c)),
			Got:     redact.Msg("one of the right length that does not verify"),
			Next:    redact.Msg("Ask the issuer which key or secret signed it; if it was edited by hand or by a proxy, send it as it was issued"),
		}
	},
}

// origin says where the key came from: a verdict names it.
func (p *Pass) origin(c *keyChoice) redact.Hole {
	if c.key.Type == "oct" {
		return redact.Part(redact.Msg("the HMAC secret of {}", p.Profile.label()))
	}
	for i, profile := range p.Profiles {
		if e := p.keyEvidence(i); profile == p.Profile && !e.Source.IsZero() {
			return redact.Part(redact.Msg("a key from {}", redact.Part(e.Source)))
		}
	}
	return redact.Word("a key of the issuer")
}
