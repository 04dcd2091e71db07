package orbit

import (
	"net/netip"
	"slices"
)

// special is what the IANA special-purpose address registries (RFC 6890 and later) set apart from the internet within
// the space that PublicAddr takes at all. A test holds it to code.dny.dev/ssrf, which is generated from them; the
// library itself dials, and nothing goes in or out here.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),         // this network
	netip.MustParsePrefix("10.0.0.0/8"),        // private
	netip.MustParsePrefix("100.64.0.0/10"),     // carriers' NAT; some clouds' metadata
	netip.MustParsePrefix("127.0.0.0/8"),       // loopback
	netip.MustParsePrefix("169.254.0.0/16"),    // link-local; most clouds' metadata
	netip.MustParsePrefix("172.16.0.0/12"),     // private
	netip.MustParsePrefix("192.0.0.0/24"),      // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),      // documentation
	netip.MustParsePrefix("192.31.196.0/24"),   // AS112, which answers for private addresses' names
	netip.MustParsePrefix("192.52.193.0/24"),   // multicast tunnels (AMT)
	netip.MustParsePrefix("192.88.99.0/24"),    // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),    // private
	netip.MustParsePrefix("192.175.48.0/24"),   // AS112
	netip.MustParsePrefix("198.18.0.0/15"),     // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"),   // documentation
	netip.MustParsePrefix("203.0.113.0/24"),    // documentation
	netip.MustParsePrefix("224.0.0.0/3"),       // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),         // Teredo and other protocol assignments
	netip.MustParsePrefix("2001:db8::/32"),     // documentation
	netip.MustParsePrefix("2002::/16"),         // 6to4: carries any IPv4 address
	netip.MustParsePrefix("2620:4f:8000::/48"), // AS112
	netip.MustParsePrefix("3fff::/20"),         // documentation
}

// globalUnicast is the only part of IPv6 that belongs to the internet. Outside of it are loopback,
// link-local, unique local, and the prefixes of NAT64 (64:ff9b::/96) behind which an IPv4 address hides.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// PublicAddr reports whether an address is one of the public internet: nothing of this machine, its
// networks, a cloud's metadata service, or a prefix that could lead there.
func PublicAddr(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is6() && !globalUnicast.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}
