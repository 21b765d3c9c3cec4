package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

func migratedFile(t *testing.T) (url, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "olorin.db")
	url = "sqlite:///" + file
	if _, err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	return url, file
}

// write appends events to an investigation until the context ends or so many are written, and returns its version.
func write(ctx context.Context, db *DB, id string, n int) (int64, error) {
	inv := olorin.Investigation{ID: id}
	if known, err := db.Investigation(ctx, id); err == nil {
		inv = known
	}
	for range n {
		var bodies []olorin.Body
		if inv.Version == 0 {
			bodies = []olorin.Body{olorin.InvestigationCreated{Name: "Case " + id, UserID: "ana", Settings: olorin.DefaultSettings()}}
		} else {
			bodies = []olorin.Body{olorin.LogAppended{Level: olorin.LevelInfo, Message: strings.Repeat("x", int(inv.Version)%300)}}
		}
		c := olorin.Change{Before: inv}
		next := inv
		for _, b := range bodies {
			e := olorin.Event{Seq: next.Version + 1, At: olorin.At(time.Unix(1772000000+next.Version, 0)), Actor: olorin.System, Source: olorin.SourceSystem, Body: b}
			line, err := e.Encode()
			if err != nil {
				return inv.Version, err
			}
			if next, err = olorin.Apply(next, e); err != nil {
				return inv.Version, err
			}
			c.Events, c.Lines = append(c.Events, e), append(c.Lines, line)
		}
		snapshot, err := snapshotOf(next)
		if err != nil {
			return inv.Version, err
		}
		diff, err := olorin.AuditDiff(inv, next)
		if err != nil {
			return inv.Version, err
		}
		c.After, c.Snapshot = next, snapshot
		c.Audit = olorin.AuditEntry{At: next.UpdatedAt, Actor: olorin.System, Source: olorin.SourceSystem, Action: "log.appended", InvestigationID: id, VersionBefore: inv.Version, VersionAfter: next.Version, Diff: diff}
		if _, err := db.Append(ctx, c); err != nil {
			return inv.Version, err
		}
		inv = next
	}
	return inv.Version, nil
}

func TestBackupUnderLoadIsWhole(t *testing.T) {
	url, file := migratedFile(t)
	db, err := Open(t.Context(), url, Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // what matters is in the copies
	ctx, stop := context.WithCancel(t.Context())
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
	)
	versions := map[string]int64{}
	for i := range 8 {
		id := fmt.Sprint("case-", i)
		wait.Go(func() {
			for ctx.Err() == nil {
				v, err := write(context.WithoutCancel(ctx), db, id, 5)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				versions[id] = v
				mu.Unlock()
			}
		})
	}
	for i := range 3 {
		mu.Lock()
		before := map[string]int64{}
		for id, v := range versions {
			before[id] = v
		}
		mu.Unlock()
		name := filepath.Join(filepath.Dir(file), fmt.Sprintf("backup-%d.db", i))
		b, err := db.Backup(t.Context(), name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Backup(t.Context(), name, nil); olorin.CodeOf(err) != olorin.CodeExists {
			t.Errorf("a backup over another: %v", err)
		}
		if n, err := RehearseRestore(t.Context(), name, nil); err != nil || n != b.Investigations || n < len(before) {
			t.Errorf("rehearsed: %d investigations, %v; the backup has %d", n, err, b.Investigations)
		}
		copied, err := Open(t.Context(), "sqlite:///"+name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for id, v := range before {
			if head, err := copied.Head(t.Context(), id); err != nil || head.Version < v {
				t.Errorf("%s was at %d before the backup, which has %+v, %v", id, v, head, err)
			}
		}
		if err := copied.Close(); err != nil {
			t.Error(err)
		}
	}
	stop()
	wait.Wait()
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestRestoreThatIsCutOffLeavesOldOrNew ends a restore between its steps and opens what is there.
func TestRestoreThatIsCutOffLeavesOldOrNew(t *testing.T) {
	defer func() { restoreStep = func(string) error { return nil } }()
	cut := errors.New("cut off")
	for _, at := range []string{"verified", "old kept", ""} {
		t.Run(at, func(t *testing.T) {
			url, file := migratedFile(t)
			db, err := Open(t.Context(), url, Options{Server: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := write(t.Context(), db, "case", 10); err != nil {
				t.Fatal(err)
			}
			backup := filepath.Join(filepath.Dir(file), "backup")
			if _, err := db.Backup(t.Context(), backup, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := Restore(t.Context(), url, backup, nil, time.Now(), nil); olorin.CodeOf(err) != olorin.CodeUnavailable {
				t.Errorf("a restore under a server: %v", err)
			}
			if _, err := write(t.Context(), db, "case", 10); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			restoreStep = func(step string) error {
				if step == at {
					return cut
				}
				return nil
			}
			r, err := Restore(t.Context(), url, backup, nil, time.Now(), nil)
			if (err != nil) != (at != "") {
				t.Fatalf("restore: %v", err)
			}
			version := func(url string) int64 {
				db, err := Open(t.Context(), url, Options{Server: true})
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close() //nolint:errcheck // it was only read
				if err := db.IntegrityCheck(t.Context()); err != nil {
					t.Error(err)
				}
				head, err := db.Head(t.Context(), "case")
				if err != nil {
					t.Error(err)
				}
				return head.Version
			}
			want := int64(20)
			if at == "" {
				want = 10
				if v := version("sqlite:///" + r.Kept); v != 20 {
					t.Errorf("the old file that was kept is at version %d", v)
				}
			}
			if v := version(url); v != want {
				t.Errorf("the database is at version %d, want %d", v, want)
			}
			restoreStep = func(string) error { return nil }
			if _, err := Restore(t.Context(), url, backup, nil, time.Now(), nil); err != nil {
				t.Errorf("restoring again: %v", err)
			}
		})
	}
}

func TestABadBackupReplacesNothing(t *testing.T) {
	url, file := migratedFile(t)
	signer, key, _ := AuditKey(t)
	db, err := Open(t.Context(), url, Options{Server: true, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := write(t.Context(), db, "case", 30); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(filepath.Dir(file), "backup")
	if _, err := db.Backup(t.Context(), backup, key); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(strings.Replace(string(good), "Case case", "Cask case", 1))
	for name, bad := range map[string][]byte{"empty": {}, "rubbish": []byte(strings.Repeat("rubbish ", 4000)), "cut off": good[:len(good)/2], "one byte": flipped} {
		if err := os.WriteFile(backup, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), url, backup, key, time.Now(), nil); err == nil {
			t.Errorf("%s: it was restored", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
			t.Errorf("%s: the database was changed, %v", name, err)
		}
	}

	// The logs are whole in these, and the audit trail is not.
	for _, damage := range []string{
		`UPDATE audit SET detail = 'x' WHERE number = 7`,
		`DELETE FROM audit WHERE number = 7`,
		`UPDATE audit_heads SET root = zeroblob(32) WHERE size = 30`,
		`UPDATE audit_heads SET edge = zeroblob(length(edge)) WHERE size = 30`,
		`UPDATE audit_heads SET note = substr(note, 1, length(note) - 10) || CASE substr(note, -10, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(note, -9) WHERE size = 30`,
		`UPDATE audit_heads SET note = ''`,
	} {
		if err := os.WriteFile(backup, good, 0o600); err != nil {
			t.Fatal(err)
		}
		pool, err := sql.Open("sqlite", backup)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pool.Exec(damage); err != nil {
			t.Fatal(err)
		}
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), url, backup, key, time.Now(), nil); olorin.CodeOf(err) != olorin.CodeCorrupt || !strings.Contains(err.Error(), "audit trail") {
			t.Errorf("%s: %v", damage, err)
		}
		if _, err := RehearseRestore(t.Context(), backup, key); olorin.CodeOf(err) != olorin.CodeCorrupt {
			t.Errorf("%s: rehearsed: %v", damage, err)
		}
	}
	if err := os.WriteFile(backup, good, 0o600); err != nil {
		t.Fatal(err)
	}
	_, another, _ := AuditKey(t)
	if _, err := RehearseRestore(t.Context(), backup, another); olorin.CodeOf(err) != olorin.CodeCorrupt {
		t.Errorf("another's key: %v", err)
	}
	if _, err := RehearseRestore(t.Context(), backup, key); err != nil {
		t.Errorf("its own key: %v", err)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the database was changed, %v", err)
	}
}
