package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/checks"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/redact"
)

// The environment, and nothing else, is read here. Every field is text or a secret, which never fail
// to decode: envconfig's own errors would quote values. What the words mean is judged afterwards, in
// errors of our own that name the variable and quote nothing.

// slackEnv is what `serve` needs to reach Slack.
type slackEnv struct {
	AppToken     redact.Secret `envconfig:"SLACK_APP_TOKEN" doc:"app-level token (xapp-…) with the scope connections:write" unset:"required by serve"`
	AppTokenFile string        `envconfig:"SLACK_APP_TOKEN_FILE" doc:"file that holds it instead"`
	BotToken     redact.Secret `envconfig:"SLACK_BOT_TOKEN" doc:"bot token (xoxb-…) of the installed app" unset:"required by serve"`
	BotTokenFile string        `envconfig:"SLACK_BOT_TOKEN_FILE" doc:"file that holds it instead"`
	APIURL       string        `envconfig:"SLACK_API_URL" doc:"another Web API base, ending in /, such as http://127.0.0.1:9000/api/" unset:"Slack's"`
}

// botEnv is what does not belong to one profile.
type botEnv struct {
	Profiles    string        `envconfig:"JWT_CHECK_PROFILES" doc:"names of the environments, comma separated, such as production,staging; the first is the default choice" unset:"required"`
	Channels    string        `envconfig:"JWT_CHECK_CHANNELS" doc:"globs of channel names or IDs where it may be used, comma separated" unset:"all"`
	External    string        `envconfig:"JWT_CHECK_EXTERNAL_CHANNELS" doc:"refuse, private (the result to the requester alone) or allow, in channels shared with another organisation" unset:"private"`
	Watch       string        `envconfig:"JWT_CHECK_WATCH_CHANNELS" doc:"globs of channel names or IDs to watch for tokens posted by mistake, comma separated; needs further scopes" unset:"none: off"`
	Store       redact.Secret `envconfig:"JWT_CHECK_STORE_URL" doc:"where de-duplication, drafts and the history of key sets live: memory:, or redis://HOST:PORT or rediss:// over TLS, shared by all replicas" unset:"memory:"`
	StoreFile   string        `envconfig:"JWT_CHECK_STORE_URL_FILE" doc:"file that holds it instead, since it may hold a password"`
	LogLevel    string        `envconfig:"JWT_CHECK_LOG_LEVEL" doc:"debug, info, warn or error" unset:"info"`
	Concurrency string        `envconfig:"JWT_CHECK_CONCURRENCY" doc:"checks under way at once" unset:"2 × CPUs, at least 8"`
	HTTPAddr    string        `envconfig:"JWT_CHECK_HTTP_ADDR" doc:"address for /healthz, /readyz and /metrics, such as :9090" unset:"off"`
}

// profileEnv is one profile's, behind the prefix JWT_CHECK_NAME_.
type profileEnv struct {
	Issuer         string        `envconfig:"ISSUER" doc:"the exact iss" unset:"required"`
	Audience       string        `envconfig:"AUDIENCE" doc:"accepted aud values, comma separated" unset:"not checked"`
	Algorithms     string        `envconfig:"ALGORITHMS" doc:"accepted alg values, comma separated" unset:"RS256"`
	JWKSURL        string        `envconfig:"JWKS_URL" doc:"key set" unset:"discovered from the issuer's metadata"`
	JWKSFile       string        `envconfig:"JWKS_FILE" doc:"key set on disk instead"`
	Secret         redact.Secret `envconfig:"SECRET" doc:"HMAC secret, for HS256, HS384 and HS512"`
	SecretFile     string        `envconfig:"SECRET_FILE" doc:"file that holds it instead"`
	Leeway         string        `envconfig:"LEEWAY" doc:"clock skew tolerance, a Go duration" unset:"60s"`
	MaxLifetime    string        `envconfig:"MAX_LIFETIME" doc:"longest exp−iat without a warning" unset:"24h"`
	Type           string        `envconfig:"TYP" doc:"accepted typ header, such as at+jwt" unset:"not checked"`
	RequiredClaims string        `envconfig:"REQUIRED_CLAIMS" doc:"comma separated name or name=value; for scope, roles and other lists =value means contains"`
	Routes         string        `envconfig:"ROUTES" doc:"what each endpoint requires: POST /orders: scope=orders:write; GET /admin: role=admin"`
	ShowClaims     string        `envconfig:"SHOW_CLAIMS" doc:"further claims whose values may be shown, comma separated"`

	ReplayURL               string        `envconfig:"REPLAY_URL" doc:"the one URL to which a token is sent where somebody asks for a replay (GET, no redirects followed)" unset:"replay off"`
	IntrospectionURL        string        `envconfig:"INTROSPECTION_URL" doc:"introspection endpoint (RFC 7662); every token of this issuer that is checked is sent there" unset:"off"`
	IntrospectionID         string        `envconfig:"INTROSPECTION_CLIENT_ID" doc:"the bot's own client there"`
	IntrospectionSecret     redact.Secret `envconfig:"INTROSPECTION_CLIENT_SECRET" doc:"and its secret"`
	IntrospectionSecretFile string        `envconfig:"INTROSPECTION_CLIENT_SECRET_FILE" doc:"file that holds it instead"`
	CanaryURL               string        `envconfig:"CANARY_TOKEN_URL" doc:"token endpoint for a fresh token (client credentials), replayed beside the pasted one" unset:"off"`
	CanaryID                string        `envconfig:"CANARY_CLIENT_ID" doc:"a client of low privilege there"`
	CanarySecret            redact.Secret `envconfig:"CANARY_CLIENT_SECRET" doc:"and its secret"`
	CanarySecretFile        string        `envconfig:"CANARY_CLIENT_SECRET_FILE" doc:"file that holds it instead"`
	CanaryScope             string        `envconfig:"CANARY_SCOPE" doc:"scope that it asks for" unset:"the client's default"`
}

// configError is a sentence for the operator. The process exits with status 2.
type configError string

func (e configError) Error() string { return string(e) }

// settings is all that serve reads.
type settings struct {
	slack        slackEnv
	bot          botEnv
	environments []bot.Environment // those without a fault
	concurrency  int
	external     bot.External
	level        slog.Level
}

// readSettings reads the whole environment, or all but Slack's variables. Its error joins a configError
// for each fault: serve says the first, doctor all.
func readSettings(withSlack bool) (settings, error) {
	var s settings
	var faults [6]error
	if withSlack {
		s.slack, faults[0] = readSlackEnv()
	}
	s.bot, faults[1] = readBotEnv()
	s.environments, faults[2] = s.bot.environments()
	s.concurrency, faults[3] = s.bot.concurrency()
	s.level, faults[4] = logLevel(s.bot.LogLevel)
	s.external, faults[5] = s.bot.external()
	return s, errors.Join(append(faults[:], s.bot.httpAddr(), s.bot.globs(), s.bot.store())...)
}

func readSlackEnv() (slackEnv, error) {
	var e slackEnv
	if err := process("", &e); err != nil {
		return e, err
	}
	var faults []error
	token := func(name, kind string, value *redact.Secret, file, mend string) {
		var err error
		if *value, err = secretOrFile(name, *value, file); err == nil && value.Len() == 0 {
			err = configError(name + " is missing: " + mend)
		} else if err == nil && !strings.HasPrefix(value.Expose(), kind) {
			err = configError(name + " does not start with " + kind + ": " + mend)
		}
		faults = append(faults, err)
	}
	token("SLACK_APP_TOKEN", "xapp-", &e.AppToken, e.AppTokenFile, "create an app-level token with the scope connections:write at api.slack.com/apps, Basic Information, App-Level Tokens")
	token("SLACK_BOT_TOKEN", "xoxb-", &e.BotToken, e.BotTokenFile, "install the app and copy the Bot User OAuth Token from api.slack.com/apps, OAuth & Permissions")
	if e.badURL() {
		faults = append(faults, configError("SLACK_API_URL must be an https URL that ends in / (plain http only for a loopback host)"))
	}
	return e, errors.Join(faults...)
}

func readBotEnv() (botEnv, error) {
	var e botEnv
	return e, process("", &e)
}

func (e botEnv) concurrency() (int, error) {
	if e.Concurrency == "" {
		return max(8, 2*runtime.NumCPU()), nil
	}
	n, err := strconv.Atoi(e.Concurrency)
	if err != nil || n < 1 || n > 10000 {
		return 0, configError("JWT_CHECK_CONCURRENCY must be a whole number from 1 to 10000")
	}
	return n, nil
}

func (e botEnv) external() (bot.External, error) {
	switch v := bot.External(cmp.Or(e.External, string(bot.ExternalPrivate))); v {
	case bot.ExternalRefuse, bot.ExternalPrivate, bot.ExternalAllow:
		return v, nil
	}
	return bot.ExternalRefuse, configError("JWT_CHECK_EXTERNAL_CHANNELS must be refuse, private or allow")
}

func (e slackEnv) badURL() bool {
	return e.APIURL != "" && (!secureURL(e.APIURL) || !strings.HasSuffix(e.APIURL, "/"))
}

// httpAddr refuses an address on which nothing could listen.
func (e botEnv) httpAddr() error {
	if e.HTTPAddr == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(e.HTTPAddr)
	if _, notPort := strconv.ParseUint(port, 10, 16); err != nil || notPort != nil {
		return configError("JWT_CHECK_HTTP_ADDR must be a host and a port, such as 127.0.0.1:9090, or :9090 for every interface")
	}
	return nil
}

func logLevel(word string) (l slog.Level, err error) {
	if word != "" && l.UnmarshalText([]byte(word)) != nil {
		return l, configError("JWT_CHECK_LOG_LEVEL must be debug, info, warn or error")
	}
	return l, nil
}

func (e botEnv) globs() error {
	var faults []error
	for _, v := range []struct{ name, globs string }{{"JWT_CHECK_CHANNELS", e.Channels}, {"JWT_CHECK_WATCH_CHANNELS", e.Watch}} {
		if holdsNothing(v.globs) {
			faults = append(faults, configError(v.name+" "+emptyList))
		}
		if badGlobs(v.globs) {
			faults = append(faults, configError(v.name+" has a glob that is none: * and ? and [a-z] stand for characters of a channel's name or ID"))
		}
	}
	return errors.Join(faults...)
}

// openStore opens what the replicas share. Secret is theirs too: it seals what is kept.
func (e botEnv) openStore(secret redact.Secret, log *slog.Logger) (*store.Store, error) {
	url, err := secretOrFile("JWT_CHECK_STORE_URL", e.Store, e.StoreFile)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(store.Options{URL: url, Key: secret, Log: log})
	if err != nil {
		return nil, configError("JWT_CHECK_STORE_URL " + err.Error()) // a sentence of our own
	}
	return s, nil
}

// store refuses a URL that is none.
func (e botEnv) store() error {
	s, err := e.openStore(redact.Secret{}, nil)
	if err == nil {
		s.Close()
	}
	return err
}

var profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)

// environments reads every profile. It returns those without a fault, and the faults of the others.
func (e botEnv) environments() ([]bot.Environment, error) {
	names := list(e.Profiles)
	if len(names) == 0 {
		return nil, configError("JWT_CHECK_PROFILES is missing: name the environments, such as production,staging, and give each its JWT_CHECK_PRODUCTION_ISSUER")
	}
	if len(names) > 100 {
		return nil, configError("JWT_CHECK_PROFILES names more than 100 environments, which is more than Slack's menu takes")
	}
	var all []bot.Environment
	var faults []error
	seen := map[string]bool{}
	for _, name := range names {
		prefix := profilePrefix(name)
		if !profileName.MatchString(name) {
			faults = append(faults, configError("JWT_CHECK_PROFILES: a name has letters, digits, - and _, at most 40"))
			continue
		}
		if seen[prefix] {
			faults = append(faults, configError("JWT_CHECK_PROFILES: two names share the prefix "+prefix+"_"))
			continue
		}
		seen[prefix] = true
		env, err := readProfile(name, prefix)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all = append(all, env)
	}
	return all, errors.Join(faults...)
}

// profilePrefix is what a profile's variables begin with, but for the underscore that follows.
func profilePrefix(name string) string {
	return "JWT_CHECK_" + strings.ReplaceAll(strings.ToUpper(name), "-", "_")
}

func readProfile(name, prefix string) (bot.Environment, error) {
	var e profileEnv
	if err := process(prefix, &e); err != nil {
		return bot.Environment{}, err
	}
	var faults []error
	fail := func(variable, what string) {
		faults = append(faults, configError(prefix+"_"+variable+" "+what))
	}
	p := &checks.Profile{Name: name, Issuer: e.Issuer, Audience: list(e.Audience), Algorithms: list(e.Algorithms), Types: list(e.Type)}
	if p.Issuer == "" {
		fail("ISSUER", "is missing: the exact iss of this environment's tokens")
	}
	for _, v := range []struct{ name, list string }{
		{"AUDIENCE", e.Audience}, {"ALGORITHMS", e.Algorithms}, {"TYP", e.Type}, {"REQUIRED_CLAIMS", e.RequiredClaims},
		{"ROUTES", strings.ReplaceAll(e.Routes, ";", ",")}, {"SHOW_CLAIMS", e.ShowClaims},
	} {
		if holdsNothing(v.list) {
			fail(v.name, emptyList)
		}
	}
	var err error
	if p.Secret, err = secretOrFile(prefix+"_SECRET", e.Secret, e.SecretFile); err != nil {
		faults = append(faults, err)
	}
	if len(p.Algorithms) == 0 {
		p.Algorithms = []string{"RS256"}
	}
	asymmetric, unknown, secretless := false, false, ""
	for _, alg := range p.Algorithms {
		hmac := strings.HasPrefix(alg, "HS")
		asymmetric = asymmetric || !hmac
		unknown = unknown || !checks.KnownAlgorithm(alg)
		if hmac && err == nil && p.Secret.Len() == 0 {
			secretless = alg
		}
	}
	if unknown {
		fail("ALGORITHMS", "names an algorithm that I cannot verify; I know "+strings.Join(checks.Algorithms(), ", "))
	} else if secretless != "" {
		fail("SECRET", "is missing: "+secretless+" needs the shared secret")
	}
	var wrong string
	if p.Leeway, wrong = duration(e.Leeway, time.Minute); wrong != "" {
		fail("LEEWAY", wrong)
	}
	if p.MaxLifetime, wrong = duration(e.MaxLifetime, 24*time.Hour); wrong != "" {
		fail("MAX_LIFETIME", wrong)
	}
	for _, s := range list(e.RequiredClaims) {
		r, err := checks.ParseRequirement(s)
		if err != nil {
			fail("REQUIRED_CLAIMS", "must be a comma separated list of name or name=value, with a value behind each =")
			break
		}
		p.Required = append(p.Required, r)
	}
	if p.Routes, err = checks.ParseRoutes(e.Routes); err != nil {
		fail("ROUTES", "must read like POST /orders: scope=orders:write; GET /admin: role=admin, with a value behind each =")
	}
	p.Policy = redact.Policy{}.With(list(e.ShowClaims)...)
	origin := keys.Origin{Issuer: e.Issuer, JWKSURL: e.JWKSURL, JWKSFile: e.JWKSFile}
	switch {
	case !asymmetric:
		origin = keys.Origin{}
	case e.JWKSFile != "" && e.JWKSURL != "":
		fail("JWKS_URL", "and "+prefix+"_JWKS_FILE are both set: keep one")
	case e.JWKSFile != "":
		if set, err := readSmall(e.JWKSFile, maxKeySet); err != nil {
			fail("JWKS_FILE", "cannot be read, or is larger than 1 MiB")
		} else if _, err := keys.Parse(set); err != nil {
			fail("JWKS_FILE", "holds no JWK Set: a JSON object with an array keys (RFC 7517 §5)")
		}
	case e.JWKSURL != "" && !secureURL(e.JWKSURL):
		fail("JWKS_URL", urlFault(e.JWKSURL))
	case e.JWKSURL == "" && e.Issuer != "" && !secureURL(e.Issuer):
		fail("ISSUER", "is no https URL, so its key set cannot be discovered: set "+prefix+"_JWKS_URL or "+prefix+"_JWKS_FILE (plain http only for a loopback host)")
	}
	ask := e.ask(prefix, fail, func(err error) { faults = append(faults, err) })
	return bot.Environment{Profile: p, Keys: origin, Ask: ask}, errors.Join(faults...)
}

// process fills spec from the environment. All its fields decode infallibly, so an error means that
// spec itself is wrong.
func process(prefix string, spec any) error {
	if err := envconfig.Process(prefix, spec); err != nil {
		return configError(fmt.Sprintf("the environment could not be read (%T)", err))
	}
	if prefix == "" {
		return nil
	}
	// Where a name with its prefix is not set, envconfig takes the one without: a SECRET or an ISSUER
	// that belongs to somebody else.
	v := reflect.ValueOf(spec).Elem()
	for f := range v.Type().Fields() {
		if _, ours := os.LookupEnv(prefix + "_" + f.Tag.Get("envconfig")); !ours {
			v.FieldByIndex(f.Index).SetZero()
		}
	}
	return nil
}
