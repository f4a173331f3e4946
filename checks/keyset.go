package checks

import (
	"time"

	"jwt-check-bot/redact"
)

// Key is one key of an issuer's key set, or the profile's HMAC secret.
type Key struct {
	ID       string         // `kid`; published, but written by the issuer
	Type     string         // `kty`
	Curve    string         // `crv`
	Use      string         // `use`
	Ops      []string       // `key_ops`
	Alg      string         // `alg`
	Public   any            // *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey; nil where there is none
	Unusable redact.Message // why it cannot be used; zero where it can
	Private  bool           // private or symmetric members were published with it (RFC 7517 §9.2)
	Weak     bool           // its private key can be computed from the public one, or nearly
	Bits     int            // of an RSA modulus that is too short to be used
	Flaw     redact.Message // what in it costs the libraries in Loses every key of the set
	Loses    Libraries
	From, To time.Time // when its certificate (x5c) is valid; zero where it has none
}

// Libraries is a set of libraries that verifiers use.
type Libraries uint8

const (
	JWX    Libraries = 1 << iota // github.com/lestrrat-go/jwx as it is set by default
	JWKSet                       // github.com/MicahParks/jwkset, which keyfunc uses
	GoJose                       // github.com/go-jose/go-jose
	GoOIDC                       // github.com/coreos/go-oidc
)

// KeySet is an issuer's JWK Set (RFC 7517 §5) as it was published.
type KeySet struct {
	Keys []Key
	byID map[string][]int

	// What the checks of the set as a whole look for, found once for all tokens: the keys concerned.
	private, weak, losing, twins []int
	usable                       int
}

// NewKeySet indexes keys by their IDs, and notes what is wrong with them.
func NewKeySet(keys []Key) *KeySet {
	s := &KeySet{Keys: keys, byID: make(map[string][]int, len(keys))}
	for i := range keys {
		k := &keys[i]
		if k.Unusable.IsZero() {
			s.usable++
		}
		if k.Private {
			s.private = append(s.private, i)
		}
		if k.Weak {
			s.weak = append(s.weak, i)
		}
		if k.Loses != 0 {
			s.losing = append(s.losing, i)
		}
		if k.ID == "" {
			continue
		}
		if s.hasTwin(k) {
			s.twins = append(s.twins, i)
		}
		s.byID[k.ID] = append(s.byID[k.ID], i)
	}
	return s
}

// hasTwin reports whether an earlier key has k's ID and type. Keys of different types may share an
// ID, as alternatives (RFC 7517 §4.5).
func (s *KeySet) hasTwin(k *Key) bool {
	for _, i := range s.byID[k.ID] {
		if s.Keys[i].Type == k.Type {
			return true
		}
	}
	return false
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
	Mend    redact.Message // what to set where an answer shows that the bot was told the wrong address; zero elsewhere
	Renamed bool           // Problem is that the issuer's own metadata names another issuer than the profile

	History KeyHistory // of the set before this copy

	Clock       Clock // of whoever served the set, read when it was fetched
	IssuerClock Clock // of whoever served the issuer's metadata
}

// Evidence is everything that was asked of the world beforehand, so that the checks are pure.
type Evidence struct {
	Keys          []KeyEvidence // of each profile, in the order of Case.Profiles; the zero value where not asked
	Replay        Replay
	Introspection Introspection
	Slack         Clock
}
