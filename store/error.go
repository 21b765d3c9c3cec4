package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/olorin-dev/olorin"
)

// fault is what an error of a driver means, whichever driver it is.
type fault int

const (
	otherFault    fault = iota // a statement's own
	heldElsewhere              // another process holds what was wanted
	noRoom                     // the disk is full
	ioFault                    // the disk reports an error
	readOnly                   // it may be read and not written
	noAccess                   // the file cannot be opened
	cutShort                   // no memory, or interrupted
	damagedFile                // what is kept is damaged
	unreachable                // the server, or the way to it, is gone
	refusedLogin               // the server does not let us in, or has no such database
)

// faultOf reads a driver's error: its code, never its text.
func faultOf(err error) fault {
	if err == nil {
		return otherFault
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		if e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // no room for the file of shared memory beside the database
			return noRoom
		}
		return sqliteFault(e.Code() & 0xff)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresFault(e.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return unreachable
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return unreachable
	}
	for _, gone := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.DeadlineExceeded} {
		if errors.Is(err, gone) {
			return unreachable
		}
	}
	return otherFault
}

func sqliteFault(code int) fault {
	switch code {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return heldElsewhere
	case sqlite3.SQLITE_FULL:
		return noRoom
	case sqlite3.SQLITE_IOERR:
		return ioFault
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return readOnly
	case sqlite3.SQLITE_CANTOPEN:
		return noAccess
	case sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT:
		return cutShort
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return damagedFile
	}
	return otherFault
}

// postgresFault reads an SQLSTATE (PostgreSQL, appendix A).
func postgresFault(code string) fault {
	switch code {
	case "55P03", "40001", "40P01", "57014": // lock not available, serialization failure, deadlock, statement timeout
		return heldElsewhere
	case "53100": // disk full
		return noRoom
	case "58030": // I/O error
		return ioFault
	case "25006": // read-only transaction: the server is a standby now
		return readOnly
	case "53200", "53400": // out of memory, configuration limit
		return cutShort
	case "XX001", "XX002": // data, index corrupted
		return damagedFile
	case "53300", "25P03": // too many connections; cut off as idle in a transaction
		return unreachable
	case "3D000": // no such database
		return refusedLogin
	}
	switch {
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"): // connection lost; the server stops, starts, or has crashed
		return unreachable
	case strings.HasPrefix(code, "28"): // role or password
		return refusedLogin
	}
	return otherFault
}

// translate makes a domain error out of whatever a driver returned while doing something. It is the only place that reads
// driver errors. The driver's error stays in the chain.
func translate(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*olorin.Error](err); ok {
		return err
	}
	kind := faultOf(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s in time: %w", doing, err)
	}
	switch kind {
	case heldElsewhere:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: another process holds the database; try again: %w", doing, err)
	case noRoom:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the disk is full; make room and try again: %w", doing, err)
	case ioFault:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the disk reports an error: %w", doing, err)
	case readOnly:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the database is read-only; let Olorin write it: %w", doing, err)
	case noAccess:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the database file cannot be opened; its directory must exist and be writable: %w", doing, err)
	case cutShort:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: %w", doing, err)
	case damagedFile:
		return olorin.Errorf(olorin.CodeCorrupt, "could not %s: the database file is damaged; stop the server and run olorin check: %w", doing, err)
	case unreachable:
		return olorin.Errorf(olorin.CodeUnavailable, "could not %s: the database server cannot be reached; see that it runs, and DATABASE_URL: %w", doing, err)
	case refusedLogin:
		return lasting(olorin.Errorf(olorin.CodeUnavailable, "could not %s: the database server refuses; see user, password and name in DATABASE_URL: %w", doing, err))
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// spoils tells whether an error concerns the whole transaction and not only the change that met it.
func spoils(err error) bool { return faultOf(err) != otherFault }

// takenBack tells that a COMMIT which failed has written nothing: there was no room, or the server itself says so.
func takenBack(err error) bool {
	if faultOf(err) == noRoom {
		return true
	}
	_, answered := errors.AsType[*pgconn.PgError](err)
	return answered && !gone(err)
}

// gone tells that the connection is of no more use.
func gone(err error) bool { return faultOf(err) == unreachable }

// unwritable tells that the database cannot be written at the moment, and that it may be again: what it refuses can be held in memory.
// A damaged file is not among these: nobody may write into it again.
func unwritable(err error) bool {
	switch faultOf(err) {
	case heldElsewhere, noRoom, ioFault, readOnly, noAccess, unreachable, refusedLogin:
		return true
	}
	return false
}

// waits tells that it took its time to find out that the database cannot be written: a lock, or a host that is away.
func waits(err error) bool { return faultOf(err) == heldElsewhere || faultOf(err) == unreachable }

// corrupt tells that the database found what it keeps damaged.
func corrupt(err error) bool { return faultOf(err) == damagedFile }

// lastingError is one that stays until somebody does something about it.
type lastingError struct{ error }

func (e lastingError) Unwrap() error { return e.error }

func lasting(err error) error { return lastingError{err} }

// Lasting tells that there is no point in trying again to open a database: somebody must do something first.
func Lasting(err error) bool {
	_, ok := errors.AsType[lastingError](err)
	return ok || olorin.CodeOf(err) != olorin.CodeUnavailable
}
