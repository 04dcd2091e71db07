package main

import (
	"fmt"
	"net"
	"os"
	"time"

	"orbit360.app/handlers"
)

// firstSocket is where sockets that are handed over begin (sd_listen_fds(3)).
const firstSocket = 3

// socket is where this process will answer: the socket that a supervisor hands over and keeps holding, so that no
// connection is lost between a process and its successor, or one of our own at ADDR.
type socket struct {
	addr     string
	listener net.Listener // nil until open, where that is best left until this process can answer
}

// socket takes the socket, or makes sure that there can be one. A process with a database of its own is the only one,
// and what comes while it starts waits for it. One that may have others beside it listens when it can answer: until
// then connections are refused, and a load balancer asks another.
func (c *config) socket() (*socket, error) {
	if c.ListenPID == os.Getpid() && c.ListenFDs != 0 {
		l, err := c.handedOver()
		return &socket{c.Addr, l}, err
	}
	if c.DatabaseURL != "" {
		return &socket{addr: c.Addr}, vacant("ADDR", c.Addr)
	}
	l, err := listen("ADDR", c.Addr)
	return &socket{c.Addr, l}, err
}

// open is the socket, listened on.
func (s *socket) open() (l net.Listener, err error) {
	if s.listener == nil {
		s.listener, err = listen("ADDR", s.addr)
	}
	return s.listener, err
}

// close closes the socket; that the server has done so already is no error.
func (s *socket) close() {
	if s.listener != nil {
		_ = s.listener.Close()
	}
}

// vacant tells at once whether somebody listens at an address: a second start must be told before
// the second one has done anything.
func vacant(variable, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if host == "" {
		host = "localhost"
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), time.Second)
	if err != nil {
		return nil // nobody answers; whatever else is wrong shows when it is listened on
	}
	_ = conn.Close() // nothing was said
	return inUse(variable, addr)
}

func inUse(variable, addr string) error {
	return fmt.Errorf("%s %s is in use by another program; is ORBIT360 running already? Stop it or set another %s",
		variable, addr, variable)
}

func (c *config) handedOver() (net.Listener, error) {
	if c.ListenFDs != 1 {
		return nil, fmt.Errorf("LISTEN_FDS is %d; it takes one socket, for ADDR", c.ListenFDs)
	}
	f := os.NewFile(firstSocket, "socket")
	l, err := net.FileListener(f)
	if closeErr := f.Close(); err == nil { // the listener has a copy of its own, which children don't get
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("LISTEN_FDS: what was handed over can't be listened on: %w", err)
	}
	return handlers.Held{Listener: l}, nil
}
