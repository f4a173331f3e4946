// Package probe asks an environment's servers what they make of a token. It is the part of checks
// that does I/O for them, beside keys.
//
//	Replay      the API: no token, garbage, the token, at the same time ─> checks.Reply each
//	Canary      the API, with a fresh token of the profile's own
//	Introspect  the issuer's endpoint (RFC 7662) ─> checks.Introspection
//
// Where these are is configured, and nothing else is asked: no URL comes from a token or a person,
// no redirect is followed, and the API is asked by GET alone. Of a body only a hash is kept.
package probe

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

// Target is what an environment lets the bot ask. The zero value of each part is that it may not.
type Target struct {
	ReplayURL     string   // the one address to which a token may be replayed
	Introspection Endpoint // RFC 7662
	Canary        Endpoint // the token endpoint for a fresh token by client credentials (RFC 6749 §4.4)
}

// Endpoint is an address of the issuer's, and the bot's own login there.
type Endpoint struct {
	URL   string
	Login outbound.Login
	Scope string // that a canary asks for
}

// Options tune a Prober. The zero value of each field is its default.
type Options struct {
	Now       func() time.Time // time.Now
	Timeout   time.Duration    // of one exchange: 4 s
	UserAgent string           // jwt-check-bot
	Log       *slog.Logger     // discards
}

// Prober asks servers. It is safe for concurrent use.
type Prober struct {
	client *outbound.Client
	log    *slog.Logger
	key    [32]byte // of the bodies' hashes: they compare within this process, and tell nobody else anything

	mu       sync.Mutex
	canaries map[canaryOf]canary
}

// New returns a Prober. It holds nothing that has to be closed.
func New(o Options) *Prober {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout <= 0 {
		o.Timeout = 4 * time.Second
	}
	if o.UserAgent == "" {
		o.UserAgent = "jwt-check-bot"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Prober{client: outbound.New(o.Timeout, o.UserAgent, o.Now), log: o.Log, canaries: map[canaryOf]canary{}}
	_, _ = rand.Read(p.key[:]) // which never fails
	return p
}

// maxBody is how much of an answer is read, in bytes after decompression.
const maxBody = 64 << 10

// Replay asks the API at address with no token, with garbage and with the token, at the same time.
// Where the token must not be sent, withheld says why.
func (p *Prober) Replay(ctx context.Context, address string, token redact.Secret, withheld redact.Message) checks.Replay {
	r := checks.Replay{Asked: true, Own: checks.Reply{Problem: withheld}}
	requests := []struct {
		reply *checks.Reply
		token redact.Secret
	}{{&r.Bare, redact.Secret{}}, {&r.Garbage, garbage()}, {&r.Own, token}}
	if !withheld.IsZero() {
		requests = requests[:2]
	}
	clocks := make([]checks.Clock, len(requests))
	var wait sync.WaitGroup
	for i, q := range requests {
		wait.Go(func() { *q.reply, clocks[i] = p.ask(ctx, address, q.token) })
	}
	wait.Wait()
	for _, c := range clocks {
		r.Clock = r.Clock.With(c)
	}
	return r
}

// ask sends one request and reads the answer. A panic in a goroutine would end the process and print
// what it says.
func (p *Prober) ask(ctx context.Context, address string, token redact.Secret) (reply checks.Reply, clock checks.Clock) {
	defer func() {
		if recover() != nil {
			reply = checks.Reply{Problem: redact.Msg("no answer, by a fault of the bot's own; please report it")}
		}
	}()
	a, f := p.client.Do(ctx, outbound.Request{URL: address, Accept: "application/json, */*;q=0.1", Bearer: token, Limit: maxBody, Cut: true})
	if a == nil {
		p.note(ctx, "replay", f)
		return checks.Reply{Problem: redact.Msg("no answer: {}", redact.Part(f.Says)), Unanswered: true}, checks.Clock{}
	}
	defer clear(a.Body)
	reply = checks.Reply{
		Status: a.Status, Took: a.Came.Sub(a.Sent),
		Challenges: checks.ParseChallenges(a.Header.Values("WWW-Authenticate")...),
		Server:     published(a.Header, "Server"), Via: published(a.Header, "Via"),
		Body: p.hash(a.Body), Partial: f != nil,
	}
	if a.Status >= 400 && a.Status < 500 {
		reply.Said = checks.ParseAnswer(words(a))
	}
	return reply, checks.ReadClock(a.Times())
}

// note logs that somebody could not be asked: in our words, and the type of the error behind it.
func (p *Prober) note(ctx context.Context, what string, f *outbound.Fault) {
	p.log.LogAttrs(ctx, slog.LevelWarn, "no answer to a "+what, slog.String("kind", f.Kind), slog.String("type", f.From))
}

func (p *Prober) hash(body []byte) [32]byte {
	h := hmac.New(sha256.New, p.key[:])
	_, _ = h.Write(body)
	return [32]byte(h.Sum(nil))
}

// words are what the server says in its answer, for what is recognised in them.
func words(a *outbound.Answer) redact.Secret {
	const enough = 8 << 10 // bytes of a body: errors stand at its beginning
	return redact.NewSecret(fmt.Sprintf("HTTP/1.1 %d\nWWW-Authenticate: %s\n\n%s", a.Status, strings.Join(a.Header.Values("WWW-Authenticate"), ", "), a.Body[:min(len(a.Body), enough)]))
}

// published is a field that says who answers, held.
func published(h http.Header, name string) redact.Message {
	value := strings.Join(h.Values(name), ", ")
	if value == "" {
		return redact.Message{}
	}
	return redact.Msg("{}", redact.Public(value[:min(len(value), 300)]))
}
