package workspace

import (
	"slices"
	"time"
)

// maxEntries bounds the record, which goes to the page whole.
const maxEntries = 100

// Entry is a line of the record: something that went on between the workspace and the app that was not plain sailing.
// It has names and codes of Slack's and of this package alone, nothing that the app or a person wrote.
type Entry struct {
	N       int       `json:"n"` // counts from 1
	At      time.Time `json:"at"`
	Kind    EntryKind `json:"kind"`
	What    string    `json:"what"`              // a method, a kind of envelope, or "ack" or "socket" for a refused frame
	Code    string    `json:"code"`              // Slack's error, the reason of a disconnect, or why a frame was refused
	Status  int       `json:"status,omitempty"`  // of HTTP, where a fault or a limit answered
	Seconds int       `json:"seconds,omitempty"` // of Retry-After, or without an answer
	Open    int       `json:"open"`              // connections after it
}

// EntryKind is what an Entry is about.
type EntryKind string

// All kinds of entries.
const (
	Connected    EntryKind = "connected"    // a connection was opened
	Disconnected EntryKind = "disconnected" // the end of all connections was announced, with a reason
	Closed       EntryKind = "closed"       // a connection ended
	Redelivered  EntryKind = "redelivered"  // an envelope was sent once more
	Refused      EntryKind = "refused"      // a call or a frame was
	Limited      EntryKind = "limited"      // a call was answered with 429
	Failed       EntryKind = "failed"       // a call met a fault instead of being worked
	Hung         EntryKind = "hung"         // a call was left without an answer for a while
)

// Record lists what went on between the workspace and the app, oldest first; past its bound the oldest goes.
func (w *Workspace) Record() []Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.entries)
}

// note adds to the record. The lock is held.
func (w *Workspace) note(e Entry) {
	w.noted++
	e.N, e.At, e.Open = w.noted, w.opt.Now(), len(w.links)
	if len(w.entries) == maxEntries {
		w.entries = slices.Delete(slices.Clone(w.entries), 0, 1) // a state may still have the old one
	}
	w.entries = append(w.entries, e)
	w.change()
}
