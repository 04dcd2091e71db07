package handlers

import (
	"net"
	"time"
)

// writePatience is how long a client may take to accept what is written to it.
const writePatience = 3 * time.Second

// steady gives each write a deadline of its own. fasthttp's WriteTimeout runs from the request's start and
// would cut healthy streams; without one, a client that doesn't read blocks its writer for good.
type steady struct{ net.Listener }

// Accept wraps each connection.
func (l steady) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return steadyConn{c}, nil
}

type steadyConn struct{ net.Conn }

func (c steadyConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writePatience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
