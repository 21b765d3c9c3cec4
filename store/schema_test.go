package store_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// alter does by hand what nobody should.
func alter(t *testing.T, url string, statements ...string) {
	t.Helper()
	pool, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:///"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close() //nolint:errcheck // a test's
	for _, s := range statements {
		if _, err := pool.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestSchemaIsChecked(t *testing.T) {
	for name, test := range map[string]struct {
		statements []string
		want       string // in the error; "" where there is none
	}{
		"untouched":                 {nil, ""},
		"other rows":                {[]string{`INSERT INTO users VALUES ('x', '', '', '', 0, 0, 0)`}, ""},
		"analysed":                  {[]string{`ANALYZE`}, ""},
		"vacuumed":                  {[]string{`VACUUM`}, ""},
		"full text index merged":    {[]string{`INSERT INTO investigation_text (investigation_text) VALUES ('optimize')`}, ""},
		"newer":                     {[]string{`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`}, "newer"},
		"older":                     {[]string{`DELETE FROM goose_db_version WHERE version_id > 0`, `DROP TABLE runs`}, "not one of Olorin's"},
		"no record of migrations":   {[]string{`DROP TABLE goose_db_version`}, "no record of migrations"},
		"a column more":             {[]string{`ALTER TABLE runs ADD COLUMN note TEXT`}, "table runs differs"},
		"an index less":             {[]string{`DROP INDEX events_lines`}, "index events_lines is missing"},
		"a table more":              {[]string{`CREATE TABLE notes (x)`}, "table notes is not Olorin's"},
		"a trigger":                 {[]string{`CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit; END`}, "trigger t is not Olorin's"},
		"another index by its name": {[]string{`DROP INDEX events_lines`, `CREATE INDEX events_lines ON events (at)`}, "index events_lines differs"},
	} {
		t.Run(name, func(t *testing.T) {
			url := newFile(t)
			alter(t, url, test.statements...)
			err := store.CheckSchema(t.Context(), url)
			_, opened := store.Open(t.Context(), url, store.Options{})
			if test.want == "" {
				if err != nil || opened != nil {
					t.Errorf("refused: %v, %v", err, opened)
				}
				return
			}
			for _, err := range []error{err, opened} {
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "olorin migrate") && !strings.Contains(err.Error(), "DATABASE_URL") {
					t.Errorf("the error is %v, want %q and a way out", err, test.want)
				}
			}
			if _, err := store.Migrate(t.Context(), url); err == nil {
				t.Error("it was migrated all the same")
			}
		})
	}
}

func TestEmptyFileAsksForMigration(t *testing.T) {
	path := t.TempDir() + "/empty.db"
	url := "sqlite:///" + path
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.CheckSchema(t.Context(), url); err == nil || !strings.Contains(err.Error(), "run: olorin migrate up") {
		t.Errorf("the error is %v", err)
	}
	status, err := store.MigrationStatus(t.Context(), url)
	if err != nil || len(status) == 0 || status[0].Applied {
		t.Errorf("the status is %+v, %v", status, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("looking has written: %v, %v", info, err)
	}
	for range 2 {
		if _, err := store.Migrate(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	if status, err = store.MigrationStatus(t.Context(), url); err != nil || !status[0].Applied || status[0].Version != 1 {
		t.Errorf("the status is %+v, %v", status, err)
	}
	if err := store.CheckSchema(t.Context(), url); err != nil {
		t.Error(err)
	}
}

func TestFileOfAnotherKindIsRefused(t *testing.T) {
	path := t.TempDir() + "/letter.db"
	if err := os.WriteFile(path, []byte(strings.Repeat("Dear Sir or Madam, ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{store.CheckSchema(t.Context(), "sqlite:///"+path), migrateOnly(t, "sqlite:///"+path)} {
		if olorin.CodeOf(err) != olorin.CodeCorrupt {
			t.Errorf("the error is %v", err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || len(got) != 19000 {
		t.Errorf("the file was changed: %d bytes, %v", len(got), err)
	}
}

func migrateOnly(t *testing.T, url string) error {
	_, err := store.Migrate(t.Context(), url)
	return err
}
