package orbit

import (
	"net/netip"
	"net/url"
	"strings"
)

// LoopbackURL checks the address of a stand-in for a payment provider: http or https, to this machine by its IP
// address or as localhost. Money and keys go to providers alone, so no configuration can send them elsewhere. It
// returns the address without a slash at its end; none at all is "".
func LoopbackURL(address string) (string, error) {
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || u.RawQuery != "" ||
		u.Fragment != "" || !loopback(u.Hostname()) {
		return "", Errorf(Invalid, "Enter an address of this machine such as http://127.0.0.1:12111, or none.")
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
