package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/bot/store"
	"jwt-check-bot/redact"
)

// Who may see what. The rules, in the order in which they are asked:
//
//  1. People of other organisations and guests are refused, and so is who Slack does not tell about.
//  2. Outside the channels of JWT_CHECK_CHANNELS everybody is refused. The home tab is outside them.
//  3. A channel that another organisation reads, or is invited to, is as JWT_CHECK_EXTERNAL_CHANNELS
//     says: refused, the result to the requester alone, or allowed. One that Slack does not tell about
//     counts as such, except the requester's own conversation with the bot.
//  4. Where the bot cannot post, the result goes to the requester alone, with the mend.
//
// They are asked before the form opens, for a second at most since its trigger lives for three: what
// is not known by then opens it. They are asked again, afresh, before a form is worked on and before a
// draft is posted; what is not known then is closed.

// External is what happens in a channel that another organisation can read.
type External string

const (
	ExternalRefuse  External = "refuse"
	ExternalPrivate External = "private" // the result to the requester alone; so is the zero External
	ExternalAllow   External = "allow"
)

// ruling is what the rules say of one person in one place. The zero ruling allows everything.
type ruling struct {
	refusal  redact.Text // why nothing is checked
	private  redact.Text // why the requester alone sees the result
	mendable bool        // what keeps it private can be mended or passes by itself, so that it may be posted yet
	rule     string      // for the log
}

// postable reports whether the result may be posted, now or once what is amiss is mended.
func (r ruling) postable() bool { return r.private.IsZero() || r.mendable }

const (
	soonTimeout = time.Second     // before the form opens
	nowTimeout  = 5 * time.Second // when it was sent
	peopleTTL   = 5 * time.Minute
	placesTTL   = time.Minute // short, since sharing can start at any time
)

// gate asks Slack what the rules need to know.
type gate struct {
	slack    *slack.Client
	channels []string // globs
	external External
	us       atomic.Pointer[slack.Identity]
	met      func(slack.Identity) // is told who the bot is, as soon as Slack has said so
	people   *store.Recent[slack.Member]
	places   *store.Recent[slack.Channel]
	direct   *store.Recent[string] // conversations of one person with the bot, to that person
	asking   singleflight.Group
}

func newGate(o Options) *gate {
	return &gate{
		slack: o.Slack, channels: o.Channels, external: o.External, met: func(slack.Identity) {},
		people: store.NewRecent[slack.Member](10000, peopleTTL, o.Now),
		places: store.NewRecent[slack.Channel](1000, placesTTL, o.Now),
		direct: store.NewRecent[string](10000, 24*time.Hour, o.Now),
	}
}

// soon is the ruling as far as it is known within a second. In doubt it allows: now judges again.
func (g *gate) soon(ctx context.Context, at place) ruling {
	ctx, cancel := context.WithTimeout(ctx, soonTimeout)
	defer cancel()
	switch f := g.ask(ctx, at, false); {
	case late(f.personErr) && late(f.channelErr):
		return ruling{}
	case late(f.personErr):
		return g.place(at, f)
	case late(f.channelErr):
		return g.person(at, f)
	default:
		return g.judge(at, f)
	}
}

// now is the ruling by what Slack says at this moment of the channel, and has said lately of the person.
func (g *gate) now(ctx context.Context, at place) ruling {
	ctx, cancel := context.WithTimeout(ctx, nowTimeout)
	defer cancel()
	return g.judge(at, g.ask(ctx, at, true))
}

// facts is what Slack says of a person and a channel, each with the reason why it does not.
type facts struct {
	us         slack.Identity
	person     slack.Member
	personErr  error
	channel    slack.Channel
	channelErr error
}

// errLate is the reason of a fact that did not come in time.
var errLate = errors.New("bot: Slack did not say it in time")

func late(err error) bool { return errors.Is(err, errLate) }

// passes reports whether what Slack did not say now it may say to the next who asks.
func passes(err error) bool {
	return late(err) || unclear(err) || codeOf(err) == slack.CodeRateLimited
}

// ask asks for all facts at once. What is not there when ctx ends is late, and still fills the memory.
func (g *gate) ask(ctx context.Context, at place, afresh bool) (f facts) {
	again := ""
	if afresh {
		again = "afresh " // an answer that was asked for before may hang
	}
	us, known := g.us.Load(), false
	if us != nil {
		f.us = *us
		f.person, known = g.people.Get(at.User)
	}
	var wait sync.WaitGroup
	if !known {
		wait.Go(func() { f.us, f.person, f.personErr = g.meet(ctx, again, at.User) })
	}
	if at.Channel != "" && !g.own(at) {
		known := false
		if f.channel, known = g.places.Get(at.Channel); !known || afresh {
			wait.Go(func() { f.channel, f.channelErr = g.visit(ctx, again, at.Channel) })
		}
	}
	wait.Wait()
	return f
}

// meet finds out who the bot is and who this person is.
func (g *gate) meet(ctx context.Context, again, user string) (us slack.Identity, person slack.Member, err error) {
	us, err = lookUp(ctx, g, again+"us", func(ctx context.Context) (slack.Identity, error) {
		if us := g.us.Load(); us != nil {
			return *us, nil
		}
		us, err := g.slack.Identify(ctx)
		if err == nil {
			g.meets(us)
		}
		return us, err
	})
	if err != nil {
		return us, person, err
	}
	if person, known := g.people.Get(user); known {
		return us, person, nil
	}
	person, err = lookUp(ctx, g, again+"person "+user, func(ctx context.Context) (slack.Member, error) {
		m, err := g.slack.User(ctx, user)
		if err == nil {
			g.people.Add(user, m)
		}
		return m, err
	})
	return us, person, err
}

// meets remembers who the bot is, and has that told the first time.
func (g *gate) meets(us slack.Identity) {
	if g.us.CompareAndSwap(nil, &us) {
		g.met(us)
	}
}

// visit finds out what Slack says of a channel now.
func (g *gate) visit(ctx context.Context, again, channel string) (slack.Channel, error) {
	return lookUp(ctx, g, again+"channel "+channel, func(ctx context.Context) (slack.Channel, error) {
		c, err := g.slack.Channel(ctx, channel)
		g.places.Forget(channel)
		if err == nil {
			g.places.Add(channel, c)
		}
		return c, err
	})
}

// lookUp gets a fact, once for all who ask for it at the same time.
func lookUp[T any](ctx context.Context, g *gate, key string, get func(context.Context) (T, error)) (T, error) {
	answer := g.asking.DoChan(key, func() (v any, err error) {
		defer func() {
			if recover() != nil { // what it says may quote anything
				v, err = *new(T), errors.New("bot: a fault of my own")
			}
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		return get(ctx)
	})
	select {
	case a := <-answer:
		return a.Val.(T), a.Err
	case <-ctx.Done():
		return *new(T), errLate
	}
}

// opened remembers the requester's own conversation with the bot: Slack names it when they open its home.
func (g *gate) opened(user, channel string) { g.direct.Set(channel, user) }

// own reports whether a place is the requester's own conversation with the bot.
func (g *gate) own(at place) bool {
	user, ok := g.direct.Get(at.Channel)
	return ok && user == at.User
}

// judge applies the rules.
func (g *gate) judge(at place, f facts) ruling {
	if r := g.person(at, f); r != (ruling{}) {
		return r
	}
	return g.place(at, f)
}

// place is rules 2 to 4.
func (g *gate) place(at place, f facts) ruling {
	if g.own(at) && len(g.channels) == 0 {
		return ruling{}
	}
	if f.channelErr == nil && f.channel.Name != "" {
		at.ChannelName = f.channel.Name
	}
	if len(g.channels) > 0 && (at.Channel == "" || !g.lists(at)) {
		return ruling{refusal: notHere, rule: "channel not listed"}
	}
	if at.Channel == "" {
		return ruling{private: redact.Const("You asked on my home tab, so there is no channel to post it to."), rule: "no channel"}
	}
	if r := g.audience(at, f); r != (ruling{}) {
		return r
	}
	return g.posting(f)
}

// person is rule 1.
func (g *gate) person(at place, f facts) ruling {
	elsewhere := at.team != "" && f.us.Team != "" && at.team != f.us.Team && at.team != f.us.Enterprise
	code := codeOf(f.personErr)
	switch m := f.person; {
	case f.personErr != nil && elsewhere, code == "user_not_found", code == "user_not_visible":
		return ruling{refusal: notOurs, rule: "another organisation"}
	case f.personErr != nil:
		return ruling{refusal: redact.Join(" ", redact.Const("Slack did not tell me whether you are a member of this workspace, so I check nothing."), hintOf(f.personErr)), mendable: passes(f.personErr), rule: "person unknown"}
	case m.Stranger, m.Team != f.us.Team && (f.us.Enterprise == "" || m.Enterprise != f.us.Enterprise):
		return ruling{refusal: notOurs, rule: "another organisation"}
	case m.Guest:
		return ruling{refusal: redact.Const("I check no tokens for guests. Ask a member of this workspace to do it."), rule: "guest"}
	}
	return ruling{}
}

var (
	notOurs = redact.Const("I check tokens only for members of the workspace that I belong to, and you are of another organisation. Ask one of its members to do it.")
	notHere = redact.Const("I am not to be used here: whoever runs me has limited me to some channels (JWT_CHECK_CHANNELS). Ask in one of these.")
)

// audience is rule 3.
func (g *gate) audience(at place, f facts) ruling {
	why := redact.Text{}
	mendable := false
	such := redact.Const("Whoever runs me does not let me check tokens in such a channel (JWT_CHECK_EXTERNAL_CHANNELS).")
	switch c := f.channel; {
	case f.channelErr != nil && at.people(): // Slack tells nothing of these, and /invite does not work there
		why = redact.Const("This is a conversation between people, and I cannot see who reads it.")
		such = redact.Const("Ask in a channel: whoever runs me does not let me check tokens where another organisation may read along (JWT_CHECK_EXTERNAL_CHANNELS).")
	case codeOf(f.channelErr) == "channel_not_found": // a private channel
		why, mendable = g.slack.Uninvited(), true
		such = redact.Const("Until then I cannot see who reads it, and whoever runs me does not let me check tokens where another organisation may read along (JWT_CHECK_EXTERNAL_CHANNELS).")
	case f.channelErr != nil:
		mendable = passes(f.channelErr)
		why = redact.Join(" ", redact.Const("Slack did not tell me whether another organisation reads this channel."), hintOf(f.channelErr))
	case c.ExtShared:
		why = redact.Const("Another organisation reads this channel.")
	case c.PendingExtShared:
		why = redact.Const("Another organisation is invited to this channel.")
	default:
		return ruling{}
	}
	switch g.external {
	case ExternalAllow:
		return ruling{}
	case ExternalRefuse:
		return ruling{refusal: redact.Join(" ", why, such), mendable: mendable, rule: "external"}
	}
	return ruling{private: why, mendable: mendable, rule: "external"}
}

// people reports whether a place is a direct message: of two people or of several, the bot's own with
// somebody included.
func (p place) people() bool {
	return strings.HasPrefix(p.Channel, "D") || p.ChannelName == "directmessage" || strings.HasPrefix(p.ChannelName, "mpdm-")
}

// posting is rule 4. What Slack does not tell is found out by posting.
func (g *gate) posting(f facts) ruling {
	if f.channelErr != nil {
		return ruling{}
	}
	switch c := f.channel; {
	case c.Archived:
		return ruling{private: redact.Const("This channel is archived, so nobody can post to it."), rule: "archived"}
	case !c.Member && !c.Direct:
		return ruling{private: g.slack.Uninvited(), mendable: true, rule: "not a member"}
	case c.ReadOnly:
		return ruling{private: redact.Const("This channel lets few people post, and not me: its owners can let me."), mendable: true, rule: "read-only"}
	}
	return ruling{}
}

// lists reports whether a place is one of those where the bot may be used.
func (g *gate) lists(at place) bool {
	yes, _ := matching(g.channels, at.Channel, at.ChannelName)
	return yes || len(g.channels) == 0
}

// mayList is lists for a place whose name may not be known, as in events.
func (g *gate) mayList(at place) bool {
	_, open := matching(g.channels, at.Channel, at.ChannelName)
	return open || g.lists(at)
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*slack.Error](err); ok {
		return e.Code
	}
	return ""
}
