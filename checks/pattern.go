package checks

import (
	"regexp"
	"sync"
)

// pattern is an expression that is compiled when it is first needed: most tokens need few of them, and
// compiling them all would take longer than a whole check.
type pattern func() *regexp.Regexp

func lazily(expression string) pattern {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
