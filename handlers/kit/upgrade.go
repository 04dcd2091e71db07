package kit

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"

	wire "github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

const (
	socketBuffer = 132      // the longest frame of a client that is read at once: a pong, with its head
	socketUnread = 32 << 10 // about what may wait for a client that reads slowly, before writing to it does
)

// upgrader makes the sockets. They share the buffers that they write with.
var upgrader = wire.Upgrader{ReadBufferSize: socketBuffer, WriteBufferSize: 4 << 10, WriteBufferPool: &sync.Pool{},
	CheckOrigin: func(*http.Request) bool { return true }} // CheckSocket has

// upgrade answers a handshake (RFC 6455, section 4.2) and hands out the connection, which is the taker's to close.
//
// websocket.New would keep the request with the socket for as long as that is open: fasthttp's reader of 16 KiB, its
// context, and copies of all headers and cookies. So the answer is written here, and fasthttp lets go of its own when
// take returns; the server has to be one with KeepHijackedConns.
func upgrade(c *fiber.Ctx, take func(*wire.Conn)) error {
	handshake := &http.Request{Method: c.Method(), Header: http.Header{}}
	for _, name := range []string{fiber.HeaderConnection, fiber.HeaderUpgrade, fiber.HeaderSecWebSocketVersion,
		fiber.HeaderSecWebSocketKey} {
		for _, value := range c.Context().Request.Header.PeekAll(name) {
			handshake.Header.Add(name, string(value))
		}
	}
	conn, err := upgrader.Upgrade(handover{conn: c.Context().Conn()}, handshake, nil)
	if err != nil {
		return orbit.Wrap(orbit.Invalid, err, "This isn't a handshake of a WebSocket (RFC 6455).")
	}
	if bounded, ok := c.Context().Conn().(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = bounded.SetWriteBuffer(socketUnread) // where it can't be, who doesn't read is dropped later
	}
	c.Status(fiber.StatusSwitchingProtocols)
	c.Context().HijackSetNoResponse(true) // it has been written
	c.Context().Hijack(func(held net.Conn) {
		// What came with the handshake is in fasthttp's reader, and a client that says anything before it is answered isn't
		// one (section 4.1).
		_ = held.SetReadDeadline(time.Unix(1, 0)) // waits for nothing
		if n, _ := held.Read(make([]byte, 1)); n > 0 || held.SetReadDeadline(time.Time{}) != nil {
			_ = conn.Close()
			return
		}
		take(conn)
	})
	return nil
}

// handover is a request's connection, for a library that knows those of net/http.
type handover struct {
	discard
	conn net.Conn
}

// Hijack hands over the connection, and buffers that nobody uses.
func (h handover) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReaderSize(nil, 16), bufio.NewWriterSize(nil, 256)), nil
}

// discard takes what the library answers where there is no handshake: the error says it too.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
