package main

import (
	"net"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"jwt-check-bot/redact"
)

// What a variable may hold: a secret or the file that has it, a list, a duration, a URL.

// maxSecretFile bounds what is read from a file that is said to hold a secret.
const maxSecretFile = 64 << 10

func secretOrFile(name string, value redact.Secret, file string) (redact.Secret, error) {
	if file == "" {
		return value, nil
	}
	if value.Len() > 0 {
		return value, configError(name + " and " + name + "_FILE are both set: keep one")
	}
	b, err := readSmall(file, maxSecretFile)
	if err != nil {
		return value, configError(name + "_FILE cannot be read, or is larger than 64 KiB")
	}
	return redact.NewSecret(strings.TrimRight(string(b), "\r\n")), nil
}

const maxKeySet = 1 << 20

// readSmall reads a file of at most so many bytes.
func readSmall(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > most {
		err = configError("the file is too large")
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// badGlobs reports whether one of the globs is none that path.Match understands.
func badGlobs(globs string) bool {
	return slices.ContainsFunc(list(globs), func(glob string) bool { _, err := path.Match(glob, ""); return err != nil })
}

func list(s string) []string {
	var words []string
	for _, w := range strings.Split(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			words = append(words, w)
		}
	}
	return words
}

// emptyList is what is wrong with a list such as ",", which would silently switch off what the list is for.
const emptyList = "is set and holds nothing: name what it lists, or unset it"

func holdsNothing(s string) bool { return s != "" && len(list(s)) == 0 }

// duration reads a Go duration; wrong is what is wrong with it.
func duration(s string, otherwise time.Duration) (d time.Duration, wrong string) {
	if s == "" {
		return otherwise, ""
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, "must be a Go duration such as 90s or 24h"
	case d < 0:
		return 0, "must not be negative"
	}
	return d, ""
}

// urlFault is what is wrong with a URL to which something is sent; empty where nothing is.
func urlFault(s string) string {
	if secureURL(s) {
		return ""
	}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		return "must be without a name and a password (https://NAME:PASSWORD@…)"
	}
	return "must be an https URL (plain http only for a loopback host)"
}

// secureURL reports whether s is an https URL, or plain http to a loopback host.
func secureURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
