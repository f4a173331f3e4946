// Package workspace is a Slack workspace on localhost: a Socket Mode server, the Web API, people who type and click,
// and a page to watch it all. It is an independent witness of what an app does: it knows nothing of the app, and
// refuses what the real Slack refuses, silently where Slack is silent, with a record of every refusal.
//
//	person ── Say, Command, Click, Submit ──> envelope ──> a socket ──> the app
//	   ^                                                                 │ acknowledgement: once, in time, small
//	   └── messages and views <── validation <── Web API, response URLs ─┘
package workspace

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options configure a workspace; zero values are usable, except Manifest.
type Options struct {
	Manifest           []byte           // the app's manifest (JSON): the app is installed from it
	AppToken, BotToken string           // what the app must present; default: minted by New
	Now                func() time.Time // the clock of messages; default time.Now. Deadlines use real time
	AckTimeout         time.Duration    // how long an envelope waits for its acknowledgement; default 3s
	TriggerTTL         time.Duration    // how long a trigger ID can open a view; default 3s
	PingInterval       time.Duration    // between WebSocket pings; default 10s
	DisconnectDelay    time.Duration    // between a disconnect frame and the end of the connection; default 10s
	Rate               Rate             // how fast a channel takes the app's messages
	Samples            func() []Sample  // the drawer of the page, asked each time that it opens; nil: no drawer
	Team               Team             // default: name "Acme", domain "acme"
	Log                *slog.Logger     // default: discard. Never gets payloads
	TLS                *tls.Config      // with a certificate: Start serves https and wss instead of http and ws
}

// Sample is an entry of the page's drawer. Values: block ID to text or option value, several comma separated.
type Sample struct {
	ID     string            `json:"id"`
	Title  string            `json:"title"`
	Hint   string            `json:"hint"`
	Values map[string]string `json:"values"`
}

// Workspace is one Slack team with one app installed. Safe for concurrent use.
type Workspace struct {
	opt      Options
	manifest manifest
	secret   string // the deprecated verification token that payloads still carry

	ctx    context.Context // ends at Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // handlers, timers and socket goroutines
	server *http.Server

	retryDelays []time.Duration // after an unacknowledged event

	mu       sync.Mutex
	closed   bool
	changed  chan struct{}            // closed and replaced at every change
	viewed   map[string]chan struct{} // person to what is closed at the next change of their views
	timers   map[*time.Timer]struct{}
	base     string // http://host:port, as Start listens
	reach    string // the same, as the app reaches it: response URLs begin with it
	lastTS   int64  // microseconds of the newest message
	users    []*User
	channels []*channel
	triggers map[string]*trigger
	stacks   map[string][]*view // person to open modals, top last
	homes    map[string]*view   // person to the app's home tab
	replies  map[string]*responseURL

	tickets   []ticket
	links     []*link
	turn      int // round robin over links
	envelopes []*envelope
	byID      map[string]*envelope

	held     chan struct{} // closed once acknowledgements are taken again; nil: they are
	faults   map[string][]Fault
	outage   outage
	refusals []string
	entries  []Entry // the record
	noted    int     // entries ever
	calls    []Call
	received [][]byte
	streams  int // open event streams of the page
	sizes    int // bytes held in received and calls
}

// New returns a workspace with the app of the manifest installed and the seed's people, channels and incident.
func New(opt Options) (*Workspace, error) {
	m, err := readManifest(opt.Manifest)
	if err != nil {
		return nil, fmt.Errorf("app manifest: %w", err)
	}
	opt.AppToken = cmp.Or(opt.AppToken, mintToken("xapp", "1"))
	opt.BotToken = cmp.Or(opt.BotToken, mintToken("xoxb"))
	opt.AckTimeout = cmp.Or(opt.AckTimeout, 3*time.Second)
	opt.TriggerTTL = cmp.Or(opt.TriggerTTL, 3*time.Second)
	opt.PingInterval = cmp.Or(opt.PingInterval, 10*time.Second)
	opt.DisconnectDelay = cmp.Or(opt.DisconnectDelay, 10*time.Second)
	opt.Rate = opt.Rate.complete()
	opt.Team.Domain = cmp.Or(opt.Team.Domain, "acme")
	opt.Team.Name = cmp.Or(opt.Team.Name, "Acme")
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	w := &Workspace{
		opt: opt, manifest: m, secret: randomText(24),
		retryDelays: []time.Duration{0, time.Minute, 5 * time.Minute},
		changed:     make(chan struct{}),
		viewed:      map[string]chan struct{}{},
		timers:      map[*time.Timer]struct{}{},
		triggers:    map[string]*trigger{},
		stacks:      map[string][]*view{},
		homes:       map[string]*view{},
		replies:     map[string]*responseURL{},
		byID:        map[string]*envelope{},
		faults:      map[string][]Fault{},
		entries:     []Entry{},
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.seed()
	return w, nil
}

// Start listens on addr ("127.0.0.1:0" for any free port), serves until Close and returns the workspace's URL.
func (w *Workspace) Start(addr string) (string, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("workspace: %w", err)
	}
	w.mu.Lock()
	if w.closed || w.server != nil {
		w.mu.Unlock()
		listener.Close()
		return "", errors.New("workspace: started twice or closed")
	}
	w.server = &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10, TLSConfig: w.opt.TLS.Clone(),
		ErrorLog: slog.NewLogLogger(w.opt.Log.Handler(), slog.LevelWarn), ConnState: w.track}
	w.base = "http" + w.secure() + "://" + reachable(listener.Addr().String())
	w.wg.Add(1)
	w.mu.Unlock()
	go func() {
		defer w.wg.Done()
		// Always http.ErrServerClosed: Close is the only way out.
		if w.opt.TLS != nil {
			_ = w.server.ServeTLS(listener, "", "")
			return
		}
		_ = w.server.Serve(listener)
	}()
	return w.URL(), nil
}

// secure is what http and ws end in.
func (w *Workspace) secure() string {
	if w.opt.TLS != nil {
		return "s"
	}
	return ""
}

// track counts the server's connections, so that Close leaves none of their goroutines behind. A connection that the
// WebSocket took over is counted by its handler.
func (w *Workspace) track(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		w.wg.Add(1)
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.closed { // accepted too late for the server to close it
			conn.Close()
		}
	case http.StateClosed, http.StateHijacked:
		w.wg.Done()
	}
}

// reachable turns the address of a wildcard listener into one that a client can dial.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// URL is the page's address, without a slash at the end. Served by another server than Start's, it is known once the
// app has connected.
func (w *Workspace) URL() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return cmp.Or(w.base, w.reach)
}

// APIURL is the base of the Web API; it ends in "/api/".
func (w *Workspace) APIURL() string { return w.URL() + "/api/" }

// AppToken is what apps.connections.open wants.
func (w *Workspace) AppToken() string { return w.opt.AppToken }

// BotToken is what every other method wants.
func (w *Workspace) BotToken() string { return w.opt.BotToken }

// Close ends every connection, the sockets with a close frame, and waits for all goroutines.
func (w *Workspace) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		w.wg.Wait()
		return nil
	}
	w.closed = true
	for t := range w.timers {
		if t.Stop() {
			w.wg.Done()
		}
	}
	clear(w.timers)
	links := append([]*link(nil), w.links...)
	w.change()
	w.mu.Unlock()

	var ending sync.WaitGroup
	for _, l := range links {
		ending.Go(func() { l.close("the workspace closes") })
	}
	ending.Wait()
	w.cancel()
	var err error
	if w.server != nil {
		err = w.server.Close()
	}
	w.wg.Wait()
	return err
}

// ServeHTTP serves the Web API, sockets, response URLs and the page.
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if !w.enter() {
		http.Error(rw, "the workspace is closed", http.StatusServiceUnavailable)
		return
	}
	defer w.wg.Done()
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/api/"):
		w.serveAPI(rw, r, strings.TrimPrefix(path, "/api/"))
	case strings.HasPrefix(path, "/socket/"):
		w.serveSocket(rw, r)
	case strings.HasPrefix(path, "/response/"):
		w.serveResponse(rw, r, strings.TrimPrefix(path, "/response/"))
	default:
		w.serveUI(rw, r)
	}
}

// enter counts a goroutine in, unless the workspace is closing.
func (w *Workspace) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.wg.Add(1)
	return true
}

// after calls f with the lock held once d has passed, unless it is called off or the workspace closes
// first. The lock is held.
func (w *Workspace) after(d time.Duration, f func()) *time.Timer {
	if w.closed {
		return nil
	}
	w.wg.Add(1)
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		defer w.wg.Done()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.timers, t)
		if !w.closed {
			f()
		}
	})
	w.timers[t] = struct{}{}
	return t
}

// callOff ends what after began, so that nothing holds what it was about. The lock is held.
func (w *Workspace) callOff(t *time.Timer) {
	if t != nil && t.Stop() {
		delete(w.timers, t)
		w.wg.Done()
	}
}

// change wakes whoever waits for the state to be different. The lock is held.
func (w *Workspace) change() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// viewChange is change where it is one of a person's views. The lock is held.
func (w *Workspace) viewChange(user string) {
	if c := w.viewed[user]; c != nil {
		close(c)
		delete(w.viewed, user)
	}
	w.change()
}
