package workspace

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(s string) string { return escapes.Replace(s) }

var unescapes = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

func unescape(s string) string { return unescapes.Replace(s) }

// cutForm cuts text around its first control form, <…>.
func cutForm(text string) (before, form, after string, found bool) {
	i := strings.IndexByte(text, '<')
	if i < 0 {
		return text, "", "", false
	}
	j := strings.IndexAny(text[i+1:], "<>\n")
	if j < 0 || text[i+1+j] != '>' || j == 0 { // a lone < is not active
		before, form, after, found = cutForm(text[i+1:])
		return text[:i+1] + before, form, after, found
	}
	return text[:i], text[i+1 : i+1+j], text[i+j+2:], true
}

// typedURL is an address that the composer makes a link of; the punctuation behind it stays outside.
var typedURL = regexp.MustCompile(`https?://[^\s<>|]*[^\s<>|.,;:!?'")]`)

// typed is a person's text as the composer sends it: names of people and channels, and addresses, become control
// forms, and the rest is escaped.
func (w *Workspace) typed(text string) string {
	var names []string
	for _, u := range w.users {
		form := "<@" + u.ID + ">"
		names = append(names, form, form, "@"+u.Name, form)
	}
	for _, c := range w.channels {
		if !c.IsIM {
			form := "<#" + c.ID + ">"
			names = append(names, form, form, "#"+c.Name, form)
		}
	}
	names = append(names, "&", "&amp;", "<", "&lt;", ">", "&gt;")
	return typedURL.ReplaceAllString(strings.NewReplacer(names...).Replace(text), "<$0>")
}

// reader renders for one person: their zone, and names instead of IDs. Its workspace's lock is held.
type reader struct {
	w   *Workspace
	loc *time.Location
	now time.Time
}

func (w *Workspace) reader(user string) reader {
	loc := time.UTC
	if u := w.user(user); u != nil {
		if l, err := time.LoadLocation(u.TZ); err == nil {
			loc = l
		}
	}
	return reader{w: w, loc: loc, now: w.opt.Now()}
}

// mrkdwn resolves the control forms of active text; whatever is escaped stays literal.
func (r reader) mrkdwn(text string) string {
	var out strings.Builder
	for {
		before, form, after, found := cutForm(text)
		out.WriteString(unescape(before))
		if !found {
			return out.String()
		}
		out.WriteString(r.form(form))
		text = after
	}
}

func (r reader) form(form string) string {
	target, label, _ := strings.Cut(form, "|")
	label = unescape(label)
	switch {
	case strings.HasPrefix(target, "@"):
		return r.person(target[1:], label)
	case strings.HasPrefix(target, "#"):
		return r.place(target[1:], label)
	case strings.HasPrefix(target, "!date^"):
		parts := strings.SplitN(target, "^", 4)
		if at, err := strconv.ParseInt(parts[1], 10, 64); err == nil && len(parts) > 2 {
			return r.date(time.Unix(at, 0), unescape(parts[2]))
		}
		return label
	case strings.HasPrefix(target, "!subteam^"):
		return cmp.Or(label, "@"+strings.TrimPrefix(target, "!subteam^"))
	case strings.HasPrefix(target, "!"):
		return "@" + target[1:] // here, channel, everyone: they notify
	}
	return hyperlink(unescape(target), label)
}

func hyperlink(url, label string) string {
	if label == "" || label == url {
		return url
	}
	return label + " (" + url + ")"
}

func (r reader) person(id, label string) string {
	if u := r.w.user(id); u != nil {
		return "@" + u.Name
	}
	return "@" + cmp.Or(label, "unknown user")
}

func (r reader) place(id, label string) string {
	if c := r.w.channel(id); c != nil {
		return "#" + c.Name
	}
	return "#" + cmp.Or(label, "unknown channel")
}

// dateToken: what may stand in braces in the format of a date.
var dateToken = regexp.MustCompile(`\{[a-z_]+\}`)

// date renders a <!date^…> form or rich_text date in the reader's own zone. Times are of 24 hours.
func (r reader) date(at time.Time, format string) string {
	at = at.In(r.loc)
	return dateToken.ReplaceAllStringFunc(format, func(token string) string {
		name := strings.Trim(token, "{}")
		if plain, ok := strings.CutSuffix(name, "_pretty"); ok {
			if day := r.day(at); day != "" {
				return day
			}
			name = plain
		}
		switch name {
		case "date_num":
			return at.Format("2006-01-02")
		case "date_slash":
			return at.Format("01/02/2006")
		case "date":
			return at.Format("January ") + ordinal(at.Day()) + at.Format(", 2006")
		case "date_short":
			return at.Format("Jan 2, 2006")
		case "date_long":
			return at.Format("Monday, January ") + ordinal(at.Day()) + at.Format(", 2006")
		case "time":
			return at.Format("15:04")
		case "time_secs":
			return at.Format("15:04:05")
		case "ago":
			return ago(r.now.Sub(at))
		}
		return token
	})
}

// day names the days around today.
func (r reader) day(at time.Time) string {
	for offset, name := range map[int]string{-1: "yesterday", 0: "today", 1: "tomorrow"} {
		y, m, d := r.now.In(r.loc).AddDate(0, 0, offset).Date()
		if ay, am, ad := at.Date(); ay == y && am == m && ad == d {
			return name
		}
	}
	return ""
}

func ordinal(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

func ago(d time.Duration) string {
	format := func(n time.Duration, unit string) string {
		if n != 1 {
			unit += "s"
		}
		return strconv.FormatInt(int64(n), 10) + " " + unit
	}
	size := d.Abs()
	var text string
	switch {
	case size < time.Minute:
		text = format(size/time.Second, "second")
	case size < time.Hour:
		text = format(size/time.Minute, "minute")
	case size < 24*time.Hour:
		text = format(size/time.Hour, "hour")
	default:
		text = format(size/(24*time.Hour), "day")
	}
	if d < 0 {
		return "in " + text
	}
	return text + " ago"
}
