package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"jwt-check-bot/redact"
)

// Error is a call that failed. It holds the method and a code, and nothing that was sent.
type Error struct {
	Method     string        // such as chat.postMessage, or response_url
	Code       string        // Slack's, or one of the Code constants below
	Needed     string        // the scope that is missing, with missing_scope
	RetryAfter time.Duration // with ratelimited
	Detail     string        // where in the blocks, with invalid_blocks and invalid_arguments: Slack's pointers only

	// Reason is in words why, for whoever runs the bot, where there was no answer.
	Reason string

	bot   string // the bot's name, for hints
	cause error  // context.Canceled or context.DeadlineExceeded
}

// Codes of our own for what Slack's do not cover.
const (
	CodeUnreachable = "unreachable"       // no answer: name, connection or TLS
	CodeTimeout     = "timeout"           // no answer in time
	CodeCanceled    = "canceled"          // the caller gave up
	CodeBadAnswer   = "unreadable_answer" // not Slack's JSON
	CodeRateLimited = "ratelimited"
	CodeNoText      = "no_text"
	CodeBadID       = "invalid_identifier" // of a wrong shape: not sent
	CodeBadModal    = "invalid_modal"      // no title, or a limit exceeded: not sent
	CodeBadURL      = "invalid_response_url"
)

// Errors that are found before anything is sent.
var (
	errNoText   = errors.New(CodeNoText)
	errBadID    = errors.New(CodeBadID)
	errBadModal = errors.New(CodeBadModal)
	errBadURL   = errors.New(CodeBadURL)
)

// ErrParentGone is the error of a Post that went to the channel instead of the thread, because the
// thread's root no longer exists. The message is there: its timestamp is returned beside the error.
var ErrParentGone = errors.New("slack: the thread is gone, and the message stands in the channel")

// ErrNotEditable is what the error of an Update is where the message cannot be edited (any more),
// however often that is tried: it was deleted, or Slack's time for edits is over.
var ErrNotEditable = errors.New("slack: the message cannot be edited any more")

// ErrViewChanged is what the error of an UpdateViewIf is where the modal has another hash by now.
var ErrViewChanged = errors.New("slack: the modal shows something else by now")

// Is makes an *Error whose code says so ErrNotEditable or ErrViewChanged.
func (e *Error) Is(target error) bool {
	if target == ErrViewChanged {
		return e.Code == "hash_conflict"
	}
	if target != ErrNotEditable || e.Method != "chat.update" {
		return false
	}
	switch e.Code {
	case "message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "msg_too_old":
		return true
	}
	return false
}

func (e *Error) Error() string {
	s := "slack: " + e.Method + ": " + e.Code
	if e.Needed != "" {
		s += " (" + e.Needed + ")"
	}
	if e.Detail != "" {
		s += " " + e.Detail
	}
	if e.RetryAfter > 0 {
		s += ", retry after " + e.RetryAfter.String()
	}
	return s
}

// Unclear reports whether Slack said neither yes nor no: it may have done what was asked.
func (e *Error) Unclear() bool { return unclear(e.Code) }

func unclear(code string) bool {
	switch code {
	case CodeUnreachable, CodeTimeout, CodeCanceled, CodeBadAnswer, "internal_error", "fatal_error", "service_unavailable", "request_timeout",
		"http_500", "http_502", "http_503", "http_504":
		return true
	}
	return false
}

// Unwrap is the context's error, if that is why the call failed.
func (e *Error) Unwrap() error { return e.cause }

// Fatal is an answer to the opening of a connection that no retry mends.
type Fatal struct {
	Code, Needed string
}

// Error is a sentence that says what to do.
func (f *Fatal) Error() string {
	return "slack does not let the app connect (" + f.Code + "): " + f.mend()
}

func (f *Fatal) mend() string {
	switch f.Code {
	case "missing_scope":
		return "its app-level token needs the scope connections:write; make one that has it, under Basic Information, App-Level Tokens"
	case "not_allowed_token_type":
		return "the app token must be an app-level token, which starts with xapp-; the one that starts with xoxb- is the bot token"
	case "token_expired", "token_revoked":
		return "its app-level token is no longer good; make a new one under Basic Information, App-Level Tokens"
	case "account_inactive":
		return "the app was removed from the workspace, or its workspace was closed; install it again"
	case "org_login_required":
		return moving
	case "team_access_not_granted", "access_denied", "forbidden_team", "no_permission":
		return unapproved
	case "http_404":
		return "nothing answers at this API URL; check it, or leave it out to use Slack's own"
	}
	return "the app token must be the app-level token (xapp-, scope connections:write) shown under Basic Information, App-Level Tokens"
}

const (
	moving     = "its workspace is being moved into an organisation, and Slack lets no app in until that has ended"
	unapproved = "the organisation does not let it in; ask an administrator of the organisation to approve it"
)

// Mend says what the operator does where Slack refuses the bot token with this code.
func (e *Error) Mend() string {
	switch e.Code {
	case "token_revoked", "account_inactive":
		return "the app was removed from the workspace, or its workspace was closed; install it again under Install App, and copy the new Bot User OAuth Token"
	case "token_expired":
		return "tokens of an app with token rotation expire; make an app without it, as from the manifest, and copy its Bot User OAuth Token"
	case "not_allowed_token_type":
		return "the bot token is the one that starts with xoxb-, Bot User OAuth Token, under OAuth & Permissions"
	case "org_login_required":
		return moving
	case "team_access_not_granted", "access_denied", "forbidden_team", "no_permission":
		return unapproved
	}
	return "copy the Bot User OAuth Token again from OAuth & Permissions, and see that Slack lets this machine's address in"
}

// fatal reports whether err, of the opening of a connection, is one that no retry mends.
func fatal(err error) (*Fatal, bool) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Method != openMethod { // a socket's address is good for a moment alone: the next one may be better
		return nil, false
	}
	switch e.Code {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope",
		"not_allowed_token_type", "org_login_required", "team_access_not_granted", "access_denied", "forbidden_team",
		"no_permission", "http_404":
		return &Fatal{Code: e.Code, Needed: e.Needed}, true
	}
	return nil, false
}

// revokes reports whether Slack says of the token itself, and not of what was asked with it, that it is no good.
func (e *Error) revokes() bool {
	switch e.Code {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required":
		return true
	}
	return false
}

// translate turns whatever slack-go or net/http returned into an *Error, ErrWithheld or nil. Their
// words are dropped: they quote URLs that are secrets, and bodies.
func (c *Client) translate(ctx context.Context, method string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrWithheld) {
		return ErrWithheld
	}
	e := &Error{Method: method, Code: CodeUnreachable}
	if name := c.name.Load(); name != nil {
		e.bot = *name
	}
	if slackSaid(e, err) || refusedHere(e, err) {
		return e
	}
	e.Reason = reason(err)
	var network net.Error
	switch {
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		e.Code, e.cause = CodeCanceled, context.Canceled
	case ctx.Err() != nil, errors.As(err, &network) && network.Timeout():
		e.Code, e.cause = CodeTimeout, context.DeadlineExceeded
	case isAnswer(err):
		e.Code = CodeBadAnswer
	}
	return e
}

func slackSaid(e *Error, err error) bool {
	if limited, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		e.Code, e.RetryAfter = CodeRateLimited, max(limited.RetryAfter, 0)
		return true
	}
	if status, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		e.Code = "http_" + strconv.Itoa(status.Code)
		if status.Code == 429 {
			e.Code = CodeRateLimited
		}
		return true
	}
	if answer, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		e.Code = CodeBadAnswer
		if isCode(answer.Err) {
			e.Code = answer.Err
		}
		if e.Code == "rate_limited" {
			e.Code = CodeRateLimited
		}
		if e.Code == "missing_scope" && isName(answer.Needed, maxButton) {
			e.Needed = answer.Needed
		}
		e.Detail = pointers(answer.ResponseMetadata.Messages)
		return true
	}
	return false
}

func refusedHere(e *Error, err error) bool {
	for _, known := range []error{errNoText, errBadID, errBadModal, errBadURL} {
		if errors.Is(err, known) {
			e.Code = known.Error()
			return true
		}
	}
	return false
}

// isAnswer reports whether err comes from decoding an answer.
func isAnswer(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	_, number := errors.AsType[*strconv.NumError](err)
	return syntax || kind || number || errors.Is(err, errTooLong) || errors.Is(err, errNoAnswer)
}

// pointers keeps of Slack's explanations only where in our own blocks the fault is: their words may
// quote content.
func pointers(messages []string) string {
	var found []string
	for _, m := range messages {
		_, rest, ok := strings.Cut(m, "[json-pointer:")
		if p, _, closed := strings.Cut(rest, "]"); ok && closed && isName(p, maxName) && len(found) < 5 {
			found = append(found, p)
		}
	}
	return strings.Join(found, " ")
}

// typeOf names the types of a foreign error, from the outside in: all of it that may be logged.
func typeOf(err error) string {
	var types []string
	for ; err != nil && len(types) < 6; err = errors.Unwrap(err) {
		types = append(types, fmt.Sprintf("%T", err))
	}
	return strings.Join(types, " ")
}

// Uninvited is one sentence on a channel that the bot is not in, with the mend.
func (c *Client) Uninvited() redact.Text {
	if name := c.name.Load(); name != nil {
		return redact.Policy{}.Text(redact.Msg("I am not in this channel: type /invite @{} in it.", redact.Public(*name)))
	}
	return redact.Const("I am not in this channel: invite me with /invite and my name.")
}

// Hint is one sentence with the mend.
func (e *Error) Hint() redact.Text {
	var open redact.Policy
	switch e.Code {
	case "missing_scope":
		return open.Text(redact.Msg("I am missing the scope {}: add it to the app and install it again.", redact.Public(e.Needed)))
	case "not_in_channel", "channel_not_found":
		if e.bot != "" {
			return open.Text(redact.Msg("I am not in that channel: type /invite @{} there, and try again.", redact.Public(e.bot)))
		}
		return redact.Const("I am not in that channel: invite me there with /invite and my name, and try again.")
	case CodeRateLimited:
		if e.RetryAfter > 0 {
			return open.Text(redact.Msg("Slack asks me to slow down: try again in {}.", redact.Age(e.RetryAfter)))
		}
	}
	if e.Method == respondMethod && strings.HasPrefix(e.Code, "http_4") {
		return hint(CodeBadURL)
	}
	return hint(e.Code)
}
