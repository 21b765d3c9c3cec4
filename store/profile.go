package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/olorin-dev/olorin"
)

var _ olorin.Profiles = (*DB)(nil)

// Profile returns a user's profile, the default one where none was saved.
func (db *DB) Profile(ctx context.Context, userID string) (olorin.Profile, error) {
	p := olorin.DefaultProfile()
	var (
		document []byte
		sum      int64
	)
	err := db.reader.row(ctx, []any{&document, &sum}, `SELECT document, sum FROM profiles WHERE user_id = $1`, userID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return p, nil
	case err != nil:
		return p, translate("read the profile of "+userID, err)
	case sum != sumOf(userID, document):
		return p, damaged("the profile of", userID)
	}
	if err := json.Unmarshal(document, &p); err != nil {
		return p, olorin.Errorf(olorin.CodeCorrupt, "the profile of %q cannot be read; see olorin check: %w", userID, err)
	}
	return p, nil
}

// PutProfile writes the next version of a profile: CodeConflict where the version before it is not the newest.
func (db *DB) PutProfile(ctx context.Context, userID string, p olorin.Profile, audit olorin.AuditEntry) error {
	document, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return db.writer.write(ctx, "profile of "+userID, "write the profile of "+userID, func(t *tx) error {
		n, err := t.affect(`
			INSERT INTO profiles (user_id, version, document, sum) VALUES ($1, $2, $3, $4)
			ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, document = excluded.document, sum = excluded.sum
			WHERE profiles.version = excluded.version - 1`, userID, p.Version, string(document), sumOf(userID, document))
		if err != nil {
			return err
		}
		if n == 0 {
			return olorin.Errorf(olorin.CodeConflict, "the profile of %q was changed meanwhile; nothing was written", userID)
		}
		return t.audit(audit)
	})
}
