package main

import (
	"context"
	"sync"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// asks says whether the servers answer that a profile lets the bot ask about tokens. None is sent.
func (d *doctor) asks(ctx context.Context, env bot.Environment) []finding {
	p := probe.New(probe.Options{Now: d.now, Timeout: d.patience})
	prefix := profilePrefix(env.Name)
	var api, introspection, canary []finding
	var wait sync.WaitGroup
	if env.Ask.ReplayURL != "" {
		wait.Go(func() { api = []finding{replayFinding(env.Name, prefix, p.Bare(ctx, env.Ask.ReplayURL))} })
	}
	if env.Ask.Introspection.URL != "" {
		wait.Go(func() {
			why, refused := p.Login(ctx, env.Ask.Introspection)
			introspection = []finding{loginFinding(env.Name, "introspection", prefix+"_INTROSPECTION", why, refused)}
		})
	}
	if env.Ask.Canary.URL != "" {
		wait.Go(func() {
			why, refused := p.CanaryLogin(ctx, env.Ask.Canary)
			canary = []finding{loginFinding(env.Name, "canary", prefix+"_CANARY", why, refused)}
		})
	}
	wait.Wait()
	return append(append(api, introspection...), canary...)
}

// replayFinding judges the API's answer to a request without a token.
func replayFinding(name, prefix string, r checks.Reply) finding {
	switch {
	case !r.Problem.IsZero():
		return unreachable("profile %s: replay: %s. Check %s_REPLAY_URL, and whether this machine reaches it", name, redact.Policy{}.Text(r.Problem), prefix)
	case r.Status == 401 || r.Status == 403:
		return fine("profile %s: replay: the API answers %d without a token, as it should", name, r.Status)
	case r.Status >= 200 && r.Status < 300:
		return warn("profile %s: replay: the API answers %d without a token, so its answer to one says nothing. Set %s_REPLAY_URL to an address that needs a token", name, r.Status, prefix)
	case r.Status >= 300 && r.Status < 400:
		return warn("profile %s: replay: the API redirects (%d), which is not followed. Set %s_REPLAY_URL to the address that answers itself", name, r.Status, prefix)
	}
	return warn("profile %s: replay: the API answers %d without a token, which is no verdict about one. Set %s_REPLAY_URL to an address that answers GET with 401", name, r.Status, prefix)
}

func loginFinding(name, what, prefix string, why redact.Message, refused bool) finding {
	switch {
	case why.IsZero():
		return fine("profile %s: %s: the issuer serves the bot's client", name, what)
	case refused:
		return wrong("profile %s: %s: %s. Check %s_CLIENT_ID and its secret, and what the client may do at the issuer", name, what, redact.Policy{}.Text(why), prefix)
	}
	return unreachable("profile %s: %s: %s. Check the URL, and whether this machine reaches it", name, what, redact.Policy{}.Text(why))
}
