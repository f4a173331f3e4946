package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
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
		f(t, replica(t, url), replica(t, url))
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
		if found, _ := other.Get(ctx, store.Deliveries, "V1", &got); !found || got.N != 1 {
			t.Errorf("the loser reads %v", got)
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
	dead, living := replica(t, url, leased(60*time.Millisecond)), replica(t, url, leased(60*time.Millisecond))
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

type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), s)
}

func logging(l *lines) func(*store.Options) {
	return func(o *store.Options) { o.Log = slog.New(slog.NewTextHandler(l, nil)) }
}

// TestStoreRedisGoneAndBack: without Redis the replica goes on, says so once, and brings what it did
// meanwhile when Redis is back, empty.
func TestStoreRedisGoneAndBack(t *testing.T) {
	for name, fault := range map[string]struct{ begin, end func(*redistest.Server) }{
		"killed":  {(*redistest.Server).Kill, (*redistest.Server).Launch},
		"hanging": {(*redistest.Server).Hang, (*redistest.Server).Unhang},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			var log lines
			one, other := replica(t, server.URL(), logging(&log)), replica(t, server.URL())
			ctx := t.Context()
			c, _ := one.Claim(ctx, store.Deliveries, "before", aNote(1))
			if c == nil {
				t.Fatal("no claim")
			}
			if err := one.Put(ctx, store.Posts, "before", aNote(1)); err != nil {
				t.Fatal(err)
			}
			fault.begin(server)
			if err := one.Put(ctx, store.Posts, "during", aNote(2)); err != nil {
				t.Error(err)
			}
			var got note
			if found, err := one.Get(ctx, store.Posts, "before", &got); !found || err != nil || got.N != 1 {
				t.Errorf("its own draft: %v %v", found, err)
			}
			if found, err := other.Get(ctx, store.Posts, "before", &got); found || err != store.ErrUnreachable {
				t.Errorf("another's draft: %v %v", found, err)
			}
			if !one.Once(ctx, store.Told, "during") || one.Once(ctx, store.Told, "during") {
				t.Error("not once by its own memory")
			}
			if err := c.Keep(ctx, aNote(5)); err != nil {
				t.Error(err)
			}
			c.Done(ctx)
			undone, _ := one.Claim(ctx, store.Deliveries, "undone", aNote(1))
			undone.Undo(ctx)
			if st := one.Stats(); st.Up || !st.Shared || st.Errors == 0 {
				t.Errorf("%+v", st)
			}
			fault.end(server)
			eventually(t, "up", func() bool { return one.Stats().Up && other.Stats().Up })
			for draft, n := range map[string]int{"before": 1, "during": 2} {
				if found, err := other.Get(ctx, store.Posts, draft, &got); !found || err != nil || got.N != n {
					t.Errorf("%s: %v %v %v", draft, found, err, got)
				}
			}
			if other.Once(ctx, store.Told, "during") {
				t.Error("told again by the other replica")
			}
			if c, _ := other.Claim(ctx, store.Deliveries, "before", aNote(9)); c != nil {
				t.Error("worked again by the other replica")
			}
			if found, _ := other.Get(ctx, store.Deliveries, "before", &got); !found || got.N != 5 {
				t.Errorf("its result: %v", got)
			}
			if c, _ := other.Claim(ctx, store.Deliveries, "undone", aNote(9)); c == nil {
				t.Error("what was taken back is still claimed")
			}
			if gone, back := log.count("the store does not answer"), log.count("the store answers again"); gone != 1 || back != 1 {
				t.Errorf("said %d times that it is gone, %d times that it is back", gone, back)
			}
		})
	}
}

// TestStoreFirstCallFails: the call that meets a dead Redis is answered from memory like those that follow.
func TestStoreFirstCallFails(t *testing.T) {
	for name, call := range map[string]func(context.Context, *store.Store) bool{
		"once": func(ctx context.Context, s *store.Store) bool {
			return s.Once(ctx, store.Told, "x") && !s.Once(ctx, store.Told, "x")
		},
		"claim": func(ctx context.Context, s *store.Store) bool {
			c, err := s.Claim(ctx, store.Posts, "x", aNote(1))
			again, _ := s.Claim(ctx, store.Posts, "x", aNote(1))
			return c != nil && err == nil && again == nil
		},
		"put": func(ctx context.Context, s *store.Store) bool {
			var got note
			err := s.Put(ctx, store.Posts, "x", aNote(1))
			found, _ := s.Get(ctx, store.Posts, "x", &got)
			return err == nil && found && got.N == 1
		},
		"get": func(ctx context.Context, s *store.Store) bool {
			found, err := s.Get(ctx, store.Posts, "x", &note{})
			return !found && err == store.ErrUnreachable
		},
		"update": func(ctx context.Context, s *store.Store) bool {
			add := func(n *note) { n.N++ }
			return store.Update(ctx, s, store.KeySets, "x", add).N == 1 && store.Update(ctx, s, store.KeySets, "x", add).N == 2
		},
		"abandoned": func(ctx context.Context, s *store.Store) bool { return len(s.Abandoned(ctx)) == 0 },
	} {
		server := redistest.Start(t)
		s := replica(t, server.URL())
		server.Kill()
		if !call(t.Context(), s) {
			t.Error(name)
		}
		if s.Stats().Up {
			t.Errorf("%s: it still counts as up", name)
		}
	}
}

// TestStoreStrangers: what somebody else wrote to Redis is refused, whatever it is, and stops nothing.
func TestStoreStrangers(t *testing.T) {
	server := redistest.Start(t)
	one, other := replica(t, server.URL()), replica(t, server.URL())
	foreign := replica(t, server.URL(), func(o *store.Options) { o.Key = redact.NewSecret("xapp-of-another-app") })
	ctx, c := t.Context(), server.Client()
	if err := one.Put(ctx, store.Deliveries, "V1", aNote(1)); err != nil {
		t.Fatal(err)
	}
	keys, err := c.Keys(ctx, "*").Result()
	if err != nil || len(keys) != 1 || !strings.HasPrefix(keys[0], "jwt-check:") || !strings.HasSuffix(keys[0], ":delivery:V1") {
		t.Fatalf("keys %q, %v", keys, err)
	}
	mine := c.Get(ctx, keys[0]).Val()
	if strings.Contains(mine, "sentence") || c.PTTL(ctx, keys[0]).Val() <= 0 {
		t.Error("kept in the open, or for ever")
	}
	var got note
	if found, _ := foreign.Get(ctx, store.Deliveries, "V1", &got); found {
		t.Error("another app reads it")
	}
	moved := strings.TrimSuffix(keys[0], "V1") + "V2"
	for name, write := range map[string]func() error{
		"garbage":       func() error { return c.Set(ctx, moved, "\x00\xffgarbage", 0).Err() },
		"raw JSON":      func() error { return c.Set(ctx, moved, `{"Says":"raw","N":1}`, 0).Err() },
		"another's key": func() error { return c.Set(ctx, moved, mine, 0).Err() },
		"huge":          func() error { return c.SetRange(ctx, moved, 64<<20, "x").Err() },
		"a list":        func() error { c.Del(ctx, moved); return c.LPush(ctx, moved, "x").Err() },
	} {
		if err := write(); err != nil {
			t.Fatal(name, err)
		}
		for _, s := range []*store.Store{one, other} {
			if found, _ := s.Get(ctx, store.Deliveries, "V2", &got); found || !got.Says.IsZero() {
				t.Errorf("%s was taken", name)
			}
		}
		history := strings.Replace(moved, ":delivery:V2", ":keys:V2", 1)
		c.Rename(ctx, moved, history)
		if n := store.Update(ctx, one, store.KeySets, "V2", func(n *note) { n.N = 7 }); n.N != 7 || !n.Says.IsZero() {
			t.Errorf("%s: an update gives %v", name, n)
		}
		if found, _ := other.Get(ctx, store.KeySets, "V2", &got); name != "a list" && (!found || got.N != 7) {
			t.Errorf("%s was not replaced", name)
		}
		got = note{}
	}
	open := strings.TrimSuffix(keys[0], "delivery:V1") + "open"
	c.ZAdd(ctx, open, zMembers("nobody:x", "told", strings.Repeat("x", 1<<20), "")...)
	if list := one.Abandoned(ctx); len(list) != 0 {
		t.Errorf("%d claims of a stranger", len(list))
	}
	if n := c.ZCard(ctx, open).Val(); n != 0 {
		t.Errorf("%d of them are left", n)
	}
	if !one.Stats().Up {
		t.Error("a stranger's value took the store down")
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{"redis", "memory", "http://127.0.0.1:6379", "redis://", "redis:///0", "redis://:hunter2@host:99999", "redis://host/x", "redis://host/-1",
		"rediss://host?skip_verify=true", "redis://host:6379#x", "redis:host", "unix:///tmp/x", "redis://:hunter2@ho st"} {
		s, err := store.Open(store.Options{URL: redact.NewSecret(url)})
		if err == nil {
			s.Close()
			t.Errorf("%s was taken", url)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "host:") {
			t.Errorf("%q quotes the URL", err)
		}
	}
	for _, url := range []string{"", "memory:", "redis://host", "rediss://user:pass@host:6380/3", "redis://[::1]:6379/"} {
		s, err := store.Open(store.Options{URL: redact.NewSecret(url)})
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if text := fmt.Sprintf("%v %+v", s.Stats(), err); strings.Contains(text, "pass") {
			t.Error(text)
		}
		s.Close()
	}
}

func TestStorePing(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "hunter2")
	address := strings.TrimPrefix(server.URL(), "redis://")
	for url, want := range map[string]string{
		"memory:": "", "redis://:hunter2@" + address: "", "redis://" + address: "it wants a password",
		"redis://:wrong@" + address: "it refuses the user or the password", "redis://ana:hunter2@" + address: "it refuses the user or the password",
		"redis://:hunter2@" + address + "/999": "it has no such database",
	} {
		reached, err := replica(t, url).Ping(t.Context())
		if !reached {
			t.Error("not reached")
		}
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && got != want {
			t.Errorf("%s: %q, want %q", strings.ReplaceAll(url, address, "HOST"), got, want)
		}
	}
	server.Kill()
	if reached, err := replica(t, server.URL()).Ping(t.Context()); reached || err == nil {
		t.Error("a dead server answers")
	}
}

func zMembers(names ...string) []redis.Z {
	var list []redis.Z
	for _, n := range names {
		list = append(list, redis.Z{Member: n})
	}
	return list
}
