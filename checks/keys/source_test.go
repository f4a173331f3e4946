package keys

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	metadataPath = "/.well-known/openid-configuration"
	oauthPath    = "/.well-known/oauth-authorization-server"
)

func TestKeysAreDiscoveredOnceAndKept(t *testing.T) {
	c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
	i.publish("one", "two")
	s := newSource(t, Options{Now: c.now})
	o := Origin{Issuer: i.URL}

	e := s.get1(o, "one")
	want(t, e, true, "", "one", "two")
	if got := shown(e.Source); got != "the key set of "+i.URL {
		t.Errorf("source: %q", got)
	}
	if !e.Fetched.Equal(c.now()) {
		t.Errorf("fetched: %v", e.Fetched)
	}
	c.advance(9 * time.Minute)
	want(t, s.get1(o, "one"), false, "", "one", "two")
	want(t, s.get1(o, ""), false, "", "one", "two")
	if i.asked(metadataPath) != 1 || i.asked("/keys") != 1 {
		t.Errorf("asked %d and %d times", i.asked(metadataPath), i.asked("/keys"))
	}
	c.advance(time.Minute)
	want(t, s.get1(o, "one"), true, "", "one", "two")
	if i.asked(metadataPath) != 2 || i.asked("/keys") != 2 {
		t.Errorf("after ten minutes: asked %d and %d times", i.asked(metadataPath), i.asked("/keys"))
	}
}

func TestUnknownKeyIsAskedForOnce(t *testing.T) {
	c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
	i.publish("one")
	s := newSource(t, Options{Now: c.now})
	o := Origin{Issuer: i.URL}
	want(t, s.get1(o, "one"), true, "", "one")

	i.publish("one", "two") // the issuer rotates
	c.advance(29 * time.Second)
	want(t, s.get1(o, "two"), true, "", "one")
	if n := i.asked("/keys"); n != 1 {
		t.Errorf("asked %d times within the cool-down", n)
	}
	c.advance(time.Second)
	want(t, s.get1(o, "two"), true, "", "one", "two")
	want(t, s.get1(o, "three"), true, "", "one", "two")
	if n := i.asked("/keys"); n != 2 {
		t.Errorf("asked %d times", n)
	}
	if n := i.asked(metadataPath); n != 1 {
		t.Errorf("the metadata was asked for %d times", n)
	}
}

func TestStampedeIsOneFetch(t *testing.T) {
	c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
	i.publish("one")
	s := newSource(t, Options{Now: c.now})
	o := Origin{Issuer: i.URL}
	want(t, s.get1(o, "one"), true, "", "one")
	c.advance(time.Minute)

	const callers = 1000
	var started, done sync.WaitGroup
	started.Add(callers)
	i.page("/keys", func(w http.ResponseWriter, _ *http.Request) {
		started.Wait()
		_, _ = w.Write([]byte(jwks("one", "two")))
	})
	for n := range callers {
		done.Go(func() {
			started.Done()
			e := s.get1(o, "unknown-"+strconv.Itoa(n))
			if !e.Fresh || !e.Set.Has("two") || !e.Problem.IsZero() {
				t.Errorf("caller %d: fresh %v, %q", n, e.Fresh, shown(e.Problem))
			}
		})
	}
	done.Wait()
	if n := i.asked("/keys"); n != 2 {
		t.Errorf("asked %d times, want 1 and 1", n)
	}
}

func TestImpatientCallerSpoilsNothing(t *testing.T) {
	c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
	arrived, release := make(chan struct{}), make(chan struct{})
	i.page("/keys", func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = w.Write([]byte(jwks("one")))
	})
	s := newSource(t, Options{Now: c.now})
	o := Origin{JWKSURL: i.URL + "/keys"}

	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-arrived
		cancel()
	}()
	want(t, s.Keys(ctx, o, "one"), false, "the key set at "+o.JWKSURL+" could not be had: no answer came in time")
	want(t, s.Keys(ctx, o, "one"), false, "the key set at "+o.JWKSURL+" could not be had: no answer came in time")
	close(release)
	want(t, s.get1(o, "one"), true, "", "one")
	want(t, s.Keys(ctx, o, "one"), true, "", "one")
	if n := i.asked("/keys"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestCallerWhoIsGoneStartsNothing(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).Start)
	s := newSource(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	want(t, s.Keys(ctx, Origin{JWKSURL: i.URL + "/keys"}, ""), false,
		"the key set at "+i.URL+"/keys could not be had: no answer came in time")
	if n := i.asked("/keys"); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

func TestLastGoodCopySurvivesAFailure(t *testing.T) {
	var log bytes.Buffer
	c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
	i.json("/keys", jwks("one"))
	s := newSource(t, Options{Now: c.now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	o := Origin{Issuer: "https://issuer.example", JWKSURL: i.URL + "/keys?code=hidden"}
	first := c.now()
	want(t, s.get1(o, "one"), true, "", "one")

	problem := "the key set at " + i.URL + "/keys could not be refreshed: it answered with status 500"
	i.page("/keys", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "boom", http.StatusInternalServerError) })
	c.advance(time.Minute)
	e := s.get1(o, "two")
	want(t, e, false, problem, "one")
	if !e.Fetched.Equal(first) {
		t.Errorf("fetched: %v", e.Fetched)
	}
	want(t, s.get1(o, "two"), false, problem, "one")
	want(t, s.get1(o, "one"), false, "", "one")
	if n := i.asked("/keys"); n != 2 {
		t.Errorf("asked %d times: a failure must rest for the cool-down too", n)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "kind=status") || strings.Contains(got, "hidden") || strings.Contains(got, "boom") {
		t.Errorf("log: %s", got)
	}

	i.json("/keys", jwks("one", "two"))
	c.advance(30 * time.Second)
	want(t, s.get1(o, "two"), true, "", "one", "two")
}

func TestFailureWithoutACopy(t *testing.T) {
	c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
	s := newSource(t, Options{Now: c.now})
	o := Origin{JWKSURL: i.URL + "/keys"}
	for range 3 {
		want(t, s.get1(o, "one"), false, "the key set at "+o.JWKSURL+" could not be had: it answered with status 404")
	}
	if n := i.asked("/keys"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestCacheControl(t *testing.T) {
	for _, tc := range []struct {
		header string
		kept   time.Duration
	}{
		{"", 10 * time.Minute},
		{"public, max-age=120, must-revalidate", 2 * time.Minute},
		{"max-age=5", time.Minute},
		{"max-age=0", time.Minute},
		{"no-cache", time.Minute},
		{"Max-Age=\"300\"", 5 * time.Minute},
		{"max-age=86400", 10 * time.Minute},
		{"max-age=-1", 10 * time.Minute},
		{"max-age=99999999999999999999", 10 * time.Minute},
	} {
		c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
		i.page("/keys", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", tc.header)
			_, _ = w.Write([]byte(jwks("one")))
		})
		s := newSource(t, Options{Now: c.now})
		o := Origin{JWKSURL: i.URL + "/keys"}
		s.get1(o, "one")
		c.advance(tc.kept - time.Second)
		s.get1(o, "one")
		if n := i.asked("/keys"); n != 1 {
			t.Errorf("%q: asked again before %v", tc.header, tc.kept)
		}
		c.advance(time.Second)
		s.get1(o, "one")
		if n := i.asked("/keys"); n != 2 {
			t.Errorf("%q: not asked again after %v", tc.header, tc.kept)
		}
	}
}

func TestProfilesThatShareAURLShareTheFetch(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).Start)
	i.json("/keys", jwks("one"))
	s := newSource(t, Options{})
	for _, iss := range []string{"https://a.example", "https://b.example", ""} {
		want(t, s.get1(Origin{Issuer: iss, JWKSURL: i.URL + "/keys"}, "one"), true, "", "one")
	}
	if n := i.asked("/keys"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).Start)
	s := newSource(t, Options{})
	i.page("/keys", func(_ http.ResponseWriter, r *http.Request) {
		go s.Close()
		<-r.Context().Done()
	})
	o := Origin{JWKSURL: i.URL + "/keys"}
	problem := "the key set at " + o.JWKSURL + " could not be had: the bot is shutting down"
	want(t, s.get1(o, "one"), false, problem)
	s.Close()
	want(t, s.get1(Origin{JWKSURL: i.URL + "/other"}, "one"), false, strings.Replace(problem, "/keys", "/other", 1))
}

func TestNothingConfigured(t *testing.T) {
	want(t, newSource(t, Options{}).get1(Origin{}, "one"), false, "no issuer and no key set is configured")
}

func TestAfreshSeesAKeyReplacedUnderItsID(t *testing.T) {
	c, i := newClock(), newIssuer(t, (*httptest.Server).Start)
	i.publish("one")
	s := newSource(t, Options{Now: c.now})
	o := Origin{Issuer: i.URL}
	old := s.get1(o, "one").Set

	i.publish("one")
	c.advance(time.Minute)
	if e := s.get1(o, "one"); e.Set != old || e.Fresh {
		t.Error("the copy should have served, as no fresh one")
	}
	if e := s.Afresh(t.Context(), o); e.Set == old || !e.Fresh {
		t.Error("asked afresh, and got the copy")
	}
	if again := s.Afresh(t.Context(), o); !again.Fresh || i.asked("/keys") != 2 {
		t.Errorf("asked %d times within the cool-down", i.asked("/keys"))
	}
}
