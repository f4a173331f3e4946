package outbound

import (
	"net/netip"
	"testing"
)

func TestZones(t *testing.T) {
	for want, list := range map[Zone][]string{
		Public: {"1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"},
		Private: {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.2.1", "fd00::1", "fec0::1", "2001:db8::1",
			"2001::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1"},
		Loopback: {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1"},
		Forbidden: {"169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
			"fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "255.255.255.255", "ff02::1"},
	} {
		for _, a := range list {
			if got := ZoneOf(netip.MustParseAddr(a)); got != want {
				t.Errorf("%s: zone %d, want %d", a, got, want)
			}
		}
	}
	if ZoneOf(netip.Addr{}) != Forbidden {
		t.Error("the zero address may be dialled")
	}
}

func TestGuard(t *testing.T) {
	configured := func() *guard { return &guard{} }
	led := func(limit Zone) *guard { return &guard{settled: true, limit: limit} }
	plain := func(g *guard) *guard { g.plain = true; return g }
	proxied := func(g *guard) *guard { g.through(true); return g }
	for _, tc := range []struct {
		name    string
		g       *guard
		allowed []string
		refused []string
	}{
		{"a configured host", configured(), []string{"8.8.8.8:443", "10.0.0.1:443", "[::1]:443"}, []string{"169.254.169.254:80", "[fe80::1%eth0]:443", "no address"}},
		{"a configured host, plain", plain(configured()), []string{"127.0.0.1:80"}, []string{"8.8.8.8:80", "10.0.0.1:80"}},
		{"led by a public issuer", led(Public), []string{"8.8.8.8:443"}, []string{"10.0.0.1:443", "127.0.0.1:443", "[::ffff:127.0.0.1]:443", "169.254.169.254:80"}},
		{"led by a private issuer", led(Private), []string{"8.8.8.8:443", "10.0.0.1:443"}, []string{"127.0.0.1:443", "169.254.169.254:80"}},
		{"led by a loopback issuer", led(Loopback), []string{"8.8.8.8:443", "10.0.0.1:443", "127.0.0.1:443"}, []string{"169.254.169.254:80"}},
		{"led to plain http by a private issuer", plain(led(Private)), nil, []string{"127.0.0.1:80", "10.0.0.1:80"}},
		{"through a proxy", proxied(led(Public)), []string{"10.0.0.1:3128", "127.0.0.1:3128"}, []string{"169.254.169.254:3128"}},
	} {
		tc.g.zoneOf = ZoneOf
		for _, a := range tc.allowed {
			if err := tc.g.control("tcp", a, nil); err != nil {
				t.Errorf("%s: %s refused: %v", tc.name, a, err)
			}
		}
		for _, a := range tc.refused {
			if err := tc.g.control("tcp", a, nil); err == nil {
				t.Errorf("%s: %s allowed", tc.name, a)
			}
		}
	}
	g := proxied(led(Public))
	g.zoneOf = ZoneOf
	for host, ok := range map[string]bool{"issuer.example": true, "8.8.8.8": true, "10.0.0.1": false, "::1": false, "169.254.169.254": false} {
		if f := g.literal(host); (f == nil) != ok {
			t.Errorf("%s behind a proxy: %v", host, f)
		}
	}
}
