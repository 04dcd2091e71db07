package handlers_test

import (
	"strconv"
	"strings"
	"testing"

	"orbit360.app/static"
)

// A page has one address; every other form of it leads there, whole and on the same host.
func TestOneAddress(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for host, addresses := range map[string]map[string]string{
		mossHost: {"/products/stoneware-mug/": "/products/stoneware-mug",
			"/Products/stoneware-mug": "/products/stoneware-mug", "/products/Stoneware-Mug": "/products/stoneware-mug",
			"/products/stoneware%2Dmug?variant=x&utm_source=y": "/products/stoneware-mug?variant=x&utm_source=y",
			"/collections/all/?sort=name":                      "/collections/all?sort=name",
			"/Collections/All":                                 "/collections/all",
			"//collections//all":                               "/collections/all",
			"/collections/all?sort=&from=+&available=1":        "/collections/all?available=1",
			"/search?q=":                                       "/search",
			"/pages/about/":                                    "/pages/about", "/Search?q=A+b": "/search?q=A+b",
			"/Cart": "/cart", "/CHECKOUT/": "/checkout", "/ROBOTS.TXT": "/robots.txt", "/sitemap.xml/": "/sitemap.xml"},
		"localhost:3000": {"/Pricing/": "/pricing", "/themes/modern/": "/themes/modern",
			"/Themes/Modern/products/x/?preset=dusk": "/themes/modern/products/x?preset=dusk", "/%61pply": "/apply"},
		"admin.localhost:3000": {"/Sign-In/?next=%2Fplans": "/sign-in?next=%2Fplans", "/Merchants/": "/merchants",
			"/merchants?status=all&q=&theme=&plan=starter":   "/merchants?status=all&plan=starter",
			"/MERCHANTS/" + strings.ToUpper(w.moss.String()): "/merchants/" + w.moss.String()},
		"dashboard.localhost:3000": {"/Password": "/password",
			"/moss-and-stone/orders?q=&status=":                 "/moss-and-stone/orders",
			"/" + strings.ToUpper(w.moss.String()) + "/Orders/": "/" + w.moss.String() + "/orders"},
	} {
		for asked, want := range addresses {
			for _, method := range []string{"GET", "HEAD"} {
				a := w.a.do(method, host, asked, "Accept", "text/html,*/*;q=0.8")
				if a.status != 308 || a.header.Get("Location") != want {
					t.Errorf("%s %s%s: %d %q, want %q", method, host, asked, a.status, a.header.Get("Location"), want)
				}
			}
			if a := w.a.get(host, want); a.status == 308 {
				t.Errorf("%s%s leads on to %q", host, want, a.header.Get("Location"))
			}
		}
	}
	for host, path := range map[string]string{"dashboard.localhost:3000": "/moss-and-stone/live?page=",
		"localhost:3000": "/api/provisioning/merchants?limit=", mossHost: "/search?q="} {
		if a := w.a.get(host, path); a.status == 308 { // a socket's handshake and programs follow no redirect
			t.Errorf("%s%s leads to %q", host, path, a.header.Get("Location"))
		}
	}
	for host, paths := range map[string][]string{
		mossHost: {"/products/no-such-thing", "/products/%zz", "//evil.example/x/", "/%5Cevil.example/", "/nowhere/",
			"/collections", "/orders/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_ABCDE"},
		"localhost:3000": {"/nowhere/", "/%2F%2Fevil.example/", "/apply/AbC"},
	} {
		for _, path := range paths {
			if a := w.a.get(host, path); a.status != 404 && a.status != 400 {
				t.Errorf("%s%s: %d %q", host, path, a.status, a.header.Get("Location"))
			}
		}
	}
}

// What a browser or a cache has is compared as RFC 9110 has it, on every answer that can be kept.
func TestIfNoneMatch(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for host, path := range map[string]string{"localhost:3000": static.Path("app.css"),
		"admin.localhost:3000": "/static/app.css", mossHost: "/products/stoneware-mug"} {
		first := w.a.get(host, path)
		etag := first.header.Get("ETag")
		if first.status != 200 || etag == "" {
			t.Fatal(path, first.status, etag)
		}
		for _, header := range []string{etag, "W/" + etag, `"other", ` + etag, `"other" , W/` + etag + `, "third"`, "*",
			`,` + etag} {
			a := w.a.get(host, path, "If-None-Match", header)
			if a.status != 304 || a.body != "" {
				t.Errorf("%s: %s: %d", path, header, a.status)
			}
			for _, name := range []string{"ETag", "Cache-Control", "Vary"} {
				if a.header.Get(name) != first.header.Get(name) {
					t.Errorf("%s: %s: %s is %q instead of %q", path, header, name, a.header.Get(name), first.header.Get(name))
				}
			}
		}
		for _, header := range []string{`"other"`, `W/"other"`, strings.Trim(etag, `"`), etag[:len(etag)-1], ""} {
			if a := w.a.get(host, path, "If-None-Match", header); a.status != 200 {
				t.Errorf("%s: %s: %d", path, header, a.status)
			}
		}
	}
	if a := w.a.get("localhost:3000", static.Path("app.css"), "Accept-Encoding",
		"gzip;q=0, *;q=0"); a.header.Get("Content-Encoding") != "" {
		t.Error("gzip for somebody who doesn't take it")
	}
}

// A form is a form however its media type is written.
func TestMediaTypesIgnoreCase(t *testing.T) {
	t.Parallel()
	w := begin(t)
	address := w.a.listen()
	for kind, body := range map[string]string{
		"Application/X-WWW-Form-UrlEncoded": "name=Berry", "APPLICATION/x-www-form-urlencoded; Charset=UTF-8": "name=Berry",
		"Multipart/Form-Data; Boundary=XyZ": "--XyZ\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" +
			"Berry\r\n--XyZ--\r\n",
	} {
		request := "POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nOrigin: http://localhost:3000\r\nContent-Type: " + kind +
			"\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
		if res, page, _ := raw(t, address, request); res.StatusCode != 422 || !strings.Contains(page, `value="Berry"`) {
			t.Errorf("%s: %d", kind, res.StatusCode)
		}
	}
}
