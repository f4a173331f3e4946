package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/redact"
)

func doctorCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check configuration, Slack tokens and scopes, issuers and the clock; say what to fix",
		Long: `Doctor reads the environment as serve does, asks Slack and each issuer, compares clocks, and prints one line for
each finding: ok, warn or fail, with what to do. It changes nothing and prints no secret. Without Slack's variables
it checks the rest.

Exit status: 0 nothing fails; 2 something is configured wrongly; 3 something could not be reached.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d := &doctor{environ: os.Environ(), now: time.Now, patience: 5 * time.Second}
			findings := d.examine(c.Context())
			if c.Context().Err() != nil {
				return context.Cause(c.Context())
			}
			return report(c.OutOrStdout(), findings)
		},
	}
	c.SetFlagErrorFunc(flagError)
	return c
}

// doctor looks at what serve would run with.
type doctor struct {
	environ  []string // NAME=value, of which only the names are looked at
	now      func() time.Time
	patience time.Duration // for one call
}

// finding is one line: a level, and a sentence that ends with the mend where one is needed.
type finding struct {
	level, says string
	unreachable bool // of a fail: nothing is known to be configured wrongly
}

func fine(format string, args ...any) finding {
	return finding{level: "ok", says: fmt.Sprintf(format, args...)}
}

func warn(format string, args ...any) finding {
	return finding{level: "warn", says: fmt.Sprintf(format, args...)}
}

func wrong(format string, args ...any) finding {
	return finding{level: "fail", says: fmt.Sprintf(format, args...)}
}

func unreachable(format string, args ...any) finding {
	return finding{level: "fail", says: fmt.Sprintf(format, args...), unreachable: true}
}

// report prints the findings; its error is the exit status.
func report(w io.Writer, findings []finding) error {
	p := &page{w: w}
	status := exitAccept
	for _, f := range findings {
		p.line("%-4s %s", f.level, f.says)
		switch {
		case f.level != "fail":
		case !f.unreachable:
			status = exitUsage
		case status == exitAccept:
			status = exitUnknown
		}
	}
	if p.err != nil {
		return written(p.err)
	}
	if status != exitAccept {
		return exit(status)
	}
	return nil
}

// examine reads the configuration, then asks Slack and all issuers at once.
func (d *doctor) examine(ctx context.Context) []finding {
	withSlack := slices.ContainsFunc(d.environ, func(e string) bool {
		name, value, _ := strings.Cut(e, "=")
		return value != "" && (strings.HasPrefix(name, "SLACK_APP_TOKEN") || strings.HasPrefix(name, "SLACK_BOT_TOKEN"))
	})
	set, err := readSettings(withSlack)
	findings := configuration(err)
	findings = append(findings, strays(d.environ, list(set.bot.Profiles))...)

	var wait sync.WaitGroup
	var ofSlack, ofStore, clock []finding
	wait.Go(func() { ofStore = d.store(ctx, set) })
	if withSlack {
		findings = append(findings, tokens(set.slack)...)
		wait.Go(func() { ofSlack = d.slack(ctx, set.slack, list(set.bot.Watch)) })
		wait.Go(func() { clock = d.clock(ctx, cmp.Or(set.slack.APIURL, slack.DefaultAPIURL)) })
	} else {
		ofSlack = []finding{warn("Slack is not looked at: neither SLACK_APP_TOKEN nor SLACK_BOT_TOKEN is set. serve needs both; check needs none")}
	}
	source := keys.New(keys.Options{Now: d.now})
	defer source.Close()
	ofProfile, clocks := make([][]finding, len(set.environments)), make([][]finding, len(set.environments))
	asked := map[string]bool{}
	for i, env := range set.environments {
		host := keyHost(env.Keys)
		first := host != "" && !asked[host]
		asked[host] = true
		wait.Go(func() {
			answered := false
			ofProfile[i], answered = d.profile(ctx, source, env)
			ofProfile[i] = append(ofProfile[i], d.asks(ctx, env)...)
			if first && answered {
				clocks[i] = d.clock(ctx, keyURL(env.Keys))
			}
		})
	}
	wait.Wait()
	clock = append(clock, slices.Concat(clocks...)...)
	if len(clock) == 0 {
		clock = []finding{warn("clock: not compared, since no answer had the time of now in it. See that this machine's clock is synchronised (NTP)")}
	}
	return slices.Concat(findings, ofSlack, ofStore, slices.Concat(ofProfile...), clock)
}

// configuration says every fault of the environment.
func configuration(err error) []finding {
	var findings []finding
	for _, f := range faults(err) {
		findings = append(findings, wrong("%s", f))
	}
	if len(findings) == 0 {
		findings = append(findings, fine("configuration: everything that is set can be read"))
	}
	return findings
}

// faults takes apart what errors.Join put together.
func faults(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, faults(e)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	return []string{plainError(err)}
}

// tokens says of Slack's tokens that they are set, their kind and how long about they are.
func tokens(e slackEnv) []finding {
	var findings []finding
	for _, t := range []struct {
		name, kind, mend string
		value            redact.Secret
	}{
		{"SLACK_APP_TOKEN", "xapp-", "Basic Information, App-Level Tokens", e.AppToken},
		{"SLACK_BOT_TOKEN", "xoxb-", "OAuth & Permissions, Bot User OAuth Token", e.BotToken},
	} {
		switch kind := kindOf(t.value); {
		case t.value.Len() == 0: // among the faults
		case kind == t.kind:
			findings = append(findings, fine("%s is set: %s…, %s", t.name, kind, lengthOf(t.value)))
		case kind != "":
			findings = append(findings, warn("%s is set, but begins with %s where %s is needed. Copy it from %s", t.name, kind, t.kind, t.mend))
		default:
			findings = append(findings, warn("%s is set (%s), but begins like none of Slack's tokens, where %s is needed. Copy it from %s", t.name, lengthOf(t.value), t.kind, t.mend))
		}
	}
	return findings
}

// kindOf is a Slack token's public prefix, which says only what kind it is.
func kindOf(s redact.Secret) string {
	for _, kind := range []string{"xapp-", "xoxb-", "xoxp-", "xoxe-", "xoxe.", "xoxa-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xwfp-"} {
		if strings.HasPrefix(s.Expose(), kind) {
			return kind
		}
	}
	return ""
}

func lengthOf(s redact.Secret) string {
	switch n := s.Len(); {
	case n < 20:
		return "under 20 characters"
	case n < 60:
		return "20 to 59 characters"
	case n < 120:
		return "60 to 119 characters"
	}
	return "120 characters or more"
}

// slack asks who the bot is, what it may do, and whether the app may connect.
func (d *doctor) slack(ctx context.Context, e slackEnv, watch []string) []finding {
	if e.AppToken.Len() == 0 || e.BotToken.Len() == 0 || e.badURL() {
		return nil // among the faults
	}
	client, err := slack.New(slack.Config{AppToken: e.AppToken, BotToken: e.BotToken, APIURL: e.APIURL, Now: d.now})
	if err != nil {
		return []finding{wrong("%s", err.Error())} // slack.New's errors are our own sentences
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	var wait sync.WaitGroup
	var ofBot []finding
	ofApp := fine("app token: it lets the app connect over Socket Mode")
	wait.Go(func() {
		id, err := client.Identify(ctx)
		if err != nil {
			ofBot = []finding{slackFinding("bot token", err)}
			return
		}
		ofBot = []finding{
			fine("bot token: team %s (%s), bot user %s (%s)", public(id.TeamName), public(id.Team), public(id.Name), public(id.User)),
		}
		ofBot = append(ofBot, scopes(id.Scopes, len(watch) > 0)...)
	})
	wait.Go(func() {
		if err := client.MayConnect(ctx); err != nil {
			ofApp = slackFinding("app token", err)
		}
	})
	wait.Wait()
	return append(ofBot, ofApp)
}

// public is a word that somebody else wrote, as it may be shown.
func public(s string) string {
	return redact.Policy{}.Text(redact.Msg("{}", redact.Public(s))).String()
}

// slackFinding says why Slack refused, or that it could not be reached.
func slackFinding(what string, err error) finding {
	if e, ok := errors.AsType[*slack.Fatal](err); ok {
		return wrong("%s: %s", what, e.Error())
	}
	e, ok := errors.AsType[*slack.Error](err)
	switch {
	case !ok:
		return unreachable("%s: the call was not made, by a fault of mine; please report it", what)
	case e.Code == slack.CodeRateLimited:
		return unreachable("%s: not checked, since Slack asks to slow down. Try again in a minute", what)
	case e.Code == slack.CodeUnreachable, e.Code == slack.CodeTimeout, e.Code == slack.CodeCanceled, e.Code == slack.CodeBadAnswer,
		e.Code == "internal_error", e.Code == "fatal_error", e.Code == "service_unavailable", e.Code == "request_timeout",
		strings.HasPrefix(e.Code, "http_5"):
		return unreachable("%s: Slack could not be asked (%s). See whether this machine reaches it: name resolution, proxy (HTTPS_PROXY), firewall, SLACK_API_URL", what, cmp.Or(e.Reason, e.Code))
	case strings.HasPrefix(e.Code, "http_"):
		return wrong("%s: nothing answers like Slack there (%s). Check SLACK_API_URL, or leave it out to use Slack's own", what, e.Code)
	}
	return wrong("%s: Slack refused it (%s). %s", what, e.Code, e.Hint())
}

const (
	longLeeway   = 5 * time.Minute
	longLifetime = 7 * 24 * time.Hour
)

// profile judges one environment and fetches its keys. answered says that its issuer gave them.
func (d *doctor) profile(ctx context.Context, source *keys.Source, env bot.Environment) (findings []finding, answered bool) {
	prefix := profilePrefix(env.Name)
	audience := "any audience"
	if len(env.Audience) > 0 {
		audience = fmt.Sprintf("%d accepted aud", len(env.Audience))
	}
	findings = append(findings, fine("profile %s: %s, %s, leeway %v, longest lifetime %v", env.Name, strings.Join(env.Algorithms, " "), audience, env.Leeway, env.MaxLifetime))
	if env.Leeway > longLeeway {
		findings = append(findings, warn("profile %s: a leeway of %v takes tokens for good that the API refuses as expired. Set %s_LEEWAY to what the API allows, a minute or so", env.Name, env.Leeway, prefix))
	}
	switch {
	case env.MaxLifetime == 0:
		findings = append(findings, warn("profile %s: a longest lifetime of 0 means that none is remarked on. Unset %s_MAX_LIFETIME for 24h", env.Name, prefix))
	case env.MaxLifetime <= env.Leeway:
		findings = append(findings, warn("profile %s: the longest lifetime, %v, is not above the leeway, %v. Mend %s_MAX_LIFETIME or %s_LEEWAY", env.Name, env.MaxLifetime, env.Leeway, prefix, prefix))
	case env.MaxLifetime > longLifetime:
		findings = append(findings, warn("profile %s: access tokens of up to %v pass without a remark. Set %s_MAX_LIFETIME to what your issuer gives out", env.Name, env.MaxLifetime, prefix))
	}
	findings = append(findings, hmac(env, prefix)...)
	if env.Keys == (keys.Origin{}) {
		return findings, false
	}
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	e := source.Keys(ctx, env.Keys, "")
	if e.Set == nil {
		says := redact.Policy{}.Text(e.Problem)
		if env.Keys.JWKSFile != "" {
			return append(findings, wrong("profile %s: %s. Mend the file that %s_JWKS_FILE names", env.Name, says, prefix)), false
		}
		if mend := (redact.Policy{}).Text(e.Mend).String(); mend != "" {
			return append(findings, wrong("profile %s: %s. %s", env.Name, says, strings.ReplaceAll(mend, "JWT_CHECK_…", prefix))), false
		}
		return append(findings, unreachable("profile %s: %s. Check %s_ISSUER and %s_JWKS_URL, and whether this machine reaches them: name resolution, proxy (HTTPS_PROXY), certificates", env.Name, says, prefix, prefix)), false
	}
	return append(findings, keySet(env.Name, prefix, e)...), env.Keys.JWKSFile == ""
}

// hmac says of a shared secret that it is set, and whether it is long enough.
func hmac(env bot.Environment, prefix string) []finding {
	if env.Secret.Len() == 0 {
		return nil
	}
	needed, by := 0, ""
	for alg, n := range map[string]int{"HS256": 32, "HS384": 48, "HS512": 64} { // RFC 7518 §3.2
		if slices.Contains(env.Algorithms, alg) && n > needed {
			needed, by = n, alg
		}
	}
	switch {
	case needed == 0:
		return []finding{warn("%s_SECRET is set, and no algorithm of the profile uses it. Unset it, or name HS256, HS384 or HS512 in %s_ALGORITHMS", prefix, prefix)}
	case env.Secret.Len() < needed:
		return []finding{warn("%s_SECRET is set, and shorter than the %d bytes that %s needs (RFC 7518 §3.2): who guesses it can sign tokens. Ask whoever runs the issuer for a longer one", prefix, needed, by)}
	}
	return []finding{fine("%s_SECRET is set: at least the %d bytes that %s needs", prefix, needed, by)}
}

// keySet counts the keys of a set by what they are good for.
func keySet(name, prefix string, e checks.KeyEvidence) []finding {
	var usable, encrypting, private int
	var bad []redact.Message
	for _, k := range e.Set.Keys {
		switch {
		case !k.Unusable.IsZero():
			bad = append(bad, k.Unusable)
		case k.Use == "enc":
			encrypting++
		default:
			usable++
		}
		if k.Private {
			private++
		}
	}
	// The reasons may repeat what the issuer wrote, so they go through the policy.
	reasons := ""
	if len(bad) > 0 {
		reasons = ": " + redact.Policy{}.Text(redact.Msg("{}", redact.Items(bad[:min(3, len(bad))]))).String()
	}
	source := redact.Policy{}.Text(e.Source)
	counts := fmt.Sprintf("%s has %s, %d for encryption, %d unusable%s", source, plural(usable, "usable key"), encrypting, len(bad), reasons)
	findings := []finding{fine("profile %s: %s", name, counts)}
	if usable == 0 {
		findings[0] = wrong("profile %s: %s. No token can be verified with it: check %s_JWKS_URL and %s_JWKS_FILE, or ask whoever runs the issuer", name, counts, prefix, prefix)
	}
	if private > 0 {
		findings = append(findings, warn("profile %s: %s of the set with private or shared material in it, for everybody to read. Tell whoever runs the issuer now", name, plural(private, "key")))
	}
	return findings
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
