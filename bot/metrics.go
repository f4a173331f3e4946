package bot

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/checks"
)

// Metrics counts what an App does and shows what its Slack client has counted, in a registry of its
// own. Labels are words of our own source code: never anything of a token, a person, a channel or a
// profile. A nil *Metrics counts nothing.
type Metrics struct {
	registry *prometheus.Registry
	checks   *prometheus.CounterVec
	duration prometheus.Histogram
	refusals prometheus.Counter
	untold   prometheus.Counter
	keySets  *prometheus.CounterVec
	client   *slack.Client
	app      atomic.Pointer[App] // nil before New
}

// NewMetrics returns the metrics of one App and of the client that it uses.
func NewMetrics(client *slack.Client) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		checks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jwt_check_checks_total", Help: "Checks that ended, by verdict and cause.",
		}, []string{"verdict", "cause"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "jwt_check_check_duration_seconds", Help: "How long a check took, the fetching of keys included and the waiting for its turn not.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, examineWithin.Seconds()},
		}),
		refusals: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "jwt_check_queue_refusals_total", Help: "Submissions that were refused because the queue was full.",
		}),
		untold: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "jwt_check_untold_total", Help: "Answers that reached nobody: every way to whoever asked failed.",
		}),
		keySets: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jwt_check_key_sets_total", Help: "Key sets that checks asked for: good, stale (could not be refreshed) or missing.",
		}, []string{"outcome"}),
		client: client,
	}
	// What has never happened is 0 and not absent, so that its first time is seen as an increase.
	causes := []checks.Cause{checks.None, checks.Unknown}
	for _, c := range checks.Ladder() {
		if c.Cause != "" {
			causes = append(causes, c.Cause)
		}
	}
	for _, c := range causes {
		m.checks.WithLabelValues(string(c.Verdict()), string(c))
	}
	for _, outcome := range []string{"good", "stale", "missing"} {
		m.keySets.WithLabelValues(outcome)
	}
	m.registry.MustRegister(m.checks, m.duration, m.refusals, m.untold, m.keySets, reading{m},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// CountWithheld shows how many lines of the log and how many answers over HTTP their nets replaced.
func (m *Metrics) CountWithheld(lines, answers func() int64) {
	for _, net := range []struct {
		name, what string
		count      func() int64
	}{{"log", "Lines of the log", lines}, {"http", "Answers over HTTP", answers}} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "jwt_check_" + net.name + "_withheld_total", Help: net.what + " that were replaced because they looked as if they held a credential: each a fault in the bot.",
		}, func() float64 { return float64(net.count()) }))
	}
}

// Gatherer is where the metrics are read.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// attach makes the queue of a what is shown.
func (m *Metrics) attach(a *App) {
	if m != nil {
		m.app.Store(a)
	}
}

// checked counts a check that ended.
func (m *Metrics) checked(r *checks.Report, took time.Duration) {
	if m == nil {
		return
	}
	m.checks.WithLabelValues(string(r.Verdict), string(r.Cause)).Inc()
	m.duration.Observe(took.Seconds())
	for _, e := range r.Case.Evidence.Keys {
		switch {
		case e.Set != nil && e.Problem.IsZero():
			m.keySets.WithLabelValues("good").Inc()
		case e.Set != nil:
			m.keySets.WithLabelValues("stale").Inc()
		case !e.Problem.IsZero():
			m.keySets.WithLabelValues("missing").Inc()
		}
	}
}

// refused counts a submission for which the queue had no place.
func (m *Metrics) refused() {
	if m != nil {
		m.refusals.Inc()
	}
}

// nobodyTold counts an answer that reached nobody.
func (m *Metrics) nobodyTold() {
	if m != nil {
		m.untold.Inc()
	}
}

// reading is what is not counted here but read where it is known, at the time of each scrape.
type reading struct{ m *Metrics }

// known is what a scrape finds.
type known struct {
	slack.Stats
	connected, queued, underWay int
	store                       store.Stats
}

type series struct {
	name string
	kind prometheus.ValueType
	help string
	read func(known) int64
}

func (s *series) desc() *prometheus.Desc {
	return prometheus.NewDesc("jwt_check_"+s.name, s.help, nil, nil)
}

var readings = []series{
	{"queue_length", prometheus.GaugeValue, "Checks that were accepted and wait for their turn.", func(k known) int64 { return int64(k.queued) }},
	{"checks_under_way", prometheus.GaugeValue, "Checks that are being made.", func(k known) int64 { return int64(k.underWay) }},
	{"slack_connections", prometheus.GaugeValue, "Sockets to Slack that have said hello and live.", func(k known) int64 { return int64(k.connected) }},
	{"slack_app_connections", prometheus.GaugeValue, "Sockets of the app that Slack counted at the last hello, those of all replicas: more than they hold is a share of what people send that is lost.", func(k known) int64 { return k.Counted }},
	{"slack_work", prometheus.GaugeValue, "Pieces of work under way, those that wait included.", func(k known) int64 { return int64(k.Working) }},
	{"slack_opens_total", prometheus.CounterValue, "Attempts to open a connection.", func(k known) int64 { return k.Opens }},
	{"slack_connected_total", prometheus.CounterValue, "Sockets that said hello.", func(k known) int64 { return k.Connections }},
	{"slack_disconnected_total", prometheus.CounterValue, "Sockets that ended, whoever ended them.", func(k known) int64 { return k.Disconnects }},
	{"slack_envelopes_total", prometheus.CounterValue, "Envelopes that arrived.", func(k known) int64 { return k.Envelopes }},
	{"slack_acknowledged_total", prometheus.CounterValue, "Acknowledgements that were written.", func(k known) int64 { return k.Acknowledged }},
	{"slack_unacknowledged_total", prometheus.CounterValue, "Acknowledgements that could not be written.", func(k known) int64 { return k.Unacknowledged }},
	{"slack_undecodable_total", prometheus.CounterValue, "Frames that could not be decoded.", func(k known) int64 { return k.Undecodable }},
	{"slack_unknown_total", prometheus.CounterValue, "Envelopes of a kind that the bot does not handle.", func(k known) int64 { return k.Unknown }},
	{"slack_withheld_total", prometheus.CounterValue, "Requests and frames not sent because they looked as if they held a credential: each a fault in the bot.", func(k known) int64 { return k.Withheld }},
	{"store_up", prometheus.GaugeValue, "1 while the store that replicas share answers, or there is none; 0 while each goes on with its own memory.", func(k known) int64 {
		if k.store.Up {
			return 1
		}
		return 0
	}},
	{"store_errors_total", prometheus.CounterValue, "Calls of the shared store that failed.", func(k known) int64 { return k.store.Errors }},
	{"store_lost_total", prometheus.CounterValue, "Writes to the shared store that were given up: what other replicas never get to know.", func(k known) int64 { return k.store.Lost }},
	{"panics_total", prometheus.CounterValue, "Panics that were survived: each a fault in the bot.", func(k known) int64 { return k.Panics }},
	{"slack_call_retries_total", prometheus.CounterValue, "Requests to the Web API that repeated an earlier one.", func(k known) int64 { return k.Retries }},
}

// calls are those of Stats.Outcomes.
var calls = prometheus.NewDesc("jwt_check_slack_calls_total",
	"Requests to the Web API that ended, by outcome: ok, rate_limited, refused (views that were closed or changed among them), unreachable, timeout, server_error, canceled (the bot's own doing) or not_sent.",
	[]string{"outcome"}, nil)

// Describe is prometheus.Collector's.
func (reading) Describe(to chan<- *prometheus.Desc) {
	for i := range readings {
		to <- readings[i].desc()
	}
	to <- calls
}

// Collect is prometheus.Collector's.
func (r reading) Collect(to chan<- prometheus.Metric) {
	k := known{Stats: r.m.client.Stats(), connected: r.m.client.Connected()}
	if a := r.m.app.Load(); a != nil {
		k.store = a.store.Stats()
		k.underWay, k.queued = a.queue.counts()
	}
	for i := range readings {
		s := &readings[i]
		to <- prometheus.MustNewConstMetric(s.desc(), s.kind, float64(s.read(k)))
	}
	for outcome, n := range k.Outcomes {
		to <- prometheus.MustNewConstMetric(calls, prometheus.CounterValue, float64(n), outcome)
	}
}
