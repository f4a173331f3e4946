package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"jwt-check-bot/checks"
)

func catalogueCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "checks",
		Short: "Print the catalogue of checks: ID, severity, what it means, citation",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			write, ok := map[string]func(io.Writer, []*checks.Check) error{
				"text": catalogueText, "markdown": catalogueMarkdown, "json": catalogueJSON,
			}[format]
			if !ok {
				return configError("--format takes text, markdown or json")
			}
			return written(write(c.OutOrStdout(), checks.Ladder()))
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	completes(c, "format", func() []string { return []string{"text", "markdown", "json"} })
	return c
}

func catalogueText(w io.Writer, ladder []*checks.Check) error {
	p := &page{w: w}
	rung := ""
	for _, c := range ladder {
		if c.Rung() != rung {
			rung = c.Rung()
			p.line("\n%s", strings.ToUpper(rung))
		}
		p.line("  %s  [%s]%s\n    %s.\n    %s\n    %s", c.ID, c.Severity, causeNote(c), c.Title, c.Doc, c.Cite)
	}
	return p.err
}

func causeNote(c *checks.Check) string {
	if c.Cause == "" {
		return ""
	}
	return fmt.Sprintf("  cause %s, for the %s", c.Cause, c.Cause.Owner())
}

func catalogueMarkdown(w io.Writer, ladder []*checks.Check) error {
	p := &page{w: w}
	p.line("| check | severity | cause | what failing means | source |\n| --- | --- | --- | --- | --- |")
	for _, c := range ladder {
		cause := "–"
		if c.Cause != "" {
			cause = "`" + string(c.Cause) + "` (" + string(c.Cause.Owner()) + ")"
		}
		p.line("| <a id=\"%s\"></a>`%s` | %s | %s | %s. | %s |", c.ID, c.ID, c.Severity, cause, c.Title, c.Cite)
	}
	return p.err
}

func catalogueJSON(w io.Writer, ladder []*checks.Check) error {
	type row struct {
		ID       string `json:"id"`
		Rung     string `json:"rung"`
		Severity string `json:"severity"`
		Cause    string `json:"cause,omitempty"`
		Owner    string `json:"owner,omitempty"`
		Title    string `json:"title"`
		Doc      string `json:"doc"`
		Citation string `json:"citation"`
	}
	rows := make([]row, 0, len(ladder))
	for _, c := range ladder {
		r := row{ID: c.ID, Rung: c.Rung(), Severity: c.Severity.String(), Cause: string(c.Cause), Title: c.Title, Doc: c.Doc, Citation: string(c.Cite)}
		if c.Cause != "" {
			r.Owner = string(c.Cause.Owner())
		}
		rows = append(rows, r)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(rows)
}
