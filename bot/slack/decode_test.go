package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"jwt-check-bot/redact"
)

// read decodes one frame and asks a handler that keeps what it got.
func read(t *testing.T, frame string) (envelope, any, bool) {
	t.Helper()
	var d decoder
	var e envelope
	ok := d.decode([]byte(frame), &e)
	h := newHandler()
	c, err := New(Config{AppToken: redact.NewSecret("a"), BotToken: redact.NewSecret("b"), Now: func() time.Time { return time.Unix(9, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	s := &session{client: c, handler: h}
	if ok {
		s.ask(&e)
	}
	select {
	case v := <-h.got:
		return e, v, ok
	default:
		return e, nil, ok
	}
}

func envelopeOf(kind, payload string) string {
	return fmt.Sprintf(`{"envelope_id":"e-1","payload":%s,"type":%q,"accepts_response_payload":true}`, payload, kind)
}

func TestDecodeCommand(t *testing.T) {
	typed := token()
	_, v, _ := read(t, envelopeOf("slash_commands", `{"token":"v","team_id":"T1","team_domain":"acme","channel_id":"C1","channel_name":"incidents",
		"user_id":"U1","user_name":"ana","command":"\/jwt-check","text":`+quote(typed)+`,"api_app_id":"A1",
		"response_url":"https:\/\/hooks.slack.com\/commands\/1","trigger_id":"1.2.3","is_enterprise_install":"false"}`))
	got := v.(Command)
	if got.Text.Expose() != typed || got.ResponseURL.Expose() != "https://hooks.slack.com/commands/1" {
		t.Error("text or response URL differ")
	}
	got.Text, got.ResponseURL = redact.Secret{}, redact.Secret{}
	want := Command{
		ID: "e-1", Team: "T1", User: "U1", Channel: "C1", ChannelName: "incidents", Trigger: "1.2.3", Name: "/jwt-check", Received: time.Unix(9, 0),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// submissionFrame is a submission as Slack sends it, with blocks and state, about 2.5 KB around the token.
func submissionFrame(id, typed string) string {
	return envelopeFrame(id, `{"type":"view_submission","team":{"id":"T1","domain":"acme"},"user":{"id":"U1","username":"ana","name":"ana","team_id":"T1"},
"api_app_id":"A1","token":"verification","trigger_id":"1.2.3","view":{"id":"V1","team_id":"T1","type":"modal","blocks":[
{"type":"input","block_id":"profile","label":{"type":"plain_text","text":"Environment","emoji":false},"optional":false,"dispatch_action":false,"element":{"type":"static_select","action_id":"profile","options":[{"text":{"type":"plain_text","text":"production","emoji":false},"value":"production"}]}},
{"type":"input","block_id":"token","label":{"type":"plain_text","text":"Token","emoji":false},"optional":true,"dispatch_action":false,"element":{"type":"plain_text_input","action_id":"token","multiline":true}}],
"private_metadata":"{\"c\":\"C1\"}","callback_id":"jwt_check","state":{"values":{
"profile":{"profile":{"type":"static_select","selected_option":{"text":{"type":"plain_text","text":"staging","emoji":false},"value":"staging"}}},
"token":{"token":{"type":"plain_text_input","value":`+quote(typed)+`}},
"error":{"error":{"type":"plain_text_input","value":null}},
"when":{"when":{"type":"datetimepicker","selected_date_time":1700000000}},
"options":{"options":{"type":"checkboxes","selected_options":[{"text":{"type":"plain_text","text":"Replay","emoji":false},"value":"replay"},{"text":{"type":"plain_text","text":"x","emoji":false},"value":"x"}]}},
"share":{"share":{"type":"radio_buttons","selected_option":{"text":{"type":"plain_text","text":"Thread","emoji":false},"value":"thread"}}}}},
"hash":"1.abc","title":{"type":"plain_text","text":"Check a JWT","emoji":false},"clear_on_close":false,"notify_on_close":false,"close":null,"submit":{"type":"plain_text","text":"Check","emoji":false},"previous_view_id":null,"root_view_id":"V1","app_id":"A1","external_id":"","app_installed_team_id":"T1","bot_id":"B1"},"response_urls":[],"is_enterprise_install":false,"enterprise":null}`)
}

func envelopeFrame(id, payload string) string {
	return `{"envelope_id":` + quote(id) + `,"payload":` + payload + `,"type":"interactive","accepts_response_payload":true}`
}

func TestDecodeSubmission(t *testing.T) {
	typed := "Authorization: Bearer\n" + token() + " \\ \"é\u2028"
	e, v, _ := read(t, submissionFrame("e-1", typed))
	got := v.(Submission)
	if !e.accepts || got.Fields.Text("token").Expose() != typed {
		t.Error("the typed text differs")
	}
	if got.Fields.Choice("profile") != "staging" || got.Fields.Choice("share") != "thread" ||
		!reflect.DeepEqual(got.Fields.Choices("options"), []string{"replay", "x"}) ||
		!got.Fields.Instant("when").Equal(time.Unix(1700000000, 0)) || got.Fields.Text("error").Len() != 0 ||
		!got.Fields.Instant("profile").IsZero() || got.Fields.Choice("nothing") != "" {
		t.Errorf("fields: %v", got.Fields)
	}
	if printed := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(printed, typed[30:60]) {
		t.Error("a printed submission shows what was typed")
	}
	got.Fields = Fields{}
	want := Submission{
		ID: "e-1", Team: "T1", User: "U1", UserTeam: "T1", View: "V1", Hash: "1.abc", Callback: "jwt_check", Metadata: `{"c":"C1"}`, Received: time.Unix(9, 0),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestDecodeShortcutWhateverTheMessageIsMadeOf(t *testing.T) {
	const odd = `"blocks":[{"type":"actions","elements":[{"type":"never_seen","x":[[{"ts":"0.1"}]]}]}],"attachments":[{"ts":12}],"text":"half a \ud83d surrogate"`
	_, v, ok := read(t, envelopeOf("interactive", `{"type":"message_action","callback_id":"jwt_check_message","trigger_id":"1.2.3",
		"response_url":"https://hooks.slack.com/app/1","user":{"id":"U1","team_id":"T2","name":"ana"},"team":{"id":"T1","domain":"acme"},
		"channel":{"id":"C1","name":"incidents"},"message_ts":"1700000001.000200","message":{"type":"message","user":"U9",`+odd+`,
		"ts":"1700000001.000200","thread_ts":"1700000000.000100"}}`))
	got, _ := v.(Shortcut)
	got.ResponseURL = redact.Secret{}
	want := Shortcut{
		ID: "e-1", Team: "T1", User: "U1", UserTeam: "T2", Callback: "jwt_check_message", Channel: "C1", ChannelName: "incidents",
		Message: "1700000001.000200", Thread: "1700000000.000100", Trigger: "1.2.3", Received: time.Unix(9, 0),
	}
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}

	_, v, _ = read(t, envelopeOf("interactive", `{"type":"message_action","message":{"ts":"1.2"},"channel":{"id":"C1"}}`))
	if v.(Shortcut).Thread != "1.2" {
		t.Error("a message without a thread is its own root")
	}
	_, v, _ = read(t, envelopeOf("interactive", `{"type":"shortcut","callback_id":"g","user":{"id":"U1"},"team":null}`))
	if got := v.(Shortcut); got.Channel != "" || got.Callback != "g" {
		t.Errorf("global shortcut: %+v", got)
	}
}

func TestDecodeAction(t *testing.T) {
	const rest = `"user":{"id":"U1","team_id":"T1"},"team":{"id":"T1"},"trigger_id":"t","actions":[{"action_id":"again","block_id":"b","type":"button","value":"v"},{"action_id":"second"}]`
	for name, c := range map[string]struct {
		payload string
		want    Action
	}{
		"in a thread": {
			`"channel":{"id":"C1","name":"n"},"container":{"type":"message","message_ts":"2.2","channel_id":"C1","is_ephemeral":false},"message":{"ts":"2.2","thread_ts":"1.1","text":"x"}`,
			Action{Channel: "C1", ChannelName: "n", Message: "2.2", Thread: "1.1"},
		},
		"at the root": {
			`"channel":{"id":"C1","name":"n"},"container":{"type":"message","message_ts":"2.2"},"message":{"ts":"2.2"}`,
			Action{Channel: "C1", ChannelName: "n", Message: "2.2", Thread: "2.2"},
		},
		"ephemeral": {
			`"container":{"type":"message","message_ts":"2.2","channel_id":"C1","is_ephemeral":true}`,
			Action{Channel: "C1", Message: "2.2", Ephemeral: true},
		},
		"in a modal": {
			`"container":{"type":"view","view_id":"V1"},"view":{"id":"V1","hash":"h","callback_id":"c","private_metadata":"m","state":{"values":{"token":{"token":{"value":"canary"}}}}},"state":{"values":{}}`,
			Action{View: "V1", Hash: "h", Callback: "c", Metadata: "m"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, v, _ := read(t, envelopeOf("interactive", `{"type":"block_actions",`+rest+`,`+c.payload+`}`))
			c.want.ID, c.want.Team, c.want.User, c.want.UserTeam, c.want.Trigger = "e-1", "T1", "U1", "T1", "t"
			c.want.Action, c.want.Block, c.want.Value, c.want.Received = "again", "b", "v", time.Unix(9, 0)
			if got := v.(Action); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v", got)
			}
			if len(e.view.fields) != 0 {
				t.Error("what was typed so far was decoded")
			}
		})
	}
	_, v, _ := read(t, envelopeOf("interactive", `{"type":"block_actions","actions":[{"action_id":"a","selected_option":{"value":"o"}}]}`))
	if v.(Action).Value != "o" {
		t.Error("a chosen option is the value")
	}
}

func TestDecodeEvent(t *testing.T) {
	typed := token()
	_, v, _ := read(t, envelopeOf("events_api", `{"token":"v","team_id":"T1","api_app_id":"A","event":{"type":"app_mention","user":"U1","text":`+quote(typed)+`,
		"ts":"2.2","thread_ts":"1.1","channel":"C1","event_ts":"2.2","blocks":[{"type":"rich_text"}],"team":"T1"},"type":"event_callback","event_id":"Ev1","event_time":1,"is_ext_shared_channel":true}`))
	got := v.(Event)
	if got.Text.Expose() != typed {
		t.Error("the text differs")
	}
	got.Text = redact.Secret{}
	want := Event{ID: "e-1", EventID: "Ev1", Team: "T1", UserTeam: "T1", Type: "app_mention", User: "U1", Channel: "C1", Message: "2.2", Thread: "1.1", Received: time.Unix(9, 0)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}

	_, v, _ = read(t, envelopeOf("events_api", `{"event":{"type":"message","subtype":"message_changed","channel":"C1","ts":"9.9",
		"message":{"user":"U1","text":"new","ts":"2.2","bot_id":"B1"},"previous_message":{"text":"old","ts":"2.2"}}}`))
	if got := v.(Event); got.Text.Expose() != "new" || got.Message != "2.2" || !got.BotMessage || got.User != "U1" || got.Subtype != "message_changed" {
		t.Errorf("edited: %+v", got)
	}
}

func TestHostileFrames(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for name, c := range map[string]struct {
		frame string
		ok    bool
		id    string
	}{
		"empty":                   {``, false, ""},
		"not JSON":                {`hello`, false, ""},
		"cut short":               {`{"envelope_id":"e-1","payload":{"a":`, false, "e-1"},
		"ID behind the fault":     {`{"payload":{"a":nul},"envelope_id":"e-1"}`, false, "e-1"},
		"ID in a text":            {`{"payload":{"a":"\"envelope_id\":\"x\"` + "\x01", false, ""},
		"ID of another type":      {`{"envelope_id":["e-1"],"type":"interactive"}`, true, ""},
		"deep":                    {envelopeOf("interactive", deep(9000)), true, "e-1"},
		"deeper":                  {envelopeOf("interactive", deep(20000)), false, "e-1"},
		"invalid UTF-8":           {envelopeOf("interactive", "{\"x\":\"\xff\xfe\"}"), true, "e-1"},
		"duplicate members":       {`{"envelope_id":"e-0","envelope_id":"e-1","type":"interactive"}`, true, "e-1"},
		"payload of another type": {envelopeOf("interactive", `"text"`), true, "e-1"},
		"no payload":              {`{"envelope_id":"e-1","type":"interactive"}`, true, "e-1"},
		"parts of other types": {envelopeOf("interactive", `{"type":"block_actions","user":"U","team":[1],"channel":7,"view":null,"actions":{},"container":true,"message":"m","trigger_id":{}}`),
			true, "e-1"},
		"an array": {`[1,2]`, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, _, ok := read(t, c.frame)
			if id := first(e.id, findID([]byte(c.frame))); ok != c.ok || (!ok && id != c.id) || (ok && e.id != c.id) {
				t.Errorf("ok %v, id %q", ok, e.id)
			}
		})
	}
}

func TestDecodedSizesAreBounded(t *testing.T) {
	long := strings.Repeat("x", maxID+1)
	e, _, ok := read(t, envelopeOf("interactive", `{"type":"view_submission","trigger_id":`+quote(long)+`,"view":{"private_metadata":`+quote(strings.Repeat("m", maxChosen+1))+`}}`))
	if !ok || e.trigger != "" || e.view.metadata != "" {
		t.Error("an identifier that is too long is kept")
	}
	var b bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&b, `"b%d":{"a":{"value":"x"}},`, i)
	}
	options := strings.TrimSuffix(strings.Repeat(`{"value":"o"},`, 1000), ",")
	e, _, ok = read(t, envelopeOf("interactive", `{"type":"view_submission","view":{"state":{"values":{"first":{"a":{"selected_options":[`+options+`]}},`+b.String()+`"last":{}}}}}`))
	if !ok || len(e.view.fields) != maxFields || len(e.view.fields[0].choices) != maxOptions {
		t.Errorf("%d fields kept", len(e.view.fields))
	}
}

func TestFrameIsOverwritten(t *testing.T) {
	for _, size := range []int{10, usualFrame, 5 * usualFrame, keptFrame * 3} {
		var f frame
		content := bytes.Repeat([]byte("s"), size)
		b, err := f.fill(bytes.NewReader(content))
		if err != nil || !bytes.Equal(b, content) {
			t.Fatal(err)
		}
		f.wipe()
		if bytes.IndexByte(b[:cap(b)], 's') >= 0 {
			t.Errorf("%d bytes: something is left", size)
		}
		if cap(f.b) > keptFrame {
			t.Errorf("%d bytes are kept", cap(f.b))
		}
	}
}

func TestSecretOutlivesItsFrame(t *testing.T) {
	for _, typed := range []string{token(), "with\nbreak " + token()} {
		b := []byte(submissionFrame("e-1", typed))
		var d decoder
		var e envelope
		if !d.decode(b, &e) {
			t.Fatal("not decoded")
		}
		clear(b)
		if e.asSubmission(time.Time{}).Fields.Text("token").Expose() != typed {
			t.Error("the secret is tied to the frame")
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(submissionFrame("e-1", "text")))
	f.Add([]byte(command("e-1")))
	f.Add([]byte(envelopeOf("events_api", `{"event":{"type":"message","message":{"text":"x"}}}`)))
	f.Add([]byte(envelopeOf("interactive", `{"type":"block_actions","actions":[{"value":"v"}],"container":{"is_ephemeral":true}}`)))
	f.Add([]byte(`{"type":"disconnect","reason":"warning"}`))
	f.Add([]byte(`{"envelope_id":"e`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		var d decoder
		var e envelope
		ok := d.decode(frame, &e)
		if !bytes.Equal(before, frame) {
			t.Fatal("decoding changed the frame")
		}
		if id := findID(frame); id != "" && !isOpaque(id) {
			t.Fatalf("ID %q", id)
		}
		if !ok {
			return
		}
		at := time.Unix(1, 0)
		e.asCommand(at)
		e.asShortcut(at)
		e.asAction(at)
		e.asEvent(at)
		s := e.asSubmission(at)
		for _, field := range s.Fields.list {
			if len(field.choices) > maxOptions || field.text.Len() != len(field.text.Expose()) {
				t.Fatal("a field is out of bounds")
			}
		}
	})
}

// TestMessageOfUnknownBlocks: a shortcut on a message that slack-go cannot decode still tells where it was.
func TestMessageOfUnknownBlocks(t *testing.T) {
	for _, block := range []string{
		`{"type":"actions","elements":[{"type":"sparkline","points":[1,2]}]}`,
		`{"type":"context","elements":[{"type":"hologram"}]}`,
		`{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"dial"}}`,
	} {
		payload := `{"type":"message_action","callback_id":"jwt_check_message","trigger_id":"1.2.x","user":{"id":"U1","team_id":"T1"},
			"channel":{"id":"C1","name":"inc"},"message_ts":"2.2","message":{"type":"message","ts":"2.2","thread_ts":"1.1","blocks":[` + block + `]}}`
		var theirs slackgo.InteractionCallback
		if err := json.Unmarshal([]byte(payload), &theirs); err == nil {
			t.Errorf("slack-go decodes %s: this test has lost its ground", block)
		}
		var e envelope
		d := decoder{}
		if !d.decode([]byte(`{"type":"interactive","envelope_id":"e1","payload":`+payload+`}`), &e) {
			t.Fatalf("not decoded: %s", block)
		}
		s := e.asShortcut(time.Time{})
		if s.Channel != "C1" || s.Thread != "1.1" || s.Message != "2.2" || s.Trigger != "1.2.x" || s.User != "U1" {
			t.Errorf("%s: %+v", block, s)
		}
	}
}
