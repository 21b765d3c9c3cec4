package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/httpd"
	"github.com/olorin-dev/olorin/store"
)

type backupCommand struct {
	File string `arg:"" help:"Where to write it; it must not exist."`
	JSON bool   `help:"Print JSON."`
}

// Run backs the database up, also while a server uses it.
func (c *backupCommand) Run(s *session) (err error) {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	b, err := h.store.Backup(s.ctx, c.File, h.auditKey.verifier)
	if err != nil {
		return err
	}
	s.record(h, "backup.made", b.File+" sha256 "+b.SHA256)
	if c.JSON {
		return s.printJSON(b)
	}
	_, err = fmt.Fprintf(s.out, "%s: %d investigations, %d bytes, verified\nsha256 %s\n", b.File, b.Investigations, b.Bytes, b.SHA256)
	return err
}

type restoreCommand struct {
	File       string `arg:"" type:"existingfile" help:"A file that olorin backup wrote."`
	WithoutKey bool   `help:"Do not verify the signatures of its audit trail, where the key that made them is not here."`
	JSON       bool   `help:"Print JSON."`
}

// Run puts a backup in the place of the database. No server may use it.
func (c *restoreCommand) Run(s *session) error {
	url, err := s.databaseURL()
	if err != nil {
		return err
	}
	var verifier note.Verifier
	if !c.WithoutKey {
		key, err := s.auditKey()
		if err != nil {
			return err
		}
		verifier = key.verifier
	}
	now := time.Now()
	if err := s.putHeadsBack(url); err != nil {
		return err
	}
	// Before the database is replaced: a crash between the two leaves a trail without heads, and not one that its heads accuse.
	kept := ""
	r, err := store.Restore(s.ctx, url, c.File, verifier, now, func() (err error) {
		kept, err = s.putHeadsAside(now)
		return err
	})
	if err != nil && kept != "" {
		err = errors.Join(err, os.Rename(kept, s.headsFile()))
	}
	if olorin.CodeOf(err) == olorin.CodeCorrupt && verifier != nil {
		if _, but := store.RehearseRestore(s.ctx, c.File, nil); but == nil {
			err = fmt.Errorf("%w. But for the signatures it is whole: if it is of another machine, bring that one's audit.key, or say --without-key", err)
		}
	}
	if err != nil {
		return err
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	s.record(h, "backup.restored", c.File)
	if err := h.close(); err != nil {
		return err
	}
	if c.JSON {
		return s.printJSON(struct {
			store.Restored
			KeptHeads string `json:"kept_heads,omitempty"`
		}{r, kept})
	}
	fmt.Fprintf(s.out, "%d investigations restored\n", r.Investigations)
	if r.Kept != "" {
		fmt.Fprintf(s.out, "the old database is kept as %s\n", r.Kept)
	}
	if kept != "" {
		fmt.Fprintf(s.out, "the heads of its audit trail are kept as %s\n", kept)
	}
	return nil
}

type repairCommand struct {
	Salvage string `help:"Copy what can be read of a damaged file into this new one." placeholder:"NEWFILE"`
	JSON    bool   `help:"Print JSON."`
}

// Run makes snapshots anew from the logs, or salvages a damaged file. No server may use it.
func (c *repairCommand) Run(s *session) error {
	url, err := s.databaseURL()
	if err != nil {
		return err
	}
	key, err := s.auditKey()
	if err != nil {
		return err
	}
	if c.Salvage != "" {
		r, err := store.Salvage(s.ctx, url, c.Salvage, store.Options{Signer: key.signer})
		if err != nil {
			return err
		}
		if c.JSON {
			return s.printJSON(r)
		}
		fmt.Fprintf(s.out, "saved into %s: %d investigations whole, %d users, %d data sets, %d audit entries\n", c.Salvage, r.Investigations, r.Users, r.Datasets, r.AuditEntries)
		for _, x := range r.Shortened {
			fmt.Fprintf(s.out, "shortened  %s: %s\n", x.ID, x.Detail)
		}
		for _, x := range r.Lost {
			fmt.Fprintf(s.out, "lost       %s: %s\n", x.ID, x.Detail)
		}
		for table, n := range r.Rows {
			fmt.Fprintf(s.out, "lost       %d rows of %s\n", n, table)
		}
		if r.AuditLost != "" {
			fmt.Fprintf(s.out, "lost       audit trail: %s\n", r.AuditLost)
		}
		return nil
	}
	db, err := store.Open(s.ctx, url, store.Options{Server: true, Signer: key.signer})
	if err != nil {
		return err
	}
	r, err := db.Repair(s.ctx)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if c.JSON {
		if err := s.printJSON(r); err != nil {
			return err
		}
	} else {
		for _, x := range r.Rebuilt {
			fmt.Fprintf(s.out, "rebuilt  %s: %s\n", x.ID, x.Detail)
		}
		for _, x := range r.Broken {
			fmt.Fprintf(s.out, "broken   %s: %s\n", x.ID, x.Detail)
		}
		fmt.Fprintf(s.out, "%d investigations, %d rebuilt\n", r.Investigations, len(r.Rebuilt))
	}
	if len(r.Broken) > 0 {
		return fmt.Errorf("the logs of %d investigations are damaged themselves; restore a backup, or see olorin repair --salvage", len(r.Broken))
	}
	return nil
}

// putHeadsAside keeps the heads of the trail that a restore replaces under another name: they vouch for entries that the restored one
// does not have.
func (s *session) putHeadsAside(now time.Time) (kept string, err error) {
	kept = s.headsFile() + store.Replaced(now)
	if err := os.Rename(s.headsFile(), kept); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("the heads of the audit trail cannot be put aside; nothing was restored: %w", err)
	}
	return kept, nil
}

// putHeadsBack gives the trail its heads again that a restore had put aside when a crash ended it, before it replaced the database.
func (s *session) putHeadsBack(url string) error {
	aside, err := filepath.Glob(s.headsFile() + ".replaced-*")
	if err != nil || len(aside) == 0 {
		return err
	}
	if _, err := os.Stat(s.headsFile()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	newest := slices.Max(aside)
	undone, err := store.UndoRestore(url, strings.TrimPrefix(newest, s.headsFile()))
	if err != nil || !undone {
		return err
	}
	s.log.Warn("a restore was cut off before it replaced the database: the heads of its audit trail are in their place again", "file", s.headsFile())
	return os.Rename(newest, s.headsFile())
}

// backups makes the scheduled backups and knows what became of them.
type backups struct {
	s *session
	h *house

	making sync.Mutex // held while a backup is made, so that there is one at a time

	mu        sync.Mutex // protects all below
	last      *store.Backup
	lastError string
	rehearsal *httpd.Rehearsal
}

// newBackups remembers the last rehearsal of the process before it.
func (s *session) newBackups(h *house) *backups {
	b := &backups{s: s, h: h}
	text, err := os.ReadFile(b.rehearsalFile())
	if err == nil {
		err = json.Unmarshal(text, &b.rehearsal)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("what is known of the last rehearsed restore cannot be read", "file", b.rehearsalFile(), "error", err)
		b.rehearsal = nil
	}
	return b
}

// rehearsalFile keeps what came of the last rehearsal.
func (b *backups) rehearsalFile() string { return filepath.Join(b.s.backupDir(), "rehearsal.json") }

// rehearsed keeps what came of a rehearsal, also for the process after this one.
func (b *backups) rehearsed(r httpd.Rehearsal) {
	b.mu.Lock()
	b.rehearsal = &r
	b.mu.Unlock()
	text, err := json.Marshal(r)
	if err == nil {
		if err = os.WriteFile(b.rehearsalFile()+".new", text, 0o600); err == nil {
			err = os.Rename(b.rehearsalFile()+".new", b.rehearsalFile())
		}
	}
	if err != nil {
		b.s.log.Warn("what came of the rehearsed restore is forgotten at the next start", "file", b.rehearsalFile(), "error", err)
	}
}

// backupPrefix begins the names of scheduled backups; others in the directory are left alone.
const backupPrefix = "olorin-"

func (s *session) backupDir() string { return filepath.Join(s.config.DataDir, "backups") }

// every is the hours between two scheduled backups; 0: none are made.
func (b *backups) every() int {
	if b.h.store.Kind() != "sqlite" {
		return 0
	}
	return b.s.config.BackupEveryHours
}

// run makes a backup whenever the newest is older than it may be, until the context ends.
func (b *backups) run(ctx context.Context) {
	every := time.Duration(b.every()) * time.Hour
	if every == 0 {
		if b.h.store.Kind() == "postgres" {
			b.s.log.Info("no backups are scheduled here: a PostgreSQL database is backed up with its server's own tools")
		}
		return
	}
	for {
		wait := every
		if files := b.files(); len(files) > 0 {
			if info, err := os.Stat(files[len(files)-1]); err == nil {
				wait = every - time.Since(info.ModTime())
			}
		} else {
			wait = time.Minute // the first soon after the first start
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(wait, 0)):
		}
		if _, err := b.Make(ctx); err != nil {
			select {
			case <-ctx.Done():
				return
			case <-time.After(10 * time.Minute):
			}
		}
	}
}

// Make makes a backup, rehearses its restore, and removes the oldest beyond those that are kept.
func (b *backups) Make(ctx context.Context) (store.Backup, error) {
	b.making.Lock()
	defer b.making.Unlock()
	made, err := b.make(ctx)
	b.mu.Lock()
	if err != nil {
		b.lastError = err.Error()
	} else {
		b.last, b.lastError = &made, ""
	}
	b.mu.Unlock()
	if err != nil {
		b.s.log.Error("the backup was not made", "error", err)
		return made, err
	}
	b.s.record(b.h, "backup.made", made.File+" sha256 "+made.SHA256)
	r := httpd.Rehearsal{At: b.h.clock(), File: made.File, OK: true}
	if n, err := store.RehearseRestore(ctx, made.File, b.h.auditKey.verifier); err != nil || n != made.Investigations {
		r.OK, r.Detail = false, fmt.Sprintf("%d of %d investigations: %v", n, made.Investigations, err)
		b.s.log.Error("a backup cannot be restored", "file", made.File, "error", err, "investigations", n)
	} else {
		r.Detail = fmt.Sprintf("%d investigations, every log equal to its snapshot, the audit trail as it was signed", n)
	}
	b.rehearsed(r)
	b.s.log.Info("backup made and rehearsed", "file", made.File, "bytes", made.Bytes, "investigations", made.Investigations, "restorable", r.OK)
	if !r.OK {
		return made, nil // the older ones stay
	}
	for _, old := range b.beyond() {
		if err := os.Remove(old); err != nil {
			b.s.log.Warn("an old backup was not removed", "file", old, "error", err)
		}
	}
	return made, nil
}

func (b *backups) make(ctx context.Context) (store.Backup, error) {
	if err := os.MkdirAll(b.s.backupDir(), 0o700); err != nil {
		return store.Backup{}, err
	}
	name := backupPrefix + b.h.clock().UTC().Format("20060102T150405.000") + ".db"
	return b.h.store.Backup(ctx, filepath.Join(b.s.backupDir(), name), b.h.auditKey.verifier)
}

// files lists the scheduled backups, oldest first.
func (b *backups) files() []string {
	files, err := filepath.Glob(filepath.Join(b.s.backupDir(), backupPrefix+"*.db"))
	if err != nil {
		return nil
	}
	slices.Sort(files)
	return files
}

// beyond lists the oldest beyond those that are kept.
func (b *backups) beyond() []string {
	files := b.files()
	return files[:max(0, len(files)-b.s.config.BackupKeep)]
}

// status is what the admin page shows.
func (b *backups) status() httpd.BackupStatus {
	st := httpd.BackupStatus{Directory: b.s.backupDir(), EveryHours: b.every(), Keep: b.s.config.BackupKeep, Items: []httpd.BackupItem{}}
	for _, file := range slices.Backward(b.files()) {
		if info, err := os.Stat(file); err == nil {
			st.Items = append(st.Items, httpd.BackupItem{File: filepath.Base(file), At: olorin.At(info.ModTime()), Bytes: info.Size()})
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	st.Last, st.LastError, st.Rehearsal = b.last, b.lastError, b.rehearsal
	return st
}

// adminStatus is how the server stands, for the admin page.
func (s *session) adminStatus(ctx context.Context, h *house, b *backups) (httpd.AdminStatus, error) {
	st := httpd.AdminStatus{
		Database: httpd.DatabaseStatus{Kind: h.store.Kind()},
		Writes:   httpd.WriteStatus{Mode: "durable"}, Backups: b.status(),
		Retention: httpd.RetentionStatus{MaxAgeDays: s.config.HistoryMaxAgeDays}, Queue: h.store.Stats().Queued,
	}
	var err error
	if st.Database.Bytes, st.Database.WALBytes, err = h.store.Size(ctx); err != nil {
		return st, err
	}
	if all, err := store.MigrationStatus(ctx, s.config.DatabaseURL); err == nil && len(all) > 0 {
		st.Database.Schema = all[len(all)-1].Version
	}
	held := h.store.Holding()
	st.Writes.HeldChanges, st.Writes.HeldBytes = held.Changes, held.Bytes
	if held.Active {
		since := olorin.At(held.Since)
		st.Writes.Mode, st.Writes.Since, st.Writes.Error = "memory", &since, held.Cause
	}
	if err := h.store.Damaged(); err != nil {
		st.Writes.Mode, st.Writes.Error = "refused", err.Error()
	}
	head, err := h.store.AuditHead(ctx)
	if err != nil {
		return st, err
	}
	st.Audit = httpd.AuditStatus{Size: head.Size, Root: head.Root.String()}
	if head.Size > 0 {
		st.Audit.SignedAt = &head.At
	}
	return st, nil
}
