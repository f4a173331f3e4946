package bot

import (
	"testing"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/redact"
)

func TestMetricsShowTheQueue(t *testing.T) {
	client, err := slack.New(slack.Config{AppToken: redact.NewSecret("xapp-for-the-test"), BotToken: redact.NewSecret("xoxb-for-the-test")})
	if err != nil {
		t.Fatal(err)
	}
	m := NewMetrics(client)
	a := New(Options{Slack: client, Concurrency: 2, Now: time.Now, Metrics: m})
	for i := range 5 {
		a.queue.join(line{user: string(rune('a' + i))})
	}
	a.metrics.refused()
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if series := f.GetMetric(); len(series) == 1 {
			got[f.GetName()] = series[0].GetGauge().GetValue() + series[0].GetCounter().GetValue()
		}
	}
	if got["jwt_check_queue_length"] != 3 || got["jwt_check_checks_under_way"] != 2 || got["jwt_check_queue_refusals_total"] != 1 {
		t.Error(got)
	}
	var none *Metrics
	none.refused()
	none.attach(a)
	none.checked(nil, 0)
}
