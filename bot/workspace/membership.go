package workspace

import (
	"slices"
	"strings"
)

// ownCommands are Slack's own that this workspace has. They go to no app.
var ownCommands = []string{"/invite", "/remove"}

// manage runs one of Slack's own commands: who is a member of the channel.
func (p *Person) manage(channel, command, text string) error {
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	u, c, err := p.in(channel)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(text, "@"), " ")
	i := slices.IndexFunc(w.users, func(u *User) bool { return u.Name == name && u.ID != Slack })
	switch {
	case c.IsIM:
		return say("%s does not work in a direct message.", command)
	case u.IsStranger || u.IsRestricted || u.IsUltraRestricted:
		return say("You may not %s anybody here.", command[1:])
	case i < 0:
		return say("Write %s and a name, such as %s @%s.", command, command, w.manifest.botName())
	}
	who := w.users[i]
	done := "is in #" + c.Name + " now."
	switch {
	case command == "/invite":
		c.Add(who.ID)
	case who.ID == u.ID:
		return sentence("You cannot remove yourself.")
	default:
		c.Remove(who.ID)
		done = "is not in #" + c.Name + " any more."
	}
	w.post(c, &message{user: Slack, text: escape(who.Name + " " + done), to: u.ID})
	return nil
}
