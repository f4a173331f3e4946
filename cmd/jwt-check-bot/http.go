package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"path"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
)

// operations is what an orchestrator and a monitor ask of `serve`: whether the process lives, whether
// it hears Slack, and its metrics. Answers hold nothing of what was asked.
func operations(client *slack.Client, shared *store.Store, metrics prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if client.Connected() == 0 {
			say(w, http.StatusServiceUnavailable, "disconnected")
			return
		}
		if !shared.Stats().Up { // it answers all the same, so it stays in service
			say(w, http.StatusOK, "degraded: the store does not answer")
			return
		}
		say(w, http.StatusOK, "connected")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{DisableCompression: true, MaxRequestsInFlight: 4}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path { // the mux would answer with the clean one, and so repeat what was asked
			http.NotFound(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func say(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, word+"\n")
}

// listenHTTP serves h on addr until shut is called, which waits for answers under way. It takes
// nothing that does not pass the net.
func listenHTTP(addr string, h *screen, lg *slog.Logger) (shut func(), err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, configError("JWT_CHECK_HTTP_ADDR cannot be listened on: perhaps something else does already, or the address is not this machine's")
	}
	s := &http.Server{
		Handler: h, MaxHeaderBytes: 16 << 10,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // it quotes what was asked
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			lg.Error("health and metrics are no longer served", "type", fmt.Sprintf("%T", err))
		}
	}()
	lg.Info("serving health and metrics", "address", l.Addr().String())
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if s.Shutdown(ctx) != nil {
			_ = s.Close()
		}
		<-done
	}, nil
}
