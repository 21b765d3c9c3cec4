package data

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/olorin-dev/olorin"
)

// leaf is a column of a Parquet file that is one cell of a row; those of structs within structs are named "outer.inner".
type leaf struct{ name, expr string }

// readParquet takes the rows of a Parquet file, as the text that they would be in CSV.
func (l *loader) readParquet(ctx context.Context, up *upload, w *workspace, cards func(i int) bool) error {
	err := l.takeParquet(ctx, up, w.path("rows.parquet"), cards)
	if d, ok := errors.AsType[*duckdb.Error](err); ok && ctx.Err() == nil && d.Type != duckdb.ErrorTypeOutOfMemory {
		line, _, _ := strings.Cut(strings.ReplaceAll(d.Msg, w.path("rows.parquet"), "the file"), "\n")
		return invalidFile("the Parquet file cannot be read (%s): export it again", olorin.Clip(olorin.MaskCards(line), 200))
	}
	return cmp.Or(err, os.Remove(w.path("rows.parquet")))
}

func (l *loader) takeParquet(ctx context.Context, up *upload, path string, cards func(i int) bool) error {
	var rows int64
	if err := l.db.QueryRowContext(ctx, fmt.Sprintf("SELECT num_rows FROM parquet_file_metadata(%s)", quote(path))).Scan(&rows); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	leaves, err := l.leaves(ctx, path)
	if err != nil {
		return err
	}
	names := make([]string, len(leaves))
	for i := range leaves {
		if names[i] = trimName(leaves[i].name); len(names[i]) > maxHeaderName {
			return invalidFile("the name of column %d is longer than %d bytes: %q", i+1, maxHeaderName, olorin.Clip(names[i], 60))
		}
	}
	switch most := l.engine.lim.MaxBytes; {
	case len(leaves) > maxColumns:
		return olorin.Errorf(olorin.CodeTooLarge, "the file has %d columns, %d are allowed: leave out those that matter least", len(leaves), maxColumns)
	case rows == 0 || len(leaves) == 0:
		return invalidFile("the file has no rows of data")
	case l.engine.lim.MaxRows > 0 && rows > l.engine.lim.MaxRows:
		return tooManyRows(l.engine.lim.MaxRows)
	case most > 0 && rows > most/int64(len(leaves)): // as text each cell takes a byte at least
		return olorin.Errorf(olorin.CodeTooLarge, "the file has %d rows of %d columns, which is more than the %d bytes allowed: split it, or raise the limit", rows, len(leaves), most)
	}
	l.header = uniqueNames(names)
	exprs, lengths := []string{`file_row_number + 1 AS "row"`}, []string{"0"}
	for i, leaf := range leaves {
		v := fmt.Sprintf("nullif(%s, '')", leaf.expr)
		if cards(i) {
			v = maskCardSQL(v)
		}
		exprs = append(exprs, v+" AS "+columnRef(i))
		lengths = append(lengths, fmt.Sprintf("coalesce(max(strlen(%s)), 0)", columnRef(i)))
	}
	if err := l.exec(ctx, "CREATE TABLE src.source AS SELECT %s FROM read_parquet(%s, file_row_number = true)", strings.Join(exprs, ", "), quote(path)); err != nil {
		return err
	}
	var longest int64
	if err := l.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), greatest(%s) FROM src.source", strings.Join(lengths, ", "))).Scan(&up.rows, &longest); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if longest > maxCell {
		return invalidFile("a cell of the file holds more than %d MB: shorten it", maxCell>>20)
	}
	return nil
}

// node is one element of the schema of a Parquet file, which lists them depth first.
type node struct {
	name, kind string
	children   int64
	list       bool
}

func (l *loader) leaves(ctx context.Context, path string) ([]leaf, error) {
	result, err := l.db.QueryContext(ctx, fmt.Sprintf("SELECT name, coalesce(type, ''), coalesce(num_children, 0), coalesce(repetition_type, '') = 'REPEATED' OR coalesce(converted_type, '') IN ('LIST', 'MAP', 'MAP_KEY_VALUE') OR contains(coalesce(logical_type, ''), 'List') OR contains(coalesce(logical_type, ''), 'Map') FROM parquet_schema(%s)", quote(path)))
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	defer result.Close()
	var nodes []node
	for result.Next() {
		var n node
		if err := result.Scan(&n.name, &n.kind, &n.children, &n.list); err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		nodes = append(nodes, n)
	}
	if err := result.Err(); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	if len(nodes) == 0 {
		return nil, sql.ErrNoRows
	}
	var leaves []leaf
	rest := nodes[1:]
	for range nodes[0].children {
		rest = takeNode(rest, "", "", 1, &leaves)
	}
	return leaves, nil
}

// takeNode takes the first node and all below it, and returns what is left.
func takeNode(nodes []node, name, expr string, depth int, leaves *[]leaf) []node {
	if len(nodes) == 0 {
		return nil
	}
	n, rest := nodes[0], nodes[1:]
	if name == "" {
		name, expr = n.name, `"`+strings.ReplaceAll(n.name, `"`, `""`)+`"`
	} else {
		name, expr = name+"."+n.name, fmt.Sprintf("struct_extract(%s, %s)", expr, quote(n.name))
	}
	below := &[]leaf{}
	nested := n.children > 0 && !n.list && depth < maxNesting
	if nested {
		below = leaves
	}
	for range n.children {
		rest = takeNode(rest, name, expr, depth+1, below)
	}
	switch {
	case nested:
	case n.children > 0 || n.list:
		*leaves = append(*leaves, leaf{name, fmt.Sprintf("to_json(%s)::VARCHAR", expr)})
	case n.kind == "DOUBLE" || n.kind == "FLOAT": // whole numbers are written as such: ids that were kept as floating point stay what they are in other files
		*leaves = append(*leaves, leaf{name, fmt.Sprintf("CASE WHEN abs(%[1]s) < 1e15 AND %[1]s = trunc(%[1]s) THEN %[1]s::BIGINT::VARCHAR ELSE %[1]s::VARCHAR END", expr)})
	default:
		*leaves = append(*leaves, leaf{name, expr + "::VARCHAR"})
	}
	return rest
}
