package checks_test

import (
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/mint"
	"jwt-check-bot/redact"
)

// TestEchoedPieces: of what an API gives back of the token, however long the piece and wherever it stands, nothing is
// shown: a long word is shown cut short, which leaves pieces that look like nothing.
func TestEchoedPieces(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	ring := mint.NewKeys()
	if err := ring.Key("prod-1", "RS256"); err != nil {
		t.Fatal(err)
	}
	pasted := ring.MustMint(now, `{"alg":"RS256","kid":"prod-1","iss":"https://login.example","sub":"auth0|5f7c8ec7c33c6c004bbafe9f","iat":"now-5m","exp":"now+55m"}`)
	token, err := checks.Parse(redact.NewSecret(pasted))
	if err != nil {
		t.Fatal(err)
	}
	profile := &checks.Profile{Name: "production", Issuer: "https://login.example", Algorithms: []string{"RS256"}, Leeway: time.Minute, MaxLifetime: 24 * time.Hour}
	keys := checks.KeyEvidence{Set: checks.NewKeySet([]checks.Key{{ID: "prod-1", Use: "sig", Type: "RSA", Public: ring.Public("prod-1").(*rsa.PublicKey)}}), Fetched: now, Fresh: true}
	spoken := func(s string) redact.Message { return redact.Msg("{}", redact.Public(s[:min(len(s), 300)])) } // as the probe does
	for _, at := range []int{0, 40, strings.LastIndexByte(pasted, '.') - 20, strings.LastIndexByte(pasted, '.') + 1, len(pasted) - 60, len(pasted) - 43} {
		for _, size := range []int{12, 24, 33, 43, 60, 120, 300} {
			piece := pasted[at:min(at+size, len(pasted))]
			reply := checks.Reply{
				Status: 401, Server: spoken("nginx/" + piece), Via: spoken("1.1 " + piece + " (gateway)"),
				Challenges: checks.ParseChallenges(fmt.Sprintf(`Bearer error="invalid_token", scope="read:%s", error_description="unknown %s"`, piece, piece)),
			}
			c := &checks.Case{Token: token, Profile: profile, Profiles: []*checks.Profile{profile}, Now: now, Evidence: checks.Evidence{
				Keys:   []checks.KeyEvidence{keys},
				Replay: checks.Replay{Asked: true, Bare: checks.Reply{Status: 401}, Garbage: checks.Reply{Status: 401}, Own: reply},
			}}
			var said strings.Builder
			for _, f := range checks.Run(c, checks.Ladder()).Findings {
				for _, m := range []redact.Message{f.Says, f.Got, f.Want, f.Next} {
					said.WriteString(redact.Policy{}.Text(m).String() + "\n")
				}
			}
			if !strings.Contains(said.String(), "it says") {
				t.Fatal("the API's words are not shown at all")
			}
			for i := 0; i+6 <= len(piece); i++ {
				if strings.Contains(said.String(), piece[i:i+6]) {
					t.Errorf("6 characters of a piece of %d at %d are shown", size, at)
					break
				}
			}
		}
	}
}
