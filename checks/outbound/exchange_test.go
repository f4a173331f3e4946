package outbound

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jwt-check-bot/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestExchange: what is sent is what was asked for, and nothing is kept from one exchange to the next.
func TestExchange(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, fmt.Sprintf("%s %s auth=%q cookie=%q type=%q body=%q", r.Method, r.URL, r.Header.Get("Authorization"), r.Header.Get("Cookie"), r.Header.Get("Content-Type"), body))
		w.Header().Set("Set-Cookie", "session=1")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(make([]byte, 3000))
	}))
	defer server.Close()
	c := New(time.Minute, "test", time.Now)
	get := Request{URL: server.URL + "/a?b=c", Bearer: redact.NewSecret("x"), Limit: 1024, Cut: true}
	a, f := c.Do(t.Context(), get)
	if f != nil || a.Status != http.StatusTeapot || len(a.Body) != 1024 || a.Sent.IsZero() || a.Came.Before(a.Sent) || a.Reach != Loopback {
		t.Errorf("%+v, %v", a, f)
	}
	get.Cut = false
	if a, f = c.Do(t.Context(), get); a == nil || f == nil || f.Error() != "the document is larger than 1 KiB" {
		t.Errorf("%v, %v", a, f)
	}
	_, _ = c.Do(t.Context(), Request{URL: server.URL, Form: []Field{{"token", redact.NewSecret("x&y")}, {"scope", redact.NewSecret("a b")}},
		Basic: &Login{"id:1", redact.NewSecret("p ?")}, Limit: 1024, Cut: true})
	want := []string{
		`GET /a?b=c auth="Bearer x" cookie="" type="" body=""`,
		`GET /a?b=c auth="Bearer x" cookie="" type="" body=""`,
		`POST / auth="Basic aWQlM0ExOnArJTNG" cookie="" type="application/x-www-form-urlencoded" body="token=x%26y&scope=a+b"`,
	}
	if strings.Join(asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked:\n%s", strings.Join(asked, "\n"))
	}
}

// TestRedirectIsAnAnswer: where none is to be followed, nobody else is asked, not even once.
func TestRedirectIsAnAnswer(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(other.URL, status))
		a, f := New(time.Minute, "test", time.Now).Do(t.Context(), Request{URL: server.URL, Bearer: redact.NewSecret("x"), Limit: 1024})
		if f != nil || a.Status != status || a.Header.Get("Location") != other.URL {
			t.Errorf("%d: %+v, %v", status, a, f)
		}
		server.Close()
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests followed a redirect", n)
	}
}

func TestURLs(t *testing.T) {
	for _, tc := range []struct{ url, fault string }{
		{"https://issuer.example/keys", ""},
		{"http://localhost:8080/keys", ""},
		{"http://issuer.localhost/keys", ""},
		{"http://127.0.0.2/keys", ""},
		{"http://[::1]:80/keys", ""},
		{"http://issuer.example/keys", "its URL is plain http, which is for loopback hosts only"},
		{"http://localhost.example/keys", "its URL is plain http, which is for loopback hosts only"},
		{"file:///etc/passwd", "its URL names no host"},
		{"ftp://issuer.example/keys", "its URL is not an https one"},
		{"https:issuer.example", "its URL names no host"},
		{"/keys", "its URL names no host"},
	} {
		u, err := url.Parse(tc.url)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if f := checkURL(u); f != nil {
			got = f.Error()
		}
		if got != tc.fault {
			t.Errorf("%s: %q", tc.url, got)
		}
	}
}

// What the standard library says quotes URLs, names and addresses. Nothing of it may pass.
func TestForeignErrorsBecomeOurWords(t *testing.T) {
	const quote = "hunter2"
	wrap := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://" + quote, Err: &net.OpError{Op: "dial", Err: err}}
	}
	for _, tc := range []struct {
		err        error
		kind, from string
	}{
		{wrap(context.DeadlineExceeded), "timeout", "context.deadlineExceededError"},
		{wrap(os.ErrDeadlineExceeded), "timeout", "*poll.DeadlineExceededError"},
		{wrap(&net.DNSError{Err: quote, Name: quote, IsNotFound: true}), "dns-not-found", "*net.DNSError"},
		{wrap(&net.DNSError{Err: quote, Name: quote}), "dns", "*net.DNSError"},
		{wrap(&net.DNSError{Err: quote, Name: quote, IsTimeout: true}), "timeout", "*net.DNSError"},
		{wrap(x509.HostnameError{Certificate: &x509.Certificate{}, Host: quote}), "tls-name", "x509.HostnameError"},
		{wrap(x509.CertificateInvalidError{Reason: x509.Expired, Detail: quote}), "tls-expired", "x509.CertificateInvalidError"},
		{wrap(x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign, Detail: quote}), "tls-untrusted", "x509.CertificateInvalidError"},
		{wrap(errInside), "address-refused", ""},
		{wrap(errors.New(quote)), "exchange", "*errors.errorString"},
		{&url.Error{Op: "Get", URL: quote, Err: &net.OpError{Op: "proxyconnect", Err: errors.New(quote)}}, "proxy", "*errors.errorString"},
		{errors.Join(errors.New(quote), errInside), "address-refused", ""},
	} {
		f := Classify(tc.err)
		if f.Kind != tc.kind || f.From != tc.from || strings.Contains(f.Error()+fmt.Sprintf("%+v %#v", f, *f), quote) {
			t.Errorf("%s: %s, %s, %s", tc.kind, f.Kind, f.From, f)
		}
	}
}
