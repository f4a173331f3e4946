package keys

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/mint"
	"jwt-check-bot/redact"
)

// shelf keeps histories as the store does, for two sources that share it.
type shelf struct{ past map[string]*Past }

func (s *shelf) update(_ context.Context, name string, change func(*Past)) Past {
	p := s.past[name]
	if p == nil {
		p = &Past{}
		s.past[name] = p
	}
	change(p)
	return *p
}

// told writes a history down, in minutes from start.
func told(h checks.KeyHistory, start time.Time) string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return fmt.Sprint(int(t.Sub(start).Minutes()))
	}
	var list []string
	for _, k := range h.Keys {
		word := ""
		if k.Public == nil {
			word = "?"
		}
		list = append(list, fmt.Sprintf("%s%s %s..%s..%s..%s", k.ID, word, at(k.Before), at(k.First), at(k.Last), at(k.Gone)))
	}
	for _, s := range h.Sizes {
		list = append(list, fmt.Sprintf("%d at %s", s.Keys, at(s.At)))
	}
	return strings.Join(list, ", ")
}

// TestHistory: two replicas and a restart see one history of a set whose keys come and go.
func TestHistory(t *testing.T) {
	ring := mint.NewKeys()
	for name, alg := range map[string]string{"a": "RS256", "b": "ES256", "c": "EdDSA"} {
		if err := ring.Key(name, alg); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	now, document := start, []byte(nil)
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(document) }))
	t.Cleanup(issuer.Close)
	kept := &shelf{past: map[string]*Past{}}
	source := func() *Source {
		s := New(Options{Now: func() time.Time { return now }, Cooldown: time.Nanosecond, History: kept.update})
		t.Cleanup(s.Close)
		return s
	}
	one, other := source(), source()
	for _, step := range []struct {
		minute int
		by     **Source
		keys   string
		want   string
	}{
		{0, &one, "a b", "a -..0..0..-, b -..0..0..-, 2 at 0"},
		{10, &other, "a b", "a -..0..10..-, b -..0..10..-, 2 at 0"},
		{20, &one, "b c", "b -..0..20..-, c 10..20..20..-, a -..0..10..20, 2 at 0"},
		{21, &other, "c", "c 10..20..21..-, b -..0..20..21, a -..0..10..20, 2 at 0, 1 at 21"},
		{30, &one, "a c", "c 10..20..30..-, a -..0..30..-, b -..0..20..21, 2 at 0, 1 at 21, 2 at 30"},
	} {
		now, document = start.Add(time.Duration(step.minute)*time.Minute), ring.JWKS(strings.Fields(step.keys)...)
		e := (*step.by).Afresh(t.Context(), Origin{JWKSURL: issuer.URL})
		if got := told(e.History, start); got != step.want {
			t.Errorf("minute %d: %s, want %s", step.minute, got, step.want)
		}
	}
	one = source() // started again
	now = now.Add(time.Minute)
	if got, want := told(one.Keys(t.Context(), Origin{JWKSURL: issuer.URL}, "").History, start), "c 10..20..31..-, a -..0..31..-, b -..0..20..21, 2 at 0, 1 at 21, 2 at 30"; got != want {
		t.Errorf("after a restart: %s, want %s", got, want)
	}
	for name := range kept.past {
		if len(name) != 64 || strings.Contains(name, "127.0.0.1") {
			t.Errorf("the name %q tells where the set is", name)
		}
	}
	if h := New(Options{}).remember(t.Context(), Origin{}, checks.NewKeySet(nil), now); h.Keys != nil || h.Sizes != nil {
		t.Error("something is known without a history")
	}
}

// TestHistoryIsSealed: what is kept passes the net before the seal, whatever the keys are called, and
// the largest of it is not too large.
func TestHistoryIsSealed(t *testing.T) {
	var p Past
	var list []checks.Key
	for i := range maxPastKeys {
		b := make([]byte, 1024)
		_, _ = rand.Read(b)
		b[0] |= 0x80
		modulus := new(big.Int).SetBytes(b)
		list = append(list, checks.Key{ID: fmt.Sprint(i, strings.Repeat("Zk7_", 60)), Public: &rsa.PublicKey{N: modulus, E: 65537}})
	}
	p.note(checks.NewKeySet(list), time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	if len(p.Keys) != maxPastKeys {
		t.Fatalf("%d keys", len(p.Keys))
	}
	s := redact.NewSealer(redact.NewSecret("a secret of the test"))
	closed, err := s.Seal(t.Context(), "x", &p)
	if err != nil {
		t.Fatal(err)
	}
	var got Past
	if err := s.Open("x", closed, &got); err != nil || told(got.evidence(), p.Copy) != told(p.evidence(), p.Copy) {
		t.Errorf("%v: %s", err, told(got.evidence(), p.Copy))
	}
}

// TestHistoryIsBounded: however many keys a set has, and however often it changes, little is kept, and
// what cannot be known is not told.
func TestHistoryIsBounded(t *testing.T) {
	ring := mint.NewKeys()
	var all []checks.Key
	for i := range 200 {
		name := fmt.Sprint("k", i)
		if err := ring.Key(name, "EdDSA"); err != nil {
			t.Fatal(err)
		}
		all = append(all, checks.Key{ID: name, Public: ring.Public(name)})
	}
	all[7].ID = strings.Repeat("x", 100_000)
	var p Past
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	next := func(keys ...checks.Key) {
		at = at.Add(time.Minute)
		p.note(checks.NewKeySet(keys), at)
	}
	for i := range 199 {
		next(all[i], all[i+1])
	}
	if len(p.Keys) != maxPastKeys || len(p.Sizes) != 1 || p.Keys[0].Gone != (time.Time{}) {
		t.Errorf("%d keys, %d sizes", len(p.Keys), len(p.Sizes))
	}
	for i := range 50 {
		next(all[:i%5]...)
	}
	if len(p.Sizes) != maxPastSizes {
		t.Errorf("%d sizes", len(p.Sizes))
	}
	next(all[:100]...)
	if len(p.Keys) != 0 || p.Sizes[maxPastSizes-1].Keys != 100 {
		t.Errorf("%d keys of a set that is too large", len(p.Keys))
	}
	next(all[:3]...)
	for _, k := range p.Keys {
		if !k.Before.IsZero() {
			t.Errorf("%s counts as new, and may have been among the hundred", k.ID.bytes())
		}
	}
	before := at
	p.note(checks.NewKeySet(all[:1]), at.Add(-time.Hour)) // a copy that another replica has had for a while
	if p.Copy != before || len(p.Keys) != 3 {
		t.Error("an older copy changed something")
	}
	p.Copy = at.Add(365 * 24 * time.Hour) // somebody's clock was wrong
	next(all[:2]...)
	if p.Copy != at || len(p.Keys) != 2 {
		t.Error("a copy from the future stays for ever")
	}
}
