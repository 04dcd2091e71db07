package dashboard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"orbit360.app/handlers/wire"
	"orbit360.app/orbit"
)

const origin = "https://dashboard.orbit360.app"

// listen has the shop open, and returns the address of a shop's live updates.
func (w *world) listen() func(m orbit.MerchantID, page string) string {
	w.Helper()
	w.ready(w.ada, w.moss)
	w.post(w.ada, w.home(w.moss)+"/live", nil)
	host := w.host()
	return func(m orbit.MerchantID, page string) string {
		return "ws://" + host + w.home(m) + "/live?page=" + page
	}
}

// host serves the dashboard on a port of its own, the same one each time.
func (w *world) host() string {
	w.Helper()
	if w.served != "" {
		return w.served
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	w.app.Server().KeepHijackedConns = true                      // as the router
	go func() { _ = w.app.Listener(wire.Steady{Listener: l}) }() // ends with Shutdown
	w.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		w.kit.CloseStreams(ctx)
		if err := w.app.ShutdownWithContext(ctx); err != nil {
			w.Error(err)
		}
	})
	w.served = l.Addr().String()
	return w.served
}

// tab is one open page.
type tab struct {
	*testing.T
	*websocket.Conn
	got chan string
	end chan error // how it ended
}

func dial(cookie, from, url string) (*websocket.Conn, int) {
	head := http.Header{}
	if cookie != "" {
		head.Set("Cookie", cookie)
	}
	if from != "" {
		head.Set("Origin", from)
	}
	conn, res, err := websocket.DefaultDialer.Dial(url, head)
	if err != nil {
		conn = nil
	}
	if res == nil {
		return conn, 0
	}
	return conn, res.StatusCode
}

func (w *world) open(cookie, url string) *tab {
	w.Helper()
	conn, status := dial(cookie, origin, url)
	if conn == nil {
		w.Fatalf("%s: %d", url, status)
	}
	t := &tab{w.T, conn, make(chan string, 1000), make(chan error, 1)}
	go func() {
		for {
			_, data, err := conn.ReadMessage()
			if err != nil {
				t.end <- err
				return
			}
			t.got <- string(data)
		}
	}()
	w.Cleanup(func() { conn.Close() }) //nolint:errcheck // a test's connection
	return t
}

// sees waits for a message with a text.
func (t *tab) sees(text string) {
	t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case m := <-t.got:
			if strings.Contains(m, text) {
				return
			}
		case err := <-t.end:
			t.Fatalf("closed before %q: %v", text, err)
		case <-deadline:
			t.Fatalf("no %q came", text)
		}
	}
}

// quiet drops what has come until nothing more does, and returns it.
func (t *tab) quiet() (all string) {
	for {
		select {
		case m := <-t.got:
			all += m
		case <-time.After(300 * time.Millisecond):
			return all
		}
	}
}

// ends waits for the socket to be closed with a code.
func (t *tab) ends(code int, within time.Duration) {
	t.Helper()
	select {
	case err := <-t.end:
		if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != code {
			t.Errorf("ended with %v, not %d", err, code)
		}
	case <-time.After(within):
		t.Errorf("isn't closed after %s", within)
	}
}

// TestWhoMayListen: a socket is for a page of the dashboard's own origin, for a member who may see the page, and no
// session has more than a few.
func TestWhoMayListen(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.listen()
	for _, c := range []struct {
		cookie, origin, page string
		want                 int
	}{
		{w.ada, origin, "", 101},
		{w.ada, "", "", 403},
		{w.ada, "https://evil.example", "", 403},
		{w.ada, "https://moss-and-stone.orbit360.app", "", 403},
		{w.ada, "http://dashboard.orbit360.app", "", 403},
		{w.ada, "null", "", 403},
		{w.ada, origin + ".evil.example", "", 403},
		{"", origin, "", 401},
		{w.bob, origin, "", 404},
		{w.ada, origin, "/orders", 101},
		{w.ada, origin, "/orders/" + orbit.NewID[orbit.Order]().String(), 101},
		{w.ada, origin, "/orders/x", 404},
		{w.ada, origin, "/elsewhere", 404},
		{w.ada, origin, "%25zz", 404},
	} {
		conn, got := dial(c.cookie, c.origin, at(w.moss, c.page))
		if conn != nil {
			conn.Close() //nolint:errcheck // a test's connection
		}
		if got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts)
	for page, want := range map[string]int{"/orders": 403, "/products": 101, "": 101} {
		if conn, got := dial(w.bob, origin, at(w.moss, page)); got != want {
			t.Errorf("staff with products at %q: %d", page, got)
		} else if conn != nil {
			conn.Close() //nolint:errcheck // a test's connection
		}
	}
	if res, _ := w.get(w.ada, w.home(w.moss)+"/live"); res.StatusCode != 426 {
		t.Errorf("without an upgrade: %d", res.StatusCode)
	}
	statuses := ""
	for range 7 {
		conn, status := dial(w.bob, origin, at(w.nord, ""))
		if conn != nil {
			defer conn.Close() //nolint:errcheck // a test's connection
		}
		statuses += " " + http.StatusText(status)
	}
	if strings.Count(statuses, "Switching Protocols") != 5 || strings.Count(statuses, "Too Many Requests") != 2 {
		t.Errorf("seven of one session:%s", statuses)
	}
}

// TestLivePages: what happens in a shop is on the pages that show it, for those who may see it, and on no other shop's.
func TestLivePages(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.listen()
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts)
	list, any := w.open(w.ada, at(w.moss, "/orders")), w.open(w.ada, at(w.moss, ""))
	stock, theirs := w.open(w.bob, at(w.moss, "/products")), w.open(w.bob, at(w.nord, "/orders"))
	for _, tab := range []*tab{list, stock, theirs} {
		tab.sees("<hx-partial")
		tab.quiet()
	}
	o := w.buy(w.moss)
	list.sees(o.ID.String())
	list.sees(`{"orders":1}`)
	any.sees(`{"orders":1}`)
	stock.sees(`hx-target="#products-now"`)
	if got := stock.quiet(); strings.Contains(got, "orders") {
		t.Errorf("staff without orders got %s", got)
	}
	if got := theirs.quiet(); got != "" {
		t.Errorf("another shop's page got %s", got)
	}
	one := w.open(w.ada, at(w.moss, "/orders/"+o.ID.String()))
	one.sees("Mark as paid")
	w.post(w.ada, w.home(w.moss)+"/orders/"+o.ID.String()+"/payment", nil)
	for m := range one.got {
		if !strings.Contains(m, "Mark as paid") {
			break
		}
	}
	if res, _ := w.get(w.ada, w.home(w.moss)+"/orders"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	foreign := w.open(w.bob, at(w.nord, "/orders/"+o.ID.String()))
	if got := foreign.quiet(); got != "" {
		t.Errorf("another shop's order: %s", got)
	}
}

// TestLiveHome: an order that is placed is on Home at once, and all that it changes there, as far as each may see it.
func TestLiveHome(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.listen()
	w.exec(`UPDATE variants SET stock = 4`)
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts)
	owner, staff := w.open(w.ada, at(w.moss, "/home")), w.open(w.bob, at(w.moss, "/home"))
	owner.sees("Your sales will appear here")
	staff.sees("4 left")
	owner.quiet()
	staff.quiet()
	first := w.buy(w.moss)
	for tab, wants := range map[*tab][]string{
		owner: {`hx-target="#home"`, first.ID.String(), "Top products", "2 left", "1 of 5,000"},
		staff: {`hx-target="#home"`, "2 left"},
	} {
		select {
		case page := <-tab.got:
			for _, want := range wants {
				if !strings.Contains(page, want) {
					t.Errorf("no %s", want)
				}
			}
			if tab == staff && strings.Contains(page, first.ID.String()) {
				t.Error("staff without orders got one")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing came")
		}
	}
	if got := staff.quiet(); strings.Contains(got, "orders") {
		t.Errorf("staff without orders got %s", got)
	}
	// A page, and its menu, is of what its member may do.
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts, orbit.PermissionOrders)
	staff.ends(websocket.ClosePolicyViolation, time.Second)
	staff = w.open(w.bob, at(w.moss, "/home"))
	staff.sees(first.ID.String())
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts)
	staff.ends(websocket.ClosePolicyViolation, time.Second)
	second := w.buy(w.moss)
	owner.sees(second.ID.String())
}

// TestSupportListens: an admin on a visit sees what happens in the shop, until the visit is over.
func TestSupportListens(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.listen()
	w.visited("bob@example.com")
	home, orders := w.open(w.bob, at(w.moss, "/home")), w.open(w.bob, at(w.moss, "/orders"))
	home.sees("<hx-partial")
	orders.sees("<hx-partial")
	if conn, got := dial(w.bob, origin, at(w.nord, "/orders")); conn != nil || got != 404 {
		t.Errorf("in the admin's own shop: %d", got)
	}
	o := w.buy(w.moss)
	home.sees(o.ID.String())
	orders.sees(o.ID.String())
	w.exec(`UPDATE support_visits SET expires_at = now()`)
	home.ends(websocket.ClosePolicyViolation, 5*time.Second)
	orders.ends(websocket.ClosePolicyViolation, 5*time.Second)
	if conn, got := dial(w.bob, origin, at(w.moss, "/orders")); conn != nil || got == 101 {
		t.Errorf("after the visit: %d", got)
	}
}

// TestSocketsEnd: with the session, the membership, the right and the shop; with what is too long; with the process.
func TestSocketsEnd(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.listen()
	long := w.open(w.ada, at(w.moss, ""))
	// The client may meet the end while it still writes.
	_ = long.WriteMessage(websocket.TextMessage, bytes.Repeat([]byte("x"), 1<<20))
	long.ends(websocket.CloseMessageTooBig, 5*time.Second)

	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts, orbit.PermissionOrders)
	orders, products := w.open(w.bob, at(w.moss, "/orders")), w.open(w.bob, at(w.moss, "/products"))
	orders.sees("<hx-partial")
	products.sees("<hx-partial")
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts)
	for _, tab := range []*tab{orders, products} { // one page is theirs still, and its menu isn't
		tab.ends(websocket.ClosePolicyViolation, time.Second)
	}
	products = w.open(w.bob, at(w.moss, "/products"))
	products.sees("<hx-partial")
	w.exec(`UPDATE users SET two_step_at = now(), two_step_secret = '\x00' WHERE email = 'ada@example.com'`)
	w.post(w.ada, w.home(w.moss)+"/settings/staff/two-step", url.Values{"required": {"on"}})
	products.ends(websocket.ClosePolicyViolation, time.Second)
	w.post(w.ada, w.home(w.moss)+"/settings/staff/two-step", url.Values{"required": {""}})
	products = w.open(w.bob, at(w.moss, "/products"))
	products.sees("<hx-partial")
	if _, err := w.db.Pool().Exec(t.Context(), `DELETE FROM memberships WHERE role = 'staff'`); err != nil {
		t.Fatal(err)
	}
	products.ends(websocket.ClosePolicyViolation, time.Second)

	here, gone := w.open(w.ada, at(w.moss, "/orders")), w.open(w.bob, at(w.nord, "/orders"))
	w.post(w.bob, "/sign-out", nil)
	gone.ends(websocket.ClosePolicyViolation, 5*time.Second)
	if err := w.db.Suspend(t.Context(), w.moss, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	here.ends(websocket.ClosePolicyViolation, 5*time.Second)
	if err := w.db.Resume(t.Context(), w.moss, orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	last := w.open(w.ada, at(w.moss, "/orders"))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	w.kit.CloseStreams(ctx)
	last.ends(websocket.CloseServiceRestart, time.Second)
	if n := w.kit.Sockets(); n != 0 {
		t.Errorf("%d sockets are open", n)
	}
	if _, status := dial(w.ada, origin, at(w.moss, "")); status == 101 {
		t.Error("a process that leaves takes a socket")
	}
}

// TestHandshake: what isn't a handshake is refused with a reason, and who speaks before the answer isn't listened to.
func TestHandshake(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.listen()
	rest, _ := strings.CutPrefix(at(w.moss, ""), "ws://")
	host, path, _ := strings.Cut(rest, "/")
	for _, c := range []struct{ key, early, want string }{
		{"dGhlIHNhbXBsZSBub25jZQ==", "", "HTTP/1.1 101 "},
		{"dGhlIHNhbXBsZSBub25jZQ==", "\x89\x80\x00\x00\x00\x00", "HTTP/1.1 101 "},
		{"short", "", "HTTP/1.1 422 "},
	} {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // a test's connection
		fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: dashboard.orbit360.app\r\nOrigin: %s\r\nCookie: %s\r\n"+
			"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: %s\r\n\r\n%s", path, origin, w.ada, c.key, c.early)
		wait := 10 * time.Second
		if c.early == "" {
			wait = 300 * time.Millisecond // it stays open
		}
		_ = conn.SetReadDeadline(time.Now().Add(wait))
		got, err := io.ReadAll(conn)
		if closed := err == nil; !strings.HasPrefix(string(got), c.want) || closed != (c.early != "") {
			t.Errorf("%+v: closed: %t %q", c, closed, got)
		}
	}
}
