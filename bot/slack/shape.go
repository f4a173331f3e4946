package slack

// Everything that goes out and is not a redact.Text has one of these shapes, so that no free text
// can travel as an identifier.

// isUser reports whether s is a member's ID: U or W and capitals or digits.
func isUser(s string) bool { return isID(s, "UW") }

// isConversation reports whether s names what can be posted to; a member's ID stands for the
// direct messages with them.
func isConversation(s string) bool { return isID(s, "CGDUW") }

func isID(s, first string) bool {
	if len(s) < 2 || len(s) > 32 {
		return false
	}
	known := false
	for i := range len(first) {
		known = known || s[0] == first[i]
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return known
}

// isTimestamp reports whether s is a message's timestamp: digits, a dot, digits.
func isTimestamp(s string) bool {
	dot := -1
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c == '.' && dot < 0 && i > 0:
			dot = i
		default:
			return false
		}
	}
	return dot > 0 && dot < len(s)-1 && len(s) <= 32
}

// isName reports whether s can be a block, action or callback ID, or an option's value: words of
// our own source code or the operator's.
func isName(s string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '_', c == '-', c == '.', c == ':', c == '/':
		default:
			return false
		}
	}
	return true
}

// isOpaque reports whether s can be a handle that Slack gave out (a trigger, a view): printable
// ASCII without spaces or quotes.
func isOpaque(s string) bool {
	if s == "" || len(s) > 512 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// isCode reports whether s has the shape of Slack's error codes, and so may be shown.
func isCode(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_') {
			return false
		}
	}
	return true
}
