package main

import (
	"errors"
	"strings"
	"testing"

	"jwt-check-bot/bot/slack"
)

// TestSlackErrorSaysWhatToDo: the variable, the code, and the mend for just that code.
func TestSlackErrorSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err  error
		want []string
	}{
		{&slack.Fatal{Code: "invalid_auth"}, []string{"SLACK_APP_TOKEN", "connections:write"}},
		{&slack.Fatal{Code: "http_404"}, []string{"SLACK_API_URL", "leave it out"}},
		{&slack.Fatal{Code: "org_login_required"}, []string{"SLACK_APP_TOKEN", "being moved"}},
		{&slack.Error{Method: "auth.test", Code: "invalid_auth"}, []string{"SLACK_BOT_TOKEN", "auth.test", "copy the Bot User OAuth Token again", "address"}},
		{&slack.Error{Method: "chat.postMessage", Code: "token_revoked"}, []string{"SLACK_BOT_TOKEN", "chat.postMessage", "install it again"}},
		{&slack.Error{Method: "auth.test", Code: "account_inactive"}, []string{"SLACK_BOT_TOKEN", "install it again"}},
		{&slack.Error{Method: "auth.test", Code: "token_expired"}, []string{"SLACK_BOT_TOKEN", "rotation"}},
		{&slack.Error{Method: "auth.test", Code: "not_allowed_token_type"}, []string{"SLACK_BOT_TOKEN", "xoxb-"}},
		{&slack.Error{Method: "auth.test", Code: "org_login_required"}, []string{"SLACK_BOT_TOKEN", "being moved"}},
		{&slack.Error{Method: "auth.test", Code: "access_denied"}, []string{"SLACK_BOT_TOKEN", "administrator"}},
		{&slack.Error{Method: "auth.test", Code: "team_access_not_granted"}, []string{"SLACK_BOT_TOKEN", "administrator"}},
		{errors.New("anything"), []string{"the log says more"}},
	} {
		got := slackError(c.err).Error()
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%v: %q lacks %q", c.err, got, want)
			}
		}
	}
}
