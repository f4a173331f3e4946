package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
)

// child is the command as a process of its own, in an environment that holds nothing but what it is given.
type child struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr lines
	ended          chan error
}

func startProcess(t *testing.T, env []string, args ...string) *child {
	t.Helper()
	return startProgram(t, "jwt-check-bot", env, args...)
}

func startProgram(t *testing.T, program string, env []string, args ...string) *child {
	t.Helper()
	p := &child{t: t, cmd: exec.Command(program, args...), ended: make(chan error, 1)} // TestMain put it into PATH
	p.cmd.Env = append([]string{"GOCOVERDIR=" + t.TempDir()}, env...)                  // a binary built for coverage complains without it
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.start()
	return p
}

func (p *child) start() {
	p.t.Helper()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	p.t.Cleanup(func() { _ = p.cmd.Process.Kill() })
}

// exit waits for the process's end and returns its status.
func (p *child) exit() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(step):
		p.t.Fatalf("the process does not end\n%s", p.stderr.String())
		return -1
	}
}

// terminate stops the process as an init system does.
func (p *child) terminate() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	return p.exit()
}

func startWorkspace(t *testing.T, over *tls.Config) *workspace.Workspace {
	t.Helper()
	w, err := workspace.New(workspace.Options{Manifest: bot.Manifest, TLS: over})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if _, err := w.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return w
}

// serveEnv is the environment of `serve` for the workspace, without the tokens.
func serveEnv(t *testing.T, w *workspace.Workspace) []string {
	return []string{
		"SLACK_API_URL=" + w.APIURL(), "JWT_CHECK_LOG_LEVEL=debug", "JWT_CHECK_PROFILES=production",
		"JWT_CHECK_PRODUCTION_ISSUER=https://login.example/prod", "JWT_CHECK_PRODUCTION_AUDIENCE=api://orders",
		"JWT_CHECK_PRODUCTION_JWKS_FILE=" + writeTemp(t, "prod.jwks", string(productionKeys(t))),
	}
}

func writeTemp(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestServeProcess holds one conversation with the command as it runs in production, and then stops it.
func TestServeProcess(t *testing.T) {
	w := startWorkspace(t, nil)
	p := startProcess(t, append(serveEnv(t, w),
		"SLACK_APP_TOKEN_FILE="+writeTemp(t, "app-token", w.AppToken()+"\n"), "SLACK_BOT_TOKEN_FILE="+writeTemp(t, "bot-token", w.BotToken()+"\n")), "serve")
	ctx, cancel := context.WithTimeout(t.Context(), step)
	defer cancel()
	if err := w.Await(ctx, func(s *workspace.State) bool { return s.App.Connected }); err != nil {
		t.Fatalf("not connected: %v\n%s", err, p.stderr.String())
	}

	d := &demo{workspace: w} // for what it knows of the incident
	_, link := d.incident()
	token := scriptKeys().MustMint(time.Now(), scriptGood, `{"exp":"now-102s"}`)
	ana := w.Person(workspace.Ana)
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v\n%s", what, err, p.stderr.String())
		}
	}
	must("command", ana.Command(ctx, workspace.Incidents, "/jwt-check", link))
	_, err := ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	must("modal", err)
	must("fill", ana.Fill("token", token))
	errs, err := ana.Submit(ctx)
	must("submit", err)
	if len(errs) > 0 {
		t.Fatalf("the modal refused: %v", errs)
	}
	_, err = ana.AwaitView(ctx, func(v workspace.View) bool { return strings.Contains(v.Reads, "Posted to the thread") })
	must("result", err)
	if got := firstLine(d.lastReply()); got != "✗ Rejected · expired" {
		t.Errorf("the thread reads %q", got)
	}

	if code := p.terminate(); code != 0 {
		t.Errorf("exit status %d after SIGTERM", code)
	}
	said := map[string]bool{}
	for line := range strings.Lines(p.stderr.String()) {
		var entry struct{ Msg, Cause, Fingerprint string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("a line of the log is no JSON: %q", line)
		}
		said[entry.Msg] = true
		if entry.Msg == "checked" && (entry.Cause != "expired" || entry.Fingerprint != fingerprint(token)) {
			t.Errorf("logged: %s", line)
		}
	}
	if !said["starting"] || !said["checked"] || !said["stopped"] {
		t.Errorf("the log says %v", said)
	}
	if p.stdout.String() != "" {
		t.Errorf("standard output: %q", p.stdout.String())
	}
	seen := tracesOf(token, w.AppToken(), w.BotToken())
	seen.absentFrom(t, "the log", p.stderr.String())
	for _, sent := range w.Received() {
		tracesOf(token).absentFrom(t, "what was sent to Slack", string(sent))
	}
	for _, r := range w.Refusals() {
		t.Errorf("the workspace refused: %s", r)
	}
	for _, e := range w.Envelopes() {
		if e.Acks != 1 {
			t.Errorf("%s was acknowledged %d times", e.Kind, e.Acks)
		}
	}
}

// TestServeProcessRefused: what no retry mends ends the process, with one sentence for the operator.
func TestServeProcessRefused(t *testing.T) {
	w := startWorkspace(t, nil)
	for name, c := range map[string]struct{ app, bot, says string }{
		"bot token": {w.AppToken(), w.BotToken() + "x", "SLACK_BOT_TOKEN"},
		"app token": {w.AppToken() + "x", w.BotToken(), "SLACK_APP_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProcess(t, append(serveEnv(t, w), "SLACK_APP_TOKEN="+c.app, "SLACK_BOT_TOKEN="+c.bot))
			if code := p.exit(); code != exitUsage {
				t.Errorf("exit status %d", code)
			}
			var sentences []string
			for line := range strings.Lines(p.stderr.String()) {
				if !json.Valid([]byte(line)) {
					sentences = append(sentences, line)
				}
			}
			if len(sentences) != 1 || !strings.HasPrefix(sentences[0], "jwt-check-bot: ") || !strings.Contains(sentences[0], c.says) {
				t.Errorf("says %q", sentences)
			}
			tracesOf(c.app, c.bot).absentFrom(t, "standard error", p.stderr.String())
		})
	}
}

// TestDemoProcess opens the page at the address that the demo prints, and stops the demo.
func TestDemoProcess(t *testing.T) {
	p := startProcess(t, nil, "demo", "--addr", "127.0.0.1:0")
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	deadline := time.After(step)
	for address.FindString(p.stdout.String()) == "" {
		select {
		case <-deadline:
			t.Fatalf("no address was printed: %q %q", p.stdout.String(), p.stderr.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	url := address.FindString(p.stdout.String())
	for path, want := range map[string]string{"/": "<!doctype html>", "/ui/state?user=" + workspace.Ana: `"connected":true`} {
		res, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(b), want) {
			t.Errorf("%s: %s, %v", path, res.Status, err)
		}
	}
	if code := p.terminate(); code != 0 || p.stderr.String() != "" {
		t.Errorf("exit status %d, standard error %q", code, p.stderr.String())
	}
}
