package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/olorin-dev/olorin"
)

const auditColumns = `number, at, actor_kind, actor_id, actor_role, origin, source, action, investigation_id, version_before, version_after, detail, diff, leaf`

// keptAudit is what of a row goes into its hash as it is kept, and the hash.
type keptAudit struct {
	micros int64
	diff   string
	leaf   []byte
}

// readAudit reads a row of auditColumns.
func readAudit(scan func(...any) error) (a olorin.AuditEntry, kept keptAudit, err error) {
	err = scan(&a.Number, &kept.micros, &a.Actor.Kind, &a.Actor.ID, &a.Actor.Role, &a.Origin, &a.Source, &a.Action, &a.InvestigationID,
		&a.VersionBefore, &a.VersionAfter, &a.Detail, &kept.diff, &kept.leaf)
	a.At, a.Actor.Origin = olorin.FromMicro(kept.micros), a.Origin
	return a, kept, err
}

// auditPage reads a page of the trail.
func (db *DB) auditPage(ctx context.Context, cursor int64, limit int, query string, args ...any) (olorin.AuditPage, error) {
	page := olorin.AuditPage{Items: []olorin.AuditEntry{}, NextCursor: cursor}
	err := db.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) {
		a, kept, err := readAudit(scan)
		if err != nil {
			return false, err
		}
		if leaf, err := leafOf(a, kept.micros, kept.diff); err != nil || !bytes.Equal(leaf[:], kept.leaf) {
			return false, olorin.Errorf(olorin.CodeCorrupt, "entry %d of the audit trail is not what was written; see olorin audit verify", a.Number)
		}
		if len(page.Items) == limit {
			page.HasMore = true
			return false, nil
		}
		if err := json.Unmarshal([]byte(kept.diff), &a.Diff); err != nil {
			return false, olorin.Errorf(olorin.CodeCorrupt, "entry %d of the audit trail cannot be read; see olorin audit verify: %w", a.Number, err)
		}
		page.Items = append(page.Items, a.Readable())
		page.NextCursor = a.Number
		return true, nil
	}, query, args...)
	if err != nil {
		return olorin.AuditPage{}, translate("read the audit trail", err)
	}
	return page, nil
}

// Audit lists the audit trail of an investigation after the entry with number cursor, first to last; limit is 1..10,000, and 0 is 200.
func (db *DB) Audit(ctx context.Context, id string, cursor int64, limit int) (olorin.AuditPage, error) {
	if limit <= 0 {
		limit = 200
	}
	limit = min(limit, maxPage)
	page, err := db.auditPage(ctx, cursor, limit, `
		SELECT `+auditColumns+` FROM audit WHERE investigation_id = $1 AND investigation_id <> '' AND number > $2 ORDER BY number LIMIT $3`, id, cursor, limit+1)
	if err != nil {
		return page, err
	}
	if len(page.Items) == 0 && id != "" {
		// The trail outlives its investigation, so its absence is told only where there never was one.
		var one int
		if err := db.reader.row(ctx, []any{&one}, `SELECT 1 FROM audit WHERE investigation_id = $1 AND investigation_id <> '' LIMIT 1`, id); err != nil {
			return olorin.AuditPage{}, missing(err, "investigation", id)
		}
	}
	return page, nil
}

// AuditBegin returns the cursor from which on the trail of an id is that of the newest investigation with it.
func (db *DB) AuditBegin(ctx context.Context, id string) (cursor int64, err error) {
	err = db.reader.row(ctx, []any{&cursor}, `
		SELECT COALESCE(MAX(number), 0) FROM audit WHERE investigation_id = $1 AND investigation_id <> '' AND action = $2
			AND number < (SELECT COALESCE(MAX(number), 0) FROM audit WHERE investigation_id = $1 AND investigation_id <> '' AND action <> $2)`, id, olorin.Removed)
	return cursor, translate("read the audit trail of investigation "+id, err)
}

// AuditTrail lists the whole trail, first to last, or last to first; limit is 1..10,000, and 0 is 200.
func (db *DB) AuditTrail(ctx context.Context, q olorin.AuditQuery) (olorin.AuditPage, error) {
	if q.Limit <= 0 {
		q.Limit = 200
	}
	q.Limit = min(q.Limit, maxPage)
	where, args, order := []string{"number > $1"}, []any{q.Cursor}, "number"
	if q.Newest {
		order = "number DESC"
		if q.Cursor > 0 {
			where[0] = "number < $1"
		}
	}
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if q.ActorID != "" {
		add("actor_id = $%d", q.ActorID)
	}
	if q.Action != "" {
		add(`LOWER(action) LIKE $%d ESCAPE '!'`, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(q.Action))+"%")
	}
	if q.From != nil {
		add("at >= $%d", q.From.UnixMicro())
	}
	if q.To != nil {
		add("at < $%d", q.To.UnixMicro())
	}
	add("1 = 1 ORDER BY "+order+" LIMIT $%d", q.Limit+1)
	return db.auditPage(ctx, q.Cursor, q.Limit, `SELECT `+auditColumns+` FROM audit WHERE `+strings.Join(where, " AND "), args...)
}

// Record writes an entry that stands for itself.
func (db *DB) Record(ctx context.Context, entry olorin.AuditEntry) error {
	return db.writer.write(ctx, "audit", "write to the audit trail", func(t *tx) error { return t.audit(entry) })
}

// audit writes one entry; its number is the next, without gaps. The batch's head vouches for it.
func (t *tx) audit(a olorin.AuditEntry) error {
	if err := t.openTree(); err != nil {
		return err
	}
	if a.Origin == "" {
		a.Origin = a.Actor.Origin
	}
	if a.Diff == nil {
		a.Diff = []olorin.Difference{}
	}
	diff, err := json.Marshal(a.Diff)
	if err != nil {
		return err
	}
	a.Number = t.tree.size + int64(len(t.leaves)) + 1
	a.At = olorin.FromMicro(a.At.UnixMicro())
	leaf, err := leafOf(a, a.At.UnixMicro(), string(diff))
	if err != nil {
		return err
	}
	if err := t.exec(`
		INSERT INTO audit (number, at, actor_kind, actor_id, actor_role, origin, source, action, investigation_id, version_before, version_after, detail, diff, leaf)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		a.Number, a.At.UnixMicro(), string(a.Actor.Kind), a.Actor.ID, string(a.Actor.Role), a.Origin, string(a.Source), a.Action, a.InvestigationID,
		a.VersionBefore, a.VersionAfter, a.Detail, string(diff), leaf[:]); err != nil {
		return err
	}
	t.leaves = append(t.leaves, leaf)
	return nil
}
