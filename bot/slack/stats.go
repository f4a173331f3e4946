package slack

import "sync/atomic"

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
	Calls, Retries int64 // requests to the Web API, and how many of them were repetitions
	Working        int   // pieces of Work under way
}

type counters struct {
	opens, connections, counted, disconnects, envelopes, acknowledged, unacknowledged, undecodable, unknown, withheld, panics, calls, retries atomic.Int64
}

// Stats returns the counts of now.
func (c *Client) Stats() Stats {
	s := &c.stats
	return Stats{
		Opens: s.opens.Load(), Connections: s.connections.Load(), Counted: s.counted.Load(), Disconnects: s.disconnects.Load(),
		Envelopes: s.envelopes.Load(), Acknowledged: s.acknowledged.Load(), Unacknowledged: s.unacknowledged.Load(),
		Undecodable: s.undecodable.Load(), Unknown: s.unknown.Load(), Withheld: s.withheld.Load(), Panics: s.panics.Load(),
		Calls: s.calls.Load(), Retries: s.retries.Load(), Working: c.work.count(),
	}
}
