package checks_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"jwt-check-bot/checks"
)

// families are the catalogue's, with the number of rows in each: 229 in all.
var families = map[string]int{
	"IN": 21, "ST": 18, "HD": 28, "SG": 15, "KY": 23, "DS": 8, "TM": 20, "ID": 23, "TT": 10, "AZ": 10, "SB": 6, "CF": 9,
	"JW": 8, "LC": 9, "RP": 14, "EV": 7,
}

var catalogueRow = regexp.MustCompile(`(?m)^//\t([A-Z]{2})-(\d\d)(?:\.\.(\d\d))? (.+)$`)

// TestCatalogueRows: every row is a check, part of one, or left out on purpose, with the reason in
// ladder.go. A check that is named there exists.
func TestCatalogueRows(t *testing.T) {
	source, err := os.ReadFile("ladder.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range checks.Ladder() {
		known[c.ID] = true
	}
	found, checked := map[string]bool{}, 0
	for _, m := range catalogueRow.FindAllStringSubmatch(string(source), -1) {
		from, _ := strconv.Atoi(m[2])
		to := from
		if m[3] != "" {
			to, _ = strconv.Atoi(m[3])
		}
		for n := from; n <= to; n++ {
			row := fmt.Sprintf("%s-%02d", m[1], n)
			if found[row] {
				t.Errorf("%s stands twice", row)
			}
			found[row] = true
		}
		if reason, elsewhere := strings.CutPrefix(m[4], "left out: "); elsewhere || strings.Contains(m[4], ": ") {
			if len(reason) < 10 {
				t.Errorf("%s-%s: no reason", m[1], m[2])
			}
			continue
		}
		for _, id := range strings.Fields(m[4]) {
			if !known[id] {
				t.Errorf("%s-%s: there is no check %s", m[1], m[2], id)
			}
		}
		checked += to - from + 1
	}
	total := 0
	for family, rows := range families {
		for n := 1; n <= rows; n++ {
			if row := fmt.Sprintf("%s-%02d", family, n); !found[row] {
				t.Errorf("%s is not accounted for", row)
			}
		}
		total += rows
	}
	if len(found) != total || total != 229 {
		t.Errorf("%d rows found, %d expected", len(found), total)
	}
	t.Logf("%d of %d rows are checks", checked, total)
}
