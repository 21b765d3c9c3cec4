package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

func TestAddressesThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	for url, want := range map[string]string{
		"":                                  "must be sqlite:///",
		"olorin.db":                         "must be sqlite:///",
		"sqlite://olorin.db":                "must be sqlite:///",
		"sqlite:///":                        "must be sqlite:///",
		"memory:x":                          "must be sqlite:///",
		"sqlite:///" + dir:                  "names the directory",
		"sqlite:///" + dir + "/none.db":     "olorin migrate up",
		"sqlite:///" + dir + "/no/where.db": "olorin migrate up",
	} {
		_, err := store.Open(t.Context(), url, store.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || olorin.CodeOf(err) == "" {
			t.Errorf("%q: %v, want an error with %q", url, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error tells the password: %v", url, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("looking has left %v, %v", entries, err)
	}
}

func TestPathsWithSigns(t *testing.T) {
	url := "sqlite:///" + filepath.Join(t.TempDir(), "a b?mode=ro&x=%41#ü.db")
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	openAt(t, url, store.Options{})
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:///")); err != nil {
		t.Error(err)
	}
}

func TestSecondServerIsRefusedAndACommandIsNot(t *testing.T) {
	url := newFile(t)
	server := openAt(t, url, store.Options{Server: true})
	_, err := store.Open(t.Context(), url, store.Options{Server: true})
	if olorin.CodeOf(err) != olorin.CodeUnavailable || !strings.Contains(err.Error(), "serving") {
		t.Errorf("the second server got %v", err)
	}
	command := openAt(t, url, store.Options{})
	for range 20 {
		storetest.PutDataset(t, command, "d1")
		storetest.PutDataset(t, server, "d2")
	}
	if list, err := server.Datasets(t.Context(), "ana"); err != nil || len(list) != 2 {
		t.Errorf("the server sees %+v, %v", list, err)
	}
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Errorf("nothing is to be migrated, and yet: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	openAt(t, url, store.Options{Server: true})
}

func TestOnlyTheOwnerReadsTheFiles(t *testing.T) {
	url := newFile(t)
	db := openAt(t, url, store.Options{Server: true})
	storetest.PutDataset(t, db, "d")
	files, err := filepath.Glob(strings.TrimPrefix(url, "sqlite:///") + "*")
	if err != nil || len(files) != 4 {
		t.Fatalf("the files are %v, %v; want the database, -wal, -shm and .lock", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
	}
}

func TestClosedDatabaseRefuses(t *testing.T) {
	db := openAt(t, newFile(t), store.Options{})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	err := db.PutUser(t.Context(), olorin.User{ID: "ana"}, storetest.Act("user.add"))
	if olorin.CodeOf(err) != olorin.CodeUnavailable {
		t.Errorf("after Close: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestMemoryLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	count := func() int {
		a, _ := filepath.Glob("/dev/shm/olorin-memory-*")
		b, _ := filepath.Glob(filepath.Join(dir, "*"))
		return len(a) + len(b)
	}
	before := count()
	db, err := store.Open(t.Context(), "memory:", store.Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	other, err := store.Open(t.Context(), "memory:", store.Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	storetest.PutDataset(t, db, "d")
	if _, err := other.Dataset(t.Context(), "d"); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("one database in memory sees into another: %v", err)
	}
	if err := errors.Join(db.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	if after := count(); after != before {
		t.Errorf("%d directories are left, %d were there before", after, before)
	}
}
