package handlers_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What servers read differently is refused, and nothing that comes behind it on the connection is taken for a request
// (RFC 9112, section 11.2).
func TestFraming(t *testing.T) {
	t.Parallel()
	w := begin(t)
	address := w.a.listen()
	w.a.get(mossHost, "/") // kept, for the fast way
	const smuggled = "GET /pricing HTTP/1.1\r\nHost: localhost:3000\r\n\r\n"
	for name, c := range map[string]struct {
		request string
		want    int
	}{
		"identity without a length": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: identity\r\n\r\n" + smuggled, 400},
		"identity with a length": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\na=b" +
				smuggled, 400},
		"a kept page, identity": {"GET / HTTP/1.1\r\nHost: " + mossHost +
			"\r\nTransfer-Encoding: identity\r\n\r\n" + smuggled, 400},
		"chunked twice": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" +
				"\r\n0\r\n\r\n" + smuggled, 400},
		"chunked and more": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + smuggled, 400},
		"no encoding's name": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n" + smuggled, 400},
		"chunked, by HTTP/1.0": {
			"POST /apply HTTP/1.0\r\nHost: localhost:3000\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400},
		"a field in two lines": {
			"GET /pricing HTTP/1.1\r\nHost: localhost:3000\r\nX-A: b\r\n Transfer-Encoding: chunked\r\n\r\n" + smuggled, 400},
		"a length in two lines": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length:\r\n 3\r\n\r\na=b" + smuggled, 400},
		"HTTP/9.9":              {"GET /pricing HTTP/9.9\r\nHost: localhost:3000\r\n\r\n" + smuggled, 400},
		"HTTP/9.9, a kept page": {"GET / HTTP/9.9\r\nHost: " + mossHost + "\r\n\r\n" + smuggled, 400},
		"HTTP/9.9 that stays": {
			"GET /pricing HTTP/9.9\r\nHost: localhost:3000\r\nConnection: keep-alive\r\n\r\n" + smuggled, 400},
		"HTTP/0.9": {"GET /pricing HTTP/0.9\r\nHost: localhost:3000\r\n\r\n" + smuggled, 400},
		"HTTP/1.2": {"GET /pricing HTTP/1.2\r\nHost: localhost:3000\r\n\r\n" + smuggled, 400},
		"HTTP/2.0": {"GET /pricing HTTP/2.0\r\nHost: localhost:3000\r\n\r\n" + smuggled, 400},
		"an Origin as a trailer": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTrailer: Origin\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n" +
				"a=b\r\n0\r\nOrigin: http://localhost:3000\r\n\r\n" + smuggled, 400},
		"the same, unannounced": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n" +
				"Origin: http://localhost:3000\r\n\r\n" + smuggled, 400},
		"a trailer that means nothing": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n" +
				"X-Checksum: 1\r\n\r\n" + smuggled, 400},
		"a trailer that hides a header": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nTrailer: Sec-Fetch-Site\r\nSec-Fetch-Site: cross-site\r\n" +
				"Origin: http://localhost:3000\r\nContent-Length: 3\r\n\r\na=b" + smuggled, 400},
		"a kept page, trailers": {"GET / HTTP/1.1\r\nHost: " + mossHost +
			"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nIf-None-Match: *\r\n\r\n" + smuggled, 400},
		"to the JSON API": {
			"POST /api/auth/token HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: identity\r\n\r\n" + smuggled, 400},
		"chunked as it should be": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nOrigin: http://localhost:3000\r\n" +
				"Transfer-Encoding: Chunked\r\nConnection: close\r\n\r\n3\r\na=b\r\n0\r\n\r\n", 422},
		"HTTP/1.0": {"GET /pricing HTTP/1.0\r\nHost: localhost:3000\r\n\r\n", 200},
		"a client that waits for a go": {
			"POST /apply HTTP/1.1\r\nHost: localhost:3000\r\nOrigin: http://localhost:3000\r\nExpect: 100-continue\r\n" +
				"Content-Length: 3\r\nConnection: close\r\n\r\na=b", 422},
		"such a client of HTTP/1.0 doesn't": {
			"POST /apply HTTP/1.0\r\nHost: localhost:3000\r\nOrigin: http://localhost:3000\r\nExpect: 100-continue\r\n" +
				"Content-Length: 3\r\n\r\na=b", 422},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second)) // a test's connection
		if _, err := io.WriteString(conn, c.request); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		in := bufio.NewReader(conn)
		res, err := http.ReadResponse(in, &http.Request{Method: c.request[:strings.IndexByte(c.request, ' ')]})
		for err == nil && res.StatusCode == 100 {
			res, err = http.ReadResponse(in, nil)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != c.want || !res.Close {
			t.Errorf("%s: %d, want %d; closed %v; %v %.200s", name, res.StatusCode, c.want, res.Close, err, body)
		}
		if rest, _ := io.ReadAll(in); len(rest) > 0 { // an error here is a connection that was reset
			t.Errorf("%s: something else was answered too: %.100q", name, rest)
		}
		_ = conn.Close()
	}
}
