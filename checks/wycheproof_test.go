package checks_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/redact"
)

// Wycheproof's vectors, run through the package's own reading of tokens and of key sets and through
// the rungs of the ladder from format to signature. Their payloads are no claims sets, so that
// libraries which refuse those look safe on them for the wrong reason.

type vectors struct {
	Groups []struct {
		Private, Public json.RawMessage
		Tests           []struct {
			ID       int             `json:"tcId"`
			Comment  string          `json:"comment"`
			JWS      json.RawMessage `json:"jws"`
			JWE      json.RawMessage `json:"jwe"`
			Enc      string          `json:"enc"`
			Expected string          `json:"result"`
		}
	} `json:"testGroups"`
}

// wycheproof is the folder of the module's vectors.
var wycheproof = sync.OnceValues(func() (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", "github.com/c2sp/wycheproof")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", err
	}
	var module struct{ Dir string }
	err = json.Unmarshal(out, &module)
	return filepath.Join(module.Dir, "testvectors_v1"), err
})

func readVectors(t *testing.T, name string) vectors {
	t.Helper()
	dir, err := wycheproof()
	if err != nil {
		t.Fatal("go mod download: ", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// compact is a vector's token; one in the JSON serialization stays JSON.
func compact(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	return s
}

// signatureRungs is the part of the ladder that judges a JWS by itself.
func signatureRungs() []*checks.Check {
	return slices.DeleteFunc(checks.Ladder(), func(c *checks.Check) bool {
		return !slices.Contains([]string{"format", "header", "key", "signature"}, c.Rung())
	})
}

// judge runs a JWS against a JWK or a JWK Set. A set of secrets is no issuer's: each is a profile's of
// its own, so that the one which the token names is configured, if it is only one.
func judge(t *testing.T, jws string, jwk json.RawMessage) *checks.Report {
	t.Helper()
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(jwk, &set); err != nil {
		t.Fatal(err)
	}
	if set.Keys == nil {
		set.Keys = []json.RawMessage{jwk}
	}
	document, err := json.Marshal(map[string]any{"keys": set.Keys})
	if err != nil {
		t.Fatal(err)
	}
	published, err := keys.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	c := &checks.Case{Token: checks.ParseJWS(jws), Profile: &checks.Profile{Name: "vectors", Algorithms: checks.Algorithms()}, Now: now}
	c.Profiles = []*checks.Profile{c.Profile}
	c.Evidence.Keys = []checks.KeyEvidence{{Set: published, Source: redact.Msg("the vector"), Fetched: now, Fresh: true}}
	if !slices.ContainsFunc(published.Keys, func(k checks.Key) bool { return k.Type != "oct" }) {
		c.Evidence.Keys[0] = checks.KeyEvidence{}
		configure(t, c, set.Keys)
	}
	return checks.Run(c, signatureRungs())
}

func configure(t *testing.T, c *checks.Case, secrets []json.RawMessage) {
	t.Helper()
	var named []int
	var jwks []struct{ Kid, Alg, K string }
	for i, raw := range secrets {
		jwks = append(jwks, struct{ Kid, Alg, K string }{})
		if err := json.Unmarshal(raw, &jwks[i]); err != nil {
			t.Fatal(err)
		}
		if len(secrets) == 1 || jwks[i].Kid == c.Token.KeyID() {
			named = append(named, i)
		}
	}
	if len(named) != 1 {
		return
	}
	secret, err := base64.RawURLEncoding.DecodeString(jwks[named[0]].K)
	if err != nil {
		t.Fatal(err)
	}
	c.Profile.Secret, c.Profile.Algorithms = redact.NewSecret(string(secret)), []string{jwks[named[0]].Alg}
}

// TestWycheproofJWS: 393 of 401 as labelled. The other eight, and why they stay:
func TestWycheproofJWS(t *testing.T) {
	known := map[int]string{
		367: "labelled invalid, but the same bytes as 357, which is labelled valid (C2SP/wycheproof#236)",
		370: "labelled invalid, but the same bytes as 357, which is labelled valid (C2SP/wycheproof#236)",
		372: "labelled valid, but its header holds a question mark, which base64url does not have",
		373: "labelled valid, but its payload holds a question mark, which base64url does not have",
		346: "labelled valid, but a PS384 signature by a key published for PS256; 338 and 340 are labelled invalid for that",
		350: "labelled valid, but a PS384 signature by a key published for PS256; 338 and 340 are labelled invalid for that",
		347: "labelled valid, but its key is published for ES521, which is no algorithm",
		351: "labelled valid, but its key is published for ES521, which is no algorithm",
	}
	total := 0
	for _, g := range readVectors(t, "json_web_signature_test.json").Groups {
		for _, v := range g.Tests {
			total++
			r := judge(t, compact(v.JWS), firstOf(g.Public, g.Private))
			agrees := (r.Verdict == checks.Accept) == (v.Expected == "valid")
			if why, ok := known[v.ID]; ok == agrees {
				t.Errorf("%d %s: verdict %s, cause %s, labelled %s; known: %q", v.ID, v.Comment, r.Verdict, r.Cause, v.Expected, why)
			}
			if slices.Contains([]int{346, 347, 350, 351}, v.ID) {
				if _, says := answerOf(r, "key.use_contradicts"); !strings.HasSuffix(says, "the signature itself verifies with it") {
					t.Errorf("%d: %s", v.ID, says)
				}
			}
		}
	}
	if total != 401 {
		t.Errorf("%d vectors", total)
	}
}

// TestWycheproofJWK: all 26 as labelled. That a secret is too short does not change what a service that
// has it accepts, so that 10 to 12 verify, with a finding that says so.
func TestWycheproofJWK(t *testing.T) {
	total := 0
	for _, g := range readVectors(t, "json_web_key_test.json").Groups {
		for _, v := range g.Tests {
			total++
			r := judge(t, compact(v.JWS), firstOf(g.Public, g.Private))
			sound := r.Verdict == checks.Accept
			if v.ID >= 10 && v.ID <= 12 {
				if outcome, says := answerOf(r, "key.secret_weak"); !sound || outcome != checks.Failed {
					t.Errorf("%d %s: verdict %s; %s", v.ID, v.Comment, r.Verdict, says)
				}
				sound = false
			}
			if sound != (v.Expected == "valid") {
				t.Errorf("%d %s: verdict %s, cause %s, labelled %s", v.ID, v.Comment, r.Verdict, r.Cause, v.Expected)
			}
			if sound {
				for _, f := range r.Findings {
					if f.Status() != "pass" {
						t.Errorf("%d %s: a sound key gives %s %s", v.ID, v.Comment, f.Status(), f.ID)
					}
				}
			}
		}
	}
	if total != 26 {
		t.Errorf("%d vectors", total)
	}
}

// TestWycheproofCrypto: all 49 JWS as labelled.
func TestWycheproofCrypto(t *testing.T) {
	total := 0
	for _, g := range readVectors(t, "json_web_crypto_test.json").Groups {
		for _, v := range g.Tests {
			if v.JWS == nil {
				continue
			}
			total++
			r := judge(t, compact(v.JWS), firstOf(g.Public, g.Private))
			if (r.Verdict == checks.Accept) != (v.Expected == "valid") {
				t.Errorf("%d %s: verdict %s, cause %s, labelled %s", v.ID, v.Comment, r.Verdict, r.Cause, v.Expected)
			}
			switch v.Comment {
			case "rejectsAttackerProvidedEmbeddedJwk":
				expectFailed(t, r, "signature.key_brought")
			case "rejectsKeyWithRocaVulnerability":
				expectFailed(t, r, "key.modulus_weak")
			}
		}
	}
	if total != 49 {
		t.Errorf("%d vectors", total)
	}
}

func expectFailed(t *testing.T, r *checks.Report, id string) {
	t.Helper()
	if outcome, says := answerOf(r, id); outcome != checks.Failed {
		t.Errorf("%s: outcome %d: %s", id, outcome, says)
	}
}

// TestWycheproofJWE: what is encrypted is recognized, whether or not it can be decrypted, and its
// algorithms are named. The vectors that are left have no five parts, or no header at all.
func TestWycheproofJWE(t *testing.T) {
	otherwise := []int{9, 12, 15, 18, 20, 21, 22, 38, 41, 44, 47, 49, 50}
	total := 0
	for _, g := range readVectors(t, "json_web_encryption_test.json").Groups {
		for _, v := range g.Tests {
			total++
			token, err := checks.Parse(redact.NewSecret(compact(v.JWE)))
			if err != nil {
				t.Fatal(err)
			}
			profile := &checks.Profile{Name: "vectors", Algorithms: checks.Algorithms()}
			r := checks.Run(&checks.Case{Token: token, Profile: profile, Profiles: []*checks.Profile{profile}, Now: now}, checks.Ladder())
			if slices.Contains(otherwise, v.ID) {
				if r.Cause == checks.EncryptedToken {
					t.Errorf("%d %s: recognized after all", v.ID, v.Comment)
				}
				continue
			}
			if r.Cause != checks.EncryptedToken {
				t.Errorf("%d %s: cause %s", v.ID, v.Comment, r.Cause)
				continue
			}
			said := sentences(r.Lead)
			words := strings.Fields(strings.ReplaceAll(said, ",", " "))
			for _, name := range []string{token.Algorithm(), v.Enc} {
				if name != "" && !slices.Contains(words, name) {
					t.Errorf("%d %s: %s", v.ID, v.Comment, said)
				}
			}
			if v.Comment == "Figure170" && !strings.Contains(said, "zip DEF") {
				t.Errorf("%d: %s", v.ID, said)
			}
		}
	}
	if total != 139 {
		t.Errorf("%d vectors", total)
	}
}

func sentences(f *checks.Finding) string {
	var policy redact.Policy
	return policy.Text(redact.Msg("{} {} {}", redact.Part(f.Says), redact.Part(f.Want), redact.Part(f.Got))).String()
}

func firstOf(public, private json.RawMessage) json.RawMessage {
	if public != nil {
		return public
	}
	return private
}
