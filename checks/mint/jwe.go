package mint

import (
	"errors"
	"strings"
)

// encrypted returns five parts as of RFC 7516 §7.1, of the right sizes and random:
// no key opens them. A signature alg in the header gives way to RSA-OAEP-256.
func (r recipe) encrypted() (string, error) {
	if _, signs := algorithmOf(r.header.text("alg")); signs || r.header.text("alg") == "" {
		r.header.merge(member{"alg", []byte(`"RSA-OAEP-256"`)}, false)
	}
	if r.header.text("enc") == "" {
		r.header.merge(member{"enc", []byte(`"A256GCM"`)}, false)
	}
	text := len(r.payload())
	var cek, iv, tag int // bytes, RFC 7518 §5
	switch enc := r.header.text("enc"); enc {
	case "A128GCM":
		cek, iv, tag = 16, 12, 16
	case "A192GCM":
		cek, iv, tag = 24, 12, 16
	case "A256GCM":
		cek, iv, tag = 32, 12, 16
	case "A128CBC-HS256":
		cek, iv, tag = 32, 16, 16
	case "A192CBC-HS384":
		cek, iv, tag = 48, 16, 24
	case "A256CBC-HS512":
		cek, iv, tag = 64, 16, 32
	default:
		return "", errors.New("enc: no such content encryption")
	}
	if iv == 16 { // CBC fills up its last block, RFC 7518 §5.2.2.1
		text += 16 - text%16
	}
	var wrapped int // bytes of the encrypted key, RFC 7518 §4
	switch alg := r.header.text("alg"); {
	case strings.HasPrefix(alg, "RSA"):
		wrapped = 256
	case alg == "dir", alg == "ECDH-ES":
		wrapped = 0
	case strings.HasSuffix(alg, "GCMKW"):
		wrapped = cek
	case strings.HasSuffix(alg, "KW"):
		wrapped = cek + 8
	default:
		return "", errors.New("alg: no such key management")
	}
	parts := []string{encode(r.protected())}
	for _, size := range []int{wrapped, iv, text, tag} {
		parts = append(parts, encode(random(size)))
	}
	return strings.Join(parts, "."), nil
}
