//go:build !linux

package wire

import (
	"context"
	"net"
)

// lastCall is false: only Linux lets a listening socket make no more connections without losing those that are made.
func lastCall(context.Context, net.Listener) bool { return false }
