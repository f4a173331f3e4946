package slack

import (
	"errors"
	"slices"
	"sync/atomic"
)

// Stats is what has been counted since New, for metrics and tests.
type Stats struct {
	Opens          int64 // calls of apps.connections.open
	Connections    int64 // sockets that said hello
	Counted        int64 // sockets of this app, of all replicas, that Slack counted when one of them said hello last
	Disconnects    int64 // sockets that ended, whoever ended them
	Envelopes      int64
	Acknowledged   int64 // written to the socket
	Unacknowledged int64 // could not be written
	Undecodable    int64
	Unknown        int64 // envelopes of a kind that nobody here handles
	Withheld       int64 // requests and frames that the last scan stopped
	Panics         int64
	Calls, Retries int64            // requests to the Web API, and how many of them were repetitions
	Outcomes       map[string]int64 // how those that ended did, by a word; all words are there
	Working        int              // pieces of Work under way
}

type counters struct {
	opens, connections, counted, disconnects, envelopes, acknowledged, unacknowledged, undecodable, unknown, withheld, panics, calls, retries atomic.Int64

	outcomes [len(outcomes)]atomic.Int64
}

// Stats returns the counts of now.
func (c *Client) Stats() Stats {
	s := &c.stats
	ended := map[string]int64{}
	for i, word := range outcomes {
		ended[word] = s.outcomes[i].Load()
	}
	return Stats{
		Opens: s.opens.Load(), Connections: s.connections.Load(), Counted: s.counted.Load(), Disconnects: s.disconnects.Load(),
		Envelopes: s.envelopes.Load(), Acknowledged: s.acknowledged.Load(), Unacknowledged: s.unacknowledged.Load(),
		Undecodable: s.undecodable.Load(), Unknown: s.unknown.Load(), Withheld: s.withheld.Load(), Panics: s.panics.Load(),
		Calls: s.calls.Load(), Retries: s.retries.Load(), Outcomes: ended, Working: c.work.count(),
	}
}

// outcomes are the words for how a request may end.
var outcomes = [...]string{"ok", "rate_limited", "refused", "unreachable", "timeout", "server_error", "canceled", "not_sent"}

// ended counts a request.
func (s *counters) ended(err error) {
	word := "ok"
	if err != nil {
		word = "not_sent" // withheld
	}
	if e, ok := errors.AsType[*Error](err); ok {
		word = e.outcome()
	}
	s.outcomes[slices.Index(outcomes[:], word)].Add(1)
}

// outcome is one of the words above.
func (e *Error) outcome() string {
	switch e.Code {
	case CodeRateLimited:
		return "rate_limited"
	case CodeUnreachable, CodeTimeout, CodeCanceled:
		return e.Code
	case CodeNoText, CodeBadID, CodeBadModal, CodeBadURL:
		return "not_sent"
	}
	if e.Unclear() {
		return "server_error"
	}
	return "refused"
}
