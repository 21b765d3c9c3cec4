package main

import (
	"context"
	"net"
	"syscall"
	"time"
)

// tcpUserTimeout is TCP_USER_TIMEOUT of linux/tcp.h: how long what was sent may stay without an acknowledgement.
const tcpUserTimeout = 0x12

// listen takes connections. One whose other end is gone without a word, such as a phone out of reach, is given up after a while, and not after
// the quarter of an hour for which the system would send again: who followed by it is no longer there. Accepted connections inherit it.
func listen(ctx context.Context, address string, unheard time.Duration) (net.Listener, error) {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(unheard.Milliseconds()))
		})
		if err != nil {
			return err
		}
		return failed
	}}
	return config.Listen(ctx, "tcp", address)
}
