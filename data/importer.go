package data

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/olorin-dev/olorin"
)

// ImportOptions say what an upload is to become.
type ImportOptions struct {
	ID       string // ^[A-Za-z0-9_-]{1,64}$, not taken
	UserID   string
	Name     string
	Filename string
	Origin   string // as olorin.Dataset has it
	// Mapping leads from canonical columns to columns of the file, and overrules what would be recognised;
	// an empty value leaves the canonical column without a source. The other columns are recognised.
	Mapping map[string]string
	// Remembered are what the user said of earlier files; what was said of one with the same header holds for this one, but where
	// Mapping says otherwise.
	Remembered []olorin.Mapping
	// Words say what values mean, over what is remembered.
	Words olorin.Words
	// SkipMalformed sets rows aside that cannot be read, instead of refusing the file.
	SkipMalformed bool
	// Now is when the data set is made; zero asks the clock.
	Now olorin.Time
}

// Import reads a CSV file and makes a data set of it. Errors are CodeDatasetInvalid, CodeTooLarge, CodeInvalid (mapping or id) and CodeExists;
// after any error, or when ctx ends, nothing of the upload is left, though r may still be read once. The data set is durable when Import returns.
func (e *Engine) Import(ctx context.Context, r io.Reader, o ImportOptions) (d olorin.Dataset, err error) {
	if !validID.MatchString(o.ID) {
		return d, olorin.Invalid("the data set cannot be made", olorin.Fault{Pointer: "/id", Code: "pattern", Detail: "an id has 1 to 64 letters, digits, - or _"})
	}
	home := filepath.Join(e.datasets(), o.ID)
	if taken, err := exists(home); err != nil || taken {
		return d, errors.Join(err, olorin.Errorf(olorin.CodeExists, "there is a data set %s already", o.ID))
	}
	w, err := e.workspace()
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	d, err = build[olorin.Dataset](ctx, e, "import", importing{w.dir, o.Mapping, o.Words, o.Remembered, o.SkipMalformed}, r)
	if ended, ok := errors.AsType[*died](err); ok {
		return olorin.Dataset{}, olorin.Errorf(olorin.CodeDatasetInvalid, "the file could not be read, nothing was imported: %s", ended.how)
	}
	if err != nil {
		return olorin.Dataset{}, importError(ctx, err)
	}
	d.ID, d.UserID, d.Name, d.Filename, d.Origin, d.CreatedAt = o.ID, o.UserID, olorin.MaskCards(o.Name), olorin.MaskCards(o.Filename), o.Origin, o.Now
	if d.CreatedAt.IsZero() {
		d.CreatedAt = olorin.SystemClock()
	}
	if err := publish(ctx, filepath.Join(w.dir, buildDir), home); err != nil {
		return olorin.Dataset{}, err
	}
	return d, nil
}

// importing is what an import is told in its own process. It makes the data set in a directory of the working directory.
type importing struct {
	Workspace     string
	Mapping       map[string]string
	Words         olorin.Words
	Remembered    []olorin.Mapping
	SkipMalformed bool
}

const (
	buildDir        = "build"
	firstGeneration = "1"
)

// importUpload reads the upload from the standard input.
func importUpload(ctx context.Context, e *Engine, in importing) (d olorin.Dataset, err error) {
	w := &workspace{dir: in.Workspace}
	v := receiver{maxBytes: e.lim.MaxBytes, maxRows: e.lim.MaxRows, skipMalformed: in.SkipMalformed, rowsPath: w.path("rows.csv"), parquetPath: w.path("rows.parquet"), rejectedPath: w.path("rejected.csv")}
	up, err := v.receive(ctx, os.Stdin)
	if err != nil {
		return d, err
	}
	generation := filepath.Join(w.path(buildDir), firstGeneration)
	if err := os.MkdirAll(generation, 0o700); err != nil {
		return d, fmt.Errorf("import: %w", err)
	}
	if err := os.Mkdir(w.path("spill"), 0o700); err != nil {
		return d, fmt.Errorf("import: %w", err)
	}
	l, err := e.newLoader(ctx, w.path("spill"))
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	l.remembered, l.words = in.Remembered, in.Words
	read := l.readRows
	if up.parquet {
		read = l.readParquet
	}
	columns, err := l.load(ctx, &up, generation, in.Mapping, func(ctx context.Context, cards func(int) bool) error { return read(ctx, &up, w, cards) })
	if err != nil {
		return d, outOfMemory(e, err)
	}
	if up.rejected > 0 {
		if err := os.Rename(w.path("rejected.csv"), filepath.Join(w.path(buildDir), "rejected.csv")); err != nil {
			return d, fmt.Errorf("import: %w", err)
		}
	}
	return olorin.Dataset{
		Generation: firstGeneration, Rows: up.rows, RejectedRows: up.rejected, Bytes: up.bytes, SHA256: up.sha256, Encoding: up.encoding, Columns: columns, Derived: l.derived, Databases: l.databases, Remembered: l.recalled, Words: l.words, FirstEventAt: l.first, LastEventAt: l.last,
	}, nil
}

// outOfMemory says what to do where DuckDB could not hold what it needed.
func outOfMemory(e *Engine, err error) error {
	if d, ok := errors.AsType[*duckdb.Error](err); ok && d.Type == duckdb.ErrorTypeOutOfMemory {
		return olorin.Errorf(olorin.CodeTooLarge, "the file needs more memory than the %d MB an import may use (OLORIN_ENGINE_MEMORY_MB): give it more, or split the file", e.lim.MemoryMB)
	}
	return err
}

// importError keeps the end of ctx in sight of the caller.
func importError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("import: %w", ctx.Err())
	}
	return err
}

// publish makes build durable and moves it to its home in one step.
func publish(ctx context.Context, build, home string) error {
	if err := syncTree(build); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.Rename(build, home); err != nil {
		if taken, _ := exists(home); taken {
			return olorin.Errorf(olorin.CodeExists, "there is a data set %s already", filepath.Base(home))
		}
		return fmt.Errorf("import: %w", err)
	}
	return syncPath(filepath.Dir(home))
}

func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncPath(path)
	})
}

// loader makes the files of one generation of a data set.
type loader struct {
	engine      *Engine
	pool        *sql.DB
	db          *sql.Conn
	header      []string
	tidy        []bool // see sourceColumn
	first, last *olorin.Time
	derived     []string // canonical columns that were worked out from others
	addresses   *addressBook
	databases   []olorin.AddressDatabase // that the derived columns come from
	remembered  []olorin.Mapping
	words       olorin.Words    // what a person said that values mean
	recalled    *olorin.Mapping // of remembered, what was applied to this file
}

func (e *Engine) newLoader(ctx context.Context, spill string) (*loader, error) {
	book, err := openAddressBook(e.lim.AddressDBs)
	if err != nil {
		return nil, err
	}
	pool, err := e.instance(ctx, spill)
	if err != nil {
		return nil, err
	}
	conn, err := pool.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, fmt.Sprintf("SET allowed_directories = [%s]; SET enable_external_access = false", quote(e.dir)))
	}
	if err == nil {
		err = errors.Join(
			duckdb.RegisterScalarUDF(conn, "olorin_ip", textFunction(canonicalIP)),
			duckdb.RegisterScalarUDF(conn, "olorin_country", textFunction(book.country)),
			duckdb.RegisterScalarUDF(conn, "olorin_city", textFunction(book.city)),
			duckdb.RegisterScalarUDF(conn, "olorin_asn", textFunction(book.asn)),
			duckdb.RegisterScalarUDF(conn, "olorin_card", textFunction(e.masker.remembered)),
			duckdb.RegisterScalarUDF(conn, "olorin_sealed", textFunction(e.masker.sealed)),
			duckdb.RegisterScalarUDF(conn, "olorin_text", textFunction(olorin.MaskCards)),
		)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open DuckDB: %w", err), pool.Close())
	}
	return &loader{engine: e, pool: pool, db: conn, addresses: book}, nil
}

func (l *loader) close() error {
	if l.pool == nil {
		return nil
	}
	err := errors.Join(l.db.Close(), l.pool.Close(), l.addresses.close())
	l.pool = nil
	return err
}

func (l *loader) exec(ctx context.Context, format string, args ...any) error {
	q := fmt.Sprintf(format, args...)
	if _, err := l.db.ExecContext(ctx, q); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

// textFunction is a function of one text in SQL.
type textFunction func(string) string

// Config is part of duckdb.ScalarFunc.
func (textFunction) Config() duckdb.ScalarFuncConfig {
	text, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		panic(err) // VARCHAR is a type
	}
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{text}, ResultTypeInfo: text}
}

// Executor is part of duckdb.ScalarFunc.
func (f textFunction) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		s, _ := values[0].(string)
		return f(s), nil
	}}
}

// rowGroup is how many rows DuckDB hands to a thread at once: a quarter of its own choice, so that files of 100,000 rows, too, keep several busy.
const rowGroup = 30_720

// freshFile is how a file is attached that is made whole or thrown away: it needs no journal.
var freshFile = fmt.Sprintf("ROW_GROUP_SIZE %d, RECOVERY_MODE no_wal_writes", rowGroup)

// parallelBytes is the size from which on a file is worth reading by several threads.
const parallelBytes = 8 << 20

// lightBytes is the size below which one thread does the whole import: each holds buffers for every column, and has nothing to do.
const lightBytes = 1 << 20

// load takes the rows that read makes the source table of into dir: source.duckdb, then the events and labels made from it. read is told which
// columns hold cards.
func (l *loader) load(ctx context.Context, up *upload, dir string, mapping map[string]string, read func(ctx context.Context, cards func(i int) bool) error) ([]olorin.Column, error) {
	// To find the best compression for text takes longer than all the rest, and this table is seldom read again. The events are read often:
	// they are kept in a compression that is found soon.
	if err := l.exec(ctx, "ATTACH %s AS src (%s); SET force_compression = 'uncompressed'", quote(filepath.Join(dir, "source.duckdb")), freshFile); err != nil {
		return nil, err
	}
	l.header, l.tidy = up.header, up.tidy
	said := sync.OnceValue(func() map[string]string { return l.recall(mapping, nil) }) // of a Parquet file the header is not known yet
	cards := func(i int) bool {
		return meanings(l.header[i])["card_number"] > 0 || said()["card_number"] == l.header[i]
	}
	if err := read(ctx, cards); err != nil {
		return nil, err
	}
	rows := up.rows
	if err := l.exec(ctx, "SET force_compression = 'auto'; SET disabled_compression_methods = 'fsst,dict_fsst,zstd'; CREATE TABLE src.header (i INTEGER, name VARCHAR, tidy BOOLEAN)"); err != nil {
		return nil, err
	}
	for len(l.tidy) < len(l.header) { // nobody has looked into a Parquet file
		l.tidy = append(l.tidy, false)
	}
	names := make([]string, len(l.header))
	for i, name := range l.header {
		names[i] = fmt.Sprintf("(%d, %s, %t)", i, quote(name), l.tidy[i])
	}
	if err := l.exec(ctx, "INSERT INTO src.header VALUES %s", strings.Join(names, ", ")); err != nil {
		return nil, err
	}
	profiles, err := l.profiles(ctx, rows)
	if err != nil {
		return nil, err
	}
	spoken, err := l.speakOfCards(ctx, profiles, func(i int) bool {
		return !cards(i) && !isSecretName(l.header[i]) && !isPersonalNumber(l.header[i]) && (up.lengthy == nil || up.lengthy[i])
	})
	if err != nil {
		return nil, err
	}
	// A column that is full of card numbers is masked, whatever its name; in others the values that are cards, where there are many, and the
	// cards in text. Of long numbers one in ten passes the check by chance, so that few among many are ids.
	masked := func(i int) string {
		v, p := columnRef(i), profiles[i]
		switch {
		case cards(i):
			return ""
		case isSecretName(l.header[i]):
			return "NULL::VARCHAR"
		case isPersonalNumber(l.header[i]):
			return fmt.Sprintf("olorin_sealed(%s)", v)
		case p.values >= 5 && p.pan >= 0.9:
			return maskCardSQL(v)
		case p.pan >= 0.3 && (p.values >= 5 || p.pan >= 0.5):
			return fmt.Sprintf("CASE WHEN regexp_full_match(trim(%[1]s), '%[2]s') THEN %[3]s WHEN %[4]s THEN %[5]s ELSE %[1]s END", v, cardDigits, maskCardSQL(v), cardInText(v), maskTextSQL(v))
		case spoken[i]:
			// One that stands alone keeps its hash: an entity may be it.
			return fmt.Sprintf("CASE WHEN NOT (%[2]s) THEN %[1]s WHEN regexp_full_match(trim(%[1]s), '%[4]s') AND %[3]s != %[1]s THEN %[5]s ELSE %[3]s END", v, cardWithin(v, p), maskTextSQL(v), cardDigits, maskCardSQL(v))
		}
		return ""
	}
	if err := l.maskMore(ctx, dir, masked); err != nil {
		return nil, err
	}
	for i := range profiles {
		if cards(i) || masked(i) != "" {
			profiles[i].common = nil // looked at in clear
		}
	}
	return l.derive(ctx, dir, rows, profiles, mapping, false)
}

// readRows takes the canonical rows of a text. cards tells which columns hold card numbers.
func (l *loader) readRows(ctx context.Context, up *upload, w *workspace, cards func(i int) bool) error {
	types, exprs := []string{"'r': 'BIGINT'"}, []string{`r AS "row"`}
	for i := range l.header {
		v := columnRef(i)
		types = append(types, fmt.Sprintf("'%s': 'VARCHAR'", v))
		if cards(i) {
			v = maskCardSQL(v) + " AS " + v
		}
		exprs = append(exprs, v)
	}
	path := w.path("rows.csv")
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if info.Size() < lightBytes {
		if err := l.exec(ctx, "SET threads = 1"); err != nil {
			return err
		}
	}
	read := func(parallel bool) error {
		line, buffer := max(2<<20, up.longest+1024), max(16<<20, 4*up.longest)
		if size := int(info.Size()) + 1024; size < buffer {
			line, buffer = up.longest+1024, size
		}
		return l.exec(ctx, `CREATE OR REPLACE TABLE src.source AS SELECT %s FROM read_csv(%s, auto_detect = false, header = false, delim = %s, quote = '"', escape = '"', new_line = '\n', nullstr = '', null_padding = %t, strict_mode = true, parallel = %t, max_line_size = %d, buffer_size = %d, columns = {%s})`,
			strings.Join(exprs, ", "), quote(path), quote(string(up.dialect.delimiter)), up.ragged, parallel, line, buffer, strings.Join(types, ", "))
	}
	// Where a thread begins in the middle of a file, a line end inside quotes cannot be told from the end of a row.
	// DuckDB's parallel reader guesses, and gives up on some files.
	parallel := info.Size() >= parallelBytes && !up.multiline
	if err = read(parallel); err != nil && parallel && ctx.Err() == nil {
		err = read(false)
	}
	if err != nil {
		return err
	}
	var rows int64
	if err := l.db.QueryRowContext(ctx, "SELECT count(*) FROM src.source").Scan(&rows); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if rows != up.rows {
		return fmt.Errorf("import: DuckDB read %d rows where the scan saw %d", rows, up.rows)
	}
	return os.Remove(path)
}

// maskMore masks the cards of more columns of the source. The file is written anew, so that no block of it keeps what is masked.
// how gives the SQL of what is kept of a column, "" where all is.
func (l *loader) maskMore(ctx context.Context, dir string, how func(i int) string) error {
	exprs := []string{`"row"`}
	any := false
	for i := range l.header {
		v := columnRef(i)
		if masked := how(i); masked != "" {
			any = true
			v = masked + " AS " + v
		}
		exprs = append(exprs, v)
	}
	if !any {
		return nil
	}
	path := filepath.Join(dir, "source.duckdb")
	masked := path + ".masked"
	if err := l.exec(ctx, "ATTACH %s AS masked (%s)", quote(masked), freshFile); err != nil {
		return err
	}
	for _, s := range []string{
		"CREATE TABLE masked.source AS SELECT " + strings.Join(exprs, ", ") + " FROM src.source",
		"CREATE TABLE masked.header AS FROM src.header",
		"DETACH src", "DETACH masked",
	} {
		if err := l.exec(ctx, "%s", s); err != nil {
			return err
		}
	}
	if err := os.Rename(masked, path); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return l.exec(ctx, "ATTACH %s AS src", quote(path))
}

// speakOfCards tells of each column that may whether a text in it could have a card number.
func (l *loader) speakOfCards(ctx context.Context, profiles []profile, may func(i int) bool) ([]bool, error) {
	spoken := make([]bool, len(l.header))
	var into []any
	var refs, exprs []string
	for i := range l.header {
		if may(i) {
			into, refs = append(into, &spoken[i]), append(refs, columnRef(i))
			exprs = append(exprs, "coalesce(bool_or("+cardWithin(columnRef(i), profiles[i])+"), false)")
		}
	}
	if len(refs) == 0 {
		return spoken, nil
	}
	// One look at a whole row costs less than one at each of its values, and most files have no such row.
	var any bool
	rows := fmt.Sprintf("SELECT EXISTS (FROM src.source WHERE regexp_matches(concat_ws('|', %s), '%s'))", strings.Join(refs, ", "), cardBounded)
	if err := l.db.QueryRowContext(ctx, rows).Scan(&any); err != nil || !any {
		return spoken, err
	}
	if err := l.db.QueryRowContext(ctx, "SELECT "+strings.Join(exprs, ", ")+" FROM src.source").Scan(into...); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return spoken, nil
}

func columnRef(i int) string { return "c" + strconv.Itoa(i+1) }

// profiles looks at the values of every column. Of large files it takes a sample that depends on what rows hold and not on where they stand.
func (l *loader) profiles(ctx context.Context, rows int64) ([]profile, error) {
	refs := make([]string, len(l.header))
	for i := range refs {
		refs[i] = columnRef(i)
	}
	want := max(2_000, min(5_000, 1_000_000/int64(len(refs))))
	q := "SELECT " + strings.Join(refs, ", ") + " FROM src.source"
	if rows > want {
		q += fmt.Sprintf(" WHERE hash(%s) %% %d = 0", strings.Join(refs, ", "), rows/want)
	}
	values := make([][]string, len(refs))
	scan := make([]any, len(refs))
	cells := make([]sql.NullString, len(refs))
	for i := range scan {
		scan[i] = &cells[i]
	}
	result, err := l.db.QueryContext(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	defer result.Close()
	for result.Next() {
		if err := result.Scan(scan...); err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		for i, c := range cells {
			values[i] = append(values[i], olorin.Clip(c.String, 400))
		}
	}
	if err := result.Err(); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	out := make([]profile, len(refs))
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() { out[i] = profileOf(values[i]) })
	}
	wg.Wait()
	return out, nil
}

// derive makes events.duckdb and labels.duckdb in dir from the attached source.
func (l *loader) derive(ctx context.Context, dir string, rows int64, profiles []profile, mapping map[string]string, only bool) ([]olorin.Column, error) {
	labels := make([]bool, len(l.header))
	for i, name := range l.header {
		labels[i] = isLabel(name, profiles[i])
	}
	if err := checkMapping(l.header, labels, mapping); err != nil {
		return nil, err
	}
	mapping = l.recall(mapping, labels)
	matches := recognise(l.header, profiles, labels, mapping, only)
	if again, err := l.changing(ctx, matches, profiles); err != nil {
		return nil, err
	} else if again {
		matches = recognise(l.header, profiles, labels, mapping, only)
	}
	sources := map[string]int{}
	for i, m := range matches {
		if m.canonical != "" {
			sources[m.canonical] = i
		}
	}
	hashed, err := l.sharedMasks(ctx, sources)
	if err != nil {
		return nil, err
	}
	conversions := map[string]conversion{}
	var selected, present []string
	for i := range Columns {
		c := &Columns[i]
		source, ok := sources[c.Name]
		if !ok {
			continue
		}
		from, others := l.composed(c.Name, source, profiles, func(i int) bool { return i != source && matches[i].canonical == "" && !labels[i] })
		conv, err := convert(ctx, l.db, "src.source", from, c)
		if err != nil {
			return nil, fmt.Errorf("import: column %q as %s: %w", l.header[source], c.Name, err)
		}
		if c.Name == "amount" {
			if conv, err = l.inCents(ctx, conv, sources); err != nil {
				return nil, err
			}
		}
		var names []string
		for _, i := range others {
			matches[i].note = fmt.Sprintf("read together with %q", l.header[source])
			names = append(names, strconv.Quote(l.header[i]))
		}
		if len(names) > 0 {
			conv.note = strings.TrimPrefix(conv.note+"; read together with "+strings.Join(names, ", "), "; ")
		}
		conversions[c.Name] = conv
		matches[source].note = conv.note
		selected = append(selected, fmt.Sprintf("CAST(%s AS %s) AS %s", conv.expr, c.Type.sqlType(), c.Name))
		present = append(present, c.Name)
	}
	told, err := l.told(ctx, conversions, sources, mapping)
	if err != nil {
		return nil, err
	}
	selected = append(selected, told...)
	statusIsOK := "NULL::BOOLEAN"
	if status, there := conversions["status"]; there {
		isOK, words, note, err := statusOK(ctx, l.db, "src.source", status.expr, l.words["status"])
		if err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		statusIsOK = isOK
		if source, ok := sources["status"]; ok {
			matches[source].words = words
			matches[source].note = strings.TrimPrefix(strings.TrimSuffix(matches[source].note+"; "+note, "; "), "; ")
		}
	}
	if err := l.buildEvents(ctx, dir, selected, present, statusIsOK, sources, hashed); err != nil {
		return nil, err
	}
	if err := l.buildLabels(ctx, dir, labels); err != nil {
		return nil, err
	}
	return l.describe(ctx, rows, profiles, labels, matches, conversions, present)
}

// told selects the columns that the file lacks and that others tell. What a person said of a column stands, also that there is none.
func (l *loader) told(ctx context.Context, conversions map[string]conversion, sources map[string]int, mapping map[string]string) (selected []string, err error) {
	has := func(column string) bool { _, ok := conversions[column]; return ok }
	open := func(column string) bool { _, said := mapping[column]; return !said && !has(column) }
	add := func(column, expr string) {
		l.derived = append(l.derived, column)
		selected = append(selected, expr+" AS "+column)
	}
	instant := func(expr string) string { return fmt.Sprintf("CAST(%s AS %s)", expr, Instant.sqlType()) }
	// Of a list of sign-ups, the events are the sign-ups.
	if has("signup_time") && open("event_time") {
		add("event_time", instant(conversions["signup_time"].expr))
	}
	// Currencies that stand beside the amounts are those of the file.
	if has("amount") && !conversions["amount"].plain && open("currency") {
		beside, err := currencyOfAmounts(ctx, l.db, "src.source", columnRef(sources["amount"]))
		if err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		if beside != "" {
			add("currency", beside)
		}
	}
	// Of a log of events, an account signed up at the first that says so.
	who := slices.IndexFunc(subjects, has)
	if has("event_time") && has("event_type") && who >= 0 && open("signup_time") {
		is, err := signUps(ctx, l.db, "src.source", conversions["event_type"].expr)
		if err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		if is != "" {
			add("signup_time", fmt.Sprintf("min(CASE WHEN %s THEN %s END) OVER (PARTITION BY %s)", is, instant(conversions["event_time"].expr), conversions[subjects[who]].expr))
		}
	}
	// Of a log that writes outcomes into its kinds of events, the outcomes are those.
	if has("event_type") && open("status") {
		outcome, err := outcomeOfKinds(ctx, l.db, "src.source", conversions["event_type"].expr)
		if err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		if outcome != "" {
			conversions["status"] = conversion{expr: outcome}
			add("status", outcome)
		}
	}
	if has("ip_address") {
		more, err := l.deriveFromAddress(ctx, conversions["ip_address"].expr, has)
		if err != nil {
			return nil, err
		}
		selected = append(selected, more...)
	}
	return selected, nil
}

// changing looks whether what was taken for the time of sign-up by a name that often means another time, as created_at, differs between the rows of
// one account, which signs up once. It tells so in the profile of the column, and that it did.
func (l *loader) changing(ctx context.Context, matches []match, profiles []profile) (bool, error) {
	signup := slices.IndexFunc(matches, func(m match) bool { return m.canonical == "signup_time" && m.confidence < 0.8 })
	account := -1
	for _, s := range []string{"user_id", "account_id", "card_number", "email"} {
		if account < 0 {
			account = slices.IndexFunc(matches, func(m match) bool { return m.canonical == s })
		}
	}
	if signup < 0 || account < 0 {
		return false, nil
	}
	p := &profiles[signup]
	q := fmt.Sprintf("SELECT coalesce(avg((k > 1)::INT), 0) > 0.2 FROM (SELECT count(DISTINCT %s) AS k FROM src.source WHERE %s IS NOT NULL GROUP BY %[2]s HAVING count(*) > 1)", columnRef(signup), columnRef(account))
	if err := l.db.QueryRowContext(ctx, q).Scan(&p.changes); err != nil {
		return false, fmt.Errorf("import: %w", err)
	}
	return p.changes, nil
}

// recall adds to a mapping what the user said of an earlier file with this header, but of columns that hold known outcomes now.
func (l *loader) recall(mapping map[string]string, labels []bool) map[string]string {
	shape := olorin.Shape(l.header)
	i := slices.IndexFunc(l.remembered, func(m olorin.Mapping) bool { return m.Shape == shape })
	if i < 0 {
		return mapping
	}
	merged := maps.Clone(mapping)
	if merged == nil {
		merged = map[string]string{}
	}
	used := map[string]bool{}
	for _, source := range mapping {
		used[source] = source != ""
	}
	earlier := l.remembered[i]
	earlier.Columns = map[string]string{}
	for canonical, source := range l.remembered[i].Columns {
		_, said := mapping[canonical]
		at := slices.Index(l.header, source)
		if said || used[source] || columnByName[canonical] == nil || at >= 0 && labels != nil && labels[at] {
			continue
		}
		merged[canonical], earlier.Columns[canonical] = source, source
	}
	l.recalled = nil
	if len(earlier.Columns)+len(earlier.Words) > 0 {
		l.recalled, l.words = &earlier, earlier.Words.With(l.words)
	}
	return merged
}

// sharedMasks lists the masks that more than one card has. It tells whether any card was masked at all.
func (l *loader) sharedMasks(ctx context.Context, sources map[string]int) (hashed bool, err error) {
	i, ok := sources["card_number"]
	if !ok {
		return false, nil
	}
	v := columnRef(i)
	err = l.exec(ctx, "CREATE OR REPLACE TEMP TABLE masks AS SELECT left(%[1]s, %[2]d) AS mask, count(DISTINCT %[1]s) AS cards FROM src.source WHERE regexp_full_match(%[1]s, '%[3]s') GROUP BY 1", v, maskLength, storedCard)
	if err != nil {
		return false, err
	}
	if err := l.db.QueryRowContext(ctx, "SELECT count(*) > 0 FROM masks").Scan(&hashed); err != nil {
		return false, fmt.Errorf("import: %w", err)
	}
	return hashed, nil
}

// buildEvents writes the events in the order of time, so that equal files in another order of rows make equal tables.
// subject is the name of another column, and so is row_key where transactions have ids of their own: a case gives them their names.
func (l *loader) buildEvents(ctx context.Context, dir string, selected, present []string, statusIsOK string, sources map[string]int, hashed bool) error {
	if err := l.exec(ctx, "ATTACH %s AS ev (%s)", quote(filepath.Join(dir, "events.duckdb")), freshFile); err != nil {
		return err
	}
	typed := "SELECT " + strings.Join(append([]string{`"row"`}, selected...), ", ") + " FROM src.source"
	timed := slices.Contains(present, "event_time") || slices.Contains(l.derived, "event_time")
	t := "NULL::BIGINT"
	if timed {
		t = "epoch_us(event_time) // 1000000 - CASE WHEN epoch_us(event_time) % 1000000 < 0 THEN 1 ELSE 0 END"
	}
	subject := ""
	for _, s := range subjects {
		if _, ok := sources[s]; ok {
			subject = s
			break
		}
	}
	keyed, rowKey, order := "FROM typed", "transaction_id", "transaction_id"
	unique, err := l.uniqueTransactions(ctx, selected, sources)
	if err != nil {
		return err
	}
	if !unique {
		parts := []string{"'olorin'"}
		for _, name := range present { // not what was derived: it follows from these, and from a table that changes
			text := name + "::VARCHAR"
			if columnByName[name].Type == Instant {
				text = fmt.Sprintf("(epoch_us(%s) // 1000000)::VARCHAR", name)
			}
			parts = append(parts, fmt.Sprintf("coalesce(%s, chr(30))", text))
		}
		among := `"row"`
		if timed {
			among = `event_time, "row"`
		}
		rowKey, order = "row_key", "row_key"
		keyed = fmt.Sprintf(`SELECT * EXCLUDE (digest, nth), digest || CASE WHEN nth > 1 THEN '-' || nth ELSE '' END AS row_key FROM (SELECT *, row_number() OVER (PARTITION BY digest ORDER BY %s) AS nth FROM (SELECT *, md5(concat_ws(chr(31), %s)) AS digest FROM typed))`,
			among, strings.Join(parts, ", "))
	}
	columns := []string{`"row"`, fmt.Sprintf("(%s)::BIGINT AS t", t), statusIsOK + " AS status_ok"}
	if !unique {
		columns = append(columns, rowKey)
	}
	columns = append(append(columns, present...), l.derived...)
	cardStored := "card_number"
	if i, ok := sources["card_number"]; ok && hashed {
		// What an entity given as a whole card number is compared with, and what checks join by.
		typed = strings.Replace(typed, " FROM src.source", ", "+columnRef(i)+" AS card_stored FROM src.source", 1)
		cardStored = "card_stored"
		columns = append(columns, cardStored)
	}
	err = l.exec(ctx, `CREATE TABLE ev.events AS WITH typed AS NOT MATERIALIZED (%s), keyed AS NOT MATERIALIZED (%s) SELECT %s FROM keyed ORDER BY t NULLS LAST, %s`, typed, keyed, strings.Join(columns, ", "), order)
	if err != nil {
		return err
	}
	meta := []string{fmt.Sprintf("('subject', %s), ('row_key', %s), ('card_stored', %s)", quote(subject), quote(rowKey), quote(cardStored))}
	for _, name := range present {
		meta = append(meta, fmt.Sprintf("('column:%s', %s)", name, quote(l.header[sources[name]])))
	}
	for _, name := range l.derived {
		meta = append(meta, fmt.Sprintf("('column:%s', 'derived')", name))
	}
	if slices.Contains(present, "event_type") {
		for kind, meaning := range l.words["event_type"] {
			meta = append(meta, fmt.Sprintf("(%s, %s)", quote("kind:"+kind), quote(meaning)))
		}
	}
	if err := l.exec(ctx, "CREATE TABLE ev.meta AS FROM (VALUES %s) AS m(key, value)", strings.Join(meta, ", ")); err != nil {
		return err
	}
	var first, last sql.NullTime
	if timed {
		if err := l.db.QueryRowContext(ctx, "SELECT min(event_time), max(event_time) FROM ev.events").Scan(&first, &last); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	l.first, l.last = instant(first), instant(last)
	return nil
}

func instant(t sql.NullTime) *olorin.Time {
	if !t.Valid {
		return nil
	}
	at := olorin.At(t.Time)
	return &at
}

// uniqueTransactions tells whether every row has a transaction id of its own.
func (l *loader) uniqueTransactions(ctx context.Context, selected []string, sources map[string]int) (bool, error) {
	if _, ok := sources["transaction_id"]; !ok {
		return false, nil
	}
	i := slices.IndexFunc(selected, func(s string) bool { return strings.HasSuffix(s, " AS transaction_id") })
	var n, values, distinct int64
	err := l.db.QueryRowContext(ctx, "SELECT count(*), count(transaction_id), count(DISTINCT transaction_id) FROM (SELECT "+selected[i]+" FROM src.source)").Scan(&n, &values, &distinct)
	if err != nil {
		return false, fmt.Errorf("import: %w", err)
	}
	return n == values && n == distinct, nil
}

func (l *loader) buildLabels(ctx context.Context, dir string, labels []bool) error {
	if err := l.exec(ctx, "ATTACH %s AS lab (%s)", quote(filepath.Join(dir, "labels.duckdb")), freshFile); err != nil {
		return err
	}
	if !slices.Contains(labels, true) {
		return l.exec(ctx, `CREATE TABLE lab.labels ("row" BIGINT, name VARCHAR, value VARCHAR)`)
	}
	var each []string
	for i, label := range labels {
		if label {
			each = append(each, fmt.Sprintf(`SELECT "row", %s AS name, trim(%s) AS value FROM src.source WHERE trim(%[2]s) != ''`, quote(l.header[i]), columnRef(i)))
		}
	}
	return l.exec(ctx, "CREATE TABLE lab.labels AS %s", strings.Join(each, " UNION ALL "))
}

// describe tells what each column of the file was taken for, then lets go of the files.
func (l *loader) describe(ctx context.Context, rows int64, profiles []profile, labels []bool, matches []match, conversions map[string]conversion, present []string) ([]olorin.Column, error) {
	counts := make([]string, 0, len(present))
	for _, name := range present {
		counts = append(counts, fmt.Sprintf("count(%s)", name))
	}
	read, err := l.countAll(ctx, "ev.events", counts)
	if err != nil {
		return nil, err
	}
	values := func(canonical string) int64 { return read[slices.Index(present, canonical)] }
	counts = counts[:0]
	for i := range l.header {
		m := matches[i]
		switch {
		case m.canonical == "":
			counts = append(counts, fmt.Sprintf("count(*) FILTER (%s IS NULL)", columnRef(i)))
		case values(m.canonical) == rows || conversions[m.canonical].total:
			counts = append(counts, strconv.FormatInt(rows-values(m.canonical), 10))
		default:
			counts = append(counts, fmt.Sprintf("count(*) FILTER (%s)", conversions[m.canonical].missing))
		}
	}
	missing, err := l.countAll(ctx, "src.source", counts)
	if err != nil {
		return nil, err
	}
	samples, err := l.samples(ctx, profiles)
	if err != nil {
		return nil, err
	}
	steps, err := l.steps(ctx, present)
	if err != nil {
		return nil, err
	}
	source := map[string]string{}
	for i, m := range matches {
		source[m.canonical] = l.header[i]
	}
	kinds, err := l.kindsTold(ctx, source)
	if err != nil {
		return nil, err
	}
	columns := make([]olorin.Column, len(l.header))
	for i, name := range l.header {
		m := matches[i]
		if m.canonical == "event_type" {
			m.words = kinds
		}
		c := olorin.Column{Source: name, Canonical: m.canonical, Confidence: m.confidence, Note: cmp.Or(m.note, secretNote(name)), Kind: profiles[i].kind(), Label: labels[i], Nulls: missing[i], Samples: samples[i], Words: m.words}
		if m.canonical != "" {
			c.Kind = columnByName[m.canonical].Type.kind()
			c.Unreadable = max(0, rows-missing[i]-values(m.canonical))
			c.Step = steps[m.canonical]
		}
		columns[i] = c
	}
	for _, name := range []string{"src", "ev", "lab"} {
		if err := l.exec(ctx, "DETACH %s", name); err != nil {
			return nil, err
		}
	}
	return columns, nil
}

// kindsTold tells what the kinds of events were taken for, none where they are too many to be kinds.
func (l *loader) kindsTold(ctx context.Context, present map[string]string) ([]olorin.Word, error) {
	if present["event_type"] == "" {
		return nil, nil
	}
	if err := l.exec(ctx, "%s", macros); err != nil {
		return nil, err
	}
	said := kinds(l.words["event_type"])
	q := fmt.Sprintf("SELECT event_type, CASE WHEN %s THEN 'login' WHEN %s THEN 'refund' WHEN %s THEN 'incoming' ELSE 'other' END AS meaning FROM (SELECT DISTINCT event_type FROM ev.events WHERE length(event_type) < 60 LIMIT %d) ORDER BY meaning = 'other' DESC, meaning, event_type",
		said.or("login", "is_login(spelt(event_type))"), said.or("refund", "is_refund(spelt(event_type))"), said.or("incoming", comesIn(present)), maxKinds+1)
	rows, err := l.db.QueryContext(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	defer rows.Close()
	var words []olorin.Word
	for rows.Next() {
		var w olorin.Word
		if err := rows.Scan(&w.Value, &w.Meaning); err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		w.Said = said[w.Value] != ""
		words = append(words, w)
	}
	if len(words) > maxKinds {
		return nil, rows.Err()
	}
	return words[:min(len(words), wordsTold)], rows.Err()
}

const (
	// stepTimes is from how many times on they tell what all are multiples of.
	stepTimes = 20
	// stepShare is how many of them must be.
	stepShare = 0.99
)

// timeSteps are what times may be whole multiples of, in seconds, the coarsest first.
var timeSteps = []int64{86400, 3600, 60}

// steps tells of the columns of times what theirs are multiples of; see olorin.Column.
func (l *loader) steps(ctx context.Context, present []string) (map[string]int64, error) {
	var names, counts []string
	for _, name := range present {
		if columnByName[name].Type != Instant {
			continue
		}
		names = append(names, name)
		counts = append(counts, fmt.Sprintf("count(%s)", name))
		for _, step := range timeSteps {
			counts = append(counts, fmt.Sprintf("count(*) FILTER (epoch_us(%s) %% %d = 0)", name, step*1_000_000))
		}
	}
	found, err := l.countAll(ctx, "ev.events", counts)
	if err != nil {
		return nil, err
	}
	steps := map[string]int64{}
	for i, name := range names {
		of := found[i*(1+len(timeSteps)):]
		for k, step := range timeSteps {
			if of[0] >= stepTimes && float64(of[1+k]) >= stepShare*float64(of[0]) {
				steps[name] = step
				break
			}
		}
	}
	return steps, nil
}

func (l *loader) countAll(ctx context.Context, table string, exprs []string) ([]int64, error) {
	out := make([]int64, len(exprs))
	if len(exprs) == 0 {
		return out, nil
	}
	scan := make([]any, len(exprs))
	for i := range out {
		scan[i] = &out[i]
	}
	err := l.db.QueryRowContext(ctx, "SELECT "+strings.Join(exprs, ", ")+" FROM "+table+" LIMIT 1").Scan(scan...)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return out, nil
}

const (
	sampleValues = 5
	sampleRows   = 500
	sampleBytes  = 80
)

// samples returns a few distinct values of each column, shortened, cards without their hash: the most frequent, or the first where there are many.
func (l *loader) samples(ctx context.Context, profiles []profile) ([][]string, error) {
	rows, err := previewRows(ctx, l.db, l.header, sampleRows)
	if err != nil {
		return nil, err
	}
	out := make([][]string, len(l.header))
	for i, name := range l.header {
		out[i] = []string{}
		for _, v := range profiles[i].common[:min(len(profiles[i].common), sampleValues)] {
			if storedCardText.MatchString(v) {
				v = v[:maskLength]
			}
			if v = olorin.Clip(v, sampleBytes); !slices.Contains(out[i], v) {
				out[i] = append(out[i], v)
			}
		}
		if len(out[i]) > 0 {
			continue
		}
		for _, r := range rows {
			v := r.Fields[name]
			if v == nil {
				continue
			}
			s := olorin.Clip(*v, sampleBytes)
			if !slices.Contains(out[i], s) {
				out[i] = append(out[i], s)
			}
			if len(out[i]) == sampleValues {
				break
			}
		}
	}
	return out, nil
}

// Remap takes the columns of a data set for other canonical columns: exactly those that mapping (canonical → source) names; with a nil
// mapping they are recognised anew. words say what values mean. It returns d with its columns and times renewed, in a generation of its own beside the one of d: whoever
// keeps the data set takes one of them, and tells the engine to Keep it.
func (e *Engine) Remap(ctx context.Context, d olorin.Dataset, mapping map[string]string, words olorin.Words) (_ olorin.Dataset, err error) {
	home, err := e.home(d.ID)
	if err != nil {
		return d, err
	}
	old, err := e.generation(filesetOf(d))
	if err != nil {
		return d, err
	}
	w, err := e.workspace()
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	next := strconv.FormatInt(time.Now().UnixNano(), 36)
	fresh := w.path(next)
	mapped, err := build[olorin.Dataset](ctx, e, "map", remapping{w.dir, old, fresh, mapping, words}, nil)
	if err != nil {
		return d, importError(ctx, err)
	}
	if err := errors.Join(syncTree(fresh), os.Rename(fresh, filepath.Join(home, next)), syncPath(home)); err != nil {
		return d, fmt.Errorf("map columns: %w", err)
	}
	d.Words, d.Generation, d.Columns, d.Derived, d.Databases, d.FirstEventAt, d.LastEventAt = words, next, mapped.Columns, mapped.Derived, mapped.Databases, mapped.FirstEventAt, mapped.LastEventAt
	d.Remembered = nil // this is a newer word
	return d, nil
}

// remapping is what mapping anew is told in its own process: from one generation it makes another.
type remapping struct {
	Workspace, Old, Build string
	Mapping               map[string]string
	Words                 olorin.Words
}

func remap(ctx context.Context, e *Engine, in remapping) (d olorin.Dataset, err error) {
	w := &workspace{dir: in.Workspace}
	if err := errors.Join(os.Mkdir(in.Build, 0o700), os.Mkdir(w.path("spill"), 0o700)); err != nil {
		return d, fmt.Errorf("map columns: %w", err)
	}
	l, err := e.newLoader(ctx, w.path("spill"))
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	l.words = in.Words
	if err := l.exec(ctx, "ATTACH %s AS src (READ_ONLY)", quote(filepath.Join(in.Old, "source.duckdb"))); err != nil {
		return d, err
	}
	if l.header, l.tidy, err = readHeaderTable(ctx, l.db, "src"); err != nil {
		return d, err
	}
	var rows int64
	if err := l.db.QueryRowContext(ctx, "SELECT count(*) FROM src.source").Scan(&rows); err != nil {
		return d, fmt.Errorf("map columns: %w", err)
	}
	profiles, err := l.profiles(ctx, rows)
	if err != nil {
		return d, outOfMemory(e, err)
	}
	if i := slices.Index(l.header, in.Mapping["card_number"]); i >= 0 {
		profiles[i].common = nil
	}
	// The new generation has a source of its own, in which a column that is now one of cards is masked.
	if err := l.copySource(ctx, in.Build, in.Mapping["card_number"]); err != nil {
		return d, outOfMemory(e, err)
	}
	columns, err := l.derive(ctx, in.Build, rows, profiles, in.Mapping, in.Mapping != nil)
	return olorin.Dataset{Columns: columns, Derived: l.derived, Databases: l.databases, FirstEventAt: l.first, LastEventAt: l.last}, outOfMemory(e, err)
}

// copySource makes the source of the next generation: the same file where no column has to be masked.
func (l *loader) copySource(ctx context.Context, dir, cardSource string) error {
	exprs := []string{`"row"`}
	for i, name := range l.header {
		v := columnRef(i)
		if name == cardSource {
			v = maskCardSQL(v) + " AS " + v
		}
		exprs = append(exprs, v)
	}
	path := filepath.Join(dir, "source.duckdb")
	if err := l.exec(ctx, "ATTACH %s AS fresh", quote(path)); err != nil {
		return err
	}
	for _, s := range []string{
		"CREATE TABLE fresh.source AS SELECT " + strings.Join(exprs, ", ") + " FROM src.source",
		"CREATE TABLE fresh.header AS FROM src.header",
		"DETACH src", "DETACH fresh",
		"ATTACH " + quote(path) + " AS src",
	} {
		if err := l.exec(ctx, "%s", s); err != nil {
			return err
		}
	}
	return nil
}
