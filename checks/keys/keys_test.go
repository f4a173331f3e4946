package keys

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/mint"
	"jwt-check-bot/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ring has the public keys of all tests: one, two and three.
var ring = sync.OnceValue(func() *mint.Keys {
	k := mint.NewKeys()
	for _, name := range []string{"one", "two", "three"} {
		if err := k.Key(name, "ES256"); err != nil {
			panic(err)
		}
	}
	return k
})

func jwks(names ...string) string { return string(ring().JWKS(names...)) }

func shown(m redact.Message) string { return redact.Policy{}.Text(m).String() }

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// issuer is a server whose pages can be exchanged and whose requests are counted.
type issuer struct {
	*httptest.Server
	mu    sync.Mutex
	pages map[string]http.HandlerFunc
	hits  map[string]int
}

// newIssuer starts one with (*httptest.Server).Start or StartTLS.
func newIssuer(t *testing.T, start func(*httptest.Server)) *issuer {
	i := &issuer{pages: map[string]http.HandlerFunc{}, hits: map[string]int{}}
	i.Server = httptest.NewUnstartedServer(i)
	i.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(i.Server)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.hits[r.URL.Path]++
	page := i.pages[r.URL.Path]
	i.mu.Unlock()
	if page == nil {
		http.NotFound(w, r)
		return
	}
	page(w, r)
}

func (i *issuer) page(path string, h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pages[path] = h
}

func (i *issuer) json(path, body string) {
	i.page(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	})
}

// asked is how often a page was asked for.
func (i *issuer) asked(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.hits[path]
}

// publish serves the metadata of an issuer at the server's root, and its key set.
func (i *issuer) publish(names ...string) {
	i.json("/.well-known/openid-configuration", `{"issuer":"`+i.URL+`","jwks_uri":"`+i.URL+`/keys"}`)
	i.json("/keys", jwks(names...))
}

// newSource has a time-out that no test reaches by chance.
func newSource(t *testing.T, o Options) *Source {
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	s := New(o)
	t.Cleanup(s.Close)
	return s
}

func (s *Source) get1(o Origin, kid string) checks.KeyEvidence {
	return s.Keys(context.Background(), o, kid)
}

// want checks what every evidence says.
func want(t *testing.T, e checks.KeyEvidence, fresh bool, problem string, kids ...string) {
	t.Helper()
	if (e.Set == nil) != (kids == nil) {
		t.Errorf("set: %v, want %v", e.Set != nil, kids)
	}
	for _, kid := range kids {
		if !e.Set.Has(kid) {
			t.Errorf("the set lacks %s", kid)
		}
	}
	if e.Set != nil && len(e.Set.Keys) != len(kids) {
		t.Errorf("%d keys, want %d", len(e.Set.Keys), len(kids))
	}
	if e.Fresh != fresh {
		t.Errorf("fresh: %v", e.Fresh)
	}
	if got := shown(e.Problem); got != problem {
		t.Errorf("problem:\n got %q\nwant %q", got, problem)
	}
}
