package workspace

// Shapes of what an app receives, field for field as Slack sends them.

// common is what interactive payloads share. The lock is held.
func (w *Workspace) common(kind string, u *User) map[string]any {
	return map[string]any{
		"type": kind, "token": w.secret,
		"team":       map[string]any{"id": TeamID, "domain": w.opt.Team.Domain},
		"user":       map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

func (w *Workspace) commandPayload(u *User, r *responseURL) map[string]any {
	c := w.channel(r.channel)
	return map[string]any{
		"token": w.secret, "team_id": TeamID, "team_domain": w.opt.Team.Domain, "api_app_id": AppID,
		"channel_id": c.ID, "channel_name": c.payloadName(), "user_id": u.ID, "user_name": u.Name,
		"command": r.command, "text": r.text, "is_enterprise_install": "false", // a string, in this payload alone
		"response_url": w.newResponseURL(r), "trigger_id": w.newTrigger(u.ID, false),
	}
}

func (w *Workspace) messageShortcutPayload(u *User, c *channel, m *message, callbackID string) map[string]any {
	p := w.common("message_action", u)
	p["callback_id"], p["action_ts"], p["trigger_id"] = callbackID, w.stamp(w.opt.Now()), w.newTrigger(u.ID, false)
	p["channel"] = map[string]any{"id": c.ID, "name": c.payloadName()}
	p["message_ts"], p["message"] = m.ts, w.messageJSON(c, m)
	p["response_url"] = w.newResponseURL(&responseURL{user: u.ID, channel: c.ID})
	return p
}

func (w *Workspace) globalShortcutPayload(u *User, callbackID string) map[string]any {
	p := w.common("shortcut", u)
	p["callback_id"], p["action_ts"], p["trigger_id"] = callbackID, w.stamp(w.opt.Now()), w.newTrigger(u.ID, false)
	return p
}

// pressed is a button's entry in actions.
func (w *Workspace) pressed(block, button map[string]any) map[string]any {
	a := map[string]any{"type": "button", "block_id": block["block_id"], "action_id": button["action_id"],
		"text": button["text"], "action_ts": w.stamp(w.opt.Now())}
	for _, k := range []string{"value", "style", "url"} {
		if v, ok := button[k]; ok {
			a[k] = v
		}
	}
	return a
}

func (w *Workspace) messageClickPayload(u *User, c *channel, m *message, block, button map[string]any) map[string]any {
	p := w.common("block_actions", u)
	container := map[string]any{"type": "message", "message_ts": m.ts, "channel_id": c.ID, "is_ephemeral": m.to != ""}
	if m.threadTS != "" {
		container["thread_ts"] = m.threadTS
	}
	if m.to == "" { // an ephemeral message does not travel along
		p["message"] = w.messageJSON(c, m)
	}
	p["container"], p["api_app_id"], p["trigger_id"] = container, AppID, w.newTrigger(u.ID, false)
	p["channel"] = map[string]any{"id": c.ID, "name": c.payloadName()}
	p["state"] = map[string]any{"values": map[string]any{}}
	p["response_url"] = w.newResponseURL(&responseURL{user: u.ID, channel: c.ID, original: m})
	p["actions"] = []any{w.pressed(block, button)}
	return p
}

func (w *Workspace) viewClickPayload(u *User, v *view, block, button map[string]any) map[string]any {
	p := w.common("block_actions", u)
	p["container"] = map[string]any{"type": "view", "view_id": v.id}
	p["api_app_id"], p["trigger_id"] = AppID, w.newTrigger(u.ID, v.body["type"] == "modal")
	p["view"] = w.viewJSON(v)
	p["actions"] = []any{w.pressed(block, button)}
	return p
}

func (w *Workspace) submissionPayload(u *User, v *view) map[string]any {
	p := w.common("view_submission", u)
	p["api_app_id"], p["trigger_id"] = AppID, w.newTrigger(u.ID, true)
	p["view"], p["response_urls"] = w.viewJSON(v), []any{}
	return p
}

func (w *Workspace) closedPayload(u *User, v *view, cleared bool) map[string]any {
	p := w.common("view_closed", u)
	p["api_app_id"], p["view"], p["is_cleared"] = AppID, w.closedJSON(v), cleared
	return p
}

// eventPayload wraps an Events API event.
func (w *Workspace) eventPayload(c *channel, event map[string]any) map[string]any {
	return map[string]any{
		"token": w.secret, "team_id": TeamID, "context_team_id": TeamID, "context_enterprise_id": nil, "api_app_id": AppID,
		"type": "event_callback", "event_id": randomID("Ev"), "event_time": w.opt.Now().Unix(), "event": event,
		"authorizations": []any{map[string]any{"enterprise_id": nil, "team_id": TeamID, "user_id": BotUser,
			"is_bot": true, "is_enterprise_install": false}},
		"is_ext_shared_channel": c != nil && c.IsExtShared, "event_context": "4-" + randomText(32),
	}
}

// announce sends the events of a message, its change or its deletion, to an app that listens there; before is what the
// message was. The lock is held.
func (w *Workspace) announce(c *channel, m *message, subtype string, before map[string]any) {
	if !c.Has(BotUser) {
		return
	}
	name, kind := "message.channels", "channel"
	switch {
	case c.IsIM:
		name, kind = "message.im", "im"
	case c.IsPrivate:
		name, kind = "message.groups", "group"
	}
	if w.manifest.listens(name) {
		event := w.messageJSON(c, m)
		if subtype != "" {
			event = map[string]any{"type": "message", "subtype": subtype, "hidden": true, "ts": w.stamp(w.opt.Now()),
				"message": event, "previous_message": before}
			if subtype == "message_deleted" {
				delete(event, "message")
				event["deleted_ts"] = m.ts
			}
		}
		event["channel"], event["channel_type"], event["event_ts"] = c.ID, kind, event["ts"]
		w.emit(w.eventPayload(c, event))
	}
	if subtype == "" && m.user != BotUser && !c.IsIM && mentions(m.text, BotUser) && w.manifest.listens("app_mention") {
		event := w.messageJSON(c, m)
		event["type"], event["channel"], event["event_ts"] = "app_mention", c.ID, m.ts
		w.emit(w.eventPayload(c, event))
	}
}

func mentions(text, user string) bool {
	for {
		_, form, after, found := cutForm(text)
		if !found {
			return false
		}
		if form == "@"+user {
			return true
		}
		text = after
	}
}
