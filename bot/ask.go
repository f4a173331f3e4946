package bot

import (
	"context"
	"slices"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// What is asked beyond keys: the API, where the requester wishes it, and the issuer's introspection
// endpoint, where one is configured.

// Times within which each has to answer. An exchange has a time-out of its own below these, so that
// the answers that did come count.
const (
	replayWithin        = 6 * time.Second
	canaryWithin        = 10 * time.Second // a token request before it
	introspectionWithin = 6 * time.Second
)

// Replays reports whether some environment lets the bot replay tokens.
func (e *Examiner) Replays() bool {
	return slices.ContainsFunc(e.environments, func(env Environment) bool { return env.Ask.ReplayURL != "" })
}

// Replayable reports whether the profile's environment does.
func (e *Examiner) Replayable(p *checks.Profile) bool { return e.environment(p).Ask.ReplayURL != "" }

// environment is the profile's.
func (e *Examiner) environment(p *checks.Profile) Environment {
	if i := slices.Index(e.profiles, p); i >= 0 {
		return e.environments[i]
	}
	return Environment{Profile: p}
}

// serverParties are the API and the introspection endpoint.
func (e *Examiner) serverParties(q Question) []*party {
	if q.Token.IsZero() {
		return nil
	}
	var list []*party
	ask := e.environment(q.Profile).Ask
	token, withheld := q.Token.Sendable()
	if ask.Introspection.URL != "" && withheld.IsZero() && q.Token.IssuedBy(q.Profile.Issuer) {
		list = append(list, e.introspection(q, token))
	}
	switch {
	case !q.Replay:
	case ask.ReplayURL == "":
		list = append(list, unreplayed(redact.Msg("not sent: {} has no REPLAY_URL", redact.Operator(q.Profile.Name))))
	default:
		list = append(list, e.replay(q, token, withheld))
		if ask.Canary.URL != "" {
			list = append(list, e.freshToken(q))
		}
	}
	return list
}

func (e *Examiner) introspection(q Question, token redact.Secret) *party {
	ask := e.environment(q.Profile).Ask
	return &party{
		name: redact.Msg("the introspection endpoint"), within: introspectionWithin,
		ask: func(ctx context.Context) answer {
			said := e.prober.Introspect(ctx, ask.Introspection, token)
			return func(e *checks.Evidence) { e.Introspection = said }
		},
		missed: func(why redact.Message) answer {
			return func(e *checks.Evidence) { e.Introspection.Problem = why }
		},
	}
}

func (e *Examiner) replay(q Question, token redact.Secret, withheld redact.Message) *party {
	ask := e.environment(q.Profile).Ask
	return &party{
		name: redact.Msg("the API"), within: replayWithin,
		ask: func(ctx context.Context) answer {
			said := e.prober.Replay(ctx, ask.ReplayURL, token, withheld)
			return func(e *checks.Evidence) {
				said.Canary = e.Replay.Canary
				e.Replay = said
			}
		},
		missed: func(why redact.Message) answer {
			return func(e *checks.Evidence) {
				missedReplay(why)(e)
				e.Replay.Own.Unanswered = true
			}
		},
	}
}

func missedReplay(why redact.Message) answer {
	return func(e *checks.Evidence) { e.Replay.Asked, e.Replay.Own.Problem = true, why }
}

// freshToken is the API, asked with a canary.
func (e *Examiner) freshToken(q Question) *party {
	ask := e.environment(q.Profile).Ask
	return &party{
		name: redact.Msg("the API, with a fresh token"), within: canaryWithin,
		ask: func(ctx context.Context) answer {
			said := e.prober.Canary(ctx, ask)
			return func(e *checks.Evidence) { e.Replay.Canary = said }
		},
		missed: func(why redact.Message) answer {
			return func(e *checks.Evidence) { e.Replay.Canary.Problem = why }
		},
	}
}

// unreplayed stands for an API that is not asked.
func unreplayed(why redact.Message) *party {
	return &party{
		name: redact.Msg("the API"), within: replayWithin, missed: missedReplay,
		ask: func(context.Context) answer { return missedReplay(why) },
	}
}
