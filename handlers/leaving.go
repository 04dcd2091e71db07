package handlers

import (
	"context"
	"net"
	"sync"
	"time"
)

// Held is a listener whose socket somebody else holds too: a supervisor, or the process that takes over. A server that
// leaves stops taking connections from it at once; they wait for whoever is next, and none is refused or lost.
type Held struct{ net.Listener }

// lingering is how long a server that leaves waits for its clients to hear of it: each is told with its next answer
// that it was the connection's last (RFC 9112, section 9.6). A connection that has been quiet for longer is closed.
const lingering = time.Second

// leaver is the way of a server to its end.
type leaver struct {
	mu   sync.Mutex
	held []*heldListener
}

// take remembers listeners that have to be left alone when the server leaves.
func (l *leaver) take(ln net.Listener) net.Listener {
	h, ok := ln.(Held)
	if !ok {
		return ln
	}
	left := &heldListener{Listener: h.Listener, closed: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = append(l.held, left)
	return left
}

// leave stops taking connections that others may have, and waits until all clients have heard of it.
func (l *leaver) leave(ctx context.Context, open func() int32) {
	l.mu.Lock()
	for _, h := range l.held {
		h.stop()
	}
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, lingering)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for open() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// heldListener is a listener that can stop without being closed: fasthttp would take the end of one for the end of all.
type heldListener struct {
	net.Listener
	closed chan struct{}
	once   sync.Once
}

// stop ends Accept's waiting and takes no connection any more.
func (l *heldListener) stop() {
	if d, ok := l.Listener.(interface{ SetDeadline(time.Time) error }); ok {
		_ = d.SetDeadline(time.Unix(1, 0)) // fails only where the listener is closed, which is the same
	}
}

// Accept takes the next connection; once stopped it waits for Close.
func (l *heldListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		<-l.closed
		return nil, net.ErrClosed
	}
	return c, err
}

// Close gives up this process's hold on the socket.
func (l *heldListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
