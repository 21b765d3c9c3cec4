package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/olorin-dev/olorin"
)

// UsualBounds are those of a server; tests take small ones, so that few investigations lead every way.
var UsualBounds = func() func() {
	large, texts, loaded, changes := largeHistory, textsRead, loadedAtOnce, changesAtOnce
	return func() { largeHistory, textsRead, loadedAtOnce, changesAtOnce = large, texts, loaded, changes }
}()

func init() { largeHistory, textsRead, loadedAtOnce, changesAtOnce = 40, 20, 50, 7 }

// AuditKey makes a key for the heads of a trail, and the text of its public half.
func AuditKey(t *testing.T) (note.Signer, note.Verifier, string) {
	t.Helper()
	secret, public, err := note.GenerateKey(nil, "olorin-audit")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, key, public
}

// MigrateTo makes the schema that a database had at an earlier version.
func MigrateTo(ctx context.Context, url string, version int64) error {
	src, err := parseURL(url)
	if err != nil {
		return err
	}
	pool, err := src.dialect.open(src, visiting, Options{})
	if err != nil {
		return err
	}
	defer pool.Close() //nolint:errcheck // what was written is committed
	provider, err := newProvider(src.dialect, pool)
	if err != nil {
		return err
	}
	_, err = provider.UpTo(ctx, version)
	return err
}

// CutMigration ends migrations once they are applied, before they are completed, until the returned func is called.
func CutMigration(cut error) (mend func()) {
	migrateStep = func(string) error { return cut }
	return func() { migrateStep = func(string) error { return nil } }
}

// Probes counts how often it began and ended to wait for a database that can be written: odd while it does.
func (db *DB) Probes() int64 { return db.writer.hold.probes.Load() }

// Learned learns what is common, as the start of a server does, and tells it.
func (db *DB) Learned(t *testing.T) []string {
	t.Helper()
	if err := errors.Join(db.catalogue.fresh(t.Context()), db.catalogue.collect(t.Context())); err != nil {
		t.Fatal(err)
	}
	return db.Sets()
}

// Sets are the terms of which a set is kept.
func (db *DB) Sets() []string { return slices.Sorted(maps.Keys(db.catalogue.collected)) }

// Follow reads what was changed, as one round does.
func (db *DB) Follow(ctx context.Context) error { return db.catalogue.follow(ctx) }

// Forget is what a round does that finds the database set back, before it reads all anew.
func (db *DB) Forget() { db.catalogue.forget() }

// Prepare does what a server does at each tick.
func (db *DB) Prepare(ctx context.Context, ready int) int { return db.catalogue.prepare(ctx, ready) }

// Unsettled is what nothing is ready in.
const Unsettled = unsettled

// Narrow looks for a word in what is known, and lists the names that begin so; both as they are in the middle of a list.
func (db *DB) Narrow(t *testing.T, word string) (listed, named bool) {
	t.Helper()
	listed, err := db.catalogue.page(t.Context(), olorin.HistoryQuery{}, termsOf(word), &list{need: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, named = db.catalogue.namesOf("ana", nameKey(word))
	return listed, named
}

// Crowd takes the turns of all who may narrow a list at once, and asks for one more.
func (db *DB) Crowd(ctx context.Context) error {
	for range cap(db.catalogue.turns) {
		db.catalogue.turns <- struct{}{}
		defer func() { <-db.catalogue.turns }()
	}
	_, err := db.catalogue.page(ctx, olorin.HistoryQuery{}, nil, &list{need: 1})
	return err
}

// PlanOfRetention is how SQLite looks for what is to be removed.
func (db *DB) PlanOfRetention(t *testing.T) (plan string) {
	t.Helper()
	if err := db.reader.eachOf(t.Context(), func(scan func(...any) error) (bool, error) {
		var id, parent, unused int64
		return true, scan(&id, &parent, &unused, &plan)
	}, "EXPLAIN QUERY PLAN "+expired, 0, 1); err != nil {
		t.Fatal(err)
	}
	return plan
}

// Isolation is that of the transactions that write.
func (db *DB) Isolation(t *testing.T) (level string) {
	t.Helper()
	if err := db.writer.write(t.Context(), "test", "ask", func(tx *tx) error { return tx.row([]any{&level}, "SHOW transaction_isolation") }); err != nil {
		t.Fatal(err)
	}
	return level
}
