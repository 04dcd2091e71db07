package chaos

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

// startOn starts a process on a socket that the test holds, as a supervisor would (sd_listen_fds(3)).
func (n *node) startOn(socket *os.File, binary string) {
	n.w.t.Helper()
	cmd := n.Command("/bin/sh", n.variables()...)
	cmd.Args = []string{"sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0"`, binary}
	cmd.ExtraFiles = []*os.File{socket}
	if err := n.Run(cmd); err != nil {
		n.w.t.Fatal(err)
	}
}

// customer is a client that never tries again: each request of it is answered or lost. It keeps its connection for as
// long as the server doesn't say that it ends.
type customer struct {
	addr string
	conn net.Conn
	r    *bufio.Reader
}

func (c *customer) send(method, host, path, cookie, body string) (status int, err error) {
	if c.conn == nil {
		if c.conn, err = net.Dial("tcp", c.addr); err != nil {
			return 0, err
		}
		c.r = bufio.NewReader(c.conn)
	}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if err := c.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return 0, err
	}
	if _, err := fmt.Fprintf(c.conn,
		"%s %s HTTP/1.1\r\nHost: %s:3000\r\nOrigin: http://%s:3000\r\nSec-Fetch-Site: same-origin\r\nCookie: %s\r\n"+
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		method, path, host, host, cookie, len(body), body); err != nil {
		return 0, err
	}
	res, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	if res.Close {
		c.close()
	}
	if to := res.Header.Get("Location"); method == http.MethodGet && to != "" {
		return res.StatusCode, fmt.Errorf("sent on to %s", to)
	}
	return res.StatusCode, nil
}

func (c *customer) close() {
	_ = c.conn.Close() // it has been read to its end, or is broken
	c.conn = nil
}

// traffic is what customers do while the program is replaced under them.
type traffic struct {
	sent, lost atomic.Int64
	mu         sync.Mutex
	worst      time.Duration
	faults     []string
}

func (tr *traffic) one(c *customer, want int, method, host, path, cookie, body string) {
	asked := time.Now()
	status, err := c.send(method, host, path, cookie, body)
	tr.sent.Add(1)
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.worst = max(tr.worst, time.Since(asked))
	if err != nil || status != want {
		tr.lost.Add(1)
		tr.faults = append(tr.faults, fmt.Sprintf("%s %s%s: %d instead of %d, %v", method, host, path, status, want, err))
	}
}

// TestDeploy replaces the program by a new binary again and again under load. In turns the new process starts before
// the old one gets SIGTERM, and after it has ended: requests then wait at the socket. The supervisor holds the socket,
// here the test. No customer retries, and none may have to.
func TestDeploy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing waits for it now
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close() //nolint:errcheck // the same
	first, err := programtest.Build()
	if err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(w.dir, "orbit360-new")
	if out, err := exec.Command("cp", first, second).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	old := w.node()
	_, old.Port, _ = net.SplitHostPort(l.Addr().String())
	old.startOn(socket, first)
	old.signIn()
	shop := w.applicants(1)
	<-w.order(shop, 0)
	w.settleAll(1)
	old.http.CloseIdleConnections()

	var tr traffic
	var wait sync.WaitGroup
	stop := make(chan struct{})
	customers := func(n int, act func(*customer)) {
		for range n {
			wait.Go(func() {
				c := &customer{addr: l.Addr().String()}
				for {
					select {
					case <-stop:
						return
					default:
						act(c)
					}
				}
			})
		}
	}
	host := "shop-" + shop[0].String()[24:] + "." + base
	customers(3, func(c *customer) { tr.one(c, 200, "GET", host, "/", "", "") })
	customers(2, func(c *customer) { tr.one(c, 200, "GET", base, "/", "", "") })
	customers(1, func(c *customer) { tr.one(c, 200, "GET", "admin."+base, "/merchants", w.cookie(), "") })
	rounds := either(4, 30)
	ids := w.applicants(rounds * 10)
	next := make(chan orbit.MerchantID)
	for range 2 {
		wait.Go(func() {
			c := &customer{addr: l.Addr().String()}
			for id := range next {
				subdomain := "shop-" + id.String()[24:]
				tr.one(c, 303, "POST", "admin."+base, "/merchants/"+id.String()+"/activation", w.cookie(),
					url.Values{"theme": {"upfront-minimal"}, "plan": {"starter"}, "subdomain": {subdomain},
						"confirmSubdomain": {subdomain}, "category": {"books"}}.Encode())
				w.mu.Lock()
				w.accepted[id] = subdomain
				w.mu.Unlock()
			}
		})
	}
	wait.Go(func() {
		defer close(next)
		for _, id := range ids {
			next <- id
			time.Sleep(30 * time.Millisecond)
		}
	})
	for i := range rounds {
		fresh := w.node()
		fresh.Port = old.Port
		path := []string{second, first}[i%2]
		if i%2 == 0 {
			fresh.startOn(socket, path)
			time.Sleep(w.upTo(200 * time.Millisecond)) // both take connections
		}
		if err := old.Stop(); err != nil {
			t.Errorf("SIGTERM: %v\n%s", err, old.Out.Tail())
		}
		if i%2 == 1 {
			fresh.startOn(socket, path)
		}
		old = fresh
		time.Sleep(w.upTo(300 * time.Millisecond))
	}
	close(stop)
	wait.Wait()
	w.nodes = []*node{old}
	w.check(len(ids) + 1)
	t.Logf("%d deploys under %d requests: %d lost; the longest request took %v", rounds, tr.sent.Load(), tr.lost.Load(),
		tr.worst.Round(time.Millisecond))
	if tr.lost.Load() > 0 {
		t.Errorf("%d of %d requests were lost:\n%s", tr.lost.Load(), tr.sent.Load(),
			strings.Join(tr.faults[:min(10, len(tr.faults))], "\n"))
	}
}
