package keys

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

func TestZones(t *testing.T) {
	for want, list := range map[zone][]string{
		public: {"1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"},
		private: {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.2.1", "fd00::1", "fec0::1", "2001:db8::1",
			"2001::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1"},
		loopback: {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1"},
		forbidden: {"169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
			"fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "255.255.255.255", "ff02::1"},
	} {
		for _, a := range list {
			if got := zoneOf(netip.MustParseAddr(a)); got != want {
				t.Errorf("%s: zone %d, want %d", a, got, want)
			}
		}
	}
	if zoneOf(netip.Addr{}) != forbidden {
		t.Error("the zero address may be dialled")
	}
}

func TestGuard(t *testing.T) {
	configured := func() *guard { return &guard{} }
	led := func(limit zone) *guard { return &guard{settled: true, limit: limit} }
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
		{"led by a public issuer", led(public), []string{"8.8.8.8:443"}, []string{"10.0.0.1:443", "127.0.0.1:443", "[::ffff:127.0.0.1]:443", "169.254.169.254:80"}},
		{"led by a private issuer", led(private), []string{"8.8.8.8:443", "10.0.0.1:443"}, []string{"127.0.0.1:443", "169.254.169.254:80"}},
		{"led by a loopback issuer", led(loopback), []string{"8.8.8.8:443", "10.0.0.1:443", "127.0.0.1:443"}, []string{"169.254.169.254:80"}},
		{"led to plain http by a private issuer", plain(led(private)), nil, []string{"127.0.0.1:80", "10.0.0.1:80"}},
		{"through a proxy", proxied(led(public)), []string{"10.0.0.1:3128", "127.0.0.1:3128"}, []string{"169.254.169.254:3128"}},
	} {
		tc.g.zoneOf = zoneOf
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
	g := proxied(led(public))
	g.zoneOf = zoneOf
	for host, ok := range map[string]bool{"issuer.example": true, "8.8.8.8": true, "10.0.0.1": false, "::1": false, "169.254.169.254": false} {
		if f := g.literal(host); (f == nil) != ok {
			t.Errorf("%s behind a proxy: %v", host, f)
		}
	}
}

// A public issuer must not lead inside, whatever its names point to by then.
func TestPublicIssuerLeadsInside(t *testing.T) {
	const inside = "it leads to a loopback or private address, and the issuer does not lie there"
	for _, tc := range []struct {
		name, keysURL string
		then          zone // where the issuer's name points to after the metadata
		problem       string
	}{
		{"stays outside", "ISSUER/keys", public, ""},
		{"rebinds to a private address", "ISSUER/keys", private, inside},
		{"rebinds to loopback", "ISSUER/keys", loopback, inside},
		{"names a private address", "https://10.0.0.1/keys", public, inside},
		{"names loopback in plain http", "http://127.0.0.2/keys", public, inside},
		{"names plain http", "http://issuer.example/keys", public, "its URL is plain http, which is for loopback hosts only"},
		{"names the metadata service", "https://169.254.169.254/keys", public, "it leads to a link-local or metadata address, which is never asked"},
		{"names a file", "file:///keys", public, "its URL names no host"},
		{"redirects inside", "ISSUER/redirect", public, inside},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := newIssuer(t, (*httptest.Server).StartTLS)
			i.publish("one")
			s := newTrusting(t, i)
			var at atomic.Uint32 // zero: public
			s.world.zoneOf = func(a netip.Addr) zone {
				if a == netip.MustParseAddr("127.0.0.1") { // as if the issuer were there
					return zone(at.Load())
				}
				return zoneOf(a)
			}
			i.page("/redirect", redirect("https://192.168.0.1/keys"))
			keysURL := strings.Replace(tc.keysURL, "ISSUER", i.URL, 1)
			i.page(metadataPath, func(w http.ResponseWriter, _ *http.Request) {
				at.Store(uint32(tc.then))
				_, _ = w.Write([]byte(`{"issuer":"` + i.URL + `","jwks_uri":"` + keysURL + `"}`))
			})
			e := s.get1(Origin{Issuer: i.URL}, "one")
			if tc.problem == "" {
				want(t, e, true, "", "one")
				return
			}
			want(t, e, false, "the key set of "+i.URL+" could not be had: "+tc.problem)
		})
	}
}

func TestConfiguredHostMayLieInside(t *testing.T) {
	i := newIssuer(t, (*httptest.Server).StartTLS)
	i.publish("one")
	s := newTrusting(t, i)
	s.world.zoneOf = func(netip.Addr) zone { return private }
	want(t, s.get1(Origin{Issuer: i.URL}, "one"), true, "", "one")
	want(t, s.get1(Origin{JWKSURL: i.URL + "/keys"}, "one"), true, "", "one")

	s = newTrusting(t, i)
	s.world.zoneOf = func(netip.Addr) zone { return forbidden }
	want(t, s.get1(Origin{JWKSURL: i.URL + "/keys"}, "one"), false,
		"the key set at "+i.URL+"/keys could not be had: it leads to a link-local or metadata address, which is never asked")
}

// Behind a proxy, the proxy's address is the one that is dialled: it may lie anywhere.
func TestProxyIsForHTTPS(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			t.Errorf("the proxy was asked to %s", r.Method)
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer proxy.Close()
	through, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := newSource(t, Options{})
	s.world.proxy = func(*http.Request) (*url.URL, error) { return through, nil }
	o := Origin{JWKSURL: "https://issuer.example/keys"}
	want(t, s.get1(o, ""), false, "the key set at "+o.JWKSURL+" could not be had: the proxy answered with status 502")

	i := newIssuer(t, (*httptest.Server).Start)
	i.json("/keys", jwks("one"))
	want(t, s.get1(Origin{JWKSURL: i.URL + "/keys"}, ""), true, "", "one")
}
