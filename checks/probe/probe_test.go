package probe

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is one whose requests are noted, in words: the method, the path and the credential.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

const token = "the-token"

func serve(t *testing.T, h http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, fmt.Sprintf("%s %s %s", r.Method, r.URL.Path, credential(r)))
		s.mu.Unlock()
		h(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func credential(r *http.Request) string {
	switch field := r.Header.Get("Authorization"); {
	case field == "":
		return "nothing"
	case field == "Bearer "+token:
		return "token"
	case strings.HasPrefix(field, "Bearer canary"):
		return strings.TrimPrefix(field, "Bearer ")
	case strings.HasPrefix(field, "Basic "):
		return "login"
	case strings.Count(field, ".") == 2:
		return "garbage"
	}
	return "?"
}

// count is how often a request was made.
func (s *server) count(request string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if a == request {
			n++
		}
	}
	return n
}

func (s *server) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// careful lets in whom good names, and answers as RFC 6750 §3 says.
func careful(good ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "api/1.0")
		who := credential(r)
		for _, g := range good {
			if who == g {
				_, _ = io.WriteString(w, "secret data")
				return
			}
		}
		challenge := "Bearer"
		if who != "nothing" {
			challenge = `Bearer error="invalid_token"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func shown(m redact.Message) string { return redact.Policy{}.Text(m).String() }

func TestReplayAsksThreeTimesByGET(t *testing.T) {
	api := serve(t, careful("token"))
	r := New(Options{}).Replay(t.Context(), api.URL+"/orders", redact.NewSecret(token), redact.Message{})
	if !r.Asked || r.Bare.Status != 401 || r.Garbage.Status != 401 || r.Own.Status != 200 || r.Canary.Status != 0 {
		t.Errorf("%d %d %d %d", r.Bare.Status, r.Garbage.Status, r.Own.Status, r.Canary.Status)
	}
	for _, who := range []string{"nothing", "garbage", "token"} {
		if n := api.count("GET /orders " + who); n != 1 {
			t.Errorf("%s was sent %d times", who, n)
		}
	}
	if api.total() != 3 {
		t.Errorf("asked: %q", api.asked)
	}
	if len(r.Garbage.Challenges) != 1 || r.Garbage.Challenges[0].Code() != "invalid_token" || shown(r.Own.Server) != "api/1.0" || r.Own.Took <= 0 {
		t.Errorf("the answers' particulars are missing: %d challenges, server %q, took %v", len(r.Garbage.Challenges), shown(r.Own.Server), r.Own.Took)
	}
	if r.Own.Body == r.Bare.Body || r.Bare.Body != r.Garbage.Body {
		t.Error("the bodies' hashes do not compare")
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", r, r, r), "secret data") {
		t.Error("a body is kept")
	}
}

func TestWithheldTokenIsNotSent(t *testing.T) {
	api := serve(t, careful("token"))
	r := New(Options{}).Replay(t.Context(), api.URL, redact.Secret{}, redact.Msg("bound to a key"))
	if shown(r.Own.Problem) != "bound to a key" || r.Own.Status != 0 || api.total() != 2 {
		t.Errorf("%q, %q", shown(r.Own.Problem), api.asked)
	}
}

// TestHashesAreOfThisProcess: a hash that left it would tell nobody what the body was.
func TestHashesAreOfThisProcess(t *testing.T) {
	if a, b := New(Options{}).hash([]byte("x")), New(Options{}).hash([]byte("x")); a == b {
		t.Error("two probers hash alike")
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := serve(t, careful("token", "garbage", "nothing"))
	for _, status := range []int{301, 302, 303, 307, 308} {
		api := serve(t, http.RedirectHandler(elsewhere.URL, status).ServeHTTP)
		p := New(Options{})
		r := p.Replay(t.Context(), api.URL, redact.NewSecret(token), redact.Message{})
		if r.Own.Status != status || r.Bare.Status != status {
			t.Errorf("%d: %d and %d", status, r.Own.Status, r.Bare.Status)
		}
		i := p.Introspect(t.Context(), Endpoint{URL: api.URL, Login: login}, redact.NewSecret(token))
		if want := fmt.Sprintf("the introspection endpoint was asked, and it redirects (%d), which is not followed", status); shown(i.Problem) != want {
			t.Errorf("%d: %q", status, shown(i.Problem))
		}
		c := p.Canary(t.Context(), Target{ReplayURL: api.URL, Canary: Endpoint{URL: api.URL, Login: login}})
		if want := fmt.Sprintf("none to be had: it redirects (%d), which is not followed", status); shown(c.Problem) != want {
			t.Errorf("%d: %q", status, shown(c.Problem))
		}
	}
	if elsewhere.total() != 0 {
		t.Errorf("a redirect was followed: %q", elsewhere.asked)
	}
}

// TestAServerThatHangs delays nobody beyond the time-out, and only its own answer is missing.
func TestAServerThatHangs(t *testing.T) {
	gone := make(chan struct{})
	api := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if credential(r) == "token" {
			<-gone
			return
		}
		careful()(w, r)
	})
	defer close(gone)
	r := New(Options{Timeout: 2 * time.Second}).Replay(t.Context(), api.URL, redact.NewSecret(token), redact.Message{})
	if shown(r.Own.Problem) != "no answer: it did not answer in time" || r.Bare.Status != 401 || r.Garbage.Status != 401 {
		t.Errorf("%q, %d, %d", shown(r.Own.Problem), r.Bare.Status, r.Garbage.Status)
	}
}

// TestAnEndlessBodyIsCut: bounded in size as well.
func TestAnEndlessBodyIsCut(t *testing.T) {
	api := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 4096 {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	r := New(Options{Timeout: time.Minute}).Replay(t.Context(), api.URL, redact.NewSecret(token), redact.Message{})
	if r.Own.Status != 200 || r.Own.Body != r.Bare.Body {
		t.Errorf("%d, %q", r.Own.Status, shown(r.Own.Problem))
	}
}

// TestABodyThatBreaksOffIsNotCompared: two that were not read to their end are not known to be the same.
func TestABodyThatBreaksOffIsNotCompared(t *testing.T) {
	whole := false
	api := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if !whole {
			w.Header().Set("Content-Length", "100")
		}
		w.WriteHeader(401)
		_, _ = io.WriteString(w, "refused")
	})
	for _, whole = range []bool{false, true} {
		r := New(Options{}).Replay(t.Context(), api.URL, redact.NewSecret(token), redact.Message{})
		if r.Own.Status != 401 || r.Own.Partial == whole {
			t.Errorf("whole %t: %d, partial %t", whole, r.Own.Status, r.Own.Partial)
		}
	}
}

// TestHowLongACanaryIsKept: expires_in is a number, and at some issuers a string.
func TestHowLongACanaryIsKept(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for expires, want := range map[string]time.Duration{
		`300`: 4 * time.Minute, `"300"`: 4 * time.Minute, `86400`: time.Hour, `1e300`: time.Hour, `60`: 0, `-1`: 0, `null`: 0, `"NaN"`: 0, `"soon"`: 0, `[300]`: 0,
	} {
		issuer := serve(t, answering(`200 {"access_token":"x","expires_in":`+expires+`}`))
		c, f := New(Options{Now: func() time.Time { return now }}).mint(t.Context(), Endpoint{URL: issuer.URL, Login: login})
		if f != nil || c.until.Sub(now) != want {
			t.Errorf("%s: kept for %s, want %s", expires, c.until.Sub(now), want)
		}
	}
}

var login = outbound.Login{ID: "bot:1", Secret: redact.NewSecret("p w")}

func TestCanaryIsKeptUntilShortlyBeforeItExpires(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	api := serve(t, careful("canary-1", "canary-2"))
	minted := 0
	issuer := serve(t, func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		if id != "bot%3A1" || secret != "p+w" || form.Get("grant_type") != "client_credentials" || form.Get("scope") != "canary:read" || len(form) != 2 {
			t.Errorf("asked with %q %q %v", id, secret, form)
		}
		minted++
		_, _ = fmt.Fprintf(w, `{"access_token":"canary-%d","token_type":"bearer","expires_in":300}`, minted)
	})
	target := Target{ReplayURL: api.URL, Canary: Endpoint{URL: issuer.URL, Login: login, Scope: "canary:read"}}
	p := New(Options{Now: func() time.Time { return now }})
	for _, step := range []struct {
		after  time.Duration
		minted int
	}{{0, 1}, {239 * time.Second, 1}, {2 * time.Second, 2}, {0, 2}} {
		now = now.Add(step.after)
		if reply := p.Canary(t.Context(), target); reply.Status != 200 || minted != step.minted {
			t.Errorf("status %d, %d minted, want %d", reply.Status, minted, step.minted)
		}
	}
	if issuer.count("POST / login") != 2 || issuer.total() != 2 {
		t.Errorf("the issuer was asked %q", issuer.asked)
	}
}

// TestARefusedCanaryIsGotAnew: that it was revoked since says nothing about the API.
func TestARefusedCanaryIsGotAnew(t *testing.T) {
	good := "canary-1"
	api := serve(t, func(w http.ResponseWriter, r *http.Request) { careful(good)(w, r) })
	minted := 0
	issuer := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		minted++
		_, _ = fmt.Fprintf(w, `{"access_token":"canary-%d","expires_in":300}`, minted)
	})
	p := New(Options{})
	target := Target{ReplayURL: api.URL, Canary: Endpoint{URL: issuer.URL, Login: login}}
	for _, now := range []string{"canary-1", "canary-2"} {
		good = now
		if reply := p.Canary(t.Context(), target); reply.Status != 200 {
			t.Errorf("%s: %d", now, reply.Status)
		}
	}
	good = "nobody"
	if reply := p.Canary(t.Context(), target); reply.Status != 401 || minted != 3 {
		t.Errorf("refused for good: %d, %d minted", reply.Status, minted)
	}
}

func TestCanariesThatCannotBeHad(t *testing.T) {
	api := serve(t, careful())
	for answer, want := range map[string]string{
		"401 {}":     "it refused the bot's own credentials (401)",
		"503 {}":     "it answered with status 503",
		"200 <html>": "the token endpoint's answer holds no access_token",
		"200 {}":     "the token endpoint's answer holds no access_token",
		`200 {"access_token":"x","token_type":"DPoP"}`: "the token endpoint gives no bearer tokens",
	} {
		issuer := serve(t, answering(answer))
		reply := New(Options{}).Canary(t.Context(), Target{ReplayURL: api.URL, Canary: Endpoint{URL: issuer.URL, Login: login}})
		if got := shown(reply.Problem); got != "none to be had: "+want {
			t.Errorf("%s: %q", answer, got)
		}
	}
	if api.total() != 0 {
		t.Errorf("the API was asked %q", api.asked)
	}
}

func answering(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		status, body, _ := strings.Cut(answer, " ")
		var n int
		_, _ = fmt.Sscan(status, &n)
		w.WriteHeader(n)
		_, _ = io.WriteString(w, body)
	}
}

func TestIntrospection(t *testing.T) {
	issuer := serve(t, func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		if id != "bot%3A1" || secret != "p+w" || string(body) != "token=the-token&token_type_hint=access_token" {
			t.Errorf("asked with %q %q %q", id, secret, body)
		}
		_, _ = io.WriteString(w, `{"active":true,"scope":"a"}`)
	})
	i := New(Options{}).Introspect(t.Context(), Endpoint{URL: issuer.URL + "/introspect", Login: login}, redact.NewSecret(token))
	if !i.Active || !i.Problem.IsZero() || i.Clock.IsZero() || issuer.count("POST /introspect login") != 1 || issuer.total() != 1 {
		t.Errorf("%v, %q, %q", i.Active, shown(i.Problem), issuer.asked)
	}
}

func TestIntrospectionThatCannotSay(t *testing.T) {
	const noResponse = "its answer is no introspection response: a JSON object with a boolean active (RFC 7662 §2.2)"
	for answer, want := range map[string]string{
		`200 {"active":false}`:           "",
		`401 {"error":"invalid_client"}`: "it refused the bot's own credentials (401)",
		"403 ":                           "it refused the bot's own credentials (403)",
		"404 ":                           "it answered with status 404",
		"200 {}":                         noResponse,
		`200 {"active":"true"}`:          noResponse,
		`200 {"active":true`:             noResponse,
		"200 <html>":                     noResponse,
		"200 " + strings.Repeat(" ", 65<<10) + `{"active":true}`: "the document is larger than 64 KiB",
	} {
		issuer := serve(t, answering(answer))
		i := New(Options{}).Introspect(t.Context(), Endpoint{URL: issuer.URL, Login: login}, redact.NewSecret(token))
		if want != "" {
			want = "the introspection endpoint was asked, and " + want
		}
		if got := shown(i.Problem); got != want || i.Active {
			t.Errorf("%.40s: %q", answer, got)
		}
	}
	closed := serve(t, careful())
	closed.Close()
	i := New(Options{}).Introspect(t.Context(), Endpoint{URL: closed.URL, Login: login}, redact.NewSecret(token))
	if got := shown(i.Problem); got != "the introspection endpoint was asked, and the connection was refused" {
		t.Errorf("unreachable: %q", got)
	}
}

// TestSkewWithinItsErrorBar measures clocks that are off by a known time.
func TestSkewWithinItsErrorBar(t *testing.T) {
	for _, off := range []time.Duration{0, -94 * time.Second, 94 * time.Second, 1300 * time.Millisecond, -777 * time.Millisecond, time.Hour} {
		api := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
			careful()(w, r)
		})
		c := New(Options{}).Replay(t.Context(), api.URL, redact.NewSecret(token), redact.Message{}).Clock
		if c.IsZero() || (c.Ahead()-off).Abs() > c.Bar() || c.Bar() > time.Second {
			t.Errorf("off by %v: read as %v ± %v", off, c.Ahead(), c.Bar())
		}
		t.Logf("off by %v: read as %v ± %v", off, c.Ahead().Round(time.Millisecond), c.Bar().Round(time.Millisecond))
	}
}

// TestCachesTellNoTime: their Date is of another one.
func TestCachesTellNoTime(t *testing.T) {
	for name, value := range map[string]string{"Age": "30", "X-Cache": "Hit from cloudfront", "Cf-Cache-Status": "HIT", "Date": "yesterday"} {
		api := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(name, value) })
		if c := New(Options{}).Replay(t.Context(), api.URL, redact.NewSecret(token), redact.Message{}).Clock; !c.IsZero() {
			t.Errorf("%s: %s: the clock was read", name, value)
		}
	}
}

// TestGarbageIsNobodys: three parts, well made, and another each time.
func TestGarbageIsNobodys(t *testing.T) {
	a, b := garbage(), garbage()
	parsed, err := checks.Parse(a)
	if err != nil || a.Expose() == b.Expose() || parsed.Algorithm() != "RS256" {
		t.Fatalf("%v, %s", err, parsed.Algorithm())
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(a.Expose(), ".")[1])
	if err != nil || !strings.Contains(string(payload), ".invalid") {
		t.Errorf("%q, %v", payload, err)
	}
}

// TestEndedContext: nothing is sent once nobody waits.
func TestEndedContext(t *testing.T) {
	api := serve(t, careful())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := New(Options{}).Replay(ctx, api.URL, redact.NewSecret(token), redact.Message{}); r.Own.Problem.IsZero() || api.total() != 0 {
		t.Errorf("%q, %q", shown(r.Own.Problem), api.asked)
	}
}
