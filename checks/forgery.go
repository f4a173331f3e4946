package checks

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"

	"jwt-check-bot/redact"
)

// Signs of forgery: signatures that only somebody makes who has no key. A sound verifier refuses each
// of them for a reason of its own; that it was tried is worth knowing.

var keyConfused = Check{
	ID:       "signature.key_confused",
	Subject:  "Algorithm confusion",
	Title:    "The issuer's public key was used as an HMAC secret",
	Doc:      "Anybody has the public key. A verifier that takes the algorithm from the header would accept this token from anybody (algorithm confusion, CVE-2015-9235). Treat it as an attack, and check that every service has its own list of algorithms.",
	Cite:     "RFC 8725 §2.1, §3.1",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || !strings.HasPrefix(p.alg, "HS") || p.Profile.symmetric() || p.evidence().Set == nil || p.unsigned() {
			return nil
		}
		set := p.evidence().Set
		for i := range set.Keys[:min(len(set.Keys), maxSuspects)] {
			k := &set.Keys[i]
			for _, text := range publicTexts(k.Public) {
				if p.verify(text) {
					return &Result{Outcome: Failed, Says: redact.Msg("The HMAC secret is the issuer's public key {}, which anybody has: an attack by algorithm confusion, or a signer set up wrongly", k.label())}
				}
			}
		}
		return nil
	},
}

// publicTexts are the forms of a public key that are at hand for who has only that.
func publicTexts(public any) (texts [][]byte) {
	add := func(kind string, der []byte) {
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
		texts = append(texts, text, bytes.TrimRight(text, "\n"), der)
	}
	switch key := public.(type) {
	case *rsa.PublicKey:
		add("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(key))
		texts = append(texts, key.N.Bytes())
	case *ecdsa.PublicKey:
		if point, err := key.Bytes(); err == nil {
			texts = append(texts, point, point[1:])
		}
	case ed25519.PublicKey:
		texts = append(texts, key)
	default:
		return nil
	}
	if der, err := x509.MarshalPKIXPublicKey(public); err == nil {
		add("PUBLIC KEY", der)
	}
	return texts
}

var ecdsaZero = Check{
	ID:       "signature.ecdsa_zero",
	Subject:  "Blank ECDSA signature",
	Title:    "The ECDSA signature is zero",
	Doc:      "No signer makes one. Verifiers with the fault of CVE-2022-21449 (Java 15 to 18) accept it for any content, so somebody may have tried that. Treat it as an attack, and check the versions of whatever verifies tokens.",
	Cite:     "RFC 7518 §3.4",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || !p.blankECDSA() {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("R or S of the ECDSA signature is zero, which no signer makes: an attack on verifiers with CVE-2022-21449")}
	},
}

func (p *Pass) blankECDSA() bool {
	half := len(p.signature) / 2
	return strings.HasPrefix(p.alg, "ES") && half > 0 && (blank(p.signature[:half]) || blank(p.signature[half:]))
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

var keyBrought = Check{
	ID:       "signature.key_brought",
	Subject:  "Key in the token",
	Title:    "Only the key that the token brings along verifies it",
	Doc:      "Anybody can make a key, sign with it and put it into the header (jwk or x5c). A verifier that uses such a key accepts anything (CVE-2018-0114). Treat it as an attack, unless it is a proof of possession that was pasted by mistake.",
	Cite:     "RFC 8725 §3.10, RFC 7515 §4.1.3",
	Severity: Security,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || p.unsigned() || p.choice().verified {
			return nil
		}
		name := p.broughtKey()
		if name == "" {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The token verifies with the key in its own header ({}), which proves nothing: anybody can make such a token", redact.Operator(name))}
	},
}

// ownKey is the same as a clue.
func (p *Pass) ownKey(*keyChoice) clue {
	name := p.broughtKey()
	if name == "" {
		return clue{}
	}
	return clue{
		says: redact.Msg("the signature verifies with the key in the token's own header ({}), which proves nothing", redact.Operator(name)),
		next: redact.Msg("Find out who made it: anybody can sign with a key of their own. Treat it as an attack until you know"),
	}
}

// broughtKey is the header parameter whose key verifies the token; empty where none does. Such a key
// is never trusted, and what jku and x5u point to is never fetched.
func (p *Pass) broughtKey() string {
	for _, name := range [...]string{"jwk", "x5c"} {
		m, ok := p.head.find(name)
		if !ok {
			continue
		}
		key := embeddedKey(p.head.raw(m))
		if name == "x5c" {
			key = certifiedKey(p.head.raw(m))
		}
		if couldSign(key, p.alg) && p.verify(key) {
			return name
		}
	}
	return ""
}

// certifiedKey is the key in the first certificate of an x5c header (RFC 7515 §4.1.6).
func certifiedKey(raw string) any {
	chain, ok := elements(raw)
	if !ok || len(chain) == 0 {
		return nil
	}
	der, err := base64.StdEncoding.DecodeString(chain[0])
	if err != nil {
		return nil
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return certificate.PublicKey
}

// embeddedKey is the key in a jwk header (RFC 7515 §4.1.3), as strictly as RFC 7518 §6 has it.
func embeddedKey(raw string) any {
	jwk, err := scanObject(raw)
	if err != nil {
		return nil
	}
	number := func(name string) []byte {
		s, _ := jwk.str(name)
		b, err := strict.DecodeString(s)
		if err != nil || len(b) > maxRSABits/8 {
			return nil
		}
		return b
	}
	kty, _ := jwk.str("kty")
	crv, _ := jwk.str("crv")
	switch {
	case kty == "RSA":
		e := new(big.Int).SetBytes(number("e"))
		if n := number("n"); len(n) > 0 && e.IsInt64() && e.Int64() > 1 && e.BitLen() < 32 {
			return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(e.Int64())}
		}
	case kty == "EC":
		curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[crv]
		if curve == nil {
			return nil
		}
		point := append(append([]byte{4}, number("x")...), number("y")...)
		if key, err := ecdsa.ParseUncompressedPublicKey(curve, point); err == nil {
			return key
		}
	case kty == "OKP" && crv == "Ed25519":
		if x := number("x"); len(x) == ed25519.PublicKeySize {
			return ed25519.PublicKey(x)
		}
	}
	return nil
}
