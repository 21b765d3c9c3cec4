package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
)

// Investigation returns the snapshot, with LastAccessed and Durable.
func (db *DB) Investigation(ctx context.Context, id string) (olorin.Investigation, error) {
	if held, ok := db.hold.overlay(id); ok {
		held.after.Durable = held.durable
		return held.after, nil
	}
	var (
		num, version, sum int64
		document          []byte
		accessed          sql.Null[int64]
		inv               olorin.Investigation
	)
	err := db.reader.row(ctx, []any{&num, &version, &document, &sum, &accessed}, `
		SELECT i.num, i.version, s.document, s.sum, i.last_accessed FROM investigations i JOIN snapshots s ON s.investigation = i.num WHERE i.id = $1`, id)
	if err != nil {
		return inv, missing(err, "investigation", id)
	}
	if sum != sumOf(num, document) {
		return olorin.Investigation{}, damaged("the snapshot of investigation", id)
	}
	if err := json.Unmarshal(document, &inv); err != nil {
		return olorin.Investigation{}, olorin.Errorf(olorin.CodeCorrupt, "the snapshot of investigation %q cannot be read; olorin repair makes it anew from its log: %w", id, err)
	}
	if inv.ID != id || inv.Version != version {
		return olorin.Investigation{}, olorin.Errorf(olorin.CodeCorrupt, "the snapshot of investigation %q at version %d is that of %q at %d; olorin repair makes it anew from its log", id, version, inv.ID, inv.Version)
	}
	inv.Durable = version
	if accessed.Valid {
		inv.LastAccessed = olorin.FromMicro(accessed.V)
	}
	return inv, nil
}

// missing makes CodeNotFound out of the want of a row.
func missing(err error, noun, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return olorin.NotFound(noun, id)
	}
	return translate("read "+noun+" "+id, err)
}

// Head returns what a poll needs, without reading the snapshot document.
func (db *DB) Head(ctx context.Context, id string) (olorin.Head, error) {
	if held, ok := db.hold.overlay(id); ok {
		return held.head(), nil
	}
	var h headerRow
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) { return false, h.scan(scan) }, `SELECT `+headerColumns+` FROM investigations WHERE id = $1`, id)
	switch {
	case err != nil:
		return olorin.Head{}, translate("read investigation "+id, err)
	case h.num == 0:
		return olorin.Head{}, olorin.NotFound("investigation", id)
	case h.id != id:
		return olorin.Head{}, damaged("investigation", id)
	}
	return h.head(), nil
}

// Touch notes when the investigation was last looked at; a time before the one that is known changes nothing.
func (db *DB) Touch(ctx context.Context, id string, at olorin.Time) error {
	return db.writer.write(ctx, "touch "+id, "note the visit to investigation "+id, func(t *tx) error {
		n, err := t.affect(`UPDATE investigations SET last_accessed = CASE WHEN last_accessed > $1 THEN last_accessed ELSE $1 END WHERE id = $2`, at.UnixMicro(), id)
		if err == nil && n == 0 {
			err = olorin.NotFound("investigation", id)
		}
		return err
	})
}

// Append writes a change: the compare-and-swap of the version comes first, so that whoever lost has cost nothing and holds nothing.
//
//	CodeConflict        another change came first
//	CodeExists          a new log, and the id is taken
//	CodeNotFound        there is no such investigation
//	CodeLeaseLost       Lease is not held any more, or the run is over
//	CodeDatasetInvalid  the change starts a run on a data set that was deleted meanwhile
//	CodeUnavailable     nothing was written (see writer.write for the one doubt)
//
// It returns the version up to which the log is durable: After's, or a lower one where the database cannot be written and the change
// is held in memory.
func (db *DB) Append(ctx context.Context, c olorin.Change) (durable int64, err error) {
	if n := c.After.Version - c.Before.Version; n < 1 || int64(len(c.Events)) != n || int64(len(c.Lines)) != n || c.After.ID == "" {
		return 0, fmt.Errorf("append to investigation %q: %d events and %d lines lead from version %d to %d", c.After.ID, len(c.Events), len(c.Lines), c.Before.Version, c.After.Version)
	}
	for i, l := range c.Lines {
		if l.Seq != c.Before.Version+int64(i)+1 {
			return 0, fmt.Errorf("append to investigation %q: line %d has number %d", c.After.ID, c.Before.Version+int64(i)+1, l.Seq)
		}
	}
	reservation := reserved(ctx)
	durable = c.After.Version
	held, err := db.writer.writeOrKeep(ctx, "write investigation "+c.After.ID, &job{
		lane: c.After.ID, do: func(t *tx) error { return t.change(c, reservation) },
		keep: func(h *hold) (*heldJob, error) {
			kept, err := h.keepChange(c, reservation)
			if kept != nil {
				durable = h.logs[c.After.ID].durable
			}
			return kept, err
		},
		written: func(ctx context.Context) (bool, error) {
			return db.reader.holds(ctx, c.After.ID, c.Lines[len(c.Lines)-1])
		},
	})
	if !held {
		durable = c.After.Version
	}
	return durable, err
}

// change writes a change: all rows that it touches.
func (t *tx) change(c olorin.Change, r *Reservation) error {
	num, err := t.header(c)
	if err != nil {
		return err
	}
	if c.Lease != nil {
		if err := t.held(num, *c.Lease); err != nil {
			return err
		}
	}
	if c.After.Status != olorin.Draft && (c.Before.Status == olorin.Draft || c.Before.Settings.Dataset != c.After.Settings.Dataset) {
		if err := t.datasetExists(c.After.Settings.Dataset); err != nil {
			return err
		}
	}
	if err := t.events(num, c); err != nil {
		return err
	}
	if err := t.exec(`
		INSERT INTO snapshots (investigation, document, sum) VALUES ($1, $2, $3)
		ON CONFLICT (investigation) DO UPDATE SET document = excluded.document, sum = excluded.sum`, num, string(c.Snapshot), sumOf(num, c.Snapshot)); err != nil {
		return err
	}
	if err := t.run(num, c); err != nil {
		return err
	}
	if err := t.text(num, c); err != nil {
		return err
	}
	if err := t.verdicts(num, c.Before.Reviews, c.After.Reviews); err != nil {
		return err
	}
	if err := t.audit(c.Audit); err != nil {
		return err
	}
	return t.acted(r, Acted{"investigation", c.After.ID, c.After.Version})
}

// header writes the header row, if the version is still Before's, and returns its number.
func (t *tx) header(c olorin.Change) (num int64, err error) {
	h := headerOf(c.After)
	row := []any{
		h.id, c.Before.Version, h.version, h.userID, h.name, nameKey(h.name), string(h.status), string(h.step), h.percent, string(h.phase), h.findings, h.logLines, h.eta,
		c.After.Settings.Dataset, h.risk, string(h.level), h.entities, h.mask, h.created, h.updated, h.started, h.finished, h.archived, h.duration, h.assignee, flag(h.shared), string(h.partial), h.sum(),
	}
	if c.Before.Version == 0 {
		err = t.row([]any{&num}, `
			INSERT INTO investigations (id, version, user_id, name, name_key, status, step, percent, phase, findings, log_lines, eta_seconds,
				dataset, risk_score, risk_level, entity_count, entity_types, created_at, updated_at, started_at, finished_at, archived_at, duration_ms, assignee, shared, partial, sum, changed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, `+nextChange+`)
			ON CONFLICT DO NOTHING RETURNING num`, append(row[:1:1], row[2:]...)...)
		if errors.Is(err, sql.ErrNoRows) {
			err = olorin.Errorf(olorin.CodeExists, "investigation %q exists already", h.id)
		}
		return num, err
	}
	if old := headerOf(c.Before); reflect.DeepEqual(old.kept(), h.kept()) && c.Before.Settings.Dataset == c.After.Settings.Dataset {
		// SQLite writes each index anew of which a column is set, be it to what it was.
		err = t.row([]any{&num}, `
			UPDATE investigations SET version = $3, step = $4, percent = $5, phase = $6, findings = $7, log_lines = $8, eta_seconds = $9, updated_at = $10, sum = $11, changed = `+nextChange+`
			WHERE id = $1 AND version = $2 RETURNING num`,
			h.id, c.Before.Version, h.version, string(h.step), h.percent, string(h.phase), h.findings, h.logLines, h.eta, h.updated, h.sum())
	} else {
		err = t.row([]any{&num}, `
			UPDATE investigations SET version = $3, user_id = $4, name = $5, name_key = $6, status = $7, step = $8, percent = $9, phase = $10,
				findings = $11, log_lines = $12, eta_seconds = $13, dataset = $14, risk_score = $15, risk_level = $16, entity_count = $17, entity_types = $18,
				created_at = $19, updated_at = $20, started_at = $21, finished_at = $22, archived_at = $23, duration_ms = $24, assignee = $25, shared = $26, partial = $27, sum = $28, changed = `+nextChange+`
			WHERE id = $1 AND version = $2 RETURNING num`, row...)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return num, err
	}
	var version int64
	if err := t.row([]any{&version}, `SELECT version FROM investigations WHERE id = $1`, h.id); err != nil {
		return 0, missing(err, "investigation", h.id)
	}
	return 0, olorin.Errorf(olorin.CodeConflict, "investigation %q is at version %d, not at %d: another change came first", h.id, version, c.Before.Version)
}

// text writes what a search of the history looks at, where the change touched it.
func (t *tx) text(num int64, c olorin.Change) error {
	if c.Before.Version > 0 {
		if !textChanged(c.Before, c.After) {
			return nil
		}
		if err := t.dropText(num); err != nil {
			return err
		}
	}
	return t.putText(num, c.After)
}

func (t *tx) putText(num int64, inv olorin.Investigation) error {
	words := lexemes(searchText(inv))
	if err := t.exec(t.dialect.textInsert, num, t.dialect.text(words)); err != nil {
		return err
	}
	return t.exec(`INSERT INTO investigation_words (investigation, words) VALUES ($1, $2)`, num, term{words: words}.text())
}

func (t *tx) dropText(num int64) error {
	if err := t.exec(t.dialect.textDelete, num); err != nil {
		return err
	}
	return t.exec(`DELETE FROM investigation_words WHERE investigation = $1`, num)
}

// textMigrated writes the words of investigations that have none, in the transaction of the caller. A damaged snapshot is left without: olorin
// repair makes both anew.
func textMigrated(ctx context.Context, t *tx) error {
	for after := int64(0); ; {
		var (
			found int
			nums  []int64
			invs  []olorin.Investigation
		)
		rows, err := t.conn.QueryContext(ctx, `
			SELECT i.num, s.document FROM investigations i JOIN snapshots s ON s.investigation = i.num
			WHERE i.num > $1 AND NOT EXISTS (SELECT 1 FROM investigation_words t WHERE t.investigation = i.num) ORDER BY i.num LIMIT 500`, after)
		if err != nil {
			return err
		}
		if err := walk(rows, func(scan func(...any) error) (bool, error) {
			var (
				document []byte
				inv      olorin.Investigation
			)
			if err := scan(&after, &document); err != nil {
				return false, err
			}
			found++
			if json.Unmarshal(document, &inv) == nil {
				nums, invs = append(nums, after), append(invs, inv)
			}
			return true, nil
		}); err != nil || found == 0 {
			return err
		}
		for i, inv := range invs {
			if err := t.putText(nums[i], inv); err != nil {
				return err
			}
		}
	}
}

// partialMigrated notes of completed runs why they are complete in part only, in the transaction of the caller. A damaged one is left
// as it is: olorin repair makes it anew.
func partialMigrated(ctx context.Context, t *tx) error {
	var headers []headerRow
	rows, err := t.conn.QueryContext(ctx, `
		SELECT `+headerColumns+`, document FROM investigations JOIN (SELECT investigation, document FROM snapshots) AS s ON s.investigation = num
		WHERE status = 'completed' AND partial = '' AND document LIKE '%"partial":true%'`)
	if err != nil {
		return err
	}
	if err := walk(rows, func(scan func(...any) error) (bool, error) {
		var (
			h        headerRow
			document []byte
			inv      olorin.Investigation
		)
		if sum, err := h.read(scan, &document); err != nil || sum != h.sum() {
			return true, err
		}
		if json.Unmarshal(document, &inv) == nil {
			h.partial = inv.PartialBy()
			headers = append(headers, h)
		}
		return true, nil
	}); err != nil {
		return err
	}
	for _, h := range headers {
		if err := t.exec(`UPDATE investigations SET partial = $1, sum = $2 WHERE num = $3`, string(h.partial), h.sum(), h.num); err != nil {
			return err
		}
	}
	return nil
}

// searchedFindings is how many different words, addresses or numbers of findings a search knows of one investigation.
const searchedFindings = 500

// searchText is what the words of a search must be in: name, entities, and of findings title, check, entities and sentence. What is between
// spaces is kept whole, and of findings once.
func searchText(inv olorin.Investigation) string {
	lines := []string{inv.Name}
	for _, e := range inv.Settings.Entities {
		lines = append(lines, e.Value, e.Label)
	}
	seen := map[string]bool{}
	add := func(text string) {
		for word := range strings.FieldsSeq(text) {
			if !seen[word] && len(seen) < searchedFindings {
				seen[word] = true
				lines = append(lines, word)
			}
		}
	}
	found := findings(inv)
	for _, f := range found {
		add(f.Title + " " + f.Tool)
	}
	for _, f := range found {
		for _, e := range f.Entities {
			add(e.Value)
		}
	}
	for _, f := range found {
		add(f.Sentence)
	}
	return strings.Join(lines, "\n")
}

// textChanged tells whether searchText differs, at less cost than making it.
func textChanged(before, after olorin.Investigation) bool {
	return before.Name != after.Name || !slices.Equal(before.Settings.Entities, after.Settings.Entities) ||
		!slices.EqualFunc(findings(before), findings(after), func(a, b olorin.Finding) bool {
			return a.Title == b.Title && a.Tool == b.Tool && a.Sentence == b.Sentence && slices.Equal(a.Entities, b.Entities)
		})
}

func findings(inv olorin.Investigation) []olorin.Finding {
	if inv.Results == nil {
		return nil
	}
	return inv.Results.Findings
}

// micros is a time as it is kept; nil stays nil.
func micros(t *olorin.Time) *int64 {
	if t == nil {
		return nil
	}
	us := t.UnixMicro()
	return &us
}

// instant is micros the other way.
func instant(us *int64) *olorin.Time {
	if us == nil {
		return nil
	}
	t := olorin.FromMicro(*us)
	return &t
}
