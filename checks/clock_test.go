package checks_test

import (
	"testing"
	"time"

	"jwt-check-bot/checks"
)

// TestReadClock: a Date is cut to the second, and was written at some time of the round trip.
func TestReadClock(t *testing.T) {
	for _, c := range []struct{ sent, came, ahead, bar time.Duration }{
		{0, 0, 500 * time.Millisecond, 500 * time.Millisecond},
		{6 * time.Second, 8 * time.Second, -6500 * time.Millisecond, 1500 * time.Millisecond},
		{0, -time.Hour, 500 * time.Millisecond, 500 * time.Millisecond}, // our clock was set back meanwhile
	} {
		if got := checks.ReadClock(now.Add(c.sent), now.Add(c.came), now); got.Ahead() != c.ahead || got.Bar() != c.bar {
			t.Errorf("%v ± %v, want %v ± %v", got.Ahead(), got.Bar(), c.ahead, c.bar)
		}
	}
	if !checks.ReadClock(now, now, time.Time{}).IsZero() {
		t.Error("a clock was read without a Date")
	}
}

// TestClocksJoin: two readings narrow the bounds, unless two machines answered.
func TestClocksJoin(t *testing.T) {
	a, b, c := checks.Clock{From: 0, To: 10}, checks.Clock{From: 5, To: 20}, checks.Clock{From: 50, To: 60}
	for _, j := range []struct{ got, want checks.Clock }{
		{a.With(b), checks.Clock{From: 5, To: 10}}, {a.With(c), checks.Clock{From: 0, To: 60}},
		{a.With(checks.Clock{}), a}, {checks.Clock{}.With(a), a},
	} {
		if j.got != j.want {
			t.Errorf("%v, want %v", j.got, j.want)
		}
	}
}
