package workspace

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a message. Slack cuts text over 40,000 characters off; here it is refused. What msg_blocks_too_long
// counts is undocumented: it was seen at 11,341 characters in text fields, so the limit here is well below.
const (
	maxText       = 40_000
	maxBlocksText = 10_000
)

var timestamp = regexp.MustCompile(`^\d{9,11}\.\d{6}$`)

// content reads text and blocks of a message.
func (w *Workspace) content(c *call) (text string, blocks []any, err error) {
	text = c.str("text")
	if md := c.str("markdown_text"); md != "" {
		if _, given := c.args["blocks"]; given || text != "" {
			return "", nil, refusal("markdown_text_conflict")
		}
		if utf8.RuneCountInString(md) > 12_000 {
			return "", nil, refusal("msg_too_long")
		}
		text = md
	}
	if attachments, given, err := c.structured("attachments"); err != nil || given {
		if list, ok := attachments.([]any); err != nil || !ok || len(list) > 0 {
			return "", nil, refusal("invalid_attachments") // legacy, and not rendered here
		}
	}
	v, given, err := c.structured("blocks")
	if err != nil {
		return "", nil, refusal("invalid_blocks_format")
	}
	if given {
		list, ok := v.([]any)
		if !ok {
			return "", nil, refusal("invalid_blocks_format")
		}
		if problems := checkBlocks(list); len(list) > 0 && len(problems) > 0 { // an empty list says: no blocks
			return "", nil, apiError{code: "invalid_blocks", problems: problems}
		}
		if textIn(list) > maxBlocksText {
			return "", nil, refusal("msg_blocks_too_long")
		}
		blocks = withIDs(list)
	}
	switch {
	case text == "" && len(blocks) == 0:
		return "", nil, refusal("no_text")
	case utf8.RuneCountInString(text) > maxText:
		return "", nil, refusal("msg_too_long")
	case text == "" && len(blocks) > 0:
		// Slack posts it, and a notification or a screen reader has nothing to say.
		return "", nil, apiError{code: "no_text", problems: []problem{{"blocks without text: notifications and screen readers read only text", "/text"}}}
	}
	return text, blocks, nil
}

// target finds the conversation that the app may post to.
func (w *Workspace) target(id string) (*channel, error) {
	if u := w.user(id); u != nil && !u.IsBot && u.ID != Slack {
		if !w.manifest.Features.Home.Messages {
			return nil, refusal("messages_tab_disabled")
		}
		return w.direct(id), nil
	}
	c := w.channel(id)
	switch {
	case c == nil, !c.Has(BotUser) && c.IsPrivate:
		return nil, refusal("channel_not_found")
	case c.IsArchived:
		return nil, refusal("is_archived")
	case !c.Has(BotUser) && !w.manifest.granted("chat:write.public"):
		return nil, refusal("not_in_channel")
	case c.Restricted != "":
		return nil, refusal(c.Restricted)
	}
	return c, nil
}

func (w *Workspace) chatPostMessage(c *call) (answer, error) {
	ch, err := w.target(c.str("channel"))
	if err == nil {
		err = w.take(ch)
	}
	if err != nil {
		return nil, err
	}
	text, blocks, err := w.content(c)
	if err != nil {
		return nil, err
	}
	thread, err := ch.thread(c.str("thread_ts"))
	if err != nil {
		return nil, err
	}
	if len(ch.messages) >= maxMessages {
		return nil, refusal("message_limit_exceeded")
	}
	m := w.post(ch, &message{user: BotUser, threadTS: thread, text: text, blocks: blocks,
		unfurlLinks: c.flag("unfurl_links", true), unfurlMedia: c.flag("unfurl_media", true)})
	return answer{"channel": ch.ID, "ts": m.ts, "message": w.messageJSON(ch, m)}, nil
}

// thread resolves thread_ts: a root that is gone means un-threaded, as Slack does without a word.
func (c *channel) thread(ts string) (string, error) {
	if ts == "" {
		return "", nil
	}
	if !timestamp.MatchString(ts) {
		return "", refusal("invalid_thread_ts")
	}
	switch m := c.find(ts, ""); {
	case m == nil || m.deleted:
		return "", nil
	case m.threadTS != "":
		return "", refusal("cannot_reply_to_message") // only a root has a thread
	}
	return ts, nil
}

func (w *Workspace) chatPostEphemeral(c *call) (answer, error) {
	ch, err := w.target(c.str("channel"))
	if err != nil {
		return nil, err
	}
	user := c.str("user")
	switch {
	case w.user(user) == nil:
		return nil, refusal("user_not_found")
	case !ch.Has(BotUser):
		return nil, refusal("not_in_channel")
	case !ch.Has(user):
		return nil, refusal("user_not_in_channel")
	}
	text, blocks, err := w.content(c)
	if err != nil {
		return nil, err
	}
	thread, err := ch.thread(c.str("thread_ts"))
	if err != nil {
		return nil, err
	}
	m := &message{user: BotUser, threadTS: thread, text: text, blocks: blocks, to: user}
	if thread != "" && len(ch.replies(thread)) == 0 {
		// Slack answers ok and shows nothing: a thread begins with its first real reply.
		w.refuse("chat.postEphemeral", "not shown", "not shown: the thread has no replies yet")
		return answer{"message_ts": w.stamp(w.opt.Now())}, nil
	}
	w.post(ch, m)
	return answer{"message_ts": m.ts}, nil
}

func (w *Workspace) chatUpdate(c *call) (answer, error) {
	ch, m, err := w.own(c, "cant_update_message")
	if err != nil {
		return nil, err
	}
	text, blocks, err := w.content(c)
	if err != nil {
		return nil, err
	}
	w.edit(ch, m, text, blocks) // text without blocks takes the old blocks' place
	return answer{"channel": ch.ID, "ts": m.ts, "text": m.text, "message": w.messageJSON(ch, m)}, nil
}

func (w *Workspace) chatDelete(c *call) (answer, error) {
	ch, m, err := w.own(c, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	w.announce(ch, m, "message_deleted", w.messageJSON(ch, m))
	w.remove(ch, m)
	return answer{"channel": ch.ID, "ts": m.ts}, nil
}

// own finds a message of the app's; an ephemeral one cannot be found by its ts.
func (w *Workspace) own(c *call, otherwise string) (*channel, *message, error) {
	ch := w.channel(c.str("channel"))
	if ch == nil || !ch.Has(BotUser) && ch.IsPrivate {
		return nil, nil, refusal("channel_not_found")
	}
	m := ch.find(c.str("ts"), "")
	switch {
	case m == nil || m.deleted:
		return nil, nil, refusal("message_not_found")
	case m.user != BotUser:
		return nil, nil, refusal(otherwise)
	}
	return ch, m, nil
}

func (w *Workspace) chatGetPermalink(c *call) (answer, error) {
	ch := w.channel(c.str("channel"))
	if ch == nil || !ch.Has(BotUser) && ch.IsPrivate {
		return nil, refusal("channel_not_found")
	}
	m := ch.find(c.str("message_ts"), "")
	if m == nil {
		return nil, refusal("message_not_found")
	}
	return answer{"channel": ch.ID, "permalink": w.permalink(ch, m)}, nil
}

// permalink is the address of a message; a reply's carries its root.
func (w *Workspace) permalink(c *channel, m *message) string {
	link := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s", w.opt.Team.Domain, c.ID, strings.Replace(m.ts, ".", "", 1))
	if m.threadTS != "" {
		link += "?" + url.Values{"thread_ts": {m.threadTS}, "cid": {c.ID}}.Encode()
	}
	return link
}

// textIn counts the characters of every text field below v.
func textIn(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += textIn(e)
		}
	case map[string]any:
		for k, e := range v {
			if s, ok := e.(string); ok && k == "text" {
				n += utf8.RuneCountInString(s)
			} else {
				n += textIn(e)
			}
		}
	}
	return n
}

// withIDs gives every block, and every element that acts, the ID that Slack would make up.
func withIDs(blocks []any) []any {
	for _, b := range blocks {
		block := b.(map[string]any) // checked
		if block["block_id"] == nil {
			block["block_id"] = randomText(5)
		}
		for _, e := range elementsOf(block) {
			if e["action_id"] == nil && slices.Contains(acting, e["type"].(string)) {
				e["action_id"] = randomText(5)
			}
		}
	}
	return blocks
}

// elementsOf lists the elements of a block, wherever the block has them.
func elementsOf(block map[string]any) (all []map[string]any) {
	for _, key := range []string{"accessory", "element"} {
		if e, ok := block[key].(map[string]any); ok {
			all = append(all, e)
		}
	}
	list, _ := block["elements"].([]any)
	if block["type"] == "actions" {
		for _, e := range list {
			all = append(all, e.(map[string]any))
		}
	}
	return all
}
