//go:build !linux

package main

// howGuarded is asked on Linux alone.
func howGuarded() {}
