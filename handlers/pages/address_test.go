package pages

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/handlers/kit"
)

// addresses has one of each form.
var addresses = func() Addresses {
	list := []string{"sort", "available", "from", "to", "page", "option."}
	return NewAddresses([]Address{{Path: "/"}, {Path: "/collections/:handle", Query: list},
		{Path: "/products/:handle", Query: []string{"variant"}}, {Path: "/pages/:handle"}, {Path: "/robots.txt"},
		{Path: "/theme.:hash.css"}})
}()

func TestNormal(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"/":                                     "/",
		"/?":                                    "/",
		"/?utm_source=x&utm_medium=y":           "/",
		"/products/mug":                         "/products/mug",
		"/products/mug?gclid=1":                 "/products/mug",
		"/products/mug?variant=7&fbclid=z":      "/products/mug?variant=7",
		"/products/%C3%A9t%C3%A9":               "/products/%C3%A9t%C3%A9",
		"/collections/all?sort=name&page=2":     "/collections/all?page=2&sort=name",
		"/collections/all?option.Size=M":        "/collections/all?option.Size=M",
		"/collections/all?option.B=1&option.A=": "/collections/all?option.A=&option.B=1",
		"/?q=1":                                 "/",
		"/?a=1":                                 "/",
		"/?sort":                                "/",
		"/pages/about?page=2":                   "/pages/about",
		"/products/mug?made=up&variant=7&q=%20": "/products/mug?variant=7",
		"/collections/all?option=1&page=2":      "/collections/all?page=2",
		"/theme.0123456789abcdef.css":           "/theme.0123456789abcdef.css",
		"/robots.txt":                           "/robots.txt",

		// Everything else is drawn each time.
		"":                                "",
		"*":                               "",
		"http://other/":                   "",
		"//":                              "",
		"//other/":                        "",
		"/?preview=token":                 "",
		"/?%zz":                           "",
		"/?a;b":                           "",
		"/search":                         "",
		"/search?q=red+mug":               "",
		"/search?q=red&utm_source=x":      "",
		"/collections/all?page=1&preview": "",
		"/products/mug?variant=1&preview": "",
		"/cart":                           "",
		"/cart/add":                       "",
		"/checkout":                       "",
		"/orders/token":                   "",
		"/products":                       "",
		"/products/":                      "",
		"/products/mug/":                  "",
		"/products/a/b":                   "",
		"/products/..":                    "",
		"/products/%2e%2e":                "",
		"/products/%6dug":                 "",
		"/products/a b":                   "",
		"/products/été":                   "",
		"/products/%c3%a9":                "",
		"/Products/mug":                   "",
		"/theme.0123456789ABCDEF.css":     "",
		"/theme.0123.css":                 "",
		"/" + strings.Repeat("x", 600):    "",
	} {
		got, ok := addresses.Normal(target)
		if got != want || ok != (want != "") {
			t.Errorf("Normal(%q) = %q, %v; want %q", target, got, ok, want)
		}
	}
}

// TestNormalProperties: one form for every way to write an address, which is its own form, and means the same.
func TestNormalProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SampledFrom([]string{"/", "/collections/all", "/products/mug", "/search", "/pages/about", "/cart",
			"/checkout", "/nowhere", "/products/%C3%A9"}).Draw(t, "path")
		key := rapid.SampledFrom([]string{"q", "sort", "page", "from", "to", "available", "option.Size", "option.Größe",
			"variant", "preview", "utm_source", "gclid", "x", ""})
		type pair struct{ key, value string }
		pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pair {
			return pair{key.Draw(t, "key"), rapid.StringN(0, 6, 12).Draw(t, "value")}
		}), 0, 6).Draw(t, "pairs")
		write := func(pairs []pair) string {
			var parts []string
			for _, p := range pairs {
				parts = append(parts, url.QueryEscape(p.key)+"="+url.QueryEscape(p.value))
			}
			if len(parts) == 0 {
				return path
			}
			return path + "?" + strings.Join(parts, "&")
		}
		target := write(pairs)
		normal, ok := addresses.Normal(target)
		if !ok {
			return
		}
		if again, ok := addresses.Normal(normal); !ok || again != normal {
			t.Fatalf("the normal form of %q isn't its own: %q, %v", normal, again, ok)
		}
		// The order of different parameters makes no difference.
		other := slices.Clone(pairs)
		slices.SortStableFunc(other, func(a, b pair) int { return strings.Compare(b.key, a.key) })
		if got, _ := addresses.Normal(write(other)); got != normal {
			t.Fatalf("%q and %q are kept apart", target, write(other))
		}
		// Nor does anything else that the page doesn't read.
		for _, other := range []string{"utm_campaign", "gclid", "made-up"} {
			if got, _ := addresses.Normal(write(append(slices.Clone(pairs), pair{other, "x"}))); got != normal &&
				len(target) < maxAddress-40 {
				t.Fatalf("%s makes another page of %q", other, target)
			}
		}
		// What is left reads as what was asked, as far as the page reads it.
		asked, _ := url.ParseQuery(strings.TrimPrefix(strings.TrimPrefix(target, path), "?"))
		reads, _ := addresses.known(path)
		maps.DeleteFunc(asked, func(k string, _ []string) bool {
			return !slices.Contains(reads, k) && !(strings.HasPrefix(k, "option.") && slices.Contains(reads, "option."))
		})
		_, query, _ := strings.Cut(normal, "?")
		kept, err := url.ParseQuery(query)
		if err != nil || !maps.EqualFunc(asked, kept, slices.Equal[[]string]) {
			t.Fatalf("%q became %q", target, normal)
		}
		if strings.Contains(normal, "preview") || !strings.HasPrefix(normal, path) {
			t.Fatalf("%q became %q", target, normal)
		}
	})
}

func FuzzNormal(f *testing.F) {
	f.Add("/collections/all?sort=name&page=2&option.A=1")
	f.Add("/products/%C3%A9?variant=1;2")
	f.Fuzz(func(t *testing.T, target string) {
		normal, ok := addresses.Normal(target)
		if !ok {
			return
		}
		if again, ok := addresses.Normal(normal); !ok || again != normal {
			t.Errorf("%q -> %q -> %q", target, normal, again)
		}
		if strings.ContainsAny(normal, " \r\n\x00#\\") {
			t.Errorf("%q -> %q", target, normal)
		}
	})
}

func TestChoose(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]encoding{
		"": identity, "identity": identity, "gzip": gzipped, "gzip, deflate, br, zstd": brotlied, "GZIP": gzipped,
		"br;q=1.0, gzip;q=0.8, *;q=0.1": brotlied,
		"br;q=0, gzip":                  gzipped, "gzip;q=0": identity, "gzip;q=0.0, br;q=0.000": identity, "*": gzipped,
		"*;q=0":       identity,
		"gzip;q=0, *": identity,
		"deflate":     identity, "x-gzip": identity, "br;q=oops": brotlied, ",,;": identity,
	} {
		if got := choose(header); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		`"a"`: true, `W/"a"`: true, `"b", "a"`: true, `*`: true, `"b"`: false, ``: false, `a`: false, `"a`: false,
		`"b" , W/"a" `: true,
	} {
		if got := kit.NoneMatch(header, `"a"`); got != want {
			t.Errorf("%s: %v", header, got)
		}
	}
}
