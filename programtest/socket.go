package programtest

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Frames of a WebSocket (RFC 6455, section 5.2).
const (
	frameText, frameClose, framePing, framePong = 1, 8, 9, 10

	frameLast, frameMasked, frameCode = 0x80, 0x80, 0x0f
	frameLength16, frameLength64      = 126, 127
)

// handshake bounds what comes before the first message.
const handshake = 30 * time.Second

// Socket is a page's end of a WebSocket, which listens. It costs little: ten thousand fit into one process. One
// goroutine may read it.
type Socket struct {
	net.Conn
	r *bufio.Reader
}

// Refused is the status of an answer that wasn't a WebSocket.
type Refused int

func (r Refused) Error() string { return "refused with " + http.StatusText(int(r)) }

// Closed is the code that the server closed a socket with; 1005 where it said none.
type Closed int

func (c Closed) Error() string { return fmt.Sprintf("closed with %d", int(c)) }

// dialed counts sockets: each takes the next source address, for there are 28,000 ports to each.
var dialed atomic.Uint32

// Socket opens one at a host of the program, for a page of that host and in the name of a cookie.
func (p *Program) Socket(ctx context.Context, host, path, cookie string) (s *Socket, err error) {
	dialer := net.Dialer{Timeout: handshake,
		LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+dialed.Add(1)%16))}}
	conn, err := dialer.DialContext(ctx, "tcp", "127.0.0.1:"+p.Port)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = conn.Close() // it has failed already
		}
	}()
	if err := conn.SetDeadline(time.Now().Add(handshake)); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nCookie: %s\r\n"+
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36\r\n"+
		"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\nCache-Control: no-cache\r\n"+
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, host, host, cookie); err != nil {
		return nil, err
	}
	s = &Socket{conn, bufio.NewReaderSize(conn, 512)}
	res, err := http.ReadResponse(s.r, &http.Request{Method: http.MethodGet})
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		return nil, Refused(res.StatusCode)
	}
	return s, conn.SetDeadline(time.Time{})
}

// Next returns the next text. It answers pings. An error that is Closed says why the server ended it.
func (s *Socket) Next() (text []byte, err error) {
	for {
		kind, last, data, err := s.frame()
		switch {
		case err != nil:
			return nil, err
		case kind == framePing:
			if err := s.send(framePong, data); err != nil {
				return nil, err
			}
		case kind == frameClose && len(data) < 2:
			return nil, Closed(1005)
		case kind == frameClose:
			_ = s.send(frameClose, data[:2]) // the server may have closed already
			return nil, Closed(binary.BigEndian.Uint16(data))
		case kind == framePong:
		default:
			if text = append(text, data...); last {
				return text, nil
			}
		}
	}
}

func (s *Socket) frame() (kind byte, last bool, data []byte, err error) {
	var head [10]byte
	if _, err := io.ReadFull(s.r, head[:2]); err != nil {
		return 0, false, nil, err
	}
	n := uint64(head[1] &^ frameMasked)
	switch n {
	case frameLength16:
		_, err = io.ReadFull(s.r, head[2:4])
		n = uint64(binary.BigEndian.Uint16(head[2:4]))
	case frameLength64:
		_, err = io.ReadFull(s.r, head[2:10])
		n = binary.BigEndian.Uint64(head[2:10])
	}
	if err != nil {
		return 0, false, nil, err
	}
	data = make([]byte, n)
	_, err = io.ReadFull(s.r, data)
	return head[0] & frameCode, head[0]&frameLast != 0, data, err
}

// Text sends a text.
func (s *Socket) Text(data []byte) error { return s.send(frameText, data) }

// send sends a frame, masked with zeros.
func (s *Socket) send(kind byte, data []byte) error {
	head := []byte{frameLast | kind}
	switch n := len(data); {
	case n < frameLength16:
		head = append(head, frameMasked|byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, frameMasked|frameLength16), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, frameMasked|frameLength64), uint64(n))
	}
	_, err := s.Conn.Write(append(append(head, 0, 0, 0, 0), data...))
	return err
}
