package store

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// ask runs f against Redis and reports whether it was answered. A call may outlast its caller by a
// second: what has to be taken back when the bot ends must be taken back then too.
func (s *Store) ask(ctx context.Context, f func(context.Context) error) bool {
	if s.shared == nil || s.down.Load() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	err := f(ctx)
	if err == nil || errors.Is(err, redis.Nil) {
		return true
	}
	s.errors.Add(1)
	// A key that is a stranger's, or a moment with too much to do, is no reason to do without the others.
	if !stranger(err) && !errors.Is(err, redis.ErrPoolTimeout) {
		s.failed(err)
	}
	return false
}

// stranger reports whether somebody else keeps another type of value where ours should be.
func stranger(err error) bool { return redis.HasErrorPrefix(err, "WRONGTYPE") }

// maxMissed bounds the writes that wait for Redis to be back.
const maxMissed = 500

// write is ask for what must not be lost: while Redis is gone it waits.
func (s *Store) write(ctx context.Context, f func(context.Context) error) bool {
	if s.shared == nil {
		return false
	}
	for range 2 { // it may be back between the question and the lock
		if s.ask(ctx, f) {
			return true
		}
		if s.wait(f) {
			return false
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.giveUp()
	return false
}

// wait has f run when Redis is back, and reports whether that is to be waited for.
func (s *Store) wait(f func(context.Context) error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.down.Load() {
		return false
	}
	if len(s.missed) < maxMissed {
		s.missed = append(s.missed, f)
	} else {
		s.giveUp()
	}
	return true
}

// giveUp counts a write that Redis will never get. Call with s.mu held.
func (s *Store) giveUp() {
	s.lost.Add(1)
	if !s.saidLost {
		s.saidLost = true
		s.log.Warn("something was not kept in the store and never will be: other replicas may do it again, or not know of it; further ones are counted alone")
	}
}

// failed turns to the memory alone, and begins to look out for Redis.
func (s *Store) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.down.CompareAndSwap(false, true) {
		return
	}
	s.log.Warn("the store does not answer: going on with this replica's memory until it does", "reason", reason(err))
	s.work.Go(s.lookOut)
}

// Delays between two looks at a Redis that does not answer.
const (
	firstLook = 250 * time.Millisecond
	lastLook  = 5 * time.Second
)

// lookOut waits until Redis answers, and gives it what was remembered meanwhile.
func (s *Store) lookOut() {
	for wait := firstLook; ; wait = min(2*wait, lastLook) {
		timer := time.NewTimer(wait)
		select {
		case <-s.life.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if survived(s.heal) != nil {
			s.errors.Add(1)
			continue
		}
		s.log.Info("the store answers again")
		return
	}
}

var errFault = errors.New("store: a fault of its own")

// survived runs f in a goroutine of the store's own, where a panic would end the process.
func survived(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errFault
		}
	}()
	return f()
}

// heal writes what this replica remembers to Redis, where that lacks it: what was claimed, shown or
// told while it was gone, or before if it comes back empty. Then follow the writes that it missed.
func (s *Store) heal() error {
	if err := s.step(s.shared.probe); err != nil {
		return err
	}
	for _, k := range kinds {
		if err := s.restore(k); err != nil {
			return err
		}
	}
	err := s.step(func(ctx context.Context) error { return s.shared.renew(ctx, s.held(), s.lease, false) })
	if err != nil && !stranger(err) {
		return err
	}
	for {
		s.mu.Lock()
		if len(s.missed) == 0 {
			s.since, s.saidLost = s.now(), false
			s.down.Store(false) // with the lock held, so that no write is missed in between
			s.mu.Unlock()
			return nil
		}
		next := s.missed[0]
		s.mu.Unlock()
		err := s.step(next)
		if err != nil && !stranger(err) {
			return err
		}
		s.mu.Lock()
		if err != nil {
			s.giveUp()
		}
		s.missed = s.missed[1:]
		s.mu.Unlock()
	}
}

// step is one call while the store is down.
func (s *Store) step(f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(s.life, callTimeout)
	defer cancel()
	return f(ctx)
}

// restore writes what is remembered of a kind, where there is nothing.
func (s *Store) restore(k *Kind) error {
	const atOnce = 200
	var keys []string
	var values [][]byte
	s.memory[k].each(func(key string, value []byte) { keys, values = append(keys, key), append(values, value) })
	for len(keys) > 0 {
		n := min(atOnce, len(keys))
		err := s.step(func(ctx context.Context) error {
			_, err := s.shared.client.Pipelined(ctx, func(p redis.Pipeliner) error {
				for i := range n {
					p.SetNX(ctx, s.shared.key(k, keys[i]), values[i], k.ttl)
				}
				return nil
			})
			return err
		})
		if err != nil {
			return err
		}
		keys, values = keys[n:], values[n:]
	}
	return nil
}

// Ping asks Redis whether it can be used, and says in words of our own what is wrong. Reached means
// that something answered.
func (s *Store) Ping(ctx context.Context) (reached bool, err error) {
	if s.shared == nil {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*callTimeout)
	defer cancel()
	if err := s.shared.probe(ctx); err != nil {
		_, reached := errors.AsType[redis.Error](err)
		return reached, errors.New(reason(err))
	}
	return true, nil
}

// reason is what is wrong with Redis, in a word or two: its errors may name addresses and users.
func reason(err error) string {
	for prefix, says := range map[string]string{
		"NOAUTH": "it wants a password", "WRONGPASS": "it refuses the user or the password", "NOPERM": "it refuses the user a command",
		"LOADING": "it is still loading its data", "READONLY": "it is a read-only replica", "OOM": "it is full",
		"MISCONF": "it cannot save its data", "MASTERDOWN": "it has lost its primary", "CLUSTERDOWN": "its cluster is down",
		"max number of clients": "it has too many clients", "MOVED": "it is a part of a cluster", "DB index": "it has no such database",
		"unknown command": "it lacks a command", "invalid password": "it refuses the password",
	} {
		if redis.HasErrorPrefix(err, prefix) {
			return says
		}
	}
	_, unnamed := errors.AsType[*net.DNSError](err)
	timeout, network := errors.AsType[net.Error](err)
	switch {
	case unnamed:
		return "its name is not found"
	case errors.Is(err, context.DeadlineExceeded), network && timeout.Timeout():
		return "it does not answer in time"
	case strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "x509: "):
		return "no TLS connection is possible"
	}
	return "it cannot be reached"
}
