//go:build !linux

package main

// keepMemory is for Linux, where the bot is run; elsewhere the operator's limits decide.
func keepMemory() {}
