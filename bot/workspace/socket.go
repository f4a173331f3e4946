package workspace

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"
)

const (
	maxLinks   = 10
	maxTickets = 100
	maxQueue   = 4096    // frames waiting to be written to one app
	readLimit  = 1 << 20 // more than maxFrame, so that the witness sees what was too large
	closeGrace = time.Second
)

// link is one Socket Mode connection.
type link struct {
	w    *Workspace
	conn *websocket.Conn
	raw  net.Conn // under the WebSocket, to end a handshake that the other side ignores
	out  chan outgoing
	ctx  context.Context
	end  context.CancelFunc
}

// outgoing is a frame to write, or the reason to close after all frames before it.
type outgoing struct {
	frame []byte
	close string
}

func (w *Workspace) connectionsOpen(c *call) (answer, error) {
	if len(w.tickets) >= maxTickets {
		w.tickets = slices.Delete(w.tickets, 0, 1)
	}
	t := ticket{id: randomText(32), host: c.host}
	w.tickets = append(w.tickets, t)
	return answer{"url": "ws" + w.secure() + "://" + t.host + "/socket/link/?ticket=" + t.id + "&app_id=" + AppID}, nil
}

// ticket is the right to open one socket, and the host that the app asked at.
type ticket struct{ id, host string }

// takeTicket returns the ticket's host and spends it; "" for one that is not there. The lock is held.
func (w *Workspace) takeTicket(id string) string {
	i := slices.IndexFunc(w.tickets, func(t ticket) bool { return t.id == id })
	if i < 0 {
		return ""
	}
	host := w.tickets[i].host
	w.tickets = slices.Delete(w.tickets, i, i+1)
	return host
}

// serveSocket takes a ticket, once, and speaks Socket Mode until either side ends it.
func (w *Workspace) serveSocket(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	host := w.takeTicket(r.URL.Query().Get("ticket"))
	if host == "" {
		w.refuse("socket", "invalid ticket", "a ticket that is unknown or used")
	}
	w.mu.Unlock()
	if host == "" {
		http.Error(rw, "invalid ticket", http.StatusUnauthorized)
		return
	}
	tap := &tap{ResponseWriter: rw, fragment: func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.refuse("socket", "several frames", "a message in several frames: Slack drops continuation frames")
	}}
	// Slack takes any Origin: the ticket says who it is, and slack-go sends one of Slack's own.
	conn, err := websocket.Accept(tap, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(readLimit)
	l := &link{w: w, conn: conn, raw: tap.conn, out: make(chan outgoing, maxQueue)}
	l.ctx, l.end = context.WithCancel(w.ctx)
	defer l.end()
	l.serve(host)
}

func (l *link) serve(host string) {
	w := l.w
	w.mu.Lock()
	if len(w.links) >= maxLinks || w.closed {
		w.refuse("socket", "too_many_websockets", "too_many_websockets: more than %d", maxLinks)
		w.mu.Unlock()
		_ = l.conn.Write(l.ctx, websocket.MessageText, disconnectFrame("too_many_websockets"))
		l.close("too many websockets")
		return
	}
	w.links = append(w.links, l)
	w.note(Entry{Kind: Connected, What: "socket"})
	w.reach = "http" + w.secure() + "://" + host
	l.send(helloFrame(len(w.links)))
	w.waiting()
	w.wg.Add(2)
	w.change()
	w.mu.Unlock()

	go l.write()
	go l.ping()
	l.read()

	l.end()
	_ = l.conn.CloseNow()
	w.mu.Lock()
	w.links = slices.DeleteFunc(w.links, func(x *link) bool { return x == l })
	w.note(Entry{Kind: Closed, What: "socket"})
	if !w.closed {
		w.requeue(l)
	}
	w.change()
	w.mu.Unlock()
}

// send queues a frame; an app that lets the queue fill up loses its connection. The workspace's lock is held.
func (l *link) send(frame []byte) { l.queue(outgoing{frame: frame}) }

func (l *link) queue(o outgoing) {
	select {
	case l.out <- o:
	default:
		l.w.refuse("socket", "does not read", "the app does not read: %d frames wait", maxQueue)
		l.raw.Close()
	}
}

func (l *link) write() {
	defer l.w.wg.Done()
	for {
		select {
		case <-l.ctx.Done():
			return
		case o := <-l.out:
			if o.close != "" {
				l.close(o.close)
				return
			}
			if err := l.conn.Write(l.ctx, websocket.MessageText, o.frame); err != nil {
				l.raw.Close()
				return
			}
		}
	}
}

// ping keeps asking whether the app is there, and ends the connection when it is not.
func (l *link) ping() {
	defer l.w.wg.Done()
	tick := time.NewTicker(l.w.opt.PingInterval)
	defer tick.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-tick.C:
			ctx, cancel := context.WithTimeout(l.ctx, l.w.opt.PingInterval)
			err := l.conn.Ping(ctx)
			cancel()
			if err != nil {
				l.raw.Close()
				return
			}
		}
	}
}

func (l *link) read() {
	w := l.w
	for {
		kind, r, err := l.conn.Reader(l.ctx)
		if err != nil {
			return
		}
		frame, err := io.ReadAll(r)
		w.mu.Lock()
		if held := w.held; held != nil {
			w.mu.Unlock()
			select {
			case <-held:
			case <-l.ctx.Done():
			}
			w.mu.Lock()
		}
		w.receive(frame)
		tooBig := err == nil && len(frame) > maxFrame || websocket.CloseStatus(err) == websocket.StatusMessageTooBig || len(frame) >= readLimit
		if tooBig {
			w.refuse("socket", "frame too large", "a frame of %d bytes: more than %d", len(frame), maxFrame)
		} else if kind != websocket.MessageText {
			w.refuse("socket", "binary frame", "a binary frame")
		} else if err == nil {
			w.acknowledge(l, frame)
		}
		w.mu.Unlock()
		if tooBig {
			l.closeWith(websocket.StatusMessageTooBig, "Max frame length of 20480 has been exceeded.")
		}
		if err != nil || tooBig {
			return
		}
	}
}

// close ends the connection with a close frame, and does not wait long for the other side's.
func (l *link) close(reason string) { l.closeWith(websocket.StatusGoingAway, reason) }

func (l *link) closeWith(code websocket.StatusCode, reason string) {
	stop := time.AfterFunc(closeGrace, func() { l.raw.Close() })
	defer stop.Stop()
	_ = l.conn.Close(code, reason) // whatever the error, the connection is gone
}

// nextLink is round robin over the open connections. The lock is held.
func (w *Workspace) nextLink() *link {
	if len(w.links) == 0 {
		return nil
	}
	w.turn++
	return w.links[w.turn%len(w.links)]
}

func helloFrame(connections int) []byte {
	b, _ := json.Marshal(map[string]any{
		"type": "hello", "num_connections": connections, "connection_info": map[string]any{"app_id": AppID},
		"debug_info": map[string]any{"host": "applink-local", "started": "local", "build_number": 1, "approximate_connection_time": 18060},
	})
	return b
}

func disconnectFrame(reason string) []byte {
	b, _ := json.Marshal(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-local"}})
	return b
}

// Disconnect announces the end of every connection, as Slack does: for warning and refresh_requested it comes
// DisconnectDelay later, for other reasons (link_disabled, too_many_websockets) at once.
func (w *Workspace) Disconnect(reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delay := time.Duration(0)
	if reason == "warning" || reason == "refresh_requested" {
		delay = w.opt.DisconnectDelay
	}
	w.note(Entry{Kind: Disconnected, What: "socket", Code: reason})
	for _, l := range w.links {
		l.send(disconnectFrame(reason))
		w.after(delay, func() { l.queue(outgoing{close: reason}) })
	}
}

// Cut drops every connection without a close frame, as a broken network does.
func (w *Workspace) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(Entry{Kind: Disconnected, What: "socket", Code: "cut"})
	for _, l := range w.links {
		l.raw.Close()
	}
}
