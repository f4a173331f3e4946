package store

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

func TestRecentIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	r := NewRecent[int](3, time.Minute, func() time.Time { return now })
	all := func() (found []string) {
		r.each(func(key string, v int) { found = append(found, key+"="+strconv.Itoa(v)) })
		return found
	}
	for i, key := range []string{"a", "b", "c", "d"} {
		if !r.Add(key, i) {
			t.Errorf("%s was there", key)
		}
	}
	if r.Add("d", 9) {
		t.Error("d was added twice")
	}
	r.Set("b", 5) // gone for want of room, hence the youngest
	r.Forget("c")
	r.Set("d", 6)
	if got, want := all(), []string{"b=5", "d=6"}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	now = now.Add(time.Minute + 1)
	if _, ok := r.Get("b"); ok || len(all()) != 0 {
		t.Error("what is too old is remembered")
	}
	r.Add("e", 7)
	if len(r.byKey) != 1 || r.order.Len() != 1 {
		t.Errorf("%d and %d are kept, not 1", len(r.byKey), r.order.Len())
	}
}

// TestRecentIsFull: what is there already is not new, also where there is no room, and drives nothing else out.
func TestRecentIsFull(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	r := NewRecent[int](3, time.Minute, func() time.Time { return now })
	for i, key := range []string{"a", "b", "c"} {
		r.Add(key, i)
	}
	for _, key := range []string{"a", "b", "c", "a"} {
		if r.Add(key, 9) {
			t.Errorf("%s was added twice", key)
		}
	}
	for i, key := range []string{"a", "b", "c"} {
		if v, ok := r.Get(key); !ok || v != i {
			t.Errorf("%s is %d, %v", key, v, ok)
		}
	}
}

// BenchmarkRecentSet replaces what is remembered, which costs the same however much that is.
func BenchmarkRecentSet(b *testing.B) {
	for _, n := range []int{100, 10000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			r := NewRecent[int](n, time.Hour, time.Now)
			keys := make([]string, n)
			for i := range keys {
				keys[i] = strconv.Itoa(i)
				r.Add(keys[i], i)
			}
			for i := 0; b.Loop(); i++ {
				r.Set(keys[i%n], i)
			}
		})
	}
}
