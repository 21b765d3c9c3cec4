package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/olorin-dev/olorin"
)

//go:embed migrations/*/*.sql
var migrationFiles embed.FS

// Migration is one step of the schema.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Migrate brings a database to the schema of this version, and makes it where there is none. What is there is migrated in a copy that
// takes its place only when it is whole: a crash leaves the old database or the new one. The old one is kept, under the name that is
// returned; "" where there was nothing to migrate. A database that a server has open is left alone, and one that was altered by hand is
// an error.
func Migrate(ctx context.Context, url string) (kept string, err error) {
	src, err := parseURL(url)
	if err != nil || src.memory {
		return "", err
	}
	if checkSchema(ctx, src) == nil {
		return "", nil
	}
	if !src.file() {
		return "", migratePostgres(ctx, src)
	}
	if err := os.MkdirAll(filepath.Dir(src.path), 0o700); err != nil {
		return "", olorin.Errorf(olorin.CodeUnavailable, "the directory of the database cannot be made: %w", err)
	}
	lock, err := lockFile(src.path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	found := schema{}
	if src.present() == nil {
		if found, err = readSchema(ctx, src); err != nil {
			return "", err
		}
		if err := found.upgradable(); err != nil {
			return "", err
		}
	}
	if len(found.versions) == 0 {
		if err := migrate(ctx, src); err != nil {
			return "", err
		}
		return "", checkSchema(ctx, src)
	}
	kept = fmt.Sprintf("%s.schema-%05d-%s", src.path, found.version(), time.Now().UTC().Format("20060102T150405.000"))
	return kept, migrateCopy(ctx, src, kept)
}

// migrateCopy migrates a copy and puts it in the place of the database, which is kept under another name.
func migrateCopy(ctx context.Context, src source, kept string) error {
	fresh := fileSource(src.path + ".migrating")
	for _, tail := range []string{"", "-wal", "-shm"} { // of a migration that a crash ended
		if err := os.Remove(fresh.path + tail); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	pool, conn, err := connect(ctx, src, visiting, Options{})
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `VACUUM INTO $1`, fresh.path)
	if err = errors.Join(err, conn.Close(), pool.Close()); err != nil {
		return translate("copy the database to migrate it", err)
	}
	if err := migrate(ctx, fresh); err != nil {
		return err
	}
	if err := checkSchema(ctx, fresh); err != nil {
		return err
	}
	if _, _, err := settle(fresh.path); err != nil {
		return err
	}
	if err := migrateStep("copy migrated"); err != nil {
		return err
	}
	if err := keepOld(ctx, src, kept); err != nil {
		return err
	}
	return replace(src, fresh.path)
}

// migrateStep is called once the migrations are applied, and before a copy takes its place, for tests that end a migration there.
var migrateStep = func(string) error { return nil }

// The size of a page can be set only before the first table, and before the write-ahead log.
const (
	pageSize = "PRAGMA page_size = 8192"
	logAhead = "PRAGMA journal_mode = WAL"
)

func migrate(ctx context.Context, src source) error {
	if _, err := os.Stat(src.path); errors.Is(err, fs.ErrNotExist) {
		return makeBlank(ctx, src)
	}
	found, err := readSchema(ctx, src)
	if err != nil {
		return err
	}
	if err := found.upgradable(); err != nil {
		return err
	}
	pool, conn, err := connect(ctx, src, visiting, Options{})
	if err != nil {
		return err
	}
	defer pool.Close() //nolint:errcheck // what was written is committed
	for _, pragma := range []string{pageSize, logAhead} {
		if _, err := conn.ExecContext(ctx, pragma); err != nil {
			return errors.Join(translate("prepare the database", err), conn.Close())
		}
	}
	if err := conn.Close(); err != nil {
		return translate("prepare the database", err)
	}
	return upgrade(ctx, src, pool, found.version())
}

// upgrade applies the migrations that are missing, each in one transaction, and completes what they cannot compute. Up to the version whole
// nothing is left to complete.
func upgrade(ctx context.Context, src source, pool *sql.DB, whole int64) error {
	provider, err := newProvider(src.dialect, pool)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return translate("migrate the database", err)
	}
	if err := migrateStep("migrations applied"); err != nil {
		return err
	}
	return translate("complete the migration", completeMigrated(ctx, src, pool, whole))
}

// completing are the migrations that leave something to be computed, and what computes it. It looks at every row, which takes minutes of a
// large database.
var completing = []struct {
	version int64
	compute func(context.Context, *tx) error
}{{2, sealOld}, {3, sumMigrated}, {17, partialMigrated}, {18, textMigrated}}

// completeMigrated computes the hashes, checksums, words and reasons of rows that a migration after the version whole found without.
func completeMigrated(ctx context.Context, src source, pool *sql.DB, whole int64) (err error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	t := newTx(src.dialect, conn, nil)
	defer t.close()
	if err := t.control(src.dialect.begin); err != nil {
		return err
	}
	for _, c := range completing {
		if c.version <= whole {
			continue
		}
		if err := c.compute(ctx, &t); err != nil {
			return errors.Join(err, t.control("ROLLBACK"))
		}
	}
	if src.dialect.completed != "" {
		if err := t.control(src.dialect.completed); err != nil {
			return errors.Join(err, t.control("ROLLBACK"))
		}
	}
	return t.commit()
}

func newProvider(d *dialect, pool *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, d.migrations)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(d.goose, pool, files, goose.WithDisableGlobalRegistry(true))
}

// MigrationStatus lists the migrations of this version and which of them the database has. It changes nothing.
func MigrationStatus(ctx context.Context, url string) ([]Migration, error) {
	src, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	known, err := knownMigrations()
	if err != nil || src.memory {
		return known, err
	}
	if _, err := os.Stat(src.path); src.file() && errors.Is(err, os.ErrNotExist) {
		return known, nil
	}
	found, err := readSchema(ctx, src)
	if err != nil {
		return nil, err
	}
	for i, m := range known {
		known[i].Applied = slices.Contains(found.versions, m.Version)
	}
	for _, v := range found.versions {
		if v > known[len(known)-1].Version {
			known = append(known, Migration{v, "(of a newer version of Olorin)", true})
		}
	}
	return known, nil
}

func knownMigrations() ([]Migration, error) {
	entries, err := migrationFiles.ReadDir(sqliteDialect.migrations)
	if err != nil {
		return nil, err
	}
	var known []Migration
	for _, e := range entries {
		version, err := goose.NumericComponent(e.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", e.Name(), err)
		}
		known = append(known, Migration{Version: version, Name: strings.TrimSuffix(e.Name(), ".sql")})
	}
	slices.SortFunc(known, func(a, b Migration) int { return int(a.Version - b.Version) })
	return known, nil
}

// CheckSchema refuses a database whose schema is older or newer than this version's, half migrated, or altered by hand.
// The error names what to do. It changes nothing.
func CheckSchema(ctx context.Context, url string) error {
	src, err := parseURL(url)
	if err != nil || src.memory {
		return err
	}
	if err := src.present(); err != nil {
		return err
	}
	return checkSchema(ctx, src)
}

// schema is what a database says of itself.
type schema struct {
	versions   []int64           // applied migrations, ascending
	objects    map[string]string // tables and indexes by "table events", with their normalised SQL
	incomplete bool              // the migrations are applied, and what they leave to be computed may be missing
}

// writtenSchema reads what text wrote.
func writtenSchema(text string) schema {
	s := schema{objects: map[string]string{}}
	for line := range strings.Lines(text) {
		name, definition, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		s.objects[name] = definition
	}
	return s
}

// text writes a schema down, a line for each object.
func (s schema) text() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		fmt.Fprintf(&b, "%s\t%s\n", name, s.objects[name])
	}
	return b.String()
}

const versionTable = "goose_db_version"

func checkSchema(ctx context.Context, src source) error {
	if err := src.present(); err != nil {
		return err
	}
	found, err := readSchema(ctx, src)
	if err != nil {
		return err
	}
	if err := found.upgradable(); err != nil {
		return err
	}
	known, err := knownMigrations()
	if err != nil {
		return err
	}
	if newest := known[len(known)-1].Version; found.version() < newest {
		return lasting(olorin.Errorf(olorin.CodeUnavailable, "the schema of the database is at version %d and this version of Olorin needs %d; run: olorin migrate up", found.version(), newest))
	}
	if found.incomplete {
		return lasting(olorin.Errorf(olorin.CodeUnavailable, "the migration of the database was cut off before its end; run: olorin migrate up"))
	}
	if differences := writtenSchema(src.dialect.written).differences(found); len(differences) > 0 {
		return lasting(olorin.Errorf(olorin.CodeUnavailable, "the schema of the database was altered by hand: %s; undo that, or restore a backup, and see: olorin migrate status",
			strings.Join(differences, "; ")))
	}
	return nil
}

// upgradable refuses what no migration of this version can start from.
func (s schema) upgradable() error {
	known, err := knownMigrations()
	if err != nil {
		return err
	}
	if len(s.versions) == 0 {
		if len(s.objects) > 0 {
			return lasting(olorin.Errorf(olorin.CodeUnavailable, "the database holds tables but no record of migrations: it is not one of Olorin's, or was damaged; give another file (DATABASE_URL) or restore a backup"))
		}
		return nil
	}
	newest := known[len(known)-1].Version
	if v := s.version(); v > newest {
		return lasting(olorin.Errorf(olorin.CodeUnavailable, "the schema of the database is at version %d, newer than the %d that this version of Olorin knows; start the newer Olorin, or restore a backup (see: olorin migrate status)", v, newest))
	}
	for _, m := range known {
		if m.Version < s.version() && !slices.Contains(s.versions, m.Version) {
			return lasting(olorin.Errorf(olorin.CodeUnavailable, "the database is half migrated: it has version %d but not %d; restore a backup (see: olorin migrate status)", s.version(), m.Version))
		}
	}
	return nil
}

func (s schema) version() int64 {
	if len(s.versions) == 0 {
		return 0
	}
	return s.versions[len(s.versions)-1]
}

// differences tells where another schema is not this one.
func (s schema) differences(other schema) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		if sql, ok := other.objects[name]; !ok {
			out = append(out, name+" is missing")
		} else if sql != s.objects[name] {
			out = append(out, name+" differs")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(other.objects)) {
		if _, ok := s.objects[name]; !ok {
			out = append(out, name+" is not Olorin's")
		}
	}
	return out
}

// readSchema reads without changing anything, not even the version table of an empty database.
func readSchema(ctx context.Context, src source) (schema, error) {
	pool, conn, err := connect(ctx, src, reading, Options{})
	if err != nil {
		return schema{}, err
	}
	defer pool.Close() //nolint:errcheck // nothing was written
	defer conn.Close() //nolint:errcheck // nothing was written
	s, err := src.dialect.schemaOf(ctx, conn)
	return s, translate("read the schema of the database "+src.url, err)
}

// appliedVersions reads which migrations a database has.
func appliedVersions(ctx context.Context, conn *sql.Conn) ([]int64, error) {
	rows, err := conn.QueryContext(ctx, `SELECT version_id FROM `+versionTable+` WHERE version_id > 0 AND is_applied ORDER BY version_id`)
	if err != nil {
		return nil, err
	}
	var versions []int64
	err = walk(rows, func(scan func(...any) error) (bool, error) {
		var v int64
		err := scan(&v)
		versions = append(versions, v)
		return true, err
	})
	return versions, err
}
