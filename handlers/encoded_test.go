package handlers_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// listen has a replica answer on a real listener and gives its address.
func (r *replica) listen() string {
	r.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	go func() { _ = r.Serve(l) }() // ends with the listener
	r.t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// raw sends bytes as they are and reads one answer. closed reports whether the server then ended the connection.
func raw(t *testing.T, address, request string) (res *http.Response, body string, closed bool) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()                                     //nolint:errcheck // a test's connection
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second)) // the same
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	method, _, _ := strings.Cut(request, " ")
	res, err = http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.200q: %v", request, err)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%.200q: %v", request, err)
	}
	if res.Close {
		_ = conn.(*net.TCPConn).CloseWrite() // so that a server that waits for the rest of what it refused ends
		_, err = in.ReadByte()
		closed = err == io.EOF
	}
	return res, string(text), closed
}

// bomb is a field of 400 MB in 400 KB.
var bomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid, and memory takes all
	_, _ = io.WriteString(w, "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n")
	zeros := make([]byte, 1<<20)
	for range 400 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	return b.Bytes()
})

// TestFormsSpeakOverTheirQuery: what a form sends is what counts, whatever the address that it is sent to holds.
func TestFormsSpeakOverTheirQuery(t *testing.T) {
	t.Parallel()
	w := begin(t)
	const body = "email=typed%40example.com&password=wrong"
	res, page, _ := raw(t, w.a.listen(),
		"POST /sign-in?email=query%40example.com HTTP/1.1\r\nHost: admin.localhost:3000\r\n"+
			"Origin: http://admin.localhost:3000\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"+
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	if !strings.Contains(page, "typed@example.com") || strings.Contains(page, "query@example.com") {
		t.Errorf("%d: %s", res.StatusCode, page)
	}
}

// Any encoding of a request is refused on every host before its body is read, and what it would unpack to never is.
func TestEncodedRequests(t *testing.T) {
	t.Parallel()
	w := begin(t)
	address := w.a.listen()
	const form = "application/x-www-form-urlencoded"
	head := func(host, target, version, fields string) string {
		return "POST " + target + " HTTP/" + version + "\r\nHost: " + host + "\r\nOrigin: http://" + host +
			"\r\nSec-Fetch-Site: same-origin\r\n" + fields + "\r\n"
	}
	places := map[string]string{"localhost:3000": "/apply", "www.localhost:3000": "/apply",
		"admin.localhost:3000": "/sign-in", "dashboard.localhost:3000": "/password", mossHost: "/cart/add",
		nordHost: "/checkout", "nobody.localhost:3000": "/", "127.0.0.1:3000": "/healthz"}
	for host, path := range places {
		for _, fields := range []string{
			"Content-Encoding: gzip\r\nContent-Length: 400000\r\nContent-Type: " + form + "\r\n",
			"Content-Type: " + form + "\r\nContent-Length: 400000\r\ncontent-encoding:BR\r\n",
			"Content-Encoding: deflate\r\nContent-Length: 400000\r\nContent-Type: multipart/form-data; boundary=x\r\n",
			"Content-Encoding: zstd\r\nTransfer-Encoding: chunked\r\nContent-Type: " + form + "\r\n",
			"Content-Encoding: identity\r\nContent-Encoding: gzip\r\nContent-Length: 400000\r\nContent-Type: " + form + "\r\n",
			"Content-Encoding:\r\nContent-Encoding: gzip\r\nContent-Length: 400000\r\nContent-Type: " + form + "\r\n",
			"Content-Encoding: identity, gzip\r\nContent-Length: 400000\r\nContent-Type: " + form + "\r\n",
			"Content-Encoding: x-unheard-of\r\nContent-Length: 0\r\n",
			"Content-Encoding: gzip\r\nContent-Length: 400000\r\nExpect: 100-continue\r\nContent-Type: " + form + "\r\n",
		} {
			for _, version := range []string{"1.1", "1.0"} {
				if version == "1.0" && strings.Contains(fields, "chunked") {
					continue // refused for that
				}
				// Not a byte of the body is sent: a server that waits for it doesn't answer in time.
				res, body, closed := raw(t, address, head(host, path, version, fields))
				if res.StatusCode != http.StatusUnsupportedMediaType || !closed ||
					res.Header.Get("Accept-Encoding") != "identity" || !strings.Contains(body, "Content-Encoding") {
					t.Errorf("%s%s: %q: %d, closed %v, %q", host, path, fields, res.StatusCode, closed, body)
				}
			}
		}
	}
	// The JSON API says it in its own way; a preview, an upload and a static file are like everything else.
	res, body, _ := raw(t, address, head("localhost:3000", "/api/auth/token", "1.1",
		"Content-Encoding: gzip\r\nContent-Length: 400000\r\nContent-Type: application/json\r\n"))
	if res.StatusCode != 415 || res.Header.Get("Content-Type") != "application/problem+json" ||
		!strings.Contains(body, `"status":415`) {
		t.Error("the API:", res.StatusCode, body)
	}
	for _, path := range []string{"/themes/preview", "/static/app.css",
		w.a.kit.Ticket("/"+w.moss.String()+"/images", time.Now())} {
		if res, _, _ := raw(t, address, head("admin.localhost:3000", path, "1.1",
			"Content-Encoding: gzip\r\nContent-Length: 400000\r\n")); res.StatusCode != 415 {
			t.Error(path, res.StatusCode)
		}
	}
	// What changes nothing is let through: 403, for want of an origin.
	for _, fields := range []string{"Content-Encoding: identity\r\n", "Content-Encoding: Identity, identity\r\n",
		"Content-Encoding:\r\n", ""} {
		if res, _, _ := raw(t, address,
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\n"+fields+"Content-Length: 3\r\n\r\na=b"); res.StatusCode != 403 {
			t.Errorf("%q: %d", fields, res.StatusCode)
		}
	}
	identity := "Content-Encoding: identity\r\nContent-Type: " + form + "\r\nContent-Length: 10\r\n"
	res, body, _ = raw(t, address, head("localhost:3000", "/apply", "1.1", identity)+"name=Berry")
	if res.StatusCode != 422 || !strings.Contains(body, "Berry") {
		t.Error("identity isn't read as it is:", res.StatusCode)
	}
}

// Bombs from everywhere at once take no memory, and neither do large forms, nor connections that have sent one and
// stay.
func TestMemoryStaysFlat(t *testing.T) {
	t.Parallel()
	w := begin(t)
	address := w.a.listen()
	body := bomb()
	if len(body) > 512<<10 {
		t.Fatalf("the bomb has %d bytes", len(body))
	}
	held := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapSys - m.HeapReleased
	}
	before := held()
	most := before
	var mu sync.Mutex
	var wait sync.WaitGroup
	for i := range 16 {
		wait.Go(func() {
			host, path := [...]string{"localhost:3000", "admin.localhost:3000", mossHost, mossHost}[i%4],
				[...]string{"/apply", "/sign-in", "/cart/add", "/checkout"}[i%4]
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()                                     //nolint:errcheck // a test's connection
			_ = conn.SetDeadline(time.Now().Add(30 * time.Second)) // the same
			fmt.Fprintf(conn,
				"POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nContent-Type: multipart/form-data; boundary=x\r\n"+
					"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", path, host, host, len(body))
			_, _ = conn.Write(body) // may end early: it has its answer
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || res.StatusCode != 415 {
				t.Error(host, path, err)
			}
			mu.Lock()
			defer mu.Unlock()
			most = max(most, held())
		})
	}
	wait.Wait()
	// Go's collector and other tests take some; one bomb alone takes 400 MB and more.
	if grown := int64(most) - int64(before); grown > 200<<20 {
		t.Errorf("16 bombs took %d MiB", grown>>20)
	}
	t.Logf("16 bombs of 400 MB: %d MiB more than before", (int64(most)-int64(before))>>20)
}

// A form of very many fields would take fifty times what was sent.
func TestFieldsOfAForm(t *testing.T) {
	t.Parallel()
	w := begin(t)
	address := w.a.listen()
	send := func(fields string) int {
		res, _, _ := raw(t, address,
			fmt.Sprintf(
				"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nOrigin: http://localhost:3000\r\n"+
					"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(fields), fields))
		return res.StatusCode
	}
	if got := send("name=Berry" + strings.Repeat("&", 500_000)); got != 413 {
		t.Error("500,000 fields:", got)
	}
	if got := send("name=Berry" + strings.Repeat("&a=1", 5_000)); got != 422 {
		t.Error("5,000 fields:", got)
	}
}
