package store

import (
	"context"
	"encoding/json"

	"github.com/olorin-dev/olorin"
)

var _ olorin.Mappings = (*DB)(nil)

// Mappings lists what a user said of the columns of files, the newest first.
func (db *DB) Mappings(ctx context.Context, userID string) ([]olorin.Mapping, error) {
	list := []olorin.Mapping{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			shape    string
			document []byte
			sum      int64
			m        olorin.Mapping
		)
		if err := scan(&shape, &document, &sum); err != nil {
			return false, err
		}
		if sum != sumOf(userID+" "+shape, document) {
			return false, damaged("a mapping of columns of", userID)
		}
		if err := json.Unmarshal(document, &m); err != nil {
			return false, olorin.Errorf(olorin.CodeCorrupt, "a mapping of columns of %q cannot be read: %w", userID, err)
		}
		list = append(list, m)
		return true, nil
	}, `SELECT shape, document, sum FROM mappings WHERE user_id = $1 ORDER BY made_at DESC, shape`, userID)
	if err != nil {
		return nil, translate("list the mappings of "+userID, err)
	}
	return list, nil
}

// PutMapping keeps a mapping in place of the one before.
func (db *DB) PutMapping(ctx context.Context, m olorin.Mapping, audit olorin.AuditEntry) error {
	document, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return db.writer.write(ctx, "mapping "+m.UserID+" "+m.Shape, "remember a mapping of columns", func(t *tx) error {
		if err := t.exec(`
			INSERT INTO mappings (user_id, shape, made_at, document, sum) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (user_id, shape) DO UPDATE SET made_at = excluded.made_at, document = excluded.document, sum = excluded.sum`,
			m.UserID, m.Shape, m.At.UnixMicro(), string(document), sumOf(m.UserID+" "+m.Shape, document)); err != nil {
			return err
		}
		return t.audit(audit)
	})
}

// DeleteMapping forgets a mapping.
func (db *DB) DeleteMapping(ctx context.Context, userID, shape string, audit olorin.AuditEntry) error {
	return db.writer.write(ctx, "mapping "+userID+" "+shape, "forget a mapping of columns", func(t *tx) error {
		n, err := t.affect(`DELETE FROM mappings WHERE user_id = $1 AND shape = $2`, userID, shape)
		if err != nil {
			return err
		}
		if n == 0 {
			return olorin.NotFound("mapping", shape)
		}
		return t.audit(audit)
	})
}
