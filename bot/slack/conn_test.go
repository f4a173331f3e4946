package slack

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
)

// piped is a connection whose other end is a pipe: what the client writes is not buffered anywhere,
// so a write returns only when the test has read it.
func piped(t *testing.T, h Handler) (s *session, other net.Conn, from *bufio.Reader) {
	t.Helper()
	c, _ := newClient(t, newFake(t), nil)
	ctx, cancel := context.WithCancel(t.Context())
	s = &session{client: c, handler: h, ctx: ctx, working: context.WithoutCancel(ctx)}
	near, far := net.Pipe()
	from = bufio.NewReaderSize(far, 16)
	var shaken sync.WaitGroup
	shaken.Go(func() {
		r, err := http.ReadRequest(from)
		if err != nil {
			t.Error(err)
			return
		}
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		_, _ = io.WriteString(far, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
			base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
	})
	dialer := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	ws, _, err := dialer.DialContext(ctx, "ws://pipe/", nil)
	if err != nil {
		t.Fatal(err)
	}
	shaken.Wait()
	n := s.start(ws)
	t.Cleanup(func() {
		cancel()
		_ = far.Close()
		await(t, n.done, "the end of the connection")
		s.conns.Wait()
	})
	return s, far, from
}

// say sends a text frame as a server does, unmasked.
func say(t *testing.T, to net.Conn, text string) {
	t.Helper()
	head := []byte{0x81, 126, byte(len(text) >> 8), byte(len(text))}
	if _, err := to.Write(append(head, text...)); err != nil {
		t.Fatal(err)
	}
}

func TestWorkWaitsForTheAcknowledgementToBeWritten(t *testing.T) {
	h := newHandler()
	var begun atomic.Bool
	working := make(chan struct{})
	h.respond = func(any) (Ack, Work) {
		return Ack{}, func(context.Context) { begun.Store(true); close(working) }
	}
	s, far, from := piped(t, h)
	say(t, far, command("an envelope's ID of some length"))
	if _, err := from.ReadByte(); err != nil {
		t.Fatal(err)
	}
	// The rest of the frame is longer than the reader's buffer: the write cannot have returned.
	if begun.Load() || s.client.Stats().Calls != 0 || s.client.Stats().Acknowledged != 0 {
		t.Error("something happened before the acknowledgement was written")
	}
	go func() { _, _ = io.Copy(io.Discard, from) }()
	await(t, working, "the work")
}

func TestWithoutAnAcknowledgementThereIsNoWork(t *testing.T) {
	h := newHandler()
	h.respond = func(any) (Ack, Work) {
		return Ack{}, func(context.Context) { t.Error("work without an acknowledgement") }
	}
	s, far, from := piped(t, h)
	say(t, far, command("e-1"))
	if _, err := from.ReadByte(); err != nil {
		t.Fatal(err)
	}
	_ = far.Close()
	if got := await(t, h.unanswered, "word of the lost acknowledgement"); got != "e-1" {
		t.Errorf("ID %q", got)
	}
	s.conns.Wait()
	if got := s.client.Stats(); got.Unacknowledged != 1 || got.Acknowledged != 0 || got.Working != 0 {
		t.Errorf("%+v", got)
	}
}
