package store

import (
	"context"
	"fmt"
	"hash/crc32"

	"github.com/olorin-dev/olorin"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumOf is the checksum of what a row says: CRC-32C of its parts, each with its length before it. It is never 0.
func sumOf(parts ...any) int64 {
	var text []byte
	sum := uint32(0)
	for _, part := range parts {
		switch part := part.(type) {
		case []byte:
			text = fmt.Appendf(text[:0], "%d:", len(part))
			sum = crc32.Update(crc32.Update(sum, castagnoli, text), castagnoli, part)
			continue
		case string:
			text = append(fmt.Appendf(text[:0], "%d:", len(part)), part...)
		case *int64:
			text = append(text[:0], '-')
			if part != nil {
				text = fmt.Appendf(text[:0], "%d", *part)
			}
		case *float64:
			text = append(text[:0], '-')
			if part != nil {
				text = fmt.Appendf(text[:0], "%g", *part)
			}
		default:
			text = fmt.Append(text[:0], part)
		}
		text = append(text, ',')
		sum = crc32.Update(sum, castagnoli, text)
	}
	return int64(sum) | 1<<32
}

// damaged says that a row is not what was written.
func damaged(what, id string) error {
	return olorin.Errorf(olorin.CodeCorrupt, "%s %q is damaged in the database: what it says is not what was written; see olorin check and olorin repair", what, id)
}

// eventSum is the checksum of an event's row.
func eventSum(num, seq, at int64, kind string, document []byte) int64 {
	return sumOf(num, seq, at, kind, document)
}

// headerRow is an investigation's header as it is kept. Times are microseconds.
type headerRow struct {
	num                                   int64
	id, userID, assignee                  string
	shared                                bool
	version                               int64
	name                                  string
	status                                olorin.Status
	partial                               olorin.Why
	step                                  olorin.Step
	percent                               float64
	phase                                 olorin.Phase
	findings, logLines                    int
	eta, risk                             *float64
	level                                 olorin.RiskLevel
	entities                              int
	mask                                  int64
	created, updated                      int64
	started, finished, archived, duration *int64
}

// headerColumns are what a headerRow is read from.
const headerColumns = `num, id, user_id, version, name, status, step, percent, phase, findings, log_lines, eta_seconds, risk_score, risk_level, entity_count, entity_types,
	created_at, updated_at, started_at, finished_at, archived_at, duration_ms, assignee, shared, partial, sum`

// headerOf is the header of a state: what a list says of it, and how far its run is. num is not part of what it says.
func headerOf(inv olorin.Investigation) headerRow {
	it := inv.Item()
	h := headerRow{
		id: it.ID, userID: it.UserID, assignee: it.Assignee, shared: it.Shared, version: it.Version, name: it.Name, status: it.Status, partial: it.Partial, step: it.Step, percent: it.Percent,
		phase: inv.Progress.Phase, findings: inv.Progress.Findings, logLines: inv.Progress.LogLines, eta: inv.Progress.ETASeconds, risk: it.RiskScore, entities: it.EntityCount, mask: typesMask(it.EntityTypes),
		created: it.CreatedAt.UnixMicro(), updated: it.UpdatedAt.UnixMicro(), started: micros(it.StartedAt), finished: micros(it.FinishedAt), archived: micros(it.ArchivedAt), duration: it.DurationMS,
	}
	if it.RiskLevel != nil {
		h.level = *it.RiskLevel
	}
	return h
}

// kept is the row without what changes all the time.
func (h headerRow) kept() headerRow {
	h.version, h.step, h.percent, h.phase, h.findings, h.logLines, h.eta, h.updated = 0, "", 0, "", 0, 0, nil, 0
	return h
}

func (h headerRow) sum() int64 {
	parts := []any{
		h.id, h.userID, h.version, h.name, string(h.status), string(h.step), h.percent, string(h.phase), h.findings, h.logLines, h.eta, h.risk, string(h.level),
		h.entities, h.mask, h.created, h.updated, h.started, h.finished, h.archived, h.duration,
	}
	if h.assignee != "" || h.shared { // rows from before there were these say the same as ever
		parts = append(parts, h.assignee, flag(h.shared))
	}
	if h.partial != "" {
		parts = append(parts, string(h.partial))
	}
	return sumOf(parts...)
}

// scan reads headerColumns and what follows them, and refuses a row that is not what was written.
func (h *headerRow) scan(scan func(...any) error, more ...any) error {
	sum, err := h.read(scan, more...)
	if err == nil && sum != h.sum() {
		err = damaged("investigation", h.id)
	}
	return err
}

// read is scan without the comparison.
func (h *headerRow) read(scan func(...any) error, more ...any) (sum int64, err error) {
	err = scan(append([]any{
		&h.num, &h.id, &h.userID, &h.version, &h.name, &h.status, &h.step, &h.percent, &h.phase, &h.findings, &h.logLines, &h.eta, &h.risk, &h.level, &h.entities, &h.mask,
		&h.created, &h.updated, &h.started, &h.finished, &h.archived, &h.duration, &h.assignee, &h.shared, &h.partial, &sum,
	}, more...)...)
	return sum, err
}

func (h headerRow) head() olorin.Head {
	return olorin.Head{
		ID: h.id, UserID: h.userID, Assignee: h.assignee, Shared: h.shared, Version: h.version, Durable: h.version, Status: h.status, Step: h.step, Percent: h.percent, Phase: h.phase, Findings: h.findings,
		LogLines: h.logLines, ETASeconds: h.eta, LastActivity: olorin.FromMicro(h.updated), Created: olorin.FromMicro(h.created),
	}
}

func (h headerRow) item() olorin.HistoryItem {
	it := olorin.HistoryItem{
		ID: h.id, UserID: h.userID, Name: h.name, Status: h.status, Partial: h.partial, Step: h.step, RiskScore: h.risk, EntityCount: h.entities, EntityTypes: typesOf(h.mask), Percent: h.percent,
		CreatedAt: olorin.FromMicro(h.created), StartedAt: instant(h.started), FinishedAt: instant(h.finished), UpdatedAt: olorin.FromMicro(h.updated),
		DurationMS: h.duration, ArchivedAt: instant(h.archived), Version: h.version, Assignee: h.assignee, Shared: h.shared,
	}
	if level := h.level; level != "" {
		it.RiskLevel = &level
	}
	return it
}

func userSum(u olorin.User) int64 {
	return sumOf(u.ID, u.Name, string(u.Role), u.PasswordHash, u.CreatedAt.UnixMicro(), flag(u.Disabled))
}

// sumMigrated computes the checksums of rows that were written before there were any. It runs in the transaction of the caller.
func sumMigrated(ctx context.Context, t *tx) error {
	type update struct {
		query string
		args  []any
	}
	// each reads all rows of a query before it writes: one connection cannot do both at once.
	each := func(query string, row func(scan func(...any) error) (update, error)) error {
		for {
			rows, err := t.conn.QueryContext(ctx, query+` LIMIT 1000`)
			if err != nil {
				return err
			}
			var updates []update
			err = walk(rows, func(scan func(...any) error) (bool, error) {
				u, err := row(scan)
				updates = append(updates, u)
				return true, err
			})
			if err != nil || len(updates) == 0 {
				return err
			}
			for _, u := range updates {
				if err := t.exec(u.query, u.args...); err != nil {
					return err
				}
			}
		}
	}
	if err := each(`SELECT `+headerColumns+` FROM investigations WHERE sum = 0`, func(scan func(...any) error) (update, error) {
		var h headerRow
		_, err := h.read(scan)
		return update{`UPDATE investigations SET sum = $1 WHERE num = $2`, []any{h.sum(), h.num}}, err
	}); err != nil {
		return err
	}
	if err := each(`SELECT investigation, document FROM snapshots WHERE sum = 0`, func(scan func(...any) error) (update, error) {
		var (
			num      int64
			document []byte
		)
		err := scan(&num, &document)
		return update{`UPDATE snapshots SET sum = $1 WHERE investigation = $2`, []any{sumOf(num, document), num}}, err
	}); err != nil {
		return err
	}
	if err := each(`SELECT investigation, seq, at, type, document FROM events WHERE sum = 0`, func(scan func(...any) error) (update, error) {
		var (
			num, seq, at int64
			kind         string
			document     []byte
		)
		err := scan(&num, &seq, &at, &kind, &document)
		return update{`UPDATE events SET sum = $1 WHERE investigation = $2 AND seq = $3`, []any{eventSum(num, seq, at, kind, document), num, seq}}, err
	}); err != nil {
		return err
	}
	if err := each(`SELECT id, document FROM datasets WHERE sum = 0`, func(scan func(...any) error) (update, error) {
		var (
			id       string
			document []byte
		)
		err := scan(&id, &document)
		return update{`UPDATE datasets SET sum = $1 WHERE id = $2`, []any{sumOf(id, document), id}}, err
	}); err != nil {
		return err
	}
	return each(`SELECT id, name, role, password_hash, created_at, disabled FROM users WHERE sum = 0`, func(scan func(...any) error) (update, error) {
		var (
			u       olorin.User
			created int64
		)
		err := scan(&u.ID, &u.Name, &u.Role, &u.PasswordHash, &created, &u.Disabled)
		u.CreatedAt = olorin.FromMicro(created)
		return update{`UPDATE users SET sum = $1 WHERE id = $2`, []any{userSum(u), u.ID}}, err
	})
}
