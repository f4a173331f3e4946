package main

import (
	"context"
	"net"
)

// store asks what the replicas share whether it can be used. Of its URL the host and the port are shown.
func (d *doctor) store(ctx context.Context, set settings) []finding {
	s, err := set.bot.openStore(set.slack.AppToken, nil)
	if err != nil {
		return nil // among the faults
	}
	defer s.Close()
	address, encrypted := s.Address()
	if address == "" {
		return []finding{fine("store: the memory of this process, which is right for one replica. For several, set JWT_CHECK_STORE_URL to a Redis or Valkey that all of them reach")}
	}
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	reached, err := s.Ping(ctx)
	switch {
	case err != nil && reached:
		return []finding{wrong("store: Redis at %s cannot be used: %v. Mend JWT_CHECK_STORE_URL or the server; until then each replica goes on with its own memory", address, err)}
	case err != nil:
		return []finding{unreachable("store: Redis at %s: %v. Check JWT_CHECK_STORE_URL and whether this machine reaches it; until then each replica goes on with its own memory", address, err)}
	}
	findings := []finding{fine("store: Redis at %s can be written to", address)}
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); !encrypted && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		findings = append(findings, warn("store: the way to %s is not encrypted. What is kept there is sealed, but a password can be read on the way: use rediss:// where the server speaks TLS", address))
	}
	return findings
}
