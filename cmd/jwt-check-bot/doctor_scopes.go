package main

import (
	"slices"
	"strings"

	"jwt-check-bot/bot"
)

// scopes compares what is granted with what the bot makes use of. Each kind of channel can be watched
// without the other, so what only watching lacks is no fault.
func scopes(granted []string, watching bool) []finding {
	var needed, missing, spare []string
	var lacks []finding
	for _, s := range bot.Scopes {
		if !s.Watching || watching {
			needed = append(needed, s.Name)
		}
	}
	if granted == nil {
		return []finding{warn("scopes: Slack did not say which are granted; needed are %s. Compare under OAuth & Permissions", strings.Join(needed, ", "))}
	}
	mend := "Replace the app's manifest by what jwt-check-bot manifest prints and install the app again"
	if watching {
		mend = "Replace the app's manifest by what jwt-check-bot manifest --watch prints and install the app again, or unset JWT_CHECK_WATCH_CHANNELS"
	}
	for _, s := range bot.MissingScopes(granted, watching) {
		missing = append(missing, s.Name)
		if s.Watching {
			lacks = append(lacks, warn("scopes: missing %s, without which %s. %s", s.Name, s.Cost, mend))
		} else {
			lacks = append(lacks, wrong("scopes: missing %s, without which %s. %s", s.Name, s.Cost, mend))
		}
	}
	if watching && slices.Contains(missing, "channels:history") && slices.Contains(missing, "groups:history") {
		lacks = append(lacks, wrong("scopes: no channel can be watched. %s", mend))
	}
	for _, s := range granted {
		if !slices.Contains(needed, s) {
			spare = append(spare, public(s))
		}
	}
	switch {
	case len(lacks) > 0:
		return lacks
	case len(spare) > 0:
		return []finding{warn("scopes: %s are granted, and more than the bot needs: %s. Take away what nothing else uses, and install the app again", strings.Join(needed, ", "), strings.Join(spare, ", "))}
	}
	return []finding{fine("scopes: %s, as needed", strings.Join(needed, ", "))}
}
