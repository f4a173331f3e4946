package bot

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/redact"
)

// The ways in. Each leads to the modal, for the place in which it was used.

// place is where somebody started, and where the summary goes. Its exported fields travel with the
// modal.
type place struct {
	Channel     string `json:"c,omitempty"`
	ChannelName string `json:"n,omitempty"`
	Thread      string `json:"t,omitempty"` // the root message's timestamp; empty outside any thread
	User        string `json:"u,omitempty"`
	team        string // of the person, where Slack said it
	response    redact.Secret
}

// Command takes `/jwt-check`, with nothing behind it, `help`, a profile's name or a link to a message of
// this channel.
func (a *App) Command(c slack.Command) (slack.Ack, slack.Work) {
	ack, work := a.command(c)
	return ack, a.first(c.Trigger, a.owed(place{Channel: c.Channel, User: c.User, response: c.ResponseURL}, work))
}

// owed is work for somebody who asked: where it panics they are told.
func (a *App) owed(to place, work slack.Work) slack.Work {
	return func(ctx context.Context) {
		done := false
		defer func() {
			if !done { // what is on its way may quote anything, so only that it is is said
				a.tell(ctx, to, sentence(redact.Const("I failed by a fault of mine. Please tell whoever runs this bot; try again in the meantime.")))
			}
		}()
		work(ctx)
		done = true
	}
}

func (a *App) command(c slack.Command) (slack.Ack, slack.Work) {
	at := place{Channel: c.Channel, ChannelName: c.ChannelName, User: c.User, response: c.ResponseURL}
	answer := func(m slack.Message) (slack.Ack, slack.Work) {
		return slack.Ack{}, func(ctx context.Context) { a.tell(ctx, at, m) }
	}
	if holdsTokenPart(c.Text) {
		return slack.Ack{}, func(ctx context.Context) { a.exposed(ctx, at, "command") }
	}
	profile := ""
	for _, word := range words(c.Text.Expose()) {
		switch {
		case strings.EqualFold(word, "help"):
			return answer(a.help())
		case strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "<https://"):
			channel, thread, ok := permalink(word)
			if !ok {
				return answer(a.misunderstood(redact.Const("That is no link to a message. In Slack, choose “Copy link” on the message whose thread is to get the summary, or choose “Check a JWT” there.")))
			}
			if channel != c.Channel {
				return answer(a.misunderstood(redact.Const("That message is in another channel. For safety I post only to the channel in which you ask: type the command there, or choose “Check a JWT” on the message itself.")))
			}
			at.Thread = thread
		default:
			p := a.examiner.Profile(word)
			if p == nil {
				return answer(a.misunderstood(redact.Const("I know no profile of that name.")))
			}
			profile = p.Name
		}
	}
	return slack.Ack{}, a.open(c.Trigger, at, profile)
}

// words are what stands behind the command. A link may have a label with spaces: <https://…|label>.
func words(text string) (list []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := strings.IndexFunc(text, unicode.IsSpace)
		if strings.HasPrefix(text, "<") {
			if closing := strings.IndexByte(text, '>'); closing > 0 {
				end = closing + 1
			}
		}
		if end < 0 {
			end = len(text)
		}
		list, text = append(list, text[:end]), text[end:]
	}
	return list
}

// Shortcut takes "Check a JWT" from a message's menu: the summary goes to that message's thread.
func (a *App) Shortcut(s slack.Shortcut) (slack.Ack, slack.Work) {
	at := place{Channel: s.Channel, ChannelName: s.ChannelName, Thread: s.Thread, User: s.User, team: s.UserTeam, response: s.ResponseURL}
	return slack.Ack{}, a.first(s.Trigger, a.owed(at, a.open(s.Trigger, at, "")))
}

// Action takes the buttons: the ones that open the modal and the one that posts a draft.
func (a *App) Action(s slack.Action) (slack.Ack, slack.Work) {
	return slack.Ack{}, a.first(s.Trigger, a.action(s))
}

func (a *App) action(s slack.Action) slack.Work {
	at := place{Channel: s.Channel, ChannelName: s.ChannelName, Thread: s.Thread, User: s.User, team: s.UserTeam, response: s.ResponseURL}
	switch action, profile, _ := strings.Cut(s.Action, ":"); action {
	case actionAgain:
		return a.owed(at, a.open(s.Trigger, at, s.Value))
	case actionOpen:
		if thread, ok := strings.CutPrefix(s.Value, inThread); ok && s.Ephemeral {
			at.Thread = thread
		}
		return a.owed(at, a.open(s.Trigger, at, profile))
	case actionPost:
		return a.owed(place{User: s.User}, func(ctx context.Context) { a.postDraft(ctx, s) })
	}
	return nil
}

const (
	actionOpen = "jwt_check_open" // and, behind a colon, the profile
	inThread   = "thread "        // before its root's timestamp, in the value of a button that only one person sees
)

// opener is a button that opens the modal, with a profile chosen if it is one. Of a message that only
// one person sees Slack may not say in which thread it stands, so the button does.
func opener(label redact.Text, profile, thread string) slack.Button {
	b := slack.Button{Action: actionOpen, Value: "here", Text: label}
	if profile != "" {
		b.Action += ":" + profile
	}
	if thread != "" {
		b.Value = inThread + thread
	}
	return b
}

var checkJWT = redact.Const("Check a JWT")

// primary puts a button forward.
func primary(b slack.Button) slack.Button {
	b.Style = slack.Primary
	return b
}

// Event takes what people say where the bot is: mentions of it and, where it watches, messages. Its
// own and other bots' are nobody's to answer for.
func (a *App) Event(e slack.Event) (slack.Ack, slack.Work) {
	if handle := handlers[e.Type]; handle != nil && !e.BotMessage && e.User != "" {
		return handle(a, e)
	}
	return slack.Ack{}, nil
}

// handlers are the events that the bot handles, by their type. A test compares them with the manifest.
var handlers = map[string]func(*App, slack.Event) (slack.Ack, slack.Work){
	"app_mention":     (*App).mention,
	"app_home_opened": (*App).homeOpened,
	"message":         (*App).message,
}

// mention answers in its thread: the requester alone gets a button that opens the modal.
func (a *App) mention(e slack.Event) (slack.Ack, slack.Work) {
	at := place{Channel: e.Channel, Thread: e.Thread, User: e.User, team: e.UserTeam}
	event := e.EventID // the text is not to outlive this call
	if holdsToken(e.Text) {
		spot := placeOfMessage(e, "") // wherever that was, its author has to know
		return slack.Ack{}, a.once(e, a.owed(at, func(ctx context.Context) { a.warn(ctx, spot) }))
	}
	return slack.Ack{}, a.once(e, a.owed(at, func(ctx context.Context) {
		if !a.store.Once(ctx, store.Deliveries, event) {
			return
		}
		if r := a.gate.now(ctx, at); !r.refusal.IsZero() {
			a.refuse(ctx, at, r)
			return
		}
		a.tell(ctx, at, invitation(at))
	}))
}

// invitation is the button that opens the modal, for who mentioned the bot.
func invitation(at place) slack.Message {
	says := redact.Const("Press the button and paste the token there, never here. The summary goes to this thread.")
	if at.Thread == "" {
		says = redact.Const("Press the button and paste the token there, never here. The verdict goes to this channel, and its details to a thread of its own.")
	}
	return slack.Message{
		Text: redact.Join(" ", redact.Const("Check a JWT:"), says),
		Blocks: []slack.Block{
			slack.Paragraph(slack.Plain(says)),
			slack.Buttons("open", primary(opener(checkJWT, "", at.Thread))),
		},
	}
}

// open opens the modal, unless the person or the place is refused. The trigger dies 3 seconds after the
// press, so what is not known of them within one is left for the submission.
func (a *App) open(trigger string, at place, profile string) slack.Work {
	return func(ctx context.Context) {
		r := a.gate.soon(ctx, at)
		if !r.refusal.IsZero() {
			a.refuse(ctx, at, r)
			return
		}
		if _, err := a.slack.OpenView(ctx, trigger, a.modal(at, profile, r)); err != nil {
			a.log.Warn("the modal did not open", "user", at.User, "channel", at.Channel, "error", errorWord(err))
			a.tell(ctx, at, sentence(redact.Join(" ", redact.Const("I could not open the dialogue."), hintOf(err))))
		}
	}
}

// refuse tells the requester alone why nothing is checked.
func (a *App) refuse(ctx context.Context, at place, r ruling) {
	a.log.Info("refused", "user", at.User, "channel", at.Channel, "rule", r.rule)
	a.tell(ctx, at, sentence(r.refusal))
}

// permalink reads a link to a message: https://….slack.com/archives/C…/p1700000000000000, with the
// thread's root in thread_ts where the message is a reply.
func permalink(s string) (channel, thread string, ok bool) {
	s = strings.Trim(s, "<>")
	s, _, _ = strings.Cut(s, "|")
	s, query, _ := strings.Cut(s, "?")
	_, rest, found := strings.Cut(s, "/archives/")
	if !found {
		return "", "", false
	}
	channel, message, found := strings.Cut(rest, "/p")
	if !found || len(message) < 16 || strings.Trim(message, "0123456789") != "" {
		return "", "", false
	}
	thread = message[:len(message)-6] + "." + message[len(message)-6:]
	for _, pair := range strings.Split(strings.ReplaceAll(query, "&amp;", "&"), "&") {
		if root, ok := strings.CutPrefix(pair, "thread_ts="); ok && stamp(root) {
			thread = root
		}
	}
	return channel, thread, true
}

// stamp reports whether s is a message's timestamp, as links have it: seconds, a dot and six digits.
func stamp(s string) bool {
	seconds, rest, _ := strings.Cut(s, ".")
	return len(seconds) >= 10 && len(rest) == 6 && strings.Trim(seconds+rest, "0123456789") == ""
}

// metadata is the place as it travels with the modal, signed: a client could change it, and have a
// summary posted to where its requester cannot go.
func (a *App) metadata(p place) string {
	b, _ := json.Marshal(p)
	return a.slack.Sign(string(b)) + " " + string(b)
}

// placeOf is the place in which the person opened the modal that they have sent.
func (a *App) placeOf(metadata, user string) (p place, ok bool) {
	mark, data, _ := strings.Cut(metadata, " ")
	ok = a.slack.Signed(data, mark) && json.Unmarshal([]byte(data), &p) == nil
	return p, ok && p.User == user
}
