package mint

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// instant returns the NumericDate (RFC 7519 §2) of a time claim that is said
// relative to now, such as "now-1h30m" or "now+30d ms"; any other value as it is.
func instant(now time.Time, m member) (json.RawMessage, error) {
	switch m.name {
	case "exp", "nbf", "iat", "auth_time", "updated_at":
	default:
		return m.value, nil
	}
	var text string
	if json.Unmarshal(m.value, &text) != nil || !strings.HasPrefix(text, "now") {
		return m.value, nil
	}
	when, form, _ := strings.Cut(text[len("now"):], " ")
	seconds, ok := offset(when)
	seconds += now.Unix()
	whole := strconv.FormatInt(seconds, 10)
	switch {
	case ok && form == "":
		return json.RawMessage(whole), nil
	case ok && form == "ms":
		return json.RawMessage(strconv.FormatInt(seconds*1000, 10)), nil
	case ok && form == "str":
		return json.RawMessage(`"` + whole + `"`), nil
	case ok && form == "float":
		return json.RawMessage(whole + ".5"), nil
	default:
		return nil, fmt.Errorf("%s: no such time; say now, now-1h30m or now+30d, then nothing, ms, str or float", m.name)
	}
}

// offset reads "", "+1h", "-1h30m", "+30d" as seconds. Not time.ParseDuration,
// which has no days and ends at 292 years.
func offset(text string) (seconds int64, ok bool) {
	if text == "" {
		return 0, true
	}
	sign := int64(1)
	if text[0] == '-' {
		sign = -1
	} else if text[0] != '+' {
		return 0, false
	}
	text = text[1:]
	for first := true; first || text != ""; first = false {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		if digits == 0 || digits > 9 || digits == len(text) {
			return 0, false
		}
		n, err := strconv.ParseInt(text[:digits], 10, 64)
		if err != nil {
			return 0, false
		}
		switch text[digits] {
		case 'd':
			n *= 24 * 60 * 60
		case 'h':
			n *= 60 * 60
		case 'm':
			n *= 60
		case 's':
		default:
			return 0, false
		}
		seconds += sign * n
		text = text[digits+1:]
	}
	return seconds, true
}
