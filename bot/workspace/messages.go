package workspace

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// maxMessages bounds a channel; Slack has an error of its own for it.
const maxMessages = 10_000

// channel is a conversation and what was said in it.
type channel struct {
	Channel
	messages []*message    // in ts order
	rate     *rate.Limiter // of the app's messages; nil before the first
	shut     time.Time     // until when it takes none
}

// message is one post. Blocks are never changed in place once they are here.
type message struct {
	ts, threadTS string // threadTS: the root's ts for a reply, otherwise ""
	user         string
	text         string
	blocks       []any
	clientID     string // of a person's message
	edited       bool
	deleted      bool   // a deleted root whose replies remain
	to           string // an ephemeral message's only reader
	unfurlLinks  bool
	unfurlMedia  bool
}

// stamp makes a message timestamp out of t, later than every one before. The lock is held, or nobody knows w yet.
func (w *Workspace) stamp(t time.Time) string {
	w.lastTS = max(w.lastTS+1, t.UnixMicro())
	return fmt.Sprintf("%d.%06d", w.lastTS/1e6, w.lastTS%1e6)
}

// instant is when a message with this timestamp was posted.
func instant(ts string) time.Time {
	var s, us int64
	_, _ = fmt.Sscanf(ts, "%d.%d", &s, &us) // every ts here was made by stamp
	return time.Unix(s, us*1000)
}

func (w *Workspace) user(id string) *User {
	for _, u := range w.users {
		if u.ID == id {
			return u
		}
	}
	return nil
}

func (w *Workspace) channel(id string) *channel {
	for _, c := range w.channels {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// direct returns the app's direct message conversation with a person, which exists from its first use.
func (w *Workspace) direct(user string) *channel {
	id := "D0" + strings.TrimPrefix(user, "U0")
	if c := w.channel(id); c != nil {
		return c
	}
	c := &channel{Channel: Channel{ID: id, Name: w.manifest.botName(), IsPrivate: true, IsIM: true, Members: []string{user, BotUser}}}
	w.channels = append(w.channels, c)
	w.change()
	return c
}

// find returns the message with this timestamp that the person can see; reader "" sees all but the ephemeral ones.
func (c *channel) find(ts, reader string) *message {
	i := slices.IndexFunc(c.messages, func(m *message) bool { return m.ts == ts && (m.to == "" || m.to == reader) })
	if i < 0 {
		return nil
	}
	return c.messages[i]
}

func (c *channel) replies(root string) (all []*message) {
	for _, m := range c.messages {
		if m.threadTS == root && m.to == "" {
			all = append(all, m)
		}
	}
	return all
}

// post puts a message into its place, with a timestamp of now. The lock is held.
func (w *Workspace) post(c *channel, m *message) *message {
	m.ts = w.stamp(w.opt.Now())
	c.messages = append(c.messages, m)
	w.change()
	if m.to == "" {
		w.announce(c, m, "", nil)
	}
	return m
}

// edit puts a message's new content in place of the old. The lock is held.
func (w *Workspace) edit(c *channel, m *message, text string, blocks []any) {
	before := w.messageJSON(c, m)
	m.text, m.blocks, m.edited = text, blocks, true
	w.change()
	w.announce(c, m, "message_changed", before)
}

// remove deletes a message; a root with replies leaves a mark behind, as in Slack. The lock is held.
func (w *Workspace) remove(c *channel, m *message) {
	if m.threadTS == "" && len(c.replies(m.ts)) > 0 {
		m.deleted, m.text, m.blocks, m.user = true, "This message was deleted.", nil, Slack
	} else {
		c.messages = slices.DeleteFunc(c.messages, func(x *message) bool { return x == m })
	}
	w.change()
}

// sees says whether the person finds the channel in their client.
func (c *channel) sees(u *User) bool {
	if c.Has(u.ID) {
		return true
	}
	return !c.IsPrivate && !u.IsStranger && !u.IsRestricted
}

// visible lists what the person reads in the channel, in ts order; reader "" reads everything.
func (c *channel) visible(reader string) []*message {
	var all []*message
	for _, m := range c.messages {
		if m.to == "" || reader == "" || m.to == reader {
			all = append(all, m)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].ts < all[j].ts })
	return all
}

// payloadName is the channel's name as payloads give it: private conversations stay unnamed.
func (c *channel) payloadName() string {
	switch {
	case c.IsIM:
		return "directmessage"
	case c.IsPrivate:
		return "privategroup"
	}
	return c.Name
}

// messageJSON is the message as Slack's payloads and answers have it. The lock is held.
func (w *Workspace) messageJSON(c *channel, m *message) map[string]any {
	out := map[string]any{"type": "message", "user": m.user, "ts": m.ts, "text": m.text, "team": w.user(m.user).TeamID}
	if u := w.user(m.user); u.IsBot {
		bot, app := BotID, AppID
		if u.ID == CI {
			bot, app = otherBotID, otherAppID
		}
		out["bot_id"], out["app_id"] = bot, app
		out["bot_profile"] = map[string]any{"id": bot, "app_id": app, "name": u.Name, "team_id": TeamID,
			"deleted": false, "updated": 1700000000, "icons": map[string]any{}}
	} else if m.clientID != "" {
		out["client_msg_id"] = m.clientID
		if c.IsExtShared {
			out["user_team"], out["source_team"] = u.TeamID, u.TeamID
		}
	}
	switch {
	case len(m.blocks) > 0:
		out["blocks"] = m.blocks
	case m.clientID != "":
		out["blocks"] = []any{composed(m.text)}
	}
	if m.edited {
		out["edited"] = map[string]any{"user": m.user, "ts": m.ts}
	}
	if m.threadTS != "" {
		out["thread_ts"] = m.threadTS
		if root := c.find(m.threadTS, ""); root != nil {
			out["parent_user_id"] = root.user
		}
		return out
	}
	if replies := c.replies(m.ts); len(replies) > 0 {
		var users []string
		for _, r := range replies {
			if !slices.Contains(users, r.user) {
				users = append(users, r.user)
			}
		}
		out["thread_ts"] = m.ts
		out["reply_count"], out["reply_users"], out["reply_users_count"] = len(replies), users, len(users)
		out["latest_reply"] = replies[len(replies)-1].ts
		out["is_locked"], out["subscribed"] = false, false
	}
	return out
}

// composed is the rich_text block that Slack's own composer makes of a person's text.
func composed(text string) map[string]any {
	elements := []any{}
	literal := func(s string) {
		if s != "" {
			elements = append(elements, map[string]any{"type": "text", "text": unescape(s)})
		}
	}
	for text != "" {
		before, form, after, found := cutForm(text)
		literal(before)
		if !found {
			break
		}
		switch id, label, _ := strings.Cut(form, "|"); {
		case strings.HasPrefix(id, "@"):
			elements = append(elements, map[string]any{"type": "user", "user_id": id[1:]})
		case strings.HasPrefix(id, "#"):
			elements = append(elements, map[string]any{"type": "channel", "channel_id": id[1:]})
		default:
			link := map[string]any{"type": "link", "url": unescape(id)}
			if label != "" {
				link["text"] = unescape(label)
			}
			elements = append(elements, link)
		}
		text = after
	}
	return map[string]any{"type": "rich_text", "block_id": randomText(5),
		"elements": []any{map[string]any{"type": "rich_text_section", "elements": elements}}}
}

// Announce posts a message of another app's bot, CI, to a channel, and returns its ts.
func (w *Workspace) Announce(channel, threadTS, text string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil || c.IsArchived || threadTS != "" && c.find(threadTS, "") == nil {
		return "", sentence("That channel or thread does not exist.")
	}
	return w.post(c, &message{user: CI, threadTS: threadTS, text: escape(text)}).ts, nil
}

// AnnounceBlocks is Announce with blocks that nobody has checked, such as are newer than a client library: Slack hands
// them on in payloads whatever they are.
func (w *Workspace) AnnounceBlocks(channel, threadTS, text string, blocks []byte) (string, error) {
	v, err := decodeJSON(blocks)
	list, ok := v.([]any)
	if err != nil || !ok || slices.ContainsFunc(list, func(b any) bool { _, object := b.(map[string]any); return !object }) {
		return "", sentence("Blocks are a list of objects.")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil || c.IsArchived || threadTS != "" && c.find(threadTS, "") == nil {
		return "", sentence("That channel or thread does not exist.")
	}
	return w.post(c, &message{user: CI, threadTS: threadTS, text: escape(text), blocks: list}).ts, nil
}
