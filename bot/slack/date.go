package slack

import (
	"net/http"
	"time"
)

// reading is what Slack's clock can be read from: when a call was sent and its answer came, by our
// clock, and the answer's Date, by Slack's.
type reading struct{ sent, came, date time.Time }

// note keeps the last reading. A cache's answer is of another time.
func (c *Client) note(sent time.Time, h http.Header) {
	date, err := http.ParseTime(h.Get("Date"))
	if err == nil && h.Get("Age") == "" {
		c.read.Store(&reading{sent, c.clock.now(), date})
	}
}

// Clock returns the last reading of Slack's clock; the zero instants before the first.
func (c *Client) Clock() (sent, came, date time.Time) {
	if r := c.read.Load(); r != nil {
		return r.sent, r.came, r.date
	}
	return time.Time{}, time.Time{}, time.Time{}
}
