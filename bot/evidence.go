package bot

import (
	"errors"
	"strings"
	"time"

	"jwt-check-bot/bot/slack"
	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// evidence reads what was pasted: the token, what the server answered, a token that works. What
// cannot be checked is an error on its block.
func (q *Question) evidence(f slack.Fields) (block string, problem redact.Text) {
	answer := f.Text(fieldError)
	if answer.Len() > checks.MaxPaste {
		return fieldError, redact.Const("This is larger than 64 KiB. Paste the status line, the header fields and the lines that say why.")
	}
	q.Answer = checks.ParseAnswer(answer)
	var err error
	if q.Token, err = checks.Parse(pasted(f)); err != nil && (q.Answer.IsZero() || !errors.Is(err, checks.ErrEmpty)) {
		return fieldToken, pasteError(err)
	}
	if !q.Token.IsZero() && !q.Token.Credible() {
		return fieldToken, redact.Const("There is nothing in it that could be a token or an Authorization header. A JWT is one long word with two dots in it, and starts with eyJ.")
	}
	switch q.Works, err = checks.Parse(f.Text(fieldCompare)); {
	case errors.Is(err, checks.ErrEmpty):
	case err != nil:
		return fieldCompare, pasteError(err)
	case !q.Works.Comparable():
		return fieldCompare, redact.Const("This is no JWT whose claims can be read, so there is nothing to compare. Paste the whole token of a request that works, or leave it empty.")
	case q.Token.IsZero():
		return fieldCompare, redact.Const("There is no token to compare it with: paste the one that fails into the field Token.")
	}
	// The picker knows minutes only: a Date within that minute is the call's own second.
	if date := q.Answer.Date(); !q.When.IsZero() && !date.Before(q.When) && date.Before(q.When.Add(time.Minute)) {
		q.When = date
	}
	return "", redact.Text{}
}

// pasted joins the token's two fields.
func pasted(f slack.Fields) redact.Secret {
	rest := f.Text(fieldToken2)
	if strings.TrimSpace(rest.Expose()) == "" {
		return f.Text(fieldToken)
	}
	return redact.NewSecret(strings.TrimSpace(f.Text(fieldToken).Expose()) + strings.TrimSpace(rest.Expose()))
}

func pasteError(err error) redact.Text {
	if errors.Is(err, checks.ErrTooLarge) {
		return redact.Const("This is larger than 64 KiB, which no server takes as a header. Paste the token alone.")
	}
	return redact.Const("Paste the token here: the value of the failing request's Authorization header. Without one, paste below what the server answered.")
}
