package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// Tests take small bounds, so that few investigations lead every way; the benchmark of the history takes these.
var usuallyLarge, usuallyRead = largeHistory, textsRead

func init() { largeHistory, textsRead, changesAtOnce = 40, 20, 7 }

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
	return slices.Sorted(maps.Keys(db.catalogue.collected))
}

// Follow reads what was changed, as one round does.
func (db *DB) Follow(ctx context.Context) error { return db.catalogue.follow(ctx) }
