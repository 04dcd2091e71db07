package kit

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func routesOf(paths ...string) (routes []pattern) {
	for _, p := range paths {
		routes = append(routes, strings.Split(strings.Trim(p, "/"), "/"))
	}
	return routes
}

func TestCanonicalPath(t *testing.T) {
	t.Parallel()
	routes := routesOf("/sign-in", "/theme.:hash.css", "/", "/collections/:handle", "/products/:handle", "/orders/:token",
		"/merchants/stream", "/merchants/:merchant", "/jobs/*", "/jobs", "/themes/:theme/*", "/themes/:theme",
		"/:merchant/orders")
	for path, want := range map[string]string{
		"/": "/", "//": "/", "/products/tea": "/products/tea", "/products/tea/": "/products/tea",
		"//products//tea//": "/products/tea", "/Products/tea": "/products/tea", "/products/TEA": "/products/tea",
		"/PRODUCTS/Tea%2DCakes/": "/products/tea-cakes", "/products/tea%2dcakes": "/products/tea-cakes",
		"/%70roducts/tea": "/products/tea", "/products/a%20b": "/products/a%20b", "/products/a b": "/products/a%20b",
		"/products/%c3%a9t%c3%a9": "/products/%C3%A9t%C3%A9", "/products/été": "/products/%C3%A9t%C3%A9",
		"/products/a%2fb": "/products/a%2Fb", "/Orders/AbC": "/orders/AbC", "/orders/AbC/": "/orders/AbC",
		"/Merchants/Stream": "/merchants/stream",
		"/merchants/0190ABCD-0000-7000-8000-000000000000": "/merchants/0190abcd-0000-7000-8000-000000000000",
		"/theme.0123456789abcdef.css/":                    "/theme.0123456789abcdef.css", "/Theme.0123456789abcdef.css": "",
		"/themes/modern/": "/themes/modern", "/themes/Modern/products/x/": "/themes/modern/products/x",
		"/Sign-In":              "/sign-in",
		"/ORB-12345678/orders/": "/ORB-12345678/orders",
		// Nothing that a link has, another program's, or nothing at all.
		"/products/%zz": "", "/products/..": "", "/products/%2e%2e/": "", "/./products/x": "", "/nowhere/at/all/": "",
		"/products": "", "/jobs/": "", "/Jobs/Queues/": "", "": "/",
	} {
		got, ok := canonicalPath(routes, path)
		if got != want || ok != (want != "") {
			t.Errorf("canonicalPath(%q) = %q, %v; want %q", path, got, ok, want)
		}
	}
	for path, want := range map[string]bool{"/": true, "/a/b-c_d~1.css": true, "/a/": false, "//": false, "/A": false,
		"/a%20": false, "/a//b": false, "/.a": false, "/a/../b": false, "/é": false} {
		if plainPath(path) != want {
			t.Error("plainPath", path)
		}
	}
}

func TestWithoutEmpty(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{"": "", "q=": "", "q=&theme=&plan=": "", "q=&plan=starter": "plan=starter",
		"status=all&q=": "status=all", "q=a%26b&last=&page=2": "q=a%26b&page=2", "q=a=&b==": "q=a=&b==", "new": "new",
		"new&q=": "new", "q=+": "", "q=%20&b=%C2%A0&c=%zz": "c=%zz", "q=a": "q=a"} {
		if got := withoutEmpty(query); got != want {
			t.Errorf("%q became %q, not %q", query, got, want)
		}
	}
}

// TestCanonicalPathProperties: a canonical path is its own, stays on the host, and what is plain is canonical.
func TestCanonicalPathProperties(t *testing.T) {
	t.Parallel()
	routes := routesOf("/", "/collections/:handle", "/products/:handle", "/orders/:token", "/themes/:theme/*",
		"/themes/:theme", "/cart")
	part := rapid.OneOf(rapid.SampledFrom([]string{"", "/", "//", "products", "Products", "collections", "themes",
		"orders", "cart", "%2F", "%5C", "\\", "%2e", "..", "evil.example", "%C3%A9", "é", "%00",
		"0190ABCD-0000-7000-8000-000000000000"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		path := "/" + strings.Join(rapid.SliceOfN(part, 0, 5).Draw(t, "parts"),
			rapid.SampledFrom([]string{"/", ""}).Draw(t, "between"))
		got, ok := canonicalPath(routes, path)
		if !ok {
			return
		}
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\x00 ?#") ||
			(len(got) > 1 && strings.HasSuffix(got, "/")) {
			t.Fatalf("%q became %q", path, got)
		}
		if again, ok := canonicalPath(routes, got); !ok || again != got {
			t.Fatalf("%q became %q, which becomes %q", path, got, again)
		}
		if plainPath(path) && got != path {
			t.Fatalf("%q was taken for canonical, and is %q", path, got)
		}
	})
}

func FuzzNoneMatch(f *testing.F) {
	for _, header := range []string{``, `*`, `"a"`, `W/"a"`, `"b", "a"`, `W/"b",W/"a"`, `"a`, `a`, `x, "a"`, `"x,"a""`,
		`,,,"a"`, `"b""a"`} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := NoneMatch(header, `"a"`); got && !strings.Contains(header, `"a"`) && !strings.Contains(header, "*") {
			t.Errorf("%q", header)
		}
	})
}
