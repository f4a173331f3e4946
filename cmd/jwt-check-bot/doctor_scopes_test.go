package main

import (
	"net/http"
	"strings"
	"testing"

	"jwt-check-bot/bot"
)

func TestDoctorOnWatching(t *testing.T) {
	all := bot.ManifestFor(true)
	for _, c := range []struct {
		name     string
		manifest []byte
		globs    string
		status   int
		want     []string
	}{
		{"all there", all, "inc*", 0, []string{"ok   scopes: commands, chat:write, app_mentions:read, as needed",
			"ok   watching: channels:history, channels:read, groups:history, groups:read, as needed"}},
		{"none there", bot.Manifest, "inc*", 2, []string{"ok   scopes: ",
			"fail watching: no channel can be watched: missing channels:history, channels:read, groups:history, groups:read. Replace the app's manifest"}},
		{"public alone", []byte(strings.Replace(string(all), ",\n        \"groups:history\",\n        \"groups:read\"", "", 1)), "inc*", 0,
			[]string{"ok   scopes: ", "warn watching: private channels are not watched: missing groups:history, groups:read. "}},
		{"names are not needed", all, "C0INC", 0, []string{"warn scopes: .* more than the bot needs: channels:read, groups:read", "ok   watching: channels:history, groups:history, as needed"}},
		{"granted for nothing", all, "", 0, []string{"warn scopes: .* more than the bot needs: channels:history, channels:read, groups:history, groups:read"}},
		{"unreadable", all, "[", 2, []string{"fail JWT_CHECK_WATCH_CHANNELS has a glob that is none"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			leakless(t)
			w := newSlack(t, c.manifest)
			slackVariables(t, w)
			t.Setenv("JWT_CHECK_WATCH_CHANNELS", c.globs)
			profileVariables(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(productionKeys(t)) })
			got, status := consult(t, patient)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			wantLines(t, got, c.want...)
		})
	}
}
