package bot

import (
	"slices"
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
	return slack.Message{Text: notification(s), Blocks: slack.Fit(append(verdictBlocks(s), detailBlocks(s)...), more, footer(s, requester), again(s))}
}

// more stands in place of what does not fit.
var more = slack.Context(slack.Plain(redact.Const("There is more than Slack takes in one message: jwt-check-bot check shows all of it on your own machine.")))

// verdictMessage is the short answer, for a channel; its details go into its thread.
func verdictMessage(s *Summary, requester string) slack.Message {
	return slack.Message{Text: notification(s), Blocks: append(verdictBlocks(s), footer(s, requester), again(s))}
}

// strayMessage is the short answer of a thread whose first message was deleted.
func strayMessage(s *Summary, requester string) slack.Message {
	why := redact.Const("This stands in the channel because the message that it answers was deleted.")
	m := verdictMessage(s, requester)
	return slack.Message{Text: redact.Join(" ", m.Text, why), Blocks: append([]slack.Block{slack.Context(slack.Plain(why))}, m.Blocks...)}
}

func detailMessage(s *Summary) slack.Message {
	return slack.Message{Text: redact.Join(" ", redact.Const("Details."), s.Says), Blocks: slack.Fit(detailBlocks(s), more)}
}

// notification is all that a lock screen or a screen reader gets.
func notification(s *Summary) redact.Text {
	return redact.Join(" ", s.Headline.Ended(), s.Says.Ended(),
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
	return redact.Const("whoever asked")
}

func detailBlocks(s *Summary) []slack.Block {
	blocks := checklist(s)
	if len(s.Server) > 0 {
		blocks = append(blocks, title(redact.Const("What the server said")), slack.List(notes(s.Server)...))
	}
	if len(s.Beside) > 0 {
		blocks = append(blocks, title(redact.Const("Beside the token that works")), slack.List(notes(s.Beside)...))
	}
	if rows := timeRows(s.Times); len(rows) > 0 {
		blocks = append(blocks, title(redact.Const("Times")), slack.List(rows...))
	}
	if rows := claimRows(s.Header, s.Claims); len(rows) > 0 {
		blocks = append(blocks, title(redact.Const("Claims, redacted")), slack.List(rows...))
	}
	if len(s.Notes) > 0 {
		blocks = append(blocks, title(redact.Const("Good to know")), slack.List(notes(s.Notes)...))
	}
	if len(s.Hygiene) > 0 {
		blocks = append(blocks, title(redact.Const("Worth mending, but not why")), slack.List(notes(s.Hygiene)...))
	}
	return blocks
}

func title(t redact.Text) slack.Block { return slack.Paragraph(slack.Bold(t)) }

// Group is one part of the checklist: what its lines have in common is its title.
type Group struct {
	Title redact.Text
	Lines []Line
	Brief bool // the subjects alone are enough
}

// Checklist sorts the ladder into groups: what fails stands first, where a tired person looks; what
// a verifier would not have reached is named as such, and takes one line. Of a token that passes,
// nothing fails: what explains the refusal lies elsewhere.
func Checklist(s *Summary) []Group {
	fails := redact.Const("✗ Fails")
	if s.Verdict == checks.Accept {
		fails = redact.Const("! Explains it, though the token passes")
	}
	groups := []Group{
		{Title: fails}, {Title: redact.Const("✓ Passes")},
		{Title: redact.Const("✓ Would pass, but a verifier stops before"), Brief: true}, {Title: redact.Const("– Not judged")},
	}
	lines := slices.Clone(s.Why)
	slices.SortStableFunc(lines, func(a, b Line) int { return a.group() - b.group() })
	for i := range groups {
		n := 0
		for n < len(lines) && lines[n].group() == i {
			n++
		}
		groups[i].Lines, lines = lines[:n:n], lines[n:]
	}
	return slices.DeleteFunc(groups, func(g Group) bool { return len(g.Lines) == 0 })
}

// group is the part of the checklist in which the line stands.
func (l *Line) group() int {
	switch {
	case l.Status == "fail":
		return 0
	case l.Status == "pass" && !l.Beyond:
		return 1
	case l.Status == "pass":
		return 2
	}
	return 3
}

func checklist(s *Summary) []slack.Block {
	var blocks []slack.Block
	for _, g := range Checklist(s) {
		if g.Brief {
			var subjects []redact.Text
			for _, l := range g.Lines {
				subjects = append(subjects, l.Subject)
			}
			blocks = append(blocks, slack.Paragraph(slack.Bold(g.Title), slack.Plain(redact.Join("", redact.Const(": "), redact.Join(", ", subjects...)))))
			continue
		}
		rows := make([][]slack.Span, 0, len(g.Lines))
		for _, l := range g.Lines {
			rows = append(rows, row(l))
		}
		blocks = append(blocks, title(g.Title), slack.List(rows...))
	}
	return blocks
}

// row is one line of the checklist, with what was expected beside what was found.
func row(l Line) []slack.Span {
	spans := append(make([]slack.Span, 0, 4), slack.Bold(l.Subject))
	add := func(sep, t redact.Text) { spans = append(spans, slack.Plain(redact.Join("", sep, t))) }
	switch {
	case l.Leads && !l.Want.IsZero():
		add(redact.Const(": "), redact.Const("the cause")) // the headline is its sentence
	case l.Leads:
		add(redact.Const(": the cause: "), l.Says)
	default:
		add(redact.Const(": "), l.Says)
	}
	if !l.Want.IsZero() {
		add(redact.Const(" · expected "), l.Want)
	}
	if !l.Got.IsZero() {
		add(redact.Const(" · found "), l.Got)
	}
	return spans
}

// notes are facts, without a mark: they neither pass nor fail.
func notes(lines []Line) [][]slack.Span {
	rows := make([][]slack.Span, 0, len(lines))
	for _, l := range lines {
		rows = append(rows, []slack.Span{slack.Bold(l.Subject), slack.Plain(redact.Const(": ")), slack.Plain(l.Says)})
	}
	return rows
}

func timeRows(times []Moment) [][]slack.Span {
	rows := make([][]slack.Span, 0, len(times))
	for _, m := range times {
		at, relative := utc(m.At), slack.Span{}
		if !m.Relative.IsZero() {
			relative = slack.Plain(redact.Join("", redact.Const(" · "), m.Relative))
		}
		rows = append(rows, []slack.Span{
			slack.Bold(m.Name), slack.Plain(redact.Join("", redact.Const(": "), at)),
			slack.Plain(redact.Const(" · ")), slack.Date(m.At, slack.DayAndTime, at), slack.Plain(redact.Const(" your time")), relative,
		})
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
	rows := make([][]slack.Span, 0, min(len(header)+len(claims), maxRows)+2)
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
		if name := c.Name.String(); c.Shown == redact.Shown && (name == "iat" || name == "nbf" || name == "exp") {
			continue // the times stand above, as times
		}
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

// footer is the small print. The mention stands last: it is an element of its own.
func footer(s *Summary, requester string) slack.Block {
	text := redact.Join(" ", redact.Const("Profile"), s.Profile, redact.Const("· judged as of"), utc(s.CheckedAt))
	if !s.Fingerprint.IsZero() {
		text = redact.Join(" ", text, redact.Const("· fingerprint"), s.Fingerprint)
	}
	text = redact.Join(" · ", text, noToken)
	if requester == "" {
		return slack.Context(slack.Plain(text))
	}
	return slack.Context(slack.Plain(redact.Join(" · ", text, redact.Const("asked by"))), slack.User(requester))
}

const actionAgain = "jwt_check_again"

// again is the way to the next check, under every summary.
func again(s *Summary) slack.Block {
	return slack.Buttons("again", slack.Button{Action: actionAgain, Value: s.Profile.String(), Text: redact.Const("Check another token")})
}

// word makes a text of one of our own fixed words.
func word(s string) redact.Text { return redact.OperatorText(s) }
