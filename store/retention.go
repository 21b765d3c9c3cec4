package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/olorin-dev/olorin"
)

var _ olorin.Retention = (*DB)(nil)

const expired = `
	SELECT id, user_id, name, version, archived_at FROM investigations
	WHERE archived_at < $1 AND status IN ('completed', 'cancelled', 'error') ORDER BY archived_at LIMIT $2`

// Expired lists up to limit investigations that are over and were archived before a time, oldest first.
func (db *DB) Expired(ctx context.Context, before olorin.Time, limit int) ([]olorin.Expired, error) {
	list := []olorin.Expired{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			e  olorin.Expired
			at int64
		)
		if err := scan(&e.ID, &e.UserID, &e.Name, &e.Version, &at); err != nil {
			return false, err
		}
		e.ArchivedAt = olorin.FromMicro(at)
		list = append(list, e)
		return true, nil
	}, expired, before.UnixMicro(), limit)
	if err != nil {
		return nil, translate("look for investigations whose retention is over", err)
	}
	return list, nil
}

// Remove forgets an investigation with its log, if it is still at the version; CodeConflict where it is not. Its audit trail stays.
func (db *DB) Remove(ctx context.Context, e olorin.Expired, audit olorin.AuditEntry) error {
	return db.writer.write(ctx, e.ID, "remove investigation "+e.ID, func(t *tx) error {
		var num int64
		err := t.row([]any{&num}, `SELECT num FROM investigations WHERE id = $1 AND version = $2`, e.ID, e.Version)
		if errors.Is(err, sql.ErrNoRows) {
			return olorin.Errorf(olorin.CodeConflict, "investigation %q is not at version %d any more; it stays", e.ID, e.Version)
		}
		if err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM events WHERE investigation = $1`, `DELETE FROM snapshots WHERE investigation = $1`, `DELETE FROM runs WHERE investigation = $1`,
			`DELETE FROM verdicts WHERE investigation = $1`,
			t.dialect.textDelete, `DELETE FROM investigation_words WHERE investigation = $1`,
			`INSERT INTO removals (investigation, changed) VALUES ($1, ` + nextChange + `)`, `DELETE FROM investigations WHERE num = $1`,
		} {
			if err := t.exec(query, num); err != nil {
				return err
			}
		}
		return t.audit(audit)
	})
}
