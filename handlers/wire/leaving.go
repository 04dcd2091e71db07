package wire

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Held is a listener on a socket that another process holds too: a supervisor, or the next process. A server that
// leaves stops taking connections from it at once; they wait for the next process, and none is refused or lost.
type Held struct{ net.Listener }

// Listen listens on a TCP address for a server that leaves without resetting a connection. Go's own Listen would make
// the socket one of Multipath TCP where the system has it, which takes no filter (lastCall), and no proxy speaks it.
func Listen(addr string) (net.Listener, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	return config.Listen(context.Background(), "tcp", addr)
}

// Lingering is how long a server that leaves waits for its clients to hear of it: each hears with its next answer
// that it was the connection's last (RFC 9112, section 9.6). A connection that has been quiet for longer is closed.
const Lingering = time.Second

// Leaver ends a server without resetting a connection: Take, then TurnAway, then Linger.
type Leaver struct {
	mu        sync.Mutex
	listeners []*leavingListener
}

// Take remembers a listener for the moment when the server leaves.
func (l *Leaver) Take(ln net.Listener) net.Listener {
	h, held := ln.(Held)
	if held {
		ln = h.Listener
	}
	left := &leavingListener{Listener: ln, held: held, closed: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listeners = append(l.listeners, left)
	return left
}

// TurnAway ends the taking of connections. Connections to a held listener wait for the next process, so that is at
// once. One of our own refuses them once it is closed: before that, for delay, load balancers learn from /readyz to
// send them elsewhere, and connections that were kept for the next request are used, and so told, or given up.
func (l *Leaver) TurnAway(ctx context.Context, delay time.Duration) {
	l.mu.Lock()
	listeners := l.listeners
	l.mu.Unlock()
	for _, h := range listeners {
		if !h.held {
			pause(ctx, delay)
			break
		}
	}
	for _, h := range listeners {
		h.stop(ctx)
	}
}

// Linger waits until all clients have heard that the server leaves, but no longer than patience.
func (l *Leaver) Linger(ctx context.Context, patience time.Duration, open func() int32) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for open() > 0 && ctx.Err() == nil {
		pause(ctx, 5*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// leavingListener is a listener that can stop before the server knows: fasthttp would take the end of one for the
// end of all.
type leavingListener struct {
	net.Listener
	held    bool
	stopped atomic.Bool
	closed  chan struct{}
	once    sync.Once
}

// stop ends Accept's waiting and takes no more connections.
func (l *leavingListener) stop(ctx context.Context) {
	if !l.held {
		// Closing a socket resets the connections that the system has made and the program hasn't accepted yet, and with them
		// requests that no proxy may send again. So first no more are made, and those that are get accepted.
		if !lastCall(ctx, l.Listener) {
			return // closed with the server
		}
		l.stopped.Store(true)
		_ = l.Listener.Close() // what comes from here on is refused, which every client and proxy understands
		return
	}
	l.stopped.Store(true)
	if d, ok := l.Listener.(interface{ SetDeadline(time.Time) error }); ok {
		_ = d.SetDeadline(time.Unix(1, 0)) // fails only where the listener is closed, which is the same
	}
}

// Accept takes the next connection; once stopped it waits for Close.
func (l *leavingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil && l.stopped.Load() {
		<-l.closed
		return nil, net.ErrClosed
	}
	return c, err
}

// Close gives up this process's hold on the socket.
func (l *leavingListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	if err := l.Listener.Close(); !l.stopped.Load() {
		return err
	}
	return nil // it may be closed already
}
