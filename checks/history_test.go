package checks_test

import (
	"slices"
	"testing"
	"time"

	"jwt-check-bot/checks"
)

// remember gives the profile's key set the past that a recipe's `history:` line names.
func (w *world) remember(t testing.TB, c *checks.Case, name string) {
	t.Helper()
	if name == "" {
		return
	}
	past, ok := histories[name]
	if !ok {
		t.Fatalf("no history %q", name)
	}
	c.Evidence.Keys = slices.Clone(c.Evidence.Keys)
	c.Evidence.Keys[slices.Index(c.Profiles, c.Profile)].History = past(w)
}

// TestKeyRotated: a new key is the cause where nothing else explains a rejection and the API has not
// shown that it knows the key.
func TestKeyRotated(t *testing.T) {
	w := theWorld()
	const refuses, accepts = `no token 401; garbage 401 Bearer error="invalid_token"; yours 401 Bearer error="invalid_token"`, `no token 401; garbage 401 Bearer; yours 200`
	for _, c := range []struct {
		name, recipe, history, replay string
		cause                         checks.Cause
		also                          []checks.Cause
	}{
		{"two minutes old", `{}`, "prod-1 is two minutes old", "", checks.KeyRotated, nil},
		{"without a kid", `{"kid":null,"$key":"prod-1"}`, "prod-1 is two minutes old", "", checks.KeyRotated, nil},
		{"in a header", `{"$paste":"Authorization: Bearer {}"}`, "prod-1 is two minutes old", "", checks.KeyRotated, nil},
		{"a swap under one ID", `{}`, "prod-1 was replaced under its ID", "", checks.KeyRotated, nil},
		{"the API refuses it", `{}`, "prod-1 is two minutes old", refuses, checks.KeyRotated, nil},
		{"the API knows it", `{}`, "prod-1 is two minutes old", accepts, checks.ClientSide, nil},
		{"expired", `{"exp":"now-5m"}`, "prod-1 is two minutes old", "", checks.Expired, nil},
		{"wrong audience and expired", `{"exp":"now-5m","aud":"x"}`, "prod-1 is two minutes old", refuses, checks.Expired, []checks.Cause{checks.AudienceMismatch}},
		{"signed with the older key", `{"kid":"prod-2"}`, "prod-1 is two minutes old", "", checks.None, nil},
		{"a quarter of an hour old", `{}`, "prod-1 is a quarter of an hour old", "", checks.None, nil},
		{"nothing known", `{}`, "", "", checks.None, nil},
	} {
		in := w.incident(t, "", "", c.recipe)
		w.remember(t, in, c.history)
		asked(t, in, map[string]string{"replay": c.replay})
		r := checks.Run(in, checks.Ladder())
		if r.Cause != c.cause || r.Verdict != c.cause.Verdict() || !slices.Equal(r.Also, c.also) {
			t.Errorf("%s: %s (%s), also %v; want %s, %v", c.name, r.Cause, r.Verdict, r.Also, c.cause, c.also)
		}
		if c.cause == checks.KeyRotated && r.Cause.Owner() != checks.API {
			t.Errorf("%s: the owner is %s", c.name, r.Cause.Owner())
		}
	}
}

// histories are what may be known of the production keys' past.
var histories = map[string]func(*world) checks.KeyHistory{
	"prod-1 was always there":            spans(span{"prod-1", "prod-1", never, 10 * day, 0, never}),
	"prod-1 is two minutes old":          spans(span{"prod-1", "prod-1", 12, 2, 0, never}, span{"prod-2", "prod-2", never, day, 0, never}),
	"prod-1 is a quarter of an hour old": spans(span{"prod-1", "prod-1", 30, 15, 0, never}),
	"prod-1 is twenty minutes old":       spans(span{"prod-1", "prod-1", 30, 20, 0, never}),

	"prod-2 gave way to prod-1":        spans(span{"prod-1", "prod-1", 30, 20, 0, never}, span{"prod-2", "prod-2", never, day, 30, 20}),
	"prod-2 left after a day":          spans(span{"prod-1", "prod-1", day + 20, day + 10, 0, never}, span{"prod-2", "prod-2", never, 3 * day, 30, 20}),
	"prod-2 gave way last week":        spans(span{"prod-1", "prod-1", 7*day + 10, 7 * day, 0, never}, span{"prod-2", "prod-2", never, 8 * day, 7*day + 10, 7 * day}),
	"prod-0 left 12 minutes ago":       spans(span{"prod-0", "stranger", never, day, 13, 12}),
	"another prod-0 left":              spans(span{"prod-0", "prod-4096", never, day, 13, 12}),
	"prod-1 was replaced under its ID": spans(span{"prod-1", "prod-1", 13, 12, 0, never}, span{"prod-1", "stranger", never, day, 13, 12}),

	"one of nine is left":                  sizes(checks.SetSize{At: ago(day), Keys: 9}, checks.SetSize{At: ago(5), Keys: 1}),
	"none of nine is left":                 sizes(checks.SetSize{At: ago(day), Keys: 9}, checks.SetSize{At: ago(5), Keys: 0}),
	"one of two is left":                   sizes(checks.SetSize{At: ago(day), Keys: 2}, checks.SetSize{At: ago(5), Keys: 1}),
	"one of nine is left, since last week": sizes(checks.SetSize{At: ago(9 * day), Keys: 9}, checks.SetSize{At: ago(7 * day), Keys: 1}),
}

// In minutes before now.
const (
	never = -1
	day   = 24 * 60
)

func ago(minutes int) time.Time {
	if minutes == never {
		return time.Time{}
	}
	return now.Add(-time.Duration(minutes) * time.Minute)
}

// span is a checks.KeySpan of the key that the fixture calls so.
type span struct {
	id, key                   string
	before, first, last, gone int
}

func spans(list ...span) func(*world) checks.KeyHistory {
	return func(w *world) (h checks.KeyHistory) {
		for _, s := range list {
			h.Keys = append(h.Keys, checks.KeySpan{ID: s.id, Public: w.keys.Public(s.key), Before: ago(s.before), First: ago(s.first), Last: ago(s.last), Gone: ago(s.gone)})
		}
		return h
	}
}

func sizes(list ...checks.SetSize) func(*world) checks.KeyHistory {
	return func(*world) checks.KeyHistory { return checks.KeyHistory{Sizes: list} }
}
