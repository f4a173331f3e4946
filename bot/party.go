package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// party is somebody who is asked for evidence, apart from all others: a slow one delays its own lines
// alone. Another one is another entry in Examiner.parties.
type party struct {
	name   redact.Message                  // as in "still asking …"
	within time.Duration                   // for its answer
	wanted func(*checks.Report) bool       // whether to ask, after what is known; nil: in any case
	known  func() answer                   // what it would say, if that is known already; nil: it is not, or nobody knows beforehand
	ask    func(context.Context) answer    // in a goroutine of its own
	missed func(why redact.Message) answer // in place of the answer where there is none
}

// answer enters what a party said into the evidence.
type answer func(*checks.Evidence)

const (
	keysWithin = 10 * time.Second       // a discovery and a fetch, each with a time-out of its own, and a repetition
	overtime   = 500 * time.Millisecond // for a party to say itself that its time is up, and what it has
)

// parties are all who may be asked about a token.
func (e *Examiner) parties(q Question) []*party {
	return slices.Concat(e.keyParties(q), e.serverParties(q))
}

// await asks and returns the answer, or what stands in its place. It ends with the party's time, also
// where ask does not.
func (p *party) await(ctx context.Context) answer {
	ctx, cancel := context.WithTimeout(ctx, p.within)
	defer cancel()
	answers := make(chan answer, 1)
	go func() { answers <- p.guarded(ctx) }()
	select {
	case a := <-answers:
		return a
	case <-ctx.Done():
	}
	late := time.NewTimer(overtime)
	defer late.Stop()
	select {
	case a := <-answers:
		return a
	case <-late.C:
		return p.missed(redact.Msg("no answer came in time"))
	}
}

// guarded asks. A panic in a goroutine would end the process and print what it says.
func (p *party) guarded(ctx context.Context) (a answer) {
	defer func() {
		if recover() != nil {
			a = p.missed(redact.Msg("it could not be asked, by a fault of the bot's own; please report it"))
		}
	}()
	return p.ask(ctx)
}

// keyParties are the issuers. The chosen profile's is always asked; whether it has replaced a key under
// an old ID, and whether the token belongs to another environment, only where that would explain it.
func (e *Examiner) keyParties(q Question) []*party {
	alg := q.Token.Algorithm()
	if alg == "" {
		alg = q.Works.Algorithm()
	}
	shared := strings.HasPrefix(alg, "HS")
	if alg == "" || shared && q.Profile.Secret.Len() > 0 {
		return nil
	}
	kid, other := q.Token.KeyID(), q.Works.KeyID()
	if shared {
		kid = "" // the set is wanted only to see whether somebody signed with what it publishes
	}
	chosen := slices.Index(e.profiles, q.Profile)
	own := e.keySet(chosen, kid, other)
	list := []*party{own, e.keySetAfresh(chosen)}
	for i := range e.environments {
		if i != chosen && e.environments[i].Keys != e.environments[chosen].Keys {
			set := e.keySet(i, "")
			set.wanted = mayBelongElsewhere
			list = append(list, set)
		}
	}
	return list
}

// keySet is the issuer of the i-th environment, asked for its keys, those of these IDs among them.
func (e *Examiner) keySet(i int, kid string, others ...string) *party {
	env := e.environments[i]
	name := redact.Msg("the key set of {}", redact.Operator(env.Name))
	entered := func(found checks.KeyEvidence) answer { return func(e *checks.Evidence) { e.Keys[i] = found } }
	lacks := func(found checks.KeyEvidence, kid string) bool {
		return kid != "" && found.Set != nil && !found.Fresh && !found.Set.Has(kid)
	}
	return &party{
		name: name, within: keysWithin,
		known: func() answer {
			found, known := e.source.Known(env.Keys, kid)
			if !known || slices.ContainsFunc(others, func(other string) bool { return lacks(found, other) }) {
				return nil
			}
			return entered(found)
		},
		ask: func(ctx context.Context) answer {
			found := e.source.Keys(ctx, env.Keys, kid)
			for _, other := range others { // of the token that works
				if lacks(found, other) {
					found = e.source.Keys(ctx, env.Keys, other)
				}
			}
			return entered(found)
		},
		missed: func(why redact.Message) answer {
			problem := redact.Msg("{} could not be had: {}", redact.Part(name), redact.Part(why))
			return func(e *checks.Evidence) { e.Keys[i].Problem = problem }
		},
	}
}

// keySetAfresh is the issuer of the i-th environment, asked again where its keys came from a copy.
func (e *Examiner) keySetAfresh(i int) *party {
	p := e.keySet(i, "")
	p.name = redact.Msg("{}, once more", redact.Part(p.name))
	p.wanted = func(r *checks.Report) bool {
		had := r.Case.Evidence.Keys[i]
		return had.Set != nil && !had.Fresh && mayBelongElsewhere(r)
	}
	p.known = nil
	p.ask = func(ctx context.Context) answer {
		found := e.source.Afresh(ctx, e.environments[i].Keys)
		return func(e *checks.Evidence) { e.Keys[i] = found }
	}
	return p
}

// mayBelongElsewhere reports whether what fails is what differs between environments.
func mayBelongElsewhere(r *checks.Report) bool {
	return slices.ContainsFunc(append([]checks.Cause{r.Cause}, r.Also...), func(c checks.Cause) bool {
		switch c {
		case checks.WrongEnvironment, checks.IssuerMismatch, checks.UnknownKey, checks.UnusableKey, checks.BadSignature, checks.AudienceMismatch:
			return true
		}
		return false
	})
}
