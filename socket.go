package main

import (
	"fmt"
	"net"
	"os"

	"orbit360.app/handlers"
)

// firstSocket is where sockets that are handed over begin (sd_listen_fds(3)).
const firstSocket = 3

// listener is the socket to answer on: the one that a supervisor hands over and keeps holding, so that no connection is
// lost between a process and its successor, or one of our own at ADDR.
func (c *config) listener() (net.Listener, error) {
	if c.ListenPID != os.Getpid() || c.ListenFDs == 0 {
		return listen("ADDR", c.Addr)
	}
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
