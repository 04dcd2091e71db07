//go:build unix

package kit

import (
	"net"
	"syscall"
)

// gone is whether the client of a stream has hung up: it sends nothing while it listens, so the end of what it sends
// is the end of it. What it may have sent is left to be read. A connection that can't be asked isn't gone.
func gone(conn net.Conn) bool {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	ended := false
	err = raw.Control(func(fd uintptr) {
		var one [1]byte
		n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch err {
		case nil:
			ended = n == 0
		case syscall.EAGAIN, syscall.EINTR:
		default:
			ended = true // reset, say
		}
	})
	return ended || err != nil // err: closed by this side
}
