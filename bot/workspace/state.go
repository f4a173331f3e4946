package workspace

import (
	"context"
	"time"
)

// State is what one person sees, as the page shows it. State("") is what the witness sees: everything.
type State struct {
	Me       Me             `json:"me"`
	Team     Team           `json:"team"`
	App      App            `json:"app"`
	Users    []User         `json:"users"`
	Channels []ChannelState `json:"channels"`
	Views    []View         `json:"views"`  // the person's modals, top last
	Home     *View          `json:"home"`   // the app's home tab as published for the person; nil if it is not
	Outage   *Outage        `json:"outage"` // nil: the Web API works
	Record   []Entry        `json:"record"`
}

// Me is the person who looks.
type Me struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	RealName string `json:"real_name"`
	TZ       string `json:"tz"`
}

// App is the installed app.
type App struct {
	UserID    string     `json:"user_id"`
	Name      string     `json:"name"`
	Connected bool       `json:"connected"`
	HasHome   bool       `json:"has_home"` // a home tab that can be opened
	Commands  []Command  `json:"commands"`
	Shortcuts []Shortcut `json:"shortcuts"`
}

// Outage is a fault that every call of the Web API meets.
type Outage struct {
	Hangs bool      `json:"hangs"` // otherwise it fails
	Until time.Time `json:"until"`
}

// ChannelState is a channel with what the person reads in it.
type ChannelState struct {
	ID                 string    `json:"id"`
	Name               string    `json:"name"`
	IsMember           bool      `json:"is_member"` // of the app, as in conversations.info
	IsPrivate          bool      `json:"is_private"`
	IsExtShared        bool      `json:"is_ext_shared"`
	IsPendingExtShared bool      `json:"is_pending_ext_shared"`
	IsArchived         bool      `json:"is_archived"`
	IsReadOnly         bool      `json:"is_read_only"`           // the app may not post there
	LimitedUntil       time.Time `json:"limited_until,omitzero"` // it takes no messages of the app's before that
	Messages           []Message `json:"messages"`               // in ts order
}

// Message is a post; a reply's ThreadTS is its root's TS.
type Message struct {
	TS         string `json:"ts"`
	User       string `json:"user"`
	Text       string `json:"text"`
	Blocks     []any  `json:"blocks"` // Slack's JSON; not to be changed
	ThreadTS   string `json:"thread_ts"`
	ReplyCount int    `json:"reply_count"`
	Edited     bool   `json:"edited"`
	Ephemeral  bool   `json:"ephemeral"`
	Bot        bool   `json:"bot"`

	To          string `json:"-"` // an ephemeral message's only reader
	UnfurlLinks bool   `json:"-"` // true unless the app said otherwise
	UnfurlMedia bool   `json:"-"`
	Reads       string `json:"-"` // the message as the person reads it
}

// View is an open modal.
type View struct {
	ID         string            `json:"id"`
	CallbackID string            `json:"callback_id"`
	Title      string            `json:"title"`
	Submit     string            `json:"submit"`
	Close      string            `json:"close"`
	Blocks     []any             `json:"blocks"` // Slack's JSON; not to be changed
	State      map[string]string `json:"state"`  // block ID to the value so far
	Errors     map[string]string `json:"errors"`
	Pending    bool              `json:"pending"` // submitted, not yet acknowledged

	User            string `json:"-"` // who has it open
	Hash            string `json:"-"`
	PrivateMetadata string `json:"-"`
	Reads           string `json:"-"` // the view as the person reads it: see ViewText
}

// State returns what the person sees now.
func (w *Workspace) State(userID string) State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state(userID)
}

// Await waits until cond holds for State(""), evaluated at once and after every change.
func (w *Workspace) Await(ctx context.Context, cond func(*State) bool) error {
	return w.until(ctx, func() bool {
		s := w.State("")
		return cond(&s)
	})
}

// state takes the snapshot. The lock is held.
func (w *Workspace) state(userID string) State {
	s := State{
		Team: w.opt.Team,
		App: App{UserID: BotUser, Name: w.manifest.botName(), Connected: len(w.links) > 0, HasHome: w.manifest.Features.Home.Enabled,
			Commands: append([]Command{}, w.manifest.Features.Commands...), Shortcuts: append([]Shortcut{}, w.manifest.Features.Shortcuts...)},
		Users: []User{}, Channels: []ChannelState{}, Views: []View{}, Record: w.entries,
	}
	me := w.user(userID)
	if me != nil {
		s.Me = Me{me.ID, me.Name, me.RealName, me.TZ}
	}
	for _, u := range w.users {
		s.Users = append(s.Users, *u)
	}
	for _, c := range w.channels {
		if me == nil && userID == "" || me != nil && c.sees(me) {
			s.Channels = append(s.Channels, w.channelState(c, userID))
		}
	}
	if home := w.homes[userID]; home != nil {
		v := w.viewState(home)
		s.Home = &v
	}
	if f := w.outage.current(); f != nil {
		s.Outage = &Outage{Hangs: f.Hang > 0, Until: w.outage.until}
	}
	owners := []string{userID}
	if userID == "" {
		owners = sortedKeys(w.stacks)
	}
	for _, owner := range owners {
		for _, v := range w.stacks[owner] {
			s.Views = append(s.Views, w.viewState(v))
		}
	}
	return s
}

func (w *Workspace) channelState(c *channel, reader string) ChannelState {
	out := ChannelState{ID: c.ID, Name: c.Name, IsMember: c.Has(BotUser), IsPrivate: c.IsPrivate,
		IsExtShared: c.IsExtShared, IsPendingExtShared: c.IsPendingExtShared, IsArchived: c.IsArchived,
		IsReadOnly: c.Restricted != "", Messages: []Message{}}
	if c.shut.After(w.opt.Rate.Now()) {
		out.LimitedUntil = c.shut
	}
	r := w.reader(reader)
	replies := map[string]int{}
	for _, m := range c.messages {
		if m.threadTS != "" && m.to == "" {
			replies[m.threadTS]++
		}
	}
	for _, m := range c.visible(reader) {
		blocks := m.blocks
		if blocks == nil {
			blocks = []any{}
		}
		out.Messages = append(out.Messages, Message{TS: m.ts, User: m.user, Text: m.text, Blocks: blocks, ThreadTS: m.threadTS,
			ReplyCount: replies[m.ts], Edited: m.edited, Ephemeral: m.to != "", Bot: m.user == BotUser,
			To: m.to, UnfurlLinks: m.unfurlLinks, UnfurlMedia: m.unfurlMedia, Reads: r.reads(m)})
	}
	return out
}

func (w *Workspace) viewState(v *view) View {
	text := func(name string) string {
		o, _ := v.body[name].(map[string]any)
		s, _ := o["text"].(string)
		return s
	}
	str := func(name string) string {
		s, _ := v.body[name].(string)
		return s
	}
	out := View{ID: v.id, CallbackID: str("callback_id"), Title: text("title"), Submit: text("submit"), Close: text("close"),
		Blocks: v.body["blocks"].([]any), State: map[string]string{}, Errors: map[string]string{}, Pending: v.pending,
		User: v.user, Hash: v.hash, PrivateMetadata: str("private_metadata"), Reads: w.reader(v.user).view(v)}
	for _, p := range placesIn(v.body) {
		if p.input {
			out.State[p.slot.block] = v.entry(p).String()
		}
	}
	for block, text := range v.errors {
		out.Errors[block] = text
	}
	return out
}
