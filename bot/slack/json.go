package slack

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"jwt-check-bot/redact"
)

// Blocks and views are written as JSON here, in the few forms that we use, rather than made of
// slack-go's types and encoded by reflection, which costs as much as three verifications of a
// signature. TestEncodedAsSlackGoDoes compares the two.

// appendString appends s as a JSON string (RFC 8259 §7). What is not valid UTF-8 becomes U+FFFD; a
// redact.Text always is.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

// appendMember appends a further member of an object, unless the value is empty.
func appendMember(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendString(appendName(b, name), value)
}

// appendText appends a further member of an object that is t as plain text, unless t is empty.
func appendText(b []byte, name string, t redact.Text, most int) []byte {
	if t.IsZero() {
		return b
	}
	return appendPlain(appendName(b, name), t.Cut(most).String())
}

// appendTrue appends a further member of an object, if it is true: so are all of Slack's that we set.
func appendTrue(b []byte, name string, value bool) []byte {
	if !value {
		return b
	}
	return append(appendName(b, name), "true"...)
}

func appendNumber(b []byte, name string, n int64) []byte {
	return strconv.AppendInt(appendName(b, name), n, 10)
}

// appendName appends the comma, the name and the colon of a further member. The name is one of ours.
func appendName(b []byte, name string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	return append(b, `":`...)
}

// appendPlain appends a plain_text object, without emoji names turned into pictures.
func appendPlain(b []byte, s string) []byte {
	b = append(b, `{"type":"plain_text"`...)
	b = appendMember(b, "text", s)
	return append(b, `,"emoji":false}`...)
}

// appendMarkup appends a mrkdwn object in which Slack looks for nothing but control sequences.
func appendMarkup(b []byte, s string) []byte {
	b = append(b, `{"type":"mrkdwn"`...)
	b = appendMember(b, "text", s)
	return append(b, `,"verbatim":true}`...)
}

// appendList appends an array of what is JSON already.
func appendList(b []byte, list [][]byte) []byte {
	b = append(b, '[')
	for i, one := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, one...)
	}
	return append(b, ']')
}
