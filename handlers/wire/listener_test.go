package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// TestFollow sends requests in every rhythm over one connection and reads the answers: each has its own body, whole,
// in order.
func TestFollow(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	followed := make(chan bool, 100)
	server := &fasthttp.Server{WriteBufferSize: 16 << 10, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		Handler: func(ctx *fasthttp.RequestCtx) {
			body := []byte(strings.Repeat(string(ctx.Path())+"\r\n\r\n", 3000))
			ctx.Response.SetBodyRaw(body)
			if string(ctx.Path()) != "/long-way" && ctx.IsGet() {
				ctx.Response.SkipBody = ctx.Conn().(*conn).Follow(&ctx.Request.Header, body)
				followed <- ctx.Response.SkipBody
			}
		}}
	go func() { _ = server.Serve(Steady{l}) }()         // ends with the listener
	t.Cleanup(func() { _ = server.Shutdown() })         // waits for nobody
	request := func(method, path, more string) string { // as browsers and programs write it
		return method + " " + path + " HTTP/1.1\r\nHost: a.example\r\nUser-Agent: test\r\n" + more + "\r\n"
	}
	for name, c := range map[string]struct {
		writes []string // each is one write; those with several requests are pipelined
		paths  []string
		follow []bool
	}{
		"one": {[]string{request("GET", "/a", "")}, []string{"/a"}, []bool{true}},
		"one after another": {[]string{request("GET", "/a", ""), request("GET", "/b", "Cookie: c=d\r\n"),
			request("GET", "/c", "")}, []string{"/a", "/b", "/c"}, []bool{true, true, true}},
		"pipelined": {[]string{request("GET", "/a", "") + request("GET", "/b", "") + request("GET", "/c", "")},
			[]string{"/a", "/b", "/c"}, []bool{false, false, false}},
		"pipelined, then one": {[]string{request("GET", "/a", "") + request("GET", "/b", ""), request("GET", "/c", "")},
			[]string{"/a", "/b", "/c"}, []bool{false, false, true}},
		"behind the long way": {[]string{request("GET", "/long-way", "") + request("GET", "/b", ""),
			request("GET", "/c", "")}, []string{"/long-way", "/b", "/c"}, []bool{false, true}},
		"before the long way": {[]string{request("GET", "/a", "") + request("GET", "/long-way", "")},
			[]string{"/a", "/long-way"}, []bool{false}},
		"in pieces": {[]string{"GET /a HT", "TP/1.1\r\nHost: a.exa", "mple\r\n\r\n", request("GET", "/b", "")},
			[]string{"/a", "/b"}, []bool{true, true}},
		"half of the next": {[]string{request("GET", "/a", "") + "GET /b HTTP/1.1\r\nHo", "st: a.example\r\n\r\n"},
			[]string{"/a", "/b"}, nil},
		"a body, then one": {[]string{request("POST", "/p", "Content-Length: 5\r\n") + "hello", request("GET", "/b", "")},
			[]string{"/p", "/b"}, []bool{true}},
		"a body with the get": {[]string{request("GET", "/a", "Content-Length: 5\r\n") + "hello", request("GET", "/b", "")},
			[]string{"/a", "/b"}, []bool{false, true}},
	} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		read := func(path string) {
			t.Helper()
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second)) // a test's connection
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, path, err)
			}
			body, err := io.ReadAll(res.Body)
			if want := strings.Repeat(path+"\r\n\r\n", 3000); err != nil || string(body) != want || res.StatusCode != 200 {
				t.Fatalf("%s: %s: %d, %d of %d bytes, %v", name, path, res.StatusCode, len(body), len(want), err)
			}
		}
		next := 0
		for _, w := range c.writes {
			if _, err := fmt.Fprint(conn, w); err != nil {
				t.Fatal(err)
			}
			if name == "in pieces" || name == "half of the next" {
				time.Sleep(20 * time.Millisecond) // so that the pieces arrive apart
				continue
			}
			for range strings.Count(w, " HTTP/1.1") {
				read(c.paths[next])
				next++
			}
		}
		for ; next < len(c.paths); next++ {
			read(c.paths[next])
		}
		for i, want := range c.follow {
			if got := <-followed; got != want {
				t.Errorf("%s: request %d followed: %v", name, i, got)
			}
		}
		for len(followed) > 0 {
			<-followed
		}
		_ = conn.Close()
	}
}

// TestRefused: a client that sends far too much, all of it before it reads, learns what was wrong.
func TestRefused(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{ReadBufferSize: 16 << 10, MaxRequestBodySize: 1 << 20, ErrorHandler: BadRequest,
		Handler: func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("x") }}
	go func() { _ = server.Serve(Steady{l}) }() // ends with the listener
	t.Cleanup(func() { _ = server.Shutdown() }) // waits for nobody
	for name, c := range map[string]struct {
		send string
		want int
	}{
		"a token": {"GET /api/provisioning/themes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
			strings.Repeat("a", 1<<20) + "\r\n\r\n", 431},
		"header": {"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 3<<20) + "\r\n\r\n", 431},
		"body": {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3145728\r\n\r\n" + strings.Repeat("x", 3<<20),
			413},
		"no request":       {strings.Repeat("x", 3<<20), 431},
		"wrong, with more": {"GET\r\n\r\n" + strings.Repeat("x", 3<<20), 400},
	} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // a test's connection
		if _, err := fmt.Fprint(conn, c.send); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if res.StatusCode != c.want || !res.Close {
			t.Errorf("%s: %d, %v", name, res.StatusCode, res.Close)
		}
		_ = conn.Close()
	}
}

// TestDeadlines: a client that sends half a request, or that stays silent, is cut; one that is slow within reason
// isn't.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	const (
		whole   = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
		timeout = time.Second
	)
	for name, c := range map[string]struct {
		send       string
		read, idle time.Duration // the one that doesn't cut the connection is too long to
	}{
		"half of the first":   {"GET / HT", timeout, time.Hour},
		"silent after one":    {whole, time.Hour, timeout},
		"half of the second":  {whole + "GET /", timeout, time.Hour},
		"silent from a start": {"", timeout, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := &fasthttp.Server{ReadTimeout: c.read, IdleTimeout: c.idle,
				Handler: func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("x") }}
			go func() { _ = server.Serve(Steady{l}) }() // ends with the listener
			t.Cleanup(func() { _ = server.Shutdown() }) // waits for nobody
			begin := time.Now()
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() //nolint:errcheck // a test's connection
			if _, err := fmt.Fprint(conn, c.send); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(begin.Add(30 * time.Second)) // a test's connection
			if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the server doesn't end the connection")
			}
			if took := time.Since(begin); took < timeout-slack { // a slow machine only makes it longer
				t.Errorf("cut after %v", took)
			}
		})
	}
}
