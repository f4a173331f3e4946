package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jwt-check-bot/bot/workspace"
)

// lines is a log that several goroutines write.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// verdicts are what the demo's guide promises of each of its incidents.
var verdicts = map[string]string{
	"expired":        "✗ Rejected · expired",
	"not-yet-valid":  "✗ Rejected · not-yet-valid",
	"wrong-audience": "✗ Rejected · audience-mismatch",
	"missing-scope":  "✗ Rejected · insufficient-scope",
	"staging":        "✗ Rejected · wrong-environment",
	"unknown-key":    "✗ Rejected · unknown-key",
	"none":           "✗ Rejected · algorithm-none",
	"doubled-prefix": "✗ Rejected · header-construction",
	"gateway":        "✓ Accepted · cause: server-side",
	"stale-keys":     "✓ Accepted · cause: server-side",
	"revoked":        "✗ Rejected · revoked",
	"slow-clock":     "✓ Accepted · cause: clock-skew",
	"client":         "✓ Accepted · cause: client-side",
	"good":           "✓ Accepted · cause: none",
}

// TestDemoIncidents plays every incident of the demo with the log at its most talkative.
func TestDemoIncidents(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	log := &lines{}
	d, err := startDemo(t.Context(), "127.0.0.1:0", slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true})), func() time.Time { return at })
	if err != nil {
		t.Fatal(plainError(err))
	}
	stop := sync.OnceFunc(d.close)
	t.Cleanup(stop)
	if err := d.connected(t.Context()); err != nil {
		t.Fatal(plainError(err))
	}
	if len(incidents) != len(verdicts) {
		t.Errorf("%d incidents, %d verdicts", len(incidents), len(verdicts))
	}
	var tokens []string
	var transcript string
	for _, i := range incidents {
		// On a clock that stands still, a sample is the same token each time that it is minted.
		tokens = append(tokens, tokenOf(d.world.sample(i.id)["token"]))
		if transcript, err = d.play(t.Context(), i.id); err != nil {
			t.Fatalf("%s: %s", i.id, plainError(err))
		}
		if got := firstLine(d.lastReply()); got != verdicts[i.id] {
			t.Errorf("%s: the thread reads %q, want %q", i.id, got, verdicts[i.id])
		}
	}
	view := d.workspace.ViewText(workspace.Ana)
	stop()
	for _, e := range d.workspace.Record() {
		if e.Kind == workspace.Limited {
			t.Errorf("the bot was faster than Slack lets it: %s, Retry-After %d s", e.What, e.Seconds)
		}
	}
	if dir := os.Getenv("JWTCHECK_TEST_EXPORT"); dir != "" { // for a look with Slack's own types
		if err := d.workspace.Export(dir); err != nil {
			t.Error(err)
		}
	}
	for _, r := range d.workspace.Refusals() {
		t.Errorf("the workspace refused: %s", r)
	}

	seen := tracesOf(tokens...)
	seen.absentFrom(t, "the log", log.String())
	seen.absentFrom(t, "the transcript", transcript)
	seen.absentFrom(t, "the view", view)
	for _, sent := range d.workspace.Received() {
		seen.absentFrom(t, "what was sent to Slack", string(sent))
	}
	// The fingerprints show that the tokens looked for are the ones that were checked.
	var fingerprints []string
	for line := range strings.Lines(log.String()) {
		var entry struct{ Msg, Fingerprint string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("a line of the log is no JSON: %v", err)
		}
		if entry.Msg == "checked" {
			fingerprints = append(fingerprints, entry.Fingerprint)
		}
	}
	var want []string
	for i, token := range tokens {
		want = append(want, fingerprint(token))
		if incidents[i].id == "none" {
			want[i] = "" // unsigned: its few possible values could be guessed
		}
	}
	if !slices.Equal(fingerprints, want) {
		t.Errorf("logged were the fingerprints %q, want %q", fingerprints, want)
	}
}

func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:6])
}

// lastReply is the newest message in the incident's thread, as people read it.
func (d *demo) lastReply() string {
	root, _ := d.incident()
	text := ""
	for _, c := range d.workspace.State("").Channels {
		for _, m := range c.Messages {
			if c.ID == workspace.Incidents && m.ThreadTS == root && m.TS != root {
				text = m.Reads
			}
		}
	}
	return text
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
