package bot

import (
	"sync"
	"time"
)

// recent remembers a bounded number of things for a bounded time; the oldest goes first.
type recent[V any] struct {
	mu    sync.Mutex
	limit int
	ttl   time.Duration
	now   func() time.Time
	byKey map[string]remembered[V]
	order []string
}

type remembered[V any] struct {
	value V
	until time.Time
}

func newRecent[V any](limit int, ttl time.Duration, now func() time.Time) *recent[V] {
	return &recent[V]{limit: limit, ttl: ttl, now: now, byKey: map[string]remembered[V]{}}
}

// add remembers v under key, and reports whether the key was new.
func (r *recent[V]) add(key string, v V) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for len(r.order) > 0 && (len(r.order) >= r.limit || now.After(r.byKey[r.order[0]].until)) {
		delete(r.byKey, r.order[0])
		r.order = r.order[1:]
	}
	if _, ok := r.byKey[key]; ok {
		return false
	}
	r.byKey[key] = remembered[V]{v, now.Add(r.ttl)}
	r.order = append(r.order, key)
	return true
}

// get returns what is remembered under key.
func (r *recent[V]) get(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.byKey[key]
	if !ok || r.now().After(e.until) {
		var none V
		return none, false
	}
	return e.value, true
}
