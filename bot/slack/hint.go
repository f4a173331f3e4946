package slack

import "jwt-check-bot/redact"

// inTheLog is the hint where none is known for the code, which the client then logs.
var inTheLog = redact.Const("Slack refused: the log has the code.")

// hint is one sentence with the mend for a code that needs no more than the code.
func hint(code string) redact.Text {
	switch code {
	case "is_archived":
		return redact.Const("That channel is archived: pick another one.")
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"restricted_action_non_threadable_channel", "restricted_action_thread_locked", "no_permission", "ekm_access_denied":
		return redact.Const("That channel does not let me post: ask its owners, or pick another one.")
	case "cannot_reply_to_message", "thread_not_found", "message_not_found":
		return redact.Const("That message is gone or cannot be replied to: start again from another one.")
	case "user_not_in_channel", "user_not_found", "user_not_visible":
		return redact.Const("I cannot reach that person in this channel.")
	case "expired_trigger_id", "trigger_expired":
		return redact.Const("That took longer than the 3 seconds Slack allows: press it again.")
	case "exchanged_trigger_id", "trigger_exchanged", "invalid_trigger_id", "invalid_trigger":
		return redact.Const("Slack took that press as used up: press it again.")
	case "hash_conflict", "not_found", "view_not_found":
		return redact.Const("The dialogue was closed or changed in the meantime: open it again.")
	case "push_limit_reached":
		return redact.Const("Too many dialogues are open on top of each other: close one.")
	case CodeRateLimited:
		return redact.Const("Slack asks me to slow down: try again in a minute.")
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired":
		return redact.Const("Slack does not accept my bot token any more: the app has to be installed again.")
	case "not_allowed_token_type":
		return redact.Const("I was not given the bot token, which starts with xoxb-, but another kind.")
	case "team_access_not_granted", "access_denied", "org_login_required":
		return redact.Const("The organisation does not let me in: ask an administrator to approve the app.")
	case "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "msg_blocks_too_long", "msg_too_long", "view_too_large",
		"no_text", CodeBadModal, CodeBadID:
		return redact.Const("Slack does not take what I made: that is a fault of mine, please report it.")
	case "expired_url", "used_url", CodeBadURL:
		return redact.Const("Slack took too long to let me answer there: start again.")
	case "messages_tab_disabled", "cannot_dm_bot":
		return redact.Const("I cannot write to that person directly.")
	}
	if unclear(code) {
		return redact.Const("Slack did not answer as it should: try again in a moment.")
	}
	return inTheLog
}
