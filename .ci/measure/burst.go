package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

const burstSize = 10_000

// burst is what became of submissions that came all at once, while the issuer did not answer and Slack took no message.
type burst struct {
	sent, lost, late, unanswered int // unanswered are pings
	refused, counted             int // for want of a place: by the acknowledgements, and by the bot's own count
	slowest                      time.Duration
	more                         float64 // MiB over what it had before
}

// stall has requests wait until it is closed.
type stall chan struct{}

func (s stall) around(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s:
			h.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

// withMetrics adds a place for the bot's metrics to its environment, and returns their address.
func (a *app) withMetrics() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port, free again at once
	if err != nil {
		return "", err
	}
	defer l.Close()
	a.env = append(a.env, "JWT_CHECK_HTTP_ADDR="+l.Addr().String())
	return "http://" + l.Addr().String() + "/metrics", nil
}

func (a *app) burst(m *material, issuer stall) (b burst, err error) {
	metrics, err := a.withMetrics()
	if err != nil {
		return b, err
	}
	if err := a.start(); err != nil {
		return b, err
	}
	defer func() {
		if stopped := a.stop(); err == nil {
			err = stopped
		}
	}()
	time.Sleep(time.Second) // what it does at its start is over
	idle, err := a.memory("VmRSS")
	if err != nil {
		return b, err
	}
	a.mu.Lock()
	a.busy = true
	a.mu.Unlock()
	if _, err := a.load(m, burstSize, burstSize, false); err != nil {
		return b, err
	}
	peak, err := a.memory("VmHWM")
	if err != nil {
		return b, err
	}
	b.more = peak - idle
	if b.counted, err = counted(metrics); err != nil {
		return b, err
	}
	close(issuer)
	a.mu.Lock()
	a.busy = false
	b.sent, b.refused = len(a.sent), a.refused
	a.mu.Unlock()
	if err := a.wait(func() bool { return a.posted == b.sent-b.refused }); err != nil {
		return b, err
	}
	if err := a.wait(func() bool { return a.pongs == a.pings }); err != nil {
		return b, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	b.unanswered = a.pings - a.pongs
	for _, s := range a.sent {
		if s.acked == 0 {
			b.lost++
		} else if s.acked > 3*time.Second {
			b.late++
		}
		b.slowest = max(b.slowest, s.acked)
	}
	return b, nil
}

var refusals = regexp.MustCompile(`(?m)^jwt_check_queue_refusals_total (\d+)$`)

// counted is how many the bot says that it has refused.
func counted(metrics string) (int, error) {
	answer, err := http.Get(metrics)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	found := refusals.FindSubmatch(body)
	if found == nil {
		return 0, fmt.Errorf("no count of refusals at %s", metrics)
	}
	return strconv.Atoi(string(found[1]))
}
