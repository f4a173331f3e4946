package checks

import (
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"jwt-check-bot/redact"
)

// A JSON text in place of a token: a token response (RFC 6749 §5.1), a program's headers, a dump.

// members is what a JSON text says about tokens.
type members struct {
	token, header    string         // the best token, and an Authorization header's value, if there is one
	member           redact.Message // what the token's member is called
	rank             int
	refresh          bool
	secret, private  bool
	challenge        bool            // a server's fields
	broken           bool            // no JSON, or cut off
	names            map[string]bool // of the outermost object
	failed           string          // the value of `error` there
	headers, headerX int             // how many Authorization headers there are
}

// Members that hold a token, by how likely it is the one that was sent.
var memberRanks = map[string]struct {
	rank int
	says redact.Message
}{
	"accesstoken": {9, redact.Msg("access_token")}, "token": {8, redact.Msg("token")}, "jwt": {7, redact.Msg("jwt")},
	"authtoken": {7, redact.Msg("auth token")}, "bearer": {7, redact.Msg("bearer member")}, "bearertoken": {7, redact.Msg("bearer token")},
	"apitoken": {7, redact.Msg("API token")}, "idtoken": {6, redact.Msg("id_token")}, "assertion": {5, redact.Msg("assertion")},
	"clientassertion": {5, redact.Msg("client_assertion")}, "subjecttoken": {5, redact.Msg("subject_token")}, "credential": {4, redact.Msg("credential")},
	"refreshtoken": {refreshRank, redact.Msg("refresh_token")},
}

// memberRank knows a name in any spelling: access_token, accessToken, Access-Token.
func memberRank(name string) int { return memberRanks[plainMember(name)].rank }

func plainMember(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// readObject takes apart a paste that is a JSON text.
func (p *paste) readObject(s string) bool {
	o := readMembers(s)
	if o.header != "" {
		p.field = true
		if o.headers > 1 {
			p.artefacts |= severalFields
		}
		p.readValue(o.header)
		return true
	}
	if o.names == nil && o.token == "" || o.broken && len(p.findFields(s)) > 0 {
		return false // no JSON: fields may show in it all the same
	}
	if p.more.kind = o.kind(s); o.token == "" && p.more.kind != nil {
		return true
	}
	p.readValue(p.take(&o))
	return true
}

// take returns the token of a JSON text, and notes where it stood.
func (p *paste) take(o *members) string {
	p.artefacts |= jsonObject
	p.more.member = o.member
	p.more.refresh = p.more.refresh || o.refresh && o.rank > refreshRank
	return o.token
}

const refreshRank = 2

// readMembers reads a JSON text, or what is left of one.
func readMembers(s string) members {
	o := members{}
	dec := jsontext.NewDecoder(strings.NewReader(s), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var names []string // of the member under way, by depth
	for {
		token, err := dec.ReadToken()
		if err != nil {
			o.broken = err != io.EOF
			break
		}
		depth := dec.StackDepth()
		for len(names) <= depth {
			names = append(names, "")
		}
		container, n := dec.StackIndex(depth)
		switch {
		case token.Kind() != '"':
		case container == '{' && n%2 == 1:
			names[depth] = token.String()
			if depth == 1 {
				if o.names == nil {
					o.names = map[string]bool{}
				}
				o.names[names[1]] = true
			}
		default:
			name := names[depth]
			if container == '[' && depth > 0 {
				name = names[depth-1]
			}
			o.note(name, token.String(), depth)
		}
	}
	if o.token == "" && o.header == "" {
		o.salvage(s)
	}
	return o
}

// note looks at one string of the text.
func (o *members) note(name, value string, depth int) {
	plain := plainMember(name)
	switch plain {
	case "authorization":
		o.addHeader(value)
		return
	case "name", "key": // {"name":"Authorization","value":"…"}, as browsers and test tools export it
		o.headerX = 0
		if strings.EqualFold(value, "Authorization") {
			o.headerX = depth
		}
	case "value":
		if o.headerX == depth {
			o.addHeader(value)
			return
		}
	case "tokentype": // it says Bearer, and is no scheme
		return
	case "wwwauthenticate", "proxyauthenticate":
		o.challenge = true
		return
	case "error":
		if depth == 1 {
			o.failed = value
		}
	case "refreshtoken":
		o.refresh = o.refresh || len(value) > 8
	case "clientsecret":
		o.secret = o.secret || len(value) > 5
	case "d", "p", "k", "privatekey":
		o.private = o.private || len(value) > 20
	}
	known := memberRanks[plain]
	if known.rank == 0 {
		if !looksLikeToken(value) && schemeLength(value) == 0 {
			return
		}
		known.rank, known.says = 3, redact.Msg("one token-like member")
	}
	if value != "" && known.rank > o.rank {
		o.token, o.rank, o.member = value, known.rank, known.says
	}
}

func (o *members) addHeader(value string) {
	if o.headers++; o.headers == 1 {
		o.header = value
	}
}

// pairs finds members where the text is not JSON: a Python dict, a JavaScript object, a cut-off copy.
var pairs = lazily(`["']?([A-Za-z_]{3,20})["']?\s*[:=]\s*["']?([A-Za-z0-9._~+/=-]{8,})`)

func (o *members) salvage(s string) {
	for _, m := range pairs().FindAllStringSubmatch(s, 64) {
		if known := memberRanks[plainMember(m[1])]; known.rank > o.rank {
			o.token, o.rank, o.member = m[2], known.rank, known.says
		}
	}
	if o.token != "" {
		return
	}
	for piece := range strings.FieldsFuncSeq(s, func(r rune) bool { return r >= 0x80 || !isCompactByte(byte(r)) }) {
		if looksLikeToken(piece) {
			o.token, o.member = piece, redact.Msg("one token-like member")
			return
		}
	}
}
