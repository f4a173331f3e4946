package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// ParseJWS is Parse for a JWS whose payload need not be a claims set, as those of the published test
// vectors are not. The header, the payload's encoding and the signature are read as Parse reads them;
// the claims set is empty.
func ParseJWS(compact string) Token {
	c := &content{}
	head, rest, _ := strings.Cut(compact, ".")
	payload, signature, ok := strings.Cut(rest, ".")
	if !ok || strings.Contains(signature, ".") || !isCompact(compact) {
		c.read(compact)
	} else if _, ok := c.decode(nil, payload, 2); ok || payload == "" {
		c.defect, c.part = noDefect, 0
		c.read(head + ".e30." + signature)
		c.input = head + "." + payload
	}
	return Token{size: len(compact), open: func() *content { return c }}
}

// Sayings are the IDs of all that is known of what servers say, each with its cause.
func Sayings() map[string]Cause {
	all := map[string]Cause{}
	for _, f := range families() {
		for _, s := range f.sayings {
			all[s.id] = s.cause
		}
	}
	return all
}

// Heard returns what was recognised in an answer: the sayings' IDs, in order, the causes that they name,
// and in whose words each of them is told; empty for nobody's.
func Heard(a Answer) (ids []string, causes []Cause, by []string) {
	for _, h := range a.content().heard {
		ids, by = append(ids, h.id), append(by, redact.Policy{}.Text(h.by.name).String())
	}
	return ids, a.content().causes(), by
}

// Software is whose words the saying of that ID are; empty for words that several use.
func Software(id string) string {
	for _, f := range families() {
		for _, s := range f.sayings {
			if s.id == id {
				return redact.Policy{}.Text(f.name).String()
			}
		}
	}
	return ""
}

// Patterns are the words of all sayings, each with the IDs of those that look for them.
func Patterns() map[string][]string {
	all := map[string][]string{}
	for _, f := range families() {
		for _, s := range f.sayings {
			for _, w := range s.words {
				all[w] = append(all[w], s.id)
			}
		}
	}
	return all
}

// Read returns the status and the scopes that were read in an answer.
func Read(a Answer) (status int, scopes []string) { return a.content().status, a.content().scopes }
