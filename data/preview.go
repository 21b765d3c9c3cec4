package data

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

// PreviewRow is one row of a file as text, null where a cell is empty. Card numbers are masked.
type PreviewRow struct {
	Row    int64              `json:"row" doc:"1 = first row after the header."`
	Fields map[string]*string `json:"fields" doc:"By the names of the header."`
}

// RejectedRow is a row that was set aside.
type RejectedRow struct {
	Line   int    `json:"line" doc:"Of the file, 1 = first."`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// withSource attaches the source of a data set read-only to an instance of its own.
func (e *Engine) withSource(ctx context.Context, f fileset, use func(db *sql.Conn, header []string) error) (err error) {
	dir, err := e.generation(f)
	if err != nil {
		return err
	}
	db, err := e.instance(ctx, e.tmp())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("read data set %s: %w", f.ID, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for name, file := range map[string]string{"src": "source.duckdb", "lab": "labels.duckdb", "ev": "events.duckdb"} {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("ATTACH %s AS %s (READ_ONLY)", quote(filepath.Join(dir, file)), name)); err != nil {
			return fmt.Errorf("read data set %s: %w", f.ID, err)
		}
	}
	header, _, err := readHeaderTable(ctx, conn, "src")
	if err != nil {
		return err
	}
	return use(conn, header)
}

// readHeaderTable returns the names of the columns, and which are tidy.
func readHeaderTable(ctx context.Context, db querier, attached string) (header []string, tidy []bool, err error) {
	columns := "name, tidy"
	var older bool // data sets of the first releases do not know what is tidy
	if err := db.QueryRowContext(ctx, "SELECT count(*) = 0 FROM duckdb_columns() WHERE database_name = ? AND table_name = 'header' AND column_name = 'tidy'", attached).Scan(&older); err != nil {
		return nil, nil, fmt.Errorf("read header: %w", err)
	}
	if older {
		columns = "name, false"
	}
	rows, err := db.QueryContext(ctx, "SELECT "+columns+" FROM "+attached+".header ORDER BY i")
	if err != nil {
		return nil, nil, fmt.Errorf("read header: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var t bool
		if err := rows.Scan(&name, &t); err != nil {
			return nil, nil, fmt.Errorf("read header: %w", err)
		}
		header, tidy = append(header, name), append(tidy, t)
	}
	return header, tidy, rows.Err()
}

// Preview returns the first rows of a data set as they stand in the file.
func (e *Engine) Preview(ctx context.Context, d olorin.Dataset, limit int) ([]PreviewRow, error) {
	return once[[]PreviewRow](ctx, e, "preview", previewing{filesetOf(d), limit}, nil)
}

type previewing struct {
	Files fileset
	Limit int
}

func preview(ctx context.Context, e *Engine, in previewing) (rows []PreviewRow, err error) {
	err = e.withSource(ctx, in.Files, func(db *sql.Conn, header []string) (err error) {
		rows, err = previewRows(ctx, db, header, in.Limit)
		return err
	})
	return rows, err
}

func previewRows(ctx context.Context, db querier, header []string, limit int) ([]PreviewRow, error) {
	refs := []string{`"row"`}
	for i := range header {
		// A card is shown without the hash that tells it from others of the same mask.
		refs = append(refs, fmt.Sprintf("CASE WHEN regexp_full_match(%[1]s, '%[2]s') THEN left(%[1]s, %[3]d) ELSE %[1]s END", columnRef(i), storedCard, maskLength))
	}
	result, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM (FROM src.source LIMIT %d) ORDER BY "row"`, strings.Join(refs, ", "), max(0, limit)))
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	defer result.Close()
	rows := []PreviewRow{}
	cells := make([]sql.NullString, len(header))
	scan := make([]any, len(header)+1)
	for i := range cells {
		scan[i+1] = &cells[i]
	}
	for result.Next() {
		r := PreviewRow{Fields: make(map[string]*string, len(header))}
		scan[0] = &r.Row
		if err := result.Scan(scan...); err != nil {
			return nil, fmt.Errorf("read rows: %w", err)
		}
		for i, name := range header {
			r.Fields[name] = nil
			if cells[i].Valid {
				text := cells[i].String
				r.Fields[name] = &text
			}
		}
		rows = append(rows, r)
	}
	return rows, result.Err()
}

// Rejected returns the first rows that the import set aside; none where there are none.
func (e *Engine) Rejected(id string, limit int) ([]RejectedRow, error) {
	home, err := e.home(id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(home, "rejected.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return []RejectedRow{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read rejected rows: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	rows := []RejectedRow{}
	for n := 0; len(rows) < limit; n++ {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read rejected rows: %w", err)
		}
		if n == 0 {
			continue
		}
		line, err := strconv.Atoi(rec[0])
		if err != nil {
			return nil, fmt.Errorf("read rejected rows: %w", err)
		}
		rows = append(rows, RejectedRow{line, rec[1], rec[2]})
	}
	return rows, nil
}

// Labels returns the known outcomes of a data set, by the number of the row: for evaluating checks, never for checks. The column is one
// that was set apart as a label, or one that was taken for no canonical column.
func (e *Engine) Labels(ctx context.Context, d olorin.Dataset, column string) (map[int64]string, error) {
	return once[map[int64]string](ctx, e, "labels", labelling{filesetOf(d), column}, nil)
}

type labelling struct {
	Files  fileset
	Column string
}

func readLabels(ctx context.Context, e *Engine, in labelling) (labels map[int64]string, err error) {
	column := in.Column
	err = e.withSource(ctx, in.Files, func(db *sql.Conn, header []string) error {
		i := slices.Index(header, column)
		if i < 0 {
			return olorin.Errorf(olorin.CodeNotFound, "the data set has no column %q; it has %s", column, strings.Join(header, ", "))
		}
		var canonical string
		err := db.QueryRowContext(ctx, "SELECT coalesce(max(substr(key, 8)), '') FROM ev.meta WHERE key LIKE 'column:%' AND value = ?", column).Scan(&canonical)
		if err != nil {
			return fmt.Errorf("read labels: %w", err)
		}
		if canonical != "" {
			return olorin.Errorf(olorin.CodeInvalid, "the column %q was taken for %s, which checks read: a label must be a column that no check can see; map the data set anew without it", column, canonical)
		}
		rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT "row", trim(%[1]s) FROM src.source WHERE trim(%[1]s) != ''`, columnRef(i)))
		if err != nil {
			return fmt.Errorf("read labels: %w", err)
		}
		defer rows.Close()
		labels = map[int64]string{}
		for rows.Next() {
			var row int64
			var value string
			if err := rows.Scan(&row, &value); err != nil {
				return fmt.Errorf("read labels: %w", err)
			}
			labels[row] = value
		}
		return rows.Err()
	})
	return labels, err
}
