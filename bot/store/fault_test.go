package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"jwt-check-bot/bot/store"
	"jwt-check-bot/bot/store/redistest"
	"jwt-check-bot/redact"
)

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
		s := lived(t, server.URL())
		server.Kill()
		if !call(t.Context(), s) {
			t.Error(name)
		}
		if s.Stats().Up {
			t.Errorf("%s: it still counts as up", name)
		}
	}
}

// TestStoreCountsWhatIsLost: what Redis will never get is counted, and said once.
func TestStoreCountsWhatIsLost(t *testing.T) {
	t.Run("more than waits for it", func(t *testing.T) {
		const waiting, more = 500, 7
		server := redistest.Start(t)
		var log lines
		s := replica(t, server.URL(), logging(&log))
		server.Kill()
		for i := range waiting + more {
			if err := s.Put(t.Context(), store.Told, fmt.Sprint(i), aNote(i)); err != nil {
				t.Fatal(err)
			}
		}
		if n, said := s.Stats().Lost, log.count("was not kept"); n != more || said != 1 {
			t.Errorf("%d are lost, not %d, and it was said %d times", n, more, said)
		}
	})
	t.Run("a stranger's value is in the way", func(t *testing.T) {
		server := redistest.Start(t)
		var log lines
		s := replica(t, server.URL(), logging(&log))
		ctx, c := t.Context(), server.Client()
		s.Once(ctx, store.Told, "x")
		keys := c.Keys(ctx, "*:told:x").Val()
		if len(keys) != 1 {
			t.Fatalf("keys %q", keys)
		}
		c.Del(ctx, keys[0])
		c.LPush(ctx, keys[0], "a list")
		s.Forget(ctx, store.Told, "x")
		if st := s.Stats(); st.Lost != 1 || !st.Up || log.count("was not kept") != 1 {
			t.Errorf("%+v, said %d times", st, log.count("was not kept"))
		}
	})
}

// TestStoreStrangers: what somebody else wrote to Redis is refused, whatever it is, and stops nothing.
func TestStoreStrangers(t *testing.T) {
	server := redistest.Start(t)
	one, other := lived(t, server.URL()), replica(t, server.URL())
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
