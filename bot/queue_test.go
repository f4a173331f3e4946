package bot

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/redact"
)

// turns says of each ticket how many are before it.
func turns(tickets ...*ticket) string {
	var places []string
	for _, t := range tickets {
		places = append(places, strconv.Itoa(t.place()))
	}
	return strings.Join(places, " ")
}

func TestQueue(t *testing.T) {
	ana, ben, gus := line{"ana", "C1", "1.2"}, line{"ben", "C1", "1.2"}, line{"gus", "C1", "1.2"}
	q := newQueue(2, 3)
	one, two, three, four := q.join(ana), q.join(ana), q.join(ben), q.join(gus)
	// Ana's second check waits for her first one, and holds nobody else up.
	if got := turns(one, two, three, four); got != "0 1 0 2" {
		t.Fatal(got)
	}
	five := q.join(line{"ana", "C1", "3.4"})
	if q.join(ana) != nil || turns(five) != "3" {
		t.Error("a full queue took one more")
	}
	three.leave()
	three.leave()
	if got := turns(one, two, four, five); got != "0 1 0 2" {
		t.Error(got)
	}
	five.leave() // whose acknowledgement was not written
	four.leave()
	four = q.join(gus)
	one.examined() // its result waits to be posted, and so does Ana's next check
	one.examined()
	six := q.join(ben)
	if got := turns(two, four, six); got != "1 0 0" {
		t.Error(got)
	}
	one.leave()
	six.leave()
	if underWay, waiting := q.counts(); underWay != 2 || waiting != 0 {
		t.Errorf("%d under way, %d waiting", underWay, waiting)
	}
	for _, ticket := range []*ticket{two, four} {
		<-ticket.turn
		ticket.leave()
	}
	if underWay, waiting := q.counts(); underWay != 0 || waiting != 0 || len(q.busy) != 0 {
		t.Errorf("%d under way, %d waiting, busy: %v", underWay, waiting, q.busy)
	}
	for place, want := range map[int]string{1: "next in line", 3: "third in line", 12: "number 12 in line"} {
		if got := inLine(place).String(); got != want {
			t.Errorf("%d: %s", place, got)
		}
	}
}

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
