package workspace

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestHello(t *testing.T) {
	w := start(t, Options{})
	connect(t, w, nil)
	b := connect(t, w, nil)
	if b.hello["type"] != "hello" || b.hello["num_connections"] != 2.0 || b.hello["debug_info"].(map[string]any)["approximate_connection_time"] == nil {
		t.Errorf("hello: %v", b.hello)
	}
	if w.Connections() != 2 || !w.State(Ana).App.Connected {
		t.Error("the connections are not counted")
	}
}

func TestTicketsAreForOnce(t *testing.T) {
	w := start(t, Options{})
	address := socketURL(t, w)
	for i, want := range []int{http.StatusSwitchingProtocols, http.StatusUnauthorized} {
		conn, res, err := websocket.Dial(within(t), address, nil)
		if res == nil || res.StatusCode != want {
			t.Fatalf("dial %d: %v, %v", i, res, err)
		}
		if conn != nil {
			defer conn.CloseNow()
		}
	}
	address = socketURL(t, w)
	for range maxTickets {
		socketURL(t, w)
	}
	if _, res, err := websocket.Dial(within(t), address, nil); err == nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the oldest of too many tickets: %v", err)
	}
	wantRefusals(t, w, "a ticket that is unknown or used", "a ticket that is unknown or used")
}

// TestOrigin: a client that says that it is a page of Slack's is let in as any other.
func TestOrigin(t *testing.T) {
	w := start(t, Options{})
	conn, _, err := websocket.Dial(within(t), socketURL(t, w), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://api.slack.com"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
}

func TestTooManyConnections(t *testing.T) {
	w := start(t, Options{})
	for range maxLinks {
		connect(t, w, nil)
	}
	a := connect(t, w, nil)
	if a.hello["type"] != "disconnect" || a.hello["reason"] != "too_many_websockets" {
		t.Errorf("the eleventh reads %v", a.hello)
	}
	<-a.done
	wantRefusals(t, w, "too_many_websockets")
}

// TestRoundRobin: any connection may get an envelope.
func TestRoundRobin(t *testing.T) {
	w := start(t, Options{})
	seen := make(chan *fakeApp, 4)
	for range 2 {
		connect(t, w, func(in incoming) { in.ack(); seen <- in.app })
	}
	for range 4 {
		if err := w.Person(Ana).Command(within(t), Incidents, "/jwt-check", ""); err != nil {
			t.Fatal(err)
		}
	}
	count := map[*fakeApp]int{}
	for range 4 {
		count[<-seen]++
	}
	if len(count) != 2 {
		t.Errorf("%d connections were used", len(count))
	}
}

func TestDisconnects(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled", "too_many_websockets"} {
		w := start(t, Options{DisconnectDelay: time.Millisecond})
		a := connect(t, w, nil)
		w.Disconnect(reason)
		<-a.done
		if len(a.frames) != 1 || a.frames[0].Type != "disconnect" || a.frames[0].Reason != reason || a.status != websocket.StatusGoingAway {
			t.Errorf("%s: frames %+v, closed with %v", reason, a.frames, a.status)
		}
	}
	w := start(t, Options{})
	a := connect(t, w, nil)
	w.Cut()
	<-a.done
	if a.status != -1 {
		t.Errorf("a cut comes with a close frame: %v", a.status)
	}
	b := connect(t, w, nil)
	w.Close()
	<-b.done
	if b.status != websocket.StatusGoingAway {
		t.Errorf("Close closes with %v", b.status)
	}
}

// TestLostDelivery: what a dead connection did not acknowledge comes over the next one, with the same envelope ID.
func TestLostDelivery(t *testing.T) {
	w := start(t, Options{})
	got := make(chan incoming, 2)
	connect(t, w, func(in incoming) { got <- in })
	done := make(chan error, 1)
	go func() { done <- w.Person(Ana).Command(within(t), Incidents, "/jwt-check", "") }()
	first := <-got
	w.Cut()
	connect(t, w, func(in incoming) { got <- in; in.ack() })
	if second := <-got; second.ID != first.ID {
		t.Errorf("another envelope: %s, %s", first.ID, second.ID)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if e := w.Envelopes()[0]; e.Redelivered != 1 || e.Acks != 1 {
		t.Errorf("envelope: %+v", e)
	}
	wantRefusals(t, w)
}

// TestEventRetries: an event that nobody acknowledges comes again, marked as such.
func TestEventRetries(t *testing.T) {
	w := start(t, Options{Manifest: []byte(strings.Replace(testManifest, `"message.channels", `, "", 1)), AckTimeout: time.Minute})
	w.retryDelays = []time.Duration{0, 0, 0}
	got := make(chan incoming, 10)
	connect(t, w, func(in incoming) {
		if in.Retry == 2 {
			in.ack()
		}
		got <- in
	})
	root := w.State(Ana).Channels[0].Messages[0].TS
	ts, err := w.Person(Ana).Say(within(t), Incidents, root, "@jwt-check please")
	if err != nil {
		t.Fatal(err)
	}
	var id string
	for retry := range 3 {
		in := <-got
		if in.Retry != retry || in.Accepts || id != "" && in.str("event_id") != id {
			t.Errorf("retry %d: %+v", retry, in)
		}
		id = in.str("event_id")
		if in.str("event", "ts") != ts || in.str("event", "thread_ts") != root || in.str("event", "text") != "<@U0BOT> please" {
			t.Errorf("event: %v", in.Payload)
		}
		if retry < 2 {
			expireAll(w)
		}
	}
	if err := w.until(within(t), func() bool { return w.Envelopes()[0].Acks == 1 }); err != nil {
		t.Fatal(err)
	}
	expireAll(w)
	wantRefusals(t, w, "none within", "none within")
}

// TestNobodyThere: an event's retries are its only delivery, a command has none.
func TestNobodyThere(t *testing.T) {
	w := start(t, Options{Manifest: []byte(testManifest)})
	w.retryDelays = []time.Duration{0, 0, time.Hour}
	if _, err := w.Person(Ana).Say(within(t), Incidents, "", "hello"); err != nil {
		t.Fatal(err)
	}
	if err := w.until(within(t), func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.envelopes[0].retry == 3 }); err != nil {
		t.Fatal(err)
	}
	if err := w.Person(Ana).Command(within(t), Incidents, "/jwt-check", ""); err == nil || !strings.Contains(err.Error(), "dispatch_failed") {
		t.Errorf("a command with nobody there: %v", err)
	}
	if !w.Envelopes()[0].Delivered.IsZero() {
		t.Error("delivered to nobody")
	}
	wantRefusals(t, w)
}

func TestRedeliver(t *testing.T) {
	w := start(t, Options{})
	got := make(chan incoming, 2)
	connect(t, w, func(in incoming) { got <- in; in.ack() })
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
	if w.Redeliver("x") == nil {
		t.Error("an unknown envelope is redelivered")
	}
	wantRefusals(t, w)
}

// TestFrames: what Slack drops, or closes the connection for.
func TestFrames(t *testing.T) {
	t.Run("too large", func(t *testing.T) {
		w := start(t, Options{})
		a := connect(t, w, nil)
		a.write(map[string]any{"envelope_id": strings.Repeat("x", maxFrame)})
		<-a.done
		if a.status != websocket.StatusMessageTooBig {
			t.Errorf("closed with %v", a.status)
		}
		wantRefusals(t, w, "more than 20480")
		if n := len(w.Received()[1]); n <= maxFrame {
			t.Errorf("the frame is not kept: %d bytes", n)
		}
	})
	t.Run("in pieces", func(t *testing.T) {
		w := start(t, Options{})
		a := connect(t, w, nil)
		writer, err := a.conn.Writer(context.Background(), websocket.MessageText)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := writer.Write([]byte(strings.Repeat(" ", 300))); err != nil {
				t.Fatal(err)
			}
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		if err := w.until(within(t), func() bool { return len(w.Refusals()) == 2 }); err != nil {
			t.Fatal(err)
		}
		wantRefusals(t, w, "in several frames", "not JSON")
	})
	t.Run("binary", func(t *testing.T) {
		w := start(t, Options{})
		a := connect(t, w, nil)
		if err := a.conn.Write(context.Background(), websocket.MessageBinary, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if err := w.until(within(t), func() bool { return len(w.Refusals()) == 1 }); err != nil {
			t.Fatal(err)
		}
		wantRefusals(t, w, "a binary frame")
	})
}

// TestAnotherConnection: an acknowledgement belongs on the connection that delivered.
func TestAnotherConnection(t *testing.T) {
	w := start(t, Options{AckTimeout: time.Minute})
	apps := make(chan *fakeApp, 2)
	handle := func(in incoming) {
		other := <-apps
		if other == in.app {
			other = <-apps
		}
		in.app = other
		in.ack()
	}
	apps <- connect(t, w, handle)
	apps <- connect(t, w, handle)
	done := make(chan error, 1)
	go func() { done <- w.Person(Ana).Command(within(t), Incidents, "/jwt-check", "") }()
	if err := w.until(within(t), func() bool { return len(w.Refusals()) == 1 }); err != nil {
		t.Fatal(err)
	}
	expireAll(w)
	if <-done == nil {
		t.Error("the acknowledgement counts")
	}
	wantRefusals(t, w, "on another connection", "none within")
}

// TestPings: an app that does not answer pings is cut off.
func TestPings(t *testing.T) {
	w := start(t, Options{PingInterval: 10 * time.Millisecond})
	answering := connect(t, w, nil)
	conn, _, err := websocket.Dial(within(t), socketURL(t, w), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow() // never read, so that no pong is sent
	if err := w.until(within(t), func() bool { return w.Connections() == 2 }); err != nil {
		t.Fatal(err)
	}
	if err := w.until(within(t), func() bool { return w.Connections() == 1 }); err != nil {
		t.Fatal(err)
	}
	select {
	case <-answering.done:
		t.Error("the app that answers is cut off as well")
	default:
	}
}
