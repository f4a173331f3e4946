package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"jwt-check-bot/bot"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// writeText prints a summary as the thread shows it.
func writeText(w io.Writer, s *bot.Summary, zone *time.Location) error {
	p := &page{w: w}
	mark := map[checks.Verdict]string{checks.Accept: "✓", checks.Reject: "✗", checks.CannotDecide: "?"}[s.Verdict]
	p.line("%s %s", mark, s.Headline)
	p.line("%s", s.Says.Ended())
	p.line("Next, %s: %s", s.Owner, s.Next.Ended())
	if len(s.Also) > 0 {
		var also []string
		for _, c := range s.Also {
			also = append(also, string(c))
		}
		p.line("Once that is mended it would still be refused for: %s", strings.Join(also, ", "))
	}
	for _, g := range bot.Checklist(s) {
		p.line("\n%s", g.Title)
		p.findings(g.Lines)
	}
	p.notes("What the server said", s.Server)
	p.notes("Beside the token that works", s.Beside)
	if len(s.Times) > 0 {
		p.line("\nTimes")
		for _, m := range s.Times {
			rel := ""
			if !m.Relative.IsZero() {
				rel = "  (" + m.Relative.String() + ")"
			}
			p.line("  %-18s %s  %s%s", m.Name, m.At.UTC().Format(time.DateTime+" UTC"), m.At.In(zone).Format("15:04:05 MST"), rel)
		}
	}
	p.claims(s)
	p.notes("Good to know", s.Notes)
	p.notes("Worth mending, but not why", s.Hygiene)
	foot := "\nProfile " + s.Profile.String() + " · judged as of " + s.CheckedAt.UTC().Format(time.DateTime+" UTC")
	if !s.Fingerprint.IsZero() {
		foot += " · fingerprint " + s.Fingerprint.String()
	}
	p.line("%s", foot)
	return p.err
}

// page remembers the first error of a writer.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *page) findings(lines []bot.Line) {
	for _, l := range lines {
		lead := ""
		if l.Leads {
			lead = "the cause: "
		}
		p.line("  %s: %s%s", l.Subject, lead, l.Says)
		if !l.Want.IsZero() {
			p.line("    expected %s", l.Want)
		}
		if !l.Got.IsZero() {
			p.line("    found    %s", l.Got)
		}
	}
}

func (p *page) notes(title string, lines []bot.Line) {
	if len(lines) > 0 {
		p.line("\n%s", title)
	}
	for _, l := range lines {
		p.line("  %s: %s", l.Subject, l.Says)
	}
}

func (p *page) claims(s *bot.Summary) {
	if len(s.Header)+len(s.Claims) == 0 {
		return
	}
	p.line("\nClaims, redacted")
	for _, c := range s.Header {
		p.line("  %-18s %s  (header%s)", c.Name, c.Value, shownNote(c.Shown))
	}
	for i, c := range s.Claims {
		if i == 100 {
			p.line("  and %d more", len(s.Claims)-i)
			break
		}
		note := strings.TrimPrefix(shownNote(c.Shown), ", ")
		if note != "" {
			note = "  (" + note + ")"
		}
		p.line("  %-18s %s%s", c.Name, c.Value, note)
	}
}

func shownNote(v redact.Visibility) string {
	switch v {
	case redact.Masked:
		return ", masked"
	case redact.Hidden:
		return ", hidden"
	}
	return ""
}
