package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
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

// A database in memory is a file of its own, and differs in how it is opened and synced.
func TestMemoryConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.DB { return openAt(t, "memory:", store.Options{Server: true}) },
		"two writers, one version", "a life", "64 callers", "audit trail", "runs by lease", "history by words", "users", "idempotency keys")
}

func TestPostgresConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.DB { return openAt(t, newPostgres(t), store.Options{Server: true}) })
}

// Keys of names that were kept before these were composed are found, however the same name is composed now.
func TestATemplateWithADecomposedKeyKeepsItsName(t *testing.T) {
	url := newFile(t)
	db := openAt(t, url, store.Options{Server: true})
	put := func(id, name string) error {
		row := olorin.TemplateRow{ID: id, UserID: "ana", Scope: olorin.ScopePrivate, Name: name, Version: 1, CreatedAt: storetest.Epoch, UpdatedAt: storetest.Epoch}
		return db.PutTemplate(t.Context(), olorin.Template{TemplateRow: row, Settings: olorin.DefaultSettings()}, "ana", 9, storetest.Act("template.created"))
	}
	if err := put("old", "Café"); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:///"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.Exec(`UPDATE templates SET name_key = $1`, "cafe\u0301")
	if err := errors.Join(err, pool.Close()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"CAFÉ", "Cafe\u0301"} {
		if err := put("new", name); olorin.CodeOf(err) != olorin.CodeNameTaken {
			t.Errorf("%q: %v", name, err)
		}
	}
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
