package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jwt-check-bot/bot/workspace"
)

// howGuarded prints what keepQuiet has done to a process, and speaks as a library would.
func howGuarded() {
	keepQuiet()
	log.Print("a library quotes what it met")
	var core unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_CORE, &core)
	dumpable, err2 := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	fmt.Println(core.Cur, core.Max, dumpable, err, err2)
}

func TestKeepMemory(t *testing.T) {
	out, err := exec.Command("how-guarded").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "0 0 0 <nil> <nil>" {
		t.Errorf("core limits, dumpable, errors: %s, %v", got, err)
	}
	// And the command itself does it before anything else.
	p := startProcess(t, nil, "demo", "--addr", "127.0.0.1:0")
	limits := fmt.Sprintf("/proc/%d/limits", p.cmd.Process.Pid)
	soon(t, func() error {
		b, err := os.ReadFile(limits)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); strings.HasPrefix(line, "Max core file size") && f[4] == "0" && f[5] == "0" {
				return nil
			}
		}
		return errors.New("the process may write core dumps")
	})
	p.terminate()
}

// soon tries until there is no error, for some seconds.
func soon(t *testing.T, try func() error) {
	t.Helper()
	for deadline := time.Now().Add(step); ; time.Sleep(50 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// mostCopies is how many places of the process's memory may hold a piece of the token once its check
// has ended, and nothing was collected since: see the README's limits for what they are.
const mostCopies = 12

// TestMemoryAfterACheck counts the places in a serving bot's memory that hold a piece of a token after
// its check: as it is then, when much of it waits to be collected or written over; and with everything
// overwritten that nothing reaches, which leaves what the process still holds on to.
func TestMemoryAfterACheck(t *testing.T) {
	overwritten := []string{"GODEBUG=clobberfree=1", "GOGC=5"}
	for _, c := range []struct {
		name, share string
		tls         bool
		env         []string
		most        int
	}{
		{"as it runs", "thread", false, nil, mostCopies},
		{"as it runs, over TLS", "thread", true, nil, mostCopies},
		{"what is reached", "thread", false, overwritten, 0},
		{"what is reached, over TLS", "thread", true, overwritten, 0},
		{"what a draft reaches", "me", false, overwritten, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := serveForMemory(t, c.tls, c.env)
			traces := b.check(c.share, `{"exp":"now-102s","sub":"`+memoryCanary+`","note":"`+memoryCanary+`"}`)
			if len(c.env) > 0 {
				for range 12 { // of other tokens, which make garbage and write over buffers
					b.check("thread", `{"exp":"now-1h"}`)
				}
			}
			var found map[string]int
			for try := 0; ; try++ {
				found = b.scan(traces)
				if total(found) <= c.most || try == 8 {
					break
				}
				time.Sleep(250 * time.Millisecond)
				if len(c.env) > 0 {
					b.check("thread", `{"exp":"now-1h"}`)
				}
			}
			t.Logf("places that hold a piece: %v", found)
			if n := total(found); n > c.most {
				t.Errorf("%d places hold a piece of the token, at most %d are expected", n, c.most)
			}
			b.p.terminate()
		})
	}
}

func total(found map[string]int) (n int) {
	for _, k := range found {
		n += k
	}
	return n
}

// memoryCanary is a hidden claim's value. It is made up of two halves so that this process's own
// copies are no matter; only the child is searched.
const memoryCanary = "a-claim-that-stays-in-memory"

type memoryBot struct {
	t *testing.T
	w *workspace.Workspace
	p *child
}

// serveForMemory starts a bot and its workspace, which stands behind TLS if over says so.
func serveForMemory(t *testing.T, over bool, env []string) *memoryBot {
	t.Helper()
	var config *tls.Config
	if over {
		server := httptest.NewTLSServer(http.NotFoundHandler()) // which has a certificate for 127.0.0.1
		server.Close()
		config = &tls.Config{Certificates: server.TLS.Certificates}
		root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		env = append([]string{"SSL_CERT_FILE=" + writeTemp(t, "root.pem", string(root))}, env...)
	}
	w := startWorkspace(t, config)
	p := startProgram(t, "jwt-check-bot-readable", append(append(serveEnv(t, w), env...), "SLACK_APP_TOKEN="+w.AppToken(), "SLACK_BOT_TOKEN="+w.BotToken()), "serve")
	b := &memoryBot{t, w, p}
	ctx, cancel := context.WithTimeout(t.Context(), step)
	defer cancel()
	if err := w.Await(ctx, func(s *workspace.State) bool { return s.App.Connected }); err != nil {
		t.Fatalf("not connected: %v\n%s", err, p.stderr.String())
	}
	return b
}

// check has a token checked and returns pieces of it.
func (b *memoryBot) check(share, recipe string) map[string][]byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), step)
	defer cancel()
	token := scriptKeys().MustMint(time.Now(), scriptGood, recipe)
	_, link := (&demo{workspace: b.w}).incident()
	ana := b.w.Person(workspace.Ana)
	must := func(what string, err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatalf("%s: %v\n%s", what, err, b.p.stderr.String())
		}
	}
	must("command", ana.Command(ctx, workspace.Incidents, "/jwt-check", link))
	_, err := ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	must("modal", err)
	must("fill", ana.Fill("token", token))
	must("share", ana.Fill("share", share))
	errs, err := ana.Submit(ctx)
	must("submit", err)
	if len(errs) > 0 {
		b.t.Fatalf("the modal refused: %v", errs)
	}
	_, err = ana.AwaitView(ctx, func(v workspace.View) bool { return v.Submit == "" && strings.Contains(v.Reads, "Rejected") })
	must("result", err)
	ana.CloseView()
	parts := strings.Split(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	must("signature", err)
	middle := len(parts[1]) / 2
	return map[string][]byte{
		"payload": []byte(parts[1][middle : middle+32]), "signature": []byte(parts[2][100:132]),
		"signature decoded": signature[100:124], "claim decoded": []byte(memoryCanary),
	}
}

// scan reads the child's memory, what can be written of it, and counts the pieces.
func (b *memoryBot) scan(pieces map[string][]byte) map[string]int {
	b.t.Helper()
	proc := "/proc/" + strconv.Itoa(b.p.cmd.Process.Pid)
	maps, err := os.ReadFile(proc + "/maps")
	if err != nil {
		b.t.Skip("the memory of a child cannot be read here: no maps")
	}
	mem, err := os.Open(proc + "/mem")
	if errors.Is(err, os.ErrPermission) {
		b.t.Skip("the memory of a child cannot be read here: not permitted")
	}
	if err != nil {
		b.t.Fatal(err)
	}
	defer mem.Close()
	found := map[string]int{}
	read := 0
	for line := range strings.Lines(string(maps)) {
		f := strings.Fields(line)
		from, to, _ := strings.Cut(f[0], "-")
		if !strings.HasPrefix(f[1], "rw") {
			continue
		}
		low, err := strconv.ParseInt(from, 16, 64)
		high, err2 := strconv.ParseInt(to, 16, 64)
		if err != nil || err2 != nil {
			continue
		}
		region := make([]byte, high-low)
		n, err := mem.ReadAt(region, low)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, syscall.EIO) {
			if errors.Is(err, os.ErrPermission) {
				b.t.Skip("the memory of a child cannot be read here: not permitted")
			}
			b.t.Fatal("memory: ", err)
		}
		read += n
		for name, piece := range pieces {
			found[name] += bytes.Count(region[:n], piece)
		}
	}
	if read < 1<<20 {
		b.t.Fatalf("only %d bytes of memory were read", read)
	}
	return found
}
