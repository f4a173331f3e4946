package probe

import (
	"context"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

// Introspect asks the issuer's endpoint about the token (RFC 7662 §2.1), with the bot's own login.
func (p *Prober) Introspect(ctx context.Context, e Endpoint, token redact.Secret) checks.Introspection {
	a, f := p.client.Do(ctx, outbound.Request{
		URL: e.URL, Accept: "application/json", Basic: &e.Login, Limit: maxBody,
		Form: []outbound.Field{
			{Name: "token", Value: token},
			{Name: "token_type_hint", Value: redact.NewSecret("access_token")},
		},
	})
	if f = refusal(a, f); f != nil {
		p.note(ctx, "introspection", f)
		return unanswered(f.Says)
	}
	defer clear(a.Body)
	i, err := checks.ReadIntrospection(a.Body)
	if err != nil {
		return unanswered(redact.Msg("its answer is no introspection response: a JSON object with a boolean active (RFC 7662 §2.2)"))
	}
	i.Clock = checks.ReadClock(a.Times())
	return i
}

func unanswered(why redact.Message) checks.Introspection {
	return checks.Introspection{Problem: redact.Msg("the introspection endpoint was asked, and {}", redact.Part(why))}
}
