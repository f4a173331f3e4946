package workspace

import (
	"testing"
	"time"
)

// TestTranscript is a thread with every kind of block, as Ana (Madrid) and Ben (New York) read it.
func TestTranscript(t *testing.T) {
	w := start(t, Options{})
	root := w.State(Ana).Channels[0].Messages[0].TS
	post := func(method string, args map[string]string) {
		t.Helper()
		args["channel"], args["thread_ts"], args["text"] = Incidents, root, "in short"
		if out := form(t, w, method, args); out["ok"] != true {
			t.Fatal(out)
		}
	}
	post("chat.postMessage", map[string]string{"blocks": `[
	 {"type":"header","text":{"type":"plain_text","text":"Expired <!here> &amp;","emoji":false}},
	 {"type":"section","text":{"type":"mrkdwn","text":"For <@U0BEN> in <#C0INC>: see <https://a.example/?a=1&amp;b=2|the page>,\n*not* &lt;!channel&gt; <!here> a < b"},
	  "fields":[{"type":"plain_text","text":"field"}],
	  "accessory":{"type":"overflow","action_id":"o","options":[{"text":{"type":"plain_text","text":"x"},"value":"x"}]}},
	 {"type":"rich_text","elements":[
	  {"type":"rich_text_section","elements":[
	   {"type":"text","text":"exp "},{"type":"date","timestamp":1795427520,"format":"{date_short_pretty} {time_secs} ({ago})"},
	   {"type":"text","text":" <@U0BEN>","style":{"code":true}},{"type":"user","user_id":"U0ANA"},{"type":"channel","channel_id":"C0GEN"},
	   {"type":"emoji","name":"fire","unicode":"1f525"},{"type":"emoji","name":"jwt"},{"type":"broadcast","range":"here"},
	   {"type":"link","url":"https://a.example/","text":"a"},{"type":"color","value":"#ff0000"},{"type":"usergroup","usergroup_id":"S0ALL"}]},
	  {"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"one\nmore"}]}]},
	  {"type":"rich_text_list","style":"bullet","indent":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"deeper"}]}]},
	  {"type":"rich_text_list","style":"ordered","offset":2,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"third"}]}]},
	  {"type":"rich_text_quote","elements":[{"type":"text","text":"said\nthen"}]},
	  {"type":"rich_text_preformatted","elements":[{"type":"text","text":"{\n}"}]}]},
	 {"type":"divider"},
	 {"type":"context","elements":[{"type":"mrkdwn","text":"<!date^1795427520^{date_num} {time}|never>"},{"type":"image","image_url":"https://a.example/i.png","alt_text":"a lock"}]},
	 {"type":"image","image_url":"https://a.example/i.png","alt_text":"a graph"},
	 {"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Check another token"}},
	  {"type":"static_select","placeholder":{"type":"plain_text","text":"Choose"},"options":[{"text":{"type":"plain_text","text":"x"},"value":"x"}]}]}]`})
	post("chat.postEphemeral", map[string]string{"user": Ana})
	if _, err := w.Person(Ana).Say(within(t), Incidents, root, "thanks <3 & @ben"); err != nil {
		t.Fatal(err)
	}
	const before = `09:50 ben        🔥 checkout API answers 401 since 09:44 UTC, error rate 38 %
09:51 ana        I'm on it. Nothing was deployed this morning. Which client is it?
09:52 ben        Only the mobile app, as far as I can see. I can send you the header it uses.
09:54 jwt-check  Expired <!here> &amp;
                 For @ben in #incidents: see the page (https://a.example/?a=1&b=2),
                 *not* <!channel> @here a < b
                 field
                 [ … ]
                 exp today `
	const between = ` (2 minutes ago) <@U0BEN>@ana#general🔥:jwt:@herea (https://a.example/)#ff0000@S0ALL
                 • one
                   more
                   • deeper
                 3. third
                 > said
                 > then
                     {
                     }
                 ────
                 (2026-11-23 `
	const after = ` · [image: a lock])
                 [image: a graph]
                 [ Check another token ] [ Choose ▾ ]
`
	const psst = "09:54 jwt-check  (only visible to you) in short\n"
	const end = "09:54 ana        thanks <3 & @ben\n"
	for user, want := range map[string]string{
		Ana: before + "10:52:00" + between + "10:52" + after + psst + end,
		Ben: before + "04:52:00" + between + "04:52" + after + end,
	} {
		if got := w.Transcript(user, Incidents, root); got != want {
			t.Errorf("%s reads:\n%s\nwant:\n%s", user, got, want)
		}
	}
	want := "09:50 ben        🔥 checkout API answers 401 since 09:44 UTC, error rate 38 %\n                 (4 replies)\n"
	if got := w.Transcript(Ana, Incidents, ""); got != want {
		t.Errorf("the channel:\n%s", got)
	}
	w.DeleteMessage(Incidents, root)
	if got := w.Transcript(Ana, Incidents, ""); got != "09:50 slackbot   This message was deleted.\n                 (4 replies)\n" {
		t.Errorf("after the root is deleted:\n%s", got)
	}
	wantRefusals(t, w)
}

func TestDates(t *testing.T) {
	w := start(t, Options{})
	r := w.reader(Ben) // five hours behind UTC
	at := time.Date(2026, 11, 23, 2, 3, 4, 0, time.UTC)
	for format, want := range map[string]string{
		"{date_num} {time_secs}": "2026-11-22 21:03:04",
		"{date}":                 "November 22nd, 2026",
		"{date_long}":            "Sunday, November 22nd, 2026",
		"{date_short} at {time}": "Nov 22, 2026 at 21:03",
		"{date_pretty}":          "yesterday",
		"{date_slash} {what}":    "11/22/2026 {what}",
		"{ago}":                  "7 hours ago",
	} {
		if got := r.date(at, format); got != want {
			t.Errorf("%s is %q, want %q", format, got, want)
		}
	}
	for d, want := range map[time.Duration]string{time.Second: "1 second ago", -90 * time.Second: "in 1 minute", 49 * time.Hour: "2 days ago"} {
		if got := ago(d); got != want {
			t.Errorf("%s is %q", d, got)
		}
	}
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 11: "11th", 13: "13th", 21: "21st"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
}
