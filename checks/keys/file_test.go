package keys

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFileIsReadAgainWhenItChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	s := newSource(t, Options{})
	o := Origin{Issuer: "https://issuer.example", JWKSURL: "https://issuer.example/keys", JWKSFile: path}
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	write := func(body string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	want(t, s.get1(o, ""), false, "the key set file could not be had: there is no such file")
	const problem = "the key set file could not be refreshed: "
	write(jwks("one"))
	e := s.get1(o, "one")
	want(t, e, true, "", "one")
	if shown(e.Source) != "the key set file" || !e.Fetched.IsZero() {
		t.Errorf("%q, %v", shown(e.Source), e.Fetched)
	}
	if again := s.get1(o, "two"); again.Set != e.Set {
		t.Error("read again though nothing changed")
	}
	write(jwks("two"))
	want(t, s.get1(o, ""), true, "", "two")
	write("not JSON")
	want(t, s.get1(o, ""), false, problem+"the document is not JSON", "two")
	want(t, s.get1(o, ""), false, problem+"the document is not JSON", "two")
	write(`{"keys":[]}` + strings.Repeat(" ", maxDocument))
	want(t, s.get1(o, ""), false, problem+"the document is larger than 1 MiB", "two")
	write(jwks("one", "three"))
	want(t, s.get1(o, ""), true, "", "one", "three")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want(t, s.get1(o, ""), false, problem+"there is no such file", "one", "three")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	want(t, s.get1(o, ""), false, problem+"it is not a regular file", "one", "three")
}
