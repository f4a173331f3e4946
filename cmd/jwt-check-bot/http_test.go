package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/bot/store/redistest"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/redact"
)

// newSlack is a workspace on a loopback address, with the app of the manifest in it.
func newSlack(t *testing.T, manifest []byte) *workspace.Workspace {
	t.Helper()
	w, err := workspace.New(workspace.Options{Manifest: manifest})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// leakless fails a test that leaves a goroutine behind. Call it first: its cleanup runs last.
func leakless(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// get is an answer's status and body.
func get(t *testing.T, method, url string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// serving runs `serve` with the environment that is set, and returns where it answers and what ends it.
func serving(t *testing.T) (base string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	address, ended, drained := make(chan string, 1), make(chan error, 1), make(chan struct{})
	go func() {
		err := serve(ctx, write)
		_ = write.Close()
		ended <- err
	}()
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(read); lines.Scan(); {
			var line struct{ Msg, Address string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving health and metrics" {
				address <- line.Address
			}
		}
	}()
	select {
	case a := <-address:
		return "http://" + a, func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			<-drained
		}
	case err := <-ended:
		cancel()
		t.Fatal(err)
		return "", nil
	}
}

func TestServeAnswersOverHTTP(t *testing.T) {
	leakless(t)
	w := newSlack(t, bot.Manifest)
	t.Setenv("SLACK_APP_TOKEN", w.AppToken())
	t.Setenv("SLACK_BOT_TOKEN", w.BotToken())
	t.Setenv("SLACK_API_URL", w.APIURL())
	t.Setenv("JWT_CHECK_PROFILES", "production")
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(productionKeys(t)) }))
	t.Cleanup(issuer.Close)
	t.Setenv("JWT_CHECK_PRODUCTION_ISSUER", "https://login.example/prod")
	t.Setenv("JWT_CHECK_PRODUCTION_JWKS_URL", issuer.URL)
	t.Setenv("JWT_CHECK_HTTP_ADDR", "127.0.0.1:0")
	base, stop := serving(t)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ana := w.Person(workspace.Ana)
	var tokens []string
	for range 2 {
		token := scriptKeys().MustMint(time.Now(), scriptGood)
		tokens = append(tokens, token)
		if err := w.Await(ctx, func(s *workspace.State) bool { return s.App.Connected }); err != nil {
			t.Fatal(err)
		}
		if err := ana.Command(ctx, workspace.Incidents, "/jwt-check", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" }); err != nil {
			t.Fatal(err)
		}
		if err := ana.Fill("token", token); err != nil {
			t.Fatal(err)
		}
		if errs, err := ana.Submit(ctx); err != nil || len(errs) > 0 {
			t.Fatal(err, len(errs))
		}
		if _, err := ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check_result" && len(v.Blocks) > 1 }); err != nil {
			t.Fatal(err)
		}
		ana.CloseView()
	}

	if status, body := get(t, "GET", base+"/healthz"); status != 200 || body != "alive\n" {
		t.Error(status, body)
	}
	if status, body := get(t, "GET", base+"/readyz"); status != 200 || body != "connected\n" {
		t.Error(status, body)
	}
	if status, _ := get(t, "POST", base+"/healthz"); status != 405 {
		t.Error(status)
	}
	if status, body := get(t, "GET", base+"/"+tokens[0][:60]); status != 404 || strings.Contains(body, tokens[0][:12]) {
		t.Error(status, body)
	}
	status, text := get(t, "GET", base+"/metrics")
	if status != 200 {
		t.Fatal(status, text)
	}
	for _, want := range []string{
		`jwt_check_checks_total{cause="none",verdict="accept"} 2`, "jwt_check_check_duration_seconds_count 2",
		"jwt_check_queue_length 0", "jwt_check_slack_connections ", "jwt_check_slack_envelopes_total 4", "jwt_check_slack_withheld_total 0", "jwt_check_log_withheld_total 0", "jwt_check_http_withheld_total 0", "go_goroutines ",
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, token := range tokens {
		for i := 0; i+12 <= len(token); i++ {
			if strings.Contains(text, token[i:i+12]) {
				t.Fatal("a part of a token stands in the metrics")
			}
		}
	}
	if redact.Leaks(text) {
		t.Error("the metrics hold something as long as a part of a token")
	}
	stop()
	if resp, err := http.Get(base + "/healthz"); err == nil {
		_ = resp.Body.Close()
		t.Error("it still answers after serve has ended")
	}
}

// TestServeWithoutItsStore: with Redis gone the bot answers and says that it is degraded; with it back
// it says that too.
func TestServeWithoutItsStore(t *testing.T) {
	leakless(t)
	server := redistest.Start(t)
	w := newSlack(t, bot.Manifest)
	for _, e := range serveEnv(t, w) {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	t.Setenv("SLACK_APP_TOKEN", w.AppToken())
	t.Setenv("SLACK_BOT_TOKEN", w.BotToken())
	t.Setenv("JWT_CHECK_STORE_URL", server.URL())
	t.Setenv("JWT_CHECK_HTTP_ADDR", "127.0.0.1:0")
	base, stop := serving(t)
	reads := func(path, want string) {
		t.Helper()
		var got string
		for deadline := time.Now().Add(step); ; time.Sleep(5 * time.Millisecond) {
			if _, got = get(t, "GET", base+path); strings.Contains("\n"+got, "\n"+want) { // not within "disconnected"
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s never has a line %q:\n%s", path, want, got)
			}
		}
	}
	ask := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), step)
		defer cancel()
		ana := w.Person(workspace.Ana)
		if err := ana.Command(ctx, workspace.Incidents, "/jwt-check", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" }); err != nil {
			t.Fatal(err)
		}
	}
	reads("/readyz", "connected")
	reads("/metrics", "jwt_check_store_up 1")
	server.Kill()
	ask() // somebody asks, and gets the form all the same
	reads("/readyz", "degraded: the store does not answer")
	reads("/metrics", "jwt_check_store_up 0")
	server.Launch()
	reads("/readyz", "connected")
	reads("/metrics", "jwt_check_store_up 1")
	ask()
	stop()
}

func memoryStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestNotReadyWithoutSlack(t *testing.T) {
	client, err := slack.New(slack.Config{AppToken: redact.NewSecret("xapp-for-the-test"), BotToken: redact.NewSecret("xoxb-for-the-test"), APIURL: "http://127.0.0.1:1/api/"})
	if err != nil {
		t.Fatal(err)
	}
	h := &screen{next: operations(client, memoryStore(t), bot.NewMetrics(client).Gatherer()), log: slog.New(slog.DiscardHandler)}
	for path, want := range map[string]string{"/healthz": "200 alive\n", "/readyz": "503 disconnected\n"} {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		if got := fmt.Sprint(answer.Code, " ", answer.Body); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestAnAddressInUseIsAConfigurationError(t *testing.T) {
	busy := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(busy.Close)
	_, err := listenHTTP(busy.Listener.Addr().String(), &screen{next: http.NotFoundHandler()}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.HasPrefix(plainError(err), "JWT_CHECK_HTTP_ADDR cannot be listened on") {
		t.Error(err)
	}
	for addr, good := range map[string]bool{"": true, ":9090": true, "127.0.0.1:0": true, "[::1]:80": true, "9090": false, "host:http": false, "host:99999": false} {
		if err := (botEnv{HTTPAddr: addr}).httpAddr(); (err == nil) != good {
			t.Errorf("%q: %v", addr, err)
		}
	}
}
