package redact

import "context"

// Screen is what every outgoing body passes, whoever it is for: it says what in b belongs to one of
// the submissions that ctx is about (WithCanary), or looks like a credential whatever it is (Scan).
func Screen(ctx context.Context, b []byte) Find {
	for _, c := range Canaries(ctx) {
		if f := c.In(b); f != Nothing {
			return f
		}
	}
	return scan(b)
}
