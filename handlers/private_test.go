package handlers_test

import (
	"strings"
	"testing"
)

// No other site gets a private page into its own process, or a hold of its window. What every site may show says so,
// or says nothing.
func TestPrivatePages(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for host, paths := range map[string][]string{
		"admin.localhost:3000": {"/", "/sign-in", "/password", "/merchants", "/merchants/stream", "/nothing", "/jobs/"},
		"dashboard.localhost:3000": {"/", "/sign-in", "/password/0123456789012345678901234567890123456789012",
			"/" + w.moss.String() + "/media/x"},
		"localhost:3000": {"/apply", "/apply/" + w.moss.String(), "/pricing"},
		mossHost: {"/", "/cart", "/checkout", "/orders/0123456789012345678901234567890123456789012",
			"/nothing"},
	} {
		for _, path := range paths {
			a := w.a.get(host, path)
			if a.header.Get("Cross-Origin-Resource-Policy") != "same-origin" ||
				a.header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
				t.Errorf("%s%s: %d %v", host, path, a.status, a.header)
			}
		}
	}
	if a := w.a.get("localhost:3000", "/api/provisioning/merchants"); a.header.Get(
		"Cross-Origin-Resource-Policy") != "same-origin" {
		t.Error("the API:", a.header)
	}
	// A preview's frame has no origin of its own: what a shop's page is made of mustn't be the same origin's alone.
	body := w.a.get(mossHost, "/").body
	_, after, _ := strings.Cut(body, `<link rel="stylesheet" href="`)
	sheet, _, _ := strings.Cut(after, `"`)
	for _, path := range []string{sheet, "/robots.txt", "/feed.xml", "/static/app.css"} {
		if a := w.a.get(mossHost, path); a.status != 200 || a.header.Get("Cross-Origin-Resource-Policy") != "" {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
}

// The API answers on three hosts, and a shop's own host has no such pages.
func TestAPIHosts(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for host, status := range map[string]int{"localhost:3000": 401, "admin.localhost:3000": 401,
		"dashboard.localhost:3000": 401, mossHost: 404, "www.localhost:3000": 404} {
		if a := w.a.get(host, "/api/merchant/shop"); a.status != status {
			t.Errorf("%s: %d", host, a.status)
		}
	}
}
