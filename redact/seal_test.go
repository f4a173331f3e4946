package redact_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"jwt-check-bot/redact"
)

type letter struct {
	Title redact.Text
	Lines []line
	At    time.Time
	Next  *line
	Note  redact.Secret
}

type line struct {
	Kind       string
	Says, Want redact.Text
}

func aLetter() *letter {
	text := redact.Policy{}.Text(redact.Msg("{} of {}", redact.Count(2), redact.Public("prod-1")))
	return &letter{
		Title: redact.Const("a title"), At: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		Lines: []line{{Kind: "fail", Says: text}, {Says: redact.Const("“quoted” \\ ‹b›"), Want: text}},
		Next:  &line{Want: redact.Const("last")},
	}
}

func sealer(t *testing.T, secret string) redact.Sealer {
	t.Helper()
	return redact.NewSealer(redact.NewSecret(secret))
}

func TestSealedComesBackAsItWas(t *testing.T) {
	s := sealer(t, "one secret")
	closed, err := s.Seal(t.Context(), "view V1", aLetter())
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"a title", "prod-1", "fail", "Lines"} {
		if bytes.Contains(closed, []byte(word)) {
			t.Errorf("%q can be read through the seal", word)
		}
	}
	var got letter
	if err := sealer(t, "one secret").Open("view V1", closed, &got); err != nil {
		t.Fatal(err)
	}
	want := aLetter()
	if got.Title != want.Title || !reflect.DeepEqual(got.Lines, want.Lines) || !reflect.DeepEqual(got.Next, want.Next) || !got.At.Equal(want.At) {
		t.Errorf("got %s, want %s", texts(&got), texts(want))
	}
	again, err := s.Seal(t.Context(), "view V1", aLetter())
	if err != nil || bytes.Equal(again, closed) {
		t.Errorf("sealed twice the same: %v", err)
	}
}

// TestLongIsFolded: what is long takes little room, and comes back as well.
func TestLongIsFolded(t *testing.T) {
	s := sealer(t, "one secret")
	long := aLetter()
	for range 2000 {
		long.Lines = append(long.Lines, line{Kind: "pass", Says: redact.Const("the same sentence over and over")})
	}
	closed, err := s.Seal(t.Context(), "x", long)
	if err != nil || len(closed) > 20_000 {
		t.Fatalf("%d bytes, %v", len(closed), err)
	}
	var got letter
	if err := s.Open("x", closed, &got); err != nil || !reflect.DeepEqual(got.Lines, long.Lines) {
		t.Error(err)
	}
}

func BenchmarkSeal(b *testing.B) {
	s, l := redact.NewSealer(redact.NewSecret("one secret")), aLetter()
	b.ReportAllocs()
	for b.Loop() {
		closed, err := s.Seal(b.Context(), "view V1", l)
		if err != nil {
			b.Fatal(err)
		}
		var got letter
		if err := s.Open("view V1", closed, &got); err != nil {
			b.Fatal(err)
		}
	}
}

func texts(l *letter) string { return fmt.Sprint(l.Title.String(), len(l.Lines), l.At) }

// TestSealedSecretsDoNotComeBack: what is held stays closed under the seal too.
func TestSealedSecretsDoNotComeBack(t *testing.T) {
	s := sealer(t, "one secret")
	l := aLetter()
	l.Note = redact.NewSecret("a secret of mine")
	closed, err := s.Seal(t.Context(), "x", l)
	if err != nil {
		t.Fatal(err)
	}
	var got letter
	if err := s.Open("x", closed, &got); err != nil {
		t.Fatal(err)
	}
	if got.Note.Expose() != redact.Mask {
		t.Error("a secret went under the seal")
	}
}

// TestForeignIsRefused: whatever was not sealed here, for this use, makes no text.
func TestForeignIsRefused(t *testing.T) {
	s := sealer(t, "one secret")
	closed, err := s.Seal(t.Context(), "view V1", aLetter())
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(closed)
	flipped[len(flipped)/2] ^= 1
	raw, err := json.Marshal(map[string]any{"Rest": aLetter(), "Texts": []map[string]string{{"Field": "Title", "Text": "raw"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		about string
		value []byte
	}{
		"for another use": {"view V2", closed}, "changed": {"view V1", flipped}, "cut": {"view V1", closed[:len(closed)-1]},
		"raw JSON": {"view V1", raw}, "empty": {"view V1", nil}, "short": {"view V1", []byte("{}")},
		"huge": {"view V1", bytes.Repeat([]byte("a"), redact.MaxSealed+1)}, "garbage": {"view V1", bytes.Repeat([]byte{0xff}, 4096)},
	} {
		var got letter
		err := s.Open(c.about, c.value, &got)
		if err == nil || !got.Title.IsZero() || strings.Contains(err.Error(), "raw") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var got letter
	if sealer(t, "another secret").Open("view V1", closed, &got) == nil {
		t.Error("another secret opens it")
	}
	var other struct{ Name redact.Text }
	if s.Open("view V1", closed, &other) == nil {
		t.Error("another type takes it")
	}
}

// TestNoCodecMakesAText: what decodes into a Text leaves it empty, so that the seal is the only way back.
func TestNoCodecMakesAText(t *testing.T) {
	var text redact.Text
	var inside struct{ T redact.Text }
	for _, raw := range []string{`"raw"`, `{"s":"raw"}`, `{"S":"raw"}`, `["raw"]`, `{"Text":"raw"}`} {
		for v, document := range map[any]string{&text: raw, &inside: `{"T":` + raw + `}`} {
			_ = json.Unmarshal([]byte(document), v)
			_ = xml.Unmarshal([]byte(`<Text s="raw"><s>raw</s>raw</Text>`), v)
			_ = gob.NewDecoder(strings.NewReader(raw)).Decode(v)
			_, _ = fmt.Sscan(raw, v)
		}
		if !text.IsZero() || !inside.T.IsZero() {
			t.Errorf("%s makes a text", raw)
		}
	}
}

func TestUnsealable(t *testing.T) {
	s := sealer(t, "one secret")
	var none *letter
	for name, v := range map[string]any{
		"a map": &struct{ M map[string]redact.Text }{}, "an interface": &struct{ V any }{}, "no pointer": letter{},
		"nil": nil, "a nil pointer": none, "a text": &redact.Text{},
	} {
		if _, err := s.Seal(t.Context(), "x", v); err == nil && name != "a text" {
			t.Errorf("%s was sealed", name)
		}
	}
	huge := &letter{Lines: make([]line, 1<<17)}
	if _, err := s.Seal(t.Context(), "x", huge); err == nil {
		t.Error("4 MiB were sealed")
	}
}

// TestSealIsScreened: under a seal nothing can be found any more, so a credential, or something of the
// submission at hand, is not sealed at all.
func TestSealIsScreened(t *testing.T) {
	token := strings.Repeat("aB3x", 20) + "." + strings.Repeat("Cd4y", 20) + "." + strings.Repeat("eF5z", 20)
	own := redact.WithCanary(t.Context(), redact.Policy{}.Canary(redact.NewSecret(token), nil))
	s := sealer(t, "one secret")
	for what, l := range map[string]*letter{"in a string": {Lines: []line{{Kind: token}}}, "a part": {Lines: []line{{Kind: token[10:60]}}}} {
		if _, err := s.Seal(t.Context(), "x", l); err == nil || strings.Contains(err.Error(), token[10:22]) {
			t.Errorf("%s: %v", what, err)
		}
	}
	piece := &letter{Lines: []line{{Kind: token[10:25]}}}
	if _, err := s.Seal(t.Context(), "x", piece); err != nil {
		t.Error(err)
	}
	if _, err := s.Seal(own, "x", piece); err == nil {
		t.Error("15 bytes of the submission are sealed")
	}
	if _, err := s.Seal(own, "x", aLetter()); err != nil {
		t.Error(err)
	}
}
