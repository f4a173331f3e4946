// Package slack is the only package that talks to Slack. It sends redact.Text and nothing else:
// whatever a person reads in a block, a modal or a message has passed the redaction policy, what
// is not text is an identifier of a known shape, and every body and frame is scanned once more
// before it leaves (guard.go).
//
// What arrives is decoded in one pass (decode.go); what was typed goes from the frame into a
// redact.Secret, and the frame is overwritten. Acknowledgements never wait for work (conn.go), and
// connections overlap, so that none is missing while Slack renews them (run.go).
package slack

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"
	"jwt-check-bot/redact"
)

// Slack allows an app 10 connections, and one that is renewed needs an eleventh before it goes: so many replicas fit.
const (
	usualConnections = 2
	mostReplicas     = 4
)

// DefaultAPIURL is the base of Slack's own Web API.
const DefaultAPIURL = slackgo.APIURL

// Config says how to reach Slack. The two tokens are required.
type Config struct {
	AppToken, BotToken redact.Secret

	// APIURL is the base of the Web API, ending in "/"; empty is Slack's. Plain http is for
	// loopback hosts only.
	APIURL string

	// Connections is how many sockets are held open at once, 2 by default, 10 at most: Slack
	// delivers each envelope to one of them, so that one can fail unnoticed.
	Connections int

	// Grace is how long work may go on after the context of Run has ended, 20 s by default.
	Grace time.Duration

	// RootCAs are whom the client believes, as in tls.Config; nil is the system's. Tests set it.
	RootCAs *x509.CertPool

	// Timeout is for one request to the Web API, its answer included, 15 s by default.
	Timeout time.Duration

	// Log gets authored sentences: never a payload, a URL or the words of a foreign error.
	Log *slog.Logger

	// Now is the clock, time.Now by default.
	Now func() time.Time

	// Sleep waits d before a connection is opened or a call repeated, and returns ctx's error if
	// that ends first. Tests set it so as not to wait.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Client talks to Slack for one app in one workspace.
type Client struct {
	config    Config
	api       *slackgo.Client
	http      *http.Client
	apiURL    *url.URL
	log       *slog.Logger
	clock     clock
	opens     openings
	lanes     lanes
	methods   methods
	connected atomic.Int32
	running   atomic.Bool
	crowded   atomic.Bool            // it has been said
	name      atomic.Pointer[string] // the bot's own, once Identify has told it
	revoked   atomic.Pointer[Error]  // why Slack accepts the bot token no more
	refused   chan struct{}          // closed then
	work      tally
	stats     counters
	read      atomic.Pointer[reading] // of Slack's clock
}

// New checks config and returns a client that has not yet said anything to Slack.
func New(config Config) (*Client, error) {
	app, bot := config.AppToken.Expose(), config.BotToken.Expose()
	switch {
	case app == "" || bot == "":
		return nil, errors.New("slack: the app token (xapp-) and the bot token (xoxb-) are both needed")
	case strings.HasPrefix(app, "xoxb-") || strings.HasPrefix(bot, "xapp-"):
		return nil, errors.New("slack: the app token (xapp-) and the bot token (xoxb-) are swapped")
	case !isOpaque(app) || !isOpaque(bot):
		return nil, errors.New("slack: a token holds characters that none of Slack's tokens has, such as a space or a line break")
	}
	if config.APIURL == "" {
		config.APIURL = DefaultAPIURL
	}
	base, err := parseBase(config.APIURL)
	if err != nil {
		return nil, err
	}
	if config.Connections < 0 || config.Connections > 10 {
		return nil, errors.New("slack: between 1 and 10 connections")
	}
	if config.Connections == 0 {
		config.Connections = usualConnections
	}
	if config.Grace == 0 {
		config.Grace = 20 * time.Second
	}
	if config.Timeout == 0 {
		config.Timeout = callTimeout
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Sleep == nil {
		config.Sleep = sleep
	}
	c := &Client{
		config:  config,
		apiURL:  base,
		log:     config.Log,
		refused: make(chan struct{}),
		clock:   clock{now: config.Now, sleep: config.Sleep, after: afterFunc},
		opens:   openings{burst: config.Connections + openSpare, full: config.Now().Add(openEvery)},
	}
	c.http = newHTTPClient(&guard{next: newTransport(config.RootCAs), client: c}, config.Timeout)
	c.api = slackgo.New(bot,
		slackgo.OptionAppLevelToken(app),
		slackgo.OptionAPIURL(config.APIURL),
		slackgo.OptionHTTPClient(c.http),
		slackgo.OptionLog(log.New(io.Discard, "", 0)),
	)
	return c, nil
}

// Close lets go of idle connections to the Web API.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Connected is how many sockets have said hello and live.
func (c *Client) Connected() int { return int(c.connected.Load()) }

// parseBase reads the Web API's base. Its error does not quote it, since a URL may hold a password.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("slack: the API URL is not one such as https://slack.com/api/")
	case !strings.HasSuffix(u.Path, "/"):
		return nil, errors.New("slack: the API URL must end in /")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("slack: the API URL must be https, or http on a loopback host")
}

// clock is time as the client knows it, replaced in tests.
type clock struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	after func(time.Duration, func()) timer
}

type timer interface {
	Reset(time.Duration) bool
	Stop() bool
}

func afterFunc(d time.Duration, f func()) timer { return time.AfterFunc(d, f) }

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
