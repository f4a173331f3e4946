package redact

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

func jsonLines(w io.Writer) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true})
}

func TestLogWithholds(t *testing.T) {
	token := someToken()
	canary := someCanary()
	own := WithCanary(context.Background(), canary)
	for name, write := range map[string]func(*slog.Logger){
		"attribute":     func(l *slog.Logger) { l.Info("x", "token", token) },
		"message":       func(l *slog.Logger) { l.Info("cannot parse " + token) },
		"debug":         func(l *slog.Logger) { l.Debug("x", "token", token) },
		"with":          func(l *slog.Logger) { l.With("token", token).Info("x") },
		"group":         func(l *slog.Logger) { l.WithGroup("g").With("token", token).Info("x", "n", 1) },
		"name":          func(l *slog.Logger) { l.Info("x", token, 1) },
		"error":         func(l *slog.Logger) { l.Warn("x", "error", fmt.Errorf("bad %q: %w", token, errors.New("no"))) },
		"bytes":         func(l *slog.Logger) { l.Warn("x", "body", []byte(token)) },
		"base64":        func(l *slog.Logger) { l.Warn("x", "body", base64.StdEncoding.EncodeToString([]byte(token))) },
		"struct":        func(l *slog.Logger) { l.Warn("x", "body", struct{ T string }{token}) },
		"private key":   func(l *slog.Logger) { l.Warn("-----BEGIN " + "PRIVATE KEY-----") },
		"own piece":     func(l *slog.Logger) { l.InfoContext(own, "x", "piece", token[90:110]) },
		"own claim":     func(l *slog.Logger) { l.InfoContext(own, "x", "of", "canary-of-a-hidden-claim") },
		"own, reversed": func(l *slog.Logger) { l.InfoContext(own, "x", "piece", reverse(token[90:110])) },
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			log := NewLog(&out, jsonLines)
			write(slog.New(log))
			var line struct{ Time, Level, Msg, Found string }
			if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
				t.Fatalf("no line of JSON: %v", err)
			}
			if line.Msg != lineWithheld || line.Level != "ERROR" || line.Time == "" || line.Found == "" || log.Withheld() != 1 {
				t.Errorf("%+v, %d withheld", line, log.Withheld())
			}
			for i := 0; i+12 <= len(token); i++ {
				if strings.Contains(out.String(), token[i:i+12]) {
					t.Fatal("a piece of the token is there")
				}
			}
			if b := log.out.line.Bytes(); strings.Trim(string(b[:cap(b)]), "\x00") != "" {
				t.Error("the buffer still holds the line")
			}
		})
	}
}

func TestLogWrites(t *testing.T) {
	secret := NewSecret(someToken())
	ctx := WithCanary(context.Background(), someCanary())
	var out strings.Builder
	log := NewLog(&out, jsonLines)
	l := slog.New(log).With("replica", 1)
	l.InfoContext(ctx, "checked", "requester", "U012ABCDEF", "channel", "C012ABCDEF", "thread", "1700000000.000100", "profile", "production",
		"fingerprint", "3f9ac41b77d0", "sub", "au…d0", "jti", "7d…44", "verdict", "reject", "cause", "expired", "duration_ms", 12)
	l.Info("masked", "token", secret, "tokens", []Secret{secret})
	l.Warn("key set not fetched", "source", "the key set at https://login.acme.example/tenants/3f0c9a4e-52c1-4d7c-9f0b-6a1c9c1e2b7d/jwks.json", "type", "*url.Error > *net.OpError > *os.SyscallError")
	l.Error("a panic in the bot", "type", "runtime.boundsError", "place", "jwt-check-bot/checks.(*content).readJWS token.go:190")
	l.Debug("the end")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 5 || log.Withheld() != 0 {
		t.Fatalf("%d lines, %d withheld:\n%s", len(lines), log.Withheld(), out.String())
	}
	for i, want := range []string{`"fingerprint":"3f9ac41b77d0","sub":"au…d0"`, Mask, "jwks.json", "readJWS", "the end"} {
		if !strings.Contains(lines[i], want) || !strings.Contains(lines[i], `"replica":1`) {
			t.Errorf("%q lacks %q", lines[i], want)
		}
	}
	if slog.New(NewLog(&out, func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) })).Enabled(ctx, slog.LevelDebug) {
		t.Error("the level is lost")
	}
}

// TestLogTogether: lines of several goroutines do not mix.
func TestLogTogether(t *testing.T) {
	var out strings.Builder
	l := slog.New(NewLog(&out, jsonLines))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 50 {
				l.With("goroutine", i).Info("x", "word", strings.Repeat("ab ", 50))
			}
		})
	}
	wait.Wait()
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("%q", line)
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 400 {
		t.Errorf("%d lines", n)
	}
}

// TestFault: a recovered panic is told by its type and place, whatever it said.
func TestFault(t *testing.T) {
	for want, thrown := range map[string]any{"string": someToken(), "*errors.errorString": errors.New(someToken()), "struct { s string }": struct{ s string }{someToken()}} {
		func() {
			defer func() {
				kind, place := Fault(recover())
				if kind != want || !strings.Contains(place, "log_test.go:") {
					t.Errorf("%s, at %s", kind, place)
				}
			}()
			panic(thrown)
		}()
	}
	if _, place := Fault(nil); place != "unknown" {
		t.Errorf("a place without a panic: %s", place)
	}
}
