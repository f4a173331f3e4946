package slack

import (
	"testing"

	"jwt-check-bot/redact"
)

func TestSign(t *testing.T) {
	client := func(token string) *Client {
		c, err := New(Config{AppToken: redact.NewSecret("xapp-1"), BotToken: redact.NewSecret(token)})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	one, replica, other := client("xoxb-1"), client("xoxb-1"), client("xoxb-2")
	const data = `{"c":"C0INC","u":"U0ANA"}`
	mark := one.Sign(data)
	if !one.Signed(data, mark) || !replica.Signed(data, mark) || len(mark) != 2*signatureSize {
		t.Errorf("mark %q", mark)
	}
	for name, wrong := range map[string]bool{
		"another place": one.Signed(`{"c":"C0SEC","u":"U0ANA"}`, mark), "another token": other.Signed(data, mark),
		"no mark": one.Signed(data, ""), "a part of it": one.Signed(data, mark[:8]),
	} {
		if wrong {
			t.Errorf("%s passes", name)
		}
	}
	if redact.Scan(mark+" "+data) != redact.Nothing {
		t.Error("the net would hold it back")
	}
}
