package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jwt-check-bot/redact"
)

// members is the JSON object that a request sends.
func members(t *testing.T, r request) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(r.body, &m); err != nil || r.kind != "application/json; charset=utf-8" {
		t.Fatal(r.kind, err)
	}
	return m
}

func TestPostParsesNothingAndUnfurlsNothing(t *testing.T) {
	f := newFake(t)
	f.answer("chat.postMessage", answer{body: `{"ok":true,"ts":"2.2","channel":"C1","message":{"ts":"2.2","thread_ts":"1.1"}}`})
	c, _ := newClient(t, f, nil)
	ts, err := c.Post(t.Context(), "C1", "1.1", summary())
	if ts != "2.2" || err != nil {
		t.Errorf("%q %v", ts, err)
	}
	request := f.requests("chat.postMessage")[0]
	got := members(t, request)
	for name, want := range map[string]any{
		"channel": "C1", "thread_ts": "1.1", "text": "Expired 42 s ago", "unfurl_links": false, "unfurl_media": false,
		"parse": "none", "link_names": false, "mrkdwn": false, "reply_broadcast": nil, "token": nil,
	} {
		if got[name] != want {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	if n := len(got["blocks"].([]any)); n != 7 || !strings.HasPrefix(request.auth, "Bearer ") {
		t.Errorf("%d blocks, %d bytes of authorization", n, len(request.auth))
	}
}

func TestAMessageWhoseThreadIsGoneIsNoticed(t *testing.T) {
	f := newFake(t)
	f.answer("chat.postMessage", answer{body: `{"ok":true,"ts":"2.2","message":{"ts":"2.2","text":"x"}}`})
	c, _ := newClient(t, f, nil)
	ts, err := c.Post(t.Context(), "C1", "1.1", summary())
	if ts != "2.2" || !errors.Is(err, ErrParentGone) {
		t.Errorf("%q %v", ts, err)
	}
}

func TestEphemeralAndRespondAreForOnePersonAlone(t *testing.T) {
	f := newFake(t)
	c, _ := newClient(t, f, nil)
	if err := c.Ephemeral(t.Context(), "C1", "U1", "1.1", summary()); err != nil {
		t.Error(err)
	}
	if got := members(t, f.requests("chat.postEphemeral")[0]); got["user"] != "U1" || got["thread_ts"] != "1.1" {
		t.Errorf("%v", got["user"])
	}
	if err := c.Respond(t.Context(), redact.NewSecret(f.server.URL+"/response/1"), summary()); err != nil {
		t.Error(err)
	}
	var got struct {
		ResponseType    string `json:"response_type"`
		ReplaceOriginal *bool  `json:"replace_original"`
		Blocks          []any  `json:"blocks"`
	}
	if err := json.Unmarshal(f.requests("/response/1")[0].body, &got); err != nil || got.ResponseType != "ephemeral" || got.ReplaceOriginal == nil || *got.ReplaceOriginal || len(got.Blocks) != 7 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestRespondGoesToSlackAlone(t *testing.T) {
	f := newFake(t)
	c, _ := newClient(t, f, nil)
	real, err := New(Config{AppToken: redact.NewSecret("a"), BotToken: redact.NewSecret("b")})
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{
		"", "not a URL\x7f", "https://evil.example/commands/1", "https://hooks.slack.com.evil.example/", "https://user:pw@hooks.slack.com/",
		"http://hooks.slack.com/commands/1", "https://slack.com/api/x", "http://127.0.0.1:1/response/1", "file:///etc/passwd",
	} {
		e, ok := errors.AsType[*Error](c.Respond(t.Context(), redact.NewSecret(to), summary()))
		if !ok || e.Code != CodeBadURL || to != "" && strings.Contains(e.Error(), to) {
			t.Errorf("%s: %v", to, e)
		}
		if real.respondTo(to) != nil {
			t.Errorf("%s accepted", to)
		}
	}
	if real.respondTo("https://hooks.slack.com/commands/1") == nil || c.respondTo("https://hooks.slack.com/commands/1") == nil {
		t.Error("Slack's own refused")
	}
}

// TestToldMeansThatSlackSaysSo: a proxy's page, and a refusal with status 200, have told nobody anything.
func TestToldMeansThatSlackSaysSo(t *testing.T) {
	f := newFake(t)
	c, _ := newClient(t, f, nil)
	for body, code := range map[string]string{
		"ok": "", " ok\n": "", `{"ok":true}`: "",
		`{"ok":false,"error":"used_url"}`: "used_url", `{"ok":false}`: CodeBadAnswer, "{}": CodeBadAnswer,
		"<html>Log in to the network</html>": CodeBadAnswer, " ": CodeBadAnswer, "okay": CodeBadAnswer, `"ok"`: CodeBadAnswer,
	} {
		f.answer("/response/1", answer{body: body})
		err := c.Respond(t.Context(), redact.NewSecret(f.server.URL+"/response/1"), summary())
		if e, ok := errors.AsType[*Error](err); ok != (code != "") || ok && e.Code != code {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestLookups(t *testing.T) {
	f := newFake(t)
	f.answer("auth.test", answer{body: `{"ok":true,"user_id":"U0BOT","bot_id":"B1","user":"jwt-check","team_id":"T1","team":"Acme"}`})
	f.answer("conversations.info", answer{body: `{"ok":true,"channel":{"id":"C1","name":"partners","is_ext_shared":true,"is_member":true}}`})
	f.answer("users.info", answer{body: `{"ok":true,"user":{"id":"U1","name":"gus","is_ultra_restricted":true,"tz":"Europe/Madrid"}}`})
	c, _ := newClient(t, f, nil)
	id, err := c.Identify(t.Context())
	if err != nil || id.User != "U0BOT" || id.Name != "jwt-check" || strings.Join(id.Scopes, " ") != "commands chat:write" {
		t.Errorf("%+v %v", id, err)
	}
	ch, err := c.Channel(t.Context(), "C1")
	if err != nil || ch != (Channel{ID: "C1", Name: "partners", ExtShared: true, Member: true}) {
		t.Errorf("%+v %v", ch, err)
	}
	for _, odd := range []string{
		`{"ok":true}`, `{"ok":true,"channel":"C1"}`, `{"ok":true,"channel":{}}`, `{"ok":true,"channel":[]}`,
		`{"ok":true,"channel":{"id":"C1","is_member":true,"is_ext_shared":"no"}}`, `{"ok":true,"channel":{"id":"C1","is_ext_shared":null}}`,
	} {
		f.answer("conversations.info", answer{body: odd})
		ch, err := c.Channel(t.Context(), "C1")
		if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeBadAnswer || ch.Member {
			t.Errorf("%s: %+v %v", odd, ch, err)
		}
	}
	u, err := c.User(t.Context(), "U1")
	if err != nil || u != (Member{ID: "U1", Name: "gus", Guest: true, Zone: "Europe/Madrid"}) {
		t.Errorf("%+v %v", u, err)
	}
	f.answer("chat.postMessage", answer{body: `{"ok":false,"error":"not_in_channel"}`})
	_, err = c.Post(t.Context(), "C1", "", summary())
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Hint().String(), "/invite @jwt-check") {
		t.Errorf("%v", err)
	}
}

// slept is a client whose waits are noted and take no time.
func slept(t *testing.T, f *fake) (*Client, *[]time.Duration) {
	var waits []time.Duration
	c, _ := newClient(t, f, func(c *Config) {
		c.Sleep = func(ctx context.Context, d time.Duration) error { waits = append(waits, d); return ctx.Err() }
	})
	return c, &waits
}

func TestRetries(t *testing.T) {
	limited := answer{status: 429, retryAfter: "3", body: "{}"}
	broken := answer{status: 503, body: "<html>"}
	for name, c := range map[string]struct {
		method  string
		answers []answer
		call    func(*Client) error
		tries   int
		fails   bool
	}{
		"post, limited":    {"chat.postMessage", []answer{limited, limited}, func(c *Client) error { _, err := c.Post(t.Context(), "C1", "", summary()); return err }, 3, false},
		"post, broken":     {"chat.postMessage", []answer{broken}, func(c *Client) error { _, err := c.Post(t.Context(), "C1", "", summary()); return err }, 1, true},
		"post, garbled":    {"chat.postMessage", []answer{{body: "not JSON"}}, func(c *Client) error { _, err := c.Post(t.Context(), "C1", "", summary()); return err }, 1, true},
		"update, broken":   {"chat.update", []answer{broken, broken}, func(c *Client) error { return c.Update(t.Context(), "C1", "1.2", summary()) }, 3, false},
		"update, for ever": {"chat.update", []answer{broken, broken, broken, broken, broken}, func(c *Client) error { return c.Update(t.Context(), "C1", "1.2", summary()) }, 4, true},
		"view, internal":   {"views.update", []answer{{body: `{"ok":false,"error":"internal_error"}`}}, func(c *Client) error { return c.UpdateView(t.Context(), "V1", dialogue()) }, 2, false},
		"view, refused":    {"views.update", []answer{{body: `{"ok":false,"error":"not_found"}`}}, func(c *Client) error { return c.UpdateView(t.Context(), "V1", dialogue()) }, 1, true},
		"open, limited":    {"views.open", []answer{limited}, func(c *Client) error { _, err := c.OpenView(t.Context(), "1.2", dialogue()); return err }, 1, true},
		"bad identifiers":  {"chat.update", nil, func(c *Client) error { return c.Update(t.Context(), "general", "now", summary()) }, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.answer(c.method, c.answers...)
			client, waits := slept(t, f)
			err := c.call(client)
			if n := len(f.requests(c.method)); n != c.tries || (err != nil) != c.fails || len(*waits) != max(c.tries-1, 0) {
				t.Errorf("%d tries, waited %v: %v", n, *waits, err)
			}
			for _, w := range *waits {
				if c.answers[0].retryAfter != "" && w < 3*time.Second {
					t.Errorf("waited only %v", w)
				}
			}
			if err != nil && (strings.Contains(err.Error(), "html") || strings.Contains(err.Error(), "127.0.0.1")) {
				t.Errorf("foreign words: %v", err)
			}
		})
	}
}

func TestNoWaitBeyondTheDeadline(t *testing.T) {
	f := newFake(t)
	f.answer("chat.postMessage", answer{status: 429, retryAfter: "3600", body: "{}"})
	c, waits := slept(t, f)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := c.Post(ctx, "C1", "", summary())
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != CodeRateLimited || e.RetryAfter != time.Hour || len(*waits) != 0 || !strings.Contains(e.Hint().String(), "1 h") {
		t.Errorf("%v, waited %v", err, *waits)
	}
}

func TestUnreachable(t *testing.T) {
	f := newFake(t)
	c, waits := slept(t, f)
	f.server.Close()
	_, err := c.Post(t.Context(), "C1", "", summary())
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != CodeUnreachable || e.Reason != "the connection was refused" || len(*waits) != maxAttempts-1 || strings.Contains(err.Error(), "refused") {
		t.Errorf("%v %+v", err, e)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Post(ctx, "C1", "", summary())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestAPostThatMayHaveArrivedIsNotRepeated(t *testing.T) {
	f := newFake(t)
	c, waits := slept(t, f)
	var n atomic.Int32
	f.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		conn, _, _ := http.NewResponseController(w).Hijack()
		_ = conn.Close()
	})
	if _, err := c.Post(t.Context(), "C1", "", summary()); err == nil || n.Load() != 1 || len(*waits) != 0 {
		t.Errorf("%d tries: %v", n.Load(), err)
	}
	if err := c.Update(t.Context(), "C1", "1.2", summary()); err == nil || n.Load() < 1+maxAttempts {
		t.Errorf("%d tries: %v", n.Load(), err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	f := newFake(t)
	f.answer("chat.update", answer{status: 307, body: "{}"})
	c, _ := newClient(t, f, nil)
	err := c.Update(t.Context(), "C1", "1.2", summary())
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != "http_307" {
		t.Errorf("%v", err)
	}
}

func TestErrorsSayWhatSlackSaidAndNoMore(t *testing.T) {
	f := newFake(t)
	c, _ := newClient(t, f, nil)
	for body, want := range map[string]string{
		`{"ok":false,"error":"missing_scope","needed":"channels:read","provided":"commands"}`:                                             "slack: chat.postMessage: missing_scope (channels:read)",
		`{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] quotes content [json-pointer:/blocks/0/text]"]}}`: "slack: chat.postMessage: invalid_blocks /blocks/0/text",
		`{"ok":false,"error":"<b>odd</b>"}`: "slack: chat.postMessage: unreadable_answer",
		strings.Repeat(" ", maxAnswer+1):    "slack: chat.postMessage: unreadable_answer",
		`{"ok":true,"message":7}`:           "slack: chat.postMessage: unreadable_answer",
		`{}`:                                "slack: chat.postMessage: unreadable_answer",
	} {
		f.answer("chat.postMessage", answer{body: body})
		_, err := c.Post(t.Context(), "C1", "", summary())
		e, ok := errors.AsType[*Error](err)
		if !ok || err.Error() != want || e.Hint().IsZero() {
			t.Errorf("%v", err)
			continue
		}
		if e.Code == "missing_scope" && !strings.Contains(e.Hint().String(), "channels:read") {
			t.Errorf("hint %s", e.Hint())
		}
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	ok := Config{AppToken: redact.NewSecret(minted("xapp")), BotToken: redact.NewSecret(minted("xoxb"))}
	for name, change := range map[string]func(*Config){
		"no app token":     func(c *Config) { c.AppToken = redact.Secret{} },
		"no bot token":     func(c *Config) { c.BotToken = redact.Secret{} },
		"swapped":          func(c *Config) { c.AppToken, c.BotToken = c.BotToken, c.AppToken },
		"line break":       func(c *Config) { c.BotToken = redact.NewSecret(c.BotToken.Expose() + "\n") },
		"plain http":       func(c *Config) { c.APIURL = "http://slack.example/api/" },
		"no slash":         func(c *Config) { c.APIURL = "https://slack.example/api" },
		"password":         func(c *Config) { c.APIURL = "https://u:pw@slack.example/api/" },
		"not a URL":        func(c *Config) { c.APIURL = "://" },
		"eleven":           func(c *Config) { c.Connections = 11 },
		"no host":          func(c *Config) { c.APIURL = "https:///api/" },
		"query":            func(c *Config) { c.APIURL = "https://slack.example/?x=/" },
		"loopback by name": func(c *Config) { c.APIURL = "http://localhost.evil.example/" },
	} {
		c := ok
		change(&c)
		if _, err := New(c); err == nil || strings.Contains(err.Error(), "pw") || strings.Contains(err.Error(), ok.BotToken.Expose()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, base := range []string{"", "http://127.0.0.1:9/api/", "http://[::1]:9/api/", "http://localhost:9/", "https://slack-gov.com/api/"} {
		c := ok
		c.APIURL = base
		if _, err := New(c); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestEveryCodeHasAHint(t *testing.T) {
	for _, code := range []string{
		"not_in_channel", "is_archived", "expired_trigger_id", "exchanged_trigger_id", "ratelimited", "missing_scope", "restricted_action",
		"message_not_found", "user_not_in_channel", "hash_conflict", "push_limit_reached", "invalid_auth", "not_allowed_token_type",
		"access_denied", "invalid_blocks", "messages_tab_disabled", "anything_new", CodeUnreachable, CodeBadURL,
	} {
		if h := (&Error{Code: code}).Hint(); h.IsZero() || !strings.HasSuffix(h.String(), ".") {
			t.Errorf("%s: %q", code, h)
		}
	}
	for _, code := range []string{"http_500", "http_502", "http_503", "http_504"} {
		if got, want := (&Error{Code: code}).Hint(), hint("internal_error"); got != want {
			t.Errorf("%s: %q", code, got)
		}
	}
	gone := &Error{Method: respondMethod, Code: "http_404"}
	if gone.Hint() != hint(CodeBadURL) {
		t.Errorf("%s", gone.Hint())
	}
}

// TestTheLogHasTheCode wherever a hint says so, whoever made the call.
func TestTheLogHasTheCode(t *testing.T) {
	f := newFake(t)
	c, log := newClient(t, f, nil)
	for code, logged := range map[string]bool{"some_error_of_next_year": true, "http_418": true, "is_archived": false} {
		a := answer{body: `{"ok":false,"error":"` + code + `"}`}
		if code == "http_418" {
			a = answer{status: 418, body: "{}"}
		}
		f.answer("conversations.info", a)
		_, err := c.Channel(t.Context(), "C1")
		e, ok := errors.AsType[*Error](err)
		if !ok || strings.Contains(e.Hint().String(), "the log has the code") != logged {
			t.Errorf("%s: %v", code, err)
		}
		if strings.Contains(log.String(), `level=WARN msg="Slack refused a call" method=conversations.info code=`+code) != logged {
			t.Errorf("%s: log: %s", code, log)
		}
	}
}

// TestCallsAreCountedByTheirOutcome: by one of a few words.
func TestCallsAreCountedByTheirOutcome(t *testing.T) {
	f := newFake(t)
	c, _ := newClient(t, f, nil)
	total := int64(0)
	counted := func(outcome string) {
		t.Helper()
		total++
		s := c.Stats()
		sum := int64(0)
		for _, n := range s.Outcomes {
			sum += n
		}
		if s.Outcomes[outcome] != 1 || sum != total || s.Calls != total || len(s.Outcomes) != len(outcomes) {
			t.Errorf("%s: %v of %d", outcome, s.Outcomes, s.Calls)
		}
	}
	post := func(ctx context.Context, channel string, a answer) {
		f.answer("chat.postMessage", a)
		_, _ = c.Post(ctx, channel, "", summary())
	}
	post(t.Context(), "C1", answer{})
	counted("ok")
	post(t.Context(), "C1", answer{status: 429, retryAfter: "61", body: "{}"})
	counted("rate_limited")
	post(t.Context(), "C2", answer{body: `{"ok":false,"error":"not_in_channel"}`})
	counted("refused")
	post(t.Context(), "C2", answer{status: 502, body: "<html>"})
	counted("server_error")
	_, _ = c.Post(t.Context(), "general", "", summary())
	counted("not_sent")
	ctx, cancel := context.WithCancel(t.Context())
	f.server.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() })
	_, _ = c.Post(ctx, "C2", "", summary())
	counted("canceled")
	f.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := http.NewResponseController(w).Hijack()
		_ = conn.Close()
	})
	_, _ = c.Post(t.Context(), "C2", "", summary())
	counted("unreachable")
}

func TestSleepEndsWithItsContext(t *testing.T) {
	if err := sleep(t.Context(), time.Microsecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if sleep(ctx, time.Hour) == nil || sleep(ctx, 0) == nil {
		t.Error("slept on")
	}
}

func TestOnlyALoopbackSlackMayBeWithoutTLS(t *testing.T) {
	local, _ := newClient(t, newFake(t), nil)
	real, err := New(Config{AppToken: redact.NewSecret("a"), BotToken: redact.NewSecret("b")})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]struct{ local, real bool }{
		"wss://wss-primary.slack.com/link/?ticket=1": {true, true}, "ws://127.0.0.1:1/socket": {true, false}, "ws://evil.example/": {},
		"https://slack.com/": {}, "": {}, "wss://u:pw@slack.com/": {}, "\x7f": {},
	} {
		if local.mayDial(address) != want.local || real.mayDial(address) != want.real {
			t.Errorf("%q", address)
		}
	}
}
