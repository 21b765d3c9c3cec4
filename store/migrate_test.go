package store

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/olorin-dev/olorin"
)

// TestAMigrationThatIsCutOffLeavesTheOldDatabase ends a migration when its copy is complete, and migrates again.
func TestAMigrationThatIsCutOffLeavesTheOldDatabase(t *testing.T) {
	defer func() { migrateStep = func(string) error { return nil } }()
	packed, err := os.Open(filepath.Join("testdata", "schema-00001.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close() //nolint:errcheck // it was only read
	in, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	old, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "olorin.db")
	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
	url := "sqlite:///" + file
	cut := errors.New("cut off")
	migrateStep = func(step string) error {
		if step == "copy migrated" {
			return cut
		}
		return nil
	}
	if _, err := Migrate(t.Context(), url); !errors.Is(err, cut) {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), url, Options{}); olorin.CodeOf(err) != olorin.CodeUnavailable {
		t.Errorf("the old schema: %v", err)
	}
	found, err := readSchema(t.Context(), fileSource(file))
	if err != nil || found.version() != 1 {
		t.Errorf("the old database is at schema %d, %v", found.version(), err)
	}
	migrateStep = func(string) error { return nil }
	kept, err := Migrate(t.Context(), url)
	if err != nil || kept == "" {
		t.Fatalf("migrated again: kept %q, %v", kept, err)
	}
	if again, err := Migrate(t.Context(), url); err != nil || again != "" {
		t.Errorf("nothing to migrate: kept %q, %v", again, err)
	}
	if was, err := readSchema(t.Context(), fileSource(kept)); err != nil || was.version() != 1 {
		t.Errorf("what was kept is at schema %d, %v", was.version(), err)
	}
	if n, err := verifyFile(t.Context(), file, nil); err != nil || n != 2 {
		t.Errorf("the new one has %d investigations, %v", n, err)
	}
	left, err := filepath.Glob(file + ".migrating*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
