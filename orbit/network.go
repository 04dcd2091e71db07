package orbit

import "net/netip"

// Network is where a request came from, as everything that counts by origin counts it. An IPv6 subscriber holds at
// least a /64 (RFC 7421), 2^64 addresses to come from, and often the whole /48 above it (RFC 6177): counting single
// addresses counts nothing.
type Network struct {
	Address string // as it was given
	Near    string // one subscriber: an IPv4 address, or the /64 of an IPv6 address
	Wide    string // the /48 around it, which is allowed more; "" for IPv4
}

// translated is the prefix under which IPv6-only servers see IPv4 clients (RFC 6052): all of IPv4 is one /64 there.
var translated = netip.MustParsePrefix("64:ff9b::/96")

// NetworkOf gives the network of an IP address. What isn't an address is a network of its own, by its text.
func NetworkOf(address string) Network {
	n := Network{Address: address, Near: address}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return n
	}
	a = a.Unmap().WithZone("")
	if translated.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if a.Is4() {
		n.Near = a.String()
		return n
	}
	n.Near = netip.PrefixFrom(a, 64).Masked().String()
	n.Wide = netip.PrefixFrom(a, 48).Masked().String()
	return n
}
