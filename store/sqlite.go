package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/olorin-dev/olorin"
)

// source is where a database lives.
type source struct {
	url    string // as it was given, for messages
	path   string // absolute path of the file
	memory bool
	dir    string // of a memory database: the directory that goes with it
}

func parseURL(raw string) (source, error) {
	scheme, rest, _ := strings.Cut(raw, ":")
	switch {
	case raw == "memory:":
		return source{url: raw, memory: true}, nil
	case scheme == "sqlite" && strings.HasPrefix(rest, "///") && len(rest) > len("///"):
		path, err := filepath.Abs(strings.TrimPrefix(rest, "///"))
		if err != nil {
			return source{}, fmt.Errorf("database address %q: %w", raw, err)
		}
		return source{url: raw, path: path}, nil
	case scheme == "postgres" || scheme == "postgresql":
		return source{}, olorin.Errorf(olorin.CodeInvalid, "the database address names PostgreSQL, which this version cannot use yet; give sqlite:///olorin.db or another SQLite file (DATABASE_URL)")
	}
	return source{}, olorin.Errorf(olorin.CodeInvalid, "the database address must be sqlite:///relative/path, sqlite:////absolute/path or memory: (DATABASE_URL); it begins with %q", scheme+":")
}

// newMemory makes a database that lasts as long as the process has it open: a file of its own in a new directory, in memory where
// the system offers that. It goes the same way as any other file, so that nothing behaves differently but durability.
func newMemory(ctx context.Context) (source, error) {
	parent := os.TempDir()
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	dir, err := os.MkdirTemp(parent, "olorin-memory-")
	if err != nil && parent != os.TempDir() {
		dir, err = os.MkdirTemp("", "olorin-memory-")
	}
	if err != nil {
		return source{}, fmt.Errorf("make a place for a database in memory: %w", err)
	}
	src := source{url: "memory:", path: filepath.Join(dir, "olorin.db"), memory: true, dir: dir}
	if err := migrate(ctx, src); err != nil {
		return source{}, joinRemove(err, src)
	}
	return src, nil
}

func joinRemove(err error, src source) error { return errors.Join(err, os.RemoveAll(src.dir)) }

// present refuses what is not there: opening must not make an empty database where a path is mistyped.
func (s source) present() error {
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return olorin.Errorf(olorin.CodeUnavailable, "there is no database at %s; make one with: olorin migrate up", s.path)
	case err != nil:
		return olorin.Errorf(olorin.CodeUnavailable, "the database cannot be reached: %w", err)
	case info.IsDir():
		return olorin.Errorf(olorin.CodeUnavailable, "the database address names the directory %s; name a file in it", s.path)
	}
	return nil
}

// dsn makes the driver's address: mode is rw or rwc, pragmas come after busy_timeout.
func (s source) dsn(mode string, busyMS int, pragmas ...string) string {
	u := url.URL{Scheme: "file", Path: s.path}
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_dqs": {"0"}}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyMS))
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// busyMS is how long a statement waits for another process, such as a command beside the server.
const busyMS = 5000

// writerDSN is for the one connection that writes. FULL: what was acknowledged survives a power cut.
func (s source) writerDSN() string {
	synchronous := "synchronous(FULL)"
	if s.memory {
		synchronous = "synchronous(OFF)"
	}
	return s.dsn("rw", busyMS, synchronous, "journal_mode(WAL)", "foreign_keys(1)", "cache_size(-65536)",
		"wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "temp_store(MEMORY)")
}

// readerDSN is for connections that cannot write, whatever they are asked.
func (s source) readerDSN() string {
	return s.dsn("rw", busyMS, "query_only(1)", "cache_size(-16384)", "temp_store(MEMORY)")
}

// connect opens one connection and keeps it.
func connect(ctx context.Context, dsn string) (*sql.DB, *sql.Conn, error) {
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, nil, translate("open the database", err)
	}
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, nil, errors.Join(translate("open the database", err), pool.Close())
	}
	return pool, conn, nil
}
