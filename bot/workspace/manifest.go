package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// manifest is the part of a Slack app manifest that a workspace acts on.
type manifest struct {
	Display struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Long        string `json:"long_description"`
	} `json:"display_information"`
	Features struct {
		BotUser struct {
			Name string `json:"display_name"`
		} `json:"bot_user"`
		Home struct {
			Enabled  bool `json:"home_tab_enabled"`
			Messages bool `json:"messages_tab_enabled"`
		} `json:"app_home"`
		Commands  []Command  `json:"slash_commands"`
		Shortcuts []Shortcut `json:"shortcuts"`
	} `json:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `json:"bot"`
		} `json:"scopes"`
	} `json:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `json:"bot_events"`
		} `json:"event_subscriptions"`
		Interactivity struct {
			Enabled bool `json:"is_enabled"`
		} `json:"interactivity"`
		SocketMode bool `json:"socket_mode_enabled"`
	} `json:"settings"`
}

// Command is a slash command of the app.
type Command struct {
	Command      string `json:"command"`
	Description  string `json:"description"`
	UsageHint    string `json:"usage_hint"`
	ShouldEscape bool   `json:"should_escape,omitempty"`
}

// Shortcut is an entry of a message's menu (type message) or of the lightning menu (type global).
type Shortcut struct {
	Name        string `json:"name"`
	CallbackID  string `json:"callback_id"`
	Type        string `json:"type,omitempty"`
	Description string `json:"description,omitempty"`
}

// eventScopes: which scope an event needs besides its subscription.
var eventScopes = map[string]string{
	"app_mention":      "app_mentions:read",
	"message.channels": "channels:history",
	"message.groups":   "groups:history",
	"message.im":       "im:history",
	"app_home_opened":  "",
}

// EventScope is the scope that an event needs, if any; known is false for one that is not here.
func EventScope(event string) (scope string, known bool) {
	scope, known = eventScopes[event]
	return scope, known
}

func readManifest(data []byte) (manifest, error) {
	var m manifest
	if len(data) == 0 {
		return m, errors.New("none given")
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("not JSON of the right shape: %w", err)
	}
	return m, m.check()
}

// check holds the manifest to what Slack's schema and "create app from manifest" demand.
func (m manifest) check() error {
	var wrong []error
	limit := func(what, text string, least, most int) {
		if n := utf8.RuneCountInString(text); n < least || n > most {
			wrong = append(wrong, fmt.Errorf("%s has %d characters, not %d to %d", what, n, least, most))
		}
	}
	limit("display_information.name", m.Display.Name, 1, 35)
	limit("display_information.description", m.Display.Description, 0, 140)
	if m.Display.Long != "" {
		limit("display_information.long_description", m.Display.Long, 175, 4000)
	}
	limit("features.bot_user.display_name", m.Features.BotUser.Name, 1, 80)
	if len(m.Features.Commands) > 50 {
		wrong = append(wrong, errors.New("more than 50 slash_commands"))
	}
	for _, c := range m.Features.Commands {
		limit("slash command", c.Command, 2, 32)
		limit(c.Command+": description", c.Description, 1, 2000)
		limit(c.Command+": usage_hint", c.UsageHint, 0, 1000)
		if !strings.HasPrefix(c.Command, "/") || strings.ContainsAny(c.Command, " \t") || c.Command != strings.ToLower(c.Command) {
			wrong = append(wrong, fmt.Errorf("slash command %q is not a slash and lower-case letters", c.Command))
		}
	}
	kinds := map[string]int{}
	for _, s := range m.Features.Shortcuts {
		limit("shortcut name", s.Name, 1, 24)
		limit("shortcut callback_id", s.CallbackID, 1, 255)
		limit("shortcut description", s.Description, 1, 150)
		kinds[s.Type]++
		if s.Type != "message" && s.Type != "global" {
			wrong = append(wrong, fmt.Errorf("shortcut type %q", s.Type))
		}
	}
	if kinds["message"] > 5 || kinds["global"] > 5 {
		wrong = append(wrong, errors.New("more than five shortcuts of one type"))
	}
	if len(m.Features.Commands)+len(m.Features.Shortcuts) > 0 && !m.granted("commands") {
		wrong = append(wrong, errors.New("slash commands and shortcuts need the scope commands"))
	}
	if m.Features.Home.Enabled && !slices.Contains(m.Settings.Events.Bot, "app_home_opened") {
		wrong = append(wrong, errors.New("a home tab without the event app_home_opened stays empty"))
	}
	if !m.Settings.SocketMode {
		wrong = append(wrong, errors.New("settings.socket_mode_enabled is not true"))
	}
	for _, e := range m.Settings.Events.Bot {
		if _, ok := eventScopes[e]; !ok {
			wrong = append(wrong, fmt.Errorf("this workspace has no event %q", e))
		}
	}
	return errors.Join(wrong...)
}

func (m manifest) botName() string { return m.Features.BotUser.Name }

func (m manifest) granted(scope string) bool { return slices.Contains(m.OAuth.Scopes.Bot, scope) }

// listens says whether the app subscribes to the event and has the scope for it.
func (m manifest) listens(event string) bool {
	scope := eventScopes[event]
	return slices.Contains(m.Settings.Events.Bot, event) && (scope == "" || m.granted(scope))
}

func (m manifest) command(name string) (Command, bool) {
	i := slices.IndexFunc(m.Features.Commands, func(c Command) bool { return c.Command == name })
	if i < 0 {
		return Command{}, false
	}
	return m.Features.Commands[i], true
}

func (m manifest) shortcut(callbackID string) (Shortcut, bool) {
	i := slices.IndexFunc(m.Features.Shortcuts, func(s Shortcut) bool { return s.CallbackID == callbackID })
	if i < 0 {
		return Shortcut{}, false
	}
	return m.Features.Shortcuts[i], true
}
