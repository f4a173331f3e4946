package main

import (
	"strings"
	"testing"

	"jwt-check-bot/bot/store/redistest"
)

// TestDoctorAsksTheStore: the store is looked at, and nothing of its password printed.
func TestDoctorAsksTheStore(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "hunter2")
	address := server.Addr()
	for _, c := range []struct{ url, file, want string }{
		{"", "", "ok   store: the memory of this process"},
		{"memory:", "", "ok   store: the memory of this process"},
		{"redis://:hunter2@" + address, "", "ok   store: Redis at " + address + " can be written to"},
		{"", "redis://:hunter2@" + address + "\n", "ok   store: Redis at " + address + " can be written to"},
		{"redis://:hunter3@" + address, "", "fail store: Redis at " + address + " cannot be used: it refuses the user or the password"},
		{"rediss://:hunter2@" + address, "", "fail store: Redis at " + address + ": "},
		{"redis://:hunter2@127.0.0.1:1", "", "fail store: Redis at 127.0.0.1:1: it cannot be reached"},
	} {
		t.Setenv("JWT_CHECK_STORE_URL", c.url)
		t.Setenv("JWT_CHECK_STORE_URL_FILE", "")
		if c.file != "" {
			t.Setenv("JWT_CHECK_STORE_URL_FILE", writeTemp(t, "store-url", c.file))
		}
		d := &doctor{patience: step}
		set, err := readSettings(false)
		var got strings.Builder
		_ = report(&got, append(configuration(err), d.store(t.Context(), set)...))
		if !strings.Contains(got.String(), c.want) || strings.Contains(got.String(), "hunter") {
			t.Errorf("%q is not in\n%s", c.want, got.String())
		}
	}
}
