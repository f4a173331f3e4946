package bot

import (
	"maps"
	"slices"

	"jwt-check-bot/checks"
)

// Ask has e ask one more check, at the end of the ladder: how a fault is put into one.
func (e *Examiner) Ask(c *checks.Check) {
	e.ladder = append(e.ladder[:len(e.ladder):len(e.ladder)], c)
}

// Handled are the types of the events that an App handles.
func Handled() []string { return slices.Sorted(maps.Keys(handlers)) }
