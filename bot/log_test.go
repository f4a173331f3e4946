package bot_test

import (
	"strings"
	"testing"

	"jwt-check-bot/bot/workspace"
)

// TestTheLogTellsTheWay: what an operator needs at 3 a.m. is there at level debug, step by step, and
// finish looks for content in it.
func TestTheLogTellsTheWay(t *testing.T) {
	s := newStage(t)
	ctx, ana := s.context(), s.workspace.Person(workspace.Ana)
	_, link := s.incident()
	s.must(ana.Command(ctx, workspace.Incidents, "/jwt-check", link))
	_, err := ana.AwaitView(ctx, func(v workspace.View) bool { return v.CallbackID == "jwt_check" })
	s.must(err)
	s.must(ana.Fill("token", s.mint(`{"exp":"now-1h"}`)))
	_, err = ana.Submit(ctx)
	s.must(err)
	_, err = ana.AwaitView(ctx, func(v workspace.View) bool { return strings.Contains(v.Reads, "Posted to the thread") })
	s.must(err)
	s.finish()
	log := s.log.String()
	// The form may be submitted before the call that opened it has returned.
	if !strings.Contains(log, `msg="Slack was asked" method=views.open outcome=ok attempt=1`) {
		t.Errorf("the form was opened without a line in the log:\n%s", log)
	}
	for _, step := range []string{
		`msg="a connection to Slack has said hello" connections=1`, `msg="an envelope came" delivery=`, `kind=slash_commands`, `msg=acknowledged delivery=`,
		`kind=view_submission`, `msg="a check begins" requester=U0ANA`, `msg="key set fetched" source="the key set at http`,
		`keys=1`, `msg=checked requester=U0ANA`, `method=chat.postMessage outcome=ok`, `msg="the summary was posted" channel=C0INC`, `method=views.update outcome=ok`,
	} {
		at := strings.Index(log, step)
		if at < 0 {
			t.Errorf("%s does not follow in the log:\n%s", step, s.log)
			break
		}
		log = log[at+len(step):]
	}
}
