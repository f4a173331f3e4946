package slack

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jwt-check-bot/redact"
)

// TestReasons: who runs the bot reads in words why Slack is not reached, and no address but its own.
func TestReasons(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := "http://" + free.Addr().String() + "/secret-path/"
	_ = free.Close()
	strange := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(strange.Close)
	strange.Config.ErrorLog = nil
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for url, want := range map[string]string{
		refusing:                      "the connection was refused",
		strange.URL + "/secret-path/": "the TLS certificate is not trusted: unknown authority",
		strings.Replace(plain.URL, "http:", "https:", 1) + "/secret-path/": "what answers does not speak TLS",
	} {
		var lines bytes.Buffer
		c, err := New(Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret("xoxb-1"), APIURL: url, Log: slog.New(slog.NewTextHandler(&lines, nil))})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.address(context.Background())
		(&pace{client: c}).failed(err)
		c.Close()
		host := strings.Split(url, "/")[2]
		if said := lines.String(); !strings.Contains(said, `reason="`+want+`"`) || !strings.Contains(said, "host="+host) || strings.Contains(said, "secret") || strings.Contains(said, "*url.Error") {
			t.Errorf("%s: %s", want, said)
		}
	}
	if got := reason(&net.DNSError{IsNotFound: true, Name: "secret"}); got != "the host name was not found" {
		t.Error(got)
	}
	if got := reason(http.ErrBodyNotAllowed); got != "the exchange failed (*http.ProtocolError)" && !strings.HasPrefix(got, "the exchange failed (") {
		t.Error(got)
	}
}
