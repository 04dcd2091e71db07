package handlers_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"orbit360.app/handlers"
	"orbit360.app/handlers/kit"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// last is the newest line, by its fields, and as it stands.
func (l *lines) last(t *testing.T) (map[string]any, string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	all := strings.Split(strings.TrimSpace(l.b.String()), "\n")
	var fields map[string]any
	if err := json.Unmarshal([]byte(all[len(all)-1]), &fields); err != nil {
		t.Fatal(err, all)
	}
	return fields, all[len(all)-1]
}

// The access log has every request, kept pages and refused ones too, by its client behind the proxy and by the
// proxy's id, and no secret.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	w := begin(t)
	var written lines
	r := w.replicaOf(w.open(), themes.NewSet(modern.New(), classic.New(), minimal.New()),
		kit.Kit{Addresses: addresses, Log: slog.New(slog.DiscardHandler),
			Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
		handlers.Config{Access: slog.New(slog.NewJSONHandler(&written, nil))})
	address := r.listen()
	r.get(mossHost, "/") // is kept from here on
	const secret = "0123456789012345678901234567890123456789012"
	for name, c := range map[string]struct {
		request string
		want    map[string]any
	}{
		"a kept page": {"GET /?utm_source=x HTTP/1.1\r\nHost: " + mossHost +
			"\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.5\r\nX-Request-Id: a-b.7\r\n" +
			"User-Agent: test\r\nConnection: close\r\n\r\n",
			map[string]any{"client": "203.0.113.5", "method": "GET", "host": mossHost, "path": "/", "status": 200.0,
				"kept": true, "request": "a-b.7", "agent": "test"}},
		"a link with a secret": {"GET /password/" + secret + "?token=" + secret +
			" HTTP/1.1\r\nHost: admin.localhost:3000\r\nReferer: http://admin.localhost:3000/password/" + secret +
			"\r\nConnection: close\r\n\r\n",
			map[string]any{"client": "127.0.0.1", "path": "/password/…", "status": 410.0, "kept": false}},
		"a head": {"HEAD /pricing HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n",
			map[string]any{"method": "HEAD", "path": "/pricing", "status": 200.0, "bytes": 0.0}},
		"refused by its head": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n",
			map[string]any{"method": "POST", "path": "/apply", "status": 415.0, "refused": true}},
		"never read": {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
			map[string]any{"status": 400.0, "refused": true, "client": "127.0.0.1"}},
	} {
		res, _, _ := raw(t, address, c.request)
		fields, line := written.last(t)
		for key, want := range c.want {
			if fields[key] != want {
				t.Errorf("%s: %s is %v, want %v\n%s", name, key, fields[key], want, line)
			}
		}
		if strings.Contains(line, secret) || fields["msg"] != "access" ||
			(fields["took"] == nil) != (fields["refused"] != nil) {
			t.Errorf("%s: %s", name, line)
		}
		if id := res.Header.Get("X-Request-Id"); id != "" && fields["request"] != id {
			t.Errorf("%s: answered as %q\n%s", name, id, line)
		}
	}
}

// A request goes by the id that a trusted proxy gave it, and by none that anybody else made up.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	w := begin(t)
	trusting := w.replicaOf(w.open(), themes.NewSet(modern.New(), classic.New(), minimal.New()),
		kit.Kit{Addresses: addresses, Log: slog.New(slog.DiscardHandler),
			Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, handlers.Config{})
	ask := func(r *replica, path, fields string) (string, string) {
		res, body, _ := raw(t, r.listen(),
			"GET "+path+" HTTP/1.1\r\nHost: localhost:3000\r\n"+fields+"Connection: close\r\n\r\n")
		return res.Header.Get("X-Request-Id"), body
	}
	const given = "01J9Z-req_7.a:b"
	if id, _ := ask(trusting, "/pricing", "X-Request-Id: "+given+"\r\n"); id != given {
		t.Errorf("the proxy's id became %q", id)
	}
	if id, body := ask(trusting, "/api/nothing", "X-Request-Id: "+given+"\r\n"); id != given ||
		!strings.Contains(body, `"instance":"urn:request:01J9Z-req_7.a:b"`) {
		t.Errorf("the API: %q %s", id, body)
	}
	for _, fields := range []string{"", "X-Request-Id: a b\r\n", "X-Request-Id: \"<script>\"\r\n", "X-Request-Id:\r\n",
		"X-Request-Id: " + strings.Repeat("a", 129) + "\r\n", "X-Request-Id: a\r\nX-Request-Id: b\r\n"} {
		if id, _ := ask(trusting, "/pricing", fields); len(id) != 36 {
			t.Errorf("%.40q: %q", fields, id)
		}
	}
	if id, body := ask(w.a, "/api/nothing", "X-Request-Id: "+given+"\r\n"); id == given ||
		!strings.Contains(body, `"instance":"urn:uuid:`+id+`"`) {
		t.Errorf("a stranger's id was taken: %q", id)
	}
}
