package data

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/big"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/olorin-dev/olorin"
)

// view is a case as the engine's process holds it.
type view struct {
	db      *sql.DB
	present map[string]string // canonical → source
	subject string            // canonical column, or ""
	rowKey  string            // column of the file's events
	stored  string            // column that has the hashes of cards
	kinds   kinds
	clear   map[string][]string
	counts  Counts
	turned  bool
	found   []int64 // see opened
}

// opening says what to open, and where DuckDB may spill.
type opening struct {
	Files     fileset
	Selection Selection
	Lists     []olorin.List
	Spill     string
}

// opened is what the server keeps of a view.
type opened struct {
	Present map[string]string
	Subject string
	// Clear are, of entities that are kept masked, the values in clear: of a column that is not one of cards.
	Clear  map[string][]string
	Counts Counts
	// Turned tells that the relations have the amounts of the file with the other sign.
	Turned bool
	// Found are how many rows of the file are of each entity of the selection, at any time.
	Found []int64
}

func (v *view) told() opened {
	return opened{v.present, v.subject, v.clear, v.counts, v.turned, v.found}
}

// materializeRows is up to how many rows own, and cohort, are kept in memory: most checks ask nothing else, and need not pass over the file.
const materializeRows = 60_000

func openView(ctx context.Context, e *Engine, o opening) (_ *view, err error) {
	v := &view{present: map[string]string{}, kinds: kinds{}}
	if v.db, err = e.instance(ctx, o.Spill); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, v.db.Close())
		}
	}()
	if err := e.attachEvents(ctx, v.db, o.Files); err != nil {
		return nil, err
	}
	if err := v.readMeta(ctx); err != nil {
		return nil, fmt.Errorf("open case on data set %s: %w", o.Files.ID, err)
	}
	sel := o.Selection
	if v.present["event_time"] == "" && (!sel.From.IsZero() || !sel.To.IsZero()) {
		return nil, olorin.Invalid("the case cannot be opened", olorin.Fault{Pointer: "/settings/time_range", Code: "no_event_time", Detail: "the data set has no column for the time of an event; take the whole data set, or map a column to event_time"})
	}
	if err = v.readClear(ctx, e.masker, sel.Entities); err == nil {
		err = v.count(ctx, e.masker, sel)
	}
	if err == nil {
		err = v.build(ctx, v.scope(e.masker, sel), v.parts(e.masker, sel), until(sel), len(sel.Entities) == 0)
	}
	if err == nil {
		err = v.buildLists(ctx, e, o.Lists)
	}
	if err == nil {
		_, err = v.db.ExecContext(ctx, "SET enable_external_access = false; SET lock_configuration = true")
	}
	if err != nil {
		return nil, fmt.Errorf("open case on data set %s: %w", o.Files.ID, err)
	}
	return v, nil
}

func (e *Engine) attachEvents(ctx context.Context, db *sql.DB, f fileset) error {
	dir, err := e.generation(f)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf("ATTACH %s AS file (READ_ONLY)", quote(filepath.Join(dir, "events.duckdb")))); err != nil {
		return fmt.Errorf("open data set %s: %w", f.ID, err)
	}
	return nil
}

func (v *view) readMeta(ctx context.Context) error {
	rows, err := v.db.QueryContext(ctx, "SELECT key, value FROM file.meta")
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
			v.subject = value
		case "row_key":
			v.rowKey = value
		case "card_stored":
			v.stored = value
		default:
			if name, ok := strings.CutPrefix(key, "column:"); ok {
				v.present[name] = value
			} else if kind, ok := strings.CutPrefix(key, "kind:"); ok {
				v.kinds[kind] = value
			}
		}
	}
	return rows.Err()
}

// count passes over the file once, however many entities there are.
func (v *view) count(ctx context.Context, masker *cardMasker, sel Selection) error {
	v.found = make([]int64, len(sel.Entities))
	counts, into := "count(*) FILTER ("+until(sel)+"), count(*) FILTER ("+v.scope(masker, sel)+")", []any{&v.counts.Rows, &v.counts.InScope}
	for i, entity := range sel.Entities {
		counts += ", count(*) FILTER (" + matches(v.present, v.stored, v.clear, masker, entity) + ")"
		into = append(into, &v.found[i])
	}
	return v.db.QueryRowContext(ctx, "SELECT "+counts+" FROM file.events").Scan(into...)
}

// macros are what checks compute alike; docs/own-checks.md tells of those that checks of one's own may call.
//
//go:embed macros.sql
var macros string

var macroName = regexp.MustCompile(`CREATE MACRO (\w+)\(`)

// WithMacros puts before a query what it, and what is put there, calls by name: it can so be read, and run elsewhere, as a whole.
func WithMacros(query string) string {
	definitions := strings.SplitAfter(strings.TrimSpace(macros), ";\n")
	needed := ""
	for i := len(definitions) - 1; i >= 0; i-- { // a macro calls only those above it
		if name := macroName.FindStringSubmatch(definitions[i]); name != nil && strings.Contains(query+needed, name[1]+"(") {
			needed = strings.TrimSpace(definitions[i]) + "\n" + needed
		}
	}
	return needed + query
}

// loginName tells a column that is named for log-ins.
var loginName = regexp.MustCompile(`(?i)log.?[io]n|sign.?in|authenticat|connexion|anmeldung|sesion|acceso|acesso|accesso`)

// instrument tells a column whose words credit and debit are kinds of cards, and no directions.
var instrument = regexp.MustCompile(`(?i)card|karte|method|payment|zahlart|zahlungsart`)

// turned is the SQL of an amount that stands below zero where it goes out.
const turned = "(-amount)"

// direction is the SQL of an amount as what leaves the account, above zero, and of what comes in. In a ledger the sign tells, whichever way it is
// written: more goes out of an account than comes in. Where a few amounts are below zero, they are paid back; where more than a quarter are, they came in. Else the kind of a row tells.
func (v *view) direction(ctx context.Context) (amount, outgoing, came string, err error) {
	if v.present["amount"] == "" {
		return "", "false", "false", nil
	}
	var above, below int64
	if err := v.db.QueryRowContext(ctx, "SELECT count(*) FILTER (amount > 0), count(*) FILTER (amount < 0) FROM file.events").Scan(&above, &below); err != nil {
		return "", "", "", err
	}
	amount, came = "amount", "false"
	switch {
	case below > above:
		amount, came = turned, "coalesce(amount > 0, false)"
	case 3*below > above:
		came = "coalesce(amount < 0, false)"
	case v.present["event_type"] != "":
		came = "coalesce(amount > 0 AND " + v.kinds.or("incoming", comesIn(v.present)) + ", false)"
	}
	return amount, "coalesce(" + amount + " > 0, false) AND NOT " + came, came, nil
}

// flows makes the relation of payments from who pays to who is paid.
func flows(came string) string {
	if came == "false" {
		return "CREATE VIEW flows AS FROM events"
	}
	return "CREATE VIEW flows AS SELECT * REPLACE (CASE WHEN came THEN counterparty_id ELSE subject END AS subject, CASE WHEN came THEN subject ELSE counterparty_id END AS counterparty_id, CASE WHEN came THEN abs(amount) ELSE amount END AS amount) FROM events"
}

// comesIn is the SQL that tells by its kind that the money of an event comes in, in a file whose canonical columns have these sources.
func comesIn(present map[string]string) string {
	if present["amount"] == "" || present["card_number"] != "" || instrument.MatchString(present["event_type"]) {
		return "false"
	}
	return "incoming(spelt(event_type))"
}

// kinds are what a person said that kinds of events are, by kind.
type kinds map[string]string

// or is the SQL that tells whether an event is of a meaning: by what was said of its kind, or else by what its kind itself tells.
func (k kinds) or(meaning, itself string) string {
	var is, isNot []string
	for _, kind := range slices.Sorted(maps.Keys(k)) {
		if k[kind] == meaning {
			is = append(is, quote(kind))
		} else {
			isNot = append(isNot, quote(kind))
		}
	}
	whens := ""
	if len(is) > 0 {
		whens += " WHEN event_type IN (" + strings.Join(is, ", ") + ") THEN true"
	}
	if len(isNot) > 0 {
		whens += " WHEN event_type IN (" + strings.Join(isNot, ", ") + ") THEN false"
	}
	if whens == "" {
		return itself
	}
	return "CASE" + whens + " ELSE " + itself + " END"
}

// build makes the relations.
func (v *view) build(ctx context.Context, scope, parts, until string, everything bool) error {
	if _, err := v.db.ExecContext(ctx, macros); err != nil {
		return err
	}
	// A file of log-ins has no column of kinds; the outcome is called after them then.
	isLogin, loginFailed := "NULL::BOOLEAN", "false"
	switch {
	case v.present["event_type"] != "":
		isLogin = v.kinds.or("login", "is_login(spelt(event_type))")
	case v.present["amount"] == "" && loginName.MatchString(v.present["status"]):
		isLogin = "status IS NOT NULL"
	}
	if isLogin != "NULL::BOOLEAN" {
		loginFailed = "coalesce(NOT status_ok AND " + isLogin + ", false)"
	}
	var telling []string
	for _, name := range []string{"event_type", "status"} {
		if v.present[name] != "" {
			telling = append(telling, name)
		}
	}
	refunded := "false"
	if len(telling) > 0 {
		refunded = v.kinds.or("refund", "is_refund(spelt(concat_ws(' ', "+strings.Join(telling, ", ")+")))")
	}
	amount, outgoing, came, err := v.direction(ctx)
	if err != nil {
		return err
	}
	columns := []string{
		`"row"`, v.rowKey + " AS row_key", "t", cmp.Or(v.subject, "NULL::VARCHAR") + " AS subject", "status_ok",
		pick(v.present["card_number"] != "", "CASE WHEN NOT regexp_matches("+cmp.Or(v.stored, "card_number")+", '[*xX•]{2,}[^~]*$') THEN "+cmp.Or(v.stored, "card_number")+" END", "NULL::VARCHAR") + " AS card",
		refunded + " AS refunded", "coalesce(status_ok, true) AND NOT " + refunded + " AS paid",
		outgoing + " AS outgoing", came + " AS came", isLogin + " AS login", loginFailed + " AS login_failed",
	}
	for i := range Columns {
		col := &Columns[i]
		switch {
		case col.Name == "amount" && amount != "":
			columns = append(columns, amount+" AS amount")
		case v.present[col.Name] != "":
			columns = append(columns, col.Name)
		default:
			columns = append(columns, fmt.Sprintf("NULL::%s AS %s", col.Type.sqlType(), col.Name))
		}
	}
	view := fmt.Sprintf("SELECT %s, %s AS in_scope, CASE WHEN %[2]s THEN %[3]s ELSE 0 END::INTEGER AS parts FROM file.events WHERE %[4]s", strings.Join(columns, ", "), scope, parts, until)
	v.turned = amount == turned
	statements := []string{"CREATE VIEW events AS " + view, flows(came)}
	if everything {
		statements = append(statements, "CREATE VIEW own AS FROM events")
	} else {
		statements = append(statements, "CREATE TABLE subjects AS SELECT DISTINCT subject FROM events WHERE in_scope AND subject IS NOT NULL ORDER BY subject")
	}
	for _, s := range statements {
		if _, err := v.db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	peers := fmt.Sprintf("SELECT count(DISTINCT coalesce(subject, row_key)) FROM events WHERE hash(coalesce(subject, row_key)) %% %d = 0", v.counts.peerOf())
	if err := v.db.QueryRowContext(ctx, peers).Scan(&v.counts.Peers); err != nil {
		return err
	}
	v.counts.Own = v.counts.Rows
	peer := fmt.Sprintf("hash(coalesce(subject, row_key)) %% %d = 0", v.counts.peerOf())
	cohort := "SELECT *, true AS mine, " + peer + " AS peer FROM events"
	kind := "VIEW"
	if !everything {
		mine := "CASE WHEN subject IS NULL THEN in_scope ELSE subject IN (SELECT subject FROM subjects) END"
		var wide int64
		count := "SELECT count(*) FILTER (mine), count(*) FROM (SELECT " + mine + " AS mine, " + peer + " AS peer FROM events) WHERE mine OR peer"
		if err := v.db.QueryRowContext(ctx, count).Scan(&v.counts.Own, &wide); err != nil {
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
		if _, err := v.db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// scope is the SQL that tells whether a row matches the selection.
func (v *view) scope(masker *cardMasker, sel Selection) string {
	var parts []string
	byType := map[olorin.EntityType][]string{}
	var types []olorin.EntityType
	for _, entity := range sel.Entities {
		if !slices.Contains(types, entity.Type) {
			types = append(types, entity.Type)
		}
		byType[entity.Type] = append(byType[entity.Type], matches(v.present, v.stored, v.clear, masker, entity))
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

// until is the SQL that tells which rows there were by the end of the selection's time range. No check is told of later ones: what comes before
// the range is what an account is measured by, and what comes after it was not known.
func until(sel Selection) string {
	if sel.To.IsZero() {
		return "true"
	}
	return fmt.Sprintf("(t IS NULL OR t < %d)", ceilSecond(sel.To))
}

// parts is the SQL that tells which of the selection's entities a row is of: the sum of 1 for the first, 2 for the second, 4 for the third
// and so on. A case without entities has one part, the whole.
func (v *view) parts(masker *cardMasker, sel Selection) string {
	if len(sel.Entities) < 2 {
		return "1"
	}
	bits := make([]string, len(sel.Entities))
	for i, entity := range sel.Entities {
		bits[i] = fmt.Sprintf("CASE WHEN %s THEN %d ELSE 0 END", matches(v.present, v.stored, v.clear, masker, entity), 1<<i)
	}
	return "(" + strings.Join(bits, " + ") + ")"
}

func ceilSecond(t olorin.Time) int64 {
	s := t.Unix()
	if t.Nanosecond() > 0 {
		s++
	}
	return s
}

// readClear finds what an entity that is kept masked is in a column that is not one of cards.
func (v *view) readClear(ctx context.Context, masker *cardMasker, entities []olorin.Entity) error {
	v.clear = map[string][]string{}
	for _, entity := range entities {
		column, value := columnOf(v.present, entity.Type), strings.TrimSpace(entity.Value)
		if column == "" || entity.Type == "card_number" || !storedCardText.MatchString(value) {
			continue
		}
		rows, err := v.db.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %[1]s FROM file.events WHERE regexp_full_match(%[1]s, '[0-9][0-9 -]{11,}[0-9]')", column))
		if err != nil {
			return err
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return errors.Join(err, rows.Close())
			}
			if masker.stored(text) == value {
				v.clear[value] = append(v.clear[value], text)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

// columnOf is the column that entities of a type are looked for in, "" where there is none.
func columnOf(present map[string]string, t olorin.EntityType) string {
	columns := EntityColumns(t)
	i := slices.IndexFunc(columns, func(name string) bool { return present[name] != "" })
	if i < 0 {
		return ""
	}
	return columns[i]
}

// matches is the SQL that tells whether a row is of an entity. stored is the column that has the hashes of cards; clear, see opened.
func matches(present map[string]string, stored string, clear map[string][]string, masker *cardMasker, entity olorin.Entity) string {
	value := strings.TrimSpace(entity.Value)
	column := columnOf(present, entity.Type)
	if column == "" {
		return "false"
	}
	equals := func(text string) string { return fmt.Sprintf("%s = %s", column, quote(text)) }
	switch column {
	case "ip_address":
		if ip := canonicalIP(value); ip != "" {
			return equals(ip)
		}
	case "email":
		return equals(strings.ToLower(value))
	case "phone_number":
		digits := phoneDigits(value)
		return fmt.Sprintf("(ltrim(phone_number, '+') = %s AND phone_number != '')", quote(digits))
	case "card_number":
		if whole := masker.stored(value); storedCardText.MatchString(whole) {
			return fmt.Sprintf("%s IN (%s, %s)", stored, quote(whole), quote(whole[:maskLength]))
		}
		return fmt.Sprintf("(%s OR starts_with(card_number, %s))", equals(value), quote(value+"~"))
	}
	alternatives := []string{equals(value)}
	if whole := whole0.FindStringSubmatch(value); whole != nil {
		alternatives = append(alternatives, equals(whole[1]))
	}
	for _, text := range clear[value] {
		alternatives = append(alternatives, equals(text))
	}
	return "(" + strings.Join(alternatives, " OR ") + ")"
}

// query runs one SELECT: columns is told the names of its result, each its rows.
func (v *view) query(ctx context.Context, query string, params map[string]any, columns func(names []string) error, each func(cells []any) error) (err error) {
	conn, err := v.db.Conn(ctx)
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
		if err := columns(names); err != nil {
			return err
		}
		values, cells := make([]driver.Value, len(names)), make([]any, len(names))
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := rows.Next(values); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			for i := range values {
				cells[i] = plain(values[i])
			}
			if err := each(cells); err != nil {
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
