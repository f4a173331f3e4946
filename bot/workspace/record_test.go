package workspace

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// entries are the record without its instants, a line each.
func entries(w *Workspace) string {
	var lines []string
	for _, e := range w.Record() {
		line := fmt.Sprint(e.N, " ", e.Kind, " ", e.What)
		if e.Code != "" {
			line += " " + e.Code
		}
		if e.Seconds > 0 {
			line += fmt.Sprintf(" %ds", e.Seconds)
		}
		lines = append(lines, fmt.Sprint(line, ", ", e.Open, " open"))
	}
	return strings.Join(lines, "\n")
}

// TestRecord: connections, their end and its reason, what was sent again, refused or answered with a fault.
func TestRecord(t *testing.T) {
	w := start(t, Options{DisconnectDelay: time.Millisecond})
	got := make(chan incoming, 2)
	a := connect(t, w, func(in incoming) { got <- in; in.ack() })
	if err := w.Person(Ana).Command(within(t), Incidents, "/jwt-check", ""); err != nil {
		t.Fatal(err)
	}
	if err := w.Redeliver((<-got).ID); err != nil {
		t.Fatal(err)
	}
	<-got
	if err := w.until(within(t), func() bool { return w.Envelopes()[0].Acks == 2 }); err != nil {
		t.Fatal(err)
	}
	w.RateLimit(Incidents, time.Hour)
	w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "text": "x"})
	w.FailNext("auth.test", 1, Fault{Status: 500})
	w.FailNext("auth.test", 1, Fault{Hang: time.Millisecond})
	w.call(t, "auth.test", nil)
	w.call(t, "auth.test", nil)
	w.call(t, "chat.postMessage", map[string]any{"channel": General, "text": "x"})
	w.Disconnect("refresh_requested")
	<-a.done
	if err := w.until(within(t), func() bool { return w.Connections() == 0 }); err != nil {
		t.Fatal(err)
	}
	want := `1 connected socket, 1 open
2 redelivered slash_commands, 1 open
3 limited chat.postMessage ratelimited 3600s, 1 open
4 failed auth.test internal_error, 1 open
5 hung auth.test 1s, 1 open
6 refused chat.postMessage not_in_channel, 1 open
7 disconnected socket refresh_requested, 1 open
8 closed socket, 0 open`
	if got := entries(w); got != want {
		t.Errorf("the record:\n%s\nwant:\n%s", got, want)
	}
}

// TestRecordHoldsNoWordOfTheApps: names of methods, fields and actions that the app made up are in none of its lines.
func TestRecordHoldsNoWordOfTheApps(t *testing.T) {
	const word = "eyJhbGciOiJub25lIn0"
	w := start(t, Options{})
	payloads := make(chan any, 1)
	a := connect(t, w, func(in incoming) {
		select {
		case payload := <-payloads:
			in.ack(payload)
		default:
			in.ack()
			w.call(t, "views.open", map[string]any{"trigger_id": in.str("trigger_id"), "view": tree(t, askView)})
		}
	})
	ana := w.Person(Ana)
	w.call(t, word, map[string]any{word: word})
	w.FailNext("*", 1, Fault{Status: 500})
	w.call(t, word, nil)
	w.call(t, "chat.postMessage", map[string]any{"channel": word, "text": word})
	w.call(t, "chat.postMessage", map[string]any{"channel": Incidents, "text": word, "blocks": []any{map[string]any{"type": word, word: word}}})
	if err := ana.Command(within(t), Incidents, "/jwt-check", word); err != nil {
		t.Fatal(err)
	}
	if _, err := ana.AwaitView(within(t), nil); err != nil {
		t.Fatal(err)
	}
	for block, value := range map[string]string{"token": word, "share": "me"} {
		if err := ana.Fill(block, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, payload := range []any{
		map[string]any{word: word}, map[string]any{"response_action": word},
		map[string]any{"response_action": "errors", "errors": map[string]any{word: word}},
		map[string]any{"response_action": "update", "view": map[string]any{"type": "modal", word: word}},
	} {
		payloads <- payload
		if errs, err := ana.Submit(within(t)); err == nil {
			t.Fatal("a broken acknowledgement is taken", errs)
		}
	}
	payloads <- map[string]any{"text": word, "blocks": []any{map[string]any{"type": word}}}
	if err := ana.Command(within(t), Incidents, "/jwt-check", word); err == nil {
		t.Error("a broken acknowledgement is taken")
	}
	a.write(word)
	a.write(map[string]any{"envelope_id": word})
	if err := w.until(within(t), func() bool { return len(w.Refusals()) == 10 }); err != nil {
		t.Fatal(err, entries(w))
	}
	b, err := json.Marshal(w.State(Ana).Record)
	if err != nil || len(w.Record()) < 12 || strings.Contains(string(b), word) {
		t.Errorf("%v: the record is\n%s", err, entries(w))
	}
}

// TestRecordIsBounded: it grows to its bound, and its oldest lines go first; a state keeps what it had.
func TestRecordIsBounded(t *testing.T) {
	w := start(t, Options{})
	for range maxEntries {
		w.call(t, "nothing", nil)
	}
	before := w.State(Ana).Record
	w.call(t, "users.info", map[string]any{"user": "U0NONE"})
	if r := w.Record(); len(r) != maxEntries || r[0].N != 2 || r[maxEntries-1].N != maxEntries+1 || r[maxEntries-1].Code != "user_not_found" {
		t.Errorf("%d entries, from %+v to %+v", len(r), r[0], r[len(r)-1])
	}
	if len(before) != maxEntries || before[0].N != 1 || before[0].What != "unknown method" {
		t.Errorf("a state changed: %+v", before[0])
	}
	if res := browse(t, w, http.MethodGet, "/ui/state?user="+Gus, ""); !strings.Contains(readAll(t, res), `"kind":"refused","what":"users.info","code":"user_not_found","open":0`) {
		t.Error("the page's state is without the record")
	}
}
