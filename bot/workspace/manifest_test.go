package workspace

import (
	"strings"
	"testing"
)

func TestManifest(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"good", ``, ``, ""},
		{"no name", `"name": "JWT Check"`, `"name": ""`, "display_information.name has 0 characters"},
		{"long name", `"name": "JWT Check"`, `"name": "` + strings.Repeat("x", 36) + `"`, "display_information.name has 36 characters"},
		{"no bot", `"display_name": "jwt-check"`, `"display_name": ""`, "features.bot_user.display_name"},
		{"a command without slash", `"command": "/jwt-check"`, `"command": "jwt-check"`, "is not a slash and lower-case letters"},
		{"a command without description", `"description": "Checks a token"`, `"description": ""`, "/jwt-check: description has 0 characters"},
		{"a long shortcut", `"name": "Check a JWT"`, `"name": "` + strings.Repeat("x", 25) + `"`, "shortcut name has 25 characters"},
		{"a shortcut of another type", `"type": "global"`, `"type": "channel"`, `shortcut type "channel"`},
		{"no scope for commands", `"commands", `, ``, "need the scope commands"},
		{"no Socket Mode", `"socket_mode_enabled": true`, `"socket_mode_enabled": false`, "socket_mode_enabled is not true"},
		{"an unknown event", `"app_mention"`, `"app_mentioned"`, `no event "app_mentioned"`},
		{"a home tab that nobody fills", `, "app_home_opened"`, ``, "without the event app_home_opened"},
		{"no JSON", `{`, `[`, "not JSON of the right shape"},
	} {
		w, err := New(Options{Manifest: []byte(strings.Replace(testManifest, c.old, c.new, 1))})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			} else {
				w.Close()
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a workspace without a manifest")
	}
}
