package store

import (
	"context"
	"database/sql"
	_ "embed" // the schema that is expected
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/olorin-dev/olorin"
)

// postgresDialect is that of a PostgreSQL server, 14 or newer; see docs/decisions/0022-postgresql.md.
var postgresDialect = &dialect{
	open: openPostgres,
	// One transaction writes at a time, over all servers: the next batch waits for this row, and sees all that came before, whatever the
	// server's default is.
	begin:      "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT turn FROM writing FOR UPDATE",
	patience:   20 * time.Second,
	failed:     failedPostgres,
	look:       "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	textMatch:  `SELECT investigation FROM investigation_text WHERE words @@ CAST(CAST(%s AS TEXT) AS TSQUERY)`,
	words:      postgresWords,
	textInsert: `INSERT INTO investigation_text (investigation, words) VALUES ($1, CAST(CAST($2 AS TEXT) AS TSVECTOR))`,
	textDelete: `DELETE FROM investigation_text WHERE investigation = $1`,
	text:       postgresVector,
	position:   "strpos",
	by:         func(string) string { return "" },
	skipLocked: ` FOR UPDATE SKIP LOCKED`,
	completed:  `COMMENT ON TABLE ` + versionTable + ` IS NULL`,
	migrations: "migrations/postgres",
	goose:      goose.DialectPostgres,
	schemaOf:   schemaOfPostgres,
	written:    postgresSchema,
	size: func(ctx context.Context, db *DB) (data, log int64, err error) {
		return data, 0, db.reader.row(ctx, []any{&data}, `SELECT pg_database_size(current_database())`)
	},
	check: func(context.Context, *reader, string) error { return nil },
}

// parsePostgres keeps the address away from messages: it holds a password.
func parsePostgres(raw string) (source, error) {
	config, err := pgx.ParseConfig(raw)
	if err != nil {
		return source{}, olorin.Errorf(olorin.CodeInvalid, "the database address cannot be read: it must be postgres://user:password@host:port/name, with signs other than letters and digits percent-encoded (DATABASE_URL)")
	}
	place := net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	if strings.HasPrefix(config.Host, "/") {
		place = config.Host
	}
	return source{url: fmt.Sprintf("postgres://%s@%s/%s", config.User, place, config.Database), server: raw, dialect: postgresDialect}, nil
}

const (
	lockTimeout   = 5 * time.Second  // a batch waits for the one before it
	stallTimeout  = 10 * time.Second // a server that stalls inside a batch is cut off, so that the others go on
	connectWithin = 5 * time.Second
)

func openPostgres(s source, a access, o Options) (*sql.DB, error) {
	config, err := pgx.ParseConfig(s.server)
	if err != nil {
		return nil, err
	}
	config.ConnectTimeout = connectWithin
	set := func(name, value string) { config.RuntimeParams[name] = value }
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	set("application_name", "olorin")
	switch a {
	case writing:
		// What was acknowledged survives a power cut, whatever the server's default is.
		set("synchronous_commit", "on")
		set("lock_timeout", ms(lockTimeout))
		set("idle_in_transaction_session_timeout", ms(stallTimeout))
		set("statement_timeout", ms(o.StatementTimeout))
	case reading:
		set("default_transaction_read_only", "on")
		// What is read here is short: to start helpers or a compiler for it would take longer than it does.
		set("max_parallel_workers_per_gather", "0")
		set("jit", "off")
		set("statement_timeout", ms(o.StatementTimeout))
	case visiting:
	}
	return stdlib.OpenDB(*config), nil
}

// failedPostgres tells that the transaction of a connection has failed.
func failedPostgres(conn *sql.Conn) bool {
	ok := false
	err := conn.Raw(func(c any) error {
		ok = c.(*stdlib.Conn).Conn().PgConn().TxStatus() == 'T'
		return nil
	})
	return err != nil || !ok
}

// vectorBytes bounds a text's words; PostgreSQL takes 1 MB.
const vectorBytes = 800 << 10

// postgresVector is a tsvector of words with their places. There are no weights, since PostgreSQL would look for them in every row that an
// index found.
func postgresVector(words []string) string {
	var b strings.Builder
	for i, w := range words {
		if b.Len() > vectorBytes {
			break
		}
		fmt.Fprintf(&b, " '%s':%d", w, min(i+1, 16383))
	}
	return b.String()
}

// postgresWords makes a tsquery with the meaning of ftsWords.
func postgresWords(terms []term) string {
	phrases := make([]string, len(terms))
	for i, t := range terms {
		phrases[i] = "'" + strings.Join(t.words, "' <-> '") + "'"
		if !t.whole {
			phrases[i] += ":*"
		}
	}
	return "(" + strings.Join(phrases, ") & (") + ")"
}

// migrateLock is the advisory lock that one migration at a time holds.
const migrateLock = 0x6f6c6f72696e // "olorin"

// toComplete stands beside the record of migrations until what they leave to be computed is there, too: a server refuses such a database.
const toComplete = "a migration is to be completed: olorin migrate up"

// migratePostgres brings a database to the schema of this version. Each migration is one transaction, and their completion is the last.
func migratePostgres(ctx context.Context, src source) error {
	pool, conn, err := connect(ctx, src, visiting, Options{})
	if err != nil {
		return err
	}
	defer pool.Close() //nolint:errcheck // the lock goes with the connection
	defer conn.Close() //nolint:errcheck // the same
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(migrateLock)); err != nil {
		return translate("wait for another migration", err)
	}
	found, err := schemaOfPostgres(ctx, conn)
	if err != nil {
		return translate("read the schema of the database "+src.url, err)
	}
	if err := found.upgradable(); err != nil {
		return err
	}
	if len(found.versions) > 0 {
		if _, err := conn.ExecContext(ctx, `COMMENT ON TABLE `+versionTable+` IS '`+toComplete+`'`); err != nil {
			return translate("begin the migration", err)
		}
	}
	work, err := openPostgres(src, visiting, Options{})
	if err != nil {
		return err
	}
	defer work.Close() //nolint:errcheck // what was written is committed
	whole := found.version()
	if found.incomplete {
		whole = 0
	}
	if err := upgrade(ctx, src, work, whole); err != nil {
		return err
	}
	return checkSchema(ctx, src)
}

//go:embed migrations/postgres/schema.txt
var postgresSchema string

// schemaOfPostgres reads columns, indexes, constraints and triggers from the catalogue.
func schemaOfPostgres(ctx context.Context, conn *sql.Conn) (schema, error) {
	s := schema{objects: map[string]string{}}
	rows, err := conn.QueryContext(ctx, `
		SELECT 'column ' || table_name || '.' || column_name,
			data_type || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END || CASE is_identity WHEN 'YES' THEN ' identity' ELSE '' END
			|| COALESCE(' default ' || column_default, '') || COALESCE(' collate ' || collation_name, ''), table_name
		FROM information_schema.columns WHERE table_schema = current_schema()
		UNION ALL SELECT 'index ' || indexname, replace(indexdef, ' ON ' || quote_ident(schemaname) || '.', ' ON '), tablename
		FROM pg_indexes WHERE schemaname = current_schema()
		UNION ALL SELECT 'constraint ' || c.relname || '.' || k.conname, replace(pg_get_constraintdef(k.oid), quote_ident(current_schema()) || '.', ''), c.relname
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.connamespace = current_schema()::regnamespace AND k.contype IN ('p', 'u', 'f', 'c', 'x')
		UNION ALL SELECT 'trigger ' || c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid), c.relname
		FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return s, err
	}
	migrated := false
	err = walk(rows, func(scan func(...any) error) (bool, error) {
		var name, definition, table string
		err := scan(&name, &definition, &table)
		if table == versionTable {
			migrated = true
		} else {
			s.objects[name] = strings.Join(strings.Fields(definition), " ")
		}
		return true, err
	})
	if err == nil && migrated {
		s.versions, err = appliedVersions(ctx, conn)
	}
	if err == nil && migrated {
		err = conn.QueryRowContext(ctx, `SELECT COALESCE(obj_description('`+versionTable+`'::regclass), '') = $1`, toComplete).Scan(&s.incomplete)
	}
	return s, err
}
