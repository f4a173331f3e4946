package workspace

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// mintToken makes a token at run time, so that no file holds anything that looks like one.
func mintToken(parts ...string) string {
	return strings.Join(append(parts, randomText(24)), "-")
}

// randomText is n letters and digits that nobody can guess.
func randomText(n int) string { return strings.ToLower(rand.Text() + rand.Text())[:n] }

// randomID is an ID as Slack writes them: a letter or two for the kind, then capitals and digits.
func randomID(kind string) string { return kind + strings.ToUpper(rand.Text())[:9] }

func uuid() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// randomDigits is ten digits.
func randomDigits() string {
	var b [8]byte
	rand.Read(b[:])
	return fmt.Sprintf("%010d", binary.BigEndian.Uint64(b[:])%10_000_000_000)
}
