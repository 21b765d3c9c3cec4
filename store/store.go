// Package store keeps investigations, runs, data sets, users and the audit trail. It holds the only SQL of the project.
//
//	DB                one database: opened, read, written, checked      store.go
//	writer, queue     one writer; changes that wait are committed together   writer.go, queue.go
//	reader            many readers, which never write                  reader.go
//	dialect           the few texts that differ between databases      dialect.go
//	Append            the one way a log grows                          investigation.go
//	Events, Logs      reading the log                                  event.go
//	History           lists, by header rows alone                      history.go, page.go
//	catalogue         what lists are narrowed and sorted by, in memory  catalogue.go, words.go
//	hold              going on from memory while nothing can be written  hold.go
//	Claim, Renew      runs by lease and epoch                          run.go
//	Reservation       answers once to a request that comes twice       idempotency.go
//	Migrate           the only thing that changes a schema             schema.go
//	seal, verify      the audit trail's tree, and whether it holds      seal.go, verify.go
//	CheckLogs         does every log add up to its snapshot?           check.go
//	translate         the one place where driver errors are read       error.go
//	source            an address of a file or a server                  source.go, sqlite.go, postgres.go
//
// Times are kept as microseconds since 1970 (UTC), documents as JSON text. Nothing in the process guards what the database
// must guard: versions, epochs and reservations are compared in the statement that changes them.
package store

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/olorin-dev/olorin"
)

var (
	_ olorin.Store    = (*DB)(nil)
	_ olorin.Runs     = (*DB)(nil)
	_ olorin.Datasets = (*DB)(nil)
	_ olorin.Users    = (*DB)(nil)
	_ olorin.Trail    = (*DB)(nil)
)

// Options are how a database is opened. The zero value is for a short visit beside a running server.
type Options struct {
	// Server takes the file for a long-lived server: a second one is refused.
	Server bool
	// Readers is how many reads run at once, 1..70; 0 is one per processor, at most 8.
	Readers int
	// Idle is how many of their connections stay open; 0 is all.
	Idle int
	// PoolWait is how long a read waits for one of them; 0: as long as its caller waits.
	PoolWait time.Duration
	// StatementTimeout is how long a read may take; 0: as long as its caller waits.
	StatementTimeout time.Duration
	// Echo is told every statement and how long it took, never its values; nil: nobody.
	Echo *slog.Logger
	// Queue is how many changes may wait to be written; 0 is 4096. One investigation may fill a quarter of it.
	// Past that a change is refused with CodeUnavailable.
	Queue int
	// MemoryBytes is how much may be held in memory while the database cannot be written; 0: nothing, a change is refused then.
	MemoryBytes int64
	// Signer signs the heads of the audit trail; nil: they are not signed.
	Signer note.Signer
	// Log is told when changes are held, and when no more; nil: nobody.
	Log *slog.Logger
	// Settled is told that more of a held log has become durable, up to a version.
	Settled func(id string, durable int64)
	// Dropped is told that held changes of a log were refused by the database for good: what was read of them is not so any more.
	Dropped func(id string)
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	source    source
	dialect   *dialect
	reader    *reader
	writer    *writer
	hold      *hold
	catalogue *catalogue
	lock      *fileLock
	close     sync.Once
}

// Open opens a database whose schema is that of this version of Olorin. It creates and migrates nothing, except for "memory:",
// which is born with its schema and gone with Close.
//
// The url is sqlite:///relative/path, sqlite:////absolute/path, postgres://user:password@host:port/name or memory:.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	src, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if src.memory {
		if src, err = newMemory(ctx); err != nil {
			return nil, err
		}
	}
	db, err := open(ctx, src, o)
	if err != nil && src.memory {
		err = joinRemove(err, src)
	}
	return db, err
}

func open(ctx context.Context, src source, o Options) (_ *DB, err error) {
	if o.Readers <= 0 {
		o.Readers = min(runtime.GOMAXPROCS(0), 8)
	}
	if o.Idle <= 0 {
		o.Idle = o.Readers
	}
	if o.Queue <= 0 {
		o.Queue = 4096
	}
	if err := src.present(); err != nil {
		return nil, err
	}
	db := &DB{source: src, dialect: src.dialect, hold: newHold(o)}
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	if o.Server && src.file() && !src.memory {
		if db.lock, err = lockFile(src.path); err != nil {
			return nil, err
		}
	}
	if err := checkSchema(ctx, src); err != nil {
		return nil, err
	}
	if db.writer, err = newWriter(ctx, src, o, db.hold); err != nil {
		return nil, err
	}
	if db.reader, err = newReader(ctx, src, o); err != nil {
		return nil, err
	}
	db.hold.reader = db.reader
	db.catalogue = newCatalogue(src.dialect, db.reader)
	db.writer.start(db.reader)
	if o.Server && src.file() {
		if err := db.releaseReservations(ctx); err != nil {
			return nil, err
		}
	}
	if o.Server {
		db.catalogue.keep()
	}
	return db, nil
}

// Close writes what waits, then closes. A change that comes later is refused with CodeUnavailable.
func (db *DB) Close() error {
	var err error
	db.close.Do(func() {
		if db.writer != nil {
			err = db.writer.stop()
		}
		if db.catalogue != nil {
			db.catalogue.stop()
		}
		if db.reader != nil {
			if e := db.reader.stop(); err == nil {
				err = e
			}
		}
		if db.lock != nil {
			if e := db.lock.release(); err == nil {
				err = e
			}
		}
		if db.source.memory {
			if e := os.RemoveAll(db.source.dir); err == nil {
				err = e
			}
		}
	})
	return err
}

// Kind is what the database is: sqlite, postgres or memory.
func (db *DB) Kind() string {
	switch {
	case db.source.memory:
		return "memory"
	case db.source.file():
		return "sqlite"
	}
	return "postgres"
}

// Size returns the bytes that the database takes, and those of its write-ahead log (0 on PostgreSQL, whose log is the server's).
func (db *DB) Size(ctx context.Context) (data, log int64, err error) {
	data, log, err = db.dialect.size(ctx, db)
	return data, log, translate("ask for the size of the database", err)
}

// Stats count what the database did since it was opened.
type Stats struct {
	Queued    int   // changes that wait now
	Batches   int64 // transactions committed
	Changes   int64 // changes committed in them
	Failed    int64 // changes that were refused or could not be written
	Refused   int64 // changes turned away because too many waited
	Withdrawn int64 // changes whose caller left before they were written
	WALBytes  int64 // size of the write-ahead log as last seen
	Truncated int64 // times the write-ahead log was cut back
}

// Stats returns the counters.
func (db *DB) Stats() Stats { return db.writer.stats() }

// Holding tells what is held in memory because it could not be written.
func (db *DB) Holding() Holding { return db.hold.status() }

// Damaged is how the file was found damaged since it was opened, or nil. Nothing is written into it then.
func (db *DB) Damaged() error { return db.reader.damage.err() }
