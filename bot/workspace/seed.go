package workspace

import (
	"slices"
	"time"
)

// The people, the app and the channels of every workspace.
const (
	TeamID  = "T0ACME"
	AppID   = "A0APP"
	BotID   = "B0BOT"
	BotUser = "U0BOT"

	Ana   = "U0ANA"   // on call, in Madrid
	Ben   = "U0BEN"   // in New York
	Gus   = "U0GUEST" // a guest of the team
	Olu   = "U0EXT"   // of another organisation
	Slack = "USLACKBOT"
	CI    = "U0CI" // another app's bot

	Incidents = "C0INC" // the app is a member; holds an incident
	General   = "C0GEN" // the app is not a member
	Security  = "G0SEC" // private, the app is not a member
	Partners  = "C0EXT" // shared with another organisation, the app is a member

	otherTeamID = "T0OTHER"
	otherBotID  = "B0CI"
	otherAppID  = "A0CI"
)

// Team is the organisation that the app is installed in.
type Team struct {
	Name   string `json:"name"`
	Domain string `json:"domain"`
}

// User is a person, or the app's own user.
type User struct {
	ID                string `json:"id"`
	Name              string `json:"name"`
	RealName          string `json:"real_name"`
	IsBot             bool   `json:"is_bot"`
	IsRestricted      bool   `json:"is_restricted"`       // a guest
	IsUltraRestricted bool   `json:"is_ultra_restricted"` // a guest of a single channel
	IsStranger        bool   `json:"is_stranger"`         // of another organisation
	TZ                string `json:"-"`
	Locale            string `json:"-"` // such as es-ES; default en-US
	TeamID            string `json:"-"`
}

// Channel is what SetChannel may change of one.
type Channel struct {
	ID, Name           string
	IsPrivate          bool
	IsArchived         bool
	IsExtShared        bool
	IsPendingExtShared bool // another organisation is invited, and has not accepted yet
	IsIM               bool
	Restricted         string   // what Slack says to a post of the app's, such as restricted_action_read_only_channel; "" if it may
	Members            []string // user IDs; BotUser where the app is a member
}

// Has says whether the user is a member.
func (c *Channel) Has(user string) bool { return slices.Contains(c.Members, user) }

// Add makes the user a member.
func (c *Channel) Add(user string) {
	if !c.Has(user) {
		c.Members = append(c.Members, user)
	}
}

// Remove ends the user's membership.
func (c *Channel) Remove(user string) {
	c.Members = slices.DeleteFunc(c.Members, func(m string) bool { return m == user })
}

// seeded is how many messages the incident has from the beginning.
const seeded = 3

// seed fills the workspace with its people and an incident a few minutes old.
func (w *Workspace) seed() {
	w.users = []*User{
		{ID: Ana, Name: "ana", RealName: "Ana Ruiz", TZ: "Europe/Madrid", Locale: "es-ES", TeamID: TeamID},
		{ID: Ben, Name: "ben", RealName: "Ben Ode", TZ: "America/New_York", TeamID: TeamID},
		{ID: Gus, Name: "gus", RealName: "Gus Guest", TZ: "Europe/London", TeamID: TeamID, IsRestricted: true},
		{ID: Olu, Name: "olu", RealName: "Olu Partner", TZ: "Africa/Lagos", TeamID: otherTeamID, IsStranger: true},
		{ID: BotUser, Name: w.manifest.botName(), RealName: w.manifest.botName(), TZ: "America/Los_Angeles", TeamID: TeamID, IsBot: true},
		{ID: CI, Name: "ci", RealName: "ci", TZ: "America/Los_Angeles", TeamID: TeamID, IsBot: true},
		{ID: Slack, Name: "slackbot", RealName: "Slackbot", TZ: "America/Los_Angeles", TeamID: TeamID},
	}
	w.channels = []*channel{
		{Channel: Channel{ID: Incidents, Name: "incidents", Members: []string{Ana, Ben, Gus, BotUser}}},
		{Channel: Channel{ID: General, Name: "general", Members: []string{Ana, Ben}}},
		{Channel: Channel{ID: Security, Name: "sec", IsPrivate: true, Members: []string{Ana, Ben}}},
		{Channel: Channel{ID: Partners, Name: "partners", IsExtShared: true, Members: []string{Ana, Ben, Olu, BotUser}}},
	}
	now := w.opt.Now()
	incident := w.channel(Incidents)
	say := func(ago time.Duration, user, thread, text string) string {
		m := &message{ts: w.stamp(now.Add(-ago)), threadTS: thread, user: user, text: text, clientID: uuid()}
		incident.messages = append(incident.messages, m)
		return m.ts
	}
	since := now.Add(-10 * time.Minute).UTC().Format("15:04")
	root := say(4*time.Minute, Ben, "", "🔥 checkout API answers 401 since "+since+" UTC, error rate 38 %")
	say(3*time.Minute, Ana, root, "I'm on it. Nothing was deployed this morning. Which client is it?")
	say(2*time.Minute, Ben, root, "Only the mobile app, as far as I can see. I can send you the header it uses.")
}
