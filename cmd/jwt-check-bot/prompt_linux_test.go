package main

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// console is a terminal of the test's own: what is written to keyboard is typed, and what its process
// and the line discipline write is on the screen.
type console struct {
	keyboard *os.File
	screen   lines
	p        *child
}

// atTerminal starts the command with a terminal on all three of its descriptors.
func atTerminal(t *testing.T, env []string, args ...string) *console {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal to test at: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	c := &console{keyboard: master, p: &child{t: t, cmd: exec.Command("jwt-check-bot", args...), ended: make(chan error, 1)}}
	c.p.cmd.Env = append([]string{"GOCOVERDIR=" + t.TempDir()}, env...)
	c.p.cmd.Stdin, c.p.cmd.Stdout, c.p.cmd.Stderr = tty, tty, tty
	c.p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	c.p.start()
	go func() { _, _ = io.Copy(&c.screen, master) }()
	return c
}

// await waits until the screen shows the words.
func (c *console) await(words string) {
	c.p.t.Helper()
	awaitTrue(c.p.t, "shows "+words, func() bool { return strings.Contains(c.screen.String(), words) })
}

func awaitTrue(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(step); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the process never %s", what)
		}
	}
}

func (c *console) typed(text string) {
	c.p.t.Helper()
	if _, err := io.WriteString(c.keyboard, text); err != nil {
		c.p.t.Fatal(err)
	}
}

func checkEnv(t *testing.T) []string {
	return []string{
		"JWT_CHECK_PROFILES=production", "JWT_CHECK_PRODUCTION_ISSUER=https://login.example/prod", "JWT_CHECK_PRODUCTION_AUDIENCE=api://orders",
		"JWT_CHECK_PRODUCTION_JWKS_FILE=" + writeTemp(t, "prod.jwks", string(productionKeys(t))),
	}
}

// TestNothingTypedIsShown: all that check asks for at a terminal may hold a token.
func TestNothingTypedIsShown(t *testing.T) {
	expired := scriptKeys().MustMint(scriptNow, scriptGood, `{"exp":"now-1h"}`)
	good := scriptKeys().MustMint(scriptNow, scriptGood, `{}`)
	for name, c := range map[string]struct {
		args        []string
		asks, types string
		says        string
	}{
		"token":   {[]string{"-"}, "Paste the token (hidden)", good + "\r", "Accepted"},
		"compare": {[]string{"--compare", "-", writeTemp(t, "expired", expired)}, "Paste the token that works (hidden)", good + "\r", "Beside the token that works"},
		"error": {[]string{"--error", "-", writeTemp(t, "good", good)}, "Paste what the server answered (hidden)",
			"HTTP/1.1 401 Unauthorized\r\nDate: Mon, 23 Nov 2026 10:00:00 GMT\r\n\r\nrefused " + good + "\r\x04", "What the server said"},
	} {
		t.Run(name, func(t *testing.T) {
			at := atTerminal(t, checkEnv(t), append([]string{"check", "--at", "2026-11-23T10:00:00Z"}, c.args...)...)
			at.await(c.asks)
			at.typed(c.types)
			at.p.exit()
			at.await(c.says)
			tracesOf(good, expired).absentFrom(t, "the terminal", at.screen.String())
		})
	}
}

// TestLeavesWhileItWaits: who is asked may give up, by Ctrl-C or a signal, wherever the input comes from.
func TestLeavesWhileItWaits(t *testing.T) {
	good := scriptKeys().MustMint(scriptNow, scriptGood, `{}`)
	file := writeTemp(t, "good", good)
	for name, c := range map[string]struct {
		stop   func(*console)
		status int
	}{
		"Ctrl-C":  {func(c *console) { c.typed(good[:40] + "\x03") }, 130},
		"SIGINT":  {func(c *console) { _ = c.p.cmd.Process.Signal(syscall.SIGINT) }, 130},
		"SIGTERM": {func(c *console) { _ = c.p.cmd.Process.Signal(syscall.SIGTERM) }, 143},
	} {
		t.Run("terminal "+name, func(t *testing.T) {
			c, stop, status := atTerminal(t, checkEnv(t), "check", "--error", "-", file), c.stop, c.status
			c.await("hidden")
			before, err := unix.IoctlGetTermios(int(c.keyboard.Fd()), unix.TCGETS)
			if err != nil || before.Lflag&unix.ECHO != 0 {
				t.Errorf("what is typed is echoed (%v)", err)
			}
			stop(c)
			if got := c.p.exit(); got != status {
				t.Errorf("exit status %d", got)
			}
			after, err := unix.IoctlGetTermios(int(c.keyboard.Fd()), unix.TCGETS)
			if err != nil || after.Lflag&unix.ECHO == 0 {
				t.Errorf("the terminal was left without echo (%v)", err)
			}
			tracesOf(good).absentFrom(t, "the terminal", c.screen.String())
		})
	}

	t.Run("pipe", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		p := startFed(t, r, "check", "-")
		if _, err := io.WriteString(w, good[:40]); err != nil {
			t.Fatal(err)
		}
		awaitTrue(t, "read the pipe", func() bool {
			unread, err := unix.IoctlGetInt(int(w.Fd()), unix.TIOCINQ)
			return err == nil && unread == 0
		})
		leaves(t, p)
		tracesOf(good).absentFrom(t, "what was printed", p.stdout.String()+p.stderr.String())
	})
	t.Run("FIFO", func(t *testing.T) {
		const name = "fifo"
		t.Chdir(t.TempDir())
		if err := unix.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
		p := startFed(t, nil, "check", name)
		awaitTrue(t, "opened the FIFO", func() bool { // to which nobody can write without waiting until somebody reads
			fd, err := unix.Open(name, unix.O_WRONLY|unix.O_NONBLOCK, 0)
			if err == nil {
				t.Cleanup(func() { _ = unix.Close(fd) })
			}
			return err == nil
		})
		leaves(t, p)
	})
	t.Run("unopened", func(t *testing.T) { // a FIFO that nobody writes to cannot even be opened
		const name = "fifo"
		t.Chdir(t.TempDir())
		if err := unix.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
		p := startProcess(t, append(checkEnv(t), "JWT_CHECK_STRAY=x"), "check", name)
		awaitTrue(t, "warns, just before", func() bool { return strings.Contains(p.stderr.String(), "JWT_CHECK_STRAY") })
		if got := p.terminate(); got != 143 || p.stdout.String() != "" {
			t.Errorf("exit status %d, %q", got, p.stdout.String())
		}
	})
}

func startFed(t *testing.T, stdin *os.File, args ...string) *child {
	t.Helper()
	p := &child{t: t, cmd: exec.Command("jwt-check-bot", args...), ended: make(chan error, 1)}
	p.cmd.Env = append([]string{"GOCOVERDIR=" + t.TempDir()}, checkEnv(t)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if stdin != nil {
		p.cmd.Stdin = stdin
	}
	p.start()
	return p
}

func leaves(t *testing.T, p *child) {
	t.Helper()
	if got := p.terminate(); got != 143 {
		t.Errorf("exit status %d", got)
	}
	if said := p.stdout.String() + p.stderr.String(); said != "" {
		t.Errorf("says %q", said)
	}
}
