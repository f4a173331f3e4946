package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// The issuer's key set as a whole: what is wrong with it beyond the one key that this token needs.
// All of it was found when the set was read, so that a good token is not made to wait for it.

var privatePublished = Check{
	ID:       "key.private_published",
	Subject:  "Private keys",
	Title:    "The issuer publishes private key material",
	Doc:      "With it anybody can sign tokens that every API of this issuer accepts. Tell whoever is responsible for its security now: withdraw the key, replace it, and look for tokens that the issuer never issued.",
	Cite:     "RFC 7517 §9.2",
	Severity: Security,
	Run: func(p *Pass) *Result {
		keys, found := p.amiss(func(s *KeySet) []int { return s.private })
		if !found {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The issuer's public key set holds private or shared key material ({}): anybody can sign tokens with it", keys)}
	},
}

var keyWeak = Check{
	ID:       "key.modulus_weak",
	Subject:  "Weak keys",
	Title:    "The issuer publishes a key whose signatures can be forged",
	Doc:      "The private key can be computed from a short RSA modulus, from one of the flawed generator of CVE-2017-15361 (ROCA) or with an exponent that is none. Replace the key even if no token uses it: verifiers accept what it signs.",
	Cite:     "RFC 7518 §3.3, RFC 8725 §3.5",
	Severity: Security,
	Run: func(p *Pass) *Result {
		keys, found := p.amiss(func(s *KeySet) []int { return s.weak })
		if !found {
			return nil
		}
		set := p.evidence().Set
		return &Result{Outcome: Failed, Says: redact.Msg("Signatures of {} in the issuer's key set can be forged: {}", keys, redact.Part(set.Keys[set.weak[0]].Unusable))}
	},
}

// amiss names the keys of the profile's set that have something wrong with them.
func (p *Pass) amiss(what func(*KeySet) []int) (keys redact.Hole, found bool) {
	set := p.evidence().Set
	if p.form != formJWS || set == nil {
		return redact.Hole{}, false
	}
	at := what(set)
	if len(at) == 0 {
		return redact.Hole{}, false
	}
	keys = set.Keys[at[0]].label()
	if more := len(at) - 1; more > 0 {
		keys = redact.Part(redact.Msg("{} and {} more", keys, redact.Count(more)))
	}
	return keys, true
}

var entryUnreadable = Check{
	ID:       "key.entry_unreadable",
	Subject:  "Key set entries",
	Title:    "One entry of the issuer's key set costs some verifiers all keys",
	Doc:      "Several libraries refuse a whole key set because of one entry that they cannot read, and then every token of the issuer fails with an unknown key. If this API uses one of them, that is the reason; the issuer can help everybody by taking the entry out, and the API by reading the set leniently.",
	Cite:     "RFC 7517 §5",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		keys, found := p.amiss(func(s *KeySet) []int { return s.losing })
		if !found {
			return nil
		}
		set := p.evidence().Set
		k := &set.Keys[set.losing[0]]
		why, loses := k.Flaw, k.Loses
		if why.IsZero() {
			why = k.Unusable
		}
		for _, i := range set.losing[1:] {
			loses |= set.Keys[i].Loses
		}
		return &Result{Outcome: Failed, Says: redact.Msg("{}: {}; verifiers built on these lose every key of the set to it: {}", keys, redact.Part(why), loses.names())}
	},
}

func (l Libraries) names() redact.Hole {
	var names []redact.Message
	for _, library := range []struct {
		one  Libraries
		name redact.Hole
	}{
		{JWX, redact.Word("jwx (as it is set by default)")},
		{JWKSet, redact.Word("keyfunc/jwkset")},
		{GoJose, redact.Word("go-jose")},
		{GoOIDC, redact.Word("go-oidc")},
	} {
		if l&library.one != 0 {
			names = append(names, redact.Msg("{}", library.name))
		}
	}
	return redact.Items(names)
}

var kidDuplicated = Check{
	ID:       "key.kid_duplicated",
	Subject:  "Key IDs",
	Title:    "Several keys of the issuer's set have one ID",
	Doc:      "Some verifiers try each of them, others keep the first or the last, so that one service accepts a token that the next one refuses. The issuer has to give each key an ID of its own.",
	Cite:     "RFC 7517 §4.5",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		keys, found := p.amiss(func(s *KeySet) []int { return s.twins })
		if !found {
			return nil
		}
		set, c := p.evidence().Set, p.choice()
		same := set.byID[p.keyID()]
		if len(same) > 1 && c.verified && slices.Contains(set.twins, same[len(same)-1]) {
			if c.key == &set.Keys[same[0]] {
				return &Result{Outcome: Failed, Says: redact.Msg("{} keys of the issuer's set have kid {}, and only the first verifies: a verifier that keeps the last refuses this token", redact.Count(len(same)), c.key.label())}
			}
			return &Result{Outcome: Failed, Says: redact.Msg("{} keys of the issuer's set have kid {}, and it is not the first that verifies: a verifier that keeps the first refuses this token", redact.Count(len(same)), c.key.label())}
		}
		return &Result{Outcome: Failed, Says: redact.Msg("Several keys of the issuer's set have the same kid ({}): a verifier that keeps only one of them refuses tokens of the others", keys)}
	},
}

var kidMissing = Check{
	ID:       "key.kid_missing",
	Subject:  "Key ID",
	Title:    "The token names no key, and several keys fit it",
	Doc:      "Many verifiers refuse a token without kid as soon as the issuer has more than one key, as it does during every rotation. Ask the issuer to name the key in each token.",
	Cite:     "RFC 7515 §4.1.4",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		set := p.evidence().Set
		if p.form != formJWS || set == nil || p.keyID() != "" || p.kidMistyped() || !p.choice().verified {
			return nil
		}
		for i := range set.Keys {
			if k := &set.Keys[i]; k != p.choice().key && p.suits(k) {
				return &Result{Outcome: Failed, Says: redact.Msg("The token has {}, and {} is not the only key of the issuer's set that fits it: many verifiers refuse to try them all", redact.Part(p.noKid()), p.choice().key.label())}
			}
		}
		return nil
	},
}

var certificateExpired = Check{
	ID:       "key.certificate_expired",
	Subject:  "Key's certificate",
	Title:    "The certificate of the key that signed the token is not valid",
	Doc:      "Most verifiers take the key and do not look at its certificate (x5c); one that checks the certificate refuses the token. The issuer has to renew the certificate or leave it out.",
	Cite:     "RFC 7517 §4.7, RFC 5280 §4.1.2.5",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || p.choice().key == nil || p.choice().key.To.IsZero() {
			return nil
		}
		switch k := p.choice().key; {
		case p.at.After(k.To):
			return &Result{Outcome: Failed, Says: redact.Msg("The certificate of {} (x5c) expired on {}; the few verifiers that look at it refuse the token", k.label(), redact.Time(k.To))}
		case p.at.Before(k.From):
			return &Result{Outcome: Failed, Says: redact.Msg("The certificate of {} (x5c) is not valid before {}; the few verifiers that look at it refuse the token", k.label(), redact.Time(k.From))}
		}
		return nil
	},
}

var setStale = Check{
	ID:       "key.set_stale",
	Subject:  "Age of the key set",
	Title:    "The issuer's key set could not be fetched afresh",
	Doc:      "The answer rests on an earlier copy. An API whose own copy is as old may lack a new key, and one that fetches now may fail as the bot did.",
	Cite:     "RFC 7517 §5",
	Severity: Info,
	Run: func(p *Pass) *Result {
		e := p.evidence()
		if p.form != formJWS || e.Set == nil || e.Problem.IsZero() {
			return nil
		}
		if e.Fetched.IsZero() {
			return pass(redact.Msg("judged by an earlier copy: {}", redact.Part(e.Problem)))
		}
		return pass(redact.Msg("judged by a copy that is {} old: {}", redact.Age(p.Now.Sub(e.Fetched)), redact.Part(e.Problem)))
	},
}

var secretWeak = Check{
	ID:       "key.secret_weak",
	Subject:  "HMAC secret",
	Title:    "The HMAC secret can be guessed",
	Doc:      "Whoever has one token can try secrets offline, billions a second. A secret has to be random and at least as long as the hash; strict libraries refuse a shorter one. Replace it: openssl rand -base64 48.",
	Cite:     "RFC 7518 §3.2, RFC 8725 §3.5",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || !strings.HasPrefix(p.alg, "HS") || !p.Profile.symmetric() || !p.Profile.accepts(p.alg) {
			return nil
		}
		switch size := p.Profile.Secret.Len(); {
		case size < hashSize(p.alg):
			return &Result{Outcome: Failed, Says: redact.Msg("The HMAC secret of {} has {} bytes, and {} needs at least {}: it can be guessed, and strict verifiers refuse it", p.Profile.label(), redact.Count(size), redact.Operator(p.alg), redact.Count(hashSize(p.alg)))}
		case size <= longestKnown && slices.Contains(knownSecrets, p.Profile.Secret.Expose()):
			return &Result{Outcome: Failed, Says: redact.Msg("The HMAC secret of {} stands in public documentation: anybody can sign tokens with it", p.Profile.label())}
		}
		return nil
	},
}

// knownSecrets are those of published examples that are long enough: jwt.io's and Supabase's local one.
var knownSecrets = []string{
	"a-string-secret-at-least-256-bits-long",
	"a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
	"super-secret-jwt-token-with-at-least-32-characters-long",
	"your-256-bit-secret-your-256-bit-secret",
}

const longestKnown = 80
