package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Person is someone with a client open. Errors say what the person would see.
type Person struct {
	w  *Workspace
	id string
}

// Person returns the driver of a user, such as Ana.
func (w *Workspace) Person(userID string) *Person { return &Person{w: w, id: userID} }

// Join adds somebody to the team and to #incidents, and returns their driver. The name is a lower-case word of its own.
func (w *Workspace) Join(name string) *Person {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := &User{ID: "U0" + strings.ToUpper(name), Name: name, RealName: name, TZ: "Europe/Madrid", TeamID: TeamID}
	w.users = append(w.users, u)
	w.channel(Incidents).Add(u.ID)
	w.change()
	return w.Person(u.ID)
}

// sentence is an error that a person reads.
type sentence string

func (s sentence) Error() string { return string(s) }

func say(format string, args ...any) error { return sentence(fmt.Sprintf(format, args...)) }

// in finds the person and a channel that they may act in. The lock is held.
func (p *Person) in(channel string) (*User, *channel, error) {
	u, c := p.w.user(p.id), p.w.channel(channel)
	switch {
	case u == nil || u.IsBot || u.ID == Slack:
		return nil, nil, fmt.Errorf("nobody here is %q", p.id)
	case c == nil || !c.sees(u):
		return nil, nil, sentence("That channel does not exist, or you cannot see it.")
	case !c.Has(u.ID):
		return nil, nil, say("You are not in #%s. Join it first.", c.Name)
	case c.IsArchived:
		return nil, nil, say("#%s is archived.", c.Name)
	}
	return u, c, nil
}

// Say posts a message and returns its ts. Text that begins with a slash is run as a command, with no ts.
func (p *Person) Say(ctx context.Context, channel, threadTS, text string) (string, error) {
	if strings.HasPrefix(text, "/") {
		command, rest, _ := strings.Cut(text, " ")
		if threadTS != "" {
			return "", say("%s is not supported in threads. Sorry!", command)
		}
		return "", p.Command(ctx, channel, command, strings.TrimSpace(rest))
	}
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	u, c, err := p.in(channel)
	switch {
	case err != nil:
		return "", err
	case strings.TrimSpace(text) == "":
		return "", sentence("Write a message first.")
	case utf8.RuneCountInString(text) > maxText || len(c.messages) >= maxMessages:
		return "", sentence("The message is too long, or the channel too full.")
	}
	if threadTS != "" {
		if root := c.find(threadTS, ""); root == nil || root.threadTS != "" {
			return "", sentence("That thread does not exist.")
		}
	}
	return w.post(c, &message{user: u.ID, threadTS: threadTS, text: w.typed(text), clientID: uuid()}).ts, nil
}

// Edit changes a message of the person's own.
func (p *Person) Edit(channel, ts, text string) error {
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	u, c, err := p.in(channel)
	if err != nil {
		return err
	}
	m := c.find(ts, "")
	switch {
	case m == nil || m.deleted || m.user != u.ID:
		return sentence("You can only edit your own messages.")
	case strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > maxText:
		return sentence("Write a message first, and not too long.")
	}
	w.edit(c, m, w.typed(text), nil)
	return nil
}

// Command runs a slash command in a channel, the app's or Slack's own. Only people of the team can.
func (p *Person) Command(ctx context.Context, channel, command, text string) error {
	if slices.Contains(ownCommands, command) {
		return p.manage(channel, command, text)
	}
	w := p.w
	w.mu.Lock()
	u, c, err := p.in(channel)
	cmd, known := w.manifest.command(command)
	switch {
	case err != nil:
	case !known || u.IsStranger:
		err = say("%s is not a valid command.", command)
	}
	if err != nil {
		w.mu.Unlock()
		return err
	}
	if cmd.ShouldEscape {
		text = w.typed(text)
	}
	r := &responseURL{user: u.ID, channel: c.ID, command: command, text: text}
	payload := w.commandPayload(u, r)
	e := w.launch("slash_commands", payload, func(ack json.RawMessage) error { return w.commandAck(r, ack) })
	w.mu.Unlock()
	err = w.dispatch(ctx, e)
	if err == nil || ctx.Err() != nil || w.ctx.Err() != nil {
		return err
	}
	err = say("%s failed with the error %q", command, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.post(c, &message{user: Slack, text: escape(err.Error()), to: u.ID})
	return err
}

// Shortcut runs a message shortcut on the message ts, or a global one where ts is "".
func (p *Person) Shortcut(ctx context.Context, callbackID, channel, ts string) error {
	w := p.w
	w.mu.Lock()
	e, err := p.shortcut(callbackID, channel, ts)
	w.mu.Unlock()
	if err != nil {
		return err
	}
	return p.interaction(ctx, e)
}

func (p *Person) shortcut(callbackID, channel, ts string) (*envelope, error) {
	w := p.w
	s, known := w.manifest.shortcut(callbackID)
	global := known && s.Type == "global"
	u, c, err := p.in(channel)
	if global {
		u, err = w.user(p.id), nil // it belongs to no channel
	}
	switch {
	case err != nil:
		return nil, err
	case !known || u == nil || u.IsStranger || global != (ts == ""):
		return nil, sentence("No such shortcut there.")
	case global:
		return w.interact("shortcut", w.globalShortcutPayload(u, callbackID))
	}
	m := c.find(ts, u.ID)
	if m == nil || m.to != "" || m.deleted { // an ephemeral message has no menu
		return nil, sentence("That message has no shortcuts.")
	}
	return w.interact("message_action", w.messageShortcutPayload(u, c, m, callbackID))
}

// interact launches an interaction whose acknowledgement changes nothing. The lock is held.
func (w *Workspace) interact(kind string, payload map[string]any) (*envelope, error) {
	if !w.manifest.Settings.Interactivity.Enabled {
		return nil, sentence("This app is not configured to handle interactive responses.")
	}
	return w.launch(kind, payload, func(json.RawMessage) error { return nil }), nil
}

func (p *Person) interaction(ctx context.Context, e *envelope) error {
	err := p.w.dispatch(ctx, e)
	if errors.Is(err, errTimeout) || errors.Is(err, errNoSocket) {
		return say("The app did not respond (%s). Try again?", err)
	}
	return err
}

// Click presses a button of a message, ephemeral ones included.
func (p *Person) Click(ctx context.Context, channel, ts, actionID string) error {
	return p.click(ctx, channel, ts, "", actionID)
}

func (p *Person) click(ctx context.Context, channel, ts, blockID, actionID string) error {
	w := p.w
	w.mu.Lock()
	u, c, err := p.in(channel)
	if err != nil {
		w.mu.Unlock()
		return err
	}
	m := c.find(ts, u.ID)
	var block, button map[string]any
	if m != nil {
		block, button = buttonIn(m.blocks, blockID, actionID)
	}
	if button == nil {
		w.mu.Unlock()
		return fmt.Errorf("no button %q in that message", actionID)
	}
	e, err := w.interact("block_actions", w.messageClickPayload(u, c, m, block, button))
	w.mu.Unlock()
	if err != nil {
		return err
	}
	return p.interaction(ctx, e)
}

// ClickView presses a button of the open view.
func (p *Person) ClickView(ctx context.Context, actionID string) error {
	return p.clickView(ctx, "", "", actionID)
}

// ClickHome presses a button of the app's home tab.
func (p *Person) ClickHome(ctx context.Context, actionID string) error {
	p.w.mu.Lock()
	id := ""
	if home := p.w.homes[p.id]; home != nil {
		id = home.id
	}
	p.w.mu.Unlock()
	if id == "" {
		return errNoView
	}
	return p.clickView(ctx, id, "", actionID)
}

func (p *Person) clickView(ctx context.Context, viewID, blockID, actionID string) error {
	w := p.w
	w.mu.Lock()
	v, err := p.shown(viewID)
	if err != nil {
		w.mu.Unlock()
		return err
	}
	block, button := buttonIn(v.body["blocks"].([]any), blockID, actionID)
	if button == nil {
		w.mu.Unlock()
		return fmt.Errorf("no button %q in that view", actionID)
	}
	e, err := w.interact("block_actions", w.viewClickPayload(w.user(p.id), v, block, button))
	w.mu.Unlock()
	if err != nil {
		return err
	}
	return p.interaction(ctx, e)
}

// buttonIn finds a button; block "" means any.
func buttonIn(blocks []any, blockID, actionID string) (block, button map[string]any) {
	for _, b := range blocks {
		block := b.(map[string]any)
		if blockID != "" && block["block_id"] != blockID {
			continue
		}
		for _, e := range elementsOf(block) {
			if e["type"] == "button" && e["action_id"] == actionID {
				return block, e
			}
		}
	}
	return nil, nil
}
