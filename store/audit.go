package store

import (
	"context"

	"github.com/olorin-dev/olorin"
)

// Audit lists the audit trail of an investigation after the entry with number cursor, first to last; limit is 1..10,000, and 0 is 200.
func (db *DB) Audit(ctx context.Context, id string, cursor int64, limit int) (olorin.AuditPage, error) {
	if limit <= 0 {
		limit = 200
	}
	limit = min(limit, maxPage)
	page := olorin.AuditPage{Items: []olorin.AuditEntry{}, NextCursor: cursor}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			a  olorin.AuditEntry
			at int64
		)
		if err := scan(&a.Number, &at, &a.Actor.Kind, &a.Actor.ID, &a.Actor.Role, &a.Origin, &a.Source, &a.Action, &a.InvestigationID,
			&a.VersionBefore, &a.VersionAfter, &a.Detail); err != nil {
			return false, err
		}
		if len(page.Items) == limit {
			page.HasMore = true
			return false, nil
		}
		a.At, a.Actor.Origin = olorin.FromMicro(at), a.Origin
		page.Items = append(page.Items, a)
		page.NextCursor = a.Number
		return true, nil
	}, `
		SELECT number, at, actor_kind, actor_id, actor_role, origin, source, action, investigation_id, version_before, version_after, detail
		FROM audit WHERE investigation_id = $1 AND investigation_id <> '' AND number > $2 ORDER BY number LIMIT $3`, id, cursor, limit+1)
	if err != nil {
		return olorin.AuditPage{}, translate("read the audit trail of investigation "+id, err)
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

// audit writes one entry; its number is the next, without gaps.
func (t *tx) audit(a olorin.AuditEntry) error {
	origin := a.Origin
	if origin == "" {
		origin = a.Actor.Origin
	}
	return t.exec(`
		INSERT INTO audit (at, actor_kind, actor_id, actor_role, origin, source, action, investigation_id, version_before, version_after, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.At.UnixMicro(), string(a.Actor.Kind), a.Actor.ID, string(a.Actor.Role), origin, string(a.Source), a.Action, a.InvestigationID, a.VersionBefore, a.VersionAfter, a.Detail)
}
