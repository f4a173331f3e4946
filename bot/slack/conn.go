package slack

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	silence      = 60 * time.Second // without a byte from Slack, pings included
	writeTimeout = 10 * time.Second
	pongTimeout  = 5 * time.Second
	tailTimeout  = 100 * time.Millisecond // to read what has arrived already, when stopping
	closeTimeout = time.Second            // for the other side to take the last bytes
	linger       = 2 * time.Second        // for what is on its way to a connection that was renewed
	maxDue       = 256                    // acknowledgements that wait to be written
)

// conn is one socket: a goroutine that reads, decodes and asks the handler, and one that writes the
// acknowledgements in that order and starts their work. Nothing else writes, except gorilla's
// control frames, which it lets pass between two messages.
type conn struct {
	session *session
	ws      *websocket.Conn
	born    time.Time
	due     chan due

	hello    chan struct{} // closed when Slack has said hello
	leaving  chan struct{} // closed when Slack has announced the end
	done     chan struct{} // closed when both goroutines have ended
	why      atomic.Pointer[string]
	greeted  bool // of the reading goroutine
	watchdog timer
	stopOnce sync.Once
	stopped  atomic.Bool
	unwatch  func() bool
}

// due is an acknowledgement to write, and what to do then.
type due struct {
	frame []byte
	id    string
	work  Work
}

func (s *session) start(ws *websocket.Conn) *conn {
	n := &conn{
		session: s, ws: ws, born: s.client.clock.now(), due: make(chan due, maxDue),
		hello: make(chan struct{}), leaving: make(chan struct{}), done: make(chan struct{}),
	}
	n.watchdog = s.client.clock.after(silence, n.silent)
	n.unwatch = context.AfterFunc(s.ctx, n.stop)
	ws.SetPingHandler(func(data string) error {
		n.watchdog.Reset(silence)
		// A pong that cannot be written is not worth ending the reading for: a write will fail too.
		_ = ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(pongTimeout))
		return nil
	})
	s.conns.Go(func() { s.guarded("", n.read) })
	s.conns.Go(func() { s.guarded("", n.write) })
	return n
}

// read hands frame after frame to receive until the connection ends. It never waits for work.
func (n *conn) read() {
	defer close(n.due)
	var d decoder
	var f frame
	for {
		_, r, err := n.ws.NextReader()
		if err != nil {
			n.because(closing(err))
			return
		}
		n.watchdog.Reset(silence)
		b, err := f.fill(r)
		if err != nil {
			f.wipe()
			n.because("broken")
			return
		}
		more := n.receive(&d, b)
		f.wipe()
		if !more {
			return
		}
	}
}

// closing is why nothing more can be read, with the code of Slack's close frame if there was one; its words are dropped.
func closing(err error) string {
	if c, ok := errors.AsType[*websocket.CloseError](err); ok && c.Code != websocket.CloseAbnormalClosure { // which no frame has
		return "closed_" + strconv.Itoa(c.Code)
	}
	return "closed"
}

// write writes what is due until the reading has ended and everything is written, and closes.
func (n *conn) write() {
	defer n.end()
	c := n.session.client
	broken := false
	for d := range n.due {
		if !broken {
			_ = n.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
			if err := n.ws.WriteMessage(websocket.TextMessage, d.frame); err != nil {
				broken = true
				n.because("broken")
				_ = n.ws.Close() // ends the reading
			}
		}
		if broken {
			n.session.lost(d)
			continue
		}
		c.stats.acknowledged.Add(1)
		c.debug(n.session.ctx, "acknowledged", slog.String("delivery", d.id), slog.Bool("work", d.work != nil))
		n.session.begin(d)
	}
	if !broken && n.stopped.Load() {
		n.goodbye()
	}
}

// goodbye says that we go, and lets the other side take the last bytes: a socket that is closed
// with something unread in it may take back what was written last.
func (n *conn) goodbye() {
	deadline := time.Now().Add(closeTimeout)
	text := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
	if n.ws.WriteControl(websocket.CloseMessage, text, deadline) != nil {
		return
	}
	raw := n.ws.NetConn()
	_ = raw.SetReadDeadline(deadline)
	_, _ = io.Copy(io.Discard, raw)
}

func (n *conn) end() {
	c := n.session.client
	n.watchdog.Stop()
	n.unwatch()
	_ = n.ws.Close() // ends the reading, should the writing have panicked
	for d := range n.due {
		n.session.lost(d)
	}
	if n.greeted {
		c.connected.Add(-1)
		c.stats.disconnects.Add(1)
	}
	close(n.done)
}

// stop ends the reading as soon as what has arrived is read; the writing follows.
func (n *conn) stop() {
	n.stopOnce.Do(func() {
		n.stopped.Store(true)
		_ = n.ws.SetReadDeadline(time.Now().Add(tailTimeout))
	})
}

// retire stops a connection whose successor lives, once what was sent to it meanwhile has arrived.
// Slack may close it earlier.
func (n *conn) retire() { n.session.client.clock.after(linger, n.stop) }

// silent is the watchdog's bark.
func (n *conn) silent() {
	n.because("silence")
	_ = n.ws.Close()
}

// because notes why the connection ends; the first reason counts.
func (n *conn) because(reason string) { n.why.CompareAndSwap(nil, &reason) }

func (n *conn) reason() string {
	if why := n.why.Load(); why != nil {
		return *why
	}
	return ""
}

// renewing reports whether the connection is still served although it will end.
func (n *conn) renewing() bool {
	select {
	case <-n.done:
		return false
	default:
		return true
	}
}
