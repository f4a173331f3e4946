package slack

import (
	"bytes"
	"context"
	"net/url"
	"strings"

	slackgo "github.com/slack-go/slack"

	"jwt-check-bot/redact"
)

// OpenView opens a modal. The trigger lives for 3 s and is good for once, so the call ends within
// 2.5 s and is not repeated.
func (c *Client) OpenView(ctx context.Context, trigger string, m Modal) (view string, err error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	err = c.call(ctx, "views.open", never, func(ctx context.Context) error {
		b, err := m.appendTo([]byte(`{"view":`))
		if err == nil && !isOpaque(trigger) {
			err = errBadID
		}
		if err != nil {
			return err
		}
		answer, err := c.send(pass(ctx, trigger), "views.open", append(appendMember(b, "trigger_id", trigger), '}'))
		view = answer.view
		return err
	})
	return view, err
}

// PublishHome shows these blocks in the app's home tab, to one person.
func (c *Client) PublishHome(ctx context.Context, user string, blocks []Block) error {
	return c.call(ctx, "views.publish", harmless, func(ctx context.Context) error {
		if !isUser(user) {
			return errBadID
		}
		b := appendBlocks([]byte(`{"view":{"type":"home","blocks":`), shown(blocks, maxInModal, maxInView))
		_, err := c.send(ctx, "views.publish", append(appendMember(append(b, '}'), "user_id", user), '}'))
		return err
	})
}

// UpdateView replaces an open modal, whatever it shows by now.
func (c *Client) UpdateView(ctx context.Context, view string, m Modal) error {
	_, err := c.UpdateViewIf(ctx, view, "", m)
	return err
}

// UpdateViewIf replaces an open modal while its hash is this one, and returns the new one. It is
// repeated only if Slack cannot have done it, since that changes the hash. See ErrViewChanged.
func (c *Client) UpdateViewIf(ctx context.Context, view, hash string, m Modal) (now string, err error) {
	how := harmless
	if hash != "" {
		how = unsent
	}
	err = c.call(ctx, "views.update", how, func(ctx context.Context) error {
		b, err := m.appendTo([]byte(`{"view":`))
		if err == nil && (!isOpaque(view) || hash != "" && !isOpaque(hash)) {
			err = errBadID
		}
		if err != nil {
			return err
		}
		answer, err := c.send(pass(ctx, view, hash), "views.update", append(appendMember(appendMember(b, "hash", hash), "view_id", view), '}'))
		now = answer.hash
		return err
	})
	return now, err
}

// Post posts to a channel, or to a thread of it if thread is not empty, and returns the message's
// timestamp. It is repeated only if Slack cannot have posted it. See ErrParentGone.
func (c *Client) Post(ctx context.Context, channel, thread string, m Message) (ts string, err error) {
	gone := false
	err = c.inTurn(ctx, "chat.postMessage", channel, unsent, func(ctx context.Context) error {
		b, err := m.posted(channel, thread)
		if err != nil {
			return err
		}
		// Slack would fetch every URL in the message, and some of those a stranger wrote.
		b = append(b, `,"unfurl_links":false,"unfurl_media":false,"mrkdwn":false}`...)
		answer, err := c.send(ctx, "chat.postMessage", b)
		ts, gone = answer.ts, thread != "" && answer.posted != "" && answer.thread == ""
		return err
	})
	if err == nil && gone {
		err = ErrParentGone
	}
	return ts, err
}

// Update replaces a message of the bot's. See ErrNotEditable.
func (c *Client) Update(ctx context.Context, channel, ts string, m Message) error {
	return c.inTurn(ctx, "chat.update", channel, harmless, func(ctx context.Context) error {
		b, err := m.posted(channel, "")
		if err == nil && !isTimestamp(ts) {
			err = errBadID
		}
		if err != nil {
			return err
		}
		_, err = c.send(ctx, "chat.update", append(appendMember(b, "ts", ts), '}'))
		return err
	})
}

// Ephemeral shows a message to one member of the channel alone, until they reload. Slack does not
// promise to deliver it, and shows it in a thread only if that is active already.
func (c *Client) Ephemeral(ctx context.Context, channel, user, thread string, m Message) error {
	return c.call(ctx, "chat.postEphemeral", unsent, func(ctx context.Context) error {
		b, err := m.posted(channel, thread)
		if err == nil && !isUser(user) {
			err = errBadID
		}
		if err != nil {
			return err
		}
		_, err = c.send(ctx, "chat.postEphemeral", append(appendMember(b, "user", user), '}'))
		return err
	})
}

// posted begins the object of every way of posting: nothing of the text is parsed.
func (m Message) posted(channel, thread string) ([]byte, error) {
	b, err := m.appendTo([]byte(`{"parse":"none","link_names":false`))
	if err == nil && (!isConversation(channel) || thread != "" && !isTimestamp(thread)) {
		err = errBadID
	}
	if err != nil {
		return nil, err
	}
	return appendMember(appendMember(b, "channel", channel), "thread_ts", thread), nil
}

// respondMethod stands for the method in errors of Respond, whose URL is a secret.
const respondMethod = "response_url"

// Respond answers where an interaction came from, to that person alone. A response URL is good for
// five answers within half an hour, and works where the bot is no member.
func (c *Client) Respond(ctx context.Context, responseURL redact.Secret, m Message) error {
	return c.call(ctx, respondMethod, unsent, func(ctx context.Context) error {
		// Never in_channel: that would show the command as it was typed.
		b, err := m.appendTo([]byte(`{"response_type":"ephemeral","replace_original":false,"delete_original":false`))
		to := c.respondTo(responseURL.Expose())
		if err == nil && to == nil {
			err = errBadURL
		}
		if err != nil {
			return err
		}
		answer, err := c.exchange(ctx, to, "", "application/json; charset=utf-8", append(b, '}'))
		if err != nil || string(bytes.TrimSpace(answer)) == "ok" {
			return err
		}
		var a answered // not everything that answers with 200 has shown something to somebody
		if err := a.read(answer); err != nil || a.ok {
			return err
		}
		return a.refusal()
	})
}

// respondTo reads a response URL, and is nil where answers may not go: they go to Slack alone, whatever
// an envelope says.
func (c *Client) respondTo(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil || u.User != nil {
		return nil
	}
	slacks := u.Scheme == "https" && (u.Host == "hooks.slack.com" || u.Host == "hooks."+c.apiURL.Host)
	played := u.Scheme == c.apiURL.Scheme && u.Host == c.apiURL.Host && c.config.APIURL != slackgo.APIURL
	if !slacks && !played {
		return nil
	}
	return u
}

// Identity is who the bot is and what it may do.
type Identity struct {
	User, Bot, Name            string
	Team, TeamName, Enterprise string
	Scopes                     []string // granted to the bot token; nil if Slack did not say
}

// Identify asks Slack who the bot token belongs to.
func (c *Client) Identify(ctx context.Context) (Identity, error) {
	var id Identity
	err := c.call(ctx, "auth.test", harmless, func(ctx context.Context) error {
		answer, err := c.api.AuthTestContext(ctx)
		if err != nil {
			return err
		}
		id = Identity{
			User: answer.UserID, Bot: answer.BotID, Name: answer.User,
			Team: answer.TeamID, TeamName: answer.Team, Enterprise: answer.EnterpriseID,
		}
		for _, scopes := range answer.Header.Values("X-OAuth-Scopes") {
			for scope := range strings.SplitSeq(scopes, ",") {
				if scope = strings.TrimSpace(scope); scope != "" {
					id.Scopes = append(id.Scopes, scope)
				}
			}
		}
		c.name.Store(&id.Name)
		return nil
	})
	return id, err
}

// Channel is what is known of a conversation.
type Channel struct {
	ID, Name                                       string
	ExtShared, PendingExtShared, OrgShared         bool // ExtShared: people of another organisation read it
	Private, Archived, Member, Direct, GroupDirect bool
	ReadOnly                                       bool // the bot may not post there
}

// Channel looks a conversation up. That is done for each submission, hence without slack-go, which reads
// all that there is of a channel.
func (c *Client) Channel(ctx context.Context, id string) (Channel, error) {
	var found Channel
	err := c.call(ctx, "conversations.info", harmless, func(ctx context.Context) error {
		if !isConversation(id) {
			return errBadID
		}
		answer, err := c.lookUp(ctx, "conversations.info", url.Values{"channel": {id}})
		if err == nil && answer.channel.ID == "" {
			err = errNoAnswer
		}
		found = answer.channel
		return err
	})
	return found, err
}

// Member is what is known of a person.
type Member struct {
	ID, Team, Enterprise, Name, Zone     string
	Guest, Stranger, Bot, Deleted, Admin bool // Stranger: of another organisation
}

// User looks a person up.
func (c *Client) User(ctx context.Context, id string) (Member, error) {
	var found Member
	err := c.call(ctx, "users.info", harmless, func(ctx context.Context) error {
		if !isUser(id) {
			return errBadID
		}
		u, err := c.api.GetUserInfoContext(ctx, id, slackgo.GetUserInfoOptionIncludeLocale(false))
		if err != nil {
			return err
		}
		found = Member{
			ID: u.ID, Team: u.TeamID, Enterprise: u.Enterprise.EnterpriseID, Name: u.Name, Zone: u.TZ,
			Guest: u.IsRestricted || u.IsUltraRestricted, Stranger: u.IsStranger, Bot: u.IsBot, Deleted: u.Deleted, Admin: u.IsAdmin,
		}
		return nil
	})
	return found, err
}
