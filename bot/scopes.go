package bot

import "slices"

// Scope is a permission of the bot token, with its reason and what its lack costs, for operators.
type Scope struct {
	Name, Why, Cost string
	Watching        bool // needed only where channels are watched
}

// Scopes are all that the bot makes use of. A test compares them with the manifest, and both with what
// the code calls and listens to.
var Scopes = []Scope{
	{Name: "commands", Why: "`/jwt-check`, and “Check a JWT” in a message's menu", Cost: "neither the command nor the entry in a message's menu is there"},
	{Name: "chat:write", Why: "the summary, in channels that the bot was invited to, and what is said to one person alone", Cost: "no summary can be posted"},
	{Name: "app_mentions:read", Why: "Slack has no commands in threads: a mention there is answered with a button", Cost: "a mention of the bot goes unanswered"},
	{Name: "channels:read", Why: "whether another organisation reads a public channel, and whether the bot may post there: asked before anything is shown", Cost: "every public channel counts as shared with another organisation"},
	{Name: "groups:read", Why: "the same for private channels", Cost: "every private channel counts as shared with another organisation"},
	{Name: "users:read", Why: "whether who asks is a guest, or of another organisation: both are refused", Cost: "everybody is refused, since nobody can be told from a guest"},
	{Name: "channels:history", Why: "the messages of public channels that the bot is in", Cost: "public channels are not watched", Watching: true},
	{Name: "groups:history", Why: "the messages of private channels that the bot is in", Cost: "private channels are not watched", Watching: true},
}

// MissingScopes are those of Scopes that are not granted, of those for watching only if channels are
// watched.
func MissingScopes(granted []string, watching bool) []Scope {
	return slices.DeleteFunc(slices.Clone(Scopes), func(s Scope) bool {
		return s.Watching && !watching || slices.Contains(granted, s.Name)
	})
}

// checkScopes logs what is missing and what that costs; nil means that Slack did not say what is granted.
func (a *App) checkScopes(granted []string) {
	if granted == nil {
		return
	}
	for _, s := range MissingScopes(granted, len(a.watch.globs) > 0) {
		a.log.Warn("a scope is missing: replace the app's manifest by what jwt-check-bot manifest prints, and install the app again", "scope", s.Name, "cost", s.Cost)
	}
}
