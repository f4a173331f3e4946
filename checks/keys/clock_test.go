package keys

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"jwt-check-bot/checks"
)

// TestClocksAreRead: whoever serves the metadata or the set tells its clock with it, for as long as the
// copy is used; a cache tells none.
func TestClocksAreRead(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).Start)
	i.publish("one")
	shifted := func(path string, off time.Duration, age string) {
		page := i.pages[path]
		i.page(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
			if age != "" {
				w.Header().Set("Age", age)
			}
			page(w, r)
		})
	}
	shifted(metadataPath, -94*time.Second, "")
	shifted("/keys", 5*time.Minute, "")
	s := newSource(t, Options{})
	for range 2 { // fetched, and from the copy
		e := s.get1(Origin{Issuer: i.URL}, "one")
		for _, c := range []struct {
			of    string
			clock checks.Clock
			off   time.Duration
		}{{"metadata", e.IssuerClock, -94 * time.Second}, {"key set", e.Clock, 5 * time.Minute}} {
			if c.clock.IsZero() || (c.clock.Ahead()-c.off).Abs() > c.clock.Bar() {
				t.Errorf("%s: off by %v, read as %v ± %v", c.of, c.off, c.clock.Ahead(), c.clock.Bar())
			}
		}
	}
	shifted("/keys", 0, "30")
	if e := newSource(t, Options{}).get1(Origin{JWKSURL: i.URL + "/keys"}, "one"); !e.Clock.IsZero() || !e.IssuerClock.IsZero() {
		t.Error("a cache's clock was read")
	}
}
