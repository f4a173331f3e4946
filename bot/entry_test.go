package bot

import "testing"

// TestPermalinks: a link leads to its thread, and one of an odd shape never to the channel instead.
func TestPermalinks(t *testing.T) {
	const base = "https://acme.slack.com/archives/C1/p1700000000000100"
	for _, c := range []struct{ link, thread string }{
		{base, "1700000000.000100"},
		{"<" + base + ">", "1700000000.000100"},
		{"<" + base + "|the alert>", "1700000000.000100"},
		{base + "?thread_ts=1600000000.000200&cid=C1", "1600000000.000200"},
		{"<" + base + "?thread_ts=1600000000.000200&amp;cid=C1>", "1600000000.000200"},
		{base + "?cid=C1", "1700000000.000100"},
		{base + "?thread_ts=&cid=C1", "1700000000.000100"},
		{base + "?thread_ts=1.2.3", "1700000000.000100"},
		{base + "?thread_ts=.......", "1700000000.000100"},
		{"https://acme.slack.com/archives/C1", ""},
		{"https://acme.slack.com/archives/C1/p17000000", ""},
		{"https://acme.slack.com/archives/C1/p17000000000001x0", ""},
		{"https://acme.slack.com/team/U1", ""},
	} {
		channel, thread, ok := permalink(c.link)
		if thread != c.thread || ok != (c.thread != "") || ok && channel != "C1" {
			t.Errorf("%s: %q, %q, %v", c.link, channel, thread, ok)
		}
	}
}
