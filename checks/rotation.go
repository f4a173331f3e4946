package checks

import (
	"crypto"
	"time"

	"jwt-check-bot/redact"
)

// The rotation rung: what earlier copies of the issuer's key set say of the token's key.

// KeyHistory is what was seen of an issuer's key set before this copy. The zero value, all that a
// one-shot check knows, says nothing.
type KeyHistory struct {
	Keys  []KeySpan // those that are there, and the last that were
	Sizes []SetSize // how many usable keys the set had, the latest last
}

// KeySpan is when copies of the set had a key.
type KeySpan struct {
	ID          string
	Public      any       // as in Key; nil where it is not remembered
	Before      time.Time // of the last copy that lacked it before; zero where the first copy had it
	First, Last time.Time // of the first and the last copy that had it
	Gone        time.Time // of the first copy that lacked it after that; zero while it is there
}

// SetSize is a change in how many usable keys a set had.
type SetSize struct {
	At   time.Time // of the first copy that had so many
	Keys int
}

// label is how a sentence calls the key.
func (s *KeySpan) label() redact.Hole { return (&Key{ID: s.ID}).label() }

// of returns the span of a key.
func (h *KeyHistory) of(k *Key) *KeySpan {
	public, ok := k.Public.(interface{ Equal(crypto.PublicKey) bool })
	for i := range h.Keys {
		if s := &h.Keys[i]; ok && s.ID == k.ID && public.Equal(s.Public) {
			return s
		}
	}
	return nil
}

// keySpan is the history of the key that verifies the token; nil where none is known.
func (p *Pass) keySpan() *KeySpan {
	e := p.evidence()
	if p.form != formJWS || len(e.History.Keys) == 0 || !p.choice().verified {
		return nil
	}
	return e.History.of(p.choice().key)
}

// freshKey is for how long a new key counts as the explanation: APIs that keep a copy of the key set
// usually fetch it again within minutes.
const freshKey = 15 * time.Minute

var keyNew = Check{
	ID:       "rotation.key_new",
	Subject:  "Age of the key",
	Title:    "The key that signed the token is so new that the API may not know it",
	Doc:      "All is well with the token, and its key appeared in the issuer's key set a moment ago. A verifier that keeps a copy of the set and does not fetch it again for an unknown kid refuses the token until its copy expires. Refresh or restart it; then have it fetch afresh when it meets an unknown kid, and the issuer publish keys before it signs with them.",
	Cite:     "RFC 7517 §5, OpenID Connect Core §10.1.1",
	Severity: Blocks,
	Cause:    KeyRotated,
	Run: func(p *Pass) *Result {
		s := p.keySpan()
		if s == nil || s.Before.IsZero() || p.at.Sub(s.First) >= freshKey || !p.soundButFor() {
			return nil
		}
		if r := &p.Evidence.Replay; r.Own.stance() == accepts && r.enforced() || r.knows(&r.Own) {
			return nil // the API knows the key
		}
		return &Result{
			Outcome: Failed,
			Says: redact.Msg("All is well here, but the key {} is new: first seen {} ago, and the issuer's set of {} ago lacked it; an API that goes by an older copy refuses the token",
				s.label(), redact.Age(p.Now.Sub(s.First)), redact.Age(p.Now.Sub(s.Before))),
			Next: redact.Msg("Have the API fetch the issuer's key set again (refresh or restart it), and at each kid that it does not know"),
		}
	},
}

// lately is for how long a change of the set is worth a word.
const lately = 24 * time.Hour

// withdrawn is the key that was taken out of the set last; nil where none was lately.
func (h *KeyHistory) withdrawn(now time.Time) (last *KeySpan) {
	for i := range h.Keys {
		s := &h.Keys[i]
		if !s.Gone.IsZero() && now.Sub(s.Gone) < lately && (last == nil || s.Gone.After(last.Gone)) {
			last = s
		}
	}
	return last
}

// successor is the key that came into the set last when old was still there or went.
func (h *KeyHistory) successor(old *KeySpan) (next *KeySpan) {
	for i := range h.Keys {
		s := &h.Keys[i]
		if s != old && !s.Before.IsZero() && s.First.After(old.First) && !s.First.After(old.Gone) && (next == nil || s.First.After(next.First)) {
			next = s
		}
	}
	return next
}

var overlapShort = Check{
	ID:       "rotation.overlap_short",
	Subject:  "Overlap of keys",
	Title:    "The issuer withdrew a key before the tokens that it signed had expired",
	Doc:      "Whoever fetches the key set now refuses tokens that are good, until their clients get new ones. A key has to stay in the set for as long as the longest token that it signed; a set that always has one key alone breaks at each rotation.",
	Cite:     "RFC 7517 §5, OpenID Connect Core §10.1.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		h := p.evidence().History
		t := p.times()
		old := h.withdrawn(p.Now)
		if p.form != formJWS || old == nil || !t.iat.known() || !t.exp.known() {
			return nil
		}
		next := h.successor(old)
		lifetime := t.exp.t.Sub(t.iat.t)
		// It appeared after the copy that lacked it, so that this is the longest that the two can have been there together.
		if next == nil || lifetime <= 0 || old.Gone.Sub(next.Before) >= lifetime {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The issuer withdrew the key {}, at the latest {} ago, within {} of the appearance of {}; tokens live {}, so those that it had signed are refused before they expire",
			old.label(), redact.Age(p.Now.Sub(old.Gone)), redact.Age(old.Gone.Sub(next.Before)), next.label(), redact.Age(lifetime))}
	},
}

var setShrunk = Check{
	ID:       "rotation.set_shrunk",
	Subject:  "Size of the key set",
	Title:    "The issuer's key set has lost most of its keys",
	Doc:      "It had several keys a while ago and has one or none now. That is no ordinary end of a rotation: a faulty deployment, or one node of several that serves another set. Tokens of the other keys are refused wherever the new set is fetched.",
	Cite:     "RFC 7517 §5",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		sizes := p.evidence().History.Sizes
		if p.form != formJWS || len(sizes) < 2 {
			return nil
		}
		now, before := sizes[len(sizes)-1], sizes[len(sizes)-2]
		// From two keys to one is how a rotation ends.
		if p.Now.Sub(now.At) >= lately || now.Keys > 1 || before.Keys < 1 || now.Keys == 1 && before.Keys < 3 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The issuer's key set has {} where it had {}, since {} ago at the latest", keysInAll(now.Keys), redact.Count(before.Keys), redact.Age(p.Now.Sub(now.At)))}
	},
}

func keysInAll(n int) redact.Hole {
	if n == 0 {
		return redact.Word("no usable key")
	}
	return redact.Word("one usable key")
}

var iatBeforeKey = Check{
	ID:       "rotation.iat_before_key",
	Subject:  "Issued at and key",
	Title:    "The token says that it was issued before its key was published",
	Doc:      "A copy of the key set from after iat lacked the key. The issuer signs with keys before it publishes them, so that everybody refuses its tokens for a while; or its clock jumped back; or something before it serves an old set.",
	Cite:     "RFC 7519 §4.1.6, OpenID Connect Core §10.1.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		s := p.keySpan()
		iat := p.times().iat
		if s == nil || s.Before.IsZero() || !iat.known() || !iat.t.Add(p.Profile.Leeway).Before(s.Before) {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("iat lies {} before a copy of the issuer's key set that lacked the key {}, which signed the token", redact.Age(s.Before.Sub(iat.t)), s.label())}
	},
}

// retiredKey finds that a key made the signature which the issuer has withdrawn or replaced.
func (p *Pass) retiredKey(*keyChoice) clue {
	h := p.evidence().History
	var named *KeySpan
	for i := range h.Keys {
		s := &h.Keys[i]
		if s.Gone.IsZero() {
			continue
		}
		if s.Public != nil && couldSign(s.Public, p.alg) && p.verify(s.Public) {
			return clue{
				says: redact.Msg("the signature verifies with {}, which the issuer has withdrawn: its set had it {} ago, and {} ago no more", s.label(), redact.Age(p.Now.Sub(s.Last)), redact.Age(p.Now.Sub(s.Gone))),
				next: redact.Msg("Get a fresh token. Ask the issuer to keep a key in its set until the last token that it signed has expired"),
			}
		}
		if s.ID != "" && s.ID == p.keyID() {
			named = s
		}
	}
	if named == nil || p.keyID() == "" || p.evidence().Set.Has(p.keyID()) {
		return clue{}
	}
	return clue{
		says: redact.Msg("a key of that ID was in the set {} ago, and {} ago no more; it did not make this signature", redact.Age(p.Now.Sub(named.Last)), redact.Age(p.Now.Sub(named.Gone))),
		next: redact.Msg("Ask the issuer which key signed it: neither one that it publishes nor the one that it withdrew under this ID"),
	}
}
