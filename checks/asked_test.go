package checks_test

import (
	"crypto/sha256"
	"strconv"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// asked gives a case what servers answered, as a recipe's lines say:
//
//	replay: no token 401; garbage 401 Bearer error="invalid_token"; yours 200 | a body; canary none
//	introspection: {"active":false}
//	clock: api -94s; issuer 3s; keys 3s; slack 0s
//
// Where there is no answer, what stands in place of the status is why.
func asked(t testing.TB, c *checks.Case, options map[string]string) {
	t.Helper()
	if text := options["introspection"]; text != "" {
		c.Evidence.Introspection = introspection(text)
	}
	if text := options["replay"]; text != "" {
		c.Evidence.Replay = replay(t, text)
	}
	if text := options["clock"]; text != "" {
		clocks(t, c, text)
	}
}

func replay(t testing.TB, text string) checks.Replay {
	t.Helper()
	r := checks.Replay{Asked: true}
	for part := range strings.SplitSeq(text, ";") {
		part, body, _ := strings.Cut(strings.TrimSpace(part), " | ")
		into := map[string]*checks.Reply{"no token": &r.Bare, "garbage": &r.Garbage, "yours": &r.Own, "canary": &r.Canary}
		for who, reply := range into {
			answer, ok := strings.CutPrefix(part, who+" ")
			if !ok {
				continue
			}
			status, challenge, _ := strings.Cut(answer, " ")
			n, err := strconv.Atoi(status)
			if err != nil {
				reply.Problem, reply.Unanswered = reason(answer), answer == "none"
				continue
			}
			reply.Status, reply.Took, reply.Body = n, 2*time.Millisecond, sha256.Sum256([]byte(body))
			reply.Challenges = checks.ParseChallenges(challenge)
			reply.Said = checks.ParseAnswer(redact.NewSecret("HTTP/1.1 " + status + "\nWWW-Authenticate: " + challenge + "\n\n" + body))
			reply.Partial = body == "partial"
			if strings.Contains(body, "envoy") {
				reply.Server = redact.Msg("{}", redact.Public("envoy"))
			}
			delete(into, who)
		}
	}
	return r
}

// reason is one of the reasons that the probe gives.
func reason(s string) redact.Message {
	if s == "bound" {
		return redact.Msg("not sent, since it is bound to a key (cnf) and is no plain bearer token")
	}
	return redact.Msg("no answer: it did not answer in time")
}

func introspection(text string) checks.Introspection {
	i, err := checks.ReadIntrospection([]byte(text))
	if err != nil {
		i.Problem = redact.Msg("the introspection endpoint refused the bot's own credentials (401)")
	}
	return i
}

func clocks(t testing.TB, c *checks.Case, text string) {
	t.Helper()
	keys := append([]checks.KeyEvidence(nil), c.Evidence.Keys...)
	c.Evidence.Keys = keys
	for part := range strings.SplitSeq(text, ";") {
		who, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		d, err := time.ParseDuration(value)
		if err != nil {
			t.Fatal(err)
		}
		clock := checks.Clock{From: d - 600*time.Millisecond, To: d + 600*time.Millisecond}
		switch who {
		case "api":
			c.Evidence.Replay.Clock = clock
		case "slack":
			c.Evidence.Slack = clock
		case "issuer", "keys":
			for i, p := range c.Profiles {
				if p == c.Profile && who == "issuer" {
					keys[i].IssuerClock = clock
				} else if p == c.Profile {
					keys[i].Clock = clock
				}
			}
		}
	}
}
