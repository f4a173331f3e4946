package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"

	"jwt-check-bot/redact"
)

// screen is the net behind whatever is served over HTTP: an answer is made in memory and scanned
// whole before a byte of it leaves. One with a hit is withheld and counted, and nothing of it told.
type screen struct {
	next     http.Handler
	log      *slog.Logger
	withheld atomic.Int64
}

func (s *screen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := answer{header: http.Header{}, status: http.StatusOK}
	s.next.ServeHTTP(&a, r)
	if found := a.screen(r); found != "" {
		s.withheld.Add(1)
		s.log.ErrorContext(r.Context(), "an answer over HTTP was withheld: it looked as if it held a credential; this is a fault in the bot", "found", found)
		say(w, http.StatusInternalServerError, "withheld")
		return
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// mostAnswer bounds an answer, in bytes: the metrics have some 20 KB.
const mostAnswer = 4 << 20

// answer is an http.ResponseWriter and nothing more: what writes to it cannot flush or take the
// connection over.
type answer struct {
	header http.Header
	status int
	said   bool
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.said {
		a.status, a.said = status, true
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.said = true
	if a.body.Len()+len(b) > mostAnswer {
		return 0, io.ErrShortBuffer
	}
	return a.body.Write(b)
}

// screen says what is wrong with the answer, its headers included; empty is nothing.
func (a *answer) screen(r *http.Request) string {
	if a.header.Get("Content-Encoding") != "" {
		return "something compressed"
	}
	for name, values := range a.header {
		for _, text := range append(values, name) {
			if f := redact.Screen(r.Context(), []byte(text)); f != redact.Nothing {
				return f.String()
			}
		}
	}
	if f := redact.Screen(r.Context(), a.body.Bytes()); f != redact.Nothing {
		return f.String()
	}
	return ""
}
