package redact

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Fault is all that may be said of a recovered panic: the value's type and the place that threw it,
// which is the first function below the runtime's own. The value itself may quote a token. It is
// called from the deferred function that recovers.
func Fault(thrown any) (kind, place string) {
	var stack [64]uintptr
	frames := runtime.CallersFrames(stack[:runtime.Callers(2, stack[:])])
	kind = fmt.Sprintf("%T", thrown)
	panicked := false
	for {
		f, more := frames.Next()
		if panicked && !strings.HasPrefix(f.Function, "runtime.") {
			return kind, filepath.Base(f.Function) + " " + filepath.Base(f.File) + ":" + strconv.Itoa(f.Line)
		}
		panicked = panicked || f.Function == "runtime.gopanic"
		if !more {
			return kind, "unknown"
		}
	}
}
