package keys

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"jwt-check-bot/checks"
)

// Past is what was seen of one key set, as it is kept for other replicas and the next start.
type Past struct {
	Copy  time.Time // of the last copy
	Whole time.Time // of the last copy whose keys were all noted; zero where none was
	Keys  []PastKey
	Sizes []checks.SetSize
}

// PastKey is one key of it, known again by its ID and thumbprint (RFC 7638, SHA-256).
type PastKey struct {
	ID, Thumbprint            Octets
	Public                    Octets // PKIX
	Before, First, Last, Gone time.Time
}

// Octets are bytes that an issuer publishes, kept as numbers: as text a key or the ID of one looks like
// a part of a token, which no net lets out.
type Octets []uint16

func octets[T string | []byte](s T) Octets {
	o := make(Octets, len(s))
	for i := range len(s) {
		o[i] = uint16(s[i])
	}
	return o
}

func (o Octets) bytes() []byte {
	b := make([]byte, len(o))
	for i, n := range o {
		b[i] = byte(n)
	}
	return b
}

// What is kept of one set.
const (
	maxPastKeys  = 32
	maxPastSizes = 8
	maxPastID    = 256 // bytes of a key's ID; a key with a longer one is not remembered
)

// note adds a copy. One that is older than the last, as another replica may have, says nothing new.
func (p *Past) note(set *checks.KeySet, at time.Time) {
	if p.Copy.Sub(at) > time.Hour { // somebody's clock was wrong
		*p = Past{}
	}
	if !at.After(p.Copy) {
		return
	}
	var usable []*checks.Key
	for i := range set.Keys {
		if k := &set.Keys[i]; k.Unusable.IsZero() && k.Public != nil {
			usable = append(usable, k)
		}
	}
	if n := len(p.Sizes); n == 0 || p.Sizes[n-1].Keys != len(usable) {
		p.Sizes = append(p.Sizes, checks.SetSize{At: at, Keys: len(usable)})
	}
	p.Sizes = p.Sizes[max(0, len(p.Sizes)-maxPastSizes):]
	p.Copy = at
	if len(usable) > maxPastKeys { // too many to tell later which of them were there
		p.Keys, p.Whole = nil, time.Time{}
		return
	}
	for _, k := range usable {
		p.saw(k, at)
	}
	for i := range p.Keys {
		if k := &p.Keys[i]; k.Last.Before(at) && k.Gone.IsZero() {
			k.Gone = at
		}
	}
	p.Whole = at
	slices.SortStableFunc(p.Keys, func(a, b PastKey) int { return b.Last.Compare(a.Last) }) // those that are there stand first
	p.Keys = p.Keys[:min(len(p.Keys), maxPastKeys)]
}

// saw notes a key of a copy.
func (p *Past) saw(k *checks.Key, at time.Time) {
	id, thumbprint := octets(k.ID), thumbprintOf(k.Public)
	if thumbprint == nil || len(k.ID) > maxPastID {
		return
	}
	for i := range p.Keys {
		if known := &p.Keys[i]; slices.Equal(known.Thumbprint, thumbprint) && slices.Equal(known.ID, id) {
			known.Last, known.Gone = at, time.Time{}
			return
		}
	}
	public, err := x509.MarshalPKIXPublicKey(k.Public)
	if err != nil {
		return
	}
	p.Keys = append(p.Keys, PastKey{ID: id, Thumbprint: thumbprint, Public: octets(public), Before: p.Whole, First: at, Last: at})
}

func thumbprintOf(public any) Octets {
	key, err := jwk.Import(public)
	if err != nil {
		return nil
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil
	}
	return octets(sum)
}

// evidence is the past as the checks read it.
func (p *Past) evidence() checks.KeyHistory {
	h := checks.KeyHistory{Sizes: p.Sizes}
	for _, k := range p.Keys {
		public, err := x509.ParsePKIXPublicKey(k.Public.bytes())
		if err != nil {
			public = nil
		}
		h.Keys = append(h.Keys, checks.KeySpan{ID: string(k.ID.bytes()), Public: public, Before: k.Before, First: k.First, Last: k.Last, Gone: k.Gone})
	}
	return h
}

// remember adds a copy to what is kept of its set, and returns what is known then.
func (s *Source) remember(ctx context.Context, o Origin, set *checks.KeySet, at time.Time) checks.KeyHistory {
	if s.options.History == nil {
		return checks.KeyHistory{}
	}
	past := s.options.History(ctx, o.name(), func(p *Past) { p.note(set, at) })
	return past.evidence()
}

// name is the same for everybody who has the keys from there, and tells nothing of it: a URL may have
// a password or a key in it.
func (o Origin) name() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{o.Issuer, o.JWKSURL}, "\x00")))
	return hex.EncodeToString(sum[:])
}
