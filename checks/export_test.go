package checks

import "strings"

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

// Heard returns what was recognised in an answer: the sayings' IDs, in order, and the causes that they name.
func Heard(a Answer) (ids []string, causes []Cause) {
	for _, h := range a.content().heard {
		ids = append(ids, h.id)
	}
	return ids, a.content().causes()
}

// Read returns the status and the scopes that were read in an answer.
func Read(a Answer) (status int, scopes []string) { return a.content().status, a.content().scopes }
