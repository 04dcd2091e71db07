package orbit_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"code.dny.dev/ssrf"
	"orbit360.app/orbit"
)

func TestPublicAddr(t *testing.T) {
	t.Parallel()
	for s, public := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "172.15.255.255": true, "172.32.0.0": true, "100.63.255.255": true,
		"100.128.0.0": true, "223.255.255.255": true, "2606:4700::1111": true, "2a00:1450::1": true, "::ffff:8.8.8.8": true,
		"0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "100.64.0.1": false, "100.100.100.200": false,
		"127.0.0.1": false, "127.255.255.254": false, "169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.0.0.8": false, "192.0.2.1": false, "192.88.99.1": false, "192.168.1.1": false, "198.18.0.1": false,
		"198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::127.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false,
		"64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "100::1": false, "fe80::1": false, "fe80::1%eth0": false,
		"fec0::1": false, "fc00::1": false,
		"fd00:ec2::254": false, "ff02::1": false, "2001::1": false, "2001:db8::1": false, "2002:7f00:1::": false,
		"3fff::1": false, "5f00::1": false,
	} {
		if got := orbit.PublicAddr(netip.MustParseAddr(s)); got != public {
			t.Errorf("%s: %v", s, got)
		}
	}
	if orbit.PublicAddr(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func TestWebhookInput(t *testing.T) {
	t.Parallel()
	events := []orbit.EventKind{orbit.MerchantRunFailed, orbit.MerchantWasActivated}
	good, err := orbit.WebhookInput{URL: " https://example.com/hook?a=b ", Events: events}.Check(orbit.EventKinds(), false)
	if err != nil || good.URL != "https://example.com/hook?a=b" ||
		!slices.Equal(good.Events, []orbit.EventKind{orbit.MerchantWasActivated, orbit.MerchantRunFailed}) {
		t.Fatal(good, err)
	}
	for s, words := range map[string]string{
		"": "Enter the webhook", "http://example.com": "https://", "ftp://example.com": "https://",
		"https://example.com:25/": "port 443", "https://example.com:80/": "port 443", "https://example.com:1023/": "port 443",
		"javascript:alert(1)": "such as", "https://": "such as", "https://a:b@example.com": "password",
		"https://example.com/#x": "such as",
		"https://localhost/":     "private", "https://shop.localhost/": "private", "https://LOCALHOST./": "private",
		"https://db.internal/": "private", "https://127.0.0.1/": "private", "https://[::1]/": "private",
		"https://[::ffff:10.0.0.1]:8443/": "private",
		"https://169.254.169.254/latest":  "private", "https://0x7f.1/": "such as", "https://127.1/": "such as",
		"https://2130706433/": "such as", "https://0177.0.0.1/": "such as", "https://intranet/": "such as",
		"https://exa mple.com/":  "such as",
		"https://example.com:0/": "port 443", "https://example.com:99999/": "port 443",
		"https://example.com\\@evil.com/": "such as", "https://example.com/\r\nX: y": "such as",
		"https://example.com/" + strings.Repeat("a", 500): "such as",
	} {
		_, err := orbit.WebhookInput{URL: s, Events: events}.Check(orbit.EventKinds(), false)
		if f := orbit.FaultsOf(err); len(f) != 1 || f[0].Field != "url" || !strings.Contains(f[0].Message, words) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for name, bad := range map[string][]orbit.EventKind{"none": nil, "unknown": {"merchant.exploded"},
		"a ping": {orbit.Ping}, "one unknown": {orbit.MerchantRunFailed, "x"}} {
		_, err := orbit.WebhookInput{URL: "https://example.com", Events: bad}.Check(orbit.EventKinds(), false)
		if !slices.Equal(fields(err), []string{"events"}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	local := orbit.WebhookInput{URL: "http://127.0.0.1:1/", Events: events}
	if _, err := local.Check(orbit.EventKinds(), true); err != nil {
		t.Error("a test's receiver:", err)
	}
}

// TestPublicAddrKnowsTheRegistries holds the list to one that is generated from the IANA's registries.
func TestPublicAddrKnowsTheRegistries(t *testing.T) {
	t.Parallel()
	for _, p := range slices.Concat(ssrf.IPv4DeniedPrefixes, ssrf.IPv6DeniedPrefixes,
		[]netip.Prefix{ssrf.IPv6NAT64Prefix}) {
		last := p.Addr()
		for next := last; p.Contains(next) && next.IsValid(); next = next.Next() {
			if last = next; p.Bits() < p.Addr().BitLen()-8 {
				break
			}
		}
		for _, a := range []netip.Addr{p.Addr(), last} {
			if orbit.PublicAddr(a) {
				t.Errorf("%s of %s is public", a, p)
			}
		}
	}
}
