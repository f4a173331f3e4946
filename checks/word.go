package checks

import "strings"

// What stands in a header where a token should: leftovers of the code that builds it, and masks.

// readWord recognizes what stands in a token's place, and reports whether it did.
func (p *paste) readWord(s string) bool {
	bare := strings.Trim(s, "\"'`")
	switch {
	case bare == "":
		return s != "" || p.header()
	case isNothing(bare):
		p.artefacts |= placeholder
	case strings.EqualFold(bare, "[object Object]"):
		p.artefacts |= objectObject
	case len(bare) < 200 && printed().MatchString(bare):
		p.artefacts |= printedObject
	case isMask(bare):
		p.artefacts |= masked
	case isTemplate(bare):
		p.artefacts |= template
	case !strings.ContainsAny(bare, " \t\r\n,") && isMasked(bare) && !isWhole(bare):
		p.artefacts |= masked
		p.token = bare // for what its rest still tells
	default:
		return false
	}
	return true
}

func isNothing(s string) bool {
	if len(s) > len("(undefined)") {
		return false
	}
	switch strings.ToLower(strings.Trim(s, "()<>")) {
	case "undefined", "null", "none", "nil", "nan", "true", "false", "(null)", "empty":
		return true
	}
	return false
}

// printed are objects, functions and promises as languages print them.
var printed = lazily(`(?i)^(\[object \w+\]|promise ?\{.*|\[(async)?function.*|function ?\(.*|(async )?\(?\w*\)? ?=> .*|` +
	`<(coroutine|function|bound method|generator|future|task|built-in|[\w.]+ object at)[ :].*|<future .*|` +
	`system\.[\w.]+(` + "`" + `\d+)?(\[.*\])?|[a-z]\w*(\.\w+)*[@$][0-9a-f]{5,8}|[a-z]\w*(\.\w+)+@[0-9a-f]{4,16}(\[.*\])?|#<[\w:]+.*>|instance of '?\w+'?|map\[.*\]|&\{.*\}|0x[0-9a-f]{8,16})$`)

// A template's own marks, round anything; and other brackets round a word that speaks of a token.
var (
	templateMarks = lazily(`(?s)^(\{\{.*\}\}|\$\{.*\}|\$\(.*\)|#\{.*\}|<%.*%>|%\(\w+\)s|%\w+%|%[sdv@]|\$\w*[A-Za-z_]\w*|\$env:\w+|@@\w+@@)$`)
	templateWord  = lazily(`(?i)^[<\[{(:@_ ]*((your|my|the|an?|insert|paste|put|enter|add|some|valid|access|auth|api|id|jwt|bearer[-_.]|user|oauth2?|client|here|goes|this|in|is|in_here)[-_ .]*)*(token|jwt|key|credentials?)([-_ .]*(value|here|goes|string|placeholder|of|user|is|in|this))*[>\]})_ ]*$`)
)

// isTemplate reports whether s is a placeholder of a template, a shell or a manual.
func isTemplate(s string) bool {
	if len(s) > 80 || strings.Contains(s, "eyJ") {
		return false
	}
	if templateMarks().MatchString(s) {
		return true
	}
	// A single lower-case word is one that somebody typed.
	return templateWord().MatchString(s) && (strings.ContainsAny(s, "<[{(:@_- ") || s == strings.ToUpper(s))
}

// isMask reports whether nothing of the credential is left but what hides it.
func isMask(s string) bool {
	if len(s) > 64 {
		return false
	}
	switch strings.ToLower(strings.Trim(s, "<>[](){}*#-_ ")) {
	case "redacted", "filtered", "masked", "hidden", "removed", "censored", "scrubbed", "secret", "sanitized", "private", "confidential", "sensitive":
		return strings.ContainsAny(s, "<>[](){}*#") || s == strings.ToUpper(s)
	}
	left := strings.Trim(s, "*•.…xX█#")
	return left == "" && len(s) > 2 && strings.Trim(s, ".") != ""
}

// isMasked reports whether something of a credential was left out or painted over, as logs do.
func isMasked(s string) bool {
	if strings.Trim(s, ".…") == "" {
		return false
	}
	for _, mark := range []string{"…", "...", "***", "••", "██", "[REDACTED]", "[redacted]", "<redacted>", "[FILTERED]", "[MASKED]", "<hidden>", "<snip>", "[snip]", "[...]"} {
		if strings.Contains(s, mark) {
			return true
		}
	}
	for part := range strings.SplitSeq(s, ".") {
		if len(part) > 3 && strings.Trim(part, "xX") == "" {
			return true
		}
	}
	return strings.Contains(s, "xxxxxxxx") || strings.Contains(s, "XXXXXXXX")
}
