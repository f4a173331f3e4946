package main

import (
	"encoding/json"
	"slices"
	"strings"

	"jwt-check-bot/bot"
)

// neededScopes are the manifest's.
func neededScopes() []string {
	var manifest struct {
		OAuth struct {
			Scopes struct {
				Bot []string `json:"bot"`
			} `json:"scopes"`
		} `json:"oauth_config"`
	}
	_ = json.Unmarshal(bot.Manifest, &manifest) // it is embedded; a test reads it
	return manifest.OAuth.Scopes.Bot
}

func scopes(granted, needed []string) finding {
	if granted == nil {
		return warn("scopes: Slack did not say which are granted; needed are %s. Compare under OAuth & Permissions", strings.Join(needed, ", "))
	}
	var missing, spare []string
	for _, s := range needed {
		if !slices.Contains(granted, s) {
			missing = append(missing, s)
		}
	}
	for _, s := range granted {
		if !slices.Contains(needed, s) {
			spare = append(spare, public(s))
		}
	}
	switch {
	case len(missing) > 0:
		return wrong("scopes: missing %s. Add what is missing under OAuth & Permissions (or replace the manifest by what jwt-check-bot manifest prints) and install the app again", strings.Join(missing, ", "))
	case len(spare) > 0:
		return warn("scopes: %s are granted, and more than the bot needs: %s. Take away what nothing else uses, and install the app again", strings.Join(needed, ", "), strings.Join(spare, ", "))
	}
	return fine("scopes: %s, as needed", strings.Join(needed, ", "))
}

// watching says whether the channels that are to be watched can be. Each kind of channel has scopes of
// its own, and one kind alone may be what is wanted.
func watching(granted, globs []string) []finding {
	if len(globs) == 0 || granted == nil {
		return nil
	}
	public, private := bot.WatchScopes(globs)
	lackPublic, lackPrivate := lacking(granted, public), lacking(granted, private)
	const mend = "Replace the app's manifest by what jwt-check-bot manifest --watch prints and install the app again, or unset JWT_CHECK_WATCH_CHANNELS"
	switch {
	case len(lackPublic) > 0 && len(lackPrivate) > 0:
		return []finding{wrong("watching: no channel can be watched: missing %s. %s", strings.Join(slices.Concat(lackPublic, lackPrivate), ", "), mend)}
	case len(lackPublic) > 0:
		return []finding{warn("watching: public channels are not watched: missing %s. %s", strings.Join(lackPublic, ", "), mend)}
	case len(lackPrivate) > 0:
		return []finding{warn("watching: private channels are not watched: missing %s. %s", strings.Join(lackPrivate, ", "), mend)}
	}
	return []finding{fine("watching: %s, as needed", strings.Join(slices.Concat(public, private), ", "))}
}

func lacking(granted, needed []string) []string {
	return slices.DeleteFunc(slices.Clone(needed), func(s string) bool { return slices.Contains(granted, s) })
}

// without leaves out what is granted for watching alone, which is not spare while something is watched.
func without(granted, globs []string) []string {
	public, private := bot.WatchScopes(globs)
	return slices.DeleteFunc(slices.Clone(granted), func(s string) bool { return slices.Contains(slices.Concat(public, private), s) })
}
