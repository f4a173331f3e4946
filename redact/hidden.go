package redact

import (
	"strconv"
	"strings"
	"time"
)

// leaf is one string, number or name inside a member that the policy hides.
type leaf struct {
	text   string
	person bool // by the claim's name it is one, so that even a plain word is theirs
	number bool
}

// part sorts what stands in the members into what is hidden and what is shown.
func (p Policy) part(members []Value) (hidden []leaf, shown []string) {
	for _, v := range members {
		s, visibility := p.show(v)
		name := v.rawName()
		if displayed := displayName(v); displayed == name {
			shown = append(shown, name)
		} else {
			hidden = append(hidden, leaf{text: name})
		}
		if visibility == Shown {
			shown = append(shown, s)
			if seconds, err := strconv.ParseFloat(s, 64); err == nil && seconds > 0 && seconds < 1<<40 {
				shown = append(shown, string(appendInstant(nil, time.Unix(int64(seconds), 0)))) // as which it is shown
			}
		}
		if p.opensInside(v.place, name) {
			for _, l := range leaves(v.rawJSON()) {
				shown = append(shown, l.text)
			}
			continue
		}
		person := isPersonal(name)
		for _, l := range leaves(v.rawJSON()) {
			l.person = person
			if visibility == Shown && strings.Contains(s, shorten(clean(l.text))) {
				at := query(l.text)
				shown = append(shown, l.text[:at])
				for _, value := range strings.FieldsFunc(l.text[at:], func(r rune) bool { return strings.ContainsRune("?#;&=", r) }) {
					hidden = append(hidden, leaf{text: value})
				}
			} else if len(hidden) < maxMarks {
				hidden = append(hidden, l)
			}
		}
	}
	return hidden, shown
}

// opensInside reports whether the policy shows something that stands inside the member, by a path
// with dots: then all of it is taken for shown.
func (p Policy) opensInside(place Place, name string) bool {
	if place != Claim {
		return false
	}
	for path := range p.extra {
		if strings.HasPrefix(path, name+".") {
			return true
		}
	}
	return name == "realm_access" || name == "resource_access"
}

// leaves are the strings and numbers of a JSON text, and the names of inner members that would not
// be shown if they stood outside.
func leaves(raw string) []leaf {
	var list []leaf
	for at := 0; at < len(raw) && len(list) < maxMarks; {
		switch end := at + 1; {
		case raw[at] == '"':
			for end < len(raw) && raw[end] != '"' {
				if raw[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(raw))
			s, ok := text(raw[at:end])
			named := strings.HasPrefix(strings.TrimLeft(raw[end:], " \t\r\n"), ":")
			if ok && !(named && showableName(s)) {
				list = append(list, leaf{text: s})
			}
			at = end
		case isNumber(raw[at:]):
			for end < len(raw) && strings.IndexByte("0123456789.eE+-", raw[end]) >= 0 {
				end++
			}
			list = append(list, leaf{text: raw[at:end], number: true})
			at = end
		default:
			at++
		}
	}
	return list
}

// watched returns the text to look for, and false where finding it would say nothing: it is too
// short, public anyway, or a word that our own sentences have too.
func (l leaf) watched(open string) (string, bool) {
	s := strings.TrimSpace(l.text)
	lower := strings.ToLower(s)
	switch {
	case len(s) < shortest, strings.Contains(open, lower), hasWord(protocolWords, lower):
		return "", false
	case l.number:
		return s, !plausibleTime(s)
	}
	return s, l.person || !plainWord(s)
}

// protocolWords are values of hidden claims that are names of things we write about.
const protocolWords = "client-credentials client_credentials authorization_code refresh_token access_token id_token offline_access service_role " +
	"a128gcm a192gcm a256gcm a128cbc-hs256 a192cbc-hs384 a256cbc-hs512 at+jwt dpop+jwt secevent+jwt logout+jwt rich_text plain_text"

// maxPlain is the longest word that our own sentences are taken to have.
const maxPlain = 15

// plainWord reports whether s is one word of letters, such as Bearer or customer.
func plainWord(s string) bool {
	for i := range len(s) {
		if kind := kinds[s[i]]; kind != kindLower && (kind != kindUpper || i > 0) {
			return false
		}
	}
	return len(s) <= maxPlain
}

// plausibleTime reports whether s is a number of seconds between 2001 and 2286: Slack's own
// timestamps are such numbers.
func plausibleTime(s string) bool {
	return len(s) == 10 && strings.Trim(s, "0123456789") == "" && s[0] != '0'
}

// isPersonal reports whether a claim's name says that its value is about a person
// (OpenID Connect Core §5.1, and the vendors' own).
func isPersonal(name string) bool {
	lower := strings.ToLower(name)
	for _, part := range []string{"name", "mail", "phone", "address", "birth", "upn", "street"} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return false
}
