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
		{"all there", all, "inc*", 0, []string{"ok   scopes: commands, chat:write, app_mentions:read, channels:read, groups:read, users:read, channels:history, groups:history, as needed"}},
		{"none there", bot.Manifest, "inc*", 2, []string{"warn scopes: missing channels:history, without which public channels are not watched. ", "warn scopes: missing groups:history, ",
			"fail scopes: no channel can be watched. Replace the app's manifest by what jwt-check-bot manifest --watch prints"}},
		{"public alone", []byte(strings.Replace(string(all), ",\n        \"groups:history\"", "", 1)), "inc*", 0,
			[]string{"warn scopes: missing groups:history, without which private channels are not watched. "}},
		{"granted for nothing", all, "", 0, []string{"warn scopes: .* more than the bot needs: channels:history, groups:history"}},
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
