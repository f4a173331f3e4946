package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jwt-check-bot/bot/workspace"
)

// Conversations of which the replica dies.

// bury has the replicas die, as far as others can tell: a store that is closed renews nothing. One more
// joins, and has had Redis for a lease.
func (f *fleet) bury() {
	f.t.Helper()
	for _, m := range f.replicas {
		m.store.Close()
	}
	f.replicas = append(f.replicas, f.join(nil))
	f.later.Add(int64(f.lease))
}

// TestReplicasStandIn: who was left waiting by a replica that died is told by the other one.
func TestReplicasStandIn(t *testing.T) {
	f := newFleetLeased(t, time.Second)
	ana := f.workspace.Person(workspace.Ana)
	hold := make(chan struct{})
	asked := make(chan struct{}, 10)
	f.issuer.failWith(func(http.ResponseWriter) bool { asked <- struct{}{}; <-hold; return false })
	t.Cleanup(sync.OnceFunc(func() { close(hold) }))
	root, link := f.incident()
	f.must(ana.Command(f.context(), workspace.Incidents, "/jwt-check", link))
	f.form(ana, `{"exp":"now-1h"}`)
	<-asked
	reads := func(words string) func() bool {
		return func() bool {
			return strings.Contains(f.workspace.Transcript(workspace.Ana, workspace.Incidents, root), words)
		}
	}
	_, err := ana.AwaitView(f.context(), func(v workspace.View) bool { return strings.Contains(v.Reads, "still asking") }) // after the thread's
	f.must(err)
	f.await("under way in the thread", reads("Checking a token"))
	f.bury()
	_, err = ana.AwaitView(f.context(), func(v workspace.View) bool {
		return strings.Contains(v.Reads, "I was stopped in the middle of your check")
	})
	f.must(err)
	f.await("the message in the thread says so", reads("I was stopped in the middle of your check"))
}

// TestReplicasStandInForMany: who was left waiting does not wait for another one's view, which Slack does not answer for.
func TestReplicasStandInForMany(t *testing.T) {
	f := newFleetLeased(t, time.Second)
	f.hold()
	people := []string{workspace.Ana, workspace.Ben}
	for _, who := range people {
		f.submit(who, expired)
	}
	for _, who := range people {
		f.reads("view", who, "still asking")
	}
	f.workspace.FailNext("views.update", 1, workspace.Fault{Hang: time.Minute})
	f.bury()
	f.await("told", func() bool {
		return slices.ContainsFunc(people, func(who string) bool {
			return strings.Contains(f.workspace.ViewText(who), "I was stopped in the middle of your check")
		})
	})
	for _, c := range f.workspace.Calls() {
		if c.Method == "views.update" && c.Code == "canceled" {
			t.Error("one was told after the other's call had timed out")
		}
	}
}

// TestReplicasStandInUntilTheyStop: what a replica could not say before it was told to stop is said by the next one.
func TestReplicasStandInUntilTheyStop(t *testing.T) {
	f := newFleetLeased(t, time.Second)
	f.hold()
	f.submit(workspace.Ana, expired)
	f.reads("view", workspace.Ana, "still asking")
	answered, release := f.holdNext(&f.ears, "chat.postMessage") // the last way to tell her
	f.workspace.FailNext("views.update", 1, workspace.Fault{Code: "internal_error_of_next_year"})
	f.workspace.FailNext("chat.postEphemeral", 1, workspace.Fault{Code: "user_not_in_channel"})
	f.workspace.FailNext("chat.postMessage", 1, workspace.Fault{Code: "messages_tab_disabled"})
	f.bury()
	answered()
	stopped := make(chan struct{})
	go func() { defer close(stopped); f.replicas[2].stop() }()
	f.await("it takes no more", func() bool { return f.workspace.Connections() == 2 })
	release()
	<-stopped
	if !strings.Contains(f.replicas[2].log.String(), "nobody could be told") {
		t.Fatalf("somebody could be told:\n%s", f.replicas[2].log)
	}
	f.bury()
	f.reads("view", workspace.Ana, "I was stopped in the middle of your check")
}

// TestReplicasLeaveAResultAlone: of a replica that died between posting and saying so, the result stays; whoever asked
// is told to look there, and has it in the view.
func TestReplicasLeaveAResultAlone(t *testing.T) {
	for name, slow := range map[string]bool{"posted": false, "in place of “Checking…”": true} {
		t.Run(name, func(t *testing.T) {
			f := newFleetLeased(t, time.Second)
			root, _ := f.incident()
			var posted, free func()
			if slow {
				release := f.hold()
				f.submit(workspace.Ana, expired)
				f.reads("thread", workspace.Ana, "Checking a token")
				posted, free = f.holdNext(&f.ears, "chat.update")
				release()
			} else {
				posted, free = f.holdNext(&f.ears, "chat.postMessage")
				f.submit(workspace.Ana, expired)
			}
			posted()
			f.bury()
			f.reads("view", workspace.Ana, "Perhaps not posted: I was stopped while I did. Look there before you post it from here.")
			f.reads("view", workspace.Ana, "Claims, redacted")
			if n := len(f.answers()); n != 1 || f.summaries(root) != 1 {
				t.Errorf("%d answers in the thread, %d of them the result", n, f.summaries(root))
			}
			free()
			f.finishAll()
		})
	}
}

// TestReplicasCannotBeTold: while the others may not hear that the result is on its way, it does not take the place
// of a message that they may edit once this replica is dead.
func TestReplicasCannotBeTold(t *testing.T) {
	f := newFleet(t)
	root, _ := f.incident()
	release := f.hold()
	f.submit(workspace.Ana, expired)
	f.reads("thread", workspace.Ana, "Checking a token")
	f.redis.Kill()
	release()
	f.reads("view", workspace.Ana, "Posted to the thread.")
	f.reads("thread", workspace.Ana, "The check has ended: its result is a message of its own.")
	if n := len(f.answers()); n != 2 || f.summaries(root) != 1 {
		t.Errorf("%d answers in the thread, %d of them the result", n, f.summaries(root))
	}
	f.finishAll()
}
