package slack

import (
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"testing"

	"jwt-check-bot/redact"
)

// tokenish is a text that no policy would let out, made where the type can be got round: of two
// halves, each of which is short enough.
func tokenish() redact.Text {
	half := redact.Const("abcdefghijklmnopqrstuvwxyz")
	return redact.Join("", half, half)
}

func TestWhatLooksLikeATokenIsWithheld(t *testing.T) {
	f := newFake(t)
	c, log := newClient(t, f, nil)
	ctx := t.Context()
	leak := Message{Text: redact.Const("x"), Blocks: []Block{Paragraph(Plain(tokenish()))}}
	modal := Modal{Title: redact.Const("t"), Blocks: leak.Blocks}
	_, posted := c.Post(ctx, "C1", "", leak)
	_, opened := c.OpenView(ctx, "1.2.3", modal)
	secretive := Modal{Title: redact.Const("t"), Metadata: tokenish().String()}
	for name, err := range map[string]error{
		"post": posted, "open": opened, "update": c.Update(ctx, "C1", "1.2", Message{Text: tokenish()}),
		"ephemeral": c.Ephemeral(ctx, "C1", "U1", "", leak), "view": c.UpdateView(ctx, "V1", modal), "metadata": c.UpdateView(ctx, "V1", secretive),
		"respond": c.Respond(ctx, redact.NewSecret(f.server.URL+"/response/1"), leak),
		"button":  c.Update(ctx, "C1", "1.2", Message{Text: redact.Const("x"), Blocks: []Block{Buttons("b", Button{Action: "a", Text: redact.Const("x"), Value: tokenish().String()})}}),
	} {
		if !errors.Is(err, ErrWithheld) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(f.calls) != 0 || c.Stats().Withheld != 8 {
		t.Errorf("%d requests, %d withheld", len(f.calls), c.Stats().Withheld)
	}
	if strings.Contains(log.String(), tokenish().String()) {
		t.Error("the log shows what was withheld")
	}
}

func TestAcknowledgementsAreScannedAndMeasured(t *testing.T) {
	c, log := newClient(t, newFake(t), nil)
	const plain = `{"envelope_id":"e-1"}`
	var wide []Block
	for range 90 {
		wide = append(wide, Paragraph(Plain(redact.Join("", redact.Const("word "), redact.Const("and a line of some length that is repeated until no frame holds it any more, because that is what is to be shown here. The end, and then all of it again: word by word by word by word by word by word, until the very end of the line.")))))
	}
	for name, ack := range map[string]Ack{
		"leak in an error": AckErrors(map[string]redact.Text{"token": tokenish()}),
		"leak in a view":   AckUpdate(Modal{Title: redact.Const("t"), Metadata: tokenish().String()}),
		"too large":        AckUpdate(Modal{Title: redact.Const("t"), Blocks: wide}),
		"no errors":        AckErrors(nil),
		"plain":            {},
	} {
		if got := string(c.encode("e-1", ack, true)); got != plain {
			t.Errorf("%s: %.80s", name, got)
		}
	}
	if got := string(c.encode("e-1", AckClear(), false)); got != plain {
		t.Errorf("a payload where none is taken: %s", got)
	}
	if got := string(c.encode("e-1", AckClear(), true)); got != `{"envelope_id":"e-1","payload":{"response_action":"clear"}}` {
		t.Errorf("%s", got)
	}
	if got := string(c.encode(strings.Repeat("e", 60), AckClear(), true)); !strings.Contains(got, "clear") {
		t.Error("a long envelope ID is taken for a token")
	}
	if c.Stats().Withheld != 2 || strings.Contains(log.String(), tokenish().String()) {
		t.Errorf("%d withheld", c.Stats().Withheld)
	}
}

func TestHandlesOfSlacksOwnPass(t *testing.T) {
	f := newFake(t)
	c, _ := newClient(t, f, nil)
	trigger := "123.456." + strings.Repeat("a1", 30)
	if _, err := c.OpenView(t.Context(), trigger, dialogue()); err != nil {
		t.Error(err)
	}
	if err := c.UpdateView(t.Context(), strings.Repeat("V1", 30), dialogue()); err != nil {
		t.Error(err)
	}
	if _, err := c.Post(t.Context(), "C1", "1.2", summary()); err != nil {
		t.Error(err)
	}
	// The handle passes as the value that it is, not wherever it appears.
	echo := Modal{Title: redact.Const("t"), Metadata: "x" + trigger}
	if _, err := c.OpenView(t.Context(), trigger, echo); !errors.Is(err, ErrWithheld) {
		t.Errorf("%v", err)
	}
}

func TestOnlyTheOwnTokenPassesInAForm(t *testing.T) {
	own := minted("xoxb")
	for name, c := range map[string]struct {
		form url.Values
		want bool
	}{
		"as slack-go sends it": {url.Values{"token": {own}, "channel": {"C1"}}, false},
		"twice":                {url.Values{"token": {own, own}}, false},
		"in another field":     {url.Values{"token": {own}, "text": {own}}, true},
		"another's":            {url.Values{"token": {minted("xoxb")}}, true},
		"lengthened":           {url.Values{"token": {own + "a"}}, true},
		"behind another name":  {url.Values{"xtoken": {own}}, true},
		"a JWT":                {url.Values{"token": {own}, "blocks": {`[{"text":"` + token() + `"}]`}}, true},
		"39 after an escape":   {url.Values{"token": {own}, "text": {`"` + strings.Repeat("a", 39) + `"`}}, false},
		"a long name":          {url.Values{strings.Repeat("n", 50): {""}}, true},
	} {
		if got := (nets{}).form([]byte(c.form.Encode()), own); (got != redact.Nothing) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (nets{}).form([]byte("token="+own+"&x=%zz"), own+"b") == redact.Nothing {
		t.Error("a form that cannot be read passes")
	}
}

// TestNothingOfTheSubmissionLeaves plants pieces that are too short for the general net.
func TestNothingOfTheSubmissionLeaves(t *testing.T) {
	f := newFake(t)
	c, log := newClient(t, f, nil)
	pasted, email := token(), "ana@shop.example"
	src := `email"` + email + `"`
	claim := redact.NewValue(redact.Claim, redact.Range(0, 5), redact.Range(5, len(src)), func() string { return src })
	canary := redact.Policy{}.Canary(redact.NewSecret(pasted), []redact.Value{claim})
	ctx := redact.WithCanary(t.Context(), canary)
	say := func(s string) redact.Text { return redact.Policy{}.Text(redact.Msg("it is {}", redact.Operator(s))) }
	for name, leaked := range map[string]string{
		"a window": pasted[40:52], "the signature's end": pasted[len(pasted)-12:], "in hex": hex.EncodeToString([]byte(pasted[20:34])), "a hidden claim": email,
	} {
		m := Message{Text: redact.Const("x"), Blocks: []Block{Paragraph(Plain(say(leaked)))}}
		_, posted := c.Post(ctx, "C1", "", m)
		_, opened := c.OpenView(ctx, "1.2.3", Modal{Title: redact.Const("t"), Blocks: m.Blocks})
		for how, err := range map[string]error{"post": posted, "open": opened, "respond": c.Respond(ctx, redact.NewSecret(f.server.URL+"/response/1"), m)} {
			if !errors.Is(err, ErrWithheld) {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
		if got := string(c.encode("e-1", AckUpdate(Modal{Title: redact.Const("t"), Blocks: m.Blocks}).Under(canary), true)); got != `{"envelope_id":"e-1"}` {
			t.Errorf("%s is acknowledged", name)
		}
		if strings.Contains(log.String(), leaked) {
			t.Errorf("%s: the log shows what was withheld", name)
		}
	}
	if len(f.calls) != 0 || c.Stats().Withheld != 16 {
		t.Errorf("%d requests, %d withheld", len(f.calls), c.Stats().Withheld)
	}
	if _, err := c.Post(ctx, "C1", "1.2", summary()); err != nil {
		t.Errorf("a summary does not pass: %v", err)
	}
	if _, err := c.Post(t.Context(), "C1", "", Message{Text: say(email)}); err != nil {
		t.Errorf("without the submission's context: %v", err)
	}
}
