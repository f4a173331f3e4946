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

// place is where one key set is had, with the last good copy and how the last try went.
type place struct {
	origin Origin
	source redact.Message

	mu      sync.Mutex
	set     *checks.KeySet    // the last good copy
	fetched time.Time         // when it came; zero for a file
	history checks.KeyHistory // what was known with it
	keep    time.Duration     // how long it is used without asking again
	tried   time.Time         // when the last try ended; zero before the first
	failure *fault            // of the last try; nil where it went well
	flight  chan struct{}     // closed when the fetch under way has ended; nil where none is
	file    version           // the file's last seen

	clock, issuerClock checks.Clock // of the last good fetch, and of the metadata before it

	meta *metadata    // the flight's own
	seen checks.Clock // likewise
}

func newPlace(o Origin) *place {
	p := &place{origin: o, source: redact.Msg("the key set of {}", outbound.Address(o.Issuer))}
	switch {
	case o.JWKSFile != "":
		p.source = redact.Msg("the key set file")
	case o.JWKSURL != "":
		p.source = redact.Msg("the key set at {}", outbound.Address(o.JWKSURL))
	}
	return p
}

// wish is what a caller needs of a copy.
type wish struct {
	kid    string // the key that it should hold, if any
	afresh bool   // a copy from before the cool-down will not do
}

// serves reports whether the copy answers without being fetched again. Call with p.mu held.
func (p *place) serves(w wish, now time.Time) bool {
	return p.set != nil && !w.afresh && now.Sub(p.fetched) < p.keep && (w.kid == "" || p.set.Has(w.kid))
}

// resting reports whether the cool-down forbids another try. Call with p.mu held.
func (p *place) resting(now time.Time, cooldown time.Duration) bool {
	return !p.tried.IsZero() && now.Sub(p.tried) < cooldown
}

// evidence is the copy as it stands; asked says that a fresh one was wanted. Call with p.mu held.
func (p *place) evidence(asked, fresh bool) checks.KeyEvidence {
	e := checks.KeyEvidence{Set: p.set, Source: p.source, Fetched: p.fetched, Fresh: fresh && p.set != nil, History: p.history}
	e.Clock, e.IssuerClock = p.clock, p.issuerClock
	if asked && p.failure != nil {
		e.Problem, e.Mend = p.problem(p.failure), p.origin.mend(p.failure)
		e.Renamed = p.failure.Kind == kindOtherIssuer
	}
	return e
}

// problem is the sentence for a fault. Call with p.mu held.
func (p *place) problem(f *fault) redact.Message {
	if p.set != nil {
		return redact.Msg("{} could not be refreshed: {}", redact.Part(p.source), redact.Part(f.Says))
	}
	return redact.Msg("{} could not be had: {}", redact.Part(p.source), redact.Part(f.Says))
}

// known is the copy where no fetch could better it now. Call with p.mu held.
func (p *place) known(w wish, now time.Time, cooldown time.Duration) (e checks.KeyEvidence, known bool) {
	serves := p.serves(w, now)
	if !serves && (p.flight != nil || !p.resting(now, cooldown)) {
		return e, false
	}
	return p.evidence(!serves, now.Sub(p.fetched) < cooldown), true
}

// answer returns the copy, after a fetch where it does not serve.
func (s *Source) answer(ctx context.Context, p *place, w wish) checks.KeyEvidence {
	now := s.options.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, known := p.known(w, now, s.options.Cooldown); known {
		return e
	}
	if p.flight == nil && (ctx.Err() != nil || !s.launch(ctx, p)) {
		return p.unanswered(ctx)
	}
	flight := p.flight
	p.mu.Unlock()
	select {
	case <-flight:
	case <-ctx.Done():
	}
	p.mu.Lock()
	select {
	case <-flight:
		return p.evidence(true, p.failure == nil)
	default:
		return p.unanswered(ctx)
	}
}

// unanswered is the last good copy where the wait for a fresher one ended early. Call with p.mu held.
func (p *place) unanswered(ctx context.Context) checks.KeyEvidence {
	e := p.evidence(false, false)
	e.Problem = p.problem(refuse(outbound.KindClosed, redact.Msg("the bot is shutting down")))
	if ctx.Err() != nil {
		e.Problem = p.problem(refuse("abandoned", redact.Msg("no answer came in time")))
	}
	return e
}

// launch starts a fetch that all callers share, unless the Source is closed. It is detached from the
// caller that happened to be first: an impatient one does not spoil it for the others. Call with
// p.mu held.
func (s *Source) launch(ctx context.Context, p *place) bool {
	if !s.enter() {
		return false
	}
	p.flight = make(chan struct{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(s.life, cancel)
	go func() {
		defer s.flights.Done()
		defer cancel()
		defer stop()
		defer p.land()
		s.refresh(ctx, p)
	}()
	return true
}

// land ends a flight whose noting panicked, so that nobody waits for it; p.mu is free by then.
func (p *place) land() {
	if recover() == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failure = faulted()
	if p.flight != nil {
		close(p.flight)
		p.flight = nil
	}
}

func faulted() *fault {
	return refuse("panic", redact.Msg("the bot failed by a fault of its own; please report it"))
}

// refresh does one fetch and notes how it went.
func (s *Source) refresh(ctx context.Context, p *place) {
	started := s.options.Now()
	set, keep, f := s.load(ctx, p)
	now := s.options.Now()
	if f == nil {
		s.options.Log.LogAttrs(ctx, slog.LevelDebug, "key set fetched", slog.String("source", redact.Policy{}.Text(p.source).String()),
			slog.Int("keys", len(set.Keys)), slog.Int64("duration_ms", now.Sub(started).Milliseconds()))
	}
	if f != nil && s.life.Err() == nil {
		s.options.Log.LogAttrs(ctx, slog.LevelWarn, "key set not fetched",
			slog.String("source", redact.Policy{}.Text(p.source).String()), slog.String("kind", f.Kind), slog.String("type", f.From))
	}
	var history checks.KeyHistory
	if f == nil {
		history = s.remember(ctx, p.origin, set, now)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried, p.failure = now, f
	if f == nil {
		p.set, p.fetched, p.keep, p.clock, p.history = set, now, s.lifetime(keep), p.seen, history
		if p.meta != nil {
			p.issuerClock = p.meta.clock
		}
	}
	close(p.flight)
	p.flight = nil
}

// load gets the key set from where it is. It alone touches p.meta, in one flight at a time.
func (s *Source) load(ctx context.Context, p *place) (set *checks.KeySet, keep time.Duration, f *fault) {
	defer func() {
		if recover() != nil { // what it says may quote the document
			set, f = nil, faulted()
		}
	}()
	r := request{url: p.origin.JWKSURL, accept: "application/jwk-set+json, application/json"}
	if r.url == "" {
		if p.meta == nil || s.options.Now().Sub(p.meta.read) >= s.options.MaxAge {
			if p.meta, f = s.discover(ctx, p.origin.Issuer); f != nil {
				return nil, 0, f
			}
		}
		r.url, r.within = p.meta.keysURL, &p.meta.reach
	}
	a, f := s.get(ctx, r)
	if f == nil {
		set, f = parse(a.body)
	}
	if f != nil {
		p.meta = nil // the set may have moved
		return nil, 0, f
	}
	p.seen = a.clock
	return set, a.keep, nil
}

// lifetime is how long a copy is used: as the issuer says, but at least a minute and at most MaxAge.
func (s *Source) lifetime(said time.Duration) time.Duration {
	if said < 0 {
		return s.options.MaxAge
	}
	return min(s.options.MaxAge, max(said, time.Minute))
}
