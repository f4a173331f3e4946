package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds each wait for an app.
const patience = 30 * time.Second

// app is a bot as a process of its own, with a Slack of its own.
type app struct {
	name    string
	command []string
	env     []string
	forms   bool // it makes its own form, whose metadata a submission must have
	*fake
	process *exec.Cmd
	began   time.Time
	before  time.Duration // of its processor time, when it was last put under load

	rates, cpus []float64 // submissions a second, and microseconds of each, round by round
	alone       []float64 // microseconds until the acknowledgement
	starts      []float64 // milliseconds
	idle, peak  float64   // MiB
}

// start starts the app and waits for its first acknowledgement. An app that does not come that far is ended.
func (a *app) start() (err error) {
	if a.fake, err = newFake(); err != nil {
		return err
	}
	a.mu.Lock()
	greeted := a.hello
	a.mu.Unlock()
	a.process = exec.Command(a.command[0], a.command[1:]...)
	a.process.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "SLACK_API_URL=" + a.url,
		"SLACK_APP_TOKEN=xapp-of-nobody", "SLACK_BOT_TOKEN=xoxb-of-nobody"}, a.env...)
	var says bytes.Buffer
	a.process.Stderr = &says
	a.began = time.Now()
	if err := a.process.Start(); err != nil {
		return fmt.Errorf("%s: %w", a.name, err)
	}
	defer func() {
		if err != nil {
			_ = a.process.Process.Kill()
			_ = a.stop()
			err = fmt.Errorf("%w; it says: %s", err, says.String())
		}
	}()
	select {
	case <-greeted:
	case <-time.After(patience):
		return fmt.Errorf("%s did not connect", a.name)
	}
	if err := a.write(command("the-start", "help", 0)); err != nil {
		return err
	}
	if err := a.wait(func() bool { return !a.started.IsZero() }); err != nil {
		return err
	}
	a.starts = append(a.starts, float64(a.started.Sub(a.began))/1e6)
	return nil
}

func (a *app) stop() error {
	_ = a.process.Process.Signal(syscall.SIGTERM)
	killed := time.AfterFunc(patience, func() { _ = a.process.Process.Kill() })
	err := a.process.Wait()
	killed.Stop()
	a.close()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.Sys().(syscall.WaitStatus).Signal() == syscall.SIGTERM {
		err = nil // it dies of the signal, as it may
	}
	if err != nil {
		return fmt.Errorf("%s ended with %w", a.name, err)
	}
	return nil
}

// prepare returns the metadata of the forms for threads from base on, which an app that makes forms of its own opens.
func (a *app) prepare(base, count int) ([]string, error) {
	list := make([]string, count)
	for i := range list {
		n := base + i
		list[i] = channelOf(n) + " " + timestamp(n)
		if !a.forms {
			continue
		}
		if err := a.write(command(fmt.Sprintf("form-%d-", n), link(n), n)); err != nil {
			return nil, err
		}
		if i%16 == 15 || i == count-1 {
			if err := a.wait(func() bool { return len(a.metadata) >= n+1 }); err != nil {
				return nil, err
			}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range list {
		if a.forms {
			list[i] = a.metadata[base+i]
		}
	}
	return list, nil
}

// write sends a frame over the next connection.
func (a *app) write(frame []byte) error {
	a.mu.Lock()
	s := a.next()
	a.mu.Unlock()
	if s == nil {
		return fmt.Errorf("%s has no connection", a.name)
	}
	return s.write(frame)
}

// wait waits until the condition holds, which is asked with the lock held.
func (a *app) wait(holds func() bool) error {
	for limit := time.After(patience); ; {
		a.mu.Lock()
		done := holds()
		a.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-a.progress:
		case <-limit:
			return fmt.Errorf("%s: what was waited for did not come: %d of %d acknowledged, %d with an error, %d posted", a.name, a.acked, len(a.sent), a.refused, a.posted)
		}
	}
}

// load sends submissions with so many under way, and returns how long all of them took until they were acknowledged, or
// posted where whole is set.
func (a *app) load(m *material, count, underWay int, whole bool) (time.Duration, error) {
	base := len(a.sent)
	metadata, err := a.prepare(base, count)
	if err != nil {
		return 0, err
	}
	frames := make([][]byte, count)
	for i := range frames {
		frames[i] = m.envelope(base+i, metadata[i])
	}
	done := func() int {
		if whole {
			return a.posted
		}
		return a.acked
	}
	a.mu.Lock()
	before := done()
	a.mu.Unlock()
	if a.before, err = a.cpu(); err != nil {
		return 0, err
	}
	start := time.Now()
	for i, frame := range frames {
		if err := a.wait(func() bool { return i-(done()-before) < underWay }); err != nil {
			return 0, err
		}
		a.mu.Lock()
		s := a.next()
		a.sent = append(a.sent, submission{over: s, born: time.Now()})
		a.mu.Unlock()
		if s == nil {
			return 0, fmt.Errorf("%s has no connection", a.name)
		}
		if err := s.write(frame); err != nil {
			return 0, fmt.Errorf("%s: %w", a.name, err)
		}
	}
	if err := a.wait(func() bool { return done()-before == count }); err != nil {
		return 0, err
	}
	return time.Since(start), nil
}

// round is one measurement under load.
func (a *app) round(m *material, count, underWay int, whole bool) error {
	took, err := a.load(m, count, underWay, whole)
	if err != nil {
		return err
	}
	after, err := a.cpu()
	if err != nil {
		return err
	}
	before := a.before
	a.rates = append(a.rates, float64(count)/took.Seconds())
	a.cpus = append(a.cpus, float64(after-before)/1e3/float64(count))
	return nil
}

// oneByOne measures how long an acknowledgement takes where nothing else is under way.
func (a *app) oneByOne(m *material, count int) error {
	base := len(a.sent)
	for range count {
		if _, err := a.load(m, 1, 1, false); err != nil {
			return err
		}
	}
	for _, s := range a.sent[base:] {
		a.alone = append(a.alone, float64(s.acked)/1e3)
	}
	return nil
}

// cpu is the time that the process has had of all cores, by its clock.
func (a *app) cpu() (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED of a whole process: clock_getcpuclockid(3)
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^a.process.Process.Pid<<3|scheduled), &t); err != nil {
		return 0, fmt.Errorf("the clock of %s: %w", a.name, err)
	}
	return time.Duration(t.Nano()), nil
}

// memory reads a line of the process's status, in MiB: VmRSS is now, VmHWM was most.
func (a *app) memory(line string) (float64, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(a.process.Process.Pid) + "/status")
	if err != nil {
		return 0, err
	}
	for l := range strings.Lines(string(b)) {
		if kb, ok := strings.CutPrefix(l, line+":"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(kb), " kB"))
			return float64(n) / 1024, err
		}
	}
	return 0, fmt.Errorf("no %s in the status of %s", line, a.name)
}
