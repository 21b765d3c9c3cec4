package data

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/olorin-dev/olorin"
)

// Selection is what a case is about. Without entities it is the whole file, to rank what is in it.
type Selection struct {
	Entities []olorin.Entity
	Mode     olorin.CorrelationMode
	From, To olorin.Time // [From, To) by the second; zero is open
}

// Counts says how many rows a case has.
type Counts struct {
	Rows    int64 // of the file
	Own     int64 // of the subjects of the rows in scope, at any time
	InScope int64 // match the selection
}

// Case is the events of one data set, as a selection sees them. Its DuckDB instance is its own and can reach nothing but these events.
//
// Queries see three relations with all columns of the canonical schema: events, every row; own, the rows whose subject occurs among the
// rows in scope (and rows in scope that have no subject); and cohort, which is own, told by mine, and a sample of whole subjects, told by
// peer. Where the selection has no entities, own and cohort are every row. In all, in_scope tells whether the row matches the selection.
// A Case is safe for concurrent use.
type Case struct {
	db        *sql.DB
	workspace *workspace
	statement time.Duration
	present   map[string]string // canonical → source
	subject   string            // canonical column, or ""
	rowKey    string            // column of the file's events
	stored    string            // column that has the hashes of cards
	counts    Counts

	mu     sync.Mutex // guards closed
	closed bool
}

const (
	// materializeRows is up to how many rows own, and cohort, are kept in memory: most checks ask nothing else, and need not pass over the file.
	materializeRows = 60_000
	// peerSample is about how many rows the peers of a cohort have.
	peerSample = 20_000
)

// PeerOf is the n of "one in n": a subject whose hash it divides is in the sample of peers. The sample does not depend on the selection.
func (c *Case) PeerOf() uint64 { return uint64(max(1, c.counts.Rows/peerSample)) }

// OpenCase opens the events of a data set for the checks of one case. Entities of a kind that the file has no column for match nothing.
func (e *Engine) OpenCase(ctx context.Context, d olorin.Dataset, sel Selection) (_ *Case, err error) {
	w, err := e.workspace()
	if err != nil {
		return nil, err
	}
	c := &Case{workspace: w, statement: e.lim.Statement, present: map[string]string{}}
	if c.db, err = e.instance(ctx, w.dir); err != nil {
		return nil, errors.Join(err, w.remove())
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if err := e.attachEvents(ctx, c.db, d.ID); err != nil {
		return nil, err
	}
	if err := c.readMeta(ctx); err != nil {
		return nil, fmt.Errorf("open case on data set %s: %w", d.ID, err)
	}
	if c.present["event_time"] == "" && (!sel.From.IsZero() || !sel.To.IsZero()) {
		return nil, olorin.Invalid("the case cannot be opened", olorin.Fault{Pointer: "/settings/time_range", Code: "no_event_time", Detail: "the data set has no column for the time of an event; take the whole data set, or map a column to event_time"})
	}
	if err := c.build(ctx, c.scope(e.masker, sel), len(sel.Entities) == 0); err != nil {
		return nil, fmt.Errorf("open case on data set %s: %w", d.ID, err)
	}
	return c, nil
}

// attachEvents attaches the generation in force, and asks again where another took its place meanwhile.
func (e *Engine) attachEvents(ctx context.Context, db *sql.DB, id string) error {
	for attempt := 0; ; attempt++ {
		dir, err := e.generation(id)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, fmt.Sprintf("ATTACH %s AS file (READ_ONLY)", quote(filepath.Join(dir, "events.duckdb"))))
		if err == nil {
			return nil
		}
		if there, _ := exists(filepath.Join(dir, "events.duckdb")); there || attempt == 3 {
			return fmt.Errorf("open data set %s: %w", id, err)
		}
	}
}

func (c *Case) readMeta(ctx context.Context) error {
	rows, err := c.db.QueryContext(ctx, "SELECT key, value FROM file.meta")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return err
		}
		switch key {
		case "subject":
			c.subject = value
		case "row_key":
			c.rowKey = value
		case "card_stored":
			c.stored = value
		default:
			if name, ok := strings.CutPrefix(key, "column:"); ok {
				c.present[name] = value
			}
		}
	}
	return rows.Err()
}

// build makes the relations, then locks the instance.
func (c *Case) build(ctx context.Context, scope string, everything bool) error {
	columns := []string{`"row"`, c.rowKey + " AS row_key", "t", cmp.Or(c.subject, "NULL::VARCHAR") + " AS subject", "status_ok"}
	for i := range Columns {
		col := &Columns[i]
		if c.present[col.Name] != "" {
			columns = append(columns, col.Name)
		} else {
			columns = append(columns, fmt.Sprintf("NULL::%s AS %s", col.Type.sqlType(), col.Name))
		}
	}
	view := fmt.Sprintf("SELECT %s, %s AS in_scope FROM file.events", strings.Join(columns, ", "), scope)
	statements := []string{"CREATE VIEW events AS " + view}
	if everything {
		statements = append(statements, "CREATE VIEW own AS FROM events")
	} else {
		statements = append(statements, "CREATE TABLE subjects AS SELECT DISTINCT subject FROM events WHERE in_scope AND subject IS NOT NULL ORDER BY subject")
	}
	for _, s := range statements {
		if _, err := c.db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	if err := c.db.QueryRowContext(ctx, "SELECT count(*), count(*) FILTER (in_scope) FROM events").Scan(&c.counts.Rows, &c.counts.InScope); err != nil {
		return err
	}
	c.counts.Own = c.counts.Rows
	peer := fmt.Sprintf("hash(coalesce(subject, row_key)) %% %d = 0", c.PeerOf())
	cohort := "SELECT *, true AS mine, " + peer + " AS peer FROM events"
	kind := "VIEW"
	if !everything {
		mine := "CASE WHEN subject IS NULL THEN in_scope ELSE subject IN (SELECT subject FROM subjects) END"
		var wide int64
		count := "SELECT count(*) FILTER (mine), count(*) FROM (SELECT " + mine + " AS mine, " + peer + " AS peer FROM events) WHERE mine OR peer"
		if err := c.db.QueryRowContext(ctx, count).Scan(&c.counts.Own, &wide); err != nil {
			return err
		}
		kind = pick(wide <= materializeRows, "TABLE", "VIEW")
		cohort = "SELECT * FROM (SELECT *, " + mine + " AS mine, " + peer + " AS peer FROM events) WHERE mine OR peer"
	}
	statements = []string{"CREATE " + kind + " cohort AS " + cohort}
	if !everything {
		statements = append(statements, "CREATE "+kind+" own AS SELECT * EXCLUDE (mine, peer) FROM cohort WHERE mine")
	}
	for _, s := range statements {
		if _, err := c.db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	for _, s := range []string{"SET enable_external_access = false", "SET lock_configuration = true"} {
		if _, err := c.db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// scope is the SQL that tells whether a row matches the selection.
func (c *Case) scope(masker *cardMasker, sel Selection) string {
	var parts []string
	byType := map[olorin.EntityType][]string{}
	var types []olorin.EntityType
	for _, entity := range sel.Entities {
		if !slices.Contains(types, entity.Type) {
			types = append(types, entity.Type)
		}
		byType[entity.Type] = append(byType[entity.Type], c.matches(masker, entity))
	}
	for _, t := range types {
		parts = append(parts, "("+strings.Join(byType[t], " OR ")+")")
	}
	scope := "true"
	if len(parts) > 0 {
		scope = "(" + strings.Join(parts, pick(sel.Mode == olorin.And, " AND ", " OR ")) + ")"
	}
	if !sel.From.IsZero() {
		scope += fmt.Sprintf(" AND t >= %d", ceilSecond(sel.From))
	}
	if !sel.To.IsZero() {
		scope += fmt.Sprintf(" AND t < %d", ceilSecond(sel.To))
	}
	return "coalesce(" + scope + ", false)"
}

func ceilSecond(t olorin.Time) int64 {
	s := t.Unix()
	if t.Nanosecond() > 0 {
		s++
	}
	return s
}

// matches is the SQL that tells whether a row is of an entity.
func (c *Case) matches(masker *cardMasker, entity olorin.Entity) string {
	value := strings.TrimSpace(entity.Value)
	columns := EntityColumns(entity.Type)
	i := slices.IndexFunc(columns, func(name string) bool { return c.present[name] != "" })
	if i < 0 {
		return "false"
	}
	column := columns[i]
	equals := func(text string) string { return fmt.Sprintf("%s = %s", column, quote(text)) }
	switch column {
	case "ip_address":
		if ip := canonicalIP(value); ip != "" {
			return equals(ip)
		}
	case "email":
		return equals(strings.ToLower(value))
	case "phone_number":
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, value)
		return fmt.Sprintf("(ltrim(phone_number, '+') = %s AND phone_number != '')", quote(digits))
	case "card_number":
		if _, ok := cardDigits(value); ok {
			stored := masker.stored(value)
			return fmt.Sprintf("%s IN (%s, %s)", c.stored, quote(stored), quote(stored[:maskLength]))
		}
		return fmt.Sprintf("(%s OR starts_with(card_number, %s))", equals(value), quote(value+"~"))
	}
	return equals(value)
}

// Has tells whether the file has a canonical column; also for the columns that are derived from one.
func (c *Case) Has(column string) bool {
	switch column {
	case "row", "row_key", "in_scope":
		return true
	case "t":
		column = "event_time"
	case "status_ok":
		column = "status"
	case "subject":
		return c.subject != ""
	}
	return c.present[column] != ""
}

// Subject returns the column that tells whose row it is, or "".
func (c *Case) Subject() string { return c.subject }

// Counts says how many rows the case has.
func (c *Case) Counts() Counts { return c.counts }

// Query runs one SELECT and calls each for every row of its result, by column name. Values are nil, bool, int64, float64 (also for DECIMAL),
// string, time.Time (UTC), []any or map[string]any. Named parameters are written $name; those that the query does not use are left out.
// The end of ctx interrupts the query, and so does the limit on statements, as context.DeadlineExceeded.
func (c *Case) Query(ctx context.Context, query string, params map[string]any, each func(map[string]any) error) error {
	if c.statement > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.statement, fmt.Errorf("the query took longer than %s: %w", c.statement, context.DeadlineExceeded))
		defer cancel()
	}
	err := c.query(ctx, query, params, each)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (c *Case) query(ctx context.Context, query string, params map[string]any, each func(map[string]any) error) (err error) {
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return conn.Raw(func(raw any) (err error) {
		prepared, err := raw.(*duckdb.Conn).Prepare(query)
		if err != nil {
			return err
		}
		statement := prepared.(*duckdb.Stmt)
		defer func() { err = errors.Join(err, statement.Close()) }()
		if kind, err := statement.StatementType(); err != nil || kind != duckdb.STATEMENT_TYPE_SELECT {
			return errors.Join(err, olorin.Errorf(olorin.CodeInvalid, "a check asks by one SELECT and nothing else"))
		}
		args := make([]driver.NamedValue, statement.NumInput())
		for i := range args {
			name, err := statement.ParamName(i + 1)
			if err != nil {
				return err
			}
			value, ok := params[name]
			if !ok {
				return olorin.Errorf(olorin.CodeInvalid, "the query has a parameter $%s that has no value", name)
			}
			args[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
		}
		rows, err := statement.QueryContext(ctx, args)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		names := rows.Columns()
		values := make([]driver.Value, len(names))
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := rows.Next(values); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			row := make(map[string]any, len(names))
			for i, name := range names {
				row[name] = plain(values[i])
			}
			if err := each(row); err != nil {
				return err
			}
		}
	})
}

// plain makes a driver's value one of few types.
func plain(v any) any {
	switch v := v.(type) {
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case int:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case uint64:
		if v > math.MaxInt64 {
			return float64(v)
		}
		return int64(v)
	case float32:
		return float64(v)
	case duckdb.Decimal:
		return v.Float64()
	case *big.Int:
		if v.IsInt64() {
			return v.Int64()
		}
		f, _ := new(big.Float).SetInt(v).Float64()
		return f
	case []byte:
		return string(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = plain(v[k])
		}
		return out
	}
	return v
}

// Rows returns rows by their numbers, in the order of (t, row_key), with the canonical columns that the file has. Values are null, text,
// boolean or a float64; times are RFC 3339. Numbers that the file does not have are passed over.
func (c *Case) Rows(ctx context.Context, numbers []int64) ([]olorin.EvidenceRow, error) {
	out := []olorin.EvidenceRow{}
	if len(numbers) == 0 {
		return out, nil
	}
	var names []string
	for i := range Columns {
		if c.present[Columns[i].Name] != "" {
			names = append(names, Columns[i].Name)
		}
	}
	list := make([]string, len(numbers))
	for i, n := range numbers {
		list[i] = fmt.Sprintf("(%d)", n)
	}
	query := fmt.Sprintf(`SELECT %s FROM events WHERE "row" IN (SELECT n FROM (VALUES %s) AS wanted(n)) ORDER BY t NULLS LAST, row_key`,
		strings.Join(append([]string{`"row"`}, names...), ", "), strings.Join(list, ", "))
	err := c.Query(ctx, query, nil, func(row map[string]any) error {
		fields := make(map[string]any, len(names))
		for _, name := range names {
			switch v := row[name].(type) {
			case time.Time:
				fields[name] = olorin.At(v).String()
			case int64:
				fields[name] = float64(v)
			default:
				fields[name] = v
			}
		}
		number, _ := row["row"].(int64)
		out = append(out, olorin.EvidenceRow{Row: number, Fields: fields})
		return nil
	})
	return out, err
}

// Close ends the case. Queries must have ended.
func (c *Case) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	return errors.Join(c.db.Close(), c.workspace.remove())
}
