package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/olorin-dev/olorin"
)

// blank is the file of a new SQLite database as the migrations make it, and its schema.
type blank struct {
	file   []byte
	schema schema
}

// born is the blank database of this process, since to copy one takes far less than to migrate.
var born = sync.OnceValues(func() (blank, error) { return migrateBlank(context.Background()) })

func migrateBlank(ctx context.Context) (b blank, err error) {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return b, err
	}
	defer pool.Close() //nolint:errcheck // it is in memory
	pool.SetMaxOpenConns(1)
	if _, err := pool.ExecContext(ctx, pageSize); err != nil {
		return b, err
	}
	if err := upgrade(ctx, source{dialect: sqliteDialect}, pool, 0); err != nil {
		return b, fmt.Errorf("make a new database: %w", err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return b, err
	}
	defer conn.Close() //nolint:errcheck // it is in memory
	if b.schema, err = schemaOfSQLite(ctx, conn); err != nil {
		return b, err
	}
	return b, conn.Raw(func(driver any) (err error) {
		b.file, err = driver.(interface{ Serialize() ([]byte, error) }).Serialize()
		return err
	})
}

// makeBlank makes the file of a new database: wholly, or not at all.
func makeBlank(ctx context.Context, src source) error {
	b, err := born()
	if err != nil {
		return err
	}
	fresh := fileSource(src.path + ".new")
	// SQLite would make the file as the umask says; it holds what not every user of the machine should read.
	if err := os.WriteFile(fresh.path, b.file, 0o600); err != nil {
		return olorin.Errorf(olorin.CodeUnavailable, "the database file cannot be made: %w", errors.Join(err, os.Remove(fresh.path)))
	}
	pool, conn, err := connect(ctx, fresh, visiting, Options{})
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, logAhead)
	if err := errors.Join(err, conn.Close(), pool.Close()); err != nil {
		return translate("prepare the database", err)
	}
	if _, _, err := settle(fresh.path); err != nil {
		return err
	}
	return replace(src, fresh.path)
}
