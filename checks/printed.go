package checks

import (
	"strings"
	"unicode"
)

// Header fields as programs print and configure them: lists, maps and quoted values whose marks were
// never sent.

// printedValue returns the value of a field that a program printed, and how much of s after from it
// takes. m is a match of fieldName.
func printedValue(s string, m []int) (value string, n int, ok bool) {
	group := func(i int) string { return s[m[2*i]:m[2*i+1]] }
	rest := s[m[1]:]
	sep, named := group(5), group(4) != ""
	glued := m[1] == m[11] // nothing stands between the mark and the value, as no client writes a field
	switch {
	case strings.HasPrefix(rest, "[") && (sep != ":" || named || glued):
		return listValue(rest)
	case sep == "=" && group(1) != "" && !named:
		return mapValue(rest)
	case sep == ":" && !named && rest != "" && strings.Contains(quotes, rest[:1]):
		return configured(s, m)
	}
	return "", 0, false
}

// listValue reads Go's [Bearer …] and []string{"Bearer …"}, Java's [Bearer …], and JSON's ["Bearer …"].
func listValue(rest string) (string, int, bool) {
	open, end := "[", "]"
	if strings.HasPrefix(rest, "[]string{") {
		open, end = "[]string{", "}"
	}
	inner, _, closed := strings.Cut(rest[len(open):], end)
	n := len(open) + len(inner)
	if closed {
		n += len(end)
	}
	if bare := strings.Trim(trim(inner), quotes); !strings.ContainsAny(bare, quotes) {
		inner = bare
	}
	scheme, _, _ := strings.Cut(inner, " ")
	if _, known := otherSchemes[strings.ToLower(scheme)]; !closed && strings.Contains(inner, "\n") || !known && schemeLength(inner) == 0 && !startsToken(inner) {
		return "", 0, false
	}
	return inner, n, true
}

// pairBehind is the next pair of a map, or its end.
var pairBehind = lazily(`^(?:, ?[\w.-]+=|[}\])])`)

// mapValue reads Java's {Accept=…, Authorization=Bearer …, Host=…}.
func mapValue(rest string) (string, int, bool) {
	end := strings.IndexAny(rest, ",}])\n")
	if end < 0 || schemeLength(rest) == 0 || !pairBehind().MatchString(rest[end:]) {
		return "", 0, false
	}
	return rest[:end], end, true
}

// configured reads the quoted value of a line of YAML or the like. A request has its fields at the
// start of the line; one with the name in capitals there may be a field as it was sent.
func configured(s string, m []int) (string, int, bool) {
	before, name, rest := lineBefore(s[:m[4]]), s[m[4]:m[7]], s[m[1]:]
	indent := strings.Trim(before, " \t-")
	if indent != "" || before == "" && strings.ContainsFunc(name, unicode.IsUpper) || strings.Contains(s, " HTTP/") || requestStart().MatchString(s) {
		return "", 0, false
	}
	n := closing(rest[1:], rest[:1])
	if 1+n >= len(rest) || schemeLength(rest[1:]) == 0 {
		return "", 0, false
	}
	if behind, _, _ := strings.Cut(rest[n+2:], "\n"); trim(behind) != "" && !strings.HasPrefix(trim(behind), "#") {
		return "", 0, false
	}
	return rest[1 : 1+n], n + 2, true
}
