//go:build !linux

package main

import (
	"context"
	"net"
	"time"
)

// listen takes connections; how long one may be silent is for the system to say.
func listen(ctx context.Context, address string, _ time.Duration) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", address)
}
