package store

import (
	"bytes"
	"context"
	"strings"
	"time"
)

// Claim is this replica's hold on one piece of work, for one goroutine. It lasts for as long as the replica lives and
// until the first Done, Undo or Leave; if the replica dies, another one finds it among the Abandoned.
type Claim struct {
	Kind *Kind
	Key  string

	store *Store
	ended bool
}

// Claim returns the hold on key, or nil where somebody has or had it. V, a pointer to a struct, is what
// whoever finds it abandoned needs to know: Get reads it until something else is kept. Where nothing is
// shared nobody finds it, and v is not kept.
func (s *Store) Claim(ctx context.Context, k *Kind, key string, v any) (*Claim, error) {
	var closed []byte
	if s.shared != nil {
		var err error
		if closed, err = s.seal(ctx, k, key, v); err != nil {
			return nil, err
		}
	}
	if !s.memory[k].Add(key, closed) {
		return nil, nil
	}
	var held []byte
	c := &Claim{Kind: k, Key: key, store: s}
	s.hold(c)
	answered := s.ask(ctx, func(ctx context.Context) (err error) {
		held, err = s.shared.claim(ctx, s.shared.key(k, key), about(k, key), closed, k.ttl, s.lease)
		return err
	})
	if !answered || bytes.Equal(held, closed) {
		return c, nil
	}
	s.release(c)
	s.memory[k].Forget(key) // what the winner keeps there is newer
	return nil, nil
}

// Keep puts v in place of what is kept with the claim.
func (c *Claim) Keep(ctx context.Context, v any) error {
	return c.store.Put(ctx, c.Kind, c.Key, v)
}

// Done says that the work has ended: nobody else needs to see to it, and nobody may do it again.
func (c *Claim) Done(ctx context.Context) {
	if c.ended {
		return
	}
	c.ended = true
	s := c.store
	s.release(c)
	s.write(ctx, func(ctx context.Context) error { return s.shared.close(ctx, about(c.Kind, c.Key)) })
}

// Undo takes the claim back, unless it has ended: the work may be claimed again.
func (c *Claim) Undo(ctx context.Context) {
	if c.ended {
		return
	}
	c.Done(ctx)
	c.store.Forget(ctx, c.Kind, c.Key)
}

// Leave gives the hold up, unless the claim has ended: another replica will find it abandoned.
func (c *Claim) Leave() {
	if !c.ended {
		c.ended = true
		c.store.release(c)
	}
}

func (s *Store) hold(c *Claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims[about(c.Kind, c.Key)] = c
}

func (s *Store) release(c *Claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.claims, about(c.Kind, c.Key))
}

// held are the claims under way, as Redis knows them.
func (s *Store) held() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]string, 0, len(s.claims))
	for member := range s.claims {
		list = append(list, member)
	}
	return list
}

// renew keeps this replica's claims alive. It asks also where there are none, so that no replica can take
// others for dead that were without Redis for as long as it was.
func (s *Store) renew() {
	tick := time.NewTicker(s.lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case <-tick.C:
		}
		s.ask(s.life, func(ctx context.Context) error {
			return survived(func() error { return s.shared.renew(ctx, s.held(), s.lease, true) })
		})
	}
}

// Abandoned returns some claims whose replica has died, with a hold of this replica on each. None are
// returned to two replicas at once, and none for one lease after Redis was gone: until then the living,
// who could not renew theirs, look as if they were dead.
func (s *Store) Abandoned(ctx context.Context) []*Claim {
	if !s.settled() {
		return nil
	}
	var members []string
	s.ask(ctx, func(ctx context.Context) (err error) {
		members, err = s.shared.overdue(ctx, s.lease)
		return err
	})
	var list []*Claim
	for _, member := range members {
		if c := s.find(member); c != nil {
			s.hold(c)
			list = append(list, c)
			continue
		}
		s.ask(ctx, func(ctx context.Context) error { return s.shared.close(ctx, member) }) // nobody of ours wrote that
	}
	return list
}

// settled reports whether Redis has been there for a whole lease.
func (s *Store) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().Sub(s.since) >= s.lease
}

// find is the claim that a member of the list of those under way stands for, if it is one of ours.
func (s *Store) find(member string) *Claim {
	name, key, _ := strings.Cut(member, ":")
	for _, k := range kinds {
		if k.name == name && key != "" && len(key) <= longestKey {
			return &Claim{Kind: k, Key: key, store: s}
		}
	}
	return nil
}
