package checks

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Requirement is a claim that a token must have, and the value that it must have or contain.
type Requirement struct {
	Claim   string // a claim's name, or a path with dots
	Value   string // empty: any value will do
	Dialect bool   // role= and scope= of a route match any spelling of roles and scopes
}

func (r Requirement) String() string {
	if r.Value == "" {
		return r.Claim
	}
	return r.Claim + "=" + r.Value
}

// each yields the requirement; where it is about scopes and its value has spaces, as that of a
// challenge's scope has, one for each of the words (RFC 6750 §3).
func (r Requirement) each(yield func(Requirement) bool) {
	if !isScope(r.Claim) || !strings.ContainsAny(r.Value, " \t") {
		yield(r)
		return
	}
	for word := range strings.FieldsSeq(r.Value) {
		one := r
		if one.Value = word; !yield(one) {
			return
		}
	}
}

func isScope(claim string) bool {
	switch lastSegment(claim) {
	case "scope", "scp", "scopes":
		return true
	}
	return false
}

// isAccess reports whether a claim says what its bearer may do, by its name or the last part of it: a
// path's (realm_access.roles), a URL's (https://acme.example/roles) or a URN's.
func isAccess(claim string) bool {
	switch lastSegment(claim) {
	case "role", "roles", "permission", "permissions", "group", "groups", "authorities", "entitlements":
		return true
	}
	return isScope(claim) || strings.HasPrefix(claim, "resource_access.")
}

func lastSegment(name string) string { return name[strings.LastIndexAny(name, "./#:")+1:] }

// holds reports whether a claim has the value: as an element of a list, as a word of a string of
// scopes, or as the whole. Where none is asked for, any will do but null and, of a claim about access,
// one that grants nothing.
func holds(claim, raw, want string) bool {
	if want == "" {
		return raw != "null" && !(isAccess(claim) && isEmpty(raw))
	}
	switch raw[0] {
	case '"':
		s := unquote(raw)
		return s == want || isAccess(claim) && slices.Contains(strings.Fields(s), want)
	case '[':
		return slices.ContainsFunc(rawElements(raw), func(element string) bool {
			return element[0] == '"' && unquote(element) == want || sameScalar(element, want)
		})
	}
	return sameScalar(raw, want)
}

// isEmpty reports whether a list has no element or a string no word.
func isEmpty(raw string) bool {
	switch raw[0] {
	case '"':
		return strings.TrimSpace(unquote(raw)) == ""
	case '[':
		return len(rawElements(raw)) == 0
	}
	return false
}

// sameScalar compares a number, true or false with what was typed. Numbers may be written in several
// ways, but whole ones are compared to the digit, since they are identifiers.
func sameScalar(raw, want string) bool {
	if raw == want {
		return true
	}
	if !isNumber(raw) || !isNumber(want) || !strings.ContainsAny(raw+want, ".eE") {
		return false
	}
	a, errA := strconv.ParseFloat(raw, 64)
	b, errB := strconv.ParseFloat(want, 64)
	return errA == nil && errB == nil && a == b && math.Abs(a) < 1<<53
}

// Route is what one endpoint requires.
type Route struct {
	Method, Path string
	Required     []Requirement
}

// ErrUnknownRoute is the error of a route that the profile does not have.
var ErrUnknownRoute = errors.New("the profile has no such route")

// ErrNoValue is the error of a requirement with nothing behind its =, as where a variable is not set:
// taken for a name alone, any value would do.
var ErrNoValue = errors.New("a requirement has nothing behind its =: name or name=value")

var (
	errNoClaimName = errors.New("a requirement needs a claim's name: name or name=value")
	errNoRoute     = errors.New("a route is written as METHOD /path: requirement, requirement")
)

// ParseRequirement reads `name` or `name=value`.
func ParseRequirement(s string) (Requirement, error) {
	name, value, valued := strings.Cut(strings.TrimSpace(s), "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' { // as a challenge writes it
		value = value[1 : n-1]
	}
	if name == "" || strings.ContainsAny(name, " \t\n") {
		return Requirement{}, errNoClaimName
	}
	if valued && value == "" {
		return Requirement{}, ErrNoValue
	}
	return Requirement{Claim: name, Value: value}, nil
}

// ParseRoutes reads `POST /orders: scope=orders:write; GET /admin: role=admin`.
func ParseRoutes(s string) ([]Route, error) {
	var routes []Route
	for _, part := range strings.Split(s, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		endpoint, needs, found := strings.Cut(part, ": ")
		method, path, ok := routeName(strings.TrimSuffix(strings.TrimSpace(endpoint), ":"))
		if !ok {
			return nil, errNoRoute
		}
		route := Route{Method: method, Path: path}
		if found {
			for _, need := range strings.Fields(strings.ReplaceAll(needs, ",", " ")) {
				r, err := ParseRequirement(need)
				if err != nil {
					return nil, err
				}
				r.Dialect = r.Value != "" && (r.Claim == "role" || r.Claim == "scope")
				route.Required = append(route.Required, r)
			}
		}
		routes = append(routes, route)
	}
	return routes, nil
}

func routeName(s string) (method, path string, ok bool) {
	fields := strings.Fields(s)
	if len(fields) != 2 || !strings.HasPrefix(fields[1], "/") {
		return "", "", false
	}
	return strings.ToUpper(fields[0]), fields[1], true
}

// Requirements reads what a person typed: requirements, or a route of the profile such as
// `POST /orders`, separated by commas, semicolons or lines.
func (p *Profile) Requirements(typed string) ([]Requirement, error) {
	var list []Requirement
	for _, part := range strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if method, path, ok := routeName(part); ok {
			route, found := p.route(method, path)
			if !found {
				return nil, ErrUnknownRoute
			}
			list = append(list, route.Required...)
			continue
		}
		r, err := ParseRequirement(part)
		if err != nil {
			return nil, err
		}
		r.Dialect = r.Value != "" && (r.Claim == "role" || r.Claim == "scope")
		list = append(list, r)
	}
	return list, nil
}

func (p *Profile) route(method, path string) (Route, bool) {
	for _, r := range p.Routes {
		if r.Method == method && r.Path == path {
			return r, true
		}
	}
	return Route{}, false
}
