package redact

import "encoding/json"

// Secret is text that must not be printed: a pasted token, a bot token, an HMAC secret.
// The zero value is empty.
type Secret struct {
	Veil
	size   int
	reveal func() string
}

// NewSecret holds s.
func NewSecret(s string) Secret {
	return Secret{size: len(s), reveal: func() string { return s }}
}

// Expose returns the content. Its callers are listed, each with its reason, in expose_test.go.
func (s Secret) Expose() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Len is the content's size in bytes.
func (s Secret) Len() int { return s.size }

// UnmarshalJSON takes any JSON and never fails, since an error would quote its input:
// a string is decoded, null is empty, anything else is held as it stands.
func (s *Secret) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		text = string(b)
	}
	*s = NewSecret(text)
	return nil
}

// UnmarshalText never fails, for the same reason.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = NewSecret(string(b))
	return nil
}
