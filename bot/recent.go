package bot

import (
	"slices"
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

// forget takes key back.
func (r *recent[V]) forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.byKey[key]; ok {
		delete(r.byKey, key)
		r.order = slices.DeleteFunc(r.order, func(k string) bool { return k == key })
	}
}

// undoing holds, by delivery, what has to be taken back should its acknowledgement not be written.
type undoing struct {
	mu   sync.Mutex
	byID map[string]func()
}

func newUndoing() *undoing { return &undoing{byID: map[string]func(){}} }

func (u *undoing) add(id string, f func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.byID[id] = f
}

// settle says that the delivery was acknowledged.
func (u *undoing) settle(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.byID, id)
}

func (u *undoing) undo(id string) {
	u.mu.Lock()
	f := u.byID[id]
	delete(u.byID, id)
	u.mu.Unlock()
	if f != nil {
		f()
	}
}
