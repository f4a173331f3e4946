package checks

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"jwt-check-bot/redact"
)

// Near misses: iss and aud are compared character by character (RFC 7519 §2, StringOrURI), and most
// of those that fail fail by one thing that the eye passes over. It is named exactly, or not at all.

// miss is one thing by which two values can differ.
type miss struct {
	by   redact.Message // to follow "differs only by"
	only func(got, want address) bool
}

// misses stand in order: of several that hold, and of several accepted values, the first is nearest.
var misses = []miss{
	{redact.Msg("white space"), func(g, w address) bool { return hidden(g, w, unicode.IsSpace) }},
	{redact.Msg("quotation marks around it"), either(func(a, b address) bool { return strings.Trim(a.text, "\"'`“”") == b.text })},
	{redact.Msg("a trailing slash that it should not have"), func(g, w address) bool { return g.slashes() > w.slashes() && g.bare() == w.bare() }},
	{redact.Msg("a trailing slash that is missing"), func(g, w address) bool { return g.slashes() < w.slashes() && g.bare() == w.bare() }},
	{redact.Msg("percent-encoding"), either(func(a, b address) bool { return unescaped(a.text) == b.text })},
	{redact.Msg("an invisible character"), func(g, w address) bool { return hidden(g, w, unseen) }},
	{redact.Msg("a character that only looks the same"), func(g, w address) bool {
		return (!ascii(g.text) || !ascii(w.text)) && skeleton(g.text) == skeleton(w.text)
	}},
	{redact.Msg("upper and lower case in the host"), func(g, w address) bool {
		return g.web() && strings.EqualFold(g.host, w.host) && g.scheme == w.scheme && g.port == w.port && g.path == w.path
	}},
	{redact.Msg("upper and lower case in the path"), func(g, w address) bool { return g.web() && g.sameOrigin(w) && strings.EqualFold(g.path, w.path) }},
	{redact.Msg("upper and lower case"), func(g, w address) bool { return strings.EqualFold(g.text, w.text) }},
	{redact.Msg("the scheme, which is http instead of https"), func(g, w address) bool { return g.otherScheme(w) && g.scheme == "http" && w.scheme == "https" }},
	{redact.Msg("the scheme, which is https instead of http"), func(g, w address) bool { return g.otherScheme(w) && g.scheme == "https" && w.scheme == "http" }},
	{redact.Msg("the scheme"), func(g, w address) bool { return g.otherScheme(w) }},
	{redact.Msg("the prefix api://, which is missing"), func(g, w address) bool { return w.text == "api://"+g.text }},
	{redact.Msg("the prefix api://, which it should not have"), func(g, w address) bool { return g.text == "api://"+w.text }},
	{redact.Msg("the scheme, which is missing"), func(g, w address) bool { return w.absolute && w.text == w.scheme+"://"+g.text }},
	{redact.Msg("the scheme, which it should not have"), func(g, w address) bool { return g.absolute && g.text == g.scheme+"://"+w.text }},
	{redact.Msg("the default port, which is written out"), func(g, w address) bool { return g.otherPort(w) && w.port == "" && g.defaultPort() }},
	{redact.Msg("the default port, which is left out"), func(g, w address) bool { return g.otherPort(w) && g.port == "" && w.defaultPort() }},
	{redact.Msg("the port"), func(g, w address) bool { return g.otherPort(w) }},
	{redact.Msg("www. in front of the host, which it should not have"), func(g, w address) bool { return g.otherHost(w) && g.host == "www."+w.host }},
	{redact.Msg("www. in front of the host, which is missing"), func(g, w address) bool { return g.otherHost(w) && w.host == "www."+g.host }},
	{redact.Msg("the host: one is an internal name of the other"), func(g, w address) bool { return g.otherHost(w) && publicHost(g.host) == publicHost(w.host) }},
	{redact.Msg("the path prefix /auth"), func(g, w address) bool { return g.prefixed(w, "/auth") }},
	{redact.Msg("the path prefix /realms"), func(g, w address) bool { return g.prefixed(w, "/realms") }},
	{redact.Msg("the version in the path"), func(g, w address) bool { return g.sameOrigin(w) && unversioned(g.path) == unversioned(w.path) }},
	{redact.Msg("the version of Entra ID's tokens: v1.0 says sts.windows.net, v2.0 login.microsoftonline.com"), sameTenantOtherVersion},
	{redact.Msg("the URI around the bare ID"), either(func(a, b address) bool {
		return isGUID(a.text) && strings.HasPrefix(b.text, "api://") && strings.HasSuffix(b.text, "/"+a.text)
	})},
	{redact.Msg("one digit"), func(g, w address) bool { a, b, ok := oneCharacter(g.text, w.text); return ok && digits(a+b) }},
	{redact.Msg("one character"), func(g, w address) bool { _, _, ok := oneCharacter(g.text, w.text); return ok }},
}

// either lets a difference stand on both sides: what is configured may be the one that is off.
func either(is func(a, b address) bool) func(g, w address) bool {
	return func(g, w address) bool { return is(g, w) || is(w, g) }
}

// nearMiss names the one thing by which got differs from want; zero where it is not one, or no small
// one. It takes linear time, and next to none for values of quite different lengths.
func nearMiss(got, want string) redact.Message {
	if i := nearness(got, want); i >= 0 {
		return misses[i].by
	}
	return redact.Message{}
}

// nearness is the index of the miss, -1 where there is none.
func nearness(got, want string) int {
	// Percent-encoding triples a text, and white space around a value is no more than some.
	if got == want || got == "" || want == "" || len(got) > 3*len(want)+64 || len(want) > 3*len(got)+64 {
		return -1
	}
	g, w := splitAddress(got), splitAddress(want)
	for i := range misses {
		if misses[i].only(g, w) {
			return i
		}
	}
	return -1
}

// maxCompared bounds how many values of a hostile aud are compared.
const maxCompared = 64

// nearest finds, of all pairs of a value found and one accepted, the two that differ least.
func nearest(found, accepted []string) (want string, by redact.Message) {
	best := len(misses)
	for _, got := range found[:min(maxCompared, len(found))] {
		for _, a := range accepted {
			if i := nearness(got, a); i >= 0 && i < best {
				best, want, by = i, a, misses[i].by
			}
		}
	}
	return want, by
}

// hidden reports whether the two are the same but for characters of one kind.
func hidden(g, w address, kind func(rune) bool) bool {
	return (strings.ContainsFunc(g.text, kind) || strings.ContainsFunc(w.text, kind)) && without(g.text, kind) == without(w.text, kind)
}

func without(s string, kind func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if kind(r) {
			return -1
		}
		return r
	}, s)
}

func unescaped(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	plain, err := url.PathUnescape(s)
	if err != nil { // it quotes its input, so it ends here
		return s
	}
	return plain
}

// oneCharacter returns what stands at the one place where two texts differ, by one character that is
// another, too many or missing. Short words are not compared: they differ by one character and mean
// different things.
func oneCharacter(a, b string) (inA, inB string, ok bool) {
	if len(a) < 6 || len(b) < 6 {
		return "", "", false
	}
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	a, b = a[runeStart(a, head):], b[runeStart(b, head):]
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	for tail > 0 && !utf8.RuneStart(a[len(a)-tail]) {
		tail--
	}
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	return a, b, utf8.RuneCountInString(a) <= 1 && utf8.RuneCountInString(b) <= 1
}

func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isGUID reports whether s has the form of Microsoft's IDs: 8-4-4-4-12 hexadecimal digits.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}
