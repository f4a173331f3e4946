package slack

import (
	"net/http"
	"time"
)

// reading is what Slack's clock can be read from: when a call was sent and its answer came, by our
// clock, and the answer's Date, by Slack's.
type reading struct {
	sent, came, date time.Time
	written          string // the Date as it stood
}

// note keeps the last reading. A cache's answer is of another time.
func (c *Client) note(sent time.Time, h http.Header) {
	written, came := h.Get("Date"), c.clock.now()
	if last := c.read.Load(); last != nil && last.written == written && came.Sub(last.came) < time.Second {
		return // which it shows as well
	}
	date, err := http.ParseTime(written)
	if err == nil && h.Get("Age") == "" {
		c.read.Store(&reading{sent, came, date, written})
	}
}

// Clock returns the last reading of Slack's clock; the zero instants before the first.
func (c *Client) Clock() (sent, came, date time.Time) {
	if r := c.read.Load(); r != nil {
		return r.sent, r.came, r.date
	}
	return time.Time{}, time.Time{}, time.Time{}
}
