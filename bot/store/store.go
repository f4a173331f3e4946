// Package store is what the replicas of one bot share: who works on which delivery, summaries that
// may yet be posted, whom it told already, and which keys issuers had.
//
//	App ──> Store ──> memory   always: bounded, and all there is without a Redis
//	          └─────> Redis    sealed values with a lifetime; Valkey is as good
//
// With Redis gone the replica goes on with its memory, since an answer is worth more than a rare
// double; when it is back it gets what was remembered meanwhile. Everything but a bare mark leaves
// the process under a seal (redact.Sealer): neither can somebody who reads the store learn anything,
// nor somebody who writes to it make the bot say anything. Never a token, a claim, or an unsealed text.
package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"jwt-check-bot/redact"
)

// Kind is one family of what is kept.
type Kind struct {
	name  string
	ttl   time.Duration // in Redis and in memory
	limit int           // entries in the memory of one replica
}

// Everything that is kept.
var (
	Deliveries = &Kind{"delivery", time.Hour, 10000}      // mentions by their event's ID, commands and presses by their trigger's; submissions by their view's, with what they came to
	Posts      = &Kind{"post", time.Hour, 1000}           // presses of the button under a draft, by the view's ID and the draft's number
	Told       = &Kind{"told", 7 * 24 * time.Hour, 10000} // watched messages whose author was told
	KeySets    = &Kind{"keys", 30 * 24 * time.Hour, 200}  // which keys an issuer's set had, by its origin
)

var kinds = []*Kind{Deliveries, Posts, Told, KeySets}

// Options configure a Store.
type Options struct {
	URL   redact.Secret // memory:, redis://…, rediss://…; empty is memory:
	Key   redact.Secret // seals what is kept: the same for all replicas. Without Redis it may be empty
	Log   *slog.Logger
	Now   func() time.Time
	Lease time.Duration // how long a claim outlives its replica: 30 s
}

// Store is the memory of one replica, and what it shares with the others. It is safe for concurrent use.
type Store struct {
	sealer redact.Sealer
	memory map[*Kind]*Recent[[]byte]
	shared *shared // nil: nothing is shared
	log    *slog.Logger
	now    func() time.Time
	lease  time.Duration

	down   atomic.Bool
	errors atomic.Int64
	lost   atomic.Int64
	life   context.Context // ends with Close
	end    context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	since  time.Time                     // when Redis was there again, or this replica began
	claims map[string]*Claim             // those under way
	missed []func(context.Context) error // writes that Redis still has to get, the oldest first

	saidLost bool // since Redis was gone last
}

// Open returns a store. Redis need not be there yet. Its error is a sentence about the URL, and quotes
// nothing of it.
func Open(o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{memory: map[*Kind]*Recent[[]byte]{}, log: o.Log, now: o.Now, lease: o.Lease, claims: map[string]*Claim{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.lease <= 0 {
		s.lease = 30 * time.Second
	}
	if o.Key.Len() == 0 {
		o.Key = redact.NewSecret(rand.Text())
	}
	s.sealer = redact.NewSealer(o.Key)
	for _, k := range kinds {
		s.memory[k] = NewRecent[[]byte](k.limit, k.ttl, o.Now)
	}
	address, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	s.life, s.end = context.WithCancel(context.Background())
	if address != nil {
		s.shared = newShared(address, prefixFor(o.Key))
		s.since = s.now()
		s.work.Go(s.renew)
	}
	return s, nil
}

// prefixFor keeps apps that share a Redis apart: what one has sealed is noise to the other.
func prefixFor(key redact.Secret) string {
	sum := sha256.Sum256([]byte("jwt-check-bot: a prefix, " + key.Expose()))
	return "jwt-check:" + hex.EncodeToString(sum[:4]) + ":"
}

// Close ends what the store does by itself. What it kept stays in Redis.
func (s *Store) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
	s.work.Wait()
	if s.shared != nil {
		_ = s.shared.client.Close()
	}
}

// Stats are what metrics and readiness show.
type Stats struct {
	Shared bool  // there is a Redis
	Up     bool  // it answers; true without one
	Errors int64 // calls of it that failed
	Lost   int64 // writes that it will never get
}

// Stats returns the figures of now.
func (s *Store) Stats() Stats {
	return Stats{Shared: s.shared != nil, Up: !s.down.Load(), Errors: s.errors.Load(), Lost: s.lost.Load()}
}

// Address is Redis's host and port, and whether the way there is encrypted; empty for the memory alone.
func (s *Store) Address() (hostPort string, encrypted bool) {
	if s.shared == nil {
		return "", false
	}
	o := s.shared.client.Options()
	return o.Addr, o.TLSConfig != nil
}

// Lease is how long a claim outlives the replica that holds it.
func (s *Store) Lease() time.Duration { return s.lease }

// Once reports whether this is the first time that any replica asks for key.
func (s *Store) Once(ctx context.Context, k *Kind, key string) bool {
	mark := []byte(rand.Text())
	if !s.memory[k].Add(key, mark) {
		return false
	}
	var held []byte
	answered := s.ask(ctx, func(ctx context.Context) (err error) {
		held, err = s.shared.claim(ctx, s.shared.key(k, key), "", mark, k.ttl, 0)
		return err
	})
	return !answered || bytes.Equal(held, mark)
}

// Remembers reports whether this replica has marked key with Once, without asking the others.
func (s *Store) Remembers(k *Kind, key string) bool {
	_, ok := s.memory[k].Get(key)
	return ok
}

// Forget takes key back: it is as if it had never been there.
func (s *Store) Forget(ctx context.Context, k *Kind, key string) {
	mine, _ := s.memory[k].Get(key)
	s.memory[k].Forget(key)
	s.write(ctx, func(ctx context.Context) error { return s.shared.forget(ctx, s.shared.key(k, key), mine) })
}

// Put keeps v, a pointer to a struct, under key. Its error is redact's: v is of no type that can be
// sealed, too large, or holds what looks like a credential.
func (s *Store) Put(ctx context.Context, k *Kind, key string, v any) error {
	_, err := s.Share(ctx, k, key, v)
	return err
}

// Share is Put, and reports whether the other replicas can read v by now. Where there is no Redis, there are none.
func (s *Store) Share(ctx context.Context, k *Kind, key string, v any) (known bool, err error) {
	closed, err := s.seal(ctx, k, key, v)
	if err != nil {
		return false, err
	}
	s.memory[k].Set(key, closed)
	return s.write(ctx, func(ctx context.Context) error { return s.shared.put(ctx, s.shared.key(k, key), closed, k.ttl) }), nil
}

// ErrUnreachable is Get's where another replica may have what was asked for.
var ErrUnreachable = errors.New("store: Redis does not answer")

// Get fills v with what is kept under key, and reports whether there is something that this bot sealed.
func (s *Store) Get(ctx context.Context, k *Kind, key string, v any) (found bool, err error) {
	var closed []byte
	answered := s.ask(ctx, func(ctx context.Context) (err error) {
		closed, err = s.shared.get(ctx, s.shared.key(k, key))
		return err
	})
	if !answered || len(closed) == 0 {
		closed, _ = s.memory[k].Get(key)
	}
	switch {
	case len(closed) > 0 && s.unseal(k, key, closed, v):
		return true, nil
	case !answered && s.shared != nil:
		return false, ErrUnreachable
	}
	return false, nil
}

// Update changes what is kept under key, which may be nothing yet, and returns what is kept then.
// Change may run several times, each time on what another replica has kept meanwhile.
func Update[T any](ctx context.Context, s *Store, k *Kind, key string, change func(*T)) T {
	const tries = 4
	for try := 1; ; try++ {
		var v T
		var before []byte
		answered := s.ask(ctx, func(ctx context.Context) (err error) {
			before, err = s.shared.get(ctx, s.shared.key(k, key))
			return err
		})
		if !answered || len(before) == 0 {
			local, _ := s.memory[k].Get(key)
			s.unseal(k, key, local, &v)
		} else {
			s.unseal(k, key, before, &v)
		}
		change(&v)
		closed, err := s.seal(ctx, k, key, &v)
		if err != nil {
			return v
		}
		swapped := false
		answered = answered && s.ask(ctx, func(ctx context.Context) (err error) {
			swapped, err = s.shared.swap(ctx, s.shared.key(k, key), before, closed, k.ttl)
			return err
		})
		if swapped || !answered || try == tries {
			s.memory[k].Set(key, closed)
			return v
		}
	}
}

// about binds a sealed value to where it is kept, so that none can be moved.
func about(k *Kind, key string) string { return k.name + ":" + key }

func (s *Store) seal(ctx context.Context, k *Kind, key string, v any) ([]byte, error) {
	return s.sealer.Seal(ctx, about(k, key), v)
}

// unseal reports whether closed was sealed for key; v is untouched or worthless where not.
func (s *Store) unseal(k *Kind, key string, closed []byte, v any) bool {
	return s.sealer.Open(about(k, key), closed, v) == nil
}
