package probe

import (
	"context"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

// What can be told of a Target without a token: whether who is configured answers, and knows the bot.

// Bare asks the API with no token.
func (p *Prober) Bare(ctx context.Context, address string) checks.Reply {
	reply, _ := p.ask(ctx, address, redact.Secret{})
	return reply
}

// Login asks the introspection endpoint about no token at all, and returns why it would not serve the
// bot; refused means that it answered and does not know it.
func (p *Prober) Login(ctx context.Context, e Endpoint) (why redact.Message, refused bool) {
	a, f := p.client.Do(ctx, outbound.Request{URL: e.URL, Accept: "application/json", Basic: &e.Login, Form: []outbound.Field{{Name: "token"}}, Limit: maxBody, Cut: true})
	if a != nil && a.Status == 400 { // invalid_request: a token is missing (RFC 6749 §5.2)
		return redact.Message{}, false
	}
	return whyNot(refusal(a, f))
}

// CanaryLogin gets a canary and drops it.
func (p *Prober) CanaryLogin(ctx context.Context, e Endpoint) (why redact.Message, refused bool) {
	_, f := p.mint(ctx, e)
	return whyNot(f)
}

func whyNot(f *outbound.Fault) (why redact.Message, refused bool) {
	if f == nil {
		return redact.Message{}, false
	}
	switch f.Kind {
	case "credentials", "status", "not-token-response", "not-bearer", outbound.KindRedirect:
		return f.Says, true
	}
	return f.Says, false
}
