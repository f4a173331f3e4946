package checks

import (
	"slices"
	"strings"

	"jwt-check-bot/redact"
)

// Challenge is one way to authenticate that a server asks for in WWW-Authenticate (RFC 9110 §11.3).
// A server may echo the token in it, so all of it is held; the zero Challenge asks for nothing.
type Challenge struct {
	redact.Veil
	open func() *demand
}

// demand is reached through a Challenge's closure only.
type demand struct {
	scheme string // in lower case
	params []authParam
}

type authParam struct{ name, value string } // name in lower case

// Sizes of what is read of one or several WWW-Authenticate fields.
const (
	maxChallengeText = 16 << 10 // bytes of all fields together
	maxChallenges    = 32
	maxParams        = 32 // of one challenge
	maxParam         = 2 << 10
)

// ParseChallenges reads the values of WWW-Authenticate fields, each of which may hold several
// challenges (RFC 9110 §11.6.1). It takes what servers send: missing commas, single quotes, and
// junk, which it passes over.
func ParseChallenges(fields ...string) []Challenge {
	var list []Challenge
	left := maxChallengeText
	for _, s := range fields {
		r := challengeReader{rest: s[:min(len(s), left)]}
		left -= len(r.rest)
		for _, d := range r.read(maxChallenges - len(list)) {
			list = append(list, Challenge{open: func() *demand { return d }})
		}
	}
	return list
}

// schemes are the known ones (IANA's registry, and what gateways send besides), as they are written.
var schemes = []string{"Bearer", "DPoP", "Basic", "Digest", "Negotiate", "NTLM", "Mutual", "HOBA", "GNAP", "OAuth", "PrivateToken",
	"SCRAM-SHA-1", "SCRAM-SHA-256", "vapid", "Concealed", "AWS4-HMAC-SHA256", "JWT", "Token", "ApiKey", "Api-Key", "Key", "Cookie", "MAC",
	"AzureApiManagementKey", "hmac", "Kerberos", "FormBased"}

// Scheme is the authentication scheme as it is usually written; empty for one that is not known.
func (c Challenge) Scheme() string {
	if c.open == nil {
		return ""
	}
	return known(schemes, c.open().scheme)
}

// Error codes of challenges, each with the RFC that registers it.
const (
	invalidRequest     = "invalid_request"                  // RFC 6750 §3.1
	invalidToken       = "invalid_token"                    // RFC 6750 §3.1
	insufficientScope  = "insufficient_scope"               // RFC 6750 §3.1
	insufficientLogin  = "insufficient_user_authentication" // RFC 9470 §3
	useDPoPNonce       = "use_dpop_nonce"                   // RFC 9449 §9
	invalidDPoPProof   = "invalid_dpop_proof"               // RFC 9449 §7.1
	invalidClient      = "invalid_client"                   // RFC 6749 §5.2
	unauthorizedClient = "unauthorized_client"              // RFC 6749 §5.2
)

var errorCodes = []string{invalidRequest, invalidToken, insufficientScope, insufficientLogin, useDPoPNonce, invalidDPoPProof,
	invalidClient, unauthorizedClient}

// Code is the challenge's error code, such as invalid_token; empty for none and for one that is not
// registered.
func (c Challenge) Code() string { return known(errorCodes, c.param("error")) }

// Param returns a parameter's value, such as scope, max_age or resource_metadata (RFC 6750 §3,
// RFC 9470 §3, RFC 9728 §5.1). It is the server's word, and nothing vouches for it.
func (c Challenge) Param(name string) redact.Secret { return redact.NewSecret(c.param(name)) }

// Has reports whether the challenge has that parameter, be it empty.
func (c Challenge) Has(name string) bool {
	return c.open != nil && slices.ContainsFunc(c.open().params, func(p authParam) bool { return p.name == name })
}

func (c Challenge) param(name string) string {
	if c.open == nil {
		return ""
	}
	for _, p := range c.open().params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// known returns the word of a closed list that s is, in any case of letters.
func known(list []string, s string) string {
	for _, w := range list {
		if strings.EqualFold(w, s) {
			return w
		}
	}
	return ""
}

// challengeReader reads one field from its front.
type challengeReader struct{ rest string }

func (r *challengeReader) read(limit int) []*demand {
	var list []*demand
	for r.rest != "" {
		r.skip(" \t\r\n,;")
		name := r.token()
		if name == "" {
			r.junk()
			continue
		}
		spaces := r.skip(" \t\r\n")
		if strings.HasPrefix(r.rest, "=") { // auth-param = token BWS "=" BWS ( token / quoted-string )
			r.rest = r.rest[1:]
			r.skip(" \t\r\n")
			value := r.value()
			if n := len(list); n > 0 {
				list[n-1].add(strings.ToLower(name), value)
			}
			continue
		}
		if len(list) == limit {
			return list
		}
		list = append(list, &demand{scheme: strings.ToLower(name)})
		if spaces {
			r.token68()
		}
	}
	return list
}

// add keeps a parameter; each occurs once (RFC 9110 §11.2), and of two the first counts.
func (d *demand) add(name, value string) {
	if len(d.params) < maxParams && len(value) <= maxParam && !slices.ContainsFunc(d.params, func(p authParam) bool { return p.name == name }) {
		d.params = append(d.params, authParam{name, value})
	}
}

// skip passes over the characters of set, and reports whether there were any.
func (r *challengeReader) skip(set string) bool {
	before := len(r.rest)
	r.rest = strings.TrimLeft(r.rest, set)
	return len(r.rest) < before
}

// token reads one (RFC 9110 §5.6.2).
func (r *challengeReader) token() string {
	n := 0
	for n < len(r.rest) && isTokenByte(r.rest[n]) {
		n++
	}
	t := r.rest[:n]
	r.rest = r.rest[n:]
	return t
}

func isTokenByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$%&*+-.^_|~", c) >= 0
}

// value reads a token or a quoted string; a value without quotes ends at the next separator.
func (r *challengeReader) value() string {
	if r.rest == "" {
		return ""
	}
	if q := r.rest[0]; q == '"' || q == '\'' {
		return r.quoted(q)
	}
	n := strings.IndexAny(r.rest, " \t\r\n,;")
	if n < 0 {
		n = len(r.rest)
	}
	v := r.rest[:n]
	r.rest = r.rest[n:]
	return v
}

// quoted reads a quoted-string (RFC 9110 §5.6.4); one without an end goes to the end of the field.
func (r *challengeReader) quoted(q byte) string {
	var b strings.Builder
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == q:
			r.rest = r.rest[i+1:]
			return b.String()
		case c == '\\' && i+1 < len(r.rest):
			i++
			b.WriteByte(r.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	r.rest = ""
	return b.String()
}

// token68 passes over what Basic and Negotiate send in place of parameters (RFC 9110 §11.2). What
// follows is one only if nothing but a comma comes behind it: else it is a parameter or a scheme.
func (r *challengeReader) token68() {
	n := 0
	for n < len(r.rest) && (isTokenByte(r.rest[n]) || r.rest[n] == '/') {
		n++
	}
	end := n
	for end < len(r.rest) && r.rest[end] == '=' {
		end++
	}
	if behind := strings.TrimLeft(r.rest[end:], " \t\r\n"); n > 0 && (behind == "" || behind[0] == ',') {
		r.rest = r.rest[end:]
	}
}

// junk passes over what no challenge has, to the next comma.
func (r *challengeReader) junk() {
	switch n := strings.IndexByte(r.rest, ','); {
	case r.rest == "":
	case r.rest[0] == '"' || r.rest[0] == '\'':
		r.quoted(r.rest[0])
	case n < 0:
		r.rest = ""
	default:
		r.rest = r.rest[n:]
	}
}
