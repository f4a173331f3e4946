package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// signatureSize in bytes: each guess would be a form sent to Slack (RFC 2104 §5 asks for 80 bits).
const signatureSize = 12

// Sign returns a mark on data that nobody without the bot token can make (HMAC-SHA-256, RFC 2104), and
// that every replica makes alike: what travels with a modal comes back as it was sent, or is known for
// not being it.
func (c *Client) Sign(data string) string {
	h := hmac.New(sha256.New, []byte("jwt-check-bot: what travels with a modal, 1\x00"+c.config.BotToken.Expose()))
	h.Write([]byte(data))
	return hex.EncodeToString(h.Sum(nil)[:signatureSize])
}

// Signed reports whether the mark is the one that Sign made on data.
func (c *Client) Signed(data, mark string) bool {
	return hmac.Equal([]byte(c.Sign(data)), []byte(mark))
}
