package bot

import (
	"context"
	"path"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/redact"
)

// Watching channels for tokens that were posted by mistake. Off unless configured. A message is looked
// at once, as it arrives, and dropped: what is remembered of it is its channel and timestamp.

// watch is what an App knows of the channels that it watches.
type watch struct {
	globs   []string
	names   *store.Recent[string] // of channels, by ID; empty where Slack did not say
	authors *store.Recent[*rate.Limiter]
}

// Somebody who posts tokens in a row is told of the first ones, and then now and then.
const (
	tellBurst = 3
	tellEvery = 2 * time.Minute
)

func newWatch(globs []string, now func() time.Time) *watch {
	return &watch{
		globs: globs,
		names: store.NewRecent[string](1000, 15*time.Minute, now),
		// A limiter is full again long before it is forgotten.
		authors: store.NewRecent[*rate.Limiter](10000, time.Hour, now),
	}
}

// allows reports whether the author may be told once more.
func (w *watch) allows(author string, now time.Time) bool {
	w.authors.Add(author, rate.NewLimiter(rate.Every(tellEvery), tellBurst))
	l, ok := w.authors.Get(author)
	return ok && l.AllowN(now, 1)
}

// matching says whether a channel is one of the globs', or, where its name is not known, whether the
// name would have to be.
func matching(globs []string, id, name string) (yes, open bool) {
	for _, glob := range globs {
		glob = strings.TrimPrefix(glob, "#")
		for _, s := range []string{id, name} {
			if ok, _ := path.Match(glob, s); ok && s != "" {
				return true, false
			}
		}
		open = open || name == "" && ofNames(glob)
	}
	return false, open
}

// ofNames reports whether a glob can match a channel's name: names have no capitals, and IDs nothing
// but capitals and digits.
func ofNames(glob string) bool {
	return glob != "*" && !strings.ContainsFunc(glob, func(r rune) bool { return r >= 'A' && r <= 'Z' })
}

// message takes what somebody said in a channel that the bot is in, or changed.
func (a *App) message(e slack.Event) (slack.Ack, slack.Work) {
	if len(a.watch.globs) == 0 {
		return slack.Ack{}, nil
	}
	switch e.Subtype {
	case "", "message_changed", "thread_broadcast", "file_share", "me_message":
	default:
		return slack.Ack{}, nil
	}
	name, asked := a.watch.names.Get(e.Channel)
	yes, open := matching(a.watch.globs, e.Channel, name)
	open = open && !asked
	at := placeOfMessage(e, name)
	if a.store.Remembers(store.Told, at.key()) || !yes && !open || !holdsToken(e.Text) {
		return slack.Ack{}, nil
	}
	return slack.Ack{}, a.once(e, func(ctx context.Context) {
		if open && !a.named(ctx, &at.place) {
			return
		}
		if !a.watch.allows(at.User, a.now()) {
			a.log.Warn("a token was seen, and its author not told again so soon", "in", "message", "channel", at.Channel, "author", at.User)
			return
		}
		a.warn(ctx, at)
	})
}

// named finds out the channel's name and reports whether it is watched. Where Slack does not say the
// name it is not, and that is logged once for as long as it is remembered.
func (a *App) named(ctx context.Context, at *place) bool {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := a.slack.Channel(ctx, at.Channel)
	if a.watch.names.Add(at.Channel, c.Name) && err != nil {
		a.log.Warn("a channel is not watched, since Slack did not say its name", "channel", at.Channel, "error", errorWord(err))
	}
	at.ChannelName = c.Name
	yes, _ := matching(a.watch.globs, at.Channel, c.Name)
	return yes && err == nil
}

// spotted is a message in which a token was seen.
type spotted struct {
	place
	message string
}

func (s spotted) key() string { return s.Channel + " " + s.message }

// placeOfMessage is where its author is told: in the thread of a reply, and else in the channel.
func placeOfMessage(e slack.Event, name string) spotted {
	at := spotted{place{Channel: e.Channel, ChannelName: name, User: e.User}, e.Message}
	if e.Thread != e.Message {
		at.Thread = e.Thread
	}
	return at
}

// once has the work of an event done by the first of its deliveries that is acknowledged, and by no other.
func (a *App) once(e slack.Event, work slack.Work) slack.Work {
	key := "event " + e.EventID
	if !a.seen.Add(key, struct{}{}) {
		return a.accepted.again(e.ID, key)
	}
	return a.accepted.add(e.ID, key, work, func() { a.seen.Forget(key) })
}

// warn tells a message's author alone what to do, once for each message, however often it is changed
// and whichever event told of it.
func (a *App) warn(ctx context.Context, at spotted) {
	c, err := a.store.Claim(ctx, store.Told, at.key(), &outcome{At: at.place})
	if c == nil && err == nil {
		return
	}
	if c != nil {
		defer c.Done(ctx)
	}
	a.exposed(ctx, at.place, "message")
}

// exposed tells one person, and logs that a token was seen: nothing of it.
func (a *App) exposed(ctx context.Context, at place, in string) {
	a.log.Warn("a token was seen", "in", in, "channel", at.Channel, "author", at.User)
	a.tell(ctx, at, a.exposure(at, in))
}

// exposure says what to do now. In is what was typed: a command or a message.
func (a *App) exposure(at place, in string) slack.Message {
	says := redact.Const("What you typed holds a token or another credential, so it has been exposed: Slack keeps what is typed.")
	steps := [][]slack.Span{}
	if in != "command" {
		says = redact.Const("Your message holds a token or another credential, so it has been exposed: everybody here can read it.")
		steps = append(steps, step(redact.Const("Delete the message. "), redact.Const("That alone is not enough: it may have been read, notified or exported.")))
	}
	steps = append(steps,
		step(redact.Const("Revoke it at the issuer. "), redact.Const("End the session that it belongs to, and revoke its refresh token too, or the client gets the next one. What cannot be revoked works until it expires: tell whoever runs the API.")),
		step(redact.Const("Was it signed with a shared secret (HS256, HS384, HS512)? "), redact.Const("Have that client secret rotated: a weak one can be guessed from the token at leisure.")),
		step(redact.Const("Is it a key or a password? "), redact.Const("Rotate it where it was made.")))
	blocks := []slack.Block{slack.Paragraph(slack.Bold(says)), slack.List(steps...)}
	if a.gate.mayList(at) {
		blocks = append(blocks,
			slack.Paragraph(slack.Plain(redact.Const("To have a token checked, press the button and paste it into the dialogue, never into a message or a command."))),
			slack.Buttons("open", primary(opener(checkJWT, "", at.Thread))))
	}
	blocks = append(blocks, slack.Context(slack.Plain(redact.Const("I have neither decoded it nor kept nor logged it, and nobody but you sees this."))))
	return slack.Message{Text: redact.Join(" ", says, redact.Const("Revoke it now at the issuer, its refresh token too, and rotate the secret if it was signed with a shared one.")), Blocks: blocks}
}

func step(what, why redact.Text) []slack.Span {
	return []slack.Span{slack.Bold(what), slack.Plain(why)}
}
