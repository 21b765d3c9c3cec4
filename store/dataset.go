package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/olorin-dev/olorin"
)

// datasetInUse tells whether an investigation that is not a draft names a data set.
const datasetInUse = `EXISTS (SELECT 1 FROM investigations i WHERE i.dataset = d.id AND i.status <> 'draft')`

// Dataset returns a data set with InUse set.
func (db *DB) Dataset(ctx context.Context, id string) (olorin.Dataset, error) {
	var (
		document []byte
		sum      int64
		inUse    bool
	)
	if err := db.reader.row(ctx, []any{&document, &sum, &inUse}, `SELECT d.document, d.sum, `+datasetInUse+` FROM datasets d WHERE d.id = $1`, id); err != nil {
		return olorin.Dataset{}, missing(err, "data set", id)
	}
	return readDataset(id, document, sum, inUse)
}

func readDataset(id string, document []byte, sum int64, inUse bool) (olorin.Dataset, error) {
	var d olorin.Dataset
	if sum != sumOf(id, document) {
		return d, damaged("data set", id)
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return d, olorin.Errorf(olorin.CodeCorrupt, "what is known of a data set cannot be read; see olorin check: %w", err)
	}
	d.InUse = inUse
	return d, nil
}

// Datasets lists those of a user, newest first.
func (db *DB) Datasets(ctx context.Context, userID string) ([]olorin.Dataset, error) {
	list := []olorin.Dataset{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			id       string
			document []byte
			sum      int64
			inUse    bool
		)
		if err := scan(&id, &document, &sum, &inUse); err != nil {
			return false, err
		}
		d, err := readDataset(id, document, sum, inUse)
		list = append(list, d)
		return true, err
	}, `SELECT d.id, d.document, d.sum, `+datasetInUse+` FROM datasets d WHERE d.user_id = $1 ORDER BY d.created_at DESC, d.id DESC`, userID)
	if err != nil {
		return nil, translate("list the data sets of "+userID, err)
	}
	return list, nil
}

// PutDataset writes a data set, new or mapped anew; the latter is CodeDatasetInUse where an investigation that is not a draft names it,
// and CodeExists where it is another user's.
func (db *DB) PutDataset(ctx context.Context, d olorin.Dataset, audit olorin.AuditEntry) error {
	d.InUse = false
	document, err := json.Marshal(d)
	if err != nil {
		return err
	}
	reservation := reserved(ctx)
	return db.writer.write(ctx, "dataset "+d.ID, "write data set "+d.ID, func(t *tx) error {
		owner, err := t.unused(d.ID)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		case owner != d.UserID:
			return olorin.Errorf(olorin.CodeExists, "data set %q exists already", d.ID)
		}
		if err := t.exec(`
			INSERT INTO datasets (id, user_id, created_at, document, sum) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, document = excluded.document, sum = excluded.sum`,
			d.ID, d.UserID, d.CreatedAt.UnixMicro(), string(document), sumOf(d.ID, document)); err != nil {
			return err
		}
		if err := t.audit(audit); err != nil {
			return err
		}
		return t.acted(reservation, Acted{Noun: "dataset", ID: d.ID})
	})
}

// DeleteDataset forgets one; CodeDatasetInUse where an investigation or a template names it. Which drafts and templates do is in the faults.
func (db *DB) DeleteDataset(ctx context.Context, id string, audit olorin.AuditEntry) error {
	named, err := db.naming(ctx, id)
	if err != nil {
		return err
	}
	return db.writer.write(ctx, "dataset "+id, "delete data set "+id, func(t *tx) error {
		if _, err := t.unused(id); err != nil {
			return missing(err, "data set", id)
		}
		if len(named) > 0 {
			e := olorin.Errorf(olorin.CodeDatasetInUse, "drafts or templates name this data set: choose another there, or archive the drafts")
			e.Faults = named
			return e
		}
		if err := t.exec(`DELETE FROM datasets WHERE id = $1`, id); err != nil {
			return err
		}
		return t.audit(audit)
	})
}

// namingMost is how many drafts, and how many templates, are told that name a data set.
const namingMost = 20

// naming are the drafts that are not archived and the templates that name a data set, of those that its owner may see.
func (db *DB) naming(ctx context.Context, id string) ([]olorin.Fault, error) {
	var named []olorin.Fault
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var draft, name string
		err := scan(&draft, &name)
		named = append(named, olorin.Fault{Pointer: "/investigations/" + draft, Code: "draft", Detail: "the draft “" + name + "” names it"})
		return true, err
	}, `SELECT id, name FROM investigations WHERE status = 'draft' AND archived_at IS NULL AND dataset = $1 AND user_id = (SELECT user_id FROM datasets WHERE id = $1) ORDER BY num DESC LIMIT $2`, id, namingMost)
	if err != nil {
		return nil, translate("find drafts of data set "+id, err)
	}
	err = db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		t, err := readTemplate(scan)
		if err == nil && t.Settings.Dataset == id {
			named = append(named, olorin.Fault{Pointer: "/templates/" + t.ID, Code: "template", Detail: "the template “" + t.Name + "” names it"})
		}
		return true, err
	}, `SELECT `+templateColumns+`WHERE deleted_at IS NULL AND document LIKE $1 AND (scope = 'org' OR user_id = (SELECT user_id FROM datasets WHERE id = $2)) ORDER BY id DESC LIMIT $3`, `%"dataset":"`+id+`"%`, id, namingMost)
	if err != nil {
		return nil, translate("find templates of data set "+id, err)
	}
	return named, nil
}

// unused returns the owner of a data set that may be changed, and sql.ErrNoRows where there is none.
func (t *tx) unused(id string) (owner string, err error) {
	var inUse bool
	if err := t.row([]any{&owner, &inUse}, `SELECT d.user_id, `+datasetInUse+` FROM datasets d WHERE d.id = $1`, id); err != nil {
		return "", err
	}
	if inUse {
		return owner, olorin.Errorf(olorin.CodeDatasetInUse, "an investigation rests on this data set; it can be neither deleted nor mapped anew")
	}
	return owner, nil
}

// datasetExists refuses to start on a data set that was deleted after it was looked at.
func (t *tx) datasetExists(id string) error {
	var one int
	err := t.row([]any{&one}, `SELECT 1 FROM datasets WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return olorin.Errorf(olorin.CodeDatasetInvalid, "the data set that was chosen does not exist any more; choose another")
	}
	return err
}
