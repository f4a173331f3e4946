package workspace

// kit is everything that Block Kit knows here: types, their fields and their limits.
type kit struct {
	views, blocks, elements, rich map[string]object
}

// Groups of elements, by where Slack lets them stand. Where it is undocumented, the stricter holds.
var (
	selects      = []string{"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
	multiSelects = []string{"multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select", "multi_channels_select"}
	pickers      = []string{"datepicker", "timepicker"}
	groups       = []string{"checkboxes", "radio_buttons"}
	writing      = []string{"plain_text_input", "email_text_input", "url_text_input", "number_input", "datetimepicker"}

	inSection = join([]string{"button", "image", "overflow"}, groups, pickers, selects, multiSelects)
	inActions = join([]string{"button", "overflow", "datetimepicker"}, groups, pickers, selects)
	inInput   = join(writing, groups, pickers, selects, multiSelects)
	acting    = join([]string{"button", "overflow"}, inInput) // have an action_id
)

// Limits that more than one place has.
var (
	id       = may(chars(1, 255))
	flag     = may(boolean)
	option   = optionOf("plain_text")
	rows     = optionOf("plain_text", "mrkdwn") // checkboxes and radio buttons may have mrkdwn
	optGroup = exactly(object{"label": need(plain(75)), "options": need(list(1, 100, option))})
	confirm  = may(exactly(object{
		"title": need(plain(100)), "text": need(text(300)), "confirm": need(plain(30)), "deny": need(plain(30)),
		"style": may(oneOf("primary", "danger")),
	}))
	dispatch = may(exactly(object{"trigger_actions_on": may(list(1, 2, oneOf("on_enter_pressed", "on_character_entered")))}))
	filter   = may(exactly(object{
		"include":                          may(list(1, 4, oneOf("im", "mpim", "private", "public"))),
		"exclude_external_shared_channels": flag, "exclude_bot_users": flag,
	}))
	file  = may(exactly(object{"id": may(chars(1, 255)), "url": may(address)}))
	style = may(exactly(object{
		"bold": flag, "italic": flag, "strike": flag, "code": flag, "underline": flag,
		"highlight": flag, "client_highlight": flag, "unlink": flag,
	}))
)

// optionOf: an option's value may be 75 or 150 characters, depending on the page that one reads.
func optionOf(kinds ...string) rule {
	return exactly(object{
		"text": need(text(75, kinds...)), "value": need(chars(1, 75)), "description": may(text(75, kinds...)),
	})
}

var blockKit = kit{
	views: map[string]object{
		"modal": {
			"title": need(plain(24)), "blocks": need(list(1, 100, (*checker).block)),
			"submit": may(plain(24)), "close": may(plain(24)),
			"private_metadata": may(chars(0, 3000)), "callback_id": may(chars(0, 255)), "external_id": may(chars(0, 255)),
			"clear_on_close": flag, "notify_on_close": flag, "submit_disabled": flag,
		},
		"home": {
			"blocks":           need(list(1, 100, (*checker).block)),
			"private_metadata": may(chars(0, 3000)), "callback_id": may(chars(0, 255)), "external_id": may(chars(0, 255)),
		},
	},
	blocks: map[string]object{
		"actions": {"block_id": id, "elements": need(list(1, 25, element(inActions...)))},
		"context": {"block_id": id, "elements": need(list(1, 10, contextElement))},
		"divider": {"block_id": id},
		"header":  {"block_id": id, "text": need(plain(150)), "level": may(whole(1, 4))},
		"image":   {"block_id": id, "image_url": may(address), "slack_file": file, "alt_text": need(chars(1, 2000)), "title": may(plain(2000))},
		"input": {
			"block_id": id, "label": need(plain(2000)), "hint": may(plain(2000)), "optional": flag, "dispatch_action": flag,
			"element": need(element(inInput...)),
		},
		"rich_text": {"block_id": id, "elements": need(list(1, 100, rich("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")))},
		"section": {
			"block_id": id, "text": may(text(3000)), "fields": may(list(1, 10, text(2000))), "expand": flag,
			"accessory": may(element(inSection...)),
		},
	},
	elements: map[string]object{
		"button": {
			"action_id": id, "text": need(plain(75)), "value": may(chars(0, 2000)), "url": may(address),
			"style": may(oneOf("primary", "danger")), "confirm": confirm, "accessibility_label": may(chars(1, 75)),
		},
		"overflow": {"action_id": id, "confirm": confirm, "options": need(list(1, 5, exactly(object{
			"text": need(plain(75)), "value": need(chars(1, 75)), "description": may(plain(75)), "url": may(address),
		})))},
		"image": {"image_url": may(address), "slack_file": file, "alt_text": need(chars(1, 2000))},

		"plain_text_input": {
			"action_id": id, "initial_value": may(chars(0, 3000)), "multiline": flag, "min_length": may(whole(0, 3000)),
			"max_length": may(whole(1, 3000)), "dispatch_action_config": dispatch, "focus_on_load": flag, "placeholder": may(plain(150)),
		},
		"email_text_input": {"action_id": id, "initial_value": may(chars(1, 3000)), "dispatch_action_config": dispatch, "focus_on_load": flag, "placeholder": may(plain(150))},
		"url_text_input":   {"action_id": id, "initial_value": may(address), "dispatch_action_config": dispatch, "focus_on_load": flag, "placeholder": may(plain(150))},
		"number_input": {
			"action_id": id, "is_decimal_allowed": need(boolean), "initial_value": may(chars(1, 3000)), "min_value": may(chars(1, 100)),
			"max_value": may(chars(1, 100)), "dispatch_action_config": dispatch, "focus_on_load": flag, "placeholder": may(plain(150)),
		},
		"datetimepicker": {"action_id": id, "initial_date_time": may(whole(1e9, 9_999_999_999)), "confirm": confirm, "focus_on_load": flag},
		"datepicker":     {"action_id": id, "initial_date": may(chars(10, 10)), "confirm": confirm, "focus_on_load": flag, "placeholder": may(plain(150))},
		"timepicker":     {"action_id": id, "initial_time": may(chars(5, 5)), "timezone": may(chars(1, 100)), "confirm": confirm, "focus_on_load": flag, "placeholder": may(plain(150))},

		"checkboxes":    {"action_id": id, "options": need(list(1, 10, rows)), "initial_options": may(list(1, 10, rows)), "confirm": confirm, "focus_on_load": flag},
		"radio_buttons": {"action_id": id, "options": need(list(1, 10, rows)), "initial_option": may(rows), "confirm": confirm, "focus_on_load": flag},

		"static_select":        choosing(object{"options": may(list(1, 100, option)), "option_groups": may(list(1, 100, optGroup)), "initial_option": may(option)}),
		"external_select":      choosing(object{"min_query_length": may(whole(0, 3000)), "initial_option": may(option)}),
		"users_select":         choosing(object{"initial_user": id}),
		"conversations_select": choosing(object{"initial_conversation": id, "default_to_current_conversation": flag, "response_url_enabled": flag, "filter": filter}),
		"channels_select":      choosing(object{"initial_channel": id, "response_url_enabled": flag}),

		"multi_static_select": several(object{"options": may(list(1, 100, option)), "option_groups": may(list(1, 100, optGroup)),
			"initial_options": may(list(1, 100, option))}),
		"multi_external_select":      several(object{"min_query_length": may(whole(0, 3000)), "initial_options": may(list(1, 100, option))}),
		"multi_users_select":         several(object{"initial_users": may(list(1, 100, chars(1, 255)))}),
		"multi_conversations_select": several(object{"initial_conversations": may(list(1, 100, chars(1, 255))), "default_to_current_conversation": flag, "filter": filter}),
		"multi_channels_select":      several(object{"initial_channels": may(list(1, 100, chars(1, 255)))}),
	},
	rich: map[string]object{
		"rich_text_section": {"elements": need(list(1, 1000, rich(inline...)))},
		"rich_text_list": {
			"style": need(oneOf("bullet", "ordered")), "elements": need(list(1, 1000, rich("rich_text_section"))),
			"indent": may(whole(0, 8)), "offset": may(whole(0, 10_000)), "border": may(whole(0, 1)),
		},
		"rich_text_preformatted": {"elements": need(list(1, 1000, rich("text", "link"))), "border": may(whole(0, 1)), "language": may(chars(1, 50))},
		"rich_text_quote":        {"elements": need(list(1, 1000, rich(inline...))), "border": may(whole(0, 1))},

		"broadcast": {"range": need(oneOf("here", "channel", "everyone")), "style": style},
		"channel":   {"channel_id": need(chars(1, 255)), "style": style},
		"color":     {"value": need(chars(4, 9)), "style": style},
		"date": {
			"timestamp": need(whole(0, 9_999_999_999)), "format": need(chars(1, 3000)), "url": may(address),
			"fallback": may(chars(1, 3000)), "style": style,
		},
		"emoji":     {"name": need(chars(1, 255)), "unicode": may(chars(1, 255)), "skin_tone": may(whole(1, 6)), "style": style},
		"link":      {"url": need(address), "text": may(chars(1, 3000)), "unsafe": flag, "style": style},
		"text":      {"text": need(chars(1, 3000)), "style": style},
		"user":      {"user_id": need(chars(1, 255)), "style": style},
		"usergroup": {"usergroup_id": need(chars(1, 255)), "style": style},
	},
}

// inline: what stands inside a line of rich text.
var inline = []string{"broadcast", "channel", "color", "date", "emoji", "link", "text", "user", "usergroup"}

// choosing adds what every select menu has.
func choosing(o object) object {
	o["action_id"], o["placeholder"], o["confirm"], o["focus_on_load"] = id, may(plain(150)), confirm, flag
	return o
}

// several adds what every menu of several choices has.
func several(o object) object {
	o["max_selected_items"] = may(whole(1, 100))
	return choosing(o)
}

// contextElement is an image or a text object; context text has no documented limit below a text object's.
func contextElement(c *checker, at string, v any) {
	if m, ok := v.(map[string]any); ok && m["type"] == "image" {
		element("image")(c, at, v)
		return
	}
	text(3000)(c, at, v)
}

func join(lists ...[]string) (all []string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
