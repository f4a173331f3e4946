package checks

import (
	"slices"
	"strings"
	"unicode"
)

// address is a value taken apart as a URL, without copying any of it. What is no absolute URL has
// its text only.
type address struct {
	text, scheme, host, port, path string // path: what follows the authority, query included
	absolute                       bool
}

func splitAddress(s string) address {
	a := address{text: s}
	scheme, rest, found := strings.Cut(s, "://")
	if !found || scheme == "" || rest == "" || strings.ContainsAny(scheme, "/?#@ ") {
		return a
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		return a
	}
	a.scheme, a.host, a.path, a.absolute = scheme, rest[:end], rest[end:], true
	if i := strings.LastIndexByte(a.host, ':'); i > 0 && digits(a.host[i+1:]) {
		a.host, a.port = a.host[:i], a.host[i+1:]
	}
	return a
}

func (a address) bare() string { return strings.TrimRight(a.text, "/") }
func (a address) slashes() int { return len(a.text) - len(a.bare()) }

// web reports whether the address is one of the web, whose host has its name from the DNS.
func (a address) web() bool { return a.scheme == "https" || a.scheme == "http" }

func (a address) sameOrigin(b address) bool {
	return a.absolute && b.absolute && a.scheme == b.scheme && a.host == b.host && a.port == b.port
}

func (a address) otherScheme(b address) bool {
	return a.absolute && b.absolute && a.scheme != b.scheme && a.host == b.host && a.port == b.port && a.path == b.path
}

func (a address) otherPort(b address) bool {
	return a.absolute && b.absolute && a.scheme == b.scheme && a.host == b.host && a.port != b.port && a.path == b.path
}

func (a address) otherHost(b address) bool {
	return a.absolute && b.absolute && a.scheme == b.scheme && a.host != b.host && a.port == b.port && a.path == b.path
}

func (a address) defaultPort() bool {
	return a.scheme == "https" && a.port == "443" || a.scheme == "http" && a.port == "80"
}

// prefixed reports whether the paths differ by that one prefix only. A path has to be left of both:
// a bare host is another issuer.
func (a address) prefixed(b address, prefix string) bool {
	return a.sameOrigin(b) && len(a.path) > 1 && len(b.path) > 1 && (a.path == prefix+b.path || b.path == prefix+a.path)
}

// internalSuffixes are those of names that resolve inside a network only.
var internalSuffixes = []string{".svc.cluster.local", ".cluster.local", ".svc", ".internal", ".intranet", ".local", ".localdomain", ".lan", ".corp", ".private", ".home.arpa"}

// publicHost is a host's name without what usually marks its internal twin.
func publicHost(host string) string {
	host = strings.TrimPrefix(host, "www.")
	for _, suffix := range internalSuffixes {
		if name, ok := strings.CutSuffix(host, suffix); ok && name != "" {
			host = name
			break
		}
	}
	for _, mark := range []string{"-internal.", ".internal.", "-int.", ".int."} {
		if before, after, ok := strings.Cut(host, mark); ok && before != "" && after != "" {
			return before + "." + after
		}
	}
	return host
}

// unversioned is a path without its one segment that is a version, such as v2.0, and without the
// slash at its end.
func unversioned(path string) string {
	path = strings.TrimSuffix(path, "/")
	for from := 0; from < len(path); {
		to := len(path)
		if i := strings.IndexByte(path[from+1:], '/'); i >= 0 {
			to = from + 1 + i
		}
		if isVersion(path[from+1 : to]) {
			return path[:from] + path[to:]
		}
		from = to
	}
	return path
}

func isVersion(s string) bool {
	s, ok := strings.CutPrefix(s, "v")
	return ok && s != "" && len(s) <= 4 && digits(strings.Replace(s, ".", "", 1))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// unseen characters take no room on a screen, or none of their own.
func unseen(r rune) bool {
	return r >= 0x80 && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0') ||
		r < ' ' || r == 0x7f
}

// foreign are the letters of other scripts that most fonts draw as ASCII ones (Unicode UTS #39), as far
// as they occur in addresses; at the same place in familiar stands what each is taken for. They are
// written as escapes, since they cannot be told apart here either.
var (
	foreign = []rune("\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u051b\u0455\u0475\u051d\u0445\u0443\u0410\u0412\u0415\u041a" +
		"\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0408\u0405\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7\u03b3" +
		"\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0131\u0251\u0261\u212a\u217c\u2170" +
		"\u2174\u2179\u217d\u217e\u217f\ua781\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\u2024\u3002\u2044\u2215\u29f8\ua789\u2236" +
		"\u02d0\ufe55")
	familiar = "acdehijlopqsvwxyABEKMHOPCTXYIJSaikvopuxyABEZHIKMNOPTYXiagKlivxcdml-------..///::::"
)

// skeleton is what a text is taken for by the eye.
func skeleton(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			return r
		case r >= '\uff01' && r <= '\uff5e': // full-width forms of ASCII
			return r - 0xfee0
		case unseen(r):
			return -1
		}
		if i := slices.Index(foreign, r); i >= 0 {
			return rune(familiar[i])
		}
		return r
	}, s)
}
