package checks

import (
	"slices"
	"time"

	"jwt-check-bot/redact"
)

// The clock rung: what other parties' clocks say, read from the Date of their answers.

// Clock is a party's clock against ours: its time minus ours lies between the two bounds. The zero
// Clock was not read.
type Clock struct{ From, To time.Duration }

// ReadClock compares clocks by one answer. Its Date is cut to the second (RFC 9110 §6.6.1) and was
// written at some time between the request's last byte and the answer's first. Without a Date there
// is no Clock.
func ReadClock(sent, came, date time.Time) Clock {
	if date.IsZero() {
		return Clock{}
	}
	if came.Before(sent) { // our clock was set back meanwhile
		came = sent
	}
	return Clock{date.Sub(came), date.Add(time.Second).Sub(sent)}
}

// IsZero reports whether the clock was not read.
func (c Clock) IsZero() bool { return c == Clock{} }

// Ahead is how far the party's clock is ahead of ours; negative: behind.
func (c Clock) Ahead() time.Duration { return (c.From + c.To) / 2 }

// Bar is how far off that may be: half the round trip, and half a second of Date's resolution.
func (c Clock) Bar() time.Duration { return (c.To - c.From) / 2 }

// With joins two readings of one clock. Where they contradict each other, several machines answer
// there, and all that is known is that their clocks lie between the outermost bounds.
func (c Clock) With(d Clock) Clock {
	switch {
	case c.IsZero():
		return d
	case d.IsZero():
		return c
	}
	if both := (Clock{max(c.From, d.From), min(c.To, d.To)}); both.From <= both.To {
		return both
	}
	return Clock{min(c.From, d.From), max(c.To, d.To)}
}

// off reports whether the party's clock differs from ours by more than a leeway absorbs with ease.
func (c Clock) off() bool { return !c.IsZero() && c.Ahead().Abs() > tolerable+c.Bar() }

const tolerable = 5 * time.Second

// agrees reports whether both may show the same time, as one that was not read may.
func (c Clock) agrees(d Clock) bool {
	return c.IsZero() || d.IsZero() || c.From <= d.To && d.From <= c.To
}

// clockOf is a clock with its owner.
type clockOf struct {
	whose redact.Message
	Clock
}

// clocks are those that were read.
func (p *Pass) clocks() []clockOf {
	var list []clockOf
	add := func(whose redact.Message, c Clock) {
		if !c.IsZero() {
			list = append(list, clockOf{whose, c})
		}
	}
	keys := p.evidence()
	if !slices.Contains(p.failed, ClockSkew) || p.Evidence.Replay.Own.stance() != refuses { // else the API's is spoken of
		add(redact.Msg("the API's"), p.Evidence.Replay.Clock)
	}
	if keys.IssuerClock.agrees(keys.Clock) {
		add(redact.Msg("the issuer's"), keys.IssuerClock.With(keys.Clock))
	} else {
		add(redact.Msg("the issuer's"), keys.IssuerClock)
		add(redact.Msg("the key set's"), keys.Clock)
	}
	add(redact.Msg("the introspection endpoint's"), p.Evidence.Introspection.Clock)
	add(redact.Msg("Slack's"), p.Evidence.Slack)
	return list
}

// skew is a span of time as clocks are compared: in seconds while these are few.
func skew(d time.Duration) redact.Hole {
	d = d.Abs()
	if d = d.Round(time.Second); d < 2*time.Minute {
		return redact.Part(redact.Msg("{} s", redact.Count(int(d/time.Second))))
	}
	return redact.Age(d)
}

// bar is an error bar, rounded up to tenths of a second.
func bar(d time.Duration) redact.Hole {
	tenths := int((d + 100*time.Millisecond - 1) / (100 * time.Millisecond))
	return redact.Part(redact.Msg("± {}.{} s", redact.Count(tenths/10), redact.Count(tenths%10)))
}

func (c Clock) side() redact.Hole {
	if c.Ahead() < 0 {
		return redact.Word("behind")
	}
	return redact.Word("ahead")
}

// difference names how a clock differs from ours.
func (c clockOf) difference() redact.Hole {
	return redact.Part(redact.Msg("{} clock is {} {} ({})", redact.Part(c.whose), skew(c.Ahead()), c.side(), bar(c.Bar())))
}

// failing names the time claims that a verifier refuses whose clock shows t.
func (p *Pass) failing(t time.Time, leeway time.Duration) []redact.Message {
	var list []redact.Message
	m := p.times()
	if m.exp.state == momentGood && !t.Before(m.exp.t.Add(leeway)) {
		list = append(list, redact.Msg("exp"))
	}
	if m.nbf.state == momentGood && t.Before(m.nbf.t.Add(-leeway)) {
		list = append(list, redact.Msg("nbf"))
	}
	if m.iat.state == momentGood && t.Before(m.iat.t.Add(-leeway)) {
		list = append(list, redact.Msg("iat"))
	}
	return list
}

// goodNow reports whether the time claims pass as of now: what servers were asked, they were asked now.
func (p *Pass) goodNow() bool { return len(p.failing(p.Now, p.Profile.Leeway)) == 0 }

var serverBlamed = Check{
	ID:       "clock.server_blamed",
	Subject:  "The API's clock",
	Title:    "The API's clock explains the rejection",
	Doc:      "Its Date shows another time than ours, and by that time it has to refuse the token that passes here. Mend the clock of the machine that verifies (NTP); a longer leeway only hides it.",
	Cite:     "RFC 7519 §4.1.4 to §4.1.6, RFC 9110 §6.6.1",
	Severity: Blocks,
	Cause:    ClockSkew,
	Run: func(p *Pass) *Result {
		c := p.Evidence.Replay.Clock
		if c.IsZero() || p.Evidence.Replay.Own.stance() != refuses || !p.goodNow() {
			return nil
		}
		// At both ends of the error bar, so that it is no guess.
		early, late := p.failing(p.Now.Add(c.From), p.Profile.Leeway), p.failing(p.Now.Add(c.To), p.Profile.Leeway)
		if len(early) == 0 || len(late) == 0 {
			return nil
		}
		says := clockOf{redact.Msg("the API's"), c}.difference()
		verdict := redact.Word("fails there and passes here")
		if len(late) > 1 {
			verdict = redact.Word("fail there and pass here")
		}
		return &Result{
			Outcome: Failed, Elsewhere: true,
			Says: redact.Msg("Clock skew: {}: {} {}", says, redact.Items(late), verdict),
			Want: redact.Msg("the API's clock within the leeway of {} of ours", p.leeway()),
			Got:  p.answers(),
			Next: redact.Msg("Synchronise the clock of the machines that verify tokens (NTP), or of the proxy that wrote this Date; then send the same token again"),
		}
	},
}

var partySkewed = Check{
	ID:       "clock.party_skewed",
	Subject:  "Clocks",
	Title:    "A party's clock is off",
	Doc:      "Times in a token are written by one clock and judged by another. A difference beyond a few seconds makes fresh tokens fail (nbf, iat) or expired ones pass; where all others agree, it is this bot's own clock.",
	Cite:     "RFC 7519 §4.1.4 to §4.1.6, RFC 9110 §6.6.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.Evidence.Replay.Clock.IsZero() && p.Evidence.Slack.IsZero() && p.Evidence.Introspection.Clock.IsZero() && !p.issuerClockRead() {
			return nil
		}
		clocks := p.clocks()
		var off []redact.Message
		alike := true
		for _, c := range clocks {
			if !c.off() {
				alike = false
				continue
			}
			alike = alike && c.agrees(clocks[0].Clock)
			off = append(off, p.underClock(c))
		}
		switch {
		case len(off) == 0:
			return nil
		case len(clocks) == 1 && !p.Evidence.Slack.IsZero():
			return &Result{Outcome: Failed, Says: redact.Msg("{}: Slack keeps its clock, so it is more likely this bot's own that is off, and what is said here of times is off with it", clocks[0].difference())}
		case alike && len(clocks) > 1:
			return &Result{Outcome: Failed, Says: redact.Msg("{}: all agree, so this bot's own clock is the one that is off, and what is said here of times is off with it", redact.Items(off))}
		}
		return &Result{Outcome: Failed, Says: redact.Msg("{}", redact.Items(off))}
	},
}

func (p *Pass) issuerClockRead() bool {
	if p.chosen < 0 || p.chosen >= len(p.Evidence.Keys) {
		return false
	}
	e := &p.Evidence.Keys[p.chosen]
	return !e.Clock.IsZero() || !e.IssuerClock.IsZero()
}

// underClock says how a clock differs, and what of the token's times it judges otherwise than ours.
func (p *Pass) underClock(c clockOf) redact.Message {
	here, there := p.failing(p.Now, p.Profile.Leeway), p.failing(p.Now.Add(c.Ahead()), p.Profile.Leeway)
	switch {
	case len(here) == 0 && len(there) > 0:
		return redact.Msg("{}: there, {} would not pass", c.difference(), redact.Items(there))
	case len(here) > 0 && len(there) == 0:
		return redact.Msg("{}: there, {} would pass", c.difference(), redact.Items(here))
	}
	return redact.Msg("{}", c.difference())
}
