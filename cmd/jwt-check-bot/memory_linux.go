package main

import "golang.org/x/sys/unix"

// keepMemory has the kernel write no core dump and let no other process of the same user read this
// one's memory. Where the kernel refuses, the bot serves all the same: neither was promised to it.
func keepMemory() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
