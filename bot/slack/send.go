package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	slackgo "github.com/slack-go/slack"
)

// What carries blocks is sent from here, as the JSON that it is already: slack-go would encode it
// anew, twice over, and wrap it in a form. Answers are read into slack-go's types, so that errors are
// the same however a method is called.

// answered is what we want to know of the answers to what is sent.
type answered struct {
	slackgo.SlackResponse
	TS      string `json:"ts"`
	Message struct {
		TS       string `json:"ts"`
		ThreadTS string `json:"thread_ts"`
	} `json:"message"`
	View struct {
		ID   string `json:"id"`
		Hash string `json:"hash"`
	} `json:"view"`
}

// send calls a method of the Web API with a JSON object.
func (c *Client) send(ctx context.Context, method string, body []byte) (answered, error) {
	var a answered
	err := c.exchange(ctx, c.config.APIURL+method, "Bearer "+c.config.BotToken.Expose(), body, func(r io.Reader) error {
		return json.NewDecoder(r).Decode(&a)
	})
	switch {
	case err != nil:
		return answered{}, err
	case !a.Ok:
		return answered{}, slackgo.SlackErrorResponse{Err: a.Error, ResponseMetadata: a.ResponseMetadata, Needed: a.Needed}
	}
	return a, nil
}

// exchange posts JSON and reads what comes back, if it is an answer at all.
func (c *Client) exchange(ctx context.Context, to, authorization string, body []byte, read func(io.Reader) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return errBadURL // err quotes the URL
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer func() {
		_, _ = io.Copy(io.Discard, response.Body) // so that the connection can be used again
		_ = response.Body.Close()
	}()
	switch response.StatusCode {
	case http.StatusOK:
		return read(response.Body)
	case http.StatusTooManyRequests:
		seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 31)
		if err == nil {
			return &slackgo.RateLimitedError{RetryAfter: time.Duration(seconds) * time.Second}
		}
	}
	return slackgo.StatusCodeError{Code: response.StatusCode, Status: response.Status}
}
