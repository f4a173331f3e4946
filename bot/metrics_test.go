package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"jwt-check-bot/bot"
	"jwt-check-bot/bot/workspace"
)

// scrape is the metrics as they would be read now, one series a line; empty where nothing is counted.
func (s *stage) scrape() string {
	s.t.Helper()
	if s.metrics == nil {
		return ""
	}
	families, err := s.metrics.Gatherer().Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range families {
		for _, m := range f.GetMetric() {
			b.WriteString(f.GetName())
			for _, l := range m.GetLabel() {
				fmt.Fprintf(&b, " %s=%s", l.GetName(), l.GetValue())
			}
			n := m.GetCounter().GetValue() + m.GetGauge().GetValue()
			if h := m.GetHistogram(); h != nil {
				n = float64(h.GetSampleCount())
			}
			fmt.Fprintf(&b, " %v\n", n)
		}
	}
	return b.String()
}

func (s *stage) wantMetrics(want ...string) {
	s.t.Helper()
	got := s.scrape()
	for _, line := range want {
		if !strings.Contains("\n"+got, "\n"+line+"\n") {
			s.t.Errorf("no %q in\n%s", line, got)
		}
	}
}

// ask has Ana check what a recipe describes, for the channel.
func (s *stage) ask(recipe string) {
	s.t.Helper()
	ana := s.workspace.Person(workspace.Ana)
	s.must(ana.Command(s.context(), workspace.Incidents, "/jwt-check", ""))
	s.form(ana, recipe)
	s.result(ana)
	ana.CloseView()
}

func TestMetricsCountChecks(t *testing.T) {
	s := newStage(t)
	s.wantMetrics(
		"jwt_check_checks_total cause=expired verdict=reject 0", // there before it happens for the first time
		"jwt_check_queue_length 0", "jwt_check_checks_under_way 0", "jwt_check_slack_withheld_total 0",
	)
	s.ask(`{"exp":"now-1h"}`)
	s.ask(`{"exp":"now-2h"}`)
	s.ask(`{}`)
	s.stop() // what is under way has ended
	s.wantMetrics(
		"jwt_check_checks_total cause=expired verdict=reject 2",
		"jwt_check_checks_total cause=none verdict=accept 1",
		"jwt_check_check_duration_seconds 3",
		"jwt_check_key_sets_total outcome=good 3",
		"jwt_check_key_sets_total outcome=missing 0",
		"jwt_check_queue_length 0", "jwt_check_checks_under_way 0", "jwt_check_queue_refusals_total 0",
		"jwt_check_slack_connections 0", "jwt_check_slack_work 0",
		"jwt_check_slack_envelopes_total 6", "jwt_check_slack_acknowledged_total 6", "jwt_check_slack_unacknowledged_total 0",
		"jwt_check_slack_withheld_total 0", "jwt_check_panics_total 0",
	)
	for line := range strings.Lines(s.scrape()) {
		for _, private := range []string{"U0", "C0", "production", "acme"} {
			if strings.Contains(line, private) {
				t.Errorf("%q names %s", strings.TrimSpace(line), private)
			}
		}
	}
	s.finish()
}

func TestMetricsCountCallsAndWhoIsNotTold(t *testing.T) {
	s := newStage(t, patient)
	s.wantMetrics("jwt_check_untold_total 0", "jwt_check_slack_calls_total outcome=refused 0", "jwt_check_slack_calls_total outcome=timeout 0")
	s.planned = []string{"is_archived"}
	for _, method := range []string{"response_url", "chat.postEphemeral", "chat.postMessage"} {
		s.workspace.FailNext(method, 1, workspace.Fault{Code: "is_archived"})
	}
	s.must(s.workspace.Person(workspace.Ana).Command(s.context(), workspace.Incidents, "/jwt-check", s.mint(`{}`)))
	s.stop()
	s.wantMetrics("jwt_check_untold_total 1", "jwt_check_slack_calls_total outcome=refused 3", "jwt_check_slack_calls_total outcome=rate_limited 0")
	s.finish()
}

func TestMetricsCountMissingKeySets(t *testing.T) {
	s := newStage(t)
	s.issuer.Close()
	s.ask(`{}`)
	s.wantMetrics("jwt_check_checks_total cause=unknown verdict=unknown 1", "jwt_check_key_sets_total outcome=missing 1")
	s.finish()
}

func TestWithoutMetricsNothingIsCounted(t *testing.T) {
	s := newStage(t, func(o *bot.Options) { o.Metrics = nil })
	s.ask(`{"exp":"now-1h"}`)
	s.finish()
}
