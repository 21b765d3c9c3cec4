package agents

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/olorin-dev/olorin/data"
)

// lintTimeout is the longest that a check may take on the few rows that it is tried on.
const lintTimeout = 10 * time.Second

var (
	// readable are the relations that a check may ask.
	readable = []string{"events", "own", "cohort", "flows", "lists"}
	// makers are the table functions that a check may call: they make rows of their arguments and read nothing.
	makers = []string{"range", "generate_series", "unnest"}
	// clocks are read without being called.
	clocks = []string{"current_timestamp", "current_date", "current_time", "localtimestamp", "localtime"}
)

// movingQuery lists the functions, and the macros that use them, whose answer is not a matter of the data: chance, the clock, the server. DuckDB
// itself says so of most; error() it only calls volatile to keep it from being worked out too soon.
const movingQuery = `WITH moving AS (
  SELECT function_name AS name FROM duckdb_functions() WHERE stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY') AND function_name != 'error'
  UNION SELECT unnest(['current_setting', 'getvariable', 'current_localtime', 'current_localtimestamp', 'current_timestamp', 'version'])
)
SELECT name FROM moving
UNION SELECT function_name FROM duckdb_functions() JOIN moving ON regexp_matches(macro_definition, '\b' || name || '\b')`

// lint reads a check and tries it. The faults are all that could be found at once; a check without a fault can be used.
func (b *bench) lint(ctx context.Context, text string) (*Tool, []string) {
	c, err := ParseCheck(text)
	var faults []string
	if err != nil {
		faults = strings.Split(strings.TrimPrefix(err.Error(), "check "+c.ID+": "), "\n")
	}
	c.Own = true
	t := &Tool{Check: c, Agent: cmp.Or(c.Agent, ownAgent)}
	if built, ok := Find(c.ID); ok && !built.Own {
		faults = append(faults, fmt.Sprintf("id: %s is a built-in check; choose another", c.ID))
	}
	if c.SQL == "" {
		return t, faults
	}
	faults = append(faults, c.unusedNeeds()...)
	faults = append(faults, b.reach(ctx, c.SQL)...)
	for _, u := range c.Unless {
		for _, fault := range b.reach(ctx, u.SQL) {
			faults = append(faults, "unless: "+fault)
		}
	}
	if len(faults) == 0 {
		faults = b.try(ctx, t)
	}
	return t, faults
}

// unusedNeeds tells of needs that the query never reads.
func (c *Check) unusedNeeds() []string {
	var faults []string
	reads := func(col string) bool {
		switch col {
		case account:
			col = "subject|" + strings.Join(accountColumns, "|")
		case "event_time":
			col = "event_time|t"
		case "card_number":
			col = "card_number|card"
		case "status":
			col = "status|status_ok|paid|refunded"
		case "amount":
			col = "amount|outgoing|came"
		case "event_type":
			col = "event_type|login|login_failed|refunded"
		}
		return regexp.MustCompile(`\b(` + col + `)\b`).MatchString(c.SQL)
	}
	for _, any := range c.Needs {
		if !slices.ContainsFunc(any, func(col string) bool { return reads(col) || slices.Contains(accountColumns, col) && reads(account) }) {
			faults = append(faults, fmt.Sprintf("needs: the query reads no %s", strings.Join(any, " or ")))
		}
	}
	return faults
}

// reach tells of what a query asks that no check may ask: DuckDB's own reading of it is walked for tables and table functions.
func (b *bench) reach(ctx context.Context, sql string) []string {
	var tree any
	err := b.file.Query(ctx, "SELECT json_serialize_sql($sql::VARCHAR)::VARCHAR AS tree", map[string]any{"sql": sql}, func(m map[string]any) error {
		text, _ := m["tree"].(string)
		return json.Unmarshal([]byte(text), &tree)
	})
	if err != nil {
		return []string{"the query cannot be read: " + err.Error()}
	}
	root, _ := tree.(map[string]any)
	if failed, _ := root["error"].(bool); failed {
		return []string{fmt.Sprintf("the query cannot be read: %v", root["error_message"])}
	}
	var faults []string
	if statements, _ := root["statements"].([]any); len(statements) != 1 {
		faults = append(faults, fmt.Sprintf("there are %d statements; want one SELECT", len(statements)))
	}
	named := map[string]bool{} // what the query names by WITH
	walk(tree, func(node map[string]any) {
		if ctes, _ := node["cte_map"].(map[string]any); ctes != nil {
			list, _ := ctes["map"].([]any)
			for _, e := range list {
				entry, _ := e.(map[string]any)
				name, _ := entry["key"].(string)
				named[strings.ToLower(name)] = true
			}
		}
	})
	walk(tree, func(node map[string]any) {
		switch node["type"] {
		case "BASE_TABLE":
			table, _ := node["table_name"].(string)
			schema, _ := node["schema_name"].(string)
			catalog, _ := node["catalog_name"].(string)
			if schema != "" || catalog != "" || !named[strings.ToLower(table)] && !slices.Contains(readable, strings.ToLower(table)) {
				faults = append(faults, fmt.Sprintf("the query asks %q; a check may ask %s, and what it names by WITH", strings.Trim(catalog+"."+schema+"."+table, "."), strings.Join(readable, ", ")))
			}
		case "TABLE_FUNCTION":
			function, _ := node["function"].(map[string]any)
			if name, _ := function["function_name"].(string); !slices.Contains(makers, strings.ToLower(name)) {
				faults = append(faults, fmt.Sprintf("the query calls %s(); as a table, a check may call %s", name, strings.Join(makers, ", ")))
			}
		case "SHOW_REF":
			faults = append(faults, "the query asks DuckDB about itself (DESCRIBE, SHOW, SUMMARIZE)")
		}
		if name := b.moves(node); name != "" {
			faults = append(faults, fmt.Sprintf("the query uses %s, whose answer is not in the data: the same file would not always give the same findings", name))
		}
	})
	slices.Sort(faults)
	return slices.Compact(faults)
}

// moves names what a node of a query asks that may be answered otherwise the next time; "": nothing.
func (b *bench) moves(node map[string]any) string {
	function, _ := node["function_name"].(string)
	arguments, _ := node["children"].([]any)
	columns, _ := node["column_names"].([]any)
	switch function = strings.ToLower(function); {
	case function == "age" && len(arguments) == 1: // until today
		return "age() of one time"
	case b.moving[function]:
		return function + "()"
	case node["sample"] != nil:
		return "a random sample"
	case len(columns) == 1:
		if name, _ := columns[0].(string); slices.Contains(clocks, strings.ToLower(name)) {
			return strings.ToLower(name)
		}
	}
	return ""
}

// walk visits every object of a JSON value.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, child := range v {
			walk(child, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, visit)
		}
	}
}

// try prepares the query against the canonical schema, compares what it returns with what its header promises, and runs it on a few rows.
func (b *bench) try(ctx context.Context, t *Tool) []string {
	types, err := t.columns(ctx, b.file)
	if err != nil {
		return []string{"the query does not fit the canonical schema: " + err.Error()}
	}
	var faults []string
	want := map[string]string{"key": "VARCHAR", "rows": "BIGINT[]"}
	if t.rowStrengths {
		want["strengths"] = "DOUBLE[]"
	}
	if t.about != "" {
		if kind := types[t.about]; kind != "VARCHAR" {
			faults = append(faults, fmt.Sprintf("about names the column %q, which is %s; want a text", t.about, cmp.Or(kind, "not returned")))
		}
		if _, there := types[bystanderColumn]; !there {
			faults = append(faults, fmt.Sprintf("a finding that is about one account needs the column %q: what it counts for others on its rows, 0 to 1", bystanderColumn))
		}
	}
	for _, name := range []string{"key", "strength", "rows", "strengths"} {
		kind, there := types[name]
		switch {
		case name == "strengths" && !t.rowStrengths:
		case !there:
			faults = append(faults, fmt.Sprintf("the query returns no column %q", name))
		case want[name] != "" && kind != want[name]:
			faults = append(faults, fmt.Sprintf("the column %q is %s; want %s", name, kind, want[name]))
		case name == "strength" && !regexp.MustCompile(`^(DOUBLE|FLOAT|DECIMAL|[U]?(TINY|SMALL|BIG|HUGE)?INT)`).MatchString(kind):
			faults = append(faults, fmt.Sprintf("the column %q is %s; want a number", name, kind))
		}
	}
	for _, f := range t.sentence {
		if f.column == "" || f.param {
			continue
		}
		if _, there := types[f.column]; !there {
			faults = append(faults, fmt.Sprintf("the sentence names {%s}, which the query does not return", f.column))
		}
	}
	for _, f := range t.sentence {
		if f.param && !slices.ContainsFunc(t.Params, func(p Param) bool { return p.Name == f.column }) {
			faults = append(faults, fmt.Sprintf("the sentence names {$%s}, which is no param", f.column))
		}
	}
	if _, _, err := t.doubt(ctx, b.file, "", t.bind(b.file, t.values(nil))); err != nil {
		faults = append(faults, fmt.Sprintf("unless: the query fails on a file of %d rows; want one column, the reason as text: %v", benchRows, err))
	}
	if len(faults) > 0 {
		return faults
	}
	return b.answers(ctx, t)
}

// answers runs the query on the bench and tells of answers that a run could not use.
func (b *bench) answers(ctx context.Context, t *Tool) []string {
	var faults []string
	keys := map[string]bool{}
	values := t.values(nil)
	err := b.file.Query(ctx, "WITH "+t.found()+"\nSELECT * FROM found", t.bind(b.file, values), func(m map[string]any) error {
		f, err := t.read(m, values, b.file.Step())
		if err != nil {
			return err
		}
		if keys[f.Key] {
			faults = append(faults, fmt.Sprintf("the key %q is returned twice; each finding needs its own", f.Key))
		}
		keys[f.Key] = true
		if strength, _ := toFloat(m["strength"]); strength < 0 || strength > 1 {
			faults = append(faults, fmt.Sprintf("the strength of %q is %v; want 0 to 1", f.Key, strength))
		}
		if len(f.rows) == 0 {
			faults = append(faults, fmt.Sprintf("the finding %q has no row that shows it", f.Key))
		}
		for _, row := range f.rows {
			if row < 1 || row > benchRows {
				faults = append(faults, fmt.Sprintf("the finding %q names row %d, which the file does not have; want values of the column row", f.Key, row))
				break
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		faults = append(faults, fmt.Sprintf("the query took longer than %s on a file of %d rows", lintTimeout, benchRows))
	case err != nil:
		faults = append(faults, fmt.Sprintf("the query fails on a file of %d rows: %v", benchRows, err))
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// columns returns the type of each column that a check's query returns, on the schema of a case.
func (t *Tool) columns(ctx context.Context, c *data.Case) (map[string]string, error) {
	types := map[string]string{}
	err := c.Query(ctx, "SELECT column_name, column_type FROM (DESCRIBE WITH "+t.found()+" SELECT * FROM found)", t.bind(c, t.values(nil)), func(m map[string]any) error {
		name, _ := m["column_name"].(string)
		types[name], _ = m["column_type"].(string)
		return nil
	})
	return types, err
}
