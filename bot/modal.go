package bot

import (
	"jwt-check-bot/bot/slack"
	"jwt-check-bot/redact"
)

// Block IDs of the modal: the field's name on the outside (see the contract of the modal's callback).
const (
	callback     = "jwt_check"
	fieldProfile = "profile"
	fieldToken   = "token"
	fieldError   = "error"
	fieldWhen    = "when"
	fieldNeeds   = "requires"
	fieldCompare = "compare"
	fieldToken2  = "token_2"
	fieldOptions = "options"
	fieldShare   = "share"

	optionReplay = "replay"

	shareThread = "thread"
	shareMe     = "me"
)

// modal is the form, for a place, with a profile chosen if it is one and what the rules say of who will
// see the result. No element of it dispatches
// actions: such a payload would carry the token before anybody has submitted it.
func (a *App) modal(at place, profile string, r ruling) slack.Modal {
	var options []slack.Option
	initial := ""
	for i, p := range a.examiner.Profiles() {
		options = append(options, slack.Option{Value: p.Name, Text: word(p.Name)})
		if i == 0 || p.Name == profile {
			initial = p.Name
		}
	}
	return slack.Modal{
		Callback: callback, Metadata: a.metadata(at),
		Title: redact.Const("Check a JWT"), Submit: redact.Const("Check"), Close: redact.Const("Cancel"),
		Blocks: []slack.Block{
			notice(r),
			slack.Input(fieldProfile, redact.Const("Environment"), redact.Const("Where the call failed. The token is judged by what that API expects."), false, slack.Select(options, initial)),
			slack.Input(fieldToken, redact.Const("Token"),
				redact.Const("It passes through Slack to this bot, is checked in memory and dropped: never posted, logged or stored. Slack cannot mask it while you paste: mind who sees your screen, shared or not."),
				true, slack.TokenText(redact.Const("Paste the JWT, or the whole Authorization header"), true)),
			slack.Divider(),
			slack.Paragraph(slack.Bold(redact.Const("More evidence, all optional"))),
			slack.Input(fieldError, redact.Const("What the server answered"), redact.Const("Status line, WWW-Authenticate, body or log line. With it the token may be left empty."), true,
				slack.Text(true, redact.Const("HTTP/1.1 401 Unauthorized …"), redact.Text{})),
			slack.Input(fieldWhen, redact.Const("When the call failed"), redact.Const("In your own time zone. The token is judged as of then."), true, slack.DateTime(zeroTime)),
			slack.Input(fieldNeeds, redact.Const("What the endpoint requires"), redact.Const("Claims such as scope=orders:write, or a route that the profile knows, such as POST /orders."), true,
				slack.Text(false, redact.Const("scope=orders:write, tenant_id=acme"), redact.Text{})),
			slack.Input(fieldCompare, redact.Const("A token that works"), redact.Const("To compare with, claim by claim. It is treated as the first one is."), true,
				slack.TokenText(redact.Const("Paste a JWT that the same API accepts"), false)),
			slack.Input(fieldToken2, redact.Const("Rest of the token"), redact.Const("Only if the field Token, at the top, would not take all of it."), true,
				slack.TokenText(redact.Const("The part that is missing there"), false)),
			a.replaying(),
			sharing(at, r),
		},
	}
}

// notice stands above the form, and above the result, where the result cannot go to everybody; nothing if it can.
func notice(r ruling) slack.Block {
	if r.private.IsZero() {
		return slack.Block{}
	}
	return slack.Paragraph(slack.Bold(redact.Const("Only you see the result. ")), slack.Plain(r.private))
}

// replaying offers to send the token to the API; nothing where no environment has an address for it.
func (a *App) replaying() slack.Block {
	if !a.examiner.Replays() {
		return slack.Block{}
	}
	return slack.Input(fieldOptions, redact.Const("Ask the API"), redact.Text{}, true, slack.Checkboxes([]slack.Option{{
		Value: optionReplay, Text: redact.Const("Send the token to the API and compare its answers"),
		Description: redact.Const("By GET, to the one address that is configured for it"),
	}}))
}

// sharing asks who is to see the result, as far as the rules leave a choice.
func sharing(at place, r ruling) slack.Block {
	post := slack.Option{Value: shareThread, Text: redact.Const("Post the summary to the thread"), Description: redact.Const("Everybody in the channel can read it")}
	if at.Thread == "" {
		post.Text, post.Description = redact.Const("Post the summary to the channel"), redact.Const("The verdict as one message, the details in its thread")
	}
	options := []slack.Option{post, {Value: shareMe, Text: redact.Const("Show it to me alone first"), Description: redact.Const("You can post it from there")}}
	initial := shareThread
	hint := redact.Const("What is posted is redacted: the verdict, why, times, and claims that are safe to show. Kept are the summary, for an hour, and one line of log: who asked, where, the token's fingerprint and the verdict.")
	switch {
	case r.mendable:
		initial, hint = shareMe, r.private
	case !r.private.IsZero():
		options, initial, hint = []slack.Option{{Value: shareMe, Text: redact.Const("Show it to me alone")}}, shareMe, r.private
	}
	return slack.Input(fieldShare, redact.Const("Who sees the result"), hint, false, slack.Radios(options, initial))
}

const callbackResult = "jwt_check_result"

// result is what the view shows in the end.
func result(blocks ...slack.Block) slack.Modal {
	return slack.Modal{Callback: callbackResult, Title: redact.Const("Check a JWT"), Close: redact.Const("Close"), Blocks: blocks}
}
