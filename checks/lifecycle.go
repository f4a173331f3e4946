package checks

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"jwt-check-bot/redact"
)

// The lifecycle rung: whether the issuer still stands by the token (RFC 7662).

// Introspection is what the issuer's endpoint says of the token. The zero Introspection was not asked
// for.
type Introspection struct {
	redact.Veil
	Problem redact.Message // why nothing was learned
	Active  bool
	Clock   Clock
	open    func() *object // the answer; nil where there is none
}

var errIntrospection = errors.New("no introspection response")

// ReadIntrospection reads a response (RFC 7662 §2.2). Its error is that it is no JSON object with a
// boolean `active`.
func ReadIntrospection(body []byte) (Introspection, error) {
	o, err := scanObject(string(body))
	if err != nil {
		return Introspection{}, errIntrospection
	}
	m, ok := o.find("active")
	if !ok || m.kind != 't' && m.kind != 'f' {
		return Introspection{}, errIntrospection
	}
	return Introspection{Active: m.kind == 't', open: func() *object { return &o }}, nil
}

var tokenInactive = Check{
	ID:       "lifecycle.token_inactive",
	Subject:  "Introspection",
	Title:    "The issuer says that the token is not active any more",
	Doc:      "Nothing in the token shows it: the session was ended, the grant revoked, the user blocked. APIs that only verify the signature accept it until it expires; the one that asks the issuer does not.",
	Cite:     "RFC 7662 §2.2",
	Severity: Blocks,
	Cause:    Revoked,
	Run: func(p *Pass) *Result {
		i := &p.Evidence.Introspection
		switch {
		case !i.Problem.IsZero():
			return cannotSay(redact.Msg("whether the token was revoked cannot be told: {}", redact.Part(i.Problem)))
		case i.open == nil:
			return nil
		case i.Active:
			return pass(redact.Msg("active, says the issuer"))
		}
		if why := p.explainsInactive(); !why.IsZero() {
			return cannotSay(redact.Msg("not active, says the issuer, as any token {}; whether it was revoked too cannot be told", redact.Part(why)))
		}
		r := &Result{
			Outcome: Failed,
			Says:    redact.Msg("Revoked: nothing is wrong in the token itself, and the issuer says that it is not active"),
			Want:    redact.Msg("an active token"),
			Next:    revokedNext,
		}
		if p.undecided {
			r.Says = redact.Msg("Not active, says the issuer: it was revoked, or is none of its tokens")
		}
		return r
	},
}

// explainsInactive says what else makes a token inactive: an issuer calls one so that has expired or
// that it did not issue, and gives no reason (RFC 7662 §2.2, §4).
func (p *Pass) explainsInactive() redact.Message {
	for _, c := range p.failed {
		switch c {
		case HeaderConstruction, HeaderTooLarge, InsufficientScope, MissingClaim, SenderConstrained, Revoked:
		case AudienceMismatch: // some issuers answer only to whom the token is for
			return redact.Msg("for somebody else may be")
		case Expired, NotYetValid, ClockSkew:
			return redact.Msg("outside its time is")
		default:
			return redact.Msg("with such a fault is")
		}
	}
	if !p.goodNow() {
		return redact.Msg("outside its time is, and by now this one is")
	}
	return redact.Message{}
}

var activeExpired = Check{
	ID:       "lifecycle.active_expired",
	Subject:  "Introspection and time",
	Title:    "The issuer calls a token active that has expired here",
	Doc:      "Its clock is behind ours, or ours ahead, or it extends sessions without a new token. APIs that verify by themselves refuse the token; those that ask the issuer accept it.",
	Cite:     "RFC 7662 §2.2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		i := &p.Evidence.Introspection
		if i.open == nil || !i.Active || p.goodNow() {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The issuer says that it is active, although {} does not pass here: compare the clocks", redact.Items(p.failing(p.Now, p.Profile.Leeway)))}
	},
}

var claimsDiffer = Check{
	ID:       "lifecycle.claims_differ",
	Subject:  "Introspection and claims",
	Title:    "The issuer says otherwise than the token",
	Doc:      "Permissions, client or lifetime were changed after the token was issued, or it was enriched on its way. An API that asks the issuer and one that reads the token then decide differently.",
	Cite:     "RFC 7662 §2.2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		i := &p.Evidence.Introspection
		if i.open == nil || !i.Active {
			return nil
		}
		var list []redact.Message
		for _, c := range comparable {
			if m := c.differs(&p.claims, i.open()); !m.IsZero() {
				list = append(list, m)
			}
		}
		if len(list) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The issuer says otherwise than the token: {}", redact.Items(list))}
	},
}

// comparison is one fact that both the token and the issuer may state, under names of their own.
type comparison struct {
	says   redact.Message
	token  []string // the names that tokens have for it
	issuer string   // the name in the response (RFC 7662 §2.2)
	list   bool
}

var comparable = []comparison{
	{redact.Msg("scope"), []string{"scope", "scp"}, "scope", true},
	{redact.Msg("client_id"), []string{"client_id", "azp", "cid", "appid"}, "client_id", false},
	{redact.Msg("exp"), []string{"exp"}, "exp", false},
	{redact.Msg("iss"), []string{"iss"}, "iss", false},
	{redact.Msg("sub"), []string{"sub"}, "sub", false},
	{redact.Msg("aud"), []string{"aud"}, "aud", true},
	{redact.Msg("tid"), []string{"tid"}, "tid", false},
	{redact.Msg("tenant"), []string{"tenant"}, "tenant", false},
	{redact.Msg("tenant_id"), []string{"tenant_id"}, "tenant_id", false},
	{redact.Msg("org_id"), []string{"org_id"}, "org_id", false},
}

// differs says how the two differ; nothing where one of them does not state it. Values are not shown.
func (c comparison) differs(token, issuer *object) redact.Message {
	theirs, ok := issuer.find(c.issuer)
	if !ok || theirs.kind == 'n' {
		return redact.Message{}
	}
	for _, name := range c.token {
		ours, ok := token.find(name)
		if !ok || ours.kind == 'n' {
			continue
		}
		a, b := facts(token.raw(ours), c.list), facts(issuer.raw(theirs), c.list)
		switch {
		case slices.Equal(a, b):
			return redact.Message{}
		case c.list:
			return redact.Msg("{} has {} here and {} there", redact.Part(c.says), redact.Count(len(a)), redact.Count(len(b)))
		}
		return c.says
	}
	return redact.Message{}
}

// facts are what a JSON value states: sorted words of a list, else one word.
func facts(raw string, list bool) []string {
	var words []string
	switch raw[0] {
	case '"':
		if !list {
			return []string{unquote(raw)}
		}
		words = strings.Fields(unquote(raw))
	case '[':
		words, _ = elements(raw)
	default:
		if f, err := strconv.ParseFloat(raw, 64); err == nil {
			return []string{strconv.FormatInt(int64(math.Floor(f)), 10)} // of one second
		}
		return []string{raw}
	}
	slices.Sort(words)
	return slices.Compact(words)
}
