package bot

import (
	"slices"
	"sync"

	"jwt-check-bot/redact"
)

// queueLength is Options.Queue where nothing else is said.
const queueLength = 200

// queue lets checks begin in the order in which they were accepted: a bounded number at a time, and of
// each requester's in a thread one. Results that wait to be posted hold no check up, but a bounded
// number of them, with the checks that wait, is all that is kept.
type queue struct {
	limit, room int

	mu       sync.Mutex
	underWay int
	posting  int
	busy     map[line]bool
	waiting  []*ticket
}

// line is what one check at a time may be made in.
type line struct{ user, channel, thread string }

// ticket is a check's place in the queue, until it leaves.
type ticket struct {
	queue *queue
	line  line
	turn  chan struct{} // closed when the check may begin
	stage stage         // under queue.mu
}

type stage uint8

const (
	waits stage = iota
	underWay
	posts
	left
)

func newQueue(limit, room int) *queue {
	return &queue{limit: limit, room: room, busy: map[line]bool{}}
}

// join returns a place, or nil where the queue is full.
func (q *queue) join(l line) *ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	t := &ticket{queue: q, line: l, turn: make(chan struct{})}
	begins := q.underWay < q.limit && !q.busy[l]
	if kept := len(q.waiting) + q.posting; kept > q.room || kept == q.room && !begins {
		return nil
	}
	q.waiting = append(q.waiting, t)
	q.advance()
	return t
}

// advance has those begin whose turn it is. Call with q.mu held.
func (q *queue) advance() {
	q.waiting = slices.DeleteFunc(q.waiting, func(t *ticket) bool {
		if q.underWay >= q.limit || q.busy[t.line] {
			return false
		}
		q.underWay++
		q.busy[t.line] = true
		t.stage = underWay
		close(t.turn)
		return true
	})
}

// leave gives the place up, whether or not the turn has come. It may be called twice, and of none.
func (t *ticket) leave() {
	if t == nil {
		return
	}
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	switch t.stage {
	case left:
		return
	case waits:
		q.waiting = slices.DeleteFunc(q.waiting, func(o *ticket) bool { return o == t })
	case underWay:
		q.underWay--
	case posts:
		q.posting--
	}
	if t.stage != waits {
		delete(q.busy, t.line)
	}
	t.stage = left
	q.advance()
}

// examined has the next check begin while the result of this one is posted.
func (t *ticket) examined() {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.stage == underWay {
		t.stage = posts
		q.underWay--
		q.posting++
		q.advance()
	}
}

// place is 0 for a check whose turn has come, 1 for the next one, and so on.
func (t *ticket) place() int {
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	return slices.Index(t.queue.waiting, t) + 1
}

// counts are how many checks are under way and how many wait.
func (q *queue) counts() (underWay, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.underWay, len(q.waiting)
}

// inLine says a place in words.
func inLine(place int) redact.Text {
	switch place {
	case 1:
		return redact.Const("next in line")
	case 2:
		return redact.Const("second in line")
	case 3:
		return redact.Const("third in line")
	case 4:
		return redact.Const("fourth in line")
	case 5:
		return redact.Const("fifth in line")
	}
	return redact.Policy{}.Text(redact.Msg("number {} in line", redact.Count(place)))
}
