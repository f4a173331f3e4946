package probe

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

// canary is a fresh token of the profile's own, of low privilege. It is sent to the API alone, and
// never shown.
type canary struct {
	token redact.Secret
	until time.Time
}

// canaryOf is what makes two canaries the same.
type canaryOf struct{ url, id, scope string }

// Canary asks the API with a fresh token. One that is refused and was not quite fresh is got anew
// once, so that a refusal is the API's answer to a good token.
func (p *Prober) Canary(ctx context.Context, t Target) checks.Reply {
	token, kept, f := p.canary(ctx, t.Canary)
	if f != nil {
		p.note(ctx, "request for a canary", f)
		return checks.Reply{Problem: redact.Msg("none to be had: {}", redact.Part(f.Says))}
	}
	reply, _ := p.ask(ctx, t.ReplayURL, token)
	if kept && (reply.Status == 401 || reply.Status == 403) {
		p.forget(t.Canary)
		if token, _, f = p.canary(ctx, t.Canary); f == nil {
			reply, _ = p.ask(ctx, t.ReplayURL, token)
		}
	}
	return reply
}

func (e Endpoint) canary() canaryOf { return canaryOf{e.URL, e.Login.ID, e.Scope} }

// canary returns one that was kept, or gets one.
func (p *Prober) canary(ctx context.Context, e Endpoint) (token redact.Secret, kept bool, f *outbound.Fault) {
	p.mu.Lock()
	c, ok := p.canaries[e.canary()]
	p.mu.Unlock()
	if ok && p.client.Now().Before(c.until) {
		return c.token, true, nil
	}
	if c, f = p.mint(ctx, e); f != nil {
		return redact.Secret{}, false, f
	}
	p.mu.Lock()
	p.canaries[e.canary()] = c
	p.mu.Unlock()
	return c.token, false, nil
}

func (p *Prober) forget(e Endpoint) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.canaries, e.canary())
}

// mint asks for a token by client credentials (RFC 6749 §4.4), with client_secret_basic.
func (p *Prober) mint(ctx context.Context, e Endpoint) (canary, *outbound.Fault) {
	form := []outbound.Field{{Name: "grant_type", Value: redact.NewSecret("client_credentials")}}
	if e.Scope != "" {
		form = append(form, outbound.Field{Name: "scope", Value: redact.NewSecret(e.Scope)})
	}
	a, f := p.client.Do(ctx, outbound.Request{URL: e.URL, Accept: "application/json", Basic: &e.Login, Form: form, Limit: maxBody})
	if f = refusal(a, f); f != nil {
		return canary{}, f
	}
	defer clear(a.Body)
	var answer struct {
		Token   redact.Secret   `json:"access_token"`
		Type    string          `json:"token_type"`
		Expires json.RawMessage `json:"expires_in"` // a number, and a string at some issuers
	}
	// RFC 6749 §5.1: token_type is compared without regard to case.
	if json.Unmarshal(a.Body, &answer) != nil || answer.Token.Len() == 0 {
		return canary{}, outbound.Refuse("not-token-response", redact.Msg("the token endpoint's answer holds no access_token"))
	}
	if answer.Type != "" && !strings.EqualFold(answer.Type, "Bearer") {
		return canary{}, outbound.Refuse("not-bearer", redact.Msg("the token endpoint gives no bearer tokens"))
	}
	seconds, _ := strconv.ParseFloat(strings.Trim(string(answer.Expires), `"`), 64) // unreadable: used once
	return canary{answer.Token, p.client.Now().Add(keepFor(seconds))}, nil
}

// keepFor is how long a canary is used again: until shortly before it expires, and an hour at most.
func keepFor(seconds float64) time.Duration {
	const margin = 60
	if !(seconds > margin) { // NaN too
		return 0
	}
	return time.Duration(min(seconds-margin, 3600)) * time.Second
}

// refusal says why an answer is not the JSON that was asked for, if it is not.
func refusal(a *outbound.Answer, f *outbound.Fault) *outbound.Fault {
	switch {
	case f != nil:
		return f
	case a.Status == 401, a.Status == 403:
		return outbound.Refuse("credentials", redact.Msg("it refused the bot's own credentials ({})", redact.Count(a.Status)))
	case a.Status >= 300 && a.Status < 400:
		return outbound.Refuse(outbound.KindRedirect, redact.Msg("it redirects ({}), which is not followed", redact.Count(a.Status)))
	case a.Status != 200:
		return outbound.Refuse("status", redact.Msg("it answered with status {}", redact.Count(a.Status)))
	}
	return nil
}
