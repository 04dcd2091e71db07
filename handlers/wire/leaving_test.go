package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// TestLeavingResetsNobody has clients ask, each time over a new connection, while servers leave one after another on
// the same port: a client is answered, or refused before it has sent anything. A connection that was made and then
// reset would be a request that no proxy may send to another server.
func TestLeavingResetsNobody(t *testing.T) {
	t.Parallel()
	first, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := first.Addr().String()
	var stop atomic.Bool
	var answered, refused atomic.Int64
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for !stop.Load() {
				err := ask(addr)
				switch {
				case err == nil:
					answered.Add(1)
				case errors.Is(err, syscall.ECONNREFUSED):
					refused.Add(1)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	for round := range 5 {
		if t.Failed() {
			break
		}
		l := first
		if round > 0 {
			if l, err = Listen(addr); err != nil {
				t.Fatal(err)
			}
		}
		var leaver Leaver
		server := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("ok") }}
		served := make(chan error, 1)
		go func() { served <- server.Serve(Steady{leaver.Take(l)}) }()
		before := answered.Load()
		for answered.Load() == before || answered.Load() < before+20 && !t.Failed() {
			pause(t.Context(), time.Millisecond)
		}
		leaver.TurnAway(t.Context(), 0)
		leaver.Linger(t.Context(), Lingering, server.GetOpenConnectionsCount)
		if err := server.Shutdown(); err != nil {
			t.Fatal(err)
		}
		if err := <-served; err != nil {
			t.Fatal(err)
		}
	}
	stop.Store(true)
	clients.Wait()
	t.Logf("%d answered, %d refused", answered.Load(), refused.Load())
}

// ask posts something over a connection of its own.
func ask(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it has been read
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn,
		"POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"); err != nil {
		return fmt.Errorf("written: %w", errors.New(err.Error())) // refused is for a connection that wasn't made
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return fmt.Errorf("answer: %w", errors.New(err.Error()))
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}
