package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"orbit360.app/traffic"
)

// writePatience is how long a client may take to accept what is written to it.
const writePatience = 3 * time.Second

// slack is how much a deadline may be off. Setting one costs as much as finding a page, and fasthttp sets three a
// request.
const slack = time.Second / 2

// Steady gives each write a deadline of its own. fasthttp's WriteTimeout runs from the request's start and
// would cut healthy streams; without one, a client that doesn't read blocks its writer for good.
type Steady struct{ net.Listener }

// Accept wraps each connection.
func (l Steady) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// conn is used by one goroutine, but for Close, until it is hijacked; fasthttp says that by taking the read
// deadline away.
type conn struct {
	net.Conn
	eager bool // hijacked: what is set holds at once

	reading, setReading time.Time // the read deadline that is wanted, and the one that is set
	setWriting          time.Time

	unanswered int    // bytes read since the last write
	body       []byte // goes out behind the next write
	pieces     [2][]byte
	buffers    net.Buffers

	meter *traffic.Meter // of the shop that is answered for
	owed  int            // bytes that are counted already and not written yet

	refused atomic.Bool // the client may not have sent all of a request that got its answer already
}

// Bounds of what is still read of a request that was refused before its end.
const (
	refusedBytes = 4 << 20
	refusedTime  = 2 * time.Second
)

// SyscallConn lets a stream look whether its client has hung up.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if socket, ok := c.Conn.(syscall.Conn); ok {
		return socket.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// SetWriteBuffer bounds what the system takes for a client that doesn't read: on Linux it is 4 MB otherwise, and
// writing to that client waits only after them.
func (c *conn) SetWriteBuffer(bytes int) error {
	if socket, ok := c.Conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		return socket.SetWriteBuffer(bytes)
	}
	return errors.ErrUnsupported
}

// Refused says that the connection is about to be closed while its client may still be sending.
func (c *conn) Refused() { c.refused.Store(true) }

// Close first reads what a client goes on sending after it was refused: closing before would reset the connection, and
// the client would never see why (RFC 9112, section 9.6).
func (c *conn) Close() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.refused.Load() && half.CloseWrite() == nil {
		_ = c.Conn.SetReadDeadline(time.Now().Add(refusedTime)) // without one the server's own still holds
		_, _ = io.CopyN(io.Discard, c.Conn, refusedBytes)
	}
	return c.Conn.Close()
}

// SetReadDeadline takes effect at the next read that has to wait.
func (c *conn) SetReadDeadline(t time.Time) error {
	if c.eager {
		return c.Conn.SetReadDeadline(t)
	}
	if t.IsZero() {
		c.eager = true
		return c.Conn.SetReadDeadline(t)
	}
	c.reading = t
	return nil
}

// SetDeadline is for those who have hijacked the connection.
func (c *conn) SetDeadline(t time.Time) error {
	c.eager = true
	return c.Conn.SetDeadline(t)
}

// Read reads until the deadline, or a little less than slack after it.
func (c *conn) Read(b []byte) (int, error) {
	if !c.eager {
		if off := c.reading.Sub(c.setReading); off > slack || off < -slack {
			if err := c.Conn.SetReadDeadline(c.reading); err != nil {
				return 0, err
			}
			c.setReading = c.reading
		}
	}
	n, err := c.Conn.Read(b)
	if !c.eager { // a WebSocket is read and written at once
		c.unanswered += n
	}
	return n, err
}

// Write writes, and the body that Follow has left.
func (c *conn) Write(b []byte) (int, error) {
	if now := time.Now(); now.Sub(c.setWriting) > slack {
		if err := c.SetWriteDeadline(now.Add(writePatience)); err != nil {
			return 0, err
		}
		c.setWriting = now
	}
	if c.eager {
		return c.Conn.Write(b)
	}
	c.unanswered = 0
	if c.body == nil {
		n, err := c.Conn.Write(b)
		c.count(n)
		return n, err
	}
	// One call of the system for both, and the body isn't copied before it.
	c.pieces = [2][]byte{b, c.body}
	c.body = nil
	c.buffers = c.pieces[:]
	n, err := c.buffers.WriteTo(c.Conn)
	c.count(int(n))
	c.pieces = [2][]byte{}
	return min(int(n), len(b)), err
}

// Follow has body sent right behind the head of the answer to h, which must be the next thing written: so it takes a
// body only where h is all that the client has sent since the last write. A client that has sent the next request too
// gets answers that are buffered, one behind the other.
func (c *conn) Follow(h *fasthttp.RequestHeader, body []byte) bool {
	if c.eager || c.body != nil || c.unanswered != sizeOf(h) {
		return false
	}
	c.body = body
	return true
}

// sizeOf is how long a request without a body was, written in the ordinary way.
func sizeOf(h *fasthttp.RequestHeader) int {
	const spaces, ends = 2, 2
	n := len(h.Method()) + len(h.RequestURI()) + len(h.Protocol()) + spaces + ends + len(h.RawHeaders())
	if !bytes.HasSuffix(h.RawHeaders(), []byte("\r\n\r\n")) {
		n += ends
	}
	return n
}
