package checks

import (
	"slices"

	"jwt-check-bot/redact"
)

// The answer rung, continued: what the challenge asks for, and what it leaves out.

var schemeOther = Check{
	ID:       "answer.scheme_other",
	Subject:  "Scheme, by the server",
	Title:    "The server asks for other credentials than a bearer token",
	Doc:      "What answered does not ask for bearer tokens: a hop in front with Basic or Windows authentication, a route that takes API keys, another host than the one that was meant. Find out which hop it was before looking at the token.",
	Cite:     "RFC 9110 §11.6.1, RFC 6750 §3",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		a := p.Answer.content()
		others := demandedInstead(a.challenges)
		if len(others) == 0 || a.status != 0 && a.status != 401 || len(a.causes()) > 0 {
			return nil
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("the server asks for {}, not for Bearer: this hop or route takes other credentials", redact.Items(others)),
			Next:    otherCredentials(a.challenges),
		}
		if hint := a.hint(); hint != nil && !hint.by.name.IsZero() {
			r.Next = hint.advice() // whose words they are, is known
		}
		return r
	},
}

// demandedInstead are the schemes that challenges ask for, where none of them takes a token; a scheme
// that is not known is not named.
func demandedInstead(list []Challenge) []redact.Message {
	var names []redact.Message
	for _, c := range list {
		switch scheme := c.Scheme(); scheme {
		case "Bearer", "DPoP":
			return nil
		case "":
			names = append(names, redact.Msg("a scheme that is not known here"))
		default:
			names = append(names, redact.Msg("{}", redact.Operator(scheme)))
		}
	}
	return names
}

// otherCredentials is what to do where the first of the challenges takes no token.
func otherCredentials(list []Challenge) redact.Message {
	switch list[0].Scheme() {
	case "Basic", "Digest", "Negotiate", "NTLM", "Kerberos":
		return redact.Msg("Find out which hop answers so (its Server field, its log): a password before a staging host, Windows authentication at IIS, a proxy, another host or route than the API's. One Authorization field cannot hold both: have that hop let the API's routes pass, or call the API where it answers itself")
	case "AzureApiManagementKey", "ApiKey", "Api-Key", "Key":
		return redact.Msg("Send the key that this gateway asks for, in the field that its challenge names (Ocp-Apim-Subscription-Key, apikey, X-API-Key) and beside the token; or call the route that needs none")
	case "AWS4-HMAC-SHA256", "hmac":
		return redact.Msg("Check the URL and the route's authorizer: this one wants the request signed with an access key, and takes no token")
	case "JWT", "Token", "OAuth":
		return redact.Msg("Look at which scheme this API documents: if it takes a JWT behind that one, send the token so; if not, the route wants other credentials")
	}
	return redact.Msg("Find out which hop answers so (its Server field, its log) and what this route takes: it may be another host or route than the API's")
}

var tokenUnseen = Check{
	ID:       "answer.token_unseen",
	Subject:  "Error code",
	Title:    "The challenge has no error code, as where no token arrived",
	Doc:      "A server that was given no authentication information should leave the error code out, and one that looked at a token should give it. So the Authorization header was probably lost or not read: by a proxy, a redirect, a client that did not set it. Some verifiers never give a code.",
	Cite:     "RFC 6750 §3.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		a := p.Answer.content()
		if !a.codeless() || a.dpopOnly() && !p.paste.dpop {
			return nil
		}
		if len(p.failed) > 0 {
			return pass(redact.Msg("none: the server saw no token, or gives no reasons"))
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("the server probably saw no token: its challenge has no error code, and one that refuses a token should give it"),
			Next:    meanings[HeaderConstruction].next,
		}
		if wanted := a.resource(); wanted != "" {
			r.Says = redact.Msg("{}; it wants one for {}", redact.Part(r.Says), p.publicWords(wanted))
		}
		return r
	},
}

// codeless reports whether a 401 asks for a token, and nothing in it says what was wrong with one.
func (a *answered) codeless() bool {
	return (a.status == 0 || a.status == 401) && len(a.heard) == 0 && len(demandedInstead(a.challenges)) == 0 && len(a.challenges) > 0 &&
		!slices.ContainsFunc(a.challenges, func(c Challenge) bool { return c.Has("error") || c.Has("error_description") })
}

// resource is what a challenge of Microsoft's says a token has to be for; empty where none does, or
// not in the shape of an identifier.
func (a *answered) resource() string {
	for _, c := range a.challenges {
		if id := c.param("resource_id"); scopeToken().MatchString(id) {
			return id
		}
	}
	return ""
}

var challengeMissing = Check{
	ID:       "answer.challenge_missing",
	Subject:  "WWW-Authenticate",
	Title:    "A 401 came without WWW-Authenticate",
	Doc:      "A 401 must say how to authenticate. Where it does not, what answered is often no verifier of tokens: the application itself, a firewall or a proxy. Find out which hop it was before looking at the token.",
	Cite:     "RFC 9110 §15.5.2, §11.6.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if a := p.Answer.content(); a.status == 401 && a.fields && !a.challenged {
			return &Result{Outcome: Failed, Says: redact.Msg("a 401 without WWW-Authenticate: find out which hop answered, since verifiers of tokens send one")}
		}
		return nil
	},
}
