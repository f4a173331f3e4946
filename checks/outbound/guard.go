package outbound

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"

	"jwt-check-bot/redact"
)

// Zone is how far inside an address lies, seen from the internet.
type Zone uint8

const (
	Public Zone = iota
	Private
	Loopback
	Forbidden // link-local and metadata addresses, and what no server has: never dialled
)

var (
	forbiddenPrefixes = prefixes("0.0.0.0/8 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4 ::/128 fe80::/10 ff00::/8" +
		// Cloud metadata services that live outside the link-local range.
		" 100.100.100.200/32 168.63.129.16/32 192.0.0.192/32 fd00:ec2::254/128 fd20:ce::254/128")
	privatePrefixes = prefixes("10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16" +
		" 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24" +
		" 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 fc00::/7 fec0::/10")
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4 = netip.MustParsePrefix("2002::/16")
)

func prefixes(list string) []netip.Prefix {
	var all []netip.Prefix
	for _, p := range strings.Fields(list) {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}

// ZoneOf places an address. An IPv4 address inside an IPv6 one counts as itself.
func ZoneOf(a netip.Addr) Zone {
	a = a.Unmap().WithZone("")
	if b := a.As16(); nat64.Contains(a) {
		a = netip.AddrFrom4([4]byte(b[12:16]))
	} else if sixTo4.Contains(a) {
		a = netip.AddrFrom4([4]byte(b[2:6]))
	}
	within := func(list []netip.Prefix) bool {
		for _, p := range list {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	switch {
	case !a.IsValid(), within(forbiddenPrefixes):
		return Forbidden
	case a.IsLoopback():
		return Loopback
	case within(privatePrefixes):
		return Private
	}
	return Public
}

// guard decides which addresses one exchange may dial. It sees the address after the name was
// looked up, so that names that point inside, and names that change, are covered.
//
// A host that the operator configured may lie anywhere but in the forbidden zone. Where it lies is
// the limit for all that it leads to: its redirects, and the key set that its metadata names.
type guard struct {
	zoneOf func(netip.Addr) Zone
	plain  bool // plain http: loopback only

	mu      sync.Mutex
	limit   Zone
	settled bool // false until the configured host's own zone is known
	proxied bool // the hop under way goes through the operator's proxy, which looks the name up
}

var (
	errForbidden = Refuse("address-refused", redact.Msg("it leads to a link-local or metadata address, which is never asked"))
	errInside    = Refuse("address-refused", redact.Msg("it leads to a loopback or private address, and the issuer does not lie there"))
	errPlain     = Refuse("address-refused", redact.Msg("plain http is for loopback addresses only"))
)

// control is a net.Dialer's Control.
func (g *guard) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return errForbidden
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.judge(g.zoneOf(to.Addr())); f != nil {
		return f
	}
	return nil
}

func (g *guard) judge(z Zone) *Fault {
	switch {
	case z == Forbidden:
		return errForbidden
	case g.proxied:
		return nil // the proxy's own address
	case g.settled && z > g.limit:
		return errInside
	case g.plain && z != Loopback:
		return errPlain
	}
	return nil
}

// literal judges a host that is an address already: behind a proxy nobody else would.
func (g *guard) literal(host string) *Fault {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch z := g.zoneOf(a); {
	case z == Forbidden:
		return errForbidden
	case g.settled && z > g.limit:
		return errInside
	}
	return nil
}

// dial is an http.Transport's DialContext.
func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Control: g.control}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.settled {
		g.settled = true
		if to, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil && !g.proxied {
			g.limit = g.zoneOf(to.Addr())
		}
	}
	return conn, nil
}

// through notes whether the next hop goes through a proxy.
func (g *guard) through(proxy bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.proxied = proxy
}

// reach is the limit for what this exchange leads to.
func (g *guard) reach() Zone {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limit
}

// isLoopback reports whether a URL's host says of itself that it is this machine.
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
