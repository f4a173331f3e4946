package workspace

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

const (
	responseMethod = "response_url" // what the witness calls a post to a response URL
	responseUses   = 5
	responseLife   = 30 * time.Minute
)

// responseURL lets an app answer an interaction: five times, for half an hour, whatever the channel.
type responseURL struct {
	user, channel string
	command, text string   // of a slash command, which an in_channel answer makes public
	original      *message // of a click
	made          time.Time
	uses          int
	echoed        bool // the command's text is public already
}

// newResponseURL mints an address. The lock is held.
func (w *Workspace) newResponseURL(r *responseURL) string {
	if len(w.replies) > maxRecords {
		clear(w.replies)
	}
	r.made = w.opt.Now()
	id := randomText(40)
	w.replies[id] = r
	return cmp.Or(w.reach, w.base) + "/response/" + id
}

func (w *Workspace) serveResponse(rw http.ResponseWriter, r *http.Request, id string) {
	const name = responseMethod
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	w.mu.Lock()
	w.receive(body)
	fault := w.nextFault(name)
	w.mu.Unlock()
	if fault != nil && w.inject(rw, r, name, body, fault) {
		return
	}
	status := http.StatusOK
	switch args, ok := decodeObject(body); {
	case err != nil:
		status, err = http.StatusRequestEntityTooLarge, refusal("request_too_large")
	case r.Method != http.MethodPost || !ok:
		status, err = http.StatusBadRequest, refusal("invalid_payload")
	default:
		w.mu.Lock()
		status, err = w.respond(id, &call{args: args})
		w.mu.Unlock()
	}
	w.answer(rw, name, body, status, nil, err)
}

func decodeObject(b []byte) (map[string]any, bool) {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, false
	}
	v, err := decodeJSON(b)
	m, ok := v.(map[string]any)
	return m, ok && err == nil
}

// respond does what a post to a response URL asks. The lock is held.
func (w *Workspace) respond(id string, c *call) (int, error) {
	r := w.replies[id]
	switch {
	case r == nil:
		return http.StatusNotFound, refusal("invalid_url")
	case w.opt.Now().Sub(r.made) > responseLife:
		return http.StatusNotFound, refusal("expired_url")
	case r.uses >= responseUses:
		return http.StatusNotFound, refusal("used_url")
	}
	r.uses++
	if err := w.reply(r, c); err != nil {
		return http.StatusBadRequest, err
	}
	return http.StatusOK, nil
}

// reply posts an answer to an interaction, ephemeral unless it says otherwise. The lock is held.
func (w *Workspace) reply(r *responseURL, c *call) error {
	ch := w.channel(r.channel)
	if c.flag("delete_original", false) {
		if r.original == nil {
			return refusal("no_original")
		}
		w.remove(ch, r.original)
		return nil
	}
	text, blocks, err := w.content(c)
	if err != nil {
		return err
	}
	kind := c.str("response_type")
	switch {
	case kind != "" && kind != "in_channel" && kind != "ephemeral":
		return refusal("invalid_response_type")
	case c.flag("replace_original", false) && r.original != nil:
		o := r.original
		o.text, o.blocks = text, blocks
		o.edited = o.edited || o.to == ""
		w.change()
		return nil
	}
	thread, err := ch.thread(c.str("thread_ts"))
	if err != nil {
		return err
	}
	m := &message{user: BotUser, text: text, blocks: blocks, threadTS: thread, unfurlLinks: true, unfurlMedia: true}
	if kind != "in_channel" {
		m.to = r.user
	} else if r.command != "" && !r.echoed {
		r.echoed = true
		w.post(ch, &message{user: r.user, text: w.typed(r.command + " " + r.text), clientID: uuid()})
	}
	w.post(ch, m)
	return nil
}

// commandAck is the message that the acknowledgement of a slash command may hold. The lock is held.
func (w *Workspace) commandAck(r *responseURL, payload json.RawMessage) error {
	if payload == nil {
		return nil
	}
	args, ok := decodeObject(payload)
	if !ok {
		w.refuse("ack", "invalid payload", "slash_commands: a payload that is no object")
		return errTimeout
	}
	if err := w.reply(r, &call{args: args}); err != nil {
		w.refuse("ack", err.Error(), "slash_commands: %s", err)
		return err
	}
	return nil
}
