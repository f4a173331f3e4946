package bot

import (
	"maps"
	"slices"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/probe"
)

// Ask has e ask one more check, at the end of the ladder: how a fault is put into one.
func (e *Examiner) Ask(c *checks.Check) {
	e.ladder = append(e.ladder[:len(e.ladder):len(e.ladder)], c)
}

// Handled are the types of the events that an App handles.
func Handled() []string { return slices.Sorted(maps.Keys(handlers)) }

// Target has the first environment ask these servers.
func (e *Examiner) Target(t probe.Target) { e.environments[0].Ask = t }

// Occupy takes a place in the queue, as somebody's check would, until it is given up.
func (a *App) Occupy(user string) (leave func()) { return a.queue.join(line{user: user}).leave }

// RepeatAfter is how long a view that may be covered is left before it is shown once more, and its multiples.
const RepeatAfter = repeatAfter
