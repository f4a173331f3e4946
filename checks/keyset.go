package checks

import (
	"time"

	"jwt-check-bot/redact"
)

// Key is one key of an issuer's key set, or the profile's HMAC secret.
type Key struct {
	ID       string   // `kid`; published, but written by the issuer
	Type     string   // `kty`
	Curve    string   // `crv`
	Use      string   // `use`
	Ops      []string // `key_ops`
	Alg      string   // `alg`
	Public   any      // *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey; nil where Unusable says why
	Unusable redact.Message
	Private  bool // private or symmetric members were published with it (RFC 7517 §9.2)
}

// KeySet is an issuer's JWK Set (RFC 7517 §5) as it was published.
type KeySet struct {
	Keys []Key
	byID map[string][]int
}

// NewKeySet indexes keys by their IDs.
func NewKeySet(keys []Key) *KeySet {
	s := &KeySet{Keys: keys, byID: make(map[string][]int, len(keys))}
	for i := range keys {
		if id := keys[i].ID; id != "" {
			s.byID[id] = append(s.byID[id], i)
		}
	}
	return s
}

// Has reports whether a key of that ID is in the set.
func (s *KeySet) Has(kid string) bool { return s != nil && len(s.byID[kid]) > 0 }

// KeyEvidence is what was learned about an issuer's keys before the checks run.
type KeyEvidence struct {
	Set     *KeySet        // nil where none could be had
	Source  redact.Message // where the set came from: discovery, a URL, a file
	Fetched time.Time      // when this copy was fetched; zero for a file
	Fresh   bool           // fetched for this very check, or so recently that asking again would be no use
	Problem redact.Message // why no set, or no fresher one, could be had; authored, never a foreign error
}

// Evidence is everything that was asked of the world beforehand, so that the checks are pure.
type Evidence struct {
	Keys []KeyEvidence // of each profile, in the order of Case.Profiles; the zero value where not asked
}
