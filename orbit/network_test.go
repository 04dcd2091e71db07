package orbit_test

import (
	"testing"

	"orbit360.app/orbit"
)

func TestNetworkOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]string{
		"203.0.113.9":               {"203.0.113.9", ""},
		"::ffff:203.0.113.9":        {"203.0.113.9", ""},
		"64:ff9b::203.0.113.9":      {"203.0.113.9", ""},
		"2001:db8:1:2:3:4:5:6":      {"2001:db8:1:2::/64", "2001:db8:1::/48"},
		"2001:db8:1:2::":            {"2001:db8:1:2::/64", "2001:db8:1::/48"},
		"2001:DB8:1:2:ffff:ffff::1": {"2001:db8:1:2::/64", "2001:db8:1::/48"},
		"2001:db8:1:3::1":           {"2001:db8:1:3::/64", "2001:db8:1::/48"},
		"fe80::1%eth0":              {"fe80::/64", "fe80::/48"},
		"::1":                       {"::/64", "::/48"},
		"unknown":                   {"unknown", ""},
		"":                          {"", ""},
	} {
		if got := orbit.NetworkOf(address); got.Near != want[0] || got.Wide != want[1] || got.Address != address {
			t.Errorf("%s: %+v", address, got)
		}
	}
}
