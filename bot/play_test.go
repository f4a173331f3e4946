package bot_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// play is an API with a token endpoint and an introspection endpoint beside it, on one server. What it
// does is chosen by words; without any it verifies as a careful service does.
type play struct {
	*httptest.Server
	words string
	skew  time.Duration // of its clock

	mu    sync.Mutex
	asked []string // method and path
}

// newPlay starts one:
//
//	gateway    refuses everything in the same words, before the API
//	open       verifies nothing
//	stale      verifies with a key set from before prod-1 was published
//	slow       its clock is 94 s behind, and no leeway is given
//	hangs      does not answer a request with a token (till done is closed)
//	redirects  to another server
//	small      takes no header of more than 512 bytes
//	strict     wants a scope that nobody has
//	revoked    the issuer calls every token inactive
//	less       the issuer knows of fewer scopes
//	ungranted  the issuer does not know the bot
//	canary     the issuer gives the bot a token of its own
func newPlay(t testing.TB, words string) *play {
	p := &play{words: words}
	if p.is("slow") {
		p.skew = -94 * time.Second
	}
	gone := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) { p.orders(w, r, gone) })
	mux.HandleFunc("/introspect", p.introspect)
	mux.HandleFunc("/token", p.token)
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.URL.Path)
		p.mu.Unlock()
		w.Header().Set("Date", at.Add(p.skew).Format(http.TimeFormat))
		mux.ServeHTTP(w, r)
	}))
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.Start()
	t.Cleanup(func() { close(gone); p.Close() })
	return p
}

func (p *play) is(word string) bool { return strings.Contains(" "+p.words+" ", " "+word+" ") }

func (p *play) orders(w http.ResponseWriter, r *http.Request, gone chan struct{}) {
	bearer, has := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	refuse := func(status int, challenge string) {
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(status)
	}
	switch {
	case p.is("gateway"):
		w.Header().Set("Server", "envoy")
		refuse(http.StatusUnauthorized, `Bearer realm="edge"`)
		_, _ = io.WriteString(w, "Jwt issuer is not configured")
		return
	case p.is("redirects"):
		http.Redirect(w, r, "https://login.acme.example/", http.StatusFound)
		return
	case p.is("hangs") && has:
		select {
		case <-gone:
		case <-r.Context().Done():
		}
		return
	case p.is("open"):
		_, _ = io.WriteString(w, "[]")
		return
	case !has:
		refuse(http.StatusUnauthorized, "Bearer")
		return
	case p.is("small") && len(bearer) > 512 && strings.Contains(bearer, "."):
		w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
		return
	}
	if claims := (jwt.MapClaims{}); p.is("echo") { // what a careless API gives back
		_, _, _ = jwt.NewParser().ParseUnverified(bearer, claims)
		email, _ := claims["email"].(string)
		w.Header().Set("Server", "gate/1 "+bearer)
		jti, _ := claims["jti"].(string)
		w.Header().Set("Via", "1.1 "+jti+" <!channel>")
		refuse(http.StatusUnauthorized, `Bearer error="invalid_token", error_description="no session of `+email+` for `+bearer+` *now* <@U0BEN>"`)
		_, _ = io.WriteString(w, bearer)
		return
	}
	leeway := time.Minute
	if p.is("slow") {
		leeway = 0
	}
	_, err := jwt.Parse(bearer, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != "prod-1" || p.is("stale") {
			return nil, jwt.ErrTokenUnverifiable
		}
		return ring().Public("prod-1"), nil
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer("https://login.acme.example/prod"), jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(func() time.Time { return at.Add(p.skew) }))
	switch {
	case err != nil:
		refuse(http.StatusUnauthorized, `Bearer error="invalid_token", error_description="`+strings.TrimPrefix(err.Error(), "token ")+`"`)
	case p.is("strict"):
		refuse(http.StatusForbidden, `Bearer error="insufficient_scope", scope="orders:admin"`)
	default:
		_, _ = io.WriteString(w, "[]")
	}
}

func (p *play) introspect(w http.ResponseWriter, r *http.Request) {
	switch {
	case p.is("ungranted"):
		w.WriteHeader(http.StatusUnauthorized)
	case p.is("revoked"):
		_, _ = io.WriteString(w, `{"active":false}`)
	case p.is("less"):
		_, _ = io.WriteString(w, `{"active":true,"scope":"profile","client_id":"web-shop"}`)
	default:
		_, _ = io.WriteString(w, `{"active":true}`)
	}
}

func (p *play) token(w http.ResponseWriter, _ *http.Request) {
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":300}`, ring().MustMint(at, good, `{"sub":"bot","client_id":"jwt-check"}`))
}

// target is what the first environment may ask of it.
func (p *play) target() probe.Target {
	login := outbound.Login{ID: "jwt-check", Secret: redact.NewSecret("s3cret")}
	t := probe.Target{ReplayURL: p.URL + "/orders"}
	if p.is("revoked") || p.is("less") || p.is("ungranted") || p.is("active") {
		t.Introspection = probe.Endpoint{URL: p.URL + "/introspect", Login: login}
	}
	if p.is("canary") {
		t.Canary = probe.Endpoint{URL: p.URL + "/token", Login: login}
	}
	return t
}

// against has the first environment ask such an API.
func against(t testing.TB, words string) option {
	p := newPlay(t, words)
	return func(o *bot.Options) {
		if o.Examiner != nil { // else only the manifest is asked about
			o.Examiner.Target(p.target())
		}
	}
}
