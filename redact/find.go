package redact

// Find is what kind of thing a net found. What it found is never kept.
type Find uint8

const (
	Nothing    Find = iota
	TokenPart       // as many base64url characters in a row as no word has
	SplitToken      // the same, escaped or split by line breaks or by what nobody sees
	PrivateKey
	Credential // by its well-known prefix
	Submitted  // bytes of the present submission
)

func (f Find) String() string {
	return [...]string{"nothing", "part of a token", "part of a token, escaped or split", "private key", "credential", "part of the submission"}[f]
}
