package store

import (
	"slices"
	"sync"
	"time"
)

// Recent remembers a bounded number of things for a bounded time; the oldest goes first.
type Recent[V any] struct {
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

// NewRecent remembers at most limit things, each for ttl.
func NewRecent[V any](limit int, ttl time.Duration, now func() time.Time) *Recent[V] {
	return &Recent[V]{limit: limit, ttl: ttl, now: now, byKey: map[string]remembered[V]{}}
}

// Add remembers v under key, and reports whether the key was new.
func (r *Recent[V]) Add(key string, v V) bool {
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

// Get returns what is remembered under key.
func (r *Recent[V]) Get(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.byKey[key]
	if !ok || r.now().After(e.until) {
		var none V
		return none, false
	}
	return e.value, true
}

// Forget takes key back.
func (r *Recent[V]) Forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.byKey[key]; ok {
		delete(r.byKey, key)
		r.order = slices.DeleteFunc(r.order, func(k string) bool { return k == key })
	}
}

// Set remembers v under key in place of what was there.
func (r *Recent[V]) Set(key string, v V) {
	r.Forget(key)
	r.Add(key, v)
}

// each calls f with what is remembered, the oldest first.
func (r *Recent[V]) each(f func(key string, v V)) {
	r.mu.Lock()
	now := r.now()
	live := make([]string, 0, len(r.order))
	values := make([]V, 0, len(r.order))
	for _, key := range r.order {
		if e := r.byKey[key]; !now.After(e.until) {
			live, values = append(live, key), append(values, e.value)
		}
	}
	r.mu.Unlock()
	for i, key := range live {
		f(key, values[i])
	}
}
