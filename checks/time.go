package checks

import (
	"math"
	"strconv"
	"time"

	"jwt-check-bot/redact"
)

// The time rung: exp, nbf and iat against the instant judged, in UTC, with the profile's leeway.

type momentState uint8

const (
	momentAbsent momentState = iota
	momentGood
	momentWrongType
	momentMilliseconds
	momentImpossible
)

// moment is one NumericDate (RFC 7519 §2): seconds since 1970, perhaps with a fraction.
type moment struct {
	state momentState
	t     time.Time
}

// known reports whether there is an instant to compare with.
func (m moment) known() bool { return m.state == momentGood || m.state == momentMilliseconds }

func (m *moment) fractional() bool { return m.state == momentGood && m.t.Nanosecond() != 0 }

type moments struct {
	read          bool
	exp, nbf, iat moment
	Times
}

// Times are the instants that a token names, for a timeline; zero where it names none.
type Times struct{ Issued, NotBefore, Expires time.Time }

// times reads the three claims once.
func (p *Pass) times() *moments {
	if m := &p.moments; !m.read {
		*m = moments{read: true, exp: p.moment("exp"), nbf: p.moment("nbf"), iat: p.moment("iat")}
		m.Times = Times{Issued: m.iat.t, NotBefore: m.nbf.t, Expires: m.exp.t}
	}
	return &p.moments
}

func (p *Pass) moment(name string) moment {
	m, ok := p.claims.find(name)
	if !ok {
		return moment{}
	}
	if m.kind != '0' {
		return moment{state: momentWrongType}
	}
	return numericDate(p.claims.raw(m))
}

// Bounds of what a number may mean. In seconds the first lies in the year 5138: nobody issues a
// token for then, and every present instant in milliseconds or microseconds is beyond it.
const (
	inMilliseconds = 1e11
	inMicroseconds = 1e14
	impossible     = 1e17
)

// yearOne is the first second of the year 1. Whatever lies before is past as well, and is taken for
// that second, which a timeline leaves out.
const yearOne = -62135596800

func numericDate(raw string) moment {
	if len(raw) < 18 {
		n, err := strconv.ParseInt(raw, 10, 64)
		if err == nil && math.Abs(float64(n)) < inMilliseconds {
			return moment{momentGood, time.Unix(max(n, yearOne), 0)}
		}
	}
	f, err := strconv.ParseFloat(raw, 64) // of a JSON number: an error is that it is too large, and f infinite
	switch {
	case f <= yearOne:
		return moment{momentGood, time.Unix(yearOne, 0)}
	case err != nil || f >= impossible:
		return moment{state: momentImpossible}
	case f >= inMicroseconds:
		return moment{momentMilliseconds, time.UnixMicro(int64(f))}
	case f >= inMilliseconds:
		return moment{momentMilliseconds, time.UnixMilli(int64(f))}
	}
	sec, frac := math.Modf(f)
	return moment{momentGood, time.Unix(int64(sec), int64(frac*1e9))}
}

// relative says when something was or will be, seen from the instant judged: "42 s ago", "in 3 min",
// or, where that instant is not now, "42 s before the call failed".
func (p *Pass) relative(t time.Time) redact.Hole {
	d := p.at.Sub(t)
	switch {
	case p.called.IsZero():
		return redact.Ago(d)
	case d >= 0:
		return redact.Part(redact.Msg("{} before the call failed", redact.Age(d)))
	}
	return redact.Part(redact.Msg("{} after the call failed", redact.Age(d)))
}

// reference names the instant that is judged.
func (p *Pass) reference() redact.Hole {
	if p.called.IsZero() {
		return redact.Word("now")
	}
	return redact.Word("the failing call")
}

func (p *Pass) leeway() redact.Hole { return redact.Age(p.Profile.Leeway) }

var expPassed = Check{
	ID:       "time.exp_passed",
	Subject:  "Expiry (exp)",
	Title:    "The token has expired",
	Doc:      "The commonest cause of a 401. Get a fresh token; if this recurs, look at the code that refreshes: it should do so before exp, on one clock, and once for all waiting requests. Refresh tokens must outlive access tokens, else they can never refresh.",
	Cite:     "RFC 7519 §4.1.4",
	Severity: Blocks,
	Cause:    Expired,
	Run: func(p *Pass) *Result {
		exp := p.times().exp
		if !exp.known() || exp.state == momentMilliseconds {
			return nil
		}
		// The current time must be before exp (§4.1.4): at that very second the token is refused.
		if p.at.Before(exp.t.Add(p.Profile.Leeway)) {
			if !p.at.Before(exp.t) {
				return pass(redact.Msg("expired {}, within the leeway of {}", p.relative(exp.t), p.leeway()))
			}
			return pass(redact.Msg("expires {}", p.relative(exp.t)))
		}
		says, got := redact.Msg("Expired {}", p.relative(exp.t)), redact.Msg("exp {}", redact.Time(exp.t))
		if exp.t.Unix() <= 0 {
			says = redact.Msg("Expired: exp is 0 or negative, that is 1970 or before")
			got = redact.Msg("exp {}", redact.Show(p.value(redact.Claim, "exp")))
		}
		return &Result{
			Outcome: Failed,
			Says:    says,
			Want:    redact.Msg("exp after {}, with a leeway of {}", redact.Time(p.at), p.leeway()),
			Got:     got,
			Next:    redact.Msg("Get a fresh token and repeat the request; if it recurs, look at why the client did not refresh before exp"),
		}
	},
}

var nbfAhead = Check{
	ID:       "time.nbf_ahead",
	Subject:  "Not before (nbf)",
	Title:    "The token is not valid yet",
	Doc:      "Either it was post-dated on purpose, or a clock is off: the issuer's is ahead, or the verifier's behind. Check NTP on both before anybody touches the application.",
	Cite:     "RFC 7519 §4.1.5",
	Severity: Blocks,
	Cause:    NotYetValid,
	Run: func(p *Pass) *Result {
		nbf := p.times().nbf
		if nbf.state != momentGood {
			return nil
		}
		if !p.at.Before(nbf.t.Add(-p.Profile.Leeway)) {
			if p.at.Before(nbf.t) {
				return pass(redact.Msg("valid {}, within the leeway of {}", p.relative(nbf.t), p.leeway()))
			}
			if nbf.t.Unix() <= 0 {
				return pass(redact.Msg("valid since 1970 or before"))
			}
			return pass(redact.Msg("valid since {}", redact.Time(nbf.t)))
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Not valid yet: it becomes valid {}", p.relative(nbf.t)),
			Want:    redact.Msg("nbf not after {}, with a leeway of {}", redact.Time(p.at), p.leeway()),
			Got:     redact.Msg("nbf {}", redact.Time(nbf.t)),
			Next:    redact.Msg("Compare the clocks of issuer and API with UTC (NTP); only if both are right ask the issuer why it post-dates tokens"),
		}
		if p.issuedLater() {
			r.Says = redact.Msg("Not valid yet: the token was issued {}; is it the one that was sent?", p.relative(p.times().iat.t))
			r.Next = isItTheOne
		}
		return r
	},
}

var iatAhead = Check{
	ID:       "time.iat_ahead",
	Subject:  "Issued at (iat)",
	Title:    "The token says that it was issued in the future",
	Doc:      "The issuer's clock runs ahead of the one that judges. Strict verifiers refuse the token until the clocks agree.",
	Cite:     "RFC 7519 §4.1.6",
	Severity: Blocks,
	Cause:    ClockSkew,
	Run: func(p *Pass) *Result {
		iat := p.times().iat
		if iat.state != momentGood {
			return nil
		}
		if !p.at.Before(iat.t.Add(-p.Profile.Leeway)) {
			return pass(redact.Msg("issued {}", p.relative(iat.t)))
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Clock skew: iat lies {} ahead of {}", redact.Age(iat.t.Sub(p.at)), p.reference()),
			Want:    redact.Msg("iat not after {}, with a leeway of {}", redact.Time(p.at), p.leeway()),
			Got:     redact.Msg("iat {}", redact.Time(iat.t)),
			Next:    redact.Msg("Compare the issuer's clock with UTC (NTP) and mend the one that is off"),
		}
		if p.issuedLater() {
			r.Says = redact.Msg("The token was issued {}: is it the one that was sent?", p.relative(iat.t))
			r.Next = isItTheOne
		}
		return r
	},
}

// issuedLater reports whether the token was issued after the call that it is said to have failed: a
// token that was fetched since, more likely than a clock.
func (p *Pass) issuedLater() bool {
	iat := p.times().iat
	return !p.called.IsZero() && iat.state == momentGood && p.called.Before(iat.t)
}

var isItTheOne = redact.Msg("Check whether this token is the one that was sent: paste that one, or correct the time of the call; only if both are right compare the clocks with UTC (NTP)")

var expMissing = Check{
	ID:       "time.exp_missing",
	Subject:  "Expiry (exp)",
	Title:    "The token never expires",
	Doc:      "Whoever gets hold of it can use it for ever. RFC 9068 requires exp in access tokens.",
	Cite:     "RFC 9068 §2.2, RFC 8725 §3.10",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || p.times().exp.state != momentAbsent {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("There is no exp: the token never expires")}
	},
}

var expMilliseconds = Check{
	ID:       "time.exp_milliseconds",
	Subject:  "Expiry (exp)",
	Title:    "exp is in milliseconds",
	Doc:      "Verifiers read it as seconds, so the token is valid for thousands of years.",
	Cite:     "RFC 7519 §2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		exp := p.times().exp
		if exp.state != momentMilliseconds {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("exp is in milliseconds: meant is {}, and verifiers accept it for ever", redact.Time(exp.t))}
	},
}

var lifetimeLong = Check{
	ID:       "time.lifetime_long",
	Subject:  "Lifetime",
	Title:    "The token lives longer than the profile's longest lifetime",
	Doc:      "A long-lived access token is a long-lived risk. Use short ones (5 to 60 minutes) and refresh tokens that outlive them, bounded and rotated.",
	Cite:     "RFC 9700 §2.2.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		t := p.times()
		if t.exp.state != momentGood || t.iat.state != momentGood || p.Profile.MaxLifetime == 0 {
			return nil
		}
		life := t.exp.t.Sub(t.iat.t)
		if life <= p.Profile.MaxLifetime {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("It lives for {}; the profile's longest is {}", redact.Age(life), redact.Age(p.Profile.MaxLifetime))}
	},
}
