package mint

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mint merges the recipes from left to right and returns what a person would
// paste. Errors name the member that is at fault and quote no value.
func (k *Keys) Mint(now time.Time, recipes ...string) (string, error) {
	r, err := read(now, recipes)
	if err != nil {
		return "", fmt.Errorf("mint: %w", err)
	}
	token, signedWith, err := k.token(r)
	if err != nil {
		return "", fmt.Errorf("mint: %w", err)
	}
	for i, words := range r.mangle {
		if token, err = mangle(token, signedWith, words); err != nil {
			return "", fmt.Errorf("mint: $mangle: item %d: %w", i+1, err)
		}
	}
	if r.paste == nil {
		return token, nil
	}
	return strings.ReplaceAll(*r.paste, "{}", token), nil
}

// MustMint is Mint for tests: it panics where a recipe is wrong.
func (k *Keys) MustMint(now time.Time, recipes ...string) string {
	pasted, err := k.Mint(now, recipes...)
	if err != nil {
		panic(err)
	}
	return pasted
}

// token returns the compact token, and the alg that signed it: "" for none.
func (k *Keys) token(r recipe) (token, signedWith string, err error) {
	if r.jwe {
		token, err = r.encrypted()
		return token, "", err
	}
	payload := r.payload()
	if !r.signs() {
		return encode(r.protected()) + "." + encode(payload) + ".", "", nil
	}
	signer, alg, err := k.signer(r)
	if err != nil {
		return "", "", err
	}
	a, _ := algorithmOf(alg)
	respell := slices.ContainsFunc(r.mangle, func(words string) bool { return strings.TrimSpace(words) == "std" })
	for try := 0; ; try++ {
		input := encode(r.protected()) + "." + encode(payload)
		signature, err := signer.sign(input, a)
		if err != nil {
			return "", "", fmt.Errorf("key %s: %w", r.keyName(), err)
		}
		token = input + "." + encode(signature)
		// Both base64 alphabets may spell a token alike: white space after the claims then changes the signature.
		if !respell || strings.ContainsAny(token, "-_") || try == 99 {
			return token, alg, nil
		}
		if r.rawPayload == nil {
			payload = append(payload, ' ')
		}
	}
}

// signer finds the key and the alg to sign with: $alg, else the header's alg, else,
// where that is no signature algorithm, what the key was made for.
func (k *Keys) signer(r recipe) (*key, string, error) {
	name := r.keyName()
	if name == "" {
		return nil, "", errors.New("$key: needed, because no kid names a key")
	}
	alg := r.alg
	if alg == "" {
		alg = r.header.text("alg")
	}
	a, ok := algorithmOf(alg)
	if ok {
		return k.ensure(name, alg, a.kind, a.size), alg, nil
	}
	if r.alg != "" {
		return nil, "", errors.New("$alg: no such signature algorithm")
	}
	if found := k.find(name); found != nil {
		return found, found.alg, nil
	}
	return nil, "", errors.New("alg: no such signature algorithm; say how to sign with $alg, or $sign false")
}

// keyName is the key that signs: $key, else the one that a kid names.
func (r recipe) keyName() string {
	if r.key != "" {
		return r.key
	}
	return r.header.text("kid")
}

// signs is false for $sign false and for alg none in any spelling, unless $alg insists.
func (r recipe) signs() bool {
	if !r.sign {
		return false
	}
	return r.alg != "" || !strings.EqualFold(r.header.text("alg"), "none")
}

// protected is the header's bytes.
func (r recipe) protected() []byte {
	if r.rawHeader != nil {
		return r.rawHeader
	}
	return r.header.encode()
}

// payload is the payload's bytes.
func (r recipe) payload() []byte {
	if r.rawPayload != nil {
		return r.rawPayload
	}
	return r.claims.encode()
}
