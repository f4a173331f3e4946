package checks

import (
	"math"
	"strconv"
	"strings"

	"jwt-check-bot/redact"
)

// The format rung, continued: JSON that parses, and that parsers disagree about.

var jsonIndented = Check{
	ID:       "format.json_indented",
	Subject:  "Layout of the JSON",
	Title:    "The header or the claims set is pretty-printed",
	Doc:      "Issuers write compact JSON. Line breaks come from a tool or a hand that wrote the token; whoever writes the JSON anew, compactly, breaks the signature, which covers the exact bytes.",
	Cite:     "RFC 7515 §5.1",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		// A line break inside a string is escaped, so any that shows is layout.
		where := redact.Word("header")
		if strings.IndexByte(p.head.text, '\n') < 0 {
			if strings.IndexByte(p.claims.text, '\n') < 0 {
				return nil
			}
			where = redact.Word("claims set")
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The {} is pretty-printed JSON: valid, and a sign of a token made by hand or written anew on its way", where)}
	},
}

var numberInexact = Check{
	ID:       "format.number_inexact",
	Subject:  "Numbers",
	Title:    "A claim has a number that parsers read differently",
	Doc:      "Most whole numbers beyond 2^53, and any number with more than 17 digits, come out rounded where they are read as a double, as in JavaScript; beyond 10^308 nothing is left. An identifier belongs into a string.",
	Cite:     "RFC 8259 §6, RFC 7493 §2.2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().has&oddNumber == 0 {
			return nil
		}
		for i := range p.claims.members {
			m := &p.claims.members[i]
			raw := p.claims.raw(*m)
			switch {
			case len(raw) < 3 || m.name == "exp" || m.name == "nbf" || m.name == "iat": // judged on their own
				continue
			case m.kind == '0' && inexact(raw), (m.kind == '{' || m.kind == '[') && inexactIn(raw):
				name := redact.Name(redact.NewValue(redact.Claim, m.at, m.json, p.payload))
				return &Result{Outcome: Failed, Says: redact.Msg("{} has a number beyond what a double holds exactly, so parsers read different values", name)}
			}
		}
		return nil
	},
}

// inexact reports whether a double does not hold a JSON number: a whole one exactly, any other with 17
// digits, which is as many as a double is written with.
func inexact(raw string) bool {
	mantissa, power := strings.TrimPrefix(raw, "-"), ""
	if at := strings.IndexAny(mantissa, "eE"); at >= 0 {
		mantissa, power = mantissa[:at], mantissa[at+1:]
	} else if len(mantissa) <= 15 {
		return false
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return false
	}
	double, err := strconv.ParseFloat(raw, 64)
	if err != nil || double == 0 { // too large or too small for any
		return true
	}
	exponent, _ := strconv.Atoi(power) // what did not fit was too large above
	exponent -= len(fraction)
	short := strings.TrimRight(digits, "0")
	if exponent += len(digits) - len(short); exponent < 0 {
		return len(short) > 17
	}
	return strconv.FormatFloat(math.Abs(double), 'f', 0, 64) != short+strings.Repeat("0", exponent)
}

func holdsDigit(s string) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// inexactIn looks for such a number inside an object or an array.
func inexactIn(raw string) bool {
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case c == '-' || isDigit(c):
			from := i
			for i+1 < len(raw) && strings.IndexByte("0123456789.eE+-", raw[i+1]) >= 0 {
				i++
			}
			if i-from > 1 && inexact(raw[from:i+1]) {
				return true
			}
		}
	}
	return false
}

// maxDepth is how deep .NET's parsers go by default; others end at 100, 1,000 or 10,000.
const maxDepth = 64

var nestingDeep = Check{
	ID:       "format.nesting_deep",
	Subject:  "Nesting",
	Title:    "The claims are nested very deep",
	Doc:      "Parsers stop at a depth of their own, 64 with .NET, and refuse the token as malformed. No issuer nests like this: look for a loop in a claim mapping, or for somebody who tries what the API's parser bears.",
	Cite:     "RFC 8259 §9",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.form != formJWS {
			return nil
		}
		for i := range p.claims.members {
			m := &p.claims.members[i]
			if m.kind != '{' && m.kind != '[' || m.json.To-m.json.From < 2*maxDepth {
				continue
			}
			if n := depth(p.claims.raw(*m)) + 1; n > maxDepth {
				name := redact.Name(redact.NewValue(redact.Claim, m.at, m.json, p.payload))
				return &Result{Outcome: Failed, Says: redact.Msg("{} makes the claims {} levels deep; .NET's parsers refuse more than {}", name, redact.Count(n), redact.Count(maxDepth))}
			}
		}
		return nil
	},
}

// depth is how many objects and arrays stand inside each other in a JSON value.
func depth(raw string) int {
	open, deepest := 0, 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '{', '[':
			open++
			deepest = max(deepest, open)
		case '}', ']':
			open--
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		}
	}
	return deepest
}
