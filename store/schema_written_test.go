package store

import (
	flags "flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin/store/pgtest"
)

var update = flags.Bool("update", false, "write down what a migrated database looks like")

// TestPostgresSchemaIsWrittenDown compares what the migrations make with what every start compares a database with.
func TestPostgresSchemaIsWrittenDown(t *testing.T) {
	src, err := parseURL(pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := openPostgres(src, visiting, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close() //nolint:errcheck // the database goes with the test
	if err := upgrade(t.Context(), src, pool, 0); err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the same
	found, err := schemaOfPostgres(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	writtenDown(t, "migrations/postgres/schema.txt", postgresSchema, found)
}

// TestSQLiteSchemaIsWrittenDown is the same for a file.
func TestSQLiteSchemaIsWrittenDown(t *testing.T) {
	b, err := born()
	if err != nil {
		t.Fatal(err)
	}
	writtenDown(t, "migrations/sqlite/schema.txt", sqliteSchema, b.schema)
}

func writtenDown(t *testing.T, path, was string, found schema) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(found.text()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if found.text() != was {
		t.Errorf("%s is not what the migrations make; write it again: go test ./store -run Schema -update\n%s", path, found.text())
	}
}

// TestMigrationsAreTwins wants each migration for both databases.
func TestMigrationsAreTwins(t *testing.T) {
	names := func(dir string) []string {
		entries, err := migrationFiles.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".sql") {
				names = append(names, e.Name())
			}
		}
		return names
	}
	if sqlite, postgres := names(sqliteDialect.migrations), names(postgresDialect.migrations); !slices.Equal(sqlite, postgres) || len(sqlite) == 0 {
		t.Errorf("SQLite has %v, PostgreSQL %v", sqlite, postgres)
	}
}
