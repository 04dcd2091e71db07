package wire

import (
	"context"
	"net"
	"syscall"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// How long a handshake that has begun may take to come to its end, and how long connections that are made may wait to
// be accepted before the socket is closed over them.
const (
	handshake = 50 * time.Millisecond
	accepting = time.Second
)

// lastCall has a listening socket make no more connections, and waits until those that are made have been accepted. A
// client that connects then gets no answer, tries again a second later, and is refused: the socket is closed by
// then. It is false where the socket can't be told so.
func lastCall(ctx context.Context, l net.Listener) bool {
	socket, ok := l.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = dropSYN(int(fd)) }); err != nil || failed != nil {
		return false
	}
	pause(ctx, handshake)
	for deadline := time.Now().Add(accepting); time.Now().Before(deadline) &&
		ctx.Err() == nil; pause(ctx, time.Millisecond) {
		waiting := 0
		err := raw.Control(func(fd uintptr) {
			waiting, failed = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		})
		if err != nil || failed == nil && waiting == 0 {
			break
		}
	}
	return true
}

// dropSYN drops what asks a listening socket for a new connection, and nothing else: the last segment of a handshake
// that has begun still comes through. A socket's filter sees segments from the TCP header on (RFC 9293, section 3.1:
// the flags are its 14th byte).
func dropSYN(fd int) error {
	const flags, syn, ack = 13, 0x02, 0x10
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: flags, Size: 1},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: syn | ack},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: syn, SkipTrue: 1},
		bpf.RetConstant{Val: 1 << 16}, // as it is
		bpf.RetConstant{Val: 0},
	})
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(program))
	for i, in := range program {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
}
