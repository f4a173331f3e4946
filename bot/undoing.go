package bot

import "sync"

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
