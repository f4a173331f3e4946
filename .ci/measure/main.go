// Command measure has the bot and its peers do the same work in the same run, each as a process of its own against a
// Slack that this process plays, and prints how they compare: goals 5 to 9. The peers are slack-go's
// socketmode with golang-jwt (.ci/peers) and Bolt with jose (.ci/node, where npm ci must have run).
//
//	go run ./.ci/measure [-rounds 5] [-count 1000]     from the top of the repository
//
// Times and sizes are printed beside their goals, and judge nothing: a machine may be busy. What is lost or late of
// our own ends it with an error. In a round the bots take turns, so that a busy moment meets all of them; a ratio is
// the median of the rounds' ratios.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	underWay     = 256
	checksAtOnce = 64
	jobsUnderWay = 128 // a place in our queue is held until the view shows the result, some time after the post has arrived
)

var (
	rounds = flag.Int("rounds", 5, "rounds under load")
	count  = flag.Int("count", 1000, "submissions of a round")
)

func main() {
	flag.Parse()
	if err := measure(); err != nil {
		log.Fatal(err)
	}
}

func measure() error {
	dir, err := os.MkdirTemp("", "measure")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	m, err := newMaterial()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	set := m.ring.JWKS(keyID)
	keys := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(set)
	})
	stalled := make(stall)
	late := stalled.around(keys)
	jwks := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "stalled" {
			late.ServeHTTP(w, r)
			return
		}
		keys.ServeHTTP(w, r)
	})}
	go func() { _ = jwks.Serve(l) }()
	defer jwks.Close()
	url := "http://" + l.Addr().String() + "/jwks.json"

	bin := func(name string) string { return filepath.Join(dir, name) }
	for name, args := range map[string][]string{
		"jwt-check-bot": {"./cmd/jwt-check-bot"}, "ours": {"./.ci/measure/ours"}, "slack-go": {"-C", ".ci/peers", "."},
	} {
		at := 0
		if args[0] == "-C" {
			at = 2 // go build -C must stand first
		}
		args = append(append(append([]string{"build"}, args[:at]...), "-trimpath", "-ldflags", "-s -w", "-o", bin(name)), args[at:]...)
		build := exec.Command("go", args...)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("%s does not build: %w", name, err)
		}
	}

	peer := []string{"ISSUER=" + issuer, "AUDIENCE=" + audience, "JWKS_URL=" + url}
	ack := []string{"PEER=ack"}
	bolt := []string{"node", ".ci/node/bolt.mjs"}
	configured := []string{"JWT_CHECK_PROFILES=production", "JWT_CHECK_PRODUCTION_ISSUER=" + issuer, "JWT_CHECK_PRODUCTION_AUDIENCE=" + audience}
	acks := []*app{
		{name: "ours", command: []string{bin("ours")}, env: ack},
		{name: "slack-go", command: []string{bin("slack-go")}, env: ack},
		{name: "Bolt", command: bolt, env: ack},
	}
	jobs := []*app{
		{name: "ours", command: []string{bin("jwt-check-bot"), "serve"}, forms: true,
			env: append(configured, "JWT_CHECK_PRODUCTION_JWKS_URL="+url, fmt.Sprintf("JWT_CHECK_CONCURRENCY=%d", checksAtOnce))},
		{name: "slack-go + golang-jwt", command: []string{bin("slack-go")}, env: peer},
		{name: "Bolt + jose", command: bolt, env: peer},
		{name: "ours, with no check", command: []string{bin("ours")}, env: peer}, // the floor under our own
	}
	if err := footprint(jobs); err != nil {
		return err
	}
	if err := under(m, acks, underWay, false); err != nil {
		return err
	}
	if err := under(m, jobs, jobsUnderWay, true); err != nil {
		return err
	}
	renewals, err := renew(m, acks)
	if err != nil {
		return err
	}
	crowded := &app{name: "ours", command: jobs[0].command, forms: true, env: append(configured, "JWT_CHECK_PRODUCTION_JWKS_URL="+url+"?stalled")}
	b, err := crowded.burst(m, stalled)
	if err != nil {
		return err
	}
	if b.lost > 0 || b.late > 0 || b.unanswered > 0 || b.refused != b.counted {
		return fmt.Errorf("ours, in a burst: %+v", b)
	}
	info, err := os.Stat(bin("jwt-check-bot"))
	if err != nil {
		return err
	}
	report(os.Stdout, acks, jobs, renewals, b, info.Size())
	if info.Size() > binaryGoal {
		return madeOf(os.Stdout, bin("with symbols"))
	}
	return nil
}

// footprint measures how long a bot takes until its first acknowledgement, and what it holds while nothing happens.
func footprint(apps []*app) error {
	for i := range 5 {
		for _, a := range apps {
			if err := a.start(); err != nil {
				return err
			}
			var err error
			if i == 0 {
				time.Sleep(2 * time.Second) // what it does at its start is over
				a.idle, err = a.memory("VmRSS")
			}
			if err = errors.Join(err, a.stop()); err != nil {
				return err
			}
		}
	}
	return nil
}

// under measures apps under load; whole means until the result is posted, and not until the acknowledgement alone.
func under(m *material, apps []*app, underWay int, whole bool) (err error) {
	for _, a := range apps {
		if err := a.start(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.stop()) }()
		// A runtime that compiles what runs often is measured when it has done so.
		if _, err := a.load(m, 2**count, underWay, whole); err != nil {
			return err
		}
	}
	for _, a := range apps {
		if err := a.oneByOne(m, 300); err != nil {
			return err
		}
	}
	for i := range *rounds {
		for j := range apps {
			if err := apps[(i+j)%len(apps)].round(m, *count, underWay, whole); err != nil {
				return err
			}
		}
	}
	for _, a := range apps {
		if a.peak, err = a.memory("VmHWM"); err != nil {
			return err
		}
		if a.strays != 0 && a.name == "ours" {
			return fmt.Errorf("ours: %d acknowledgements went astray", a.strays)
		}
	}
	return nil
}

// renewal is what became of submissions while connections were renewed.
type renewal struct {
	name                             string
	renewals, sent, lost, late, gaps int
	gap                              time.Duration // the longest time without any connection
	slowest                          time.Duration
}

// renew sends a hundred submissions a second while all connections are renewed again and again.
func renew(m *material, apps []*app) ([]renewal, error) {
	var all []renewal
	for _, a := range apps {
		if err := a.start(); err != nil {
			return nil, err
		}
		time.Sleep(200 * time.Millisecond) // for a second connection, if it holds several
		r := a.renewing(m)
		if err := a.stop(); err != nil {
			return nil, err
		}
		if a.name == "ours" && (r.lost > 0 || r.late > 0 || r.gaps > 0) {
			return nil, fmt.Errorf("ours, through %d renewals: %d lost, %d late, %d times without a connection", r.renewals, r.lost, r.late, r.gaps)
		}
		all = append(all, r)
	}
	return all, nil
}

func (a *app) renewing(m *material) renewal {
	r := renewal{name: a.name, renewals: 20}
	every := 250 * time.Millisecond
	if a.name == "Bolt" { // which waits for five seconds before it connects again
		r.renewals, every = 2, 6*time.Second
	}
	total := int(time.Duration(r.renewals) * every / (10 * time.Millisecond))
	frames := make([][]byte, total)
	for i := range frames {
		frames[i] = m.envelope(i, channelOf(i)+" "+timestamp(i))
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	renew := time.NewTicker(every)
	defer renew.Stop()
	var waiting []int // for a connection
	send := func() {
		for len(waiting) > 0 {
			n := waiting[0]
			a.mu.Lock()
			s := a.next()
			a.sent[n].over = s
			a.mu.Unlock()
			if s == nil || s.write(frames[n]) != nil {
				return // the next tick takes another
			}
			waiting = waiting[1:]
		}
	}
	done := 0
	for n := 0; n < total; {
		select {
		case <-renew.C:
			if done < r.renewals {
				a.disconnect()
				done++
			}
		case <-tick.C:
			a.mu.Lock()
			a.sent = append(a.sent, submission{born: time.Now()})
			a.mu.Unlock()
			waiting = append(waiting, n)
			n++
			send()
		}
	}
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		send()
		a.mu.Lock()
		all := a.acked == len(a.sent)
		a.mu.Unlock()
		if all {
			break
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r.sent, r.gaps = len(a.sent), len(a.gaps)
	for _, g := range a.gaps {
		r.gap = max(r.gap, g)
	}
	for _, s := range a.sent {
		switch {
		case s.acked == 0:
			r.lost++
		case s.acked > 3*time.Second:
			r.late++
		}
		r.slowest = max(r.slowest, s.acked)
	}
	return r
}
