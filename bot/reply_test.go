package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/redact"
)

// TestMoreThanAMessageTakes: of a long summary the end of its details is left out, and says so; the small print and
// the way on stay, and what is shown to one person alone is what would be posted.
func TestMoreThanAMessageTakes(t *testing.T) {
	s := &Summary{Profile: redact.Const("production"), Headline: redact.Const("Rejected · expired"), Says: redact.Const("Expired"), Next: redact.Const("Get a fresh one")}
	for range 60 {
		line := Line{Status: "pass", Subject: redact.Const("Audience (aud)"), Says: redact.OperatorText(strings.Repeat("a long one ", 7))}
		s.Why, s.Hygiene = append(s.Why, line), append(s.Hygiene, line)
	}
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		fmt.Fprint(w, `{"ok":true,"ts":"1.000001"}`)
	}))
	defer server.Close()
	client, err := slack.New(slack.Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret("xoxb-1"), APIURL: server.URL + "/api/"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	blocks := func(of string) []json.RawMessage {
		var sent struct {
			Blocks []json.RawMessage
			View   struct{ Blocks []json.RawMessage }
		}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"There is more than Slack takes", "not posted, logged or stored"} {
			if n := bytes.Count(body, []byte(want)); n != 1 {
				t.Errorf("%s: %q stands there %d times", of, want, n)
			}
		}
		return append(sent.Blocks, sent.View.Blocks...)
	}
	if _, err := client.Post(t.Context(), "C1", "1.000000", summaryMessage(s, "U1")); err != nil {
		t.Fatal(err)
	}
	posted := blocks("the summary")
	if last := string(posted[len(posted)-1]); !strings.Contains(last, actionAgain) {
		t.Errorf("the last block is %s", last)
	}
	if err := client.UpdateView(t.Context(), "V1", draftView(s, place{User: "U1", Thread: "1.000000"}, ruling{})); err != nil {
		t.Fatal(err)
	}
	draft := blocks("the draft")
	for i := range posted[:len(posted)-1] {
		if !bytes.Equal(posted[i], draft[i]) {
			t.Errorf("block %d: %s is posted, and %s was shown", i, posted[i], draft[i])
		}
	}
	if _, err := client.Post(t.Context(), "U1", "", (&outcome{Summary: s}).draftMessage(slack.Block{}, redact.Text{})); err != nil {
		t.Fatal(err)
	}
	blocks("the direct message")
}

// TestWhatCannotBeKeptIsShownWhole: a summary that cannot be a draft is there in the view, and for whoever has closed
// it; of one that was posted the verdict alone, which needs no telling.
func TestWhatCannotBeKeptIsShownWhole(t *testing.T) {
	whole := &Summary{Profile: redact.Const("production"), Headline: redact.Const("Rejected · expired"), Says: redact.Const("Expired"), Next: redact.Const("Get a fresh one"),
		Why: []Line{{Status: "fail", Subject: redact.Const("Expiry (exp)"), Says: redact.Const("Expired")}}}
	note := redact.Const("This summary cannot be kept.")
	view, message := (&outcome{Summary: whole, Note: note}).view()
	if got, want := len(view.Blocks), len(verdictBlocks(whole))+len(detailBlocks(whole))+1; got != want || !strings.HasPrefix(message.Text.String(), note.String()) {
		t.Errorf("%d blocks, not %d, and the message %q", got, want, message.Text)
	}
	view, message = (&outcome{Summary: whole.verdict(), Note: note}).view()
	if got, want := len(view.Blocks), len(verdictBlocks(whole))+1; got != want || !message.Text.IsZero() {
		t.Errorf("posted: %d blocks, not %d, and the message %q", got, want, message.Text)
	}
}
