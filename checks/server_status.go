package checks

import "jwt-check-bot/redact"

// The answer rung, continued: the status.

var statusMislabelled = Check{
	ID:       "answer.status_unfitting",
	Subject:  "Status",
	Title:    "The status is no verdict about a token, or does not fit what the answer or the token says",
	Doc:      "401 means that the credentials are missing or no good, 403 that they are good and not enough. A client refreshes or logs in on 401 and gives up on 403, so a status that is mislabelled sends it in circles. A redirect, 404, 407, 429 and 5xx say nothing about a token.",
	Cite:     "RFC 6750 §3.1, RFC 9110 §15.4, §15.5.2, §15.5.4, §15.5.8, RFC 6585 §4",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		a := p.Answer.content()
		fails := func(says, next redact.Message) *Result { return &Result{Outcome: Failed, Says: says, Next: next} }
		scope := a.says(InsufficientScope) || len(p.failed) > 0 && p.failed[0] == InsufficientScope
		var first Cause
		if named := a.causes(); len(named) > 0 {
			first = named[0]
		}
		switch s := a.status; {
		case s == 401 && scope && (first == "" || first == InsufficientScope):
			return fails(redact.Msg("401 for a scope that is missing: 403 would be right, and a client that refreshes on 401 goes in circles"), redact.Message{})
		case s == 403 && first != "" && rank(first) < rank(InsufficientScope) && first != HeaderTooLarge:
			return fails(redact.Msg("403 for credentials that are no good: 401 would be right, and a client that refreshes on 401 alone does not recover"), redact.Message{})
		case s == 403 && first == "" && len(p.failed) == 0:
			return fails(redact.Msg("403 means that the token was read and is not enough: look at scopes, roles and policies, or at a firewall in front, rather than at the token's validity"),
				redact.Msg("Compare the token's scopes and roles with what this call needs, and read the API's own rules for it (roles, policies, tenant, who may call from where): its log at that minute says which one refused; if it has no such line, ask the firewall or gateway in front"))
		case s >= 500:
			return fails(redact.Msg("{} is no verdict about a token: the API or a hop in front of it failed by itself", redact.Count(s)),
				redact.Msg("Look at the health of the API and of the hops before it, and at their logs at that minute, before anybody looks further at tokens"))
		case first != "":
			return nil
		case s >= 200 && s < 300:
			return fails(redact.Msg("{} is no refusal: the server accepted the call", redact.Count(s)),
				redact.Msg("This call went through: paste what the server answered to the one that failed; if only some fail, compare which instance, route or client they have in common"))
		case s >= 300 && s < 400 && s != 304:
			return fails(redact.Msg("{} is a redirect and no verdict about a token: to a login page for browsers, or to another address, where clients leave the Authorization header out", redact.Count(s)),
				redact.Msg("Look at where Location points: a login page means that the call met a route for browsers, so send it to the API's own host and path; another host or scheme is what the client should call itself"))
		case s == 404, s == 405:
			return fails(redact.Msg("{} is no verdict about a token: nothing answers at this address, or not to this method", redact.Count(s)),
				redact.Msg("Compare host, path, version and method of the call with the API's routes and the gateway's. Some APIs say 404 for what the caller may not see: then compare the token's scopes and tenant with the resource"))
		case s == 407:
			return fails(redact.Msg("407 comes from a proxy on the way, which wants credentials of its own: the API never saw the request"),
				redact.Msg("Give the client the proxy's credentials (Proxy-Authorization), or have it reach this host without the proxy"))
		case s == 429:
			return fails(redact.Msg("429 is a rate limit and no verdict about a token"),
				redact.Msg("Wait for as long as Retry-After says and have the client send less; find out what the limit counts by (client, user, address), since others may use it up"))
		}
		return nil
	},
}
