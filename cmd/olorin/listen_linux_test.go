package main

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// TestWhoIsGoneWithoutAWordIsGivenUp has the system drop all that comes to one end of a connection, as if its cable were pulled: what the other
// end sends is never acknowledged, and it learns that soon.
func TestWhoIsGoneWithoutAWordIsGivenUp(t *testing.T) {
	listener, err := listen(t.Context(), "127.0.0.1:0", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // the test is over
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close() //nolint:errcheck // the test is over
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close() //nolint:errcheck // the test is over
	raw, err := near.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	drop := [1]syscall.SockFilter{{Code: syscall.BPF_RET | syscall.BPF_K}} // returns 0: of every packet nothing is kept
	filter := syscall.SockFprog{Len: 1, Filter: &drop[0]}
	var failed syscall.Errno
	if err := raw.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall6(syscall.SYS_SETSOCKOPT, fd, syscall.SOL_SOCKET, syscall.SO_ATTACH_FILTER, uintptr(unsafe.Pointer(&filter)), unsafe.Sizeof(filter), 0)
	}); err != nil || failed != 0 {
		t.Fatal(err, failed)
	}
	if _, err := far.Write([]byte(": still here\n\n")); err != nil {
		t.Fatal(err)
	}
	if err := far.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, syscall.ETIMEDOUT) {
		t.Errorf("the connection ends with %v", err)
	}
}
