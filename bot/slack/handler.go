package slack

import (
	"context"
	"time"

	"jwt-check-bot/redact"
)

// Handler answers what arrives. Each method is called on the goroutine that reads the connection
// and must neither block nor touch the network: it returns the acknowledgement, and the work to
// do once that has been written (nil: none).
//
// The same envelope may arrive twice, with the same ID: telling is the handler's.
type Handler interface {
	Command(Command) (Ack, Work)
	Submission(Submission) (Ack, Work)
	Shortcut(Shortcut) (Ack, Work)
	Action(Action) (Ack, Work)
	Event(Event) (Ack, Work)
}

// Work runs in a goroutine of its own. Its context outlives the one given to Run by Config.Grace.
type Work func(ctx context.Context)

// Panicked is what a Handler may implement to hear of a panic in one of its methods or in Work.
// Place is a function, file and line of our own source; what was thrown is never passed on, since
// it may quote a token.
type Panicked interface {
	Panicked(id, place string)
}

// Unacknowledged is what a Handler may implement to hear of an envelope whose acknowledgement
// could not be written: its Work does not run, and Slack may deliver it again.
type Unacknowledged interface {
	Unacknowledged(id string)
}

// Command is a slash command. Text is what was typed behind it, which may well be a token.
type Command struct {
	ID, Team, User, Channel, ChannelName, Trigger, Name string
	Text, ResponseURL                                   redact.Secret
	Received                                            time.Time
}

// Submission is a submitted modal. UserTeam is the team of the person, which in a channel shared
// with another organisation may not be Team.
type Submission struct {
	ID, Team, User, UserTeam, View, Hash, Callback, Metadata string
	Fields                                                   Fields
	Received                                                 time.Time
}

// Shortcut is a message shortcut, or a global one if Channel is empty. Thread is the root of the
// message's thread, the message itself if it has none. What the message says is never decoded.
type Shortcut struct {
	ID, Team, User, UserTeam, Callback, Channel, ChannelName, Message, Thread, Trigger string
	ResponseURL                                                                        redact.Secret
	Received                                                                           time.Time
}

// Action is a pressed button or another choice outside a submission; Value is the button's value
// or the chosen option's. Thread is the root of the message's thread, the message itself if it has
// none, and empty if the message is ephemeral or there is none.
type Action struct {
	ID, Team, User, UserTeam, Action, Block, Value                                 string
	Channel, ChannelName, Message, Thread, View, Hash, Callback, Metadata, Trigger string
	Ephemeral                                                                      bool
	ResponseURL                                                                    redact.Secret
	Received                                                                       time.Time
}

// Event is an event of the Events API. Thread is empty where the message is not in a thread. Of an
// edited message (Subtype message_changed) it is the new version.
type Event struct {
	ID, EventID, Team, Type, Subtype, User, UserTeam, Channel, Message, Thread string
	Text                                                                       redact.Secret
	BotMessage                                                                 bool
	Received                                                                   time.Time
}

// Fields is what was filled in, by block ID.
type Fields struct{ list []field }

type field struct {
	block   string
	text    redact.Secret
	choices []string
	instant int64
}

func (f Fields) find(block string) field {
	for i := range f.list {
		if f.list[i].block == block {
			return f.list[i]
		}
	}
	return field{}
}

// Text is what was typed; empty if nothing was.
func (f Fields) Text(block string) redact.Secret { return f.find(block).text }

// Choices are the values of the chosen options.
func (f Fields) Choices(block string) []string { return f.find(block).choices }

// Choice is the value of the chosen option, the first if there are several; empty if there is none.
func (f Fields) Choice(block string) string {
	if c := f.find(block).choices; len(c) > 0 {
		return c[0]
	}
	return ""
}

// Instant is the picked instant, zero if there is none.
func (f Fields) Instant(block string) time.Time {
	if s := f.find(block).instant; s != 0 {
		return time.Unix(s, 0)
	}
	return time.Time{}
}
