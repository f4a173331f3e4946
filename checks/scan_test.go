package checks

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"jwt-check-bot/redact"
)

// reference reads an object as jsontext does: what scanObject has to do on every input.
func reference(text string) (o object, err error) {
	read := func(duplicates bool) error {
		o = object{}
		dec := jsontext.NewDecoder(bytes.NewBufferString(text), jsontext.AllowDuplicateNames(duplicates))
		if dec.PeekKind() != '{' {
			return errNotObject
		}
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		for dec.PeekKind() == '"' {
			name, err := dec.ReadValue()
			if err != nil {
				return err
			}
			end := int(dec.InputOffset())
			m := member{at: redact.Range(end-len(name)+1, end-1)}
			plain, err := jsontext.AppendUnquote(nil, name)
			if err != nil {
				return err
			}
			m.name = string(plain)
			value, err := dec.ReadValue()
			if err != nil {
				return err
			}
			end = int(dec.InputOffset())
			m.json, m.kind = redact.Range(end-len(value), end), byte(value.Kind())
			o.members = append(o.members, m)
		}
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		if _, err := dec.ReadToken(); err != io.EOF {
			return errTrailing
		}
		return nil
	}
	if err = read(false); errors.Is(err, jsontext.ErrDuplicateName) {
		err = read(true)
		o.duplicated = true
	}
	return o, err
}

// sameAsReference compares verdicts, members and, of what was accepted, duplicates and look-ups.
func sameAsReference(t *testing.T, text string) {
	t.Helper()
	got, err := scanObject(text)
	want, wantErr := reference(text)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%.200q: %v, and jsontext says %v", text, err, wantErr)
	}
	same := func(a, b member) bool {
		a.before = b.before // which the look-ups below show to be right
		return a == b
	}
	if !slices.EqualFunc(got.members, want.members, same) {
		t.Fatalf("%.200q:\nmembers %v\njsontext %v", text, got.members, want.members)
	}
	if err != nil {
		return
	}
	if got.duplicated != want.duplicated {
		t.Fatalf("%.200q: duplicated %v, and jsontext says %v", text, got.duplicated, want.duplicated)
	}
	for _, m := range want.members {
		last, _ := got.find(m.name)
		for _, other := range want.members {
			if other.name == m.name {
				m = other
			}
		}
		if !same(last, m) {
			t.Fatalf("%.200q: found %v, the last is %v", text, last, m)
		}
		sameElements(t, got.raw(m))
	}
}

func sameElements(t *testing.T, raw string) {
	t.Helper()
	got, all := elements(raw)
	var want []string
	wantAll := raw[0] == '['
	dec := jsontext.NewDecoder(strings.NewReader(raw), jsontext.AllowDuplicateNames(true))
	if tok, _ := dec.ReadToken(); tok.Kind() == '[' {
		for dec.PeekKind() != ']' {
			v, err := dec.ReadValue()
			if err != nil {
				t.Fatal(err)
			}
			if v.Kind() != '"' {
				wantAll = false
				continue
			}
			s, _ := jsontext.AppendUnquote(nil, v)
			want = append(want, string(s))
		}
	}
	if !slices.Equal(got, want) || all != wantAll {
		t.Fatalf("%.200q: elements %q, %v; want %q, %v", raw, got, all, want, wantAll)
	}
}

// hostile are texts at the edges of the grammar.
var hostile = []string{
	``, ` `, `{`, `}`, `{}`, ` {} `, "\t\n\r {}\n", "\v{}", "\u00a0{}", "\ufeff{}", `[]`, `null`, `"a"`, `1`, `{}{}`, `{},`, `{}]`, `{}a`, "{}\x00", "\x00",
	`{"a":1}`, `{"a" : 1 , "b":[ ] }`, `{"a":1,}`, `{,"a":1}`, `{"a":1,,"b":2}`, `{"a":1 "b":2}`, `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1]`, `{a:1}`, `{'a':1}`,
	`{1:1}`, `{"a";1}`, `{"a"::1}`, `{"":""}`, `{null:1}`, `{"a":1,`, `{"a":1, }`,
	`{"a":true}`, `{"a":True}`, `{"a":tru}`, `{"a":truex}`, `{"a":nul`, `{"a":nulL}`, `{"a":false }`, `{"a":falsy}`, `{"a":NaN}`, `{"a":Infinity}`,
	`{"a":0}`, `{"a":-0}`, `{"a":00}`, `{"a":01}`, `{"a":-}`, `{"a":+1}`, `{"a":.5}`, `{"a":5.}`, `{"a":1.5}`, `{"a":1e5}`, `{"a":1E+5}`, `{"a":1e-5}`, `{"a":1e}`,
	`{"a":1e+}`, `{"a":-1.5e-007}`, `{"a":1.e5}`, `{"a":1_0}`, `{"a":0x1}`, `{"a":1e999}`, `{"a":--1}`, `{"a":1-}`, `{"a":12345678901234567890123456789}`,
	`{"a":"\"\\\/\b\f\n\r\t\u0041"}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12G4"}`, `{"a":"\U0041"}`, `{"a":"\`, `{"a":"\u`, `{"a":"\"`, `{"a":"`, `{"a":"b`,
	"{\"a\":\"\x01\"}", "{\"a\":\"\x1f\"}", "{\"a\":\"\x7f\"}", "{\"a\":\"\n\"}", "{\"a\n\":1}", "{\"a\":\"\x00\"}",
	`{"a":"\ud83d\ude00"}`, `{"a":"\ud83d"}`, `{"a":"\ude00\ud83d"}`, `{"a":"\ud83dx"}`, `{"a":"\ud83d\n"}`, `{"a":"\ud83d\u0041"}`, `{"a":"\uD83D\uDE00"}`, `{"\ud83d":1}`,
	"{\"a\":\"é€😀\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xc3\x28\"}", "{\"a\":\"\xe2\x82\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xc0\x80\"}",
	"{\"a\":\"\xf4\x90\x80\x80\"}", "{\"\xff\":1}", "{\"a\":1}\xff", "\xff", "{\"a\":\"\ufffd\"}", "{\"a\xe2",
	`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"\u0061":1,"a":2}`, `{"a":1,"A":2}`, `{"":1,"":2}`, `{"a":{"b":1,"b":2}}`, `{"a":[{"b":1},{"b":1}]}`,
	`{"a":[[{"x":{"b":1,"c":2,"b":3}}]]}`, `{"a":{"a":{"a":1}}}`, `{"a":{"b":1},"c":{"b":1}}`, `{"a":1,"a":}`, `{"a":{"b":1,"b":2},"c":}`, `{"a":{"b":1,"b":2}`,
	`{"ab":1,"ba":2,"aab":3,"abb":4}`, `{"a":[1,2,]}`, `{"a":[,1]}`, `{"a":[1 2]}`, `{"a":[1}`, `{"a":[`, `{"a":[]]}`, `{"a":["x",["y"],{"z":1},"\u0041",null]}`, `{"a":["x" , "y"]}`,
	`{"a":[ ]}`, `{"a":{ }}`, `{"a":{}{}}`, `{"a":[][]}`, `{"a":{"b"}}`, `{"a":// no` + "\n1}", `{"a":/* no */1}`,
}

func TestScan(t *testing.T) {
	for _, text := range hostile {
		sameAsReference(t, text)
	}
	for _, n := range []int{1, manyMembers - 1, manyMembers, manyMembers + 1, 70, 3000} {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf(`"n%d":%d`, i, i)
		}
		object := "{" + strings.Join(names, ",") + "}"
		twins := "{" + strings.Join(append(names, `"n0":"again"`), ",") + "}"
		for _, text := range []string{object, twins, `{"a":` + object + `,"n1":` + twins + `}`, `{"a":[` + object + "," + object + `]}`} {
			sameAsReference(t, text)
			sameAsReference(t, text[:len(text)/2])
		}
	}
}

// TestScanDepth: what is nested too deeply is refused at the same depth, objects and arrays alike.
func TestScanDepth(t *testing.T) {
	for depth := maxNesting - 3; depth <= maxNesting+1; depth++ {
		sameAsReference(t, strings.Repeat(`{"a":`, depth)+`1`+strings.Repeat(`}`, depth))
		sameAsReference(t, strings.Repeat(`{"a":`, depth)+`{}`+strings.Repeat(`}`, depth))
		sameAsReference(t, `{"a":`+strings.Repeat(`[`, depth)+strings.Repeat(`]`, depth)+`}`)
		sameAsReference(t, `{"a":`+strings.Repeat(`[{"a":`, depth/2)+strings.Repeat(`}]`, depth/2)+`}`)
	}
	sameAsReference(t, strings.Repeat(`{"a":`, 60_000))
	sameAsReference(t, `{"a":`+strings.Repeat(`[`, 60_000))
}

func FuzzScan(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(sameAsReference)
}
