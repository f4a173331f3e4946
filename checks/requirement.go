package checks

import (
	"errors"
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

// Route is what one endpoint requires.
type Route struct {
	Method, Path string
	Required     []Requirement
}

var (
	errNoClaimName  = errors.New("a requirement needs a claim's name: name or name=value")
	errNoRoute      = errors.New("a route is written as METHOD /path: requirement, requirement")
	errUnknownRoute = errors.New("the profile has no such route")
)

// ParseRequirement reads `name` or `name=value`.
func ParseRequirement(s string) (Requirement, error) {
	name, value, _ := strings.Cut(strings.TrimSpace(s), "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if name == "" || strings.ContainsAny(name, " \t\n") {
		return Requirement{}, errNoClaimName
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
				return nil, errUnknownRoute
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
