package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/olorin-dev/olorin"
)

// source is where a database lives.
type source struct {
	dialect *dialect
	url     string // for messages, without what is secret
	path    string // absolute path of the file; "" where it is none
	memory  bool
	dir     string // of a memory database: the directory that goes with it
	server  string // the whole address of a PostgreSQL server's database, password and all
}

// file tells that the database is a file that is ours.
func (s source) file() bool { return s.path != "" }

func parseURL(raw string) (source, error) {
	scheme, rest, _ := strings.Cut(raw, ":")
	switch {
	case raw == "memory:":
		return source{url: raw, memory: true, dialect: sqliteDialect}, nil
	case scheme == "sqlite" && strings.HasPrefix(rest, "///") && len(rest) > len("///"):
		path, err := filepath.Abs(strings.TrimPrefix(rest, "///"))
		if err != nil {
			return source{}, fmt.Errorf("database address %q: %w", raw, err)
		}
		return source{url: raw, path: path, dialect: sqliteDialect}, nil
	case scheme == "postgres" || scheme == "postgresql":
		return parsePostgres(raw)
	}
	return source{}, olorin.Errorf(olorin.CodeInvalid, "the database address must be sqlite:///relative/path, sqlite:////absolute/path, postgres://user:password@host:port/name or memory: (DATABASE_URL); it begins with %q", scheme+":")
}

// present refuses what is not there: opening must not make an empty database where a path is mistyped.
func (s source) present() error {
	if !s.file() {
		return nil
	}
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return lasting(olorin.Errorf(olorin.CodeUnavailable, "there is no database at %s; make one with: olorin migrate up", s.path))
	case err != nil:
		return olorin.Errorf(olorin.CodeUnavailable, "the database cannot be reached: %w", err)
	case info.IsDir():
		return lasting(olorin.Errorf(olorin.CodeUnavailable, "the database address names the directory %s; name a file in it", s.path))
	}
	return nil
}

// connect opens one connection and keeps it.
func connect(ctx context.Context, src source, a access, o Options) (*sql.DB, *sql.Conn, error) {
	pool, err := src.dialect.open(src, a, o)
	if err != nil {
		return nil, nil, translate("open the database", err)
	}
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, nil, errors.Join(translate("open the database", err), pool.Close())
	}
	return pool, conn, nil
}
