package slack

import (
	"time"

	"jwt-check-bot/redact"
)

// envelope is a frame from Slack. Its type comes behind its payload, so the payload is read into
// one struct that has a place for every kind, and told apart afterwards.
type envelope struct {
	kind, id, reason string
	accepts          bool  // whether an acknowledgement may carry a payload
	connections      int64 // that Slack counts, in its hello
	payload
}

type payload struct {
	what                                string // the payload's own type, such as view_submission
	team, user, userTeam                string
	channel, channelName                string
	callback, trigger, command, eventID string
	message, thread                     string
	text, responseURL                   redact.Secret
	view                                view
	box                                 container
	pressed                             pressed
	event                               event
}

type view struct {
	id, hash, callback, metadata string
	fields                       []field
}

type container struct {
	message, thread, channel, view string
	ephemeral                      bool
}

type pressed struct{ action, block, value string }

type event struct {
	what, subtype, user, userTeam, channel string
	message, thread, bot                   string
	text                                   redact.Secret
	changed                                *event // the new version of an edited message
}

// decode reads frame into e and reports whether it was well formed.
func (d *decoder) decode(frame []byte, e *envelope) bool {
	*e = envelope{}
	d.start(frame)
	d.object(func(name []byte) {
		switch string(name) {
		case `"type"`:
			e.kind = d.id()
		case `"envelope_id"`:
			e.id = d.id()
		case `"reason"`:
			e.reason = d.id()
		case `"num_connections"`:
			e.connections = d.number()
		case `"accepts_response_payload"`:
			e.accepts = d.boolean()
		case `"payload"`:
			d.payload(&e.payload)
		default:
			d.skip()
		}
	})
	return !d.failed
}

func (d *decoder) payload(p *payload) {
	d.object(func(name []byte) {
		switch string(name) {
		case `"type"`:
			p.what = d.id()
		case `"team_id"`:
			p.team = d.id()
		case `"team"`:
			d.object(func(name []byte) { d.only(name, `"id"`, &p.team) })
		case `"user_id"`:
			p.user = d.id()
		case `"user"`:
			d.object(func(name []byte) {
				switch string(name) {
				case `"id"`:
					p.user = d.id()
				case `"team_id"`:
					p.userTeam = d.id()
				default:
					d.skip()
				}
			})
		case `"channel_id"`:
			p.channel = d.id()
		case `"channel_name"`:
			p.channelName = d.id()
		case `"channel"`:
			d.object(func(name []byte) {
				switch string(name) {
				case `"id"`:
					p.channel = d.id()
				case `"name"`:
					p.channelName = d.id()
				default:
					d.skip()
				}
			})
		case `"callback_id"`:
			p.callback = d.id()
		case `"trigger_id"`:
			p.trigger = d.id()
		case `"command"`:
			p.command = d.id()
		case `"text"`:
			p.text = d.secret()
		case `"response_url"`:
			p.responseURL = d.secret()
		case `"message_ts"`:
			p.message = d.id()
		case `"message"`:
			d.message(p)
		case `"container"`:
			d.container(&p.box)
		case `"view"`:
			// Other payloads repeat what was typed so far; only a submission is meant to tell it.
			d.view(&p.view, p.what == "" || p.what == "view_submission")
		case `"actions"`:
			d.array(func(i int) {
				if i > 0 {
					d.skip()
					return
				}
				d.pressed(&p.pressed)
			})
		case `"event_id"`:
			p.eventID = d.id()
		case `"event"`:
			d.event(&p.event, true)
		default:
			d.skip()
		}
	})
}

// only reads the one member that matters.
func (d *decoder) only(name []byte, wanted string, to *string) {
	if string(name) == wanted {
		*to = d.id()
	} else {
		d.skip()
	}
}

// message takes of a message only where it stands, whatever blocks it is made of.
func (d *decoder) message(p *payload) {
	d.object(func(name []byte) {
		switch string(name) {
		case `"ts"`:
			p.message = d.id()
		case `"thread_ts"`:
			p.thread = d.id()
		default:
			d.skip()
		}
	})
}

func (d *decoder) container(c *container) {
	d.object(func(name []byte) {
		switch string(name) {
		case `"message_ts"`:
			c.message = d.id()
		case `"thread_ts"`:
			c.thread = d.id()
		case `"channel_id"`:
			c.channel = d.id()
		case `"view_id"`:
			c.view = d.id()
		case `"is_ephemeral"`:
			c.ephemeral = d.boolean()
		default:
			d.skip()
		}
	})
}

func (d *decoder) view(v *view, withState bool) {
	d.object(func(name []byte) {
		switch string(name) {
		case `"id"`:
			v.id = d.id()
		case `"hash"`:
			v.hash = d.id()
		case `"callback_id"`:
			v.callback = d.id()
		case `"private_metadata"`:
			v.metadata = d.text(maxChosen)
		case `"state"`:
			if !withState {
				d.skip()
				return
			}
			d.object(func(name []byte) {
				if string(name) == `"values"` {
					d.values(v)
				} else {
					d.skip()
				}
			})
		default:
			d.skip()
		}
	})
}

// values reads block ID → action ID → what was filled in. An input block has one element.
func (d *decoder) values(v *view) {
	v.fields = nil
	d.object(func(name []byte) {
		if len(v.fields) == maxFields || len(name) > maxID {
			d.skip()
			return
		}
		f := field{block: unquote(name)}
		d.object(func([]byte) { d.field(&f) })
		v.fields = append(v.fields, f)
	})
}

func (d *decoder) field(f *field) {
	d.object(func(name []byte) {
		switch string(name) {
		case `"value"`:
			f.text = d.secret()
		case `"selected_option"`:
			d.choice(f)
		case `"selected_options"`:
			d.array(func(i int) {
				if i >= maxOptions {
					d.skip()
					return
				}
				d.choice(f)
			})
		case `"selected_date_time"`:
			f.instant = d.number()
		default:
			d.skip()
		}
	})
}

func (d *decoder) choice(f *field) {
	value := ""
	d.object(func(name []byte) { d.only(name, `"value"`, &value) })
	if value != "" {
		f.choices = append(f.choices, value)
	}
}

func (d *decoder) pressed(p *pressed) {
	d.object(func(name []byte) {
		switch string(name) {
		case `"action_id"`:
			p.action = d.id()
		case `"block_id"`:
			p.block = d.id()
		case `"value"`:
			p.value = d.text(maxChosen)
		case `"selected_option"`:
			d.object(func(name []byte) { d.only(name, `"value"`, &p.value) })
		default:
			d.skip()
		}
	})
}

func (d *decoder) event(e *event, outer bool) {
	d.object(func(name []byte) {
		switch string(name) {
		case `"type"`:
			e.what = d.id()
		case `"subtype"`:
			e.subtype = d.id()
		case `"user"`:
			e.user = d.id()
		case `"user_team"`, `"team"`:
			e.userTeam = d.id()
		case `"channel"`:
			e.channel = d.id()
		case `"ts"`:
			e.message = d.id()
		case `"thread_ts"`:
			e.thread = d.id()
		case `"bot_id"`:
			e.bot = d.id()
		case `"text"`:
			e.text = d.secret()
		case `"message"`:
			if !outer {
				d.skip()
				return
			}
			e.changed = new(event)
			d.event(e.changed, false)
		default:
			d.skip()
		}
	})
}

// The following make of an envelope what a Handler gets.

func (e *envelope) asCommand(at time.Time) Command {
	return Command{
		ID: e.id, Team: e.team, User: e.user, Channel: e.channel, ChannelName: e.channelName, Trigger: e.trigger,
		Name: e.command, Text: e.text, ResponseURL: e.responseURL, Received: at,
	}
}

func (e *envelope) asSubmission(at time.Time) Submission {
	return Submission{
		ID: e.id, Team: e.team, User: e.user, UserTeam: e.userTeam, View: e.view.id, Hash: e.view.hash,
		Callback: e.view.callback, Metadata: e.view.metadata, Fields: Fields{e.view.fields}, Received: at,
	}
}

func (e *envelope) asShortcut(at time.Time) Shortcut {
	return Shortcut{
		ID: e.id, Team: e.team, User: e.user, UserTeam: e.userTeam, Callback: e.callback, Channel: e.channel,
		ChannelName: e.channelName, Message: e.message, Thread: first(e.thread, e.message), Trigger: e.trigger,
		ResponseURL: e.responseURL, Received: at,
	}
}

func (e *envelope) asAction(at time.Time) Action {
	message := first(e.message, e.box.message)
	thread := first(e.thread, e.box.thread)
	if thread == "" && !e.box.ephemeral {
		thread = message
	}
	return Action{
		ID: e.id, Team: e.team, User: e.user, UserTeam: e.userTeam, Action: e.pressed.action, Block: e.pressed.block,
		Value: e.pressed.value, Channel: first(e.channel, e.box.channel), ChannelName: e.channelName, Message: message,
		Thread: thread, View: first(e.view.id, e.box.view), Hash: e.view.hash, Callback: e.view.callback,
		Metadata: e.view.metadata, Trigger: e.trigger, Ephemeral: e.box.ephemeral, ResponseURL: e.responseURL, Received: at,
	}
}

func (e *envelope) asEvent(at time.Time) Event {
	v := e.event
	said := &v
	if v.subtype == "message_changed" && v.changed != nil {
		said = v.changed
	}
	return Event{
		ID: e.id, EventID: e.eventID, Team: e.team, Type: v.what, Subtype: v.subtype, User: said.user, UserTeam: said.userTeam,
		Channel: v.channel, Message: said.message, Thread: said.thread, Text: said.text,
		BotMessage: said.bot != "" || said.subtype == "bot_message", Received: at,
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
