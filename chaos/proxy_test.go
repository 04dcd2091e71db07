package chaos

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
)

// network is the wire between the program and PostgreSQL, which can be made bad.
type network struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

// wire puts a bad network in front of the world's PostgreSQL: nodes started after it go through it, the test doesn't.
func (w *world) wire() *network {
	w.t.Helper()
	cfg, err := pgx.ParseConfig(w.pg.URL())
	if err != nil {
		w.t.Fatal(err)
	}
	bridge := socketBridge(w.t, fmt.Sprintf("%s/.s.PGSQL.%d", cfg.Host, cfg.Port))
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "postgres",
		"127.0.0.1:0", bridge)
	if err := p.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(p.Stop)
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: p.Listen,
		Path: "/" + cfg.Database, RawQuery: "sslmode=disable"}
	w.url = u.String()
	return &network{w.t, p}
}

// socketBridge is a TCP address that leads to a unix socket: PostgreSQL listens there, toxiproxy knows TCP alone.
func socketBridge(t *testing.T, path string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // nothing to lose
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", path)
			if err != nil {
				_ = near.Close() // as a server that is down
				continue
			}
			for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
				go func() {
					_, _ = io.Copy(pair[0], pair[1]) // until either end is gone
					_ = near.Close()
					_ = far.Close()
				}()
			}
		}
	}()
	return l.Addr().String()
}

// poison makes the wire bad in both directions; attributes are the toxic's own.
func (n *network) poison(kind, attributes string) {
	n.t.Helper()
	for _, way := range []string{"upstream", "downstream"} {
		if _, err := n.proxy.Toxics.AddToxicJson(strings.NewReader(
			fmt.Sprintf(`{"name": %q, "type": %q, "stream": %q, "attributes": %s}`, kind+way, kind, way,
				attributes))); err != nil {
			n.t.Fatal(err)
		}
	}
}

// heal makes the wire good again.
func (n *network) heal() { n.proxy.Toxics.ResetToxics(n.t.Context()) }

// cut takes the wire away: connections end, new ones are refused.
func (n *network) cut() { n.proxy.Stop() }

// mend puts it back at the same address.
func (n *network) mend() {
	n.t.Helper()
	if err := n.proxy.Start(); err != nil {
		n.t.Fatal(err)
	}
}
