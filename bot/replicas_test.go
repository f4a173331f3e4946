package bot_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/bot/store/redistest"
	"jwt-check-bot/bot/workspace"
	"jwt-check-bot/checks/keys"
	"jwt-check-bot/checks/probe"
	"jwt-check-bot/redact"
)

// fleet is two replicas of the bot, one socket each, in one workspace with one Redis. The workspace
// delivers to the sockets in turn: what is delivered again goes to the other replica.
type fleet struct {
	*stage
	redis    *redistest.Server
	lease    time.Duration
	replicas []*member
	later    atomic.Int64 // nanoseconds that have passed
	ears     ears
}

func (f *fleet) now() time.Time { return at.Add(time.Duration(f.later.Load())) }

type member struct {
	store *store.Store
	log   *buffer
	stop  func()
}

func newFleet(t *testing.T, watch ...string) *fleet {
	t.Helper()
	return newFleetLeased(t, 0, watch...) // none of them dies
}

// newFleetLeased gives each claim a lease that ends so soon after its replica's death.
func newFleetLeased(t *testing.T, lease time.Duration, watch ...string) *fleet {
	t.Helper()
	f := &fleet{lease: lease, redis: redistest.Start(t), stage: &stage{t: t, log: &buffer{}, issuer: newIssuer()}}
	var err error
	if f.workspace, err = workspace.New(workspace.Options{Manifest: bot.ManifestFor(len(watch) > 0), Now: func() time.Time { return at }, AckTimeout: time.Minute, Rate: workspace.Rate{Every: -1}}); err != nil {
		t.Fatal(err)
	}
	if _, err = f.workspace.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		f.replicas = append(f.replicas, f.join(watch))
	}
	f.stop = sync.OnceFunc(func() {
		for _, free := range f.held {
			free()
		}
		for _, m := range f.replicas {
			m.stop()
			_, _ = f.log.Write([]byte(m.log.String()))
		}
		_ = f.workspace.Close()
		f.issuer.Close()
	})
	t.Cleanup(f.stop)
	return f
}

// join starts one more replica, and returns it once it is connected.
func (f *fleet) join(watch []string) *member {
	f.t.Helper()
	now := f.now
	m := &member{log: &buffer{}}
	log := f.ears.on(slog.New(slog.NewTextHandler(m.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	appToken := redact.NewSecret(f.workspace.AppToken())
	client, err := slack.New(slack.Config{AppToken: appToken, BotToken: redact.NewSecret(f.workspace.BotToken()),
		APIURL: f.workspace.APIURL(), Log: log, Sleep: nap, Connections: 1, Grace: 100 * time.Millisecond})
	if err != nil {
		f.t.Fatal(err)
	}
	if m.store, err = store.Open(store.Options{URL: redact.NewSecret(f.redis.URL()), Key: appToken, Log: log, Now: now, Lease: f.lease}); err != nil {
		f.t.Fatal(err)
	}
	source := keys.New(keys.Options{Now: now, Log: log, History: func(ctx context.Context, name string, change func(*keys.Past)) keys.Past {
		return store.Update(ctx, m.store, store.KeySets, name, change)
	}})
	app := bot.New(bot.Options{Slack: client, Examiner: bot.NewExaminer(f.environments(), source, probe.New(probe.Options{Now: now, Log: log}), now), Concurrency: 8, Log: log, Now: now, Store: m.store, Watch: watch})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	m.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Errorf("run: %v", err)
		}
		client.Close()
		source.Close()
		m.store.Close()
	})
	f.await("connected", func() bool { return client.Connected() > 0 })
	return m
}

// await waits until a condition holds that nothing announces.
func (f *fleet) await(what string, holds func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			for i, m := range f.replicas {
				f.t.Logf("replica %d:\n%s", i, m.log)
			}
			f.t.Fatal("never: ", what)
		}
	}
}

// checked is how many checks each replica has made.
func (f *fleet) checked() (n []int) {
	for _, m := range f.replicas {
		n = append(n, strings.Count(m.log.String(), "msg=checked"))
	}
	return n
}

// again delivers what somebody has sent once more, to the other replica, and waits until it has worked it.
func (f *fleet) again(kind string) {
	f.t.Helper()
	for _, e := range f.workspace.Envelopes() {
		if e.Kind == kind {
			before := e.Acks
			f.must(f.workspace.Redeliver(e.ID))
			f.must(f.workspace.Await(f.context(), func(*workspace.State) bool {
				for _, now := range f.workspace.Envelopes() {
					if now.ID == e.ID {
						return now.Acks > before
					}
				}
				return false
			}))
		}
	}
}

// summaries counts what stands in a thread.
func (f *fleet) summaries(root string) int {
	return strings.Count(f.workspace.Transcript(workspace.Ana, workspace.Incidents, root), "✗ Rejected · expired")
}

// TestReplicasShareDeliveries: a submission that is delivered to both replicas, at any time, is worked once.
func TestReplicasShareDeliveries(t *testing.T) {
	f := newFleet(t)
	root, link := f.incident()
	ana := f.workspace.Person(workspace.Ana)
	hold := make(chan struct{})
	f.issuer.failWith(func(http.ResponseWriter) bool { <-hold; return false })
	f.must(ana.Command(f.context(), workspace.Incidents, "/jwt-check", link))
	f.form(ana, `{"exp":"now-1h"}`)
	f.again("view_submission") // while the check is under way
	close(hold)
	f.await("posted", func() bool { return f.summaries(root) > 0 })
	f.result(ana)
	f.again("view_submission") // and after it
	f.again("view_submission")
	f.stop()
	if n := f.checked(); n[0]+n[1] != 1 {
		t.Errorf("checks made: %v", n)
	}
	if n := f.summaries(root); n != 1 {
		t.Errorf("%d summaries of one submission", n)
	}
	if view := f.workspace.ViewText(workspace.Ana); !strings.Contains(view, "Rejected · expired") || !strings.Contains(view, "Posted to the thread") {
		t.Errorf("the view reads\n%s", view)
	}
}

// TestReplicasShareCommands: a command that is delivered to both opens one dialogue, and nobody is told
// that a second one could not be opened.
func TestReplicasShareCommands(t *testing.T) {
	f := newFleet(t)
	ana := f.workspace.Person(workspace.Ana)
	f.must(ana.Command(f.context(), workspace.Incidents, "/jwt-check", ""))
	_, err := ana.AwaitView(f.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	f.must(err)
	f.again("slash_commands")
	f.again("slash_commands")
	f.stop()
	calls := map[string]int{}
	for _, c := range f.workspace.Calls() {
		calls[c.Method]++
	}
	if calls["views.open"] != 1 || calls["chat.postEphemeral"] != 0 || calls["response_url"] != 0 {
		t.Errorf("calls: %v", calls)
	}
	f.finishAll()
}

// TestReplicasShareMentions: a mention that is delivered to both is answered once.
func TestReplicasShareMentions(t *testing.T) {
	f := newFleet(t)
	root, _ := f.incident()
	ana := f.workspace.Person(workspace.Ana)
	_, err := ana.Say(f.context(), workspace.Incidents, root, "<@"+f.workspace.State(workspace.Ana).App.UserID+"> please")
	f.must(err)
	f.await("answered", func() bool { return f.ephemerals() > 0 })
	f.again("app_mention")
	f.again("app_mention")
	f.stop()
	if n := f.ephemerals(); n != 1 {
		t.Errorf("%d answers to one mention", n)
	}
}

func (f *fleet) ephemerals() (n int) {
	for _, c := range f.workspace.Calls() {
		if c.Method == "chat.postEphemeral" {
			n++
		}
	}
	return n
}

// TestReplicasShareTold: the author of a watched message is told once, whichever replica sees it.
func TestReplicasShareTold(t *testing.T) {
	f := newFleet(t, "incidents")
	ana := f.workspace.Person(workspace.Ana)
	ts, err := ana.Say(f.context(), workspace.Incidents, "", "look: "+f.mint(`{}`))
	f.must(err)
	f.await("told", func() bool { return f.ephemerals() > 0 })
	f.again("message")
	f.must(ana.Edit(workspace.Incidents, ts, "look at this: "+f.mint(`{"exp":"now-1h"}`)))
	f.again("message")
	f.settled()
	if n := f.ephemerals(); n != 1 {
		t.Errorf("told %d times", n)
	}
	f.finishAll()
}

// TestReplicasShareDrafts: a draft that one replica has shown is posted by the other, exactly, once, and
// for its requester alone.
func TestReplicasShareDrafts(t *testing.T) {
	f := newFleet(t)
	root, link := f.incident()
	ana := f.workspace.Person(workspace.Ana)
	f.must(ana.Command(f.context(), workspace.Incidents, "/jwt-check", link))
	_, err := ana.AwaitView(f.context(), func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	f.must(err)
	f.must(ana.Fill("token", f.mint(`{"exp":"now-1h"}`)))
	f.must(ana.Fill("share", "me"))
	_, err = ana.Submit(f.context())
	f.must(err)
	f.result(ana)
	draft := f.workspace.ViewText(workspace.Ana)
	if f.summaries(root) != 0 || !strings.Contains(draft, "Only you see this") {
		t.Fatalf("not a draft:\n%s", draft)
	}
	by := f.checked()
	f.must(ana.ClickView(f.context(), "post"))
	f.await("posted", func() bool { return f.summaries(root) > 0 })
	_, err = ana.AwaitView(f.context(), func(v workspace.View) bool { return strings.Contains(v.Reads, "Posted to the thread") })
	f.must(err)
	f.again("block_actions")
	f.again("block_actions")
	f.stop()
	if n := f.summaries(root); n != 1 {
		t.Errorf("posted %d times", n)
	}
	if by[0]+by[1] != 1 {
		t.Errorf("checks made: %v", by)
	}
	// Line by line, what was posted is what was shown.
	thread := f.workspace.Transcript(workspace.Ana, workspace.Incidents, root)
	shown, _, _ := strings.Cut(draft, "Only you see this")
	lines := 0
	for line := range strings.Lines(shown) {
		line = strings.Trim(line, " \n│─")
		if line == "" || strings.Contains(line, "Check a JWT") {
			continue
		}
		if lines++; !strings.Contains(thread, line) {
			t.Errorf("%q was shown and not posted", line)
		}
	}
	if lines < 20 {
		t.Errorf("only %d lines were shown:\n%s", lines, draft)
	}
	f.finishAll()
}

// TestReplicasKeepDrafts: who presses while the replica that gets the press cannot reach the draft is told so, and has
// the draft and its button still.
func TestReplicasKeepDrafts(t *testing.T) {
	f := newFleet(t)
	ana := f.draft()
	f.redis.Hang()
	for _, m := range f.replicas {
		m.store.Once(f.context(), store.Told, "x") // both notice
	}
	told := func() bool {
		return slices.ContainsFunc(f.workspace.State(workspace.Ana).Channels, func(c workspace.ChannelState) bool {
			return slices.ContainsFunc(c.Messages, func(m workspace.Message) bool { return strings.Contains(m.Reads, "I cannot reach what we share") })
		})
	}
	f.must(ana.ClickView(f.context(), "post")) // delivered to the other one than the form, in turn
	f.await("told", told)
	if view := f.workspace.ViewText(workspace.Ana); !strings.Contains(view, "Rejected · expired") || !strings.Contains(view, "[ Post it ]") {
		t.Errorf("the draft is gone:\n%s", view)
	}
	f.redis.Unhang()
	f.await("back", func() bool { return f.replicas[0].store.Stats().Up && f.replicas[1].store.Stats().Up })
	f.must(ana.ClickView(f.context(), "post"))
	f.reads("view", workspace.Ana, "Posted to the thread.")
	f.finishAll()
}

// finishAll asks the witness what nobody asked for. Envelopes that the test delivered again are
// acknowledged again; fine are refusals that the test has brought about.
func (f *fleet) finishAll(fine ...string) {
	f.t.Helper()
	f.stop()
	for _, r := range f.workspace.Refusals() {
		if !slices.Contains(fine, r) {
			f.t.Errorf("refused: %s", r)
		}
	}
	sent := append(f.workspace.Received(), []byte(f.log.String()))
	for _, secret := range f.secrets() {
		for _, body := range sent {
			if strings.Contains(string(body), secret) {
				f.t.Errorf("a secret of %d bytes was sent or logged", len(secret))
			}
		}
	}
}

// TestReplicasSurviveRedis: with Redis killed in the middle of a check nothing is lost, and with it back
// nothing is doubled.
func TestReplicasSurviveRedis(t *testing.T) {
	f := newFleet(t)
	root, link := f.incident()
	ana := f.workspace.Person(workspace.Ana)
	hold := make(chan struct{})
	asked := make(chan struct{}, 10)
	f.issuer.failWith(func(http.ResponseWriter) bool { asked <- struct{}{}; <-hold; return false })
	f.must(ana.Command(f.context(), workspace.Incidents, "/jwt-check", link))
	f.form(ana, `{"exp":"now-1h"}`)
	<-asked
	f.redis.Kill()
	close(hold)
	f.await("posted without Redis", func() bool { return f.summaries(root) == 1 })
	f.result(ana)

	// A whole conversation without it.
	f.must(ana.Command(f.context(), workspace.Incidents, "/jwt-check", link))
	f.form(ana, `{"exp":"now-2h"}`)
	f.await("posted without Redis", func() bool { return f.summaries(root) == 2 })
	f.result(ana)

	f.redis.Launch()
	f.await("back", func() bool { return f.replicas[0].store.Stats().Up && f.replicas[1].store.Stats().Up })
	f.again("view_submission")
	f.again("view_submission")
	f.stop()
	if n := f.checked(); n[0]+n[1] != 2 {
		t.Errorf("checks made: %v", n)
	}
	if n := f.summaries(root); n != 2 {
		t.Errorf("%d summaries of two submissions", n)
	}
	gone := 0
	for _, m := range f.replicas {
		gone = max(gone, strings.Count(m.log.String(), "the store does not answer"))
	}
	if gone != 1 {
		t.Errorf("a replica said %d times that Redis is gone", gone)
	}
	f.finishAll("views.update: not_found") // the first view was closed by then
}

// TestReplicasShareKeyHistory: one replica saw the issuer's set before a rotation; the other one, which
// sees it only afterwards, knows that the key is new.
func TestReplicasShareKeyHistory(t *testing.T) {
	f := newFleet(t)
	root, link := f.incident()
	ana := f.workspace.Person(workspace.Ana)
	check := func(reads string) {
		t.Helper()
		f.must(ana.Command(f.context(), workspace.Incidents, "/jwt-check", link))
		f.form(ana, `{}`)
		f.await(reads, func() bool {
			return strings.Contains(f.workspace.Transcript(workspace.Ana, workspace.Incidents, root), reads)
		})
		f.result(ana)
	}
	f.issuer.failWith(func(w http.ResponseWriter) bool { _, _ = w.Write(ring().JWKS("staging-1")); return true })
	check("✗ Rejected · unknown-key")
	first := f.checked()
	f.issuer.failWith(nil)
	f.later.Store(int64(2 * time.Minute))
	f.again("view_submission") // so that it is the other one's turn
	check("✓ Accepted · cause: key-rotated")
	if n := f.checked(); n[0] != 1 || n[1] != 1 {
		t.Errorf("checks made: %v, %v", first, n)
	}
	f.finishAll("views.update: not_found") // of the view that was closed by then
}
