package bot

import (
	"context"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// The home tab and the help: what the bot does, how to ask it, and what each profile expects.

// homeOpened draws the home tab. Slack says at the same time which conversation is the person's own
// with the bot.
func (a *App) homeOpened(e slack.Event) (slack.Ack, slack.Work) {
	return slack.Ack{}, func(ctx context.Context) {
		a.gate.opened(e.User, e.Channel)
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		if err := a.slack.PublishHome(ctx, e.User, a.home()); err != nil {
			a.log.WarnContext(ctx, "the home tab was not drawn", "user", e.User, "error", errorWord(err))
		}
	}
}

// home is the same for everybody: who may ask is judged when they do.
func (a *App) home() []slack.Block {
	blocks := []slack.Block{
		slack.Header(redact.Const("Why is this token refused?")),
		slack.Paragraph(slack.Plain(redact.Const("When an API answers 401 or 403, paste the JSON Web Token that it refuses. I check it as the API does, and say the one cause, the evidence, and who does what next."))),
	}
	if len(a.gate.channels) == 0 {
		blocks = append(blocks,
			slack.Buttons("open", primary(opener(checkJWT, "", ""))),
			slack.Context(slack.Plain(redact.Const("From here the result is for you alone: there is no channel to post it to."))))
	} else {
		blocks = append(blocks, slack.Context(slack.Plain(redact.Const("Whoever runs me has limited me to some channels: ask in one of these."))))
	}
	blocks = append(blocks,
		slack.Header(redact.Const("In an incident")), slack.List(a.waysIn()...),
		slack.Header(redact.Const("Profiles")), slack.List(profileRows(a.examiner.Profiles())...),
		slack.Header(redact.Const("Safety")),
		slack.List(
			step(redact.Const("Paste a token into the form, never into a message or a command. "), redact.Const("There it would be exposed, and had to be revoked.")),
			step(redact.Const("It passes through Slack to me, is checked in memory, and dropped. "), redact.Const("I never post, log or store it.")),
			step(redact.Const("What I post is redacted. "), redact.Const("Times and names of scopes are shown, who the token belongs to is masked, everything else is hidden.")),
		))
	return blocks
}

// waysIn are the ways to ask, a line each, in the words that Slack has for them.
func (a *App) waysIn() [][]slack.Span {
	way := func(how slack.Span, what redact.Text) []slack.Span {
		return []slack.Span{how, slack.Plain(redact.Join("", redact.Const(": "), what))}
	}
	me := []slack.Span{slack.Bold(redact.Const("A mention of me"))}
	if us := a.gate.us.Load(); us != nil {
		me = []slack.Span{slack.User(us.User)}
	}
	return [][]slack.Span{
		way(slack.Bold(redact.Const("“Check a JWT” in a message's menu")), redact.Const("the summary goes to that message's thread. Look under “More message shortcuts”")),
		append(me, slack.Plain(redact.Const(" in a thread: I answer with a button that only you see, and the summary goes to that thread. Slack has no commands in threads"))),
		way(slack.Code(redact.Const("/jwt-check")), redact.Const("the verdict goes to the channel, and its details to a thread of its own")),
		way(slack.Code(redact.Const("/jwt-check PROFILE")), redact.Const("the same, with the environment chosen")),
		way(slack.Code(redact.Const("/jwt-check LINK")), redact.Const("with the link to a message of the same channel (“Copy link”): the summary goes to its thread")),
		way(slack.Bold(redact.Const("“Check another token” under a summary")), redact.Const("the next one goes to the same thread")),
		way(slack.Code(redact.Const("/jwt-check help")), redact.Const("these lines")),
	}
}

// profileRows say what each profile expects. The first is chosen where nobody chooses.
func profileRows(profiles []*checks.Profile) (rows [][]slack.Span) {
	for i, p := range profiles {
		if i == maxRows {
			return append(rows, []slack.Span{slack.Plain(redact.Policy{}.Text(redact.Msg("and {} more", redact.Count(len(profiles)-i))))})
		}
		row := []slack.Span{slack.Bold(word(p.Name))}
		if i == 0 {
			row = append(row, slack.Plain(redact.Const(" (chosen where you choose none)")))
		}
		row = append(row, slack.Plain(redact.Const(": issuer ")), slack.Code(word(p.Issuer)))
		row = append(row, listed(redact.Const(", audience "), p.Audience)...)
		row = append(row, listed(redact.Const(", signed with "), p.Algorithms)...)
		rows = append(rows, row)
	}
	return rows
}

// listed is a list of the operator's words behind what introduces it; nothing for an empty one.
func listed(introduced redact.Text, words []string) (spans []slack.Span) {
	for i, w := range words {
		if i > 0 {
			introduced = redact.Const(" or ")
		}
		spans = append(spans, slack.Plain(introduced), slack.Code(word(w)))
	}
	return spans
}

// help is the lines of the home tab for somebody who asks in a channel, with buttons that open the form.
func (a *App) help() slack.Message {
	title := redact.Const("How to have a token checked:")
	return slack.Message{
		Text: redact.Join(" ", title, redact.Const("/jwt-check opens a form for it; never paste one into a message. /jwt-check PROFILE chooses the environment. /jwt-check LINK, with the link to a message of this channel, answers in its thread. In a thread choose “Check a JWT” from a message's menu, or mention me. Profiles:"), a.profileNames()),
		Blocks: []slack.Block{
			slack.Paragraph(slack.Bold(title)), slack.List(a.waysIn()...),
			slack.Paragraph(slack.Bold(redact.Const("Profiles:"))), slack.List(profileRows(a.examiner.Profiles())...),
			a.openers(),
			slack.Context(slack.Plain(redact.Const("Never paste a token into a message or a command: there it would be exposed, and had to be revoked."))),
		},
	}
}

// misunderstood says what was wrong with a command, and what to press or type instead.
func (a *App) misunderstood(why redact.Text) slack.Message {
	more := redact.Const("/jwt-check help names every way to ask.")
	return slack.Message{
		Text:   redact.Join(" ", why, redact.Const("Profiles:"), a.profileNames(), more),
		Blocks: []slack.Block{slack.Paragraph(slack.Plain(why)), a.openers(), slack.Context(slack.Plain(more))},
	}
}

func (a *App) profileNames() redact.Text {
	var names []redact.Text
	for _, p := range a.examiner.Profiles() {
		names = append(names, word(p.Name))
	}
	return redact.Join("", redact.Join(", ", names...), redact.Const("."))
}

// openers open the form with a profile chosen, one each for the first few.
func (a *App) openers() slack.Block {
	var buttons []slack.Button
	for _, p := range a.examiner.Profiles()[:min(5, len(a.examiner.Profiles()))] {
		buttons = append(buttons, opener(redact.Join(" ", redact.Const("Check for"), word(p.Name)), p.Name, ""))
	}
	return slack.Buttons("open", buttons...)
}
