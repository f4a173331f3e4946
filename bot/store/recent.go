package store

import (
	"container/list"
	"sync"
	"time"
)

// Recent remembers a bounded number of things for a bounded time; the oldest goes first.
type Recent[V any] struct {
	mu    sync.Mutex
	limit int
	ttl   time.Duration
	now   func() time.Time
	byKey map[string]*list.Element
	order *list.List // of *remembered[V], the oldest first
}

type remembered[V any] struct {
	key   string
	value V
	until time.Time
}

// NewRecent remembers at most limit things, each for ttl.
func NewRecent[V any](limit int, ttl time.Duration, now func() time.Time) *Recent[V] {
	return &Recent[V]{limit: limit, ttl: ttl, now: now, byKey: map[string]*list.Element{}, order: list.New()}
}

// Add remembers v under key, and reports whether the key was new.
func (r *Recent[V]) Add(key string, v V) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for e := r.order.Front(); e != nil && now.After(of[V](e).until); e = r.order.Front() {
		r.forget(e)
	}
	if r.byKey[key] != nil {
		return false
	}
	for e := r.order.Front(); e != nil && len(r.byKey) >= r.limit; e = r.order.Front() {
		r.forget(e)
	}
	r.byKey[key] = r.order.PushBack(&remembered[V]{key, v, now.Add(r.ttl)})
	return true
}

// Get returns what is remembered under key.
func (r *Recent[V]) Get(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.byKey[key]
	if e == nil || r.now().After(of[V](e).until) {
		var none V
		return none, false
	}
	return of[V](e).value, true
}

// Forget takes key back.
func (r *Recent[V]) Forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.byKey[key]; e != nil {
		r.forget(e)
	}
}

// forget is Forget with r.mu held.
func (r *Recent[V]) forget(e *list.Element) { delete(r.byKey, r.order.Remove(e).(*remembered[V]).key) }

func of[V any](e *list.Element) *remembered[V] { return e.Value.(*remembered[V]) }

// Set remembers v under key in place of what was there.
func (r *Recent[V]) Set(key string, v V) {
	r.Forget(key)
	r.Add(key, v)
}

// each calls f with what is remembered, the oldest first.
func (r *Recent[V]) each(f func(key string, v V)) {
	r.mu.Lock()
	now := r.now()
	live := make([]*remembered[V], 0, len(r.byKey))
	for e := r.order.Front(); e != nil; e = e.Next() {
		if m := of[V](e); !now.After(m.until) {
			live = append(live, m)
		}
	}
	r.mu.Unlock()
	for _, m := range live {
		f(m.key, m.value)
	}
}
