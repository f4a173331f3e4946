package workspace

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestDisconnectsFromThePage: each reason, and none at all.
func TestDisconnectsFromThePage(t *testing.T) {
	for _, reason := range append(slices.Clone(reasons), "cut") {
		w := start(t, Options{DisconnectDelay: time.Millisecond})
		a := connect(t, w, nil)
		if out := act(t, w, "/ui/disconnect", `{"reason":"`+reason+`"}`); !out.OK {
			t.Fatal(reason, out)
		}
		<-a.done
		if said := len(a.frames) == 1 && a.frames[0].Reason == reason && a.status == websocket.StatusGoingAway; said == (reason == "cut") {
			t.Errorf("%s: frames %+v, closed with %v", reason, a.frames, a.status)
		}
		if got := entries(w); !strings.Contains(got, "disconnected socket "+reason) {
			t.Errorf("%s: the record:\n%s", reason, got)
		}
	}
	w := start(t, Options{})
	if out := act(t, w, "/ui/disconnect", `{"reason":"warning"}`); out.Error != "The app has no connection that could end." {
		t.Error(out)
	}
	connect(t, w, nil)
	if out := act(t, w, "/ui/disconnect", `{"reason":"eyJhbGciOiJub25lIn0"}`); out.Error != "Slack has no such reason." || len(w.Record()) != 1 {
		t.Error(out, entries(w))
	}
}

func TestRedeliveryFromThePage(t *testing.T) {
	w := start(t, Options{})
	if out := act(t, w, "/ui/redeliver", `{}`); out.Error != "Nothing was delivered yet." {
		t.Error(out)
	}
	got := make(chan incoming, 4)
	a := connect(t, w, func(in incoming) { in.ack(); got <- in })
	for range 2 {
		if err := w.Person(Ana).Command(within(t), Incidents, "/jwt-check", ""); err != nil {
			t.Fatal(err)
		}
	}
	<-got
	last := <-got
	if out := act(t, w, "/ui/redeliver", `{}`); !out.OK {
		t.Error(out)
	}
	if in := <-got; in.ID != last.ID || w.Record()[1].Kind != Redelivered || w.Record()[1].What != "slash_commands" {
		t.Errorf("%s, want %s; the record:\n%s", in.ID, last.ID, entries(w))
	}
	a.conn.CloseNow()
	if err := w.until(within(t), func() bool { return w.Connections() == 0 }); err != nil {
		t.Fatal(err)
	}
	if out := act(t, w, "/ui/redeliver", `{}`); out.Error != "The app has no connection to deliver over." {
		t.Error(out)
	}
}

// TestOutageFromThePage: every call meets it until it is ended; a call that hangs then goes on.
func TestOutageFromThePage(t *testing.T) {
	w := start(t, Options{})
	if out := act(t, w, "/ui/outage", `{"fault":"fails","seconds":60}`); !out.OK {
		t.Fatal(out)
	}
	for _, method := range []string{"auth.test", "chat.postMessage", "apps.connections.open"} {
		res, out := send(t, w.APIURL()+method, w.BotToken(), "application/json", []byte(`{}`))
		if res.StatusCode != 500 || out["error"] != "internal_error" {
			t.Errorf("%s: %s %v", method, res.Status, out)
		}
	}
	if o := w.State(Ana).Outage; o == nil || o.Hangs || time.Until(o.Until) < 30*time.Second {
		t.Errorf("the state says %+v", o)
	}
	if out := act(t, w, "/ui/outage", `{"fault":"hangs","seconds":60}`); !out.OK {
		t.Fatal(out)
	}
	answered := make(chan map[string]any, 1)
	go func() { answered <- w.call(t, "auth.test", nil) }()
	if err := w.until(within(t), func() bool { return strings.Contains(entries(w), "hung auth.test 60s") }); err != nil {
		t.Fatal(err)
	}
	if o := w.State(Ana).Outage; o == nil || !o.Hangs {
		t.Errorf("the state says %+v", o)
	}
	if out := act(t, w, "/ui/outage", `{"fault":"hangs","seconds":0}`); !out.OK {
		t.Fatal(out)
	}
	if out := <-answered; out["ok"] != true || w.State(Ana).Outage != nil {
		t.Errorf("afterwards: %v, %+v", out, w.State(Ana).Outage)
	}
	for _, body := range []string{`{"fault":"fails","seconds":61}`, `{"fault":"fails","seconds":-1}`, `{"fault":"burns","seconds":1}`} {
		if out := act(t, w, "/ui/outage", body); out.OK || out.Error == "" {
			t.Errorf("%s: %+v", body, out)
		}
	}
	wantRefusals(t, w)
}

// TestChannelsFromThePage: limited, shared and archived, one channel for itself, and no direct message.
func TestChannelsFromThePage(t *testing.T) {
	now := morning()
	w := start(t, Options{Rate: Rate{Now: func() time.Time { return now }}})
	do := func(control, body string) {
		t.Helper()
		if out := act(t, w, "/ui/"+control, body); !out.OK {
			t.Errorf("%s %s: %+v", control, body, out)
		}
	}
	shown := func() string {
		c := w.State(Ana).Channels[0]
		return fmt.Sprint(c.IsExtShared, c.IsArchived, c.LimitedUntil.Sub(now) == 10*time.Second)
	}
	post := func() any {
		return w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "text": "x"})["error"]
	}
	do("limit", `{"channel":"C0INC","seconds":10}`)
	if got := post(); got != "ratelimited" || shown() != "false false true" {
		t.Errorf("limited: %v, %s", got, shown())
	}
	now = now.Add(10 * time.Second)
	if got := post(); got != nil || shown() != "false false false" {
		t.Errorf("10 seconds later: %v, %s", got, shown())
	}
	do("limit", `{"channel":"C0INC","seconds":10}`)
	do("limit", `{"channel":"C0INC","seconds":0}`)
	do("share", `{"channel":"C0INC","on":true}`)
	if got := post(); got != nil || shown() != "true false false" {
		t.Errorf("shared: %v, %s", got, shown())
	}
	do("archive", `{"channel":"C0INC","on":true}`)
	if got := post(); got != "is_archived" || shown() != "true true false" {
		t.Errorf("archived: %v, %s", got, shown())
	}
	do("share", `{"channel":"C0INC","on":false}`)
	do("archive", `{"channel":"C0INC","on":false}`)
	if got := post(); got != nil || shown() != "false false false" {
		t.Errorf("as before: %v, %s", got, shown())
	}
	w.call(t, "conversations.open", map[string]any{"users": Ana})
	for _, control := range []string{"limit", "share", "archive"} {
		for _, channel := range []string{"C0NONE", "D0ANA"} {
			if out := act(t, w, "/ui/"+control, `{"channel":"`+channel+`","seconds":1,"on":true}`); out.Error != "That can be done to a channel alone." {
				t.Errorf("%s %s: %+v", control, channel, out)
			}
		}
	}
	if out := act(t, w, "/ui/limit", `{"channel":"C0INC","seconds":3600}`); out.Error != "Between 0 and 60 seconds." {
		t.Error(out)
	}
	wantRefusals(t, w, "is_archived")
	if res := browse(t, w, http.MethodPost, "/ui/limit", `{"channel":"C0INC","seconds":60}`); res.StatusCode != http.StatusForbidden || shown() != "false false false" {
		t.Errorf("another site's form: %s", res.Status)
	}
}
