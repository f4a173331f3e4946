package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/redact"
)

// TestAnswersOverHTTPAreScreened plants a token in each part of an answer: it is withheld, counted
// where the counter can still be read, and nothing of it is told.
func TestAnswersOverHTTPAreScreened(t *testing.T) {
	token := scriptKeys().MustMint(time.Now(), scriptGood)
	signature := token[strings.LastIndexByte(token, '.')+1:]
	body := func(b string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, b) }
	}
	header := func(name, value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Header()[name] = []string{"fine", value} }
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, token)
	_ = z.Close()
	for name, h := range map[string]http.HandlerFunc{
		"body": body("x " + token), "signature": body(signature[10:60] + "\n"), "base64": body(base64.StdEncoding.EncodeToString([]byte(token))),
		"label": body(`checks_total{token="` + token + `"} 1`), "header": header("X-Token", token), "redirect": header("Location", "/"+token), "header's name": header(token[:60], "1"),
		"status": func(w http.ResponseWriter, r *http.Request) { http.Error(w, token, http.StatusTeapot) },
		"in pieces": func(w http.ResponseWriter, _ *http.Request) {
			for i := range len(token) {
				_, _ = io.WriteString(w, token[i:i+1])
			}
		},
		"compressed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped.Bytes())
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			s := &screen{next: h, log: slog.New(slog.NewJSONHandler(&log, nil))}
			got := httptest.NewRecorder()
			s.ServeHTTP(got, httptest.NewRequest("GET", "/metrics", nil))
			if got.Code != 500 || got.Body.String() != "withheld\n" || s.withheld.Load() != 1 || !strings.Contains(log.String(), "withheld") {
				t.Errorf("%d %q, %d withheld", got.Code, got.Body, s.withheld.Load())
			}
			told := log.String() + got.Body.String()
			for name, values := range got.Header() {
				told += name + strings.Join(values, " ")
			}
			if redact.Scan(told) != redact.Nothing {
				t.Error("what was withheld is told")
			}
		})
	}
	var flusher, hijacker bool
	s := &screen{next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, flusher = w.(http.Flusher)
		_, hijacker = w.(http.Hijacker)
	})}
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if flusher || hijacker {
		t.Error("an answer can pass by the net")
	}
}

// TestMetricsAreScreened plants a token in a label of the real registry's neighbour, and asks for the
// answer as a monitor does, compressed if it may be.
func TestMetricsAreScreened(t *testing.T) {
	client, err := slack.New(slack.Config{AppToken: redact.NewSecret("xapp-for-the-test"), BotToken: redact.NewSecret("xoxb-for-the-test"), APIURL: "http://127.0.0.1:1/api/"})
	if err != nil {
		t.Fatal(err)
	}
	planted := prometheus.NewRegistry()
	count := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "planted_total", Help: "A fault."}, []string{"what"})
	planted.MustRegister(count)
	metrics := bot.NewMetrics(client)
	s := &screen{next: operations(client, memoryStore(t), prometheus.Gatherers{metrics.Gatherer(), planted}), log: slog.New(slog.DiscardHandler)}
	metrics.CountWithheld(func() int64 { return 0 }, s.withheld.Load)
	ask := func() (int, string) {
		got, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/metrics", nil)
		r.Header.Set("Accept-Encoding", "gzip, zstd")
		s.ServeHTTP(got, r)
		return got.Code, got.Body.String()
	}
	if status, text := ask(); status != 200 || !strings.Contains(text, "\njwt_check_http_withheld_total 0\n") {
		t.Fatal(status, text)
	}
	count.WithLabelValues(scriptKeys().MustMint(time.Now(), scriptGood)).Inc()
	if status, text := ask(); status != 500 || text != "withheld\n" {
		t.Errorf("%d, %d bytes", status, len(text))
	}
	count.Reset()
	if status, text := ask(); status != 200 || !strings.Contains(text, "\njwt_check_http_withheld_total 1\n") {
		t.Error(status, text)
	}
}

// TestAPathIsNotRepeated: not even to whoever asked.
func TestAPathIsNotRepeated(t *testing.T) {
	client, err := slack.New(slack.Config{AppToken: redact.NewSecret("xapp-for-the-test"), BotToken: redact.NewSecret("xoxb-for-the-test"), APIURL: "http://127.0.0.1:1/api/"})
	if err != nil {
		t.Fatal(err)
	}
	h := operations(client, memoryStore(t), bot.NewMetrics(client).Gatherer())
	for _, path := range []string{"/canary", "//canary", "/metrics/../canary", "/canary/.", "/?canary"} {
		got := httptest.NewRecorder()
		h.ServeHTTP(got, httptest.NewRequest("GET", path, nil))
		if got.Code != 404 || strings.Contains(got.Body.String()+got.Header().Get("Location"), "canary") {
			t.Errorf("%s: %d %s", path, got.Code, got.Header().Get("Location"))
		}
	}
}
