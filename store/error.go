package store

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/olorin-dev/olorin"
)

// translate makes a domain error out of whatever a driver returned while doing something. It is the only place that reads
// driver errors, and it reads their codes, never their text. The driver's error stays in the chain.
func translate(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*olorin.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s in time: %w", doing, err)
	}
	switch primary(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: another process holds the database; try again: %w", doing, err)
	case sqlite3.SQLITE_FULL:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the disk is full; make room and try again: %w", doing, err)
	case sqlite3.SQLITE_IOERR:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the disk reports an error: %w", doing, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the database file is read-only; let Olorin write it: %w", doing, err)
	case sqlite3.SQLITE_CANTOPEN:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the database file cannot be opened; its directory must exist and be writable: %w", doing, err)
	case sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: %w", doing, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return olorin.Errorf(olorin.CodeCorrupt, "could not %s: the database file is damaged; stop the server and run olorin check: %w", doing, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// primary returns SQLite's primary result code, and 0 where err has none.
func primary(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// spoils tells whether an error concerns the whole transaction and not only the change that met it.
func spoils(err error) bool {
	switch primary(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// full tells that there was no room: SQLite has taken everything back.
func full(err error) bool { return primary(err) == sqlite3.SQLITE_FULL }

// unwritable tells that the database cannot be written at the moment, and that it may be again: what it refuses can be held in memory.
// A damaged file is not among these: nobody may write into it again.
func unwritable(err error) bool {
	switch primary(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return true
	}
	return false
}

// corrupt tells that SQLite found the file damaged.
func corrupt(err error) bool {
	code := primary(err)
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}
