package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/olorin-dev/olorin"
)

// Backup is a copy of a database that was verified when it was made.
type Backup struct {
	File           string      `json:"file"`
	At             olorin.Time `json:"at"`
	Bytes          int64       `json:"bytes"`
	SHA256         string      `json:"sha256"`
	Investigations int         `json:"investigations"`
}

// Backup writes a copy of the database, while it is used, and verifies it: the file is whole, every log adds up to its snapshot,
// and the audit trail to its heads, which the key must have signed; without one the signatures are not verified.
// The copy has its name only once it is verified and synced. It writes over nothing.
func (db *DB) Backup(ctx context.Context, file string, key note.Verifier) (b Backup, err error) {
	if !db.source.file() {
		return b, notOurs("backed up", "pg_dump or pg_basebackup")
	}
	if db.source.memory {
		return b, olorin.Errorf(olorin.CodeInvalid, "a database in memory has no backup")
	}
	if file, err = filepath.Abs(file); err != nil {
		return b, err
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return b, olorin.Errorf(olorin.CodeExists, "%s exists already; name a file that does not", file)
	}
	partial, err := os.MkdirTemp(filepath.Dir(file), ".backup-*")
	if err != nil {
		return b, olorin.Errorf(olorin.CodeUnavailable, "the backup cannot be written: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(partial)) }()
	copied := filepath.Join(partial, "copy.db")
	pool, conn, err := connect(ctx, db.source, visiting, Options{})
	if err != nil {
		return b, err
	}
	_, err = conn.ExecContext(ctx, `VACUUM INTO $1`, copied)
	if err = errors.Join(err, conn.Close(), pool.Close()); err != nil {
		return b, translate("copy the database", err)
	}
	b = Backup{File: file, At: olorin.SystemClock()}
	if b.Investigations, err = verifyFile(ctx, copied, key); err != nil {
		return b, fmt.Errorf("the copy is not good and was thrown away: %w", err)
	}
	if err := os.Chmod(copied, 0o600); err != nil {
		return b, err
	}
	if b.Bytes, b.SHA256, err = settle(copied); err != nil {
		return b, err
	}
	// A link, unlike a rename, never writes over what came there meanwhile.
	if err := os.Link(copied, file); err != nil {
		return b, olorin.Errorf(olorin.CodeUnavailable, "the backup cannot be given its name: %w", err)
	}
	return b, syncDir(filepath.Dir(file))
}

// notOurs refuses what PostgreSQL does for itself.
func notOurs(done, by string) error {
	return olorin.Errorf(olorin.CodeInvalid, "a PostgreSQL database is not %s by Olorin; use %s, as for your other databases", done, by)
}

// verifyFile checks a database file that nobody uses: integrity, schema, every log, the audit trail, and with a key its signatures. It leaves
// no other files beside it.
func verifyFile(ctx context.Context, path string, key note.Verifier) (investigations int, err error) {
	db, err := open(ctx, fileSource(path), Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.IntegrityCheck(ctx); err != nil {
		return 0, err
	}
	err = db.CheckLogs(ctx, func(id string, fault error) error {
		investigations++
		if fault != nil {
			return fmt.Errorf("investigation %s: %w", id, fault)
		}
		return nil
	})
	if err != nil {
		return investigations, err
	}
	verdict, err := db.VerifyAudit(ctx, key, nil)
	if err == nil && verdict.Fault != "" {
		err = olorin.Errorf(olorin.CodeCorrupt, "audit trail: %s", verdict.Fault)
	}
	return investigations, err
}

// settle syncs a file and returns its size and SHA-256.
func settle(path string) (size int64, sum string, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	if size, err = io.Copy(hash, f); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(hash.Sum(nil)), f.Sync()
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// RehearseRestore restores a backup into a temporary file and checks it there, as a restore would.
func RehearseRestore(ctx context.Context, backup string, key note.Verifier) (investigations int, err error) {
	if backup, err = filepath.Abs(backup); err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(backup), ".rehearsal-*")
	if err != nil {
		return 0, olorin.Errorf(olorin.CodeUnavailable, "there is no room to rehearse: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, "restored.db")
	if err := copyFile(backup, copied); err != nil {
		return 0, err
	}
	return verifyFile(ctx, copied, key)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// Restored tells what a restore did.
type Restored struct {
	Investigations int    `json:"investigations"`
	Kept           string `json:"kept,omitempty"` // where the old file is; "" where there was none
}

// restoreStep is called between the steps of a restore, for tests that end it there.
var restoreStep = func(string) error { return nil }

// Restore puts a backup in the place of the database at url, which nobody may serve meanwhile. The backup is verified first, with a key
// the signatures of its audit trail too, and the old file kept. A crash between any two steps leaves the old database or the new one. What
// belongs to the old one elsewhere is put aside by aside, once all is ready; nil: there is nothing. See UndoRestore.
func Restore(ctx context.Context, url, backup string, key note.Verifier, now time.Time, aside func() error) (r Restored, err error) {
	src, err := parseURL(url)
	if err != nil {
		return r, err
	}
	if !src.file() {
		return r, notOurs("restored", "pg_restore or a base backup")
	}
	if src.memory {
		return r, olorin.Errorf(olorin.CodeInvalid, "a database in memory cannot be restored")
	}
	lock, err := lockFile(src.path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	fresh := src.path + ".restoring"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a restore that a crash ended
		return r, err
	}
	if err := copyFile(backup, fresh); err != nil {
		return r, olorin.Errorf(olorin.CodeUnavailable, "the backup cannot be copied beside the database: %w", err)
	}
	if r.Investigations, err = verifyFile(ctx, fresh, key); err != nil {
		return r, errors.Join(fmt.Errorf("the backup is not good; the database was left as it is: %w", err), os.Remove(fresh))
	}
	if err := restoreStep("verified"); err != nil {
		return r, err
	}
	if _, err := os.Stat(src.path); err == nil {
		r.Kept = src.path + Replaced(now)
		if err := keepOld(ctx, src, r.Kept); err != nil {
			return r, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	if err := restoreStep("old kept"); err != nil {
		return r, err
	}
	if aside != nil {
		if err := aside(); err != nil {
			return r, err
		}
	}
	return r, replace(src, fresh)
}

// Replaced ends the name of what a restore at a time put aside.
func Replaced(at time.Time) string { return at.UTC().Format(".replaced-20060102T150405.000") }

// UndoRestore takes back a restore, named by Replaced, that a crash ended when it had kept the old database under a second name and not yet
// replaced it. false: there was none such.
func UndoRestore(url, replaced string) (undone bool, err error) {
	src, err := parseURL(url)
	if err != nil || !src.file() || src.memory {
		return false, err
	}
	lock, err := lockFile(src.path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	kept := src.path + replaced
	second, err := os.Stat(kept)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if first, err := os.Stat(src.path); err != nil || !os.SameFile(first, second) {
		return false, err
	}
	return true, os.Remove(kept)
}

// replace puts a file that is whole and synced in the place of the database. No write-ahead log may lie beside it: it would be applied.
func replace(src source, fresh string) error {
	for _, tail := range []string{"-wal", "-shm"} {
		if err := os.Remove(src.path + tail); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(fresh, src.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(src.path))
}

// keepOld keeps the old database under another name, with what its write-ahead log holds.
func keepOld(ctx context.Context, src source, kept string) error {
	// Where the file can still be used, what stands in the write-ahead log goes into it, so that it is whole at every moment. A damaged
	// one keeps its log beside it.
	if pool, conn, err := connect(ctx, src, visiting, Options{}); err == nil {
		_, _ = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		_ = conn.Close()
		_ = pool.Close()
	}
	if err := os.Link(src.path, kept); err != nil {
		return olorin.Errorf(olorin.CodeUnavailable, "the old database cannot be kept under another name; nothing was replaced: %w", err)
	}
	if info, err := os.Stat(src.path + "-wal"); err == nil && info.Size() > 0 {
		if err := os.Link(src.path+"-wal", kept+"-wal"); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(src.path))
}
