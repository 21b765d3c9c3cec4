package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/text/unicode/norm"

	"github.com/olorin-dev/olorin"
)

// Repaired tells what a repair found and did.
type Repaired struct {
	Investigations int            `json:"investigations"` // that were looked at
	Rebuilt        []RepairedCase `json:"rebuilt"`        // whose snapshot or header was made anew
	Broken         []RepairedCase `json:"broken"`         // whose log itself is damaged: left as they are
}

// RepairedCase is one investigation of a report.
type RepairedCase struct {
	ID     string `json:"investigation_id"`
	Detail string `json:"detail"`
}

// Repair makes snapshots, header rows and search texts anew from the logs, where they do not agree. Nobody may serve the database
// meanwhile: open it with Options.Server.
func (db *DB) Repair(ctx context.Context) (Repaired, error) {
	r := Repaired{Rebuilt: []RepairedCase{}, Broken: []RepairedCase{}}
	type fault struct {
		id  string
		why error
	}
	var faults []fault
	err := db.CheckLogs(ctx, func(id string, why error) error {
		r.Investigations++
		if why != nil {
			faults = append(faults, fault{id, why})
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	for _, f := range faults {
		num, _, err := db.extent(ctx, f.id)
		if err != nil {
			return r, err
		}
		inv, lost, err := db.foldReadable(ctx, num, f.id)
		if err != nil || lost > 0 {
			r.Broken = append(r.Broken, RepairedCase{f.id, f.why.Error()})
			continue
		}
		if err := db.rebuild(ctx, num, inv); err != nil {
			return r, err
		}
		r.Rebuilt = append(r.Rebuilt, RepairedCase{f.id, f.why.Error()})
	}
	return r, nil
}

// foldReadable folds as much of a log as can be read from its beginning; lost is the number of the first event that cannot, or 0.
func (db *DB) foldReadable(ctx context.Context, num int64, id string) (inv olorin.Investigation, lost int64, err error) {
	inv = olorin.Investigation{ID: id}
	var newest sql.Null[int64]
	if err := db.reader.row(ctx, []any{&newest}, `SELECT MAX(seq) FROM events WHERE investigation = $1`, num); err != nil && !corrupt(err) {
		return inv, 1, err
	}
	for seq := int64(1); !newest.Valid || seq <= newest.V; seq++ {
		e, err := db.event(ctx, num, seq)
		if err != nil {
			if errors.Is(err, sql.ErrNoRows) && !newest.Valid {
				break
			}
			return inv, seq, nil
		}
		next, err := olorin.Apply(inv, e)
		if err != nil {
			return inv, seq, nil
		}
		inv = next
	}
	if inv.Version == 0 {
		return inv, 1, nil
	}
	return inv, 0, nil
}

// event reads one event by its key, and refuses one that is not what was written.
func (db *DB) event(ctx context.Context, num, seq int64) (e olorin.Event, err error) {
	var (
		at, sum  int64
		kind     string
		document []byte
	)
	if err := db.reader.row(ctx, []any{&at, &kind, &document, &sum}, `SELECT at, type, document, sum FROM events WHERE investigation = $1 AND seq = $2`, num, seq); err != nil {
		return e, err
	}
	if sum != eventSum(num, seq, at, kind, document) {
		return e, damaged("event", fmt.Sprint(seq))
	}
	return e, json.Unmarshal(document, &e)
}

// rebuild writes the snapshot, the header row, the search text and the verdicts of a state.
func (db *DB) rebuild(ctx context.Context, num int64, inv olorin.Investigation) error {
	snapshot, err := snapshotOf(inv)
	if err != nil {
		return err
	}
	entry := olorin.AuditEntry{
		At: olorin.SystemClock(), Actor: olorin.System, Source: olorin.SourceSystem, Action: "repair.rebuilt", InvestigationID: inv.ID,
		VersionBefore: inv.Version, VersionAfter: inv.Version,
	}
	return db.writer.write(ctx, inv.ID, "repair investigation "+inv.ID, func(t *tx) error {
		// The header is compared with the version that stands there, whatever it is.
		var version int64
		if err := t.row([]any{&version}, `SELECT version FROM investigations WHERE num = $1`, num); err != nil {
			return err
		}
		if _, err := t.header(olorin.Change{Before: olorin.Investigation{ID: inv.ID, Version: version}, After: inv}); err != nil {
			return err
		}
		if err := t.exec(`
			INSERT INTO snapshots (investigation, document, sum) VALUES ($1, $2, $3)
			ON CONFLICT (investigation) DO UPDATE SET document = excluded.document, sum = excluded.sum`, num, string(snapshot), sumOf(num, snapshot)); err != nil {
			return err
		}
		if err := t.dropText(num); err != nil {
			return err
		}
		if err := t.putText(num, inv); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM verdicts WHERE investigation = $1`, num); err != nil {
			return err
		}
		if err := t.verdicts(num, nil, inv.Reviews); err != nil {
			return err
		}
		return t.audit(entry)
	})
}

// snapshotOf encodes a state as the desk does.
func snapshotOf(inv olorin.Investigation) ([]byte, error) {
	inv.LastAccessed, inv.Stale = olorin.Time{}, false
	return json.Marshal(inv)
}

// Salvaged tells what a salvage saved and what it did not.
type Salvaged struct {
	Investigations int            `json:"investigations"` // saved whole
	Shortened      []RepairedCase `json:"shortened"`      // saved up to the first event that could not be read
	Lost           []RepairedCase `json:"lost"`
	Users          int            `json:"users"`
	Datasets       int            `json:"datasets"`
	Templates      int            `json:"templates"`
	Weights        int            `json:"weights"`       // versions of the accepted weights
	AuditEntries   int64          `json:"audit_entries"` // saved with the hashes that vouch for them, from the first on
	AuditLost      string         `json:"audit_lost,omitempty"`
	Rows           map[string]int `json:"unreadable_rows"` // by table
}

// Salvage copies what can be read of a damaged database, key by key, into a new one at a path that does not exist yet, and reports what
// it could not. It writes nothing into the damaged file. Sessions and idempotency keys are left behind.
func Salvage(ctx context.Context, url, to string, o Options) (r Salvaged, err error) {
	src, err := parseURL(url)
	if err != nil {
		return r, err
	}
	if err := src.present(); err != nil {
		return r, err
	}
	if !src.file() {
		return r, olorin.Errorf(olorin.CodeInvalid, "only a SQLite file can be salvaged; a damaged PostgreSQL database is restored from its own backups")
	}
	if _, err := os.Lstat(to); err == nil {
		return r, olorin.Errorf(olorin.CodeExists, "%s exists already; name a file that does not", to)
	}
	lock, err := lockFile(src.path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	target := "sqlite:///" + to
	if _, err := Migrate(ctx, target); err != nil {
		return r, err
	}
	fresh, err := Open(ctx, target, Options{Server: true, Signer: o.Signer})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	// Only read: neither the schema nor the file is asked whether it is whole.
	reader, err := newReader(ctx, src, Options{Readers: 1})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, reader.stop()) }()
	s := salvage{old: &DB{source: src, dialect: src.dialect, reader: reader, hold: newHold(Options{})}, fresh: fresh, report: &r}
	r.Shortened, r.Lost, r.Rows = []RepairedCase{}, []RepairedCase{}, map[string]int{}
	for _, step := range []func(context.Context) error{s.audit, s.users, s.profiles, s.mappings, s.datasets, s.templates, s.uses, s.weights, s.investigations} {
		if err := step(ctx); err != nil {
			return r, err
		}
	}
	return r, fresh.Record(ctx, olorin.AuditEntry{
		At: olorin.SystemClock(), Actor: olorin.System, Source: olorin.SourceSystem, Action: "database.salvaged",
		Detail: fmt.Sprintf("%d investigations whole, %d shortened, %d lost; %d audit entries", r.Investigations, len(r.Shortened), len(r.Lost), r.AuditEntries),
	})
}

type salvage struct {
	old, fresh *DB
	report     *Salvaged
}

// keys lists the whole-number keys of a table that a query by range or by any of its indexes can read.
func (s *salvage) keys(ctx context.Context, queries ...string) []int64 {
	seen := map[int64]bool{}
	for _, query := range queries {
		from := int64(-1 << 62)
		for misses := 0; misses < 64; {
			before := from
			err := s.old.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) {
				var key int64
				if err := scan(&key); err != nil {
					return false, err
				}
				seen[key] = true
				from = max(from, key)
				return true, nil
			}, query, from)
			if err == nil {
				break
			}
			if from == before {
				// The page that comes next cannot be read: go on a bit behind it.
				from = max(from, 0) + 1<<min(misses, 40)
			}
			misses++
		}
	}
	list := make([]int64, 0, len(seen))
	for key := range seen {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

func (s *salvage) investigations(ctx context.Context) error {
	nums := s.keys(ctx,
		`SELECT num FROM investigations WHERE num > $1 ORDER BY num`,
		`SELECT num FROM investigations INDEXED BY investigations_by_change WHERE num > $1 ORDER BY changed`,
		`SELECT investigation FROM snapshots WHERE investigation > $1 ORDER BY investigation`,
		`SELECT DISTINCT investigation FROM events WHERE investigation > $1 ORDER BY investigation`)
	for _, num := range nums {
		id := s.idOf(ctx, num)
		inv, lost, err := s.old.foldReadable(ctx, num, id)
		if err != nil || inv.Version == 0 {
			s.report.Lost = append(s.report.Lost, RepairedCase{id, "the beginning of its log cannot be read"})
			continue
		}
		if err := s.copyLog(ctx, num, inv); err != nil {
			s.report.Lost = append(s.report.Lost, RepairedCase{id, err.Error()})
			continue
		}
		if lost > 0 {
			s.report.Shortened = append(s.report.Shortened, RepairedCase{id, fmt.Sprintf("event %d cannot be read: saved up to the one before", lost)})
		} else {
			s.report.Investigations++
		}
	}
	return nil
}

// idOf finds an investigation's id in its header or its snapshot; where neither can be read it is named by its number.
func (s *salvage) idOf(ctx context.Context, num int64) string {
	var h headerRow
	if err := s.old.reader.each(ctx, func(scan func(...any) error) (bool, error) { return false, h.scan(scan) }, `SELECT `+headerColumns+` FROM investigations WHERE num = $1`, num); err == nil && h.id != "" {
		return h.id
	}
	var (
		document []byte
		sum      int64
		inv      olorin.Investigation
	)
	if err := s.old.reader.row(ctx, []any{&document, &sum}, `SELECT document, sum FROM snapshots WHERE investigation = $1`, num); err == nil && sum == sumOf(num, document) && json.Unmarshal(document, &inv) == nil {
		return inv.ID
	}
	return fmt.Sprintf("salvaged-%d", num)
}

// copyLog writes an investigation with its log as it was, and without an entry in the audit trail.
func (s *salvage) copyLog(ctx context.Context, num int64, inv olorin.Investigation) error {
	snapshot, err := snapshotOf(inv)
	if err != nil {
		return err
	}
	c := olorin.Change{Before: olorin.Investigation{ID: inv.ID}, After: inv, Snapshot: snapshot}
	for seq := int64(1); seq <= inv.Version; seq++ {
		e, err := s.old.event(ctx, num, seq)
		if err != nil {
			return err
		}
		line, err := e.Encode()
		if err != nil {
			return err
		}
		c.Events, c.Lines = append(c.Events, e), append(c.Lines, line)
	}
	switch inv.Status {
	case olorin.Running:
		c.Run = olorin.RunQueued
	case olorin.Paused:
		c.Run = olorin.RunPaused
	}
	return s.fresh.writer.write(ctx, inv.ID, "save investigation "+inv.ID, func(t *tx) error {
		fresh, err := t.header(c)
		if err != nil {
			return err
		}
		if err := t.events(fresh, c); err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO snapshots (investigation, document, sum) VALUES ($1, $2, $3)`, fresh, string(snapshot), sumOf(fresh, snapshot)); err != nil {
			return err
		}
		if err := t.run(fresh, c); err != nil {
			return err
		}
		if err := t.verdicts(fresh, nil, inv.Reviews); err != nil {
			return err
		}
		return t.text(fresh, c)
	})
}

func (s *salvage) users(ctx context.Context) error {
	for _, rowid := range s.keys(ctx, `SELECT rowid FROM users WHERE rowid > $1 ORDER BY rowid`) {
		var (
			u            olorin.User
			created, sum int64
		)
		err := s.old.reader.row(ctx, []any{&u.ID, &u.Name, &u.Role, &u.PasswordHash, &created, &u.Disabled, &sum},
			`SELECT id, name, role, password_hash, created_at, disabled, sum FROM users WHERE rowid = $1`, rowid)
		u.CreatedAt = olorin.FromMicro(created)
		if err != nil || sum != userSum(u) {
			s.report.Rows["users"]++
			continue
		}
		err = s.fresh.writer.write(ctx, "users", "save a user", func(t *tx) error {
			return t.exec(`INSERT INTO users (id, name, role, password_hash, created_at, disabled, sum) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				u.ID, u.Name, string(u.Role), u.PasswordHash, created, flag(u.Disabled), sum)
		})
		if err != nil {
			return err
		}
		s.report.Users++
	}
	return nil
}

func (s *salvage) datasets(ctx context.Context) error {
	for _, rowid := range s.keys(ctx, `SELECT rowid FROM datasets WHERE rowid > $1 ORDER BY rowid`) {
		var (
			id, user     string
			created, sum int64
			document     []byte
		)
		err := s.old.reader.row(ctx, []any{&id, &user, &created, &document, &sum}, `SELECT id, user_id, created_at, document, sum FROM datasets WHERE rowid = $1`, rowid)
		if err != nil || sum != sumOf(id, document) {
			s.report.Rows["datasets"]++
			continue
		}
		err = s.fresh.writer.write(ctx, "datasets", "save a data set", func(t *tx) error {
			return t.exec(`INSERT INTO datasets (id, user_id, created_at, document, sum) VALUES ($1, $2, $3, $4, $5)`, id, user, created, string(document), sum)
		})
		if err != nil {
			return err
		}
		s.report.Datasets++
	}
	return nil
}

func (s *salvage) profiles(ctx context.Context) error {
	for _, rowid := range s.keys(ctx, `SELECT rowid FROM profiles WHERE rowid > $1 ORDER BY rowid`) {
		var (
			user         string
			version, sum int64
			document     []byte
		)
		err := s.old.reader.row(ctx, []any{&user, &version, &document, &sum}, `SELECT user_id, version, document, sum FROM profiles WHERE rowid = $1`, rowid)
		if err != nil || sum != sumOf(user, document) {
			s.report.Rows["profiles"]++
			continue
		}
		err = s.fresh.writer.write(ctx, "profiles", "save a profile", func(t *tx) error {
			return t.exec(`INSERT INTO profiles (user_id, version, document, sum) VALUES ($1, $2, $3, $4)`, user, version, string(document), sum)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *salvage) mappings(ctx context.Context) error {
	for _, rowid := range s.keys(ctx, `SELECT rowid FROM mappings WHERE rowid > $1 ORDER BY rowid`) {
		var (
			user, shape string
			madeAt, sum int64
			document    []byte
		)
		err := s.old.reader.row(ctx, []any{&user, &shape, &madeAt, &document, &sum}, `SELECT user_id, shape, made_at, document, sum FROM mappings WHERE rowid = $1`, rowid)
		if err != nil || sum != sumOf(user+" "+shape, document) {
			s.report.Rows["mappings"]++
			continue
		}
		err = s.fresh.writer.write(ctx, "mappings", "save a mapping", func(t *tx) error {
			return t.exec(`INSERT INTO mappings (user_id, shape, made_at, document, sum) VALUES ($1, $2, $3, $4, $5)`, user, shape, madeAt, string(document), sum)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// templates saves each template with what it was.
func (s *salvage) templates(ctx context.Context) error {
	for _, rowid := range s.keys(ctx, `SELECT rowid FROM templates WHERE rowid > $1 ORDER BY rowid`) {
		tpl, err := readTemplate(func(dest ...any) error {
			return s.old.reader.row(ctx, dest, `SELECT `+templateColumns+`WHERE rowid = $1`, rowid)
		})
		var (
			document []byte
			key      string
			sum      int64
		)
		if err == nil {
			err = s.old.reader.row(ctx, []any{&document, &sum, &key}, `SELECT document, sum, name_key FROM templates WHERE rowid = $1`, rowid)
		}
		if fresh := templateKey(tpl.Name); norm.NFC.String(key) != fresh {
			key = fresh
		} // and otherwise as it is: two of before names were composed may differ in that alone
		if err != nil {
			s.report.Rows["templates"]++
			continue
		}
		type version struct {
			number, at, sum int64
			by              string
			document        []byte
		}
		var versions []version
		for number := int64(1); number <= tpl.Version; number++ {
			v := version{number: number}
			err := s.old.reader.row(ctx, []any{&v.at, &v.by, &v.document, &v.sum}, `SELECT at, by_user, document, sum FROM template_versions WHERE template_id = $1 AND version = $2`, tpl.ID, number)
			if err != nil || v.sum != sumOf(tpl.ID, number, v.document) {
				s.report.Rows["template_versions"]++
				continue
			}
			versions = append(versions, v)
		}
		if err := s.fresh.writer.write(ctx, "templates", "save a template", func(t *tx) error {
			if err := t.exec(`
				INSERT INTO templates (id, user_id, scope, name_key, version, usage_count, last_used_at, deleted_at, document, sum)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
				tpl.ID, tpl.UserID, string(tpl.Scope), key, tpl.Version, tpl.UsageCount, micros(tpl.LastUsedAt), micros(tpl.DeletedAt), string(document), sum); err != nil {
				return err
			}
			for _, v := range versions {
				if err := t.exec(`INSERT INTO template_versions (template_id, version, at, by_user, document, sum) VALUES ($1, $2, $3, $4, $5, $6)`,
					tpl.ID, v.number, v.at, v.by, string(v.document), v.sum); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		s.report.Templates++
	}
	return nil
}

// uses saves how often templates were used that come with the program.
func (s *salvage) uses(ctx context.Context) error {
	for _, rowid := range s.keys(ctx, `SELECT rowid FROM built_in_uses WHERE rowid > $1 ORDER BY rowid`) {
		var (
			id        string
			n, usedAt int64
		)
		if err := s.old.reader.row(ctx, []any{&id, &n, &usedAt}, `SELECT template_id, usage_count, last_used_at FROM built_in_uses WHERE rowid = $1`, rowid); err != nil {
			s.report.Rows["built_in_uses"]++
			continue
		}
		if err := s.fresh.writer.write(ctx, "templates", "save uses", func(t *tx) error {
			return t.exec(`INSERT INTO built_in_uses (template_id, usage_count, last_used_at) VALUES ($1, $2, $3)`, id, n, usedAt)
		}); err != nil {
			return err
		}
	}
	return nil
}

// weights saves the accepted weights: runs name the version that they were started under.
func (s *salvage) weights(ctx context.Context) error {
	for _, version := range s.keys(ctx, `SELECT version FROM weights WHERE version > $1 ORDER BY version`) {
		var (
			document []byte
			sum      int64
		)
		err := s.old.reader.row(ctx, []any{&document, &sum}, `SELECT document, sum FROM weights WHERE version = $1`, version)
		if err != nil || sum != sumOf(fmt.Sprint(version), document) {
			s.report.Rows["weights"]++
			continue
		}
		if err := s.fresh.writer.write(ctx, "weights", "save weights", func(t *tx) error {
			return t.exec(`INSERT INTO weights (version, document, sum) VALUES ($1, $2, $3)`, version, string(document), sum)
		}); err != nil {
			return err
		}
		s.report.Weights++
	}
	return nil
}

// audit copies the trail from its first entry up to the first that cannot be read, with the heads that vouch for it.
func (s *salvage) audit(ctx context.Context) error {
	grown := tree{edge: map[int64]tlog.Hash{}}
	for number := int64(1); ; number++ {
		var (
			entry olorin.AuditEntry
			kept  keptAudit
			found bool
		)
		err := s.old.reader.each(ctx, func(scan func(...any) error) (_ bool, err error) {
			found = true
			entry, kept, err = readAudit(scan)
			return false, err
		}, `SELECT `+auditColumns+` FROM audit WHERE number = $1`, number)
		leaf, leafErr := leafOf(entry, kept.micros, kept.diff)
		if err != nil || !found || leafErr != nil || string(leaf[:]) != string(kept.leaf) {
			if err != nil || found || s.more(ctx, number) {
				s.report.AuditLost = fmt.Sprintf("entry %d cannot be read; it and those after it were not saved", number)
			}
			return nil
		}
		if err := s.fresh.writer.write(ctx, "audit", "save the audit trail", func(t *tx) error {
			if err := t.exec(`
				INSERT INTO audit (number, at, actor_kind, actor_id, actor_role, origin, source, action, investigation_id, version_before, version_after, detail, diff, leaf)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
				entry.Number, kept.micros, string(entry.Actor.Kind), entry.Actor.ID, string(entry.Actor.Role), entry.Origin, string(entry.Source), entry.Action, entry.InvestigationID,
				entry.VersionBefore, entry.VersionAfter, entry.Detail, kept.diff, kept.leaf); err != nil {
				return err
			}
			// The writer seals what it adds; here the old heads are kept instead, and one is made where there is none.
			next := tree{size: grown.size, edge: maps.Clone(grown.edge)}
			if err := next.add(leaf); err != nil {
				return err
			}
			var (
				root, edge []byte
				at         int64
				signed     string
			)
			err := s.old.reader.row(ctx, []any{&root, &edge, &at, &signed}, `SELECT root, edge, at, note FROM audit_heads WHERE size = $1`, number)
			want, rootErr := next.root()
			if err == nil && rootErr == nil && string(root) == string(want[:]) {
				err = t.exec(`INSERT INTO audit_heads (size, root, edge, at, note) VALUES ($1, $2, $3, $4, $5)`, number, root, next.encode(), at, signed)
			} else {
				err = t.writeHead(&next, s.fresh.writer.signer)
			}
			if err == nil {
				grown = next
			}
			return err
		}); err != nil {
			return err
		}
		s.report.AuditEntries = number
	}
}

// more tells whether the trail goes on behind a number.
func (s *salvage) more(ctx context.Context, number int64) bool {
	var one int
	err := s.old.reader.row(ctx, []any{&one}, `SELECT 1 FROM audit WHERE number > $1 LIMIT 1`, number)
	return !errors.Is(err, sql.ErrNoRows)
}
