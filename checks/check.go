package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// Severity says what a failing check means for the question "why 401?".
type Severity uint8

const (
	Info     Severity = iota
	Warns             // fragile, or a probable cause
	Security          // a finding to act on, but no explanation of a rejection
	Blocks            // explains a rejection by itself
)

func (s Severity) String() string {
	return [...]string{"info", "warning", "security", "blocks"}[s]
}

// Citation is where a rule stands: an RFC with its section, or a vendor's page.
type Citation string

// Check is one question about a token. It is data and one function.
type Check struct {
	ID       string // rung.subject_state, the failing state: also its test data and its anchor in the README
	Subject  string // what is looked at, for a line of the checklist
	Title    string // what failing means, in one line
	Doc      string // why it matters and what to do next
	Cite     Citation
	Severity Severity
	Cause    Cause // for a check that blocks
	Run      func(*Pass) *Result
}

// Rung is the part of the ladder on which the check stands.
func (c *Check) Rung() string {
	rung, _, _ := strings.Cut(c.ID, ".")
	return rung
}

// decides reports whether the verdict is open where the check cannot say. What a server was asked
// beyond the key set is not needed: where it does not answer, the rest decides.
func (c *Check) decides() bool {
	switch c.Cause {
	case Revoked, KeyRotated, ServerSide, ClientSide:
		return false
	}
	return true
}

// Outcome is what a check found.
type Outcome uint8

const (
	NotApplicable Outcome = iota // of a check that says nothing about this token; not reported
	Passed
	Failed
	CannotSay  // what it needed could not be had
	NotReached // an earlier failure leaves nothing to judge
)

// Result is a check's answer. It is a pointer wherever it is passed on, since most checks have none to give.
type Result struct {
	Outcome Outcome
	Says    redact.Message // the sentence; for a failure that leads the report, its headline
	Want    redact.Message // what was expected, where there is such a thing
	Got     redact.Message // what was found instead
	Next    redact.Message // what to do, where the check knows better than its Doc

	Elsewhere bool // of a check that blocks: what refuses is no fault of the token
}

func pass(says redact.Message) *Result      { return &Result{Outcome: Passed, Says: says} }
func cannotSay(says redact.Message) *Result { return &Result{Outcome: CannotSay, Says: says} }
func notReached(why redact.Message) *Result { return &Result{Outcome: NotReached, Says: why} }

// Finding is a check's answer in a report.
type Finding struct {
	*Check
	*Result
}

// Status is the finding's word in the JSON of a report: pass, warn, fail or skip.
func (f Finding) Status() string {
	switch {
	case f.Outcome == Passed:
		return "pass"
	case f.Outcome != Failed:
		return "skip"
	case f.Severity == Blocks:
		return "fail"
	}
	return "warn"
}
