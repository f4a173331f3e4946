package keys

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"jwt-check-bot/checks/outbound"
)

// A public issuer must not lead inside, whatever its names point to by then.
func TestPublicIssuerLeadsInside(t *testing.T) {
	const inside = "it leads to a loopback or private address, and the issuer does not lie there"
	for _, tc := range []struct {
		name, keysURL string
		then          outbound.Zone // where the issuer's name points to after the metadata
		problem       string
	}{
		{"stays outside", "ISSUER/keys", outbound.Public, ""},
		{"rebinds to a private address", "ISSUER/keys", outbound.Private, inside},
		{"rebinds to loopback", "ISSUER/keys", outbound.Loopback, inside},
		{"names a private address", "https://10.0.0.1/keys", outbound.Public, inside},
		{"names loopback in plain http", "http://127.0.0.2/keys", outbound.Public, inside},
		{"names plain http", "http://issuer.example/keys", outbound.Public, "its URL is plain http, which is for loopback hosts only"},
		{"names the metadata service", "https://169.254.169.254/keys", outbound.Public, "it leads to a link-local or metadata address, which is never asked"},
		{"names a file", "file:///keys", outbound.Public, "its URL names no host"},
		{"redirects inside", "ISSUER/redirect", outbound.Public, inside},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := newIssuer(t, (*httptest.Server).StartTLS)
			i.publish("one")
			s := newTrusting(t, i)
			var at atomic.Uint32 // zero: public
			s.client.World.ZoneOf = func(a netip.Addr) outbound.Zone {
				if a == netip.MustParseAddr("127.0.0.1") { // as if the issuer were there
					return outbound.Zone(at.Load())
				}
				return outbound.ZoneOf(a)
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
	s.client.World.ZoneOf = func(netip.Addr) outbound.Zone { return outbound.Private }
	want(t, s.get1(Origin{Issuer: i.URL}, "one"), true, "", "one")
	want(t, s.get1(Origin{JWKSURL: i.URL + "/keys"}, "one"), true, "", "one")

	s = newTrusting(t, i)
	s.client.World.ZoneOf = func(netip.Addr) outbound.Zone { return outbound.Forbidden }
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
	s.client.World.Proxy = func(*http.Request) (*url.URL, error) { return through, nil }
	o := Origin{JWKSURL: "https://issuer.example/keys"}
	want(t, s.get1(o, ""), false, "the key set at "+o.JWKSURL+" could not be had: the proxy answered with status 502")

	i := newIssuer(t, (*httptest.Server).Start)
	i.json("/keys", jwks("one"))
	want(t, s.get1(Origin{JWKSURL: i.URL + "/keys"}, ""), true, "", "one")
}
