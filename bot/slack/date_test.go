package slack

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"jwt-check-bot/redact"
)

func TestSlacksClockIsRead(t *testing.T) {
	const off = 5 * time.Minute
	age := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
		if age != "" {
			w.Header().Set("Age", age)
		}
		_, _ = w.Write([]byte(`{"ok":true}`))
	}))
	defer server.Close()
	c, err := New(Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret("xoxb-1"), APIURL: server.URL + "/"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, _, date := c.Clock(); !date.IsZero() {
		t.Error("there is a reading before the first call")
	}
	_, _ = c.Identify(t.Context())
	sent, came, date := c.Clock()
	if sent.After(came) || date.Add(time.Second).Before(sent.Add(off)) || date.After(came.Add(off)) {
		t.Errorf("sent %v, came %v, date %v", sent, came, date)
	}
	age = "30"
	_, _ = c.Identify(t.Context())
	if again, _, _ := c.Clock(); !again.Equal(sent) {
		t.Error("a cache's clock was read")
	}
}
