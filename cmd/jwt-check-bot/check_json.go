package main

import (
	"encoding/json"
	"io"
	"time"

	"jwt-check-bot/bot"
)

// The JSON of `check --format json`.
type (
	resultJSON struct {
		Profile     string        `json:"profile"`
		CheckedAt   string        `json:"checked_at"`
		Fingerprint string        `json:"fingerprint,omitempty"`
		Verdict     string        `json:"verdict"`
		Cause       string        `json:"cause"`
		Owner       string        `json:"owner"`
		Summary     string        `json:"summary"`
		NextStep    string        `json:"next_step"`
		Also        []string      `json:"also"`
		Findings    []findingJSON `json:"findings"`
		Claims      []claimJSON   `json:"claims"`
	}
	findingJSON struct {
		ID       string `json:"id"`
		Status   string `json:"status"`
		Title    string `json:"title"`
		Detail   string `json:"detail"`
		Citation string `json:"citation"`
	}
	claimJSON struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		Shown string `json:"shown"`
	}
)

func writeJSON(w io.Writer, s *bot.Summary) error {
	r := resultJSON{
		Profile: s.Profile.String(), CheckedAt: s.CheckedAt.UTC().Format(time.RFC3339), Fingerprint: s.Fingerprint.String(),
		Verdict: string(s.Verdict), Cause: string(s.Cause), Owner: string(s.Owner), Summary: s.Says.String(), NextStep: s.Next.String(),
		Also: []string{}, Findings: []findingJSON{}, Claims: []claimJSON{},
	}
	for _, c := range s.Also {
		r.Also = append(r.Also, string(c))
	}
	for _, lines := range [][]bot.Line{s.Why, s.Server, s.Beside, s.Notes, s.Hygiene} {
		for _, l := range lines {
			f := findingJSON{ID: l.ID, Status: l.Status, Title: l.Subject.String(), Detail: detail(l), Citation: l.Reference().String()}
			if l.Status == "fail" || l.Status == "warn" {
				f.Title = l.Title().String()
			}
			r.Findings = append(r.Findings, f)
		}
	}
	for _, c := range s.Claims {
		r.Claims = append(r.Claims, claimJSON{c.Name.String(), c.Value.String(), c.Shown.String()})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// detail is a finding's sentence with what was expected and what was found.
func detail(l bot.Line) string {
	s := l.Says.String()
	if !l.Want.IsZero() {
		s += "; expected " + l.Want.String()
	}
	if !l.Got.IsZero() {
		s += "; found " + l.Got.String()
	}
	return s
}
