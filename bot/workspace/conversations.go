package workspace

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// seen finds a conversation that the app can ask about: public ones, and private ones that it is in.
func (w *Workspace) seen(id string) (*channel, error) {
	c := w.channel(id)
	if c == nil || c.IsPrivate && !c.Has(BotUser) {
		return nil, refusal("channel_not_found")
	}
	scope := "channels:read"
	switch {
	case c.IsIM:
		scope = "im:read"
	case c.IsPrivate:
		scope = "groups:read"
	}
	return c, w.needScope(scope)
}

func (w *Workspace) conversationsInfo(c *call) (answer, error) {
	ch, err := w.seen(c.str("channel"))
	if err != nil {
		return nil, err
	}
	return answer{"channel": w.channelJSON(ch)}, nil
}

func (w *Workspace) channelJSON(c *channel) map[string]any {
	out := map[string]any{
		"id": c.ID, "created": 1700000000, "creator": Ben, "name": c.Name, "name_normalized": c.Name,
		"is_channel": !c.IsPrivate, "is_group": c.IsPrivate && !c.IsIM, "is_im": c.IsIM, "is_mpim": false,
		"is_private": c.IsPrivate, "is_archived": c.IsArchived, "is_general": c.ID == General, "is_member": c.Has(BotUser),
		"is_shared": c.IsExtShared, "is_org_shared": false, "is_ext_shared": c.IsExtShared,
		"is_pending_ext_shared": c.IsPendingExtShared, "pending_shared": []string{}, "pending_connected_team_ids": []string{},
		"is_read_only":    c.Restricted == "restricted_action_read_only_channel",
		"context_team_id": TeamID, "shared_team_ids": []string{TeamID}, "unlinked": 0, "previous_names": []string{},
		"topic": map[string]any{"value": "", "creator": "", "last_set": 0}, "purpose": map[string]any{"value": "", "creator": "", "last_set": 0},
	}
	if c.IsExtShared {
		out["shared_team_ids"] = []string{TeamID, otherTeamID}
	}
	if c.IsPendingExtShared {
		out["pending_connected_team_ids"] = []string{otherTeamID}
	}
	if c.IsIM {
		out["user"] = c.Members[0]
		delete(out, "name")
	}
	return out
}

func (w *Workspace) conversationsMembers(c *call) (answer, error) {
	ch, err := w.seen(c.str("channel"))
	if err != nil {
		return nil, err
	}
	return answer{"members": slices.Clone(ch.Members), "response_metadata": map[string]any{"next_cursor": ""}}, nil
}

func (w *Workspace) conversationsOpen(c *call) (answer, error) {
	users := strings.Split(c.str("users"), ",")
	u := w.user(users[0])
	switch {
	case len(users) > 1:
		return nil, refusal("not_enough_users") // this workspace has no group messages
	case u == nil:
		return nil, refusal("user_not_found")
	case u.IsBot || u.ID == Slack:
		return nil, refusal("cannot_dm_bot")
	}
	return answer{"channel": map[string]any{"id": w.direct(u.ID).ID}}, nil
}

func (w *Workspace) usersInfo(c *call) (answer, error) {
	u := w.user(c.str("user"))
	if u == nil {
		return nil, refusal("user_not_found")
	}
	out := w.userJSON(u)
	if c.flag("include_locale", false) && !u.IsStranger { // the language of another organisation's people is theirs
		out["locale"] = cmp.Or(u.Locale, "en-US")
	}
	return answer{"user": out}, nil
}

func (w *Workspace) userJSON(u *User) map[string]any {
	offset := 0
	if loc, err := time.LoadLocation(u.TZ); err == nil {
		_, offset = w.opt.Now().In(loc).Zone()
	}
	out := map[string]any{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "real_name": u.RealName, "deleted": false, "updated": 1700000000,
		"tz": u.TZ, "tz_label": u.TZ, "tz_offset": offset, "is_bot": u.IsBot, "is_app_user": false,
		"is_admin": false, "is_owner": false, "is_primary_owner": false, "is_restricted": u.IsRestricted || u.IsUltraRestricted, "is_ultra_restricted": u.IsUltraRestricted,
		"profile": map[string]any{"real_name": u.RealName, "real_name_normalized": u.RealName,
			"display_name": u.Name, "display_name_normalized": u.Name, "team": u.TeamID},
	}
	if u.IsStranger {
		out["is_stranger"] = true // Slack has the field for foreign people alone
	}
	return out
}

func (w *Workspace) botsInfo(c *call) (answer, error) {
	if c.str("bot") != BotID {
		return nil, refusal("bot_not_found")
	}
	return answer{"bot": map[string]any{"id": BotID, "app_id": AppID, "user_id": BotUser, "name": w.manifest.botName(),
		"deleted": false, "updated": 1700000000, "icons": map[string]any{}}}, nil
}

func (w *Workspace) authTest(c *call) (answer, error) {
	if c.app {
		return answer{"app_name": w.manifest.Display.Name, "app_id": AppID}, nil
	}
	return answer{"url": "https://" + w.opt.Team.Domain + ".slack.com/", "team": w.opt.Team.Name, "team_id": TeamID,
		"user": w.manifest.botName(), "user_id": BotUser, "bot_id": BotID, "is_enterprise_install": false}, nil
}
