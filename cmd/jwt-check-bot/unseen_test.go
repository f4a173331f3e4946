package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// hiddenClaims are the values in goodToken that nobody may ever see.
var hiddenClaims = []string{"5f7c8ec7c33c6c004bbafe9f", "acme-europe", "7d9c2b1e-33aa-4f0e-9f6e-0d3a5c1b2a44", "ana.ruiz@acme.example"}

// traces recognizes parts of secrets, plain and in the disguises that libraries put on them.
type traces map[int]map[string]string // by length: the part, and the disguise that it stands for

// tracesOf recognizes every part of 12 bytes of each token, and every hidden claim as a whole.
func tracesOf(tokens ...string) traces {
	seen := traces{}
	for _, token := range tokens {
		seen.add(token, 12)
	}
	for _, claim := range hiddenClaims {
		seen.add(claim, len(claim))
	}
	return seen
}

// add recognizes every part of n bytes of the secret, where the disguise makes no difference to the size.
func (seen traces) add(secret string, n int) {
	for disguise, form := range map[string]string{
		"plain": secret, "URL-escaped": url.QueryEscape(secret), "upper case": strings.ToUpper(secret), "lower case": strings.ToLower(secret),
		"reversed": reversed(secret),
	} {
		seen.parts(disguise, form, n)
	}
	seen.parts("hex", hex.EncodeToString([]byte(secret)), 2*n)
	seen.parts("upper hex", strings.ToUpper(hex.EncodeToString([]byte(secret))), 2*n)
	seen.parts("hex, reversed", hex.EncodeToString([]byte(reversed(secret))), 2*n)
	seen.parts("percent-encoded", percent(secret), 3*n)
	seen.parts("printed as bytes", strings.Trim(fmt.Sprint([]byte(secret)), "[]"), 3*n)
	// What stands before the secret decides where the groups of three begin; the last group is not whole.
	for skip := range 3 {
		if whole := (len(secret) - skip) / 3 * 3; whole > 0 {
			part := []byte(secret[skip : skip+whole])
			seen.parts("base64", base64.StdEncoding.EncodeToString(part), min(16, 4*whole/3))
			seen.parts("base64url", base64.URLEncoding.EncodeToString(part), min(16, 4*whole/3))
		}
	}
}

func (seen traces) parts(disguise, form string, n int) {
	n = min(n, len(form))
	if seen[n] == nil {
		seen[n] = map[string]string{}
	}
	for i := 0; i+n <= len(form); i++ {
		if _, known := seen[n][form[i:i+n]]; !known {
			seen[n][form[i:i+n]] = disguise
		}
	}
}

// in returns the disguise of the first part that is found in the text; "" for none.
func (seen traces) in(text string) string {
	for n, parts := range seen {
		for i := 0; i+n <= len(text); i++ {
			if disguise, found := parts[text[i:i+n]]; found {
				return disguise
			}
		}
	}
	return ""
}

// absentFrom fails the test if a part is found in the text. It prints none of it.
func (seen traces) absentFrom(t *testing.T, place, text string) {
	t.Helper()
	if disguise := seen.in(text); disguise != "" {
		t.Errorf("a part of a token or a hidden claim (%s) is in %s", disguise, place)
	}
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

// tokenOf is the token in what a person pasted: its last word.
func tokenOf(pasted string) string {
	words := strings.Fields(pasted)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// TestTraces: a witness that recognizes nothing would find every text clean.
func TestTraces(t *testing.T) {
	const token = "an invented word that stands for a token, with nothing in it"
	seen := tracesOf(token)
	for _, part := range []string{token[7:19], token[len(token)-12:], reversed(token)[3:15], strings.ToUpper(token[5:20])} {
		if seen.in("before "+part+" after") == "" {
			t.Errorf("%q was not recognized", part)
		}
	}
	for skip := range 3 {
		for _, text := range []string{
			base64.StdEncoding.EncodeToString([]byte("xyz"[:skip] + token + "z")), base64.RawURLEncoding.EncodeToString([]byte("xyz"[:skip] + hiddenClaims[0])),
			hex.EncodeToString([]byte("xyz"[:skip] + token)), percent("xyz"[:skip] + token), fmt.Sprint([]byte("xyz"[:skip] + token)),
		} {
			if seen.in(text) == "" {
				t.Errorf("%q was not recognized", text)
			}
		}
	}
	if found := seen.in("an invented" + token[12:23] + "word"); found != "" {
		t.Errorf("eleven bytes were taken for a part: %s", found)
	}
}
