package redact

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// inert reports what in s Slack, a terminal or a reader's eye could take for something else.
func inert(s string) string {
	if !utf8.ValidString(s) {
		return "invalid UTF-8"
	}
	if n := utf8.RuneCountInString(s); n > 2500 {
		return "too long"
	}
	for _, r := range s {
		switch {
		case strings.ContainsRune("<>&", r):
			return "markup"
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), invisible(r), r == 0x2028, r == 0x2029, unicode.Is(unicode.Co, r):
			return "a character that nobody sees"
		}
	}
	return ""
}

// FuzzText shows any member under any name, alone and in a sentence: what comes out is inert, within
// bounds, holds nothing that looks like a credential, and nothing of a value that is hidden.
func FuzzText(f *testing.F) {
	for _, seed := range [][2]string{
		{"sub", `"a<b>&\u202e"`}, {"aud", `["x","` + strings.Repeat("k", 60) + `"]`}, {"extra", `"<!channel> <@U1> :tada: ` + "`x`" + ` *b* mailto:ana@x.example"`},
		{"scope", `"` + strings.Repeat("orders:read ", 200) + `"`}, {"iss", `"https://user:pw@issuer.example/"`}, {"note", `"hidden words of somebody"`}, {"exp", `1e400`},
		{"\u202e*Next*\nstep", `{"a":[1,{"b":"c"}]}`}, {"extra", `[[["deep"]],{"a":null},true]`}, {"kid", `"\ud800\u200b\u00ad"`}, {"email", `"ana.ruiz@shop.example"`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, raw string) {
		if !json.Valid([]byte(raw)) || strings.TrimSpace(raw) != raw {
			t.Skip()
		}
		for _, place := range []Place{Claim, HeaderParameter} {
			v := member(place, name, raw)
			p := Policy{}.With("extra")
			n, s, visibility := p.Value(v)
			for _, text := range []Text{
				n, s, p.Text(Msg("{} is {}", Name(v), Show(v))), p.Text(Msg("{}", Public(raw))), p.Text(Msg("{}", Public(name))), p.Text(Msg("{}", Operator(name))),
				p.Text(Msg("{}", Items([]Message{Msg("{}", Show(v)), Msg("{}", Name(v))}))), n.Cut(10), Join(", ", n, s),
			} {
				if why := inert(text.String()); why != "" || Leaks(text.String()) || Scan(text.String()) != Nothing {
					t.Errorf("%s: %q", why, text.String())
				}
			}
			if visibility != Hidden {
				continue
			}
			// What is hidden is told by its type and size: none of the words that say so is its own.
			var hidden string
			if json.Unmarshal([]byte(raw), &hidden) == nil && len(hidden) > 12 && strings.Contains(s.String(), clean(hidden)) {
				t.Errorf("a hidden value of %d bytes is shown", len(hidden))
			}
		}
	})
}

// FuzzNet puts a secret, spelled in some way, into any surroundings: it is found there, in time
// that does not depend on what surrounds it.
func FuzzNet(f *testing.F) {
	f.Add([]byte(`{"text":"`), []byte(`"}`), uint64(1), uint8(0), uint8(7))
	f.Add([]byte("\xe2\x80"), []byte("%"), uint64(2), uint8(1), uint8(2))
	f.Add([]byte(`\\\`), []byte("eyJ"), uint64(3), uint8(2), uint8(39))
	f.Add([]byte("-----BEGIN"), []byte("+/+/"), uint64(4), uint8(3), uint8(12))
	f.Add([]byte("a b"), []byte("\n\n"), uint64(5), uint8(4), uint8(9))
	f.Fuzz(func(t *testing.T, before, after []byte, seed uint64, how, step uint8) {
		r := rand.New(rand.NewPCG(seed, 1))
		secret := make([]byte, 120)
		for i := range secret {
			secret[i] = byte(r.Uint32())
		}
		token := url64.EncodeToString(secret)
		n := 8 + int(step)%60
		spelled := []string{token, every(token, n, "\u200b"), every(token, n, "\n"), percentAll(token), jsonAll(token), every(token, n, `\u00ad`), every(token, n, `\r\n`)}[how%7]
		// A boundary that no word of the surroundings joins; the general net needs none.
		body := append(append(append(bytes.Clone(before), ' '), spelled...), ' ')
		body = append(body, after...)
		if Scan(body) == Nothing {
			t.Errorf("%d bytes in %d: not found", len(spelled), len(body))
		}
		part := token[int(seed%100) : int(seed%100)+window]
		canary := Policy{}.Canary(NewSecret(token), nil)
		for _, form := range writings(part) {
			body := append(append(append(bytes.Clone(before), ' '), form...), ' ')
			if canary.In(append(body, after...)) == Nothing && !dull([]byte(part)) {
				t.Errorf("12 bytes in %q: not found between %q and %q", form, before, after)
			}
		}
	})
}

// FuzzGlances compares Scan with a net that reads every byte: a glance must miss nothing.
func FuzzGlances(f *testing.F) {
	for seed := range uint64(400) {
		f.Add(haystack(seed))
	}
	f.Add([]byte(`{"type":"rich_text_section","elements":[{"type":"text","text":"` + strings.Repeat("k", 39) + `"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := Scan(b), scanSlowly(b); got != want {
			t.Errorf("%v, but byte by byte it is %v: %q", got, want, b)
		}
	})
}

// haystack has runs of every length around those that count, in any place, between what parts them and
// what does not.
func haystack(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 2))
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	between := []string{" ", `"`, ",", ".", ":", "{", "!", "#", "$", "\\", "%", "\n", "+", "/", "…", "\u200b", "\x00", "\x7f"}
	var b []byte
	for range 1 + r.IntN(12) {
		for range 14 + r.IntN(14) {
			b = append(b, letters[r.IntN(len(letters))])
		}
		for range r.IntN(3) {
			b = append(b, between[r.IntN(len(between))]...)
		}
		if r.IntN(4) == 0 {
			c := credentials[r.IntN(len(credentials))]
			b = append(append(b, '"'), c.prefix...)
			for range c.least - len(c.prefix) - r.IntN(2) {
				b = append(b, letters[r.IntN(62)])
			}
			b = append(b, '"')
		}
	}
	return b
}

func scanSlowly(s []byte) Find {
	for from := 0; from < len(s); from++ {
		to, seen := from, uint8(0)
		for to < len(s) && class[s[to]]&(isURL64|isJoin) != 0 {
			seen |= class[s[to]]
			to++
		}
		if to-from >= shortRun {
			if f := judge(s, from, to, seen&isJoin != 0); f != Nothing {
				return f
			}
		}
		from = to
	}
	if holdsPrivateKey(s) {
		return PrivateKey
	}
	return Nothing
}
