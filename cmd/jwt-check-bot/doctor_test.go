package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
)

// consult runs doctor in the environment that is set, with little patience.
func consult(t *testing.T, patience time.Duration) (lines string, status int) {
	t.Helper()
	d := &doctor{environ: os.Environ(), now: time.Now, patience: patience}
	var out bytes.Buffer
	err := report(&out, d.examine(t.Context()))
	if e, ok := errors.AsType[exit](err); ok {
		status = int(e)
	} else if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if !regexp.MustCompile(`^(ok  |warn|fail) \S`).MatchString(line) {
			t.Errorf("no line of a finding: %s", line)
		}
	}
	return out.String(), status
}

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !regexp.MustCompile(`(?m)^` + line).MatchString(got) {
			t.Errorf("no line %q in\n%s", line, got)
		}
	}
}

// slackVariables sets what is needed to reach a workspace.
func slackVariables(t *testing.T, w *workspace.Workspace) {
	t.Setenv("SLACK_APP_TOKEN", w.AppToken())
	t.Setenv("SLACK_BOT_TOKEN", w.BotToken())
	t.Setenv("SLACK_API_URL", w.APIURL())
}

// profileVariables sets the one profile production, whose key set h answers.
func profileVariables(t *testing.T, h http.HandlerFunc) {
	issuer := httptest.NewServer(h)
	t.Cleanup(issuer.Close)
	t.Setenv("JWT_CHECK_PROFILES", "production")
	t.Setenv("JWT_CHECK_PRODUCTION_ISSUER", "https://login.example/prod")
	t.Setenv("JWT_CHECK_PRODUCTION_JWKS_URL", issuer.URL+"/jwks.json")
}

const patient = 5 * time.Second

func TestDoctorFindsNothingWrong(t *testing.T) {
	leakless(t)
	w := newSlack(t, bot.Manifest)
	slackVariables(t, w)
	profileVariables(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(productionKeys(t)) })
	got, status := consult(t, patient)
	if status != 0 || strings.Contains(got, "warn") || strings.Contains(got, "fail") {
		t.Errorf("status %d\n%s", status, got)
	}
	wantLines(t, got, "ok   configuration: ", `ok   SLACK_APP_TOKEN is set: xapp-…, `, `ok   SLACK_BOT_TOKEN is set: xoxb-…, `,
		`ok   bot token: team Acme \(T0ACME\), bot user jwt-check \(U0BOT\)`, `ok   scopes: commands, chat:write, app_mentions:read, channels:read, groups:read, users:read, as needed`,
		"ok   app token: ", "ok   profile production: RS256, ", `ok   profile production: the key set at http://\S+ has 1 usable key, 1 for encryption, 0 unusable$`)
	if n := strings.Count(got, "\nok   clock: "); n != 2 {
		t.Errorf("%d clocks\n%s", n, got)
	}
	// The one refusal is the clock's: it asks the API's base, which names no method.
	if w.Connections() != 0 || !slices.Equal(w.Refusals(), []string{": unknown_method"}) {
		t.Errorf("doctor is to ask only: %d connections, %q", w.Connections(), w.Refusals())
	}
	for _, secret := range []string{w.AppToken(), w.BotToken()} {
		for i := 5; i+6 <= len(secret); i++ {
			if strings.Contains(got, secret[i:i+6]) {
				t.Fatal("a part of a token was printed")
			}
		}
	}
}

func TestDoctorsExitStatus(t *testing.T) {
	doctor := func() int { return run(t.Context(), []string{"doctor"}, nil, io.Discard, io.Discard) }
	profileVariables(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks.json" {
			_, _ = w.Write(productionKeys(t))
			return
		}
		w.WriteHeader(503)
	})
	if got := doctor(); got != 0 {
		t.Error(got)
	}
	t.Setenv("JWT_CHECK_PRODUCTION_JWKS_URL", os.Getenv("JWT_CHECK_PRODUCTION_JWKS_URL")+"/down")
	if got := doctor(); got != 3 {
		t.Error(got)
	}
	t.Setenv("JWT_CHECK_CONCURRENCY", "none") // what can be mended here comes first
	if got := doctor(); got != 2 {
		t.Error(got)
	}
}

func TestDoctorOnSlack(t *testing.T) {
	fewer := bytes.Replace(bytes.Replace(bot.Manifest, []byte(`"app_mentions:read"`), []byte(`"im:read"`), 1), []byte(",\n        \"app_mention\""), nil, 1)
	for _, c := range []struct {
		name   string
		set    func(t *testing.T) *workspace.Workspace
		status int
		want   []string
	}{
		{"missing scope", func(t *testing.T) *workspace.Workspace {
			return newSlack(t, fewer)
		}, 2, []string{"fail scopes: missing app_mentions:read, without which a mention of the bot goes unanswered. ", "ok   app token"}},
		{"wrong bot token", func(t *testing.T) *workspace.Workspace {
			return newSlack(t, bot.Manifest)
		}, 2, []string{`fail bot token: Slack refused it \(invalid_auth\)`, "ok   app token"}},
		{"wrong app token", func(t *testing.T) *workspace.Workspace {
			return newSlack(t, bot.Manifest)
		}, 2, []string{"ok   bot token", `fail app token: slack does not let the app connect \(`}},
		{"down", func(t *testing.T) *workspace.Workspace {
			w := newSlack(t, bot.Manifest)
			w.FailNext("*", 100, workspace.Fault{Status: 503})
			return w
		}, 3, []string{`fail bot token: Slack could not be asked \(http_503\)`, `fail app token: Slack could not be asked \(http_503\)`}},
		{"slow", func(t *testing.T) *workspace.Workspace {
			w := newSlack(t, bot.Manifest)
			w.FailNext("*", 100, workspace.Fault{Hang: time.Minute})
			return w
		}, 3, []string{`fail bot token: Slack could not be asked \(there was no answer in time\)`, `fail app token: Slack could not be asked \(there was no answer in time\)`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			leakless(t)
			profileVariables(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(productionKeys(t)) })
			w := c.set(t)
			slackVariables(t, w)
			patience := patient
			switch c.name {
			case "wrong bot token":
				t.Setenv("SLACK_BOT_TOKEN", "xoxb-of-nobody")
			case "wrong app token":
				t.Setenv("SLACK_APP_TOKEN", "xapp-of-nobody")
			case "slow":
				patience = 200 * time.Millisecond
			}
			got, status := consult(t, patience)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			wantLines(t, got, c.want...)
		})
	}
}

func TestDoctorOnKeys(t *testing.T) {
	bad := func(change func(map[string]any)) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			k := scriptKeys().JWK("prod-1")
			change(k)
			if err := json.NewEncoder(w).Encode(map[string]any{"keys": []any{k}}); err != nil {
				t.Error(err)
			}
		}
	}
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	for _, c := range []struct {
		name   string
		h      http.HandlerFunc
		status int
		want   string
	}{
		{"unreachable", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, 3,
			`fail profile production: the key set at \S+ could not be had: it answered with status 503. Check JWT_CHECK_PRODUCTION_ISSUER`},
		{"absent", http.NotFound, 2,
			`fail profile production: the key set at \S+ could not be had: it answered with status 404. The address is not that of the key set: set JWT_CHECK_PRODUCTION_JWKS_URL`},
		{"a page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, 2,
			`fail profile production: the key set at \S+ could not be had: it answered with an HTML page .*\. The address is not that of the key set: set JWT_CHECK_PRODUCTION_JWKS_URL`},
		{"slow", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}, 3, `fail profile production: the key set at \S+ could not be had: `},
		{"unusable", bad(func(k map[string]any) { k["alg"] = "none-of-them" }), 2,
			`fail profile production: .* has 0 usable keys, 0 for encryption, 1 unusable: its alg none-of-them is not a registered one. No token`},
		{"private", bad(func(k map[string]any) { k["d"] = "AQAB" }), 0,
			`warn profile production: 1 key of the set with private`},
		{"hostile", bad(func(k map[string]any) { k["alg"] = "<http://evil.example|look>\x1b[2J" }), 2,
			`fail profile production: .*1 unusable`},
	} {
		t.Run(c.name, func(t *testing.T) {
			leakless(t)
			profileVariables(t, c.h)
			patience := patient
			if c.name == "slow" {
				patience = 50 * time.Millisecond
			}
			got, status := consult(t, patience)
			if status != c.status || strings.ContainsAny(got, "<>\x1b") {
				t.Errorf("status %d, want %d", status, c.status)
			}
			wantLines(t, got, c.want, "warn Slack is not looked at")
		})
	}
}

func TestDoctorOnClocks(t *testing.T) {
	for _, c := range []struct {
		name, date, age, want string
	}{
		{"behind", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), "", `warn clock: this machine's is (1h0m0s|59m\d+s) behind that of 127.0.0.1:\d+ \(± \d.\d s\), so times are judged wrongly`},
		{"ahead", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), "", `warn clock: this machine's is 1h0m\d+s ahead of that of 127`},
		{"cached", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), "3600", `warn clock: not compared`},
		{"no date", "soon", "", `warn clock: not compared`},
	} {
		t.Run(c.name, func(t *testing.T) {
			leakless(t)
			profileVariables(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", c.date)
				if c.age != "" {
					w.Header().Set("Age", c.age)
				}
				_, _ = w.Write(productionKeys(t))
			})
			got, status := consult(t, patient)
			if status != 0 {
				t.Errorf("status %d", status)
			}
			wantLines(t, got, c.want)
		})
	}
}

func TestDoctorOnTimes(t *testing.T) {
	profileVariables(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(productionKeys(t)) })
	for _, c := range []struct{ leeway, lifetime, want string }{
		{"10m", "", "warn profile production: a leeway of 10m0s .* Set JWT_CHECK_PRODUCTION_LEEWAY"},
		{"5m", "0s", "warn profile production: a longest lifetime of 0"},
		{"2m", "1m", "warn profile production: the longest lifetime, 1m0s, is not above the leeway, 2m0s"},
		{"", "2400h", "warn profile production: access tokens of up to 2400h0m0s"},
	} {
		t.Setenv("JWT_CHECK_PRODUCTION_LEEWAY", c.leeway)
		t.Setenv("JWT_CHECK_PRODUCTION_MAX_LIFETIME", c.lifetime)
		got, status := consult(t, patient)
		if status != 0 || strings.Count(got, "\nwarn profile") != 1 {
			t.Errorf("status %d\n%s", status, got)
		}
		wantLines(t, got, c.want)
	}
}

// A name without its prefix belongs to somebody else.
func TestUnprefixedVariablesAreNotRead(t *testing.T) {
	t.Setenv("JWT_CHECK_PROFILES", "production")
	t.Setenv("ISSUER", "https://somebody.example")
	t.Setenv("SECRET", "somebody's own secret, long enough for HS256")
	env, err := readBotEnv()
	if err != nil {
		t.Fatal(err)
	}
	if _, err = env.environments(); !slices.Equal(faults(err), []string{"JWT_CHECK_PRODUCTION_ISSUER is missing: the exact iss of this environment's tokens"}) {
		t.Error(faults(err))
	}
}

func TestStrays(t *testing.T) {
	long := strings.Repeat("aB3_", 20)
	var got []string
	for _, f := range strays([]string{
		"JWT_CHECK_PROFILES=x", "SLACK_APP_TOKEN_FILE=x", "JWT_CHECK_EU_WEST_LEEWAY=1m", "PATH=/bin", // these are right
		"JWT_CHECK_BOT_SERVICE_HOST=10.0.0.1", "JWT_CHECK_BOT_SERVICE_PORT_HTTP=80", "JWT_CHECK_BOT_PORT=tcp://10.0.0.1:80", "JWT_CHECK_BOT_PORT_80_TCP_ADDR=10.0.0.1",
		"JWT_CHECK_PROFILE=canary-value", "JWT_CHECK_EU_WEST_AUDIANCE=canary-value", "jwt_check_profiles=canary-value",
		"JWT_CHECK_STAGING_ISSUER=canary-value", "SLACK_SIGNING_SECRET=canary-value",
		"JWT_CHECK_" + long + "=canary-value", "SLACK_\x1b[2J=canary-value",
	}, []string{"eu-west", "not a name"}) {
		got = append(got, f.level+" "+f.says)
	}
	want := []string{
		"warn JWT_CHECK_EU_WEST_AUDIANCE is set, and nothing reads it. Is JWT_CHECK_EU_WEST_AUDIENCE meant?",
		"warn JWT_CHECK_PROFILE is set, and nothing reads it. Is JWT_CHECK_PROFILES meant?",
		"warn JWT_CHECK_STAGING_ISSUER is set, and nothing reads it: JWT_CHECK_PROFILES names no profile staging. Add it there, or unset the variable",
		"warn a variable with a prefix of ours has a name that is none, so it is not repeated here, and nothing reads it. Unset it",
		"warn SLACK_SIGNING_SECRET is set, and nothing reads it. The nearest name that is read is SLACK_API_URL; unset it if it is not meant",
		"warn a variable with a prefix of ours has a name that is none, so it is not repeated here, and nothing reads it. Unset it",
		"warn jwt_check_profiles is set, and nothing reads it. Is JWT_CHECK_PROFILES meant?",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestUnsaidAndSpareScopes(t *testing.T) {
	if f := scopes(nil, false)[0]; f.level != "warn" {
		t.Error(f)
	}
	granted := []string{"im:read"}
	for _, s := range bot.Scopes {
		granted = append(granted, s.Name)
	}
	if f := scopes(granted, true)[0]; f.level != "warn" || !strings.HasSuffix(f.says, "more than the bot needs: im:read. Take away what nothing else uses, and install the app again") {
		t.Error(f)
	}
}
