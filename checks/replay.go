package checks

import (
	"slices"
	"time"

	"jwt-check-bot/redact"
)

// What the API answered when it was asked: the evidence of the replay rung, and how it compares.

// Replay is what the API answered to four requests that differ in their credential alone. The zero
// Replay was not asked for.
type Replay struct {
	Asked   bool
	Bare    Reply // to no token
	Garbage Reply // to one that nobody issued
	Own     Reply // to the token
	Canary  Reply // to a fresh one of the profile's own
	Clock   Clock // the API's
}

// Reply is one answer of the API. Its body was hashed and dropped. The zero Reply was not asked for.
type Reply struct {
	Problem    redact.Message // why there is none
	Unanswered bool           // it was sent, and no answer came
	Status     int
	Took       time.Duration // from the request's last byte to the answer's first
	Challenges []Challenge   // of WWW-Authenticate
	Server     redact.Message
	Via        redact.Message
	Body       [32]byte // its hash, under a key of this process
	Said       Answer   // what is recognised in its words, where it refuses
	Partial    bool     // the body broke off, so that it is not compared
}

// stance is what an answer says about the credential.
type stance uint8

const (
	notAsked stance = iota
	noAnswer
	accepts    // 2xx
	refuses    // 401, or a challenge that says so
	forbids    // insufficient_scope: it is known and may not
	overlong   // the header is too large
	redirects  // 3xx, which was not followed
	says403    // 403 without a word about the token
	otherwise  // 404, 429, 5xx: nothing about the token
	wantsProof // a challenge that asks for a DPoP proof or its nonce
)

func (r *Reply) stance() stance {
	switch {
	case !r.Problem.IsZero():
		return noAnswer
	case r.Status == 0:
		return notAsked
	case r.Status >= 200 && r.Status < 300:
		return accepts
	case r.Status >= 300 && r.Status < 400:
		return redirects
	case r.Status == 431, r.Status == 494, r.Status == 413, r.Status == 414, r.Status == 400 && r.Said.content().says(HeaderTooLarge):
		return overlong
	case r.Status >= 500, r.Status == 404, r.Status == 429:
		return otherwise
	}
	for _, c := range r.Challenges {
		switch c.Code() {
		case insufficientScope:
			return forbids
		case useDPoPNonce, invalidDPoPProof:
			return wantsProof
		case invalidToken, invalidRequest:
			return refuses
		}
	}
	switch r.Status {
	case 401:
		return refuses
	case 403:
		return says403
	}
	return otherwise
}

// code is the error code of the answer's challenges; empty where there is none.
func (r *Reply) code() string {
	for _, c := range r.Challenges {
		if code := c.Code(); code != "" {
			return code
		}
	}
	return ""
}

// same reports whether nobody could tell the two answers apart.
func (r *Reply) same(o *Reply) bool {
	return r.alike(o) && !r.Partial && !o.Partial && r.Body == o.Body
}

// alike reports whether the two differ in their bodies at most: a time or an ID stands in many.
func (r *Reply) alike(o *Reply) bool {
	return r.Status != 0 && r.Problem.IsZero() && o.Problem.IsZero() && r.Status == o.Status &&
		slices.EqualFunc(r.Challenges, o.Challenges, Challenge.same)
}

// same reports whether the challenges ask for the same.
func (c Challenge) same(d Challenge) bool {
	if c.open == nil || d.open == nil {
		return c.open == nil && d.open == nil
	}
	return c.open().scheme == d.open().scheme && slices.Equal(c.open().params, d.open().params)
}

// brief is a status and how long it took, "401 in 2 ms", or why there is none.
func (r *Reply) brief() redact.Hole {
	switch {
	case !r.Problem.IsZero():
		return redact.Part(r.Problem)
	case r.code() != "":
		return redact.Part(redact.Msg("{} {} in {}", redact.Count(r.Status), redact.Operator(r.code()), r.took()))
	}
	return redact.Part(redact.Msg("{} in {}", redact.Count(r.Status), r.took()))
}

func (r *Reply) took() redact.Hole {
	return redact.Age(max(r.Took.Round(time.Millisecond), time.Millisecond))
}

// answers puts all answers side by side, for the one finding that shows them.
func (p *Pass) answers() redact.Message {
	p.compared = true
	r := &p.Evidence.Replay
	var list []redact.Message
	add := func(to redact.Hole, reply *Reply) {
		if reply.stance() != notAsked {
			list = append(list, redact.Msg("{}: {}", to, reply.brief()))
		}
	}
	add(redact.Word("no token"), &r.Bare)
	add(redact.Word("garbage"), &r.Garbage)
	add(redact.Word("yours"), &r.Own)
	add(redact.Word("canary"), &r.Canary)
	if said := p.says(&r.Own); !said.IsZero() {
		list = append(list, said)
	}
	for _, field := range [...]struct {
		name redact.Hole
		of   func(*Reply) redact.Message
	}{{redact.Word("Server"), func(r *Reply) redact.Message { return r.Server }}, {redact.Word("Via"), func(r *Reply) redact.Message { return r.Via }}} {
		if m := p.unlessEchoed(field.of(r.speaking())); !m.IsZero() {
			list = append(list, redact.Msg("{}: {}", field.name, redact.Part(m)))
		}
	}
	return redact.Msg("{}", redact.Items(list))
}

// says is what a refusal says of itself: what is known of its words, else the challenge's description.
func (p *Pass) says(r *Reply) redact.Message {
	if heard := r.Said.content().heard; len(heard) > 0 && heard[0].cause != "" {
		return redact.Msg("it says that {}", redact.Part(heard[0].meaning()))
	}
	for _, c := range r.Challenges {
		if said := c.param("error_description"); said != "" {
			return redact.Msg("it says: {}", redact.Part(p.unlessEchoed(redact.Msg("{}", redact.Public(said)))))
		}
	}
	return redact.Message{}
}

// names is the cause that the answer's words name; empty where they name none.
func (r *Reply) names() Cause {
	if named := r.Said.content().causes(); len(named) > 0 {
		return named[0]
	}
	return ""
}

// speaking is the answer that speaks for whoever answers: the token's own, else another.
func (r *Replay) speaking() *Reply {
	for _, reply := range [...]*Reply{&r.Own, &r.Canary, &r.Garbage, &r.Bare} {
		if reply.Status != 0 {
			return reply
		}
	}
	return &r.Own
}

// enforced reports whether a request without a good token was seen to be refused: only then do answers
// to good ones say anything.
func (r *Replay) enforced() bool {
	return r.Bare.stance() != accepts && r.Garbage.stance() != accepts && (r.Bare.turnedAway() || r.Garbage.turnedAway())
}

// turnedAway reports whether the request was answered, and not let in: a rate limit and a failure
// would have met any other as well.
func (r *Reply) turnedAway() bool {
	switch r.stance() {
	case notAsked, noAnswer, accepts:
		return false
	case otherwise:
		return r.Status < 500 && r.Status != 429
	}
	return true
}

// knows reports whether the answer tells a known credential that may not from one that is no good.
func (r *Replay) knows(reply *Reply) bool {
	switch reply.stance() {
	case forbids:
		return r.Garbage.stance() != forbids
	case says403:
		return r.Garbage.stance() == refuses
	}
	return false
}

// unexplained says why the answer is no verdict about the token, and what to do about that.
func (p *Pass) unexplained() *Result {
	r := &p.Evidence.Replay
	own := &r.Own
	because := func(says, next redact.Message) *Result { return &Result{Outcome: CannotSay, Says: says, Next: next} }
	switch own.stance() {
	case noAnswer:
		switch {
		case !own.Unanswered:
			return cannotSay(own.Problem)
		case r.Bare.Status != 0 || r.Garbage.Status != 0:
			return because(own.Problem, redact.Msg("The API answers requests without a good token, and not this one: look at what it does with a good one (its way to the issuer's key set or introspection, its own database), and at its log at this minute"))
		}
		return because(own.Problem, redact.Msg("Find out whether the API is up and answers at all; if it does, whether this bot's network reaches it. Then check again"))
	case redirects:
		return because(redact.Msg("the API redirects ({}), which is not followed: REPLAY_URL should be the address that answers itself; a redirect to another host also makes clients drop the Authorization header", redact.Count(own.Status)),
			redact.Msg("See whether the client's own call is redirected too, and where to: at another host its Authorization header does not arrive. Set REPLAY_URL to the address that answers itself"))
	case says403:
		return because(redact.Msg("{} without a challenge, whatever is sent, says nothing about the token: a firewall, a rule about addresses, or a permission", own.brief()),
			redact.Msg("Look this request up in the log of what stands before the API (firewall, address rules): it may refuse the client as it refuses the bot"))
	case overlong: // so is the request without a token
		return because(redact.Msg("{}, and without a token as well: the size of this token is not why", own.brief()),
			redact.Msg("Find out which hop answers so, and what its limit is: it refuses requests with no token in them"))
	}
	switch {
	case own.Status == 429:
		return because(redact.Msg("{}: the API's rate limit answered, not the check of the token", own.brief()),
			redact.Msg("Check again once the rate limit lets requests through; see whether the client meets it too"))
	case (own.Status == 404 || own.Status == 405) && r.Garbage.stance() == refuses:
		return because(redact.Msg("{}, where garbage gets {}: the check of tokens lets this one pass, and REPLAY_URL names nothing that answers to GET", own.brief(), redact.Count(r.Garbage.Status)),
			redact.Msg("Compare the Authorization header that the client really sends with a plain request; and set REPLAY_URL to an address that answers GET, so that this can be told for sure"))
	case own.Status == 404, own.Status == 405:
		return because(redact.Msg("{}: REPLAY_URL names nothing that answers to GET", own.brief()), redact.Msg("Set REPLAY_URL to an address that answers GET, and check again"))
	case own.Status >= 500:
		return because(redact.Msg("{}: the API or what stands before it fails by itself, which is no verdict about the token", own.brief()),
			redact.Msg("Look at the API's health and its log at this minute, before anybody looks further at tokens"))
	}
	return cannotSay(redact.Msg("{} is no verdict about the token", own.brief()))
}

// refused reports whether the token was. A 403 without a word is a refusal of the token where some other
// request gets a 401: where all get it, it may be for who asks.
func (r *Replay) refused() bool {
	switch r.Own.stance() {
	case refuses, wantsProof, forbids:
		return true
	case says403:
		return r.Garbage.stance() == refuses || r.Bare.stance() == refuses
	}
	return false
}

// tooLarge reports whether the server refuses the header for its size, and would not without it.
func (r *Replay) tooLarge() bool {
	return r.Own.stance() == overlong && r.Bare.stance() != overlong
}
