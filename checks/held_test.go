package checks_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"expvar"
	"fmt"
	htmltemplate "html/template"
	"io"
	"log"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/davecgh/go-spew/spew"
	"github.com/google/go-cmp/cmp"
	"github.com/kr/pretty"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

const heldCanary = "canary-of-a-held-value"

// held is one of each type that keeps what must not be printed, and its zero value.
func held(t *testing.T) []any {
	t.Helper()
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	pasted := part(`{"alg":"HS256","kid":"`+heldCanary+`"}`) + "." + part(`{"sub":"`+heldCanary+`"}`) + "." + part(heldCanary+heldCanary)
	token, err := checks.Parse(redact.NewSecret(pasted))
	if err != nil {
		t.Fatal(err)
	}
	secret := redact.NewSecret(heldCanary)
	value := token.Member(redact.Claim, "sub")
	canary := redact.Policy{}.Canary(redact.NewSecret(pasted), []redact.Value{value})
	return []any{
		secret, value, token, canary, checks.ParseChallenges(`Bearer realm="` + heldCanary + `"`)[0], checks.ParseAnswer(redact.NewSecret(`Bearer scope="` + heldCanary + `"`)),
		redact.Public(heldCanary), redact.Operator(heldCanary), redact.Show(value), redact.Name(value),
		redact.Msg("{} {}", redact.Public(heldCanary), redact.Show(value)),
		redact.Msg("{}", redact.Items([]redact.Message{redact.Msg("{}", redact.Operator(heldCanary))})),
		redact.NewSealer(secret),
		redact.Secret{}, redact.Value{}, checks.Token{}, checks.Challenge{}, checks.Answer{}, redact.Canary{}, redact.Hole{}, redact.Message{}, redact.Sealer{},
	}
}

type (
	field    struct{ F any }
	inner    struct{ f any }
	failure  struct{ held any }
	embedded struct{ redact.Secret }
)

func (f failure) Error() string { return fmt.Sprintf("failed with %v", f.held) }

// routes are the ways in which a value ends up in text: each verb over each place, and every
// encoder, logger and template that asks for no method of ours by name.
func routes(h any) map[string]func(w io.Writer) {
	m := map[string]func(w io.Writer){}
	p := &h
	places := map[string]any{
		"bare": h, "field": field{h}, "unexported field": inner{h}, "pointer": p, "pointer to field": &field{h}, "slice": []any{h}, "array": [1]any{h},
		"map": map[string]any{"k": h}, "inner of inner": field{[]any{map[string]any{"k": inner{h}}}},
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "%w", "%08.3f", "%c", "%!"} {
		for place, v := range places {
			m[verb+" "+place] = func(w io.Writer) { _, _ = fmt.Fprintf(w, verb, v) }
		}
	}
	for place, v := range places {
		m["Errorf %w "+place] = func(w io.Writer) { _, _ = io.WriteString(w, fmt.Errorf("x: %w, %v", failure{v}, v).Error()) }
		m["errors.Join "+place] = func(w io.Writer) { _, _ = fmt.Fprintf(w, "%+v", errors.Join(failure{v}, io.EOF)) }
		m["extra "+place] = func(w io.Writer) { _, _ = fmt.Fprintf(w, strings.Clone("no verb"), v) }
		m["Println "+place] = func(w io.Writer) { _, _ = fmt.Fprintln(w, v) }
		m["JSON "+place] = func(w io.Writer) { _ = json.NewEncoder(w).Encode(v) }
		m["JSON indented "+place] = func(w io.Writer) { b, _ := json.MarshalIndent(v, "", " "); _, _ = w.Write(b) }
		m["XML "+place] = func(w io.Writer) { _ = xml.NewEncoder(w).Encode(v) }
		m["gob "+place] = func(w io.Writer) {
			if err := gob.NewEncoder(w).Encode(v); err != nil {
				_, _ = io.WriteString(w, err.Error())
			}
		}
		m["slog text "+place] = func(w io.Writer) { slog.New(slog.NewTextHandler(w, nil)).Info("m", "k", v, slog.Group("g", "k", v)) }
		m["slog JSON "+place] = func(w io.Writer) { slog.New(slog.NewJSONHandler(w, nil)).With("k", v).Info("m", "k", v) }
		m["log "+place] = func(w io.Writer) { log.New(w, "", 0).Printf("%v %+v", v, v) }
		m["panic "+place] = func(w io.Writer) {
			defer func() { _, _ = fmt.Fprintf(w, "%v %#v", recover(), v) }()
			panic(v)
		}
		m["text/template "+place] = func(w io.Writer) {
			_ = template.Must(template.New("").Parse(`{{.}} {{printf "%+v" .}} {{js .}} {{urlquery .}}`)).Execute(w, v)
		}
		m["html/template "+place] = func(w io.Writer) {
			_ = htmltemplate.Must(htmltemplate.New("").Parse(`<p a="{{.}}">{{.}}<script>x={{.}}</script><style>{{.}}</style>`)).Execute(w, v)
		}
		m["expvar "+place] = func(w io.Writer) { _, _ = io.WriteString(w, expvar.Func(func() any { return v }).String()) }
		m["Quote "+place] = func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(fmt.Sprint(v))) }
		m["spew "+place] = func(w io.Writer) { spew.Fdump(w, v); spew.Fprintf(w, "%#+v", v) }
		m["spew, no methods "+place] = func(w io.Writer) {
			c := spew.ConfigState{DisableMethods: true, DisablePointerMethods: true, Indent: " "}
			c.Fdump(w, v)
		}
		m["kr/pretty "+place] = func(w io.Writer) {
			_, _ = pretty.Fprintf(w, "%# v", v)
			for _, line := range pretty.Diff(v, 1) {
				_, _ = io.WriteString(w, line)
			}
		}
		m["go-cmp "+place] = func(w io.Writer) {
			defer func() { _, _ = fmt.Fprint(w, recover()) }()
			all := cmp.Exporter(func(reflect.Type) bool { return true })
			_, _ = io.WriteString(w, cmp.Diff(v, any(1), all)+cmp.Diff(v, any(field{}), all))
		}
	}
	if s, ok := h.(redact.Secret); ok {
		m["embedded"] = func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "%v %+v %#v %p", embedded{s}, embedded{s}, &embedded{s}, embedded{s})
		}
	}
	return m
}

// TestNoRouteShowsWhatIsHeld takes every route over every held type.
func TestNoRouteShowsWhatIsHeld(t *testing.T) {
	forms := []string{
		heldCanary, hex.EncodeToString([]byte(heldCanary)), strings.ToUpper(hex.EncodeToString([]byte(heldCanary))), heldCanary[:12],
		fmt.Sprint([]byte(heldCanary)), strings.Trim(fmt.Sprintf("%#v", []byte(heldCanary)), "[]byte{}"), base64.StdEncoding.EncodeToString([]byte(heldCanary))[:16], "eyJ",
	}
	count := 0
	for _, h := range held(t) {
		for name, route := range routes(h) {
			var b bytes.Buffer
			route(&b)
			count++
			for _, form := range forms {
				if bytes.Contains(b.Bytes(), []byte(form)) {
					t.Errorf("%T, %s: shows what it holds (%d bytes)", h, name, b.Len())
					break
				}
			}
		}
		if got := fmt.Sprint(h); got != redact.Mask {
			t.Errorf("%T prints %d bytes that are not the mask", h, len(got))
		}
		if got, err := json.Marshal([]any{h}); err != nil || string(got) != `["`+redact.Mask+`"]` {
			t.Errorf("%T as JSON: %d bytes, %v", h, len(got), err)
		}
	}
	shown := 0
	for _, route := range routes(struct{ s string }{heldCanary}) {
		var b bytes.Buffer
		if route(&b); bytes.Contains(b.Bytes(), []byte(heldCanary)) {
			shown++
		}
	}
	if shown < 80 {
		t.Errorf("a plain string field is seen on %d routes only: they show nothing", shown)
	}
	t.Logf("%d routes, %d in all", len(routes(redact.Secret{})), count)
	if text := redact.Const("a text"); fmt.Sprint(text) != "a text" || text.String() != "a text" {
		t.Error("a Text does not print as itself")
	}
}
