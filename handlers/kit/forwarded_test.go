package kit_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/kit"
)

// TestClient: whatever the client writes itself, in a line of its own too, is never its address.
func TestClient(t *testing.T) {
	t.Parallel()
	k := &kit.Kit{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"),
		netip.MustParsePrefix("127.0.0.1/32")}}
	for name, c := range map[string]struct {
		peer  string
		lines []string
		want  string
	}{
		"nobody in front":                {"198.51.100.7", nil, "198.51.100.7"},
		"not a proxy of ours":            {"198.51.100.7", []string{"203.0.113.5"}, "198.51.100.7"},
		"one proxy":                      {"10.0.0.1", []string{"203.0.113.5"}, "203.0.113.5"},
		"the client's line, the proxy's": {"10.0.0.1", []string{"1.1.1.1", "203.0.113.5"}, "203.0.113.5"},
		"three lines": {"10.0.0.1", []string{"1.1.1.1", "2.2.2.2, 3.3.3.3", "203.0.113.5"},
			"203.0.113.5"},
		"two proxies, a line each":           {"10.0.0.1", []string{"1.1.1.1", "203.0.113.5", "10.0.0.2"}, "203.0.113.5"},
		"two proxies, one line":              {"10.0.0.1", []string{"1.1.1.1, 203.0.113.5, 10.0.0.2"}, "203.0.113.5"},
		"an address of ours, forged":         {"10.0.0.1", []string{"10.9.9.9", "203.0.113.5"}, "203.0.113.5"},
		"a proxy that says nothing":          {"10.0.0.1", nil, "10.0.0.1"},
		"all trusted":                        {"10.0.0.1", []string{"10.0.0.3", "10.0.0.2"}, "10.0.0.3"},
		"junk is no address":                 {"10.0.0.1", []string{"1.1.1.1", "unknown"}, "10.0.0.1"},
		"junk before the client":             {"10.0.0.1", []string{"<script>", "203.0.113.5"}, "203.0.113.5"},
		"empty elements":                     {"10.0.0.1", []string{"203.0.113.5, ,", "", " , 10.0.0.2,"}, "203.0.113.5"},
		"with a port":                        {"10.0.0.1", []string{"203.0.113.5:4711"}, "203.0.113.5"},
		"IPv6 with a port":                   {"10.0.0.1", []string{"[2001:db8::5]:4711"}, "2001:db8::5"},
		"IPv6 in brackets":                   {"fd00::1", []string{"[2001:db8::5]"}, "2001:db8::5"},
		"IPv4 in IPv6":                       {"10.0.0.1", []string{"::ffff:203.0.113.5"}, "203.0.113.5"},
		"a proxy as IPv4 in IPv6":            {"::ffff:10.0.0.1", []string{"203.0.113.5", "::ffff:10.0.0.2"}, "203.0.113.5"},
		"a zone makes no other client of it": {"10.0.0.1", []string{"fe80::1%eth0"}, "fe80::1"},
	} {
		var ctx fasthttp.RequestCtx
		var req fasthttp.Request
		for _, line := range c.lines {
			req.Header.Add("X-Forwarded-For", line)
		}
		ctx.Init(&req, &net.TCPAddr{IP: net.ParseIP(c.peer)}, nil)
		if got := k.Client(&ctx); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
