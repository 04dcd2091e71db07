package handlers_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/valyala/fasthttp/fasthttputil"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/themes/modern"
)

// Nothing that a shop shows to everybody tells the merchant's id, by which admins and programs name it.
func TestPublicPagesDontTellTheMerchantsID(t *testing.T) {
	t.Parallel()
	w := begin(t)
	id := w.moss.String()
	forms := []string{id, strings.ReplaceAll(id, "-", ""), strings.ToUpper(id)}
	for _, path := range []string{"/", "/collections/all", "/products/stoneware-mug", "/search?q=mug", "/cart",
		"/checkout", "/pages/about", "/feed.xml", "/sitemap.xml", "/robots.txt", "/nothing", "/orders/x"} {
		for range 2 { // drawn, and kept
			a := w.a.get(mossHost, path)
			said := a.body
			for name, values := range a.header {
				said += "\n" + name + ": " + strings.Join(values, ", ")
			}
			for _, form := range forms {
				if strings.Contains(said, form) {
					t.Errorf("%s tells %s", path, form)
				}
			}
		}
	}
	feed := w.a.get(mossHost, "/feed.xml").body
	if name := (orbit.Merchant{ID: w.moss}).PublicName(); !strings.Contains(feed, "urn:uuid:"+name) ||
		name == (orbit.Merchant{ID: w.nord}).PublicName() {
		t.Errorf("%.500s", feed)
	}
}

func TestKept(t *testing.T) {
	t.Parallel()
	w := begin(t)
	tag := "shop-" + (orbit.Merchant{ID: w.moss}).PublicName()
	for _, path := range []string{"/", "/collections/all", "/products/stoneware-mug", "/pages/about", "/robots.txt"} {
		first, second := w.a.get(mossHost, path), w.a.get(mossHost, path)
		if first.status != 200 || first.body == "" || first.body != second.body ||
			first.header.Get("ETag") != second.header.Get("ETag") {
			t.Errorf("%s: %d, %d bytes; again %d, %d bytes", path, first.status, len(first.body), second.status,
				len(second.body))
		}
		if !w.a.hit(mossHost, path) {
			t.Errorf("%s isn't kept", path)
		}
		for name, want := range map[string]string{"Cache-Control": "public, max-age=0, must-revalidate, s-maxage=60",
			"Vary": "Accept-Encoding", "Surrogate-Key": tag, "Cache-Tag": tag,
			"X-Content-Type-Options": "nosniff", "Set-Cookie": "", "X-Request-Id": "", "Content-Encoding": ""} {
			if got := second.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if !strings.Contains(second.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no policy", path)
		}
		// The same path of the other shop is the other shop's.
		other := w.a.get(nordHost, path)
		if path != "/robots.txt" && (other.header.Get("ETag") == second.header.Get("ETag") ||
			strings.Contains(other.body, "Moss &amp; Stone") || !strings.Contains(other.body, "Nord")) {
			t.Errorf("%s: the shops are mixed up", path)
		}
		// Both processes make the same bytes.
		if there := w.b.get(mossHost, path); there.body != second.body ||
			there.header.Get("ETag") != second.header.Get("ETag") {
			t.Errorf("%s: two processes differ", path)
		}
	}
	// Forms of one address share one page; the stylesheet is kept as what it is.
	pages := w.a.Kept().Pages
	for _, same := range []string{"/?utm_source=x", "/?gclid=1&utm_medium=y", "/?unknown=1",
		"/collections/all?made=up&q=x"} {
		if !w.a.hit(mossHost, same) {
			t.Errorf("%s is drawn anew", same)
		}
	}
	if now := w.a.Kept().Pages; now != pages {
		t.Errorf("%d pages became %d", pages, now)
	}
	_, after, _ := strings.Cut(w.a.get(mossHost, "/").body, `href="/theme.`)
	sheet, _, _ := strings.Cut(after, `"`)
	sheet = "/theme." + sheet
	w.a.get(mossHost, sheet)
	if css := w.a.get(mossHost, sheet); !w.a.hit(mossHost, sheet) ||
		!strings.Contains(css.header.Get("Cache-Control"), "immutable") ||
		!strings.HasPrefix(css.header.Get("Content-Type"), "text/css") {
		t.Errorf("%s: %v", sheet, css.header)
	}
	// Never kept: what isn't there, what isn't the same for everybody, what isn't asked for by GET or HEAD.
	for _, target := range []string{"/products/nothing", "/cart", "/?preview=x", "/?unknown=1&preview", "/search",
		"/search?q=mug", "/theme.0123456789abcdef.css", "/products/stoneware-mug/", "/healthz"} {
		w.a.get(mossHost, target)
		if w.a.hit(mossHost, target) {
			t.Errorf("%s is kept", target)
		}
		if a := w.a.get(mossHost, target); strings.Contains(a.header.Get("Cache-Control"), "s-maxage") {
			t.Errorf("%s: %v", target, a.header)
		}
	}
	if a := w.a.do("POST", mossHost, "/"); a.status < 400 {
		t.Errorf("POST: %d", a.status)
	}
	// Whatever the host is written like, it is the same shop or none.
	for host, want := range map[string]int{"MOSS.localhost": 200, "moss.localhost.": 200, "moss.localhost:99999": 400,
		"x.moss.localhost": 404, "a@moss.localhost": 400, "moss": 404, "nobody.localhost": 404} {
		for range 2 {
			if a := w.a.get(host, "/"); a.status != want || (want != 200 && strings.Contains(a.body, "Moss")) {
				t.Errorf("%s: %d, want %d", host, a.status, want)
			}
		}
	}
}

func TestKeptEncodingsAndConditions(t *testing.T) {
	t.Parallel()
	w := begin(t)
	plain := w.a.get(mossHost, "/")
	tags := map[string]bool{plain.header.Get("ETag"): true}
	for range 2 {
		for name, open := range map[string]func(io.Reader) io.Reader{
			"gzip": func(r io.Reader) io.Reader {
				z, err := gzip.NewReader(r)
				if err != nil {
					t.Fatal(err)
				}
				return z
			},
			"br": func(r io.Reader) io.Reader { return brotli.NewReader(r) },
		} {
			a := w.a.get(mossHost, "/", "Accept-Encoding", name)
			text, err := io.ReadAll(open(strings.NewReader(a.body)))
			if err != nil || string(text) != plain.body || a.header.Get("Content-Encoding") != name ||
				len(a.body) > len(plain.body)/2 {
				t.Errorf("%s: %v, %d bytes of %d, %v", name, err, len(a.body), len(plain.body), a.header)
			}
			tags[a.header.Get("ETag")] = true
		}
	}
	if len(tags) != 3 {
		t.Errorf("a strong ETag names bytes, but three encodings have %v", tags)
	}
	for tag := range tags {
		if strings.HasPrefix(tag, "W/") || len(tag) < 10 {
			t.Errorf("ETag %s", tag)
		}
	}
	etag := plain.header.Get("ETag")
	for match, want := range map[string]int{etag: 304, "W/" + etag: 304, `"x", ` + etag: 304, "*": 304, `"x"`: 200,
		"": 200} {
		a := w.a.get(mossHost, "/", "If-None-Match", match)
		if a.status != want || (want == 304) != (a.body == "") || a.header.Get("ETag") != etag ||
			a.header.Get("Vary") != "Accept-Encoding" || a.header.Get("Cache-Control") == "" {
			t.Errorf("If-None-Match %s: %d, %v", match, a.status, a.header)
		}
	}
	// Over a connection: HEAD has the length and no body, and requests that the router refuses are refused here too.
	l := fasthttputil.NewInmemoryListener()
	go func() { _ = w.a.Serve(l) }() // ends with the test
	t.Cleanup(func() { _ = l.Close() })
	send := func(raw string) (*http.Response, []byte) {
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // a test's connection
		return exchange(t, conn, raw)
	}
	head, body := send("HEAD / HTTP/1.1\r\nHost: moss.localhost\r\n\r\n")
	if head.StatusCode != 200 || len(body) != 0 || head.ContentLength != int64(len(plain.body)) {
		t.Errorf("HEAD: %d, %d of %d bytes", head.StatusCode, head.ContentLength, len(plain.body))
	}
	for name, c := range map[string]struct {
		raw  string
		want int
	}{
		"good":         {"GET / HTTP/1.1\r\nHost: moss.localhost\r\n\r\n", 200},
		"not modified": {"GET / HTTP/1.1\r\nHost: moss.localhost\r\nIf-None-Match: " + etag + "\r\n\r\n", 304},
		"no host":      {"GET / HTTP/1.1\r\n\r\n", 400},
		"two hosts":    {"GET / HTTP/1.1\r\nHost: moss.localhost\r\nHost: moss.localhost\r\n\r\n", 400},
		"two lengths": {
			"GET / HTTP/1.1\r\nHost: moss.localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
		"length told twice": {
			"GET / HTTP/1.1\r\nHost: moss.localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		"another's target": {"GET http://nord.localhost/ HTTP/1.1\r\nHost: moss.localhost\r\n\r\n", 400},
		"forwarded host is nothing": {"GET / HTTP/1.1\r\nHost: moss.localhost\r\nX-Forwarded-Host: nord.localhost\r\n\r\n",
			200},
	} {
		res, body := send(c.raw)
		if res.StatusCode != c.want || (c.want == 200 && string(body) != plain.body) || (c.want == 304 && len(body) > 0) {
			t.Errorf("%s: %d, %d bytes", name, res.StatusCode, len(body))
		}
	}
}

func exchange(t *testing.T, conn net.Conn, raw string) (*http.Response, []byte) {
	t.Helper()
	if _, err := conn.Write([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(raw, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

// TestKeptFollowsWrites changes everything a page may show and asks both processes until they show it; the other shop's
// pages stay where they are.
func TestKeptFollowsWrites(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for i, c := range []struct{ path, write, want string }{
		{"/products/stoneware-mug", `UPDATE products SET title = 'Changed mug' WHERE handle = 'stoneware-mug'`,
			"Changed mug"},
		{"/products/stoneware-mug", `UPDATE variants SET price = 99100`, "991.00"},
		{"/products/stoneware-mug", `UPDATE variants SET stock = 0`, "Sold out"},
		{"/collections/all", `UPDATE collections SET title = 'All of it' WHERE handle = 'all'`, "All of it"},
		{"/collections/all", `INSERT INTO products (merchant_id, id, handle, title)
		VALUES (orbit_merchant(), '019a0000-0000-7000-8000-000000000001', 'new-thing', 'New thing');
			INSERT INTO variants (merchant_id, id, product_id, price, stock)
			VALUES (orbit_merchant(), gen_random_uuid(), '019a0000-0000-7000-8000-000000000001', 100, 9);
			INSERT INTO collection_products (merchant_id, collection_id, product_id)
			SELECT merchant_id, id, '019a0000-0000-7000-8000-000000000001' FROM collections WHERE handle = 'all'`, "New thing"},
		{"/pages/about", `UPDATE pages SET body = 'Another story.' WHERE handle = 'about'`, "Another story."},
		{"/", `UPDATE menus SET items = '[{"label": "Other link", "url": "/pages/contact"}]' WHERE handle = 'main'`,
			"Other link"},
		{"/", `UPDATE settings SET tagline = 'Another line'`, "Another line"},
		{"/", `UPDATE merchants SET name = 'Fern' WHERE id = orbit_merchant()`, "Fern"},
		{"/", `INSERT INTO domains (id, host, merchant_id, kind, verified_at)
			VALUES (gen_random_uuid(), 'fern.example', orbit_merchant(), 'custom', now())`, "http://fern.example:3000/"},
	} {
		for _, r := range []*replica{w.a, w.b} {
			if strings.Contains(r.get(mossHost, c.path).body, c.want) {
				t.Fatalf("%d: %s shows %s before it is written", i, c.path, c.want)
			}
			r.get(nordHost, c.path)
			if !r.hit(mossHost, c.path) || !r.hit(nordHost, c.path) {
				t.Fatalf("%d: %s isn't kept", i, c.path)
			}
		}
		// In one transaction, which is heard once: with several, the last could be heard after the page shows it, and
		// take it away again.
		w.exec(w.moss, c.write)
		for _, r := range []*replica{w.a, w.b} {
			w.until(c.want+" on "+c.path, func() bool { return strings.Contains(r.get(mossHost, c.path).body, c.want) })
			if !r.hit(nordHost, c.path) {
				t.Errorf("%d: the other shop lost its page", i)
			}
		}
	}
	// A suspended shop stops, and comes back.
	if err := w.db.Suspend(t.Context(), w.moss, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*replica{w.a, w.b} {
		w.until("end of the shop", func() bool { return r.get(mossHost, "/").status == 404 })
		if said := r.get(mossHost, "/products/x").body; !strings.Contains(said, "<h1>This shop is unavailable</h1>") ||
			!strings.Contains(said, `rel="stylesheet"`) || strings.Contains(said, "Unpaid") {
			t.Errorf("shoppers read %s", said)
		}
	}
	if err := w.db.Resume(t.Context(), w.moss, orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*replica{w.a, w.b} {
		if got := r.get(mossHost, "/").status; got != 200 {
			t.Errorf("back again: %d", got)
		}
	}
	// A host that goes over to another shop is the other shop's.
	if got := w.b.get("fern.example", "/").body; !strings.Contains(got, "Fern") {
		t.Fatal("the domain doesn't answer")
	}
	w.exec(w.moss, `UPDATE domains SET merchant_id = '`+w.nord.String()+`' WHERE host = 'fern.example'`)
	for _, r := range []*replica{w.a, w.b} {
		w.until("the new owner", func() bool { return strings.Contains(r.get("fern.example", "/").body, "Nord") })
	}
}

// TestOutlines: what a list says on each of its pages is each shop's and each collection's own, and follows writes, on
// pages that are drawn each time too.
func TestOutlines(t *testing.T) {
	t.Parallel()
	w := begin(t)
	count := func(host, path string) string {
		t.Helper()
		path += "?drawn=" + strings.Repeat("anew", 200) // too long an address to be kept
		a := w.a.get(host, path)
		found := regexp.MustCompile(`[0-9]+ products?\b`).FindString(a.body)
		if a.status != 200 || found == "" || w.a.hit(host, path) {
			t.Fatalf("%s%s: %d, %q", host, path, a.status, found)
		}
		return found
	}
	w.exec(w.nord, `DELETE FROM products WHERE handle = 'stoneware-mug'`)
	w.exec(w.moss, `DELETE FROM collection_products WHERE collection_id = (SELECT id FROM collections
		WHERE handle = 'featured') AND product_id <> (SELECT id FROM products WHERE handle = 'stoneware-mug')`)
	w.until("the changes", func() bool {
		// The longer list first: a page that shows more than its outline counts says what it shows.
		return count(mossHost, "/collections/all") != "1 product" && count(mossHost, "/collections/featured") == "1 product"
	})
	for range 2 {
		all, other := count(mossHost, "/collections/all"), count(nordHost, "/collections/all")
		if all == other || all == "1 product" {
			t.Fatalf("%s and %s", all, other)
		}
	}
	before := count(mossHost, "/collections/all")
	w.exec(w.moss, `DELETE FROM products WHERE handle = 'linen-throw'`)
	w.until("one product less", func() bool { return count(mossHost, "/collections/all") != before })
	if count(mossHost, "/collections/all") != count(nordHost, "/collections/all") {
		t.Error("both shops have lost one product")
	}

	// In a process that has heard of no change yet, and with lists that no row names, only the shop tells one from
	// another.
	w.exec(w.moss, `DELETE FROM products WHERE handle = 'terracotta-planter'`)
	for _, m := range []orbit.MerchantID{w.moss, w.nord} {
		w.exec(m, `DELETE FROM collections WHERE handle = 'all'`)
	}
	w.a = w.replica(w.db, themes.NewSet(modern.New()), 0)
	for range 2 {
		if all, other := count(nordHost, "/collections/all"), count(mossHost, "/collections/all"); all == other {
			t.Errorf("%s in both shops", all)
		}
	}
}

// TestFirstRequest: however often somebody asked before, the first request after COMPLETED finds the shop, on every
// process.
func TestFirstRequest(t *testing.T) {
	t.Parallel()
	w := begin(t)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for _, r := range []*replica{w.a, w.b} {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					for i := range 6 {
						r.get(fmt.Sprintf("eager%d.localhost", i), "/")
					}
				}
			}
		})
	}
	for i := range 6 {
		host := fmt.Sprintf("eager%d", i)
		w.shop("Eager & Early", host, true)
		for _, r := range []*replica{w.a, w.b} {
			if a := r.get(host+".localhost", "/"); a.status != 200 || !strings.Contains(a.body, "Eager &amp; Early") ||
				!strings.Contains(a.body, "Stoneware Mug") {
				t.Errorf("%s: %d", host, a.status)
			}
		}
	}
	close(stop)
	wg.Wait()
	// One that isn't open yet shows nothing and keeps nothing; the moment it opens it is open.
	id := w.shop("Later", "later", false)
	for range 3 {
		for _, r := range []*replica{w.a, w.b} {
			if a := r.get("later.localhost", "/"); strings.Contains(a.body, "Stoneware Mug") ||
				strings.Contains(a.header.Get("Cache-Control"), "public") {
				t.Error("a closed shop shows itself or is kept", a.header)
			}
		}
	}
	w.exec(id, `UPDATE merchants SET live_at = now() WHERE id = orbit_merchant()`)
	for _, r := range []*replica{w.a, w.b} {
		if a := r.get("later.localhost", "/"); !strings.Contains(a.body, "Stoneware Mug") {
			t.Error("the first request after opening still sees it closed")
		}
	}
}
