package bot

import (
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// What a reply may show: texts that redact made, instants, and the IDs of people. Nothing else fits
// into a block. Every mark (✓ ✗ ! –) stands beside a word that says the same.

// noToken is the last line of every reply.
var noToken = redact.Const("The token was not posted, logged or stored")

// summaryMessage is the whole answer, for an incident's thread.
func summaryMessage(s *Summary, requester string) slack.Message {
	blocks := append(verdictBlocks(s), detailBlocks(s)...)
	blocks = append(blocks, footer(s, requester), again(s))
	return slack.Message{Text: notification(s), Blocks: blocks}
}

// verdictMessage is the short answer, for a channel; its details go into its thread.
func verdictMessage(s *Summary, requester string) slack.Message {
	return slack.Message{Text: notification(s), Blocks: append(verdictBlocks(s), footer(s, requester), again(s))}
}

func detailMessage(s *Summary) slack.Message {
	return slack.Message{Text: redact.Join(" ", redact.Const("Details."), s.Says), Blocks: detailBlocks(s)}
}

// notification is all that a lock screen or a screen reader gets.
func notification(s *Summary) redact.Text {
	return redact.Join(" ", redact.Join("", s.Headline, redact.Const(".")), redact.Join("", s.Says, redact.Const(".")),
		redact.Const("Next:"), word(string(s.Owner)), redact.Const("–"), s.Next)
}

func verdictBlocks(s *Summary) []slack.Block {
	blocks := []slack.Block{
		slack.Header(redact.Join(" ", mark(s), s.Headline)),
		slack.Paragraph(slack.Bold(s.Says)),
		slack.Paragraph(slack.Bold(redact.Const("Next, ")), slack.Bold(owner(s.Owner)), slack.Plain(redact.Const(": ")), slack.Plain(s.Next)),
	}
	if len(s.Also) > 0 {
		spans := []slack.Span{slack.Plain(redact.Const("Once that is mended it would still be refused for: "))}
		for i, c := range s.Also {
			if i > 0 {
				spans = append(spans, slack.Plain(redact.Const(", ")))
			}
			spans = append(spans, slack.Code(word(string(c))))
		}
		blocks = append(blocks, slack.Paragraph(spans...))
	}
	return blocks
}

func mark(s *Summary) redact.Text {
	switch s.Verdict {
	case checks.Accept:
		return redact.Const("✓")
	case checks.CannotDecide:
		return redact.Const("?")
	}
	return redact.Const("✗")
}

func owner(o checks.Owner) redact.Text {
	switch o {
	case checks.Client:
		return redact.Const("whoever runs the client")
	case checks.API:
		return redact.Const("whoever runs the API")
	case checks.Issuer:
		return redact.Const("whoever runs the issuer")
	case checks.Infrastructure:
		return redact.Const("whoever runs the infrastructure")
	}
	return redact.Const("you")
}

func detailBlocks(s *Summary) []slack.Block {
	blocks := []slack.Block{title(redact.Const("Why")), slack.List(ladder(s.Why)...)}
	if rows := timeRows(s.Times); len(rows) > 0 {
		blocks = append(blocks, title(redact.Const("Times")), slack.List(rows...))
	}
	if rows := claimRows(s.Header, s.Claims); len(rows) > 0 {
		blocks = append(blocks, title(redact.Const("Claims, redacted")), slack.List(rows...))
	}
	if len(s.Hygiene) > 0 {
		blocks = append(blocks, title(redact.Const("Worth mending, but not why")), slack.List(ladder(s.Hygiene)...))
	}
	return blocks
}

func title(t redact.Text) slack.Block { return slack.Paragraph(slack.Bold(t)) }

// ladder is the checklist: one line a finding, with what was expected beside what was found.
func ladder(lines []Line) [][]slack.Span {
	var rows [][]slack.Span
	for _, l := range lines {
		says := l.Says
		if l.Leads && !l.Want.IsZero() {
			says = redact.Const("see above") // the headline is this very sentence
		}
		row := []slack.Span{slack.Code(Status(l)), slack.Plain(redact.Const(" ")), slack.Bold(l.Subject), slack.Plain(redact.Const(": ")), slack.Plain(says)}
		if !l.Want.IsZero() {
			row = append(row, slack.Plain(redact.Join("", redact.Const(" · expected "), l.Want)))
		}
		if !l.Got.IsZero() {
			row = append(row, slack.Plain(redact.Join("", redact.Const(" · found "), l.Got)))
		}
		rows = append(rows, row)
	}
	return rows
}

// Status is a line's mark and word.
func Status(l Line) redact.Text {
	switch {
	case l.Status == "fail" && l.Leads:
		return redact.Const("✗ fail, the cause")
	case l.Status == "fail":
		return redact.Const("✗ fail")
	case l.Status == "warn":
		return redact.Const("! warning")
	case l.Status == "skip":
		return redact.Const("– not judged")
	case l.Beyond:
		return redact.Const("✓ pass, not reached")
	}
	return redact.Const("✓ pass")
}

func timeRows(times []Moment) [][]slack.Span {
	var rows [][]slack.Span
	for _, m := range times {
		row := []slack.Span{
			slack.Bold(m.Name), slack.Plain(redact.Join("", redact.Const(": "), utc(m.At))),
			slack.Plain(redact.Const(" · ")), slack.Date(m.At, slack.DayAndTime, utc(m.At)), slack.Plain(redact.Const(" your time")),
		}
		if !m.Relative.IsZero() {
			row = append(row, slack.Plain(redact.Join("", redact.Const(" · "), m.Relative)))
		}
		rows = append(rows, row)
	}
	return rows
}

func utc(t time.Time) redact.Text {
	return redact.Policy{}.Text(redact.Msg("{}", redact.Time(t)))
}

// maxRows keeps a reply within what a person reads and a block holds.
const maxRows = 30

// claimRows shows the header and the claims that may be seen, and names the hidden ones together.
func claimRows(header, claims []Claim) [][]slack.Span {
	var rows [][]slack.Span
	var hidden []redact.Text
	more := 0
	add := func(c Claim, suffix redact.Text) {
		if c.Shown == redact.Hidden {
			if len(hidden) < maxRows {
				hidden = append(hidden, redact.Join("", c.Name, redact.Const(" ("), c.Value, redact.Const(")")))
			} else {
				more++
			}
			return
		}
		if len(rows) == maxRows {
			more++
			return
		}
		rows = append(rows, []slack.Span{slack.Bold(c.Name), slack.Plain(redact.Const(" ")), slack.Code(c.Value), slack.Plain(suffix)})
	}
	for _, c := range header {
		add(c, redact.Const(" in the header"))
	}
	for _, c := range claims {
		suffix := redact.Text{}
		if c.Shown == redact.Masked {
			suffix = redact.Const(" masked")
		}
		add(c, suffix)
	}
	if len(hidden) > 0 {
		rows = append(rows, []slack.Span{slack.Bold(redact.Const("hidden")), slack.Plain(redact.Join("", redact.Const(": "), redact.Join(", ", hidden...)))})
	}
	if more > 0 {
		rows = append(rows, []slack.Span{slack.Plain(redact.Policy{}.Text(redact.Msg("and {} more", redact.Count(more))))})
	}
	return rows
}

func footer(s *Summary, requester string) slack.Block {
	first := redact.Join(" ", redact.Const("Profile"), s.Profile, redact.Const("· judged as of"), utc(s.CheckedAt))
	if !s.Fingerprint.IsZero() {
		first = redact.Join(" ", first, redact.Const("· fingerprint"), s.Fingerprint)
	}
	spans := []slack.Span{slack.Plain(first)}
	if requester != "" {
		spans = append(spans, slack.Plain(redact.Const(" · asked by")), slack.User(requester))
	}
	return slack.Context(append(spans, slack.Plain(noToken))...)
}

const actionAgain = "jwt_check_again"

// again is the way to the next check, under every summary.
func again(s *Summary) slack.Block {
	return slack.Buttons("again", slack.Button{Action: actionAgain, Value: s.Profile.String(), Text: redact.Const("Check another token")})
}

// word makes a text of one of our own fixed words.
func word(s string) redact.Text { return redact.Policy{}.Text(redact.Msg("{}", redact.Operator(s))) }
