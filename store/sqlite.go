package store

import (
	"context"
	"database/sql"
	_ "embed" // the schema that is expected
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/pressly/goose/v3"

	"github.com/olorin-dev/olorin"
)

// sqliteDialect is that of a file.
var sqliteDialect = &dialect{
	open:           openSQLite,
	begin:          "BEGIN IMMEDIATE",
	prepareControl: true,
	look:           "BEGIN", // deferred
	textMatch:      `SELECT rowid FROM investigation_text WHERE investigation_text MATCH %s`,
	words:          ftsWords,
	textInsert:     `INSERT INTO investigation_text (rowid, words) VALUES ($1, $2)`,
	textDelete:     `DELETE FROM investigation_text WHERE rowid = $1`,
	text:           func(words []string) string { return strings.Join(words, " ") },
	position:       "instr",
	by:             func(index string) string { return " INDEXED BY " + index },
	migrations:     "migrations/sqlite",
	goose:          goose.DialectSQLite3,
	schemaOf:       schemaOfSQLite,
	written:        sqliteSchema,
	size:           sizeOfSQLite,
	check:          checkSQLite,
}

// fileSource is a SQLite file.
func fileSource(path string) source {
	return source{url: "sqlite:///" + path, path: path, dialect: sqliteDialect}
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
	src := source{url: "memory:", path: filepath.Join(dir, "olorin.db"), memory: true, dir: dir, dialect: sqliteDialect}
	if err := migrate(ctx, src); err != nil {
		return source{}, joinRemove(err, src)
	}
	return src, nil
}

func joinRemove(err error, src source) error { return errors.Join(err, os.RemoveAll(src.dir)) }

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

// openSQLite opens a pool. FULL: what was acknowledged survives a power cut.
func openSQLite(s source, a access, _ Options) (*sql.DB, error) {
	dsn := ""
	switch a {
	case writing:
		synchronous := "synchronous(FULL)"
		if s.memory {
			synchronous = "synchronous(OFF)"
		}
		dsn = s.dsn("rw", busyMS, synchronous, "journal_mode(WAL)", "foreign_keys(1)", "cache_size(-65536)",
			"wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "temp_store(MEMORY)")
	case reading:
		dsn = s.dsn("rw", busyMS, "query_only(1)", "cache_size(-16384)", "temp_store(MEMORY)")
	case visiting:
		dsn = s.dsn("rw", busyMS, "foreign_keys(1)", "synchronous(FULL)")
	}
	return sql.Open("sqlite", dsn)
}

func sizeOfSQLite(_ context.Context, db *DB) (data, log int64, err error) {
	info, err := os.Stat(db.source.path)
	if err != nil {
		return 0, 0, err
	}
	if wal, err := os.Stat(db.source.path + "-wal"); err == nil {
		log = wal.Size()
	}
	return info.Size(), log, nil
}

func checkSQLite(ctx context.Context, r *reader, pragma string) error {
	query := "PRAGMA " + pragma
	ctx, leave, err := r.enter(ctx, query, 0)
	if err != nil {
		return translate("check the database", err)
	}
	defer leave()
	var faults []string
	rows, err := r.pool.QueryContext(ctx, query)
	if err == nil {
		err = walk(rows, func(scan func(...any) error) (bool, error) {
			var line string
			err := scan(&line)
			if line != "ok" {
				faults = append(faults, line)
			}
			return true, err
		})
	}
	if err != nil {
		return translate("check the database", r.damage.note(err))
	}
	if len(faults) > 0 {
		return r.damage.is(olorin.Errorf(olorin.CodeCorrupt, "the database file is damaged: %q", faults[:min(len(faults), 10)]))
	}
	return nil
}

// ftsWords makes an FTS5 query out of terms that must all be there.
func ftsWords(terms []term) string {
	phrases := make([]string, len(terms))
	for i, t := range terms {
		phrases[i] = `"` + strings.Join(t.words, " ") + `"`
		if !t.whole {
			phrases[i] += ` *`
		}
	}
	return strings.Join(phrases, " AND ")
}

//go:embed migrations/sqlite/schema.txt
var sqliteSchema string

// schemaOfSQLite reads the texts that made tables and indexes.
func schemaOfSQLite(ctx context.Context, conn *sql.Conn) (schema, error) {
	s := schema{objects: map[string]string{}}
	rows, err := conn.QueryContext(ctx, `SELECT type, name, tbl_name, COALESCE(sql, '') FROM sqlite_master ORDER BY type, name`)
	if err != nil {
		return s, err
	}
	migrated := false
	err = walk(rows, func(scan func(...any) error) (bool, error) {
		var kind, name, table, text string
		if err := scan(&kind, &name, &table, &text); err != nil {
			return false, err
		}
		switch {
		case table == versionTable:
			migrated = true
		case strings.HasPrefix(name, "sqlite_"):
		// The full text index makes these tables itself, as its version likes.
		case strings.HasPrefix(table, "investigation_text_"):
		default:
			s.objects[kind+" "+name] = strings.Join(strings.Fields(text), " ")
		}
		return true, nil
	})
	if err == nil && migrated {
		s.versions, err = appliedVersions(ctx, conn)
	}
	return s, err
}
