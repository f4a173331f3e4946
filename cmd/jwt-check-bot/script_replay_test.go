package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// live is what scripts ask: the demo's world on the real clock, and a few APIs with worse faults.
type live struct {
	*world
	faulty *httptest.Server
}

func newLive(t *testing.T) *live {
	t.Helper()
	w, err := newWorld(time.Now)
	if err != nil {
		t.Fatal(plainError(err))
	}
	t.Cleanup(w.close)
	careful := &api{w, "prod", audience, prodKey, time.Now}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /open", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /down", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusServiceUnavailable) })
	mux.Handle("GET /elsewhere", http.RedirectHandler(w.apiURL+"/orders", http.StatusTemporaryRedirect))
	mux.HandleFunc("GET /hangs", func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			<-r.Context().Done()
			return
		}
		careful.ServeHTTP(rw, r)
	})
	mux.HandleFunc("GET /small", func(rw http.ResponseWriter, r *http.Request) {
		if len(r.Header.Get("Authorization")) > 700 {
			http.Error(rw, "Request Header Or Cookie Too Large", http.StatusBadRequest)
			return
		}
		careful.ServeHTTP(rw, r)
	})
	mux.HandleFunc("GET /admin", func(rw http.ResponseWriter, r *http.Request) {
		if answer := httptest.NewRecorder(); r.Header.Get("Authorization") != "" {
			if careful.ServeHTTP(answer, r); answer.Code == http.StatusOK {
				refuse(rw, http.StatusForbidden, `Bearer error="insufficient_scope", scope="orders:admin"`, "")
				return
			}
		}
		careful.ServeHTTP(rw, r)
	})
	mux.HandleFunc("POST /token", func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = rw.Write([]byte(`{"access_token":"` + w.sample("stale-keys")["token"] + `","token_type":"Bearer","expires_in":300}`))
	})
	faulty := httptest.NewServer(mux)
	t.Cleanup(faulty.Close)
	return &live{w, faulty}
}

// sample writes the token of one of the demo's incidents to a file, as of now.
func (l *live) writeSample(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 || l.sample(args[1]) == nil {
		ts.Fatalf("usage: sample FILE INCIDENT")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(l.sample(args[1])["token"]+"\n"), 0o600))
}

// setenv tells scripts where the servers are.
func (l *live) setenv(e *testscript.Env) {
	for name, value := range map[string]string{"LIVE_ISSUER": l.issuerURL, "LIVE_API": l.apiURL, "FAULTY_API": l.faulty.URL, "BOT_SECRET": botSecret} {
		e.Setenv(name, value)
	}
}

// judgedNow reports whether an instant of the JSON is of this moment.
func judgedNow(checkedAt string) bool {
	at, err := time.Parse(time.RFC3339, checkedAt)
	return err == nil && strings.HasSuffix(checkedAt, "Z") && time.Since(at).Abs() < time.Minute
}
