package keys

import (
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// bad are answers that are no key set, each with what is said about it.
var bad = []struct {
	name  string
	page  http.HandlerFunc
	fault string
}{
	{"status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "it answered with status 403"},
	{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "it answered with status 204"},
	{"XML", write("application/xml", "<?xml version='1.0'?><Error/>"), "the document is not JSON"},
	{"HTML", write("application/json", "\n <html>"), "it answered with an HTML page instead of JSON, as a login or error page would be"},
	{"empty", write("application/json", " \n"), "the document is empty"},
	{"text", write("application/json", "eyJhbGciOi"), "the document is not JSON"},
	{"cut short", write("application/json", `{"keys":[{"kty":"RSA"`), "the document is not JSON"},
	{"endless", func(w http.ResponseWriter, _ *http.Request) {
		for line := []byte(strings.Repeat(" ", 1<<16)); ; {
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	}, "the document is larger than 1 MiB"},
	{"gzip bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z, line := gzip.NewWriter(w), make([]byte, 1<<16)
		for range 1 << 10 {
			if _, err := z.Write(line); err != nil {
				return
			}
		}
		_ = z.Close()
	}, "the document is larger than 1 MiB"},
	{"broken gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("this is not gzip, and says so"))
	}, "its compressed answer is damaged"},
	{"cut off", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"keys":`))
	}, "the connection was closed before the answer was complete"},
	{"hung up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "the connection was closed before the answer was complete"},
	{"redirects in a circle", redirect("/keys"), "it redirects more than 3 times"},
	{"redirects to another scheme", redirect("https://issuer.example/keys"), "it redirects to another scheme"},
	{"redirects to plain http", redirect("http://issuer.example/keys"), "its URL is plain http, which is for loopback hosts only"},
	{"redirects nowhere", redirect("http://"), "its URL names no host"},
}

func write(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

func TestBadAnswers(t *testing.T) {
	for _, tc := range bad {
		t.Run(tc.name, func(t *testing.T) {
			i := newIssuer(t, (*httptest.Server).Start)
			i.page("/keys", tc.page)
			o := Origin{JWKSURL: i.URL + "/keys"}
			want(t, newSource(t, Options{}).get1(o, ""), false, "the key set at "+o.JWKSURL+" could not be had: "+tc.fault)
		})
	}
}

func TestRequest(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).Start)
	i.page("/keys", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("User-Agent") != "tester" || !strings.Contains(r.Header.Get("Accept"), "application/jwk-set+json") {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		w.Header().Set("Content-Type", "text/html") // wrong, and no harm
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, jwks("one"))
		_ = z.Close()
	})
	for n := range maxRedirects {
		i.page(fmt.Sprint("/", n), redirect(fmt.Sprint("/", n+1)))
	}
	i.page(fmt.Sprint("/", maxRedirects), redirect("/keys"))
	s := newSource(t, Options{UserAgent: "tester"})
	want(t, s.get1(Origin{JWKSURL: i.URL + "/1"}, ""), true, "", "one")
	want(t, s.get1(Origin{JWKSURL: i.URL + "/0"}, ""), false, "the key set at "+i.URL+"/0 could not be had: it redirects more than 3 times")
}

func TestStalledServer(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).Start)
	i.page("/head", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	i.page("/body", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"keys":`))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	s := newSource(t, Options{Timeout: 50 * time.Millisecond})
	for _, path := range []string{"/head", "/body"} {
		want(t, s.get1(Origin{JWKSURL: i.URL + path}, ""), false, "the key set at "+i.URL+path+" could not be had: it did not answer in time")
	}
}

func TestTLS(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).StartTLS)
	i.publish("one")
	o := Origin{Issuer: i.URL}
	problem := "the key set of " + i.URL + " could not be had: its metadata could not be read "
	want(t, newSource(t, Options{}).get1(o, ""), false, problem+"(its TLS certificate is not trusted: unknown authority)")
	want(t, newTrusting(t, i).get1(o, ""), true, "", "one")

	old := newIssuer(t, func(server *httptest.Server) {
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		server.StartTLS()
	})
	old.publish("one")
	want(t, newTrusting(t, old).get1(Origin{Issuer: old.URL}, ""), false,
		strings.Replace(problem, i.URL, old.URL, 1)+"(the TLS handshake failed)")

	plain := newIssuer(t, (*httptest.Server).Start)
	o.JWKSURL = strings.Replace(plain.URL, "http:", "https:", 1) + "/keys"
	want(t, newSource(t, Options{}).get1(o, ""), false, "the key set at "+o.JWKSURL+" could not be had: it does not speak TLS")
}

// newTrusting returns a Source that trusts the issuer's certificate.
func newTrusting(t *testing.T, i *issuer) *Source {
	s := newSource(t, Options{})
	s.client.World.Roots = x509.NewCertPool()
	s.client.World.Roots.AddCert(i.Certificate())
	return s
}

func TestURLsAreShownWithoutTheirSecrets(t *testing.T) {
	for _, tc := range []struct{ url, shown string }{
		{"https://user:hunter2@issuer.example/keys?code=hunter2#hunter2", "https://issuer.example/keys"},
		{"https://user:hunter2@issuer.example:port/", "an unreadable URL"},
		{"kubernetes/serviceaccount", "kubernetes/serviceaccount"},
	} {
		e := newSource(t, Options{Timeout: time.Nanosecond}).get1(Origin{JWKSURL: tc.url}, "")
		if got := shown(e.Source); got != "the key set at "+tc.shown {
			t.Errorf("%q", got)
		}
		if strings.Contains(shown(e.Problem), "hunter2") {
			t.Errorf("%q", shown(e.Problem))
		}
	}
}
