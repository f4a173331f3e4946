package probe

import (
	"crypto/rand"
	"encoding/base64"

	"jwt-check-bot/redact"
)

// garbage is a token that nobody issued and no key verifies: three parts, so that only what looks
// into a token can tell it from a real one. Each is another, so that no cache knows it.
func garbage() redact.Secret {
	signature := make([]byte, 256) // as long as one by RS256
	_, _ = rand.Read(signature)
	text := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	return redact.NewSecret(text([]byte(`{"alg":"RS256","typ":"JWT","kid":"none-of-yours"}`)) + "." +
		text([]byte(`{"iss":"https://jwt-check-bot.invalid","sub":"nobody"}`)) + "." + text(signature))
}
