package bot

import (
	"context"
	"slices"
	"sync"

	"jwt-check-bot/bot/slack"
)

// undoing holds what was accepted until an acknowledgement of it is written: the work that begins then,
// and what has to be taken back should none be. The same may be delivered on two sockets at once, and
// either acknowledgement may be the one that is never written.
type undoing struct {
	mu    sync.Mutex
	byKey map[string]*acceptance
	byID  map[string]*acceptance // by delivery
}

type acceptance struct {
	key  string
	ids  []string
	due  int // acknowledgements that are yet to be written
	work slack.Work
	undo func()
}

func newUndoing() *undoing {
	return &undoing{byKey: map[string]*acceptance{}, byID: map[string]*acceptance{}}
}

// add returns the work to do once the delivery is acknowledged. Undo must not call back.
func (u *undoing) add(id, key string, work slack.Work, undo func()) slack.Work {
	u.mu.Lock()
	defer u.mu.Unlock()
	e := &acceptance{key: key, work: work, undo: undo}
	u.byKey[key] = e
	return u.join(e, id)
}

// again is add for a further delivery of the same: nil where one is acknowledged already.
func (u *undoing) again(id, key string) slack.Work {
	u.mu.Lock()
	defer u.mu.Unlock()
	if e := u.byKey[key]; e != nil {
		return u.join(e, id)
	}
	return nil
}

// join has one more delivery stand for e. Call with u.mu held.
func (u *undoing) join(e *acceptance, id string) slack.Work {
	e.due++
	if !slices.Contains(e.ids, id) {
		e.ids = append(e.ids, id)
		u.byID[id] = e
	}
	return func(ctx context.Context) {
		u.mu.Lock()
		first := u.byKey[e.key] == e
		u.drop(e)
		u.mu.Unlock()
		if first {
			e.work(ctx)
		}
	}
}

// drop forgets e. Call with u.mu held.
func (u *undoing) drop(e *acceptance) {
	if u.byKey[e.key] == e {
		delete(u.byKey, e.key)
	}
	for _, id := range e.ids {
		if u.byID[id] == e {
			delete(u.byID, id)
		}
	}
}

// undo is told of a delivery whose acknowledgement was not written.
func (u *undoing) undo(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	e := u.byID[id]
	if e == nil {
		return
	}
	if e.due--; e.due == 0 {
		u.drop(e)
		e.undo()
	}
}
