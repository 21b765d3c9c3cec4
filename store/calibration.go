package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/olorin-dev/olorin"
)

var _ olorin.Balance = (*DB)(nil)

// Weights returns a version of the accepted weights, 0 being the newest; of none accepted yet it is the zero value.
func (db *DB) Weights(ctx context.Context, version int64) (olorin.Weights, error) {
	var (
		w        olorin.Weights
		number   int64
		document []byte
		sum      int64
	)
	err := db.reader.row(ctx, []any{&number, &document, &sum}, `SELECT version, document, sum FROM weights WHERE version = $1 OR $1 = 0 ORDER BY version DESC LIMIT 1`, version)
	switch {
	case errors.Is(err, sql.ErrNoRows) && version == 0:
		return w, nil
	case err != nil:
		return w, missing(err, "version of weights", fmt.Sprint(version))
	case sum != sumOf(fmt.Sprint(number), document):
		return w, damaged("version of weights", fmt.Sprint(number))
	}
	if err := json.Unmarshal(document, &w); err != nil {
		return w, olorin.Errorf(olorin.CodeCorrupt, "the accepted weights cannot be read; see olorin check: %w", err)
	}
	return w, nil
}

// PutWeights adds the version after the newest; CodeConflict where another came first.
func (db *DB) PutWeights(ctx context.Context, w olorin.Weights, audit olorin.AuditEntry) error {
	document, err := json.Marshal(w)
	if err != nil {
		return err
	}
	reservation := reserved(ctx)
	return db.writer.write(ctx, "weights", "accept weights", func(t *tx) error {
		var newest int64
		if err := t.row([]any{&newest}, `SELECT coalesce(max(version), 0) FROM weights`); err != nil {
			return err
		}
		if w.Version != newest+1 {
			return olorin.Errorf(olorin.CodeConflict, "the weights are at version %d; somebody accepted others since you looked", newest)
		}
		if err := t.exec(`INSERT INTO weights (version, document, sum) VALUES ($1, $2, $3)`, w.Version, string(document), sumOf(fmt.Sprint(w.Version), document)); err != nil {
			return err
		}
		if err := t.audit(audit); err != nil {
			return err
		}
		return t.acted(reservation, Acted{Noun: "weights", Version: w.Version})
	})
}
