package handlers_test

import (
	"log/slog"
	"testing"

	"orbit360.app/handlers"
	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

// Browsers that have come to a host of the platform's over https never come another way; merchants' own domains are
// told nothing.
func TestStrictTransportSecurity(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.exec(w.moss, `INSERT INTO domains (id, host, merchant_id, kind, verified_at)
		VALUES (gen_random_uuid(), 'moss.example', orbit_merchant(), 'custom', now())`)
	r := w.replicaOf(w.open(), themes.NewSet(modern.New(), classic.New(), minimal.New()),
		kit.Kit{Addresses: orbit.Addresses{Scheme: "https", Base: "localhost"}, Log: slog.New(slog.DiscardHandler)},
		handlers.Config{})
	const pinned = "max-age=31536000"
	for host, paths := range map[string][]string{
		"localhost": {"/", "/pricing", "/nothing", "/api/provisioning/themes", "/api/nothing", "/static/app.css",
			"/healthz"},
		"www.localhost": {"/"}, "admin.localhost": {"/", "/sign-in", "/merchants/stream", "/%zz"},
		"dashboard.localhost": {"/sign-in"}, "moss.localhost": {"/", "/cart", "/products/stoneware-mug", "/nothing",
			"/robots.txt"}, "MOSS.localhost.:443": {"/"}, "nobody.localhost": {"/"}, "a.b.localhost": {"/"},
	} {
		for _, path := range paths {
			for _, again := range []bool{false, true} { // the second time from what is kept
				if a := r.get(host, path); a.header.Get("Strict-Transport-Security") != pinned {
					t.Errorf("%s%s, again %v: %d %q", host, path, again, a.status, a.header.Get("Strict-Transport-Security"))
				}
			}
		}
	}
	if !r.hit("moss.localhost", "/") {
		t.Error("the page isn't kept")
	}
	etag := r.get("moss.localhost", "/").header.Get("ETag")
	if a := r.get("moss.localhost", "/", "If-None-Match", etag); a.status != 304 ||
		a.header.Get("Strict-Transport-Security") != pinned {
		t.Error("not modified:", a.status, a.header)
	}
	if a := r.do("POST", "localhost", "/apply", "Content-Encoding", "gzip"); a.status != 415 ||
		a.header.Get("Strict-Transport-Security") != pinned {
		t.Error("refused:", a.status, a.header)
	}
	for _, host := range []string{"moss.example", "example.com", "127.0.0.1", "evillocalhost"} {
		for range 2 {
			if a := r.get(host, "/"); a.header.Get("Strict-Transport-Security") != "" {
				t.Errorf("%s: %d %q", host, a.status, a.header)
			}
		}
	}
	// The platform that people come to over http says nothing of it.
	if a := w.a.get("localhost:3000", "/"); a.header.Get("Strict-Transport-Security") != "" {
		t.Error("over http:", a.header)
	}
}
