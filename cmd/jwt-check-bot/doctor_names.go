package main

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// strays are the variables that look like ours and that nothing reads: mostly a misspelt name. Only
// names are looked at, never values.
func strays(environ, profiles []string) []finding {
	known := slices.Concat(variables(slackEnv{}, ""), variables(botEnv{}, ""))
	var prefixes []string
	for _, name := range profiles {
		if profileName.MatchString(name) {
			prefixes = append(prefixes, profilePrefix(name)+"_")
			known = append(known, variables(profileEnv{}, profilePrefix(name)+"_")...)
		}
	}
	var findings []finding
	for _, e := range slices.Sorted(slices.Values(environ)) {
		name, _, _ := strings.Cut(e, "=")
		upper := strings.ToUpper(name)
		if !strings.HasPrefix(upper, "JWT_CHECK_") && !strings.HasPrefix(upper, "SLACK_") || slices.Contains(known, name) || serviceLink.MatchString(name) {
			continue
		}
		if !variableName.MatchString(name) || name != upper && looksLikeToken(name) {
			findings = append(findings, warn("a variable with a prefix of ours has a name that is none, so it is not repeated here, and nothing reads it. Unset it"))
			continue
		}
		findings = append(findings, warn("%s is set, and nothing reads it%s", name, meant(upper, known, prefixes)))
	}
	return findings
}

// straysOfChecks are those that do not concern Slack.
func straysOfChecks(environ, profiles []string) []finding {
	return strays(slices.DeleteFunc(slices.Clone(environ), func(e string) bool { return !strings.HasPrefix(strings.ToUpper(e), "JWT_CHECK_") }), profiles)
}

// serviceLink is what Kubernetes sets in each pod for a Service, such as JWT_CHECK_BOT_SERVICE_HOST.
var serviceLink = regexp.MustCompile(`^[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

var variableName = regexp.MustCompile(`^[A-Za-z0-9_]{1,120}$`)

// variables are the names that a struct of the environment reads.
func variables(spec any, prefix string) []string {
	var names []string
	for f := range reflect.TypeOf(spec).Fields() {
		names = append(names, prefix+f.Tag.Get("envconfig"))
	}
	return names
}

// meant goes on with what was probably meant by a name that nothing reads.
func meant(name string, known, prefixes []string) string {
	nearest, least := "", 0
	for _, k := range known {
		if d := distance(name, k); nearest == "" || d < least {
			nearest, least = k, d
		}
	}
	// A profile's variable without the profile: another profile's variable of that name is near, and
	// not meant unless the names of the two are near as well.
	for _, suffix := range variables(profileEnv{}, "_") {
		of, found := strings.CutSuffix(name, suffix)
		of, ours := strings.CutPrefix(of, "JWT_CHECK_")
		if !found || !ours || of == "" || slices.Contains(prefixes, "JWT_CHECK_"+of+"_") {
			continue
		}
		if least <= max(1, len(of)/4) {
			break
		}
		return fmt.Sprintf(": JWT_CHECK_PROFILES names no profile %s. Add it there, or unset the variable", strings.ToLower(strings.ReplaceAll(of, "_", "-")))
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(name, "JWT_"), "_")
	if least <= max(2, len(rest)/3+1) {
		return ". Is " + nearest + " meant?"
	}
	return fmt.Sprintf(". The nearest name that is read is %s; unset it if it is not meant", nearest)
}

// distance is how many letters have to be put in, taken out or changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
