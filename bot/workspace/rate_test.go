package workspace

import (
	"fmt"
	"testing"
	"time"
)

// TestRateLimit: one channel is slow, and another one is not.
func TestRateLimit(t *testing.T) {
	w := start(t, Options{})
	w.RateLimit(Incidents, time.Hour)
	for channel, want := range map[string]string{Incidents: "ratelimited", Partners: "<nil>"} {
		res, out := send(t, w.APIURL()+"chat.postMessage", w.BotToken(), "application/json", []byte(`{"channel":"`+channel+`","text":"x"}`))
		if fmt.Sprint(out["error"]) != want || (want == "ratelimited") != (res.Header.Get("Retry-After") == "3600" && res.StatusCode == 429) {
			t.Errorf("%s: %s %v %v", channel, res.Status, res.Header, out)
		}
	}
	w.RateLimit(Incidents, 0)
	if out := w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "text": "x"}); out["ok"] != true {
		t.Errorf("afterwards: %v", out)
	}
	wantRefusals(t, w)
}

// TestRate: a burst, then a message a second, each channel for itself; and by the clock that it was given.
func TestRate(t *testing.T) {
	now := morning()
	w := start(t, Options{Rate: Rate{Now: func() time.Time { return now }}})
	post := func(channel string) string {
		t.Helper()
		res, out := send(t, w.APIURL()+"chat.postMessage", w.BotToken(), "application/json", []byte(`{"channel":"`+channel+`","text":"x"}`))
		return fmt.Sprintf("%d %v %v", res.StatusCode, out["error"], res.Header["Retry-After"])
	}
	const taken, refused = "200 <nil> []", "429 ratelimited [1]"
	for i := range 8 {
		want := taken
		if i >= 5 {
			want = refused
		}
		if got := post(Incidents); got != want {
			t.Errorf("message %d: %s, want %s", i+1, got, want)
		}
	}
	if got := post(Partners); got != taken {
		t.Errorf("another channel: %s", got)
	}
	for range 3 {
		now = now.Add(time.Second)
		if first, second := post(Incidents), post(Incidents); first != taken || second != refused {
			t.Errorf("a second later: %s, then %s", first, second)
		}
	}
	for range 3 {
		if out := w.call(t, "chat.postEphemeral", map[string]any{"channel": Incidents, "user": Ana, "text": "x"}); out["ok"] != true {
			t.Errorf("what one person sees is no message: %v", out)
		}
	}
	wantRefusals(t, w) // Slack takes them later
}

func TestNoRate(t *testing.T) {
	w := start(t, Options{Rate: Rate{Every: -1}})
	for range 50 {
		if out := w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "text": "x"}); out["ok"] != true {
			t.Fatal(out)
		}
	}
}
