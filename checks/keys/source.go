// Package keys fetches issuers' keys. It is the part of checks that does I/O for them.
//
//	Origin ──> place   one per configured file, URL or issuer: the last good copy
//	             │     fresh enough, or asked for a moment ago: that is the answer
//	           flight  one fetch under way, shared by everybody who waits
//	             │
//	         discover  the issuer's metadata names the key set (OpenID Connect, RFC 8414)
//	             │
//	            get    one exchange: guarded addresses, a time-out, few redirects, 1 MiB
//	             │
//	           parse   a JWK Set, entry by entry: good keys stay, bad ones say why they are bad
//	             │
//	        KeyEvidence  the set, where it came from, how old it is, what went wrong
//
// No URL is taken from a token. A set that could not be refreshed is still returned, with its age
// and the reason; a fault is told in words of our own, never in those of net/http or of a parser.
package keys

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

// Origin is where a profile's keys come from, as configured: a file, else a URL, else wherever the
// issuer's metadata says.
type Origin struct{ Issuer, JWKSURL, JWKSFile string }

// Options tune a Source. The zero value of each field is its default.
type Options struct {
	Now       func() time.Time // time.Now
	MaxAge    time.Duration    // how long a set is used without asking again: 10 min, less where Cache-Control says less, at least 1 min
	Cooldown  time.Duration    // the least time between two fetches of one set: 30 s
	Timeout   time.Duration    // for one whole exchange: 4 s. Discovery and key set are two, at worst three
	UserAgent string           // jwt-check-bot
	Log       *slog.Logger     // discards

	// History changes what is kept under a name, with a function that may run several times, and
	// returns what is kept then. Without it nothing is known of earlier copies.
	History func(ctx context.Context, name string, change func(*Past)) Past
}

// Source has the key sets of all configured origins. It is safe for concurrent use.
type Source struct {
	options Options
	client  *outbound.Client
	life    context.Context // ends with Close
	end     context.CancelFunc
	flights sync.WaitGroup

	mu     sync.Mutex
	closed bool
	places map[Origin]*place
}

// New returns a Source that has fetched nothing yet. Close it.
func New(o Options) *Source {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxAge <= 0 {
		o.MaxAge = 10 * time.Minute
	}
	if o.Cooldown <= 0 {
		o.Cooldown = 30 * time.Second
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
	life, end := context.WithCancel(context.Background())
	return &Source{options: o, client: outbound.New(o.Timeout, o.UserAgent, o.Now),
		life: life, end: end, places: map[Origin]*place{}}
}

// Keys returns the origin's key set. Where kid is not empty and the copy lacks it, the set is fetched
// afresh, unless that was done within the cool-down: asking again would then be no use, and the copy
// counts as fresh. Waiting ends with ctx; the fetch does not, and serves the next caller.
func (s *Source) Keys(ctx context.Context, o Origin, kid string) checks.KeyEvidence {
	return s.ask(ctx, o, wish{kid: kid})
}

// Known is Keys where that needs nobody else: the copy that serves, or the one that is left while the
// cool-down lasts.
func (s *Source) Known(o Origin, kid string) (e checks.KeyEvidence, known bool) {
	p := s.place(o)
	if p.origin == (Origin{}) || p.origin.JWKSFile != "" {
		return e, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known(wish{kid: kid}, s.options.Now(), s.options.Cooldown)
}

// Afresh returns the origin's key set as it is now, within the cool-down: for a token that no key of
// the copy verifies, since the issuer may have replaced a key under an old ID.
func (s *Source) Afresh(ctx context.Context, o Origin) checks.KeyEvidence {
	return s.ask(ctx, o, wish{afresh: true})
}

func (s *Source) ask(ctx context.Context, o Origin, w wish) checks.KeyEvidence {
	p := s.place(o)
	switch {
	case p.origin == Origin{}:
		return checks.KeyEvidence{Problem: redact.Msg("no issuer and no key set is configured")}
	case p.origin.JWKSFile != "":
		return p.fromFile()
	}
	return s.answer(ctx, p, w)
}

// place returns the origin's place. What does not matter to it is not part of its key, so that
// profiles that share a URL share the fetches too.
func (s *Source) place(o Origin) *place {
	switch {
	case o.JWKSFile != "":
		o = Origin{JWKSFile: o.JWKSFile}
	case o.JWKSURL != "":
		o = Origin{JWKSURL: o.JWKSURL}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.places[o]
	if p == nil {
		p = newPlace(o)
		s.places[o] = p
	}
	return p
}

// enter counts a flight, unless the Source is closed.
func (s *Source) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.flights.Add(1)
	}
	return !s.closed
}

// Close ends the fetches under way and waits for them. Keys then answers from what it has.
func (s *Source) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
	s.flights.Wait()
}
