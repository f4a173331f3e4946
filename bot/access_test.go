package bot

import (
	"strings"
	"testing"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/redact"
)

// TestRules is the table of what the rules say, each row with what Slack says and what follows.
func TestRules(t *testing.T) {
	client, err := slack.New(slack.Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret("xoxb-1")})
	if err != nil {
		t.Fatal(err)
	}
	us := slack.Identity{Team: "T1", Enterprise: "E1"}
	ana := slack.Member{ID: "U1", Team: "T1"}
	internal := slack.Channel{ID: "C1", Name: "incidents", Member: true}
	with := func(c slack.Channel, change func(*slack.Channel)) slack.Channel { change(&c); return c }
	shared := with(internal, func(c *slack.Channel) { c.ExtShared = true })
	pending := with(internal, func(c *slack.Channel) { c.PendingExtShared = true })
	said := func(code string) error { return &slack.Error{Method: "x", Code: code} }
	here := place{Channel: "C1", ChannelName: "incidents", User: "U1"}
	home := place{User: "U1"}
	all := []External{ExternalRefuse, ExternalPrivate, ExternalAllow, ""}
	const refused, private, mendable, open = "refused", "private", "mendable", "open"

	for _, c := range []struct {
		name     string
		at       place
		facts    facts
		external []External
		channels string
		want     string
	}{
		{"a member in an internal channel", here, facts{us: us, person: ana, channel: internal}, all, "", open},
		{"a guest", here, facts{us: us, person: slack.Member{Team: "T1", Guest: true}, channel: internal}, all, "", refused},
		{"of another organisation", here, facts{us: us, person: slack.Member{Team: "T2", Stranger: true}, channel: internal}, all, "", refused},
		{"of another team, and nobody says that it is ours", here, facts{us: us, person: slack.Member{Team: "T2"}, channel: internal}, all, "", refused},
		{"of another team of our enterprise", here, facts{us: us, person: slack.Member{Team: "T2", Enterprise: "E1"}, channel: internal}, all, "", open},
		{"of another team, where we are of no enterprise", here, facts{us: slack.Identity{Team: "T1"}, person: slack.Member{Team: "T2"}, channel: internal}, all, "", refused},
		{"a guest of another team of our enterprise", here, facts{us: us, person: slack.Member{Team: "T2", Enterprise: "E1", Guest: true}, channel: internal}, all, "", refused},
		{"somebody Slack does not show us", here, facts{us: us, personErr: said("user_not_visible"), channel: internal}, all, "", refused},
		{"no scope to ask who it is", here, facts{us: us, personErr: said("missing_scope"), channel: internal}, all, "", refused},
		{"not known in time", here, facts{us: us, personErr: errLate, channel: internal}, all, "", refused},

		{"shared, refuse", here, facts{us: us, person: ana, channel: shared}, []External{ExternalRefuse}, "", refused},
		{"shared, private", here, facts{us: us, person: ana, channel: shared}, []External{ExternalPrivate, ""}, "", private},
		{"shared, allow", here, facts{us: us, person: ana, channel: shared}, []External{ExternalAllow}, "", open},
		{"invited, refuse", here, facts{us: us, person: ana, channel: pending}, []External{ExternalRefuse}, "", refused},
		{"invited, private", here, facts{us: us, person: ana, channel: pending}, []External{ExternalPrivate}, "", private},
		{"shared within the organisation", here, facts{us: us, person: ana, channel: with(internal, func(c *slack.Channel) { c.OrgShared = true })}, all, "", open},
		{"unsaid, refuse", here, facts{us: us, person: ana, channelErr: said("missing_scope")}, []External{ExternalRefuse}, "", refused},
		{"unsaid, private", here, facts{us: us, person: ana, channelErr: said("internal_error")}, []External{ExternalPrivate}, "", mendable},
		{"unsaid in time, private", here, facts{us: us, person: ana, channelErr: errLate}, []External{ExternalPrivate}, "", mendable},
		{"unsaid, allow", here, facts{us: us, person: ana, channelErr: said("ratelimited")}, []External{ExternalAllow}, "", open},
		{"people among themselves", place{Channel: "D9", User: "U1"}, facts{us: us, person: ana, channelErr: said("channel_not_found")}, []External{ExternalPrivate}, "", private},
		{"several people among themselves", place{Channel: "C9", ChannelName: "mpdm-ana--ben-1", User: "U1"}, facts{us: us, person: ana, channelErr: said("channel_not_found")}, []External{ExternalPrivate}, "", private},
		{"people among themselves, refuse", place{Channel: "D9", User: "U1"}, facts{us: us, person: ana, channelErr: said("missing_scope")}, []External{ExternalRefuse}, "", refused},
		{"a private channel without the bot", place{Channel: "C9", ChannelName: "privategroup", User: "U1"}, facts{us: us, person: ana, channelErr: said("channel_not_found")}, []External{ExternalPrivate}, "", mendable},
		{"the requester's own conversation with the bot", place{Channel: "D1", User: "U1"}, facts{us: us, person: ana}, all, "", open},
		{"somebody else's", place{Channel: "D1", User: "U2"}, facts{us: us, person: ana, channelErr: said("missing_scope")}, []External{ExternalPrivate}, "", private},

		{"not invited", here, facts{us: us, person: ana, channel: with(internal, func(c *slack.Channel) { c.Member = false })}, all, "", mendable},
		{"shared and not invited", here, facts{us: us, person: ana, channel: with(shared, func(c *slack.Channel) { c.Member = false })}, []External{ExternalPrivate}, "", private},
		{"archived", here, facts{us: us, person: ana, channel: with(internal, func(c *slack.Channel) { c.Archived = true })}, all, "", private},
		{"read-only", here, facts{us: us, person: ana, channel: with(internal, func(c *slack.Channel) { c.ReadOnly = true })}, all, "", mendable},

		{"a listed channel", here, facts{us: us, person: ana, channel: internal}, all, "inc*", open},
		{"an unlisted one", here, facts{us: us, person: ana, channel: internal}, all, "sec C9", refused},
		{"listed by its ID", here, facts{us: us, person: ana, channel: internal}, all, "C1", open},
		{"renamed since the form opened", here, facts{us: us, person: ana, channel: with(internal, func(c *slack.Channel) { c.Name = "lounge" })}, all, "inc*", refused},
		{"the home tab", home, facts{us: us, person: ana}, all, "", private},
		{"the home tab, where channels are listed", home, facts{us: us, person: ana}, all, "inc*", refused},
		{"the own conversation, where channels are listed", place{Channel: "D1", User: "U1"}, facts{us: us, person: ana}, all, "inc*", refused},
	} {
		for _, external := range c.external {
			g := newGate(Options{Slack: client, Channels: strings.Fields(c.channels), External: external, Now: time.Now})
			g.opened("U1", "D1")
			r := g.judge(c.at, c.facts)
			got := open
			switch {
			case !r.refusal.IsZero():
				got = refused
			case r.mendable:
				got = mendable
			case !r.private.IsZero():
				got = private
			}
			if got != c.want {
				t.Errorf("%s, %q: %s, want %s", c.name, external, got, c.want)
			}
			if (got == open) != (r.rule == "") || r.postable() != (got == open || got == mendable || got == refused) {
				t.Errorf("%s, %q: %+v", c.name, external, r)
			}
		}
	}
}

// TestNoInvitationBetweenPeople: where /invite does not work nobody is told to type it, nor to add a scope.
func TestNoInvitationBetweenPeople(t *testing.T) {
	client, err := slack.New(slack.Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret("xoxb-1")})
	if err != nil {
		t.Fatal(err)
	}
	for _, external := range []External{ExternalRefuse, ExternalPrivate} {
		g := newGate(Options{Slack: client, External: external, Now: time.Now})
		for _, code := range []string{"channel_not_found", "missing_scope"} {
			r := g.audience(place{Channel: "D9"}, facts{channelErr: &slack.Error{Code: code, Needed: "im:read"}})
			says := r.refusal.String() + r.private.String()
			if !strings.Contains(says, "between people") || strings.Contains(says, "invite") || strings.Contains(says, "scope") {
				t.Errorf("%s, %s: %s", external, code, says)
			}
		}
	}
}
