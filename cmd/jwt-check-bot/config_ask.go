package main

import (
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// ask reads which servers of a profile may be asked about a token. Each fault goes to fail, with the
// variable and what is wrong with it; err to fault.
func (e profileEnv) ask(prefix string, fail func(variable, what string), fault func(error)) probe.Target {
	var t probe.Target
	if t.ReplayURL = e.ReplayURL; t.ReplayURL != "" && !secureURL(t.ReplayURL) {
		fail("REPLAY_URL", urlFault(t.ReplayURL))
	}
	endpoint := func(name, url, id string, secret redact.Secret, file string) probe.Endpoint {
		secret, err := secretOrFile(prefix+"_"+name+"_CLIENT_SECRET", secret, file)
		fault(err)
		urlName := prefix + "_" + name + "_URL"
		if name == "CANARY" {
			urlName = prefix + "_CANARY_TOKEN_URL"
		}
		switch {
		case url == "" && id == "" && secret.Len() == 0:
		case url == "":
			fail(name+"_CLIENT_ID", "or its secret is set without "+urlName)
		case !secureURL(url):
			fault(configError(urlName + " " + urlFault(url)))
		case id == "":
			fail(name+"_CLIENT_ID", "is missing: the bot's own client at the issuer")
		case secret.Len() == 0 && err == nil:
			fail(name+"_CLIENT_SECRET", "is missing: the bot logs in with it (client_secret_basic)")
		}
		return probe.Endpoint{URL: url, Login: outbound.Login{ID: id, Secret: secret}}
	}
	t.Introspection = endpoint("INTROSPECTION", e.IntrospectionURL, e.IntrospectionID, e.IntrospectionSecret, e.IntrospectionSecretFile)
	t.Canary = endpoint("CANARY", e.CanaryURL, e.CanaryID, e.CanarySecret, e.CanarySecretFile)
	t.Canary.Scope = e.CanaryScope
	if t.Canary.URL != "" && t.ReplayURL == "" {
		fail("CANARY_TOKEN_URL", "is set without "+prefix+"_REPLAY_URL: a canary is replayed there, beside the token")
	}
	return t
}
