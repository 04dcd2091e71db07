package imports

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// TestProductsOfAFile: lines that follow each other are a product's; blank ones are none's; what isn't clear is a
// fault.
func TestProductsOfAFile(t *testing.T) {
	t.Parallel()
	const file = "Handle,Title,Price\nmug,Mug,1\n,,\nmug,,2\n,Bowl,3\nbowl,,4\nmug,Mug again,5\n,,6\ncup,Cup,7\n" +
		",CUP,8\n"
	f, err := survey(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	p := &products{seen: map[string]bool{}}
	if p.table, err = open(strings.NewReader(file), f); err != nil {
		t.Fatal(err)
	}
	if p.FileHeader, err = orbit.ReadFileHeader(p.header); err != nil {
		t.Fatal(err)
	}
	s, err := p.step()
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if got := strings.Join(s.handles(), " "); got != "mug bowl cup" || len(s.products[0].Rows) != 2 ||
		len(s.products[1].Rows) != 2 {
		t.Errorf("%q, %+v", got, s.products)
	}
	if len(s.faults) != 3 || s.failed != 3 || s.faults[0].Line != 7 || s.faults[1].Line != 8 || s.faults[2].Line != 10 ||
		s.rows != 8 {
		t.Errorf("%+v, %d rows", s.faults, s.rows)
	}
}

// TestFetchRefusesPrivate: an image's address, and where it redirects, is judged when it is dialed.
func TestFetchRefusesPrivate(t *testing.T) {
	t.Parallel()
	host := httptest.NewServer(http.HandlerFunc(func(a http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(a, r, "/loop", http.StatusFound)
		case "/large":
			_, _ = a.Write(make([]byte, orbit.MaxImageBytes+1))
		case "/missing":
			http.NotFound(a, r)
		default:
			_, _ = io.WriteString(a, "image")
		}
	}))
	t.Cleanup(host.Close)
	port := host.URL[strings.LastIndexByte(host.URL, ':'):]
	open := New(Config{Private: true})
	if file, err := open.fetch(t.Context(), host.URL+"/a.jpg"); err != nil || string(file) != "image" {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/loop": "leads on and on", "/large": "at most", "/missing": "status 404"} {
		if _, err := open.fetch(t.Context(), host.URL+path); err == nil || !strings.Contains(explain(err), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	closed := New(Config{})
	for _, address := range []string{host.URL, "http://localhost" + port, "http://[::1]" + port, "http://0x7f.1" + port,
		"http://169.254.169.254/latest", "http://[::ffff:127.0.0.1]" + port, "http://10.0.0.1/x"} {
		if _, err := closed.fetch(t.Context(), address+"/a.jpg"); err == nil {
			t.Errorf("%s was fetched", address)
		}
	}
	if _, err := closed.fetch(t.Context(), host.URL); !errors.Is(err, errPrivate) ||
		!strings.Contains(explain(err), "public internet") {
		t.Errorf("%v", err)
	}
}
