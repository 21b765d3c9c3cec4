//go:build unix

package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/olorin-dev/olorin"
)

// fileLock is the right of one long-lived process to a database file. The system gives it back when the process ends, however it ends.
type fileLock struct{ file *os.File }

// lockFile takes the lock beside the database, or refuses with the process that has it. Commands that only visit do not take it:
// SQLite's own locks keep them and the server apart.
func lockFile(path string) (*fileLock, error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, olorin.Errorf(olorin.CodeUnavailable, "the lock file beside the database cannot be opened: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close() //nolint:errcheck // nothing was written
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, olorin.Errorf(olorin.CodeUnavailable, "the lock file %s cannot be locked: %w", name, err)
		}
		holder := "another process"
		if pid, err := io.ReadAll(io.LimitReader(f, 20)); err == nil && len(pid) > 0 {
			holder = "process " + strings.TrimSpace(string(pid))
		}
		return nil, olorin.Errorf(olorin.CodeUnavailable, "%s is serving or migrating the database %s already; stop it first, or give this one a database of its own (DATABASE_URL)", holder, path)
	}
	if err := f.Truncate(0); err == nil {
		_, err = f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
		if err != nil {
			_ = f.Close()
			return nil, olorin.Errorf(olorin.CodeUnavailable, "the lock file %s cannot be written: %w", name, err)
		}
	}
	return &fileLock{f}, nil
}

// release gives the lock back. The file stays: to remove it would let two processes lock two files of one name.
func (l *fileLock) release() error { return l.file.Close() }
