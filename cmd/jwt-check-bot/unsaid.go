package main

import (
	"io"
	"log"
	"runtime/debug"
)

// keepQuiet has nobody but our own code write what a person reads: a crash shows no memory, where a
// token may be, neither in a trace nor in a core dump; and libraries that write to the standard log
// quote what they met (net/http an answer that nobody asked for, say), past every net.
func keepQuiet() {
	debug.SetTraceback("none")
	keepMemory()
	log.SetOutput(io.Discard)
}
