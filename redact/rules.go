package redact

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// shape is the form that a value must have for its rule to hold; any other form is hidden.
type shape uint8

const (
	word   shape = iota // a string without spaces
	ident               // a word that identifies a key, a client or an API, and may be long and opaque
	idents              // a string, or an array of them
	words               // a string of words, or an array of them
	moment              // a number of seconds
	scalar              // a number, true, false or null
)

type rule struct {
	names      string // separated by spaces
	place      Place
	visibility Visibility
	shape      shape
}

// rules is the whole policy: what does not stand here is hidden. README's table is made from it.
var rules = []rule{
	{"alg typ cty", HeaderParameter, Shown, word},
	{"kid", HeaderParameter, Shown, ident},
	{"iss token_use", Claim, Shown, word},
	{"azp client_id", Claim, Shown, ident},
	{"aud", Claim, Shown, idents},
	{"scope scp roles permissions realm_access.roles", Claim, Shown, words},
	{"exp nbf iat auth_time", Claim, Shown, moment},
	{"sub jti sid tid tenant tenant_id org_id org", Claim, Masked, word},
}

// ruleOf finds a rule by a member's place and name.
var ruleOf = func() (m [2]map[string]rule) {
	m = [2]map[string]rule{Claim: {}, HeaderParameter: {}}
	for _, r := range rules {
		for name := range strings.FieldsSeq(r.names) {
			m[r.place][name] = r
		}
	}
	return m
}()

func ruleFor(place Place, name string) (rule, bool) {
	if r, ok := ruleOf[place][name]; ok {
		return r, true
	}
	// Roles that an application defines for a client (Keycloak) are role names like any other.
	if place == Claim && strings.HasPrefix(name, "resource_access.") && strings.HasSuffix(name, ".roles") {
		return rule{visibility: Shown, shape: words}, true
	}
	return rule{}, false
}

func hasWord(list, word string) bool {
	for len(list) > 0 {
		var w string
		w, list, _ = strings.Cut(list, " ")
		if w == word {
			return true
		}
	}
	return false
}

// show returns v's value as it may be shown.
func (p Policy) show(v Value) (string, Visibility) {
	raw := v.rawJSON()
	if raw == "" {
		return absent, Hidden
	}
	name := v.rawName()
	r, ok := ruleFor(v.place, name)
	if s, _ := text(raw); !ok && v.place == Claim && p.extra[name] && !Suspicious(s) {
		r, ok = rule{visibility: Shown, shape: shapeOf(raw)}, true
	}
	if !ok {
		return describe(raw), Hidden
	}
	switch r.shape {
	case moment:
		if isNumber(raw) && len(raw) <= 24 {
			return raw, Shown
		}
	case scalar:
		if len(raw) <= 24 && !hasCardOrPhone(raw) {
			return raw, Shown
		}
	case word:
		if s, ok := text(raw); ok && r.visibility == Masked {
			return mask(s), Masked
		} else if ok && !strings.ContainsAny(s, " \t\r\n") && !Suspicious(s) {
			return shorten(clean(s)), Shown
		}
	case ident:
		if s, ok := text(raw); ok {
			if s, ok := identifier(s); ok {
				return s, Shown
			}
		}
	case idents, words:
		list, ok := texts(raw)
		s, one := text(raw)
		if one && r.shape == idents {
			list = []string{s}
		}
		if ok && !hasCardOrPhone(s) && !hasCardOrPhone(strings.Join(list, " ")) { // nor in pieces
			return showWords(list, r.shape == idents), Shown
		}
	}
	return describe(raw), Hidden
}

// shapeOf is the form of a value that SHOW_CLAIMS names.
func shapeOf(raw string) shape {
	if isNumber(raw) || raw == "true" || raw == "false" || raw == "null" {
		return scalar
	}
	return words
}

const (
	maxWord  = 160 // characters of one shown word
	maxWords = 24  // words of a list
	maxList  = 600 // characters of a list
	maxName  = 40
)

// shorten cuts a long word, and a long run of letters and digits inside it: that is an opaque
// identifier (a key's thumbprint, say), and its ends are enough to compare it by.
func shorten(s string) string {
	if at := query(s); at < len(s) {
		s = s[:at+1] + "…"
	}
	for from := 0; from < len(s); {
		to := from
		for to < len(s) && base64URL[s[to]] {
			to++
		}
		if n := to - from; n >= longRun || n > 32 && opaqueRun(s[from:to]) > 32 {
			s = s[:from+10] + "…" + s[to-6:]
			to = from + 10 + len("…") + 6
		}
		from = max(to, from+1)
	}
	return cut(shortenStd(s), maxWord)
}

// query is where the part of an address begins that names values (RFC 3986 §3.3 to §3.5): its query, or
// parameters of the path or the fragment; the end of s if there is none. People put secrets there.
func query(s string) int {
	for i := range len(s) {
		switch s[i] {
		case '?':
			if strings.Contains(s[:i], "://") && i+1 < len(s) || strings.ContainsRune(s[i:], '=') {
				return i
			}
		case ';', '#':
			if strings.Contains(s[:i], "://") && strings.ContainsRune(s[i:], '=') {
				return i
			}
		}
	}
	return len(s)
}

// shortenStd does the same to standard base64, whose + and / stand in addresses too.
func shortenStd(s string) string {
	if len(s) < longRun {
		return s
	}
	for from := 0; from < len(s); {
		to, opaque := from, false
		for j := (joined{}); to < len(s) && class[s[to]]&(isURL64|isStd64) != 0; to++ {
			opaque = j.add(s[to]) || opaque
		}
		if opaque {
			s = s[:from+10] + "…" + s[to-6:]
			to = from + 10 + len("…") + 6
		}
		from = max(to, from+1)
	}
	return s
}

// identifier shows s with long opaque runs cut short, unless it looks like a credential all the same.
func identifier(s string) (string, bool) {
	short := shorten(clean(s))
	if strings.Contains(s, "eyJ") || Suspicious(short) || strings.Count(short, "…") > 1 {
		return "", false
	}
	return short, true
}

func showWords(list []string, identifiers bool) string {
	var b strings.Builder
	for i, w := range list {
		if i == maxWords || b.Len() > maxList {
			b.WriteString(" … " + strconv.Itoa(len(list)-i) + " more")
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		if short, ok := identifier(w); ok && (identifiers || !Suspicious(w)) {
			b.WriteString(short)
		} else {
			b.WriteString("[hidden]")
		}
	}
	if b.Len() == 0 {
		return "(empty)"
	}
	return b.String()
}

// mask keeps the first and last two characters of what is long enough not to be given away by them.
func mask(s string) string {
	c := clean(s)
	if utf8.RuneCountInString(c) < 8 || Suspicious(s) {
		return "…"
	}
	return firstRunes(c, 2) + "…" + lastRunes(c, 2)
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func lastRunes(s string, n int) string {
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}

// public is foreign text that was published, cleaned and cut.
func public(s string) string {
	short, ok := identifier(s)
	if !ok {
		return "[hidden]"
	}
	return cut(short, maxPublic)
}

// displayName returns a member's name where it is one that says what kind of thing it names, and a
// stand-in where the name itself may be somebody's data.
func displayName(v Value) string {
	name := v.rawName()
	if v.known {
		return cut(clean(name), 2*maxName)
	}
	if !showableName(name) {
		return "(a name not shown, " + strconv.Itoa(utf8.RuneCountInString(name)) + " characters)"
	}
	return cut(clean(name), maxName)
}

// showableName reports whether a name says what kind of thing it names, and not whose.
func showableName(name string) bool {
	return name != "" && len(name) <= 2*maxName && !suspiciousName(name) && plainName(name)
}

// plainName allows letters, digits and the separators of claim names, among them those of
// collision-resistant names (RFC 7519 §4.2), but no long run of digits.
func plainName(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			if digits++; digits > 5 {
				return false
			}
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("_-.:/#", r):
		default:
			return false
		}
	}
	return true
}

// absent stands for the value of a member that is not there.
const absent = "absent"

// describe gives a hidden value's type and size.
func describe(raw string) string {
	if raw == "" {
		return absent
	}
	switch raw[0] {
	case '"':
		s, _ := text(raw)
		return described("string, ", utf8.RuneCountInString(s), " character")
	case '[':
		return described("array, ", parts(raw), " element")
	case '{':
		return described("object, ", parts(raw), " member")
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// parts counts the elements of a JSON array or the members of an object.
func parts(raw string) int {
	n, depth, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if depth == 1 && n == 0 && !strings.ContainsRune(" \t\r\n]}", rune(c)) {
			n = 1
		}
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 1:
			n++
		}
	}
	return n
}

func described(kind string, n int, noun string) string {
	var room [48]byte
	b := strconv.AppendInt(append(room[:0], kind...), int64(n), 10)
	if b = append(b, noun...); n != 1 {
		b = append(b, 's')
	}
	return string(b)
}

func isNumber(raw string) bool {
	return raw != "" && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9')
}

func text(raw string) (string, bool) {
	if raw == "" || raw[0] != '"' {
		return "", false
	}
	if !strings.Contains(raw, `\`) {
		return raw[1 : len(raw)-1], true
	}
	var s string
	err := json.Unmarshal([]byte(raw), &s)
	return s, err == nil
}

// texts reads a string of words or an array of strings.
func texts(raw string) ([]string, bool) {
	if s, ok := text(raw); ok {
		return strings.Fields(s), true
	}
	if raw == "" || raw[0] != '[' {
		return nil, false
	}
	var list []string
	if json.Unmarshal([]byte(raw), &list) != nil {
		return nil, false
	}
	return list, true
}

// Row is one line of the policy's table, for people.
type Row struct{ Names, Where, Shown string }

// Table is the policy as a table.
func Table() []Row {
	forms := map[shape]string{
		word: "a word", ident: "a word, long opaque runs cut short", idents: "one or several words, long opaque runs cut short",
		words: "words, each on its own merits", moment: "a number",
	}
	var rows []Row
	for _, r := range rules {
		where := "claim"
		if r.place == HeaderParameter {
			where = "header"
		}
		how := "shown, if it is " + forms[r.shape]
		if r.visibility == Masked {
			how = "masked: the first and last two characters"
		}
		rows = append(rows, Row{"`" + strings.ReplaceAll(r.names, " ", "`, `") + "`", where, how})
	}
	return append(rows,
		Row{"what `SHOW_CLAIMS` names", "claim", "shown, if it does not look like a secret, a token, a person or a payment card"},
		Row{"everything else", "both", "hidden: name, type and size only; a name that looks personal is hidden too"})
}
