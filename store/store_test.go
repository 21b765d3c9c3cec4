package store_test

import (
	"path/filepath"
	"testing"

	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/pgtest"
	"github.com/olorin-dev/olorin/store/storetest"
)

// newFile makes a migrated database file and returns its address.
func newFile(t testing.TB) string {
	t.Helper()
	url := "sqlite:///" + filepath.Join(t.TempDir(), "olorin.db")
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	return url
}

// openAt opens a database and closes it when the test ends.
func openAt(t testing.TB, url string, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestSQLiteConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.DB { return openAt(t, newFile(t), store.Options{Server: true}) })
}

func TestMemoryConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.DB { return openAt(t, "memory:", store.Options{Server: true}) })
}

func TestPostgresConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.DB { return openAt(t, newPostgres(t), store.Options{Server: true}) })
}

// newPostgres makes a migrated PostgreSQL database and returns its address.
func newPostgres(t testing.TB) string {
	t.Helper()
	url := pgtest.New(t)
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	return url
}
