package checks_test

import (
	"strings"
	"testing"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// TestNearestThingFound: the checklist shows beside each missing requirement what is nearest to it.
func TestNearestThingFound(t *testing.T) {
	w := theWorld()
	for _, c := range []struct{ profile, require, recipe, want string }{
		{"strict", "", `{"scope":null,"scp":"orders:write"}`, "✗ scope=orders:write (scp holds it)"},
		{"strict", "", `{"scope":null,"realm_access":{"roles":["orders:write"]}}`, "(realm_access.roles holds it)"},
		{"strict", "", `{"scope":"a,orders:write"}`, "behind a comma or plus sign"},
		{"strict", "", `{"scope":"a%20orders:write"}`, "behind %20"},
		{"strict", "", `{"scope":"api://orders/orders:write"}`, "with a prefix in front"},
		{"strict", "", `{"scope":"Orders:Write"}`, "in other upper and lower case"},
		{"", "scope=orders:read, scope=orders:write", `{}`, "✓ scope=orders:read, ✗ scope=orders:write"},
		{"", "tenant_id", `{"tid":"x"}`, "✗ tenant_id (there is tid instead)"},
		{"", "tier", `{"https://shop.example/tier":"gold"}`, "under a namespace"},
		{"", "tier=gold", `{"tier":"silver"}`, "the claim is there with another value"},
		{"", "scope", `{"scope":""}`, "✗ scope (it is empty)"},
		{"", "scope=orders:read profile", `{}`, "✓ scope=orders:read, ✗ scope=profile"},
		{"", "tier=gold", `{"tier":"Gold"}`, "tier holds it in other upper and lower case"},
	} {
		r := checks.Run(w.incident(t, c.profile, c.require, c.recipe), checks.Ladder())
		if r.Lead == nil {
			t.Errorf("%s: nothing failed", c.recipe)
			continue
		}
		if got := (redact.Policy{}).Text(r.Lead.Want).String(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q lacks %q", c.recipe, got, c.want)
		}
	}
}
