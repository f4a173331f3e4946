package mint

import (
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// alphabet is base64url's, RFC 4648 §5.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// mangle does to a token what one item of $mangle says; alg is what signed it.
func mangle(token, alg, item string) (string, error) {
	words := strings.Fields(item)
	if len(words) == 2 {
		switch words[0] {
		case "truncate", "keep", "newline", "space":
			return resize(token, words[0], words[1])
		}
	}
	switch strings.Join(words, " ") {
	case "upper":
		return strings.ToUpper(token), nil
	case "std":
		return strings.NewReplacer("-", "+", "_", "/").Replace(token), nil
	case "pad":
		return pad(token), nil
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", errors.New("no such thing to do with a token, or not with one of other than three parts")
	}
	var err error
	switch strings.Join(words, " ") {
	case "flip signature":
		parts[2], err = rewrite(parts[2], flip)
	case "flip payload":
		parts[1], err = rewrite(parts[1], flipJSON)
	case "der":
		if !strings.HasPrefix(alg, "ES") {
			return "", errors.New("der is for ECDSA signatures only")
		}
		parts[2], err = rewrite(parts[2], der)
	case "noncanonical":
		parts[2], err = noncanonical(parts[2])
	case "drop signature":
		parts[2] = ""
	case "zero signature":
		parts[2], err = rewrite(parts[2], func(b []byte) ([]byte, error) { return make([]byte, len(b)), nil })
	case "two parts":
		parts = parts[:2]
	case "four parts":
		parts = append(parts, parts[2])
	default:
		return "", errors.New("no such thing to do with a token")
	}
	return strings.Join(parts, "."), err
}

// resize does those with a number: truncate, keep, newline, space.
func resize(token, what, number string) (string, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return "", errors.New("the number is not one above 0")
	}
	switch what {
	case "newline":
		return every(token, n, "\n"), nil
	case "space":
		return every(token, n, " "), nil
	}
	if n > len(token) {
		return "", errors.New("the token is shorter than that")
	}
	if what == "keep" {
		return token[:n], nil
	}
	return token[:len(token)-n], nil
}

// every puts a separator after each n characters, but not at the end.
func every(token string, n int, separator string) string {
	var out strings.Builder
	for len(token) > n {
		out.WriteString(token[:n] + separator)
		token = token[n:]
	}
	return out.String() + token
}

// pad fills each part up to whole groups of four with =; where all are whole already,
// one stands at the end all the same.
func pad(token string) string {
	parts := strings.Split(token, ".")
	for i, part := range parts {
		parts[i] += strings.Repeat("=", (4-len(part)%4)%4)
	}
	padded := strings.Join(parts, ".")
	if padded == token {
		padded += "="
	}
	return padded
}

// rewrite decodes a part, changes its bytes and encodes them again.
func rewrite(part string, change func([]byte) ([]byte, error)) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || len(b) == 0 {
		return "", errors.New("that part is empty or no longer base64url")
	}
	b, err = change(b)
	return encode(b), err
}

// flip changes one bit, in the middle.
func flip(b []byte) ([]byte, error) {
	b[len(b)/2] ^= 1
	return b, nil
}

// flipJSON changes one bit, the last that leaves JSON as readable as it was.
func flipJSON(b []byte) ([]byte, error) {
	if !json.Valid(b) {
		return flip(b)
	}
	for i := len(b) - 1; i >= 0; i-- {
		b[i] ^= 1
		if json.Valid(b) && utf8.Valid(b) && b[i] > ' ' {
			return b, nil
		}
		b[i] ^= 1
	}
	return flip(b)
}

// der turns R and S, fixed width and side by side (RFC 7518 §3.4), into ASN.1.
func der(b []byte) ([]byte, error) {
	half := len(b) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(b[:half]), new(big.Int).SetBytes(b[half:])})
}

// noncanonical sets the bits of the last character that carry nothing.
func noncanonical(part string) (string, error) {
	unused := map[int]int{2: 0b1111, 3: 0b11}[len(part)%4]
	if unused == 0 {
		return "", errors.New("the signature's last character has no unused bits; take an alg whose signature is no multiple of 3 bytes")
	}
	end := len(part) - 1
	at := strings.IndexByte(alphabet, part[end])
	if at < 0 {
		return "", errors.New("the signature is no longer base64url")
	}
	return part[:end] + string(alphabet[at|unused]), nil
}
