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
	Status     int
	Took       time.Duration // from the request's last byte to the answer's first
	Challenges []Challenge   // of WWW-Authenticate
	Server     redact.Message
	Via        redact.Message
	Body       [32]byte // its hash, under a key of this process
	Said       Answer   // what is recognised in its words, where it refuses
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
	return r.Status != 0 && r.Problem.IsZero() && o.Problem.IsZero() && r.Status == o.Status && r.Body == o.Body &&
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
	if said := r.Own.says(); !said.IsZero() {
		list = append(list, said)
	}
	for _, field := range [...]struct {
		name redact.Hole
		of   func(*Reply) redact.Message
	}{{redact.Word("Server"), func(r *Reply) redact.Message { return r.Server }}, {redact.Word("Via"), func(r *Reply) redact.Message { return r.Via }}} {
		if m := field.of(r.speaking()); !m.IsZero() {
			list = append(list, redact.Msg("{}: {}", field.name, redact.Part(m)))
		}
	}
	return redact.Msg("{}", redact.Items(list))
}

// says is what a refusal says of itself: what is known of its words, else the challenge's description.
func (r *Reply) says() redact.Message {
	if heard := r.Said.content().heard; len(heard) > 0 && heard[0].cause != "" {
		return redact.Msg("it says that {}", redact.Part(heard[0].meaning()))
	}
	for _, c := range r.Challenges {
		if said := c.param("error_description"); said != "" {
			return redact.Msg("it says: {}", redact.Public(said))
		}
	}
	return redact.Message{}
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

// enforced reports whether a request without a good token is refused: only then do answers to good
// ones say anything.
func (r *Replay) enforced() bool { return r.Bare.stance() != accepts && r.Garbage.stance() != accepts }

// unexplained says why the answer is no verdict about the token.
func (p *Pass) unexplained() redact.Message {
	r := &p.Evidence.Replay
	own := &r.Own
	switch own.stance() {
	case noAnswer:
		return own.Problem
	case redirects:
		return redact.Msg("the API redirects ({}), which is not followed: REPLAY_URL should be the address that answers itself; a redirect to another host also makes clients drop the Authorization header", redact.Count(own.Status))
	case says403:
		if r.Garbage.stance() == refuses {
			return redact.Msg("{}, where garbage gets {}: it knows the token and forbids this call, without saying which permission is missing", own.brief(), redact.Count(r.Garbage.Status))
		}
		return redact.Msg("{} without a challenge says nothing about the token: a firewall, a rule about addresses, or a permission", own.brief())
	case overlong: // so is the request without a token
		return redact.Msg("{}, and without a token as well: the size of this token is not why", own.brief())
	}
	switch {
	case own.Status == 429:
		return redact.Msg("{}: the API's rate limit answered, not the check of the token", own.brief())
	case own.Status == 404, own.Status == 405:
		return redact.Msg("{}: REPLAY_URL names nothing that answers to GET", own.brief())
	case own.Status >= 500:
		return redact.Msg("{}: the API or what stands before it fails by itself, which is no verdict about the token", own.brief())
	}
	return redact.Msg("{} is no verdict about the token", own.brief())
}

// tooLarge reports whether the server refuses the header for its size, and would not without it.
func (r *Replay) tooLarge() bool {
	return r.Own.stance() == overlong && r.Bare.stance() != overlong
}
