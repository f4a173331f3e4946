package store_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"jwt-check-bot/bot/store"
	"jwt-check-bot/bot/store/redistest"
	"jwt-check-bot/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// note is what the tests keep.
type note struct {
	Says redact.Text
	N    int
}

func aNote(n int) *note { return &note{Says: redact.Const("a sentence that was shown"), N: n} }

const appToken = "xapp-for-the-test-and-long-enough"

// replica is one bot's store. With a lease it is that short.
func replica(t *testing.T, url string, set ...func(*store.Options)) *store.Store {
	t.Helper()
	o := store.Options{URL: redact.NewSecret(url), Key: redact.NewSecret(appToken)}
	for _, f := range set {
		f(&o)
	}
	s, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// clock is a replica's; it passes when the test says so.
type clock struct{ passed atomic.Int64 }

func (c *clock) on(o *store.Options) {
	began := time.Now()
	o.Now = func() time.Time { return began.Add(time.Duration(c.passed.Load())) }
}

func (c *clock) pass(d time.Duration) { c.passed.Add(int64(d)) }

// lived is a replica that has had Redis for a minute, and so knows the dead from the living.
func lived(t *testing.T, url string, set ...func(*store.Options)) *store.Store {
	t.Helper()
	c := &clock{}
	s := replica(t, url, append(set, c.on)...)
	c.pass(time.Minute)
	return s
}

func leased(d time.Duration) func(*store.Options) {
	return func(o *store.Options) { o.Lease = d }
}

// eventually waits until a condition holds that nothing announces.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: ", what)
		}
	}
}

// each runs a test with the memory alone, where both replicas are the same one, and with Redis.
func each(t *testing.T, f func(t *testing.T, one, other *store.Store)) {
	t.Run("memory", func(t *testing.T) {
		s := replica(t, "memory:")
		f(t, s, s)
	})
	t.Run("Redis", func(t *testing.T) {
		url := redistest.Start(t).URL()
		f(t, lived(t, url), lived(t, url))
	})
}

func TestStoreOnce(t *testing.T) {
	each(t, func(t *testing.T, one, other *store.Store) {
		ctx := t.Context()
		if !one.Once(ctx, store.Told, "C1 1.0") || other.Once(ctx, store.Told, "C1 1.0") || one.Once(ctx, store.Told, "C1 1.0") {
			t.Error("not once")
		}
		if !other.Once(ctx, store.Told, "C1 2.0") || !other.Once(ctx, store.Deliveries, "C1 1.0") {
			t.Error("another key or kind is the same")
		}
		if !one.Remembers(store.Told, "C1 1.0") || one.Remembers(store.Told, "C1 3.0") {
			t.Error("remembers wrongly")
		}
		one.Forget(ctx, store.Told, "C1 1.0")
		if !one.Once(ctx, store.Told, "C1 1.0") {
			t.Error("not forgotten")
		}
		long := strings.Repeat("k", 10000)
		if !one.Once(ctx, store.Told, long) || other.Once(ctx, store.Told, long) {
			t.Error("a long key")
		}
	})
}

func TestStoreKeepsValues(t *testing.T) {
	each(t, func(t *testing.T, one, other *store.Store) {
		ctx := t.Context()
		if err := one.Put(ctx, store.Deliveries, "V1", aNote(1)); err != nil {
			t.Fatal(err)
		}
		var got note
		if found, err := other.Get(ctx, store.Deliveries, "V1", &got); !found || err != nil || got != *aNote(1) {
			t.Errorf("%v %v %v", found, err, got)
		}
		if found, err := other.Get(ctx, store.Deliveries, "V2", &got); found || err != nil {
			t.Errorf("something where nothing is: %v", err)
		}
		if found, _ := other.Get(ctx, store.Posts, "V1", &got); found {
			t.Error("another kind has it too")
		}
		if err := one.Put(ctx, store.Deliveries, "V1", aNote(2)); err != nil {
			t.Fatal(err)
		}
		if found, _ := other.Get(ctx, store.Deliveries, "V1", &got); !found || got.N != 2 {
			t.Errorf("not replaced: %v", got)
		}
		if one.Put(ctx, store.Deliveries, "V1", &struct{ M map[string]int }{}) == nil {
			t.Error("what cannot be sealed was kept")
		}
	})
}

func TestStoreUpdates(t *testing.T) {
	each(t, func(t *testing.T, one, other *store.Store) {
		ctx := t.Context()
		for i := range 3 {
			for _, s := range []*store.Store{one, other} {
				got := store.Update(ctx, s, store.KeySets, "issuer", func(n *note) { n.N++ })
				if got.N < 2*i+1 {
					t.Errorf("%d after %d rounds", got.N, i)
				}
			}
		}
		if got := store.Update(ctx, other, store.KeySets, "issuer", func(*note) {}); got.N != 6 {
			t.Errorf("%d of 6 updates", got.N)
		}
	})
}

// TestStoreUpdatesTogether: two replicas that change a value at the same time lose nothing.
func TestStoreUpdatesTogether(t *testing.T) {
	url := redistest.Start(t).URL()
	one, other := replica(t, url), replica(t, url)
	// The first change waits until the second has been kept: it has to be made again, on top of that.
	runs := 0
	got := store.Update(t.Context(), one, store.KeySets, "issuer", func(n *note) {
		if runs++; runs == 1 {
			store.Update(t.Context(), other, store.KeySets, "issuer", func(n *note) { n.N += 10 })
		}
		n.N++
	})
	if got.N != 11 || runs != 2 {
		t.Errorf("%d after %d runs", got.N, runs)
	}
}

func TestStoreClaims(t *testing.T) {
	each(t, func(t *testing.T, one, other *store.Store) {
		ctx := t.Context()
		c, err := one.Claim(ctx, store.Deliveries, "V1", aNote(1))
		if c == nil || err != nil {
			t.Fatal(c, err)
		}
		if c, _ := other.Claim(ctx, store.Deliveries, "V1", aNote(2)); c != nil {
			t.Error("claimed twice")
		}
		var got note
		shared := one.Stats().Shared // else nobody needs to know what was claimed
		if found, err := other.Get(ctx, store.Deliveries, "V1", &got); found != shared || err != nil || shared && got.N != 1 {
			t.Errorf("the loser reads %v %v %v", found, err, got)
		}
		if err := c.Keep(ctx, aNote(3)); err != nil {
			t.Fatal(err)
		}
		if found, _ := other.Get(ctx, store.Deliveries, "V1", &got); !found || got.N != 3 {
			t.Errorf("the loser reads %v", got)
		}
		c.Done(ctx)
		if c, _ := one.Claim(ctx, store.Deliveries, "V1", aNote(4)); c != nil {
			t.Error("claimed again after it was done")
		}
		c, _ = one.Claim(ctx, store.Deliveries, "V2", aNote(1))
		c.Undo(ctx)
		if c, _ := other.Claim(ctx, store.Deliveries, "V2", aNote(1)); c == nil {
			t.Error("not claimed again after it was taken back")
		}
		if list := other.Abandoned(ctx); len(list) > 0 {
			t.Errorf("%d claims of the living are abandoned", len(list))
		}
	})
}

// TestStoreRace: of many that claim at once, one wins.
func TestStoreRace(t *testing.T) {
	each(t, func(t *testing.T, one, other *store.Store) {
		var won, once sync.Map
		var wait sync.WaitGroup
		for i := range 40 {
			s := []*store.Store{one, other}[i%2]
			wait.Go(func() {
				if c, _ := s.Claim(t.Context(), store.Deliveries, "V1", aNote(i)); c != nil {
					won.Store(i, true)
					c.Done(t.Context())
				}
				if s.Once(t.Context(), store.Told, "m") {
					once.Store(i, true)
				}
			})
		}
		wait.Wait()
		count := func(m *sync.Map) (n int) {
			m.Range(func(any, any) bool { n++; return true })
			return n
		}
		if count(&won) != 1 || count(&once) != 1 {
			t.Errorf("%d claims, %d firsts", count(&won), count(&once))
		}
	})
}

// TestStoreAbandoned: what a replica left behind is found by one other, and by none while it lives.
func TestStoreAbandoned(t *testing.T) {
	server := redistest.Start(t)
	url := server.URL()
	dead, living := replica(t, url, leased(60*time.Millisecond)), lived(t, url)
	ctx := t.Context()
	c, err := dead.Claim(ctx, store.Deliveries, "V1", aNote(1))
	if c == nil || err != nil {
		t.Fatal(c, err)
	}
	mine, _ := living.Claim(ctx, store.Deliveries, "V2", aNote(2))
	dead.Close()
	var found []*store.Claim
	eventually(t, "the claim of the dead is found", func() bool {
		found = append(found, living.Abandoned(ctx)...)
		return len(found) > 0
	})
	if len(found) != 1 || found[0].Key != "V1" || found[0].Kind != store.Deliveries {
		t.Fatalf("found %d", len(found))
	}
	var got note
	if ok, _ := living.Get(ctx, found[0].Kind, found[0].Key, &got); !ok || got.N != 1 {
		t.Errorf("what was kept with it: %v", got)
	}
	found[0].Done(ctx)
	mine.Done(ctx)
	for _, key := range server.Client().Keys(ctx, "*:open").Val() {
		t.Errorf("claims are left in %s", key)
	}
}

// TestStoreTakesNobodyForDead: after Redis was gone for longer than a lease, no claim of the living is found
// abandoned before they have renewed it; and a new replica waits as long, since it may have begun just then.
func TestStoreTakesNobodyForDead(t *testing.T) {
	server := redistest.Start(t)
	ctx := t.Context()
	living := replica(t, server.URL(), leased(time.Hour)) // it renews nothing meanwhile
	c, err := living.Claim(ctx, store.Deliveries, "V1", aNote(1))
	if c == nil || err != nil {
		t.Fatal(c, err)
	}
	var hers clock
	other := replica(t, server.URL(), hers.on)
	overdue := func() { // as far as Redis knows
		t.Helper()
		open := server.Client().Keys(ctx, "*:open").Val()
		if len(open) != 1 {
			t.Fatalf("lists of claims under way: %v", open)
		}
		server.Client().ZAdd(ctx, open[0], redis.Z{Score: 1, Member: "delivery:V1"})
	}
	none := func(when string) {
		t.Helper()
		if n := len(other.Abandoned(ctx)); n != 0 {
			t.Errorf("%s: %d claims of the living are abandoned", when, n)
		}
	}
	overdue()
	none("at its beginning")
	hers.pass(other.Lease() - 1)
	none("within a lease")
	server.Hang()
	other.Once(ctx, store.Told, "x")
	if other.Stats().Up {
		t.Fatal("Redis is gone, and nobody noticed")
	}
	hers.pass(time.Hour)
	server.Unhang()
	eventually(t, "up", func() bool { return other.Stats().Up })
	overdue()
	none("as soon as Redis is back")
	hers.pass(other.Lease() - 1)
	none("within a lease of that")
	hers.pass(1)
	if n := len(other.Abandoned(ctx)); n != 1 {
		t.Errorf("%d claims are abandoned, not the one that nobody renewed", n)
	}
}

// TestStoreNoticesThatRedisIsGone: also where a replica has no claim to renew.
func TestStoreNoticesThatRedisIsGone(t *testing.T) {
	server := redistest.Start(t)
	idle := replica(t, server.URL(), leased(30*time.Millisecond))
	server.Kill()
	eventually(t, "noticed", func() bool { return !idle.Stats().Up })
}
